/* The life of a guest, by libxvirt: converts a file of xl (or takes domain XML), defines the guest,
 * starts it, tells what happens to it, and removes it again.
 *     cc -o guest guest.c $(pkg-config --cflags --libs xvirt)
 *     ./guest xen:///system web.cfg */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xvirt/xvirt.h>

enum { TEXT_MAX = 1 << 20, PATIENCE_MS = 10000, STARTED = 2, STOPPED = 5 };

static struct xvirt_error why;

static int sorry(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, why.message);
    return -1;
}

/* Domain XML as it is; anything else is for xl. What the conversion loses is told. */
static char *read_xml(const char *path)
{
    static char text[TEXT_MAX];
    FILE *f = fopen(path, "r");
    size_t len = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    struct xvirt_conversion how = {.filename = path};
    struct xvirt_report *report;
    if (text[0] == '<')
        return strndup(text, len);
    char *xml = xvirt_convert(XVIRT_XL, text, len, XVIRT_XML, &how, &report, &why);
    for (size_t i = 0; i < xvirt_report_count(report); i++) {
        struct xvirt_key k = xvirt_report_key(report, i);
        if (k.fate != XVIRT_CONVERTED)
            fprintf(stderr, "%s:%d: %s: %s\n", path, k.line, k.key, k.text ? k.text : "lost");
    }
    xvirt_report_free(report);
    return xml;
}

static void on_event(void *last, const struct xvirt_guest *g, int event, int detail)
{
    printf("event %d (%d) of '%s'\n", event, detail, g->name);
    *(int *)last = event;
}

static int wait_for(struct xvirt_conn *c, const int *last, int event)
{
    while (*last != event) {
        int rc = xvirt_wait(c, PATIENCE_MS, &why);
        if (rc < 0)
            return sorry("waiting");
        if (!rc) {
            fprintf(stderr, "event %d has not come\n", event);
            return -1;
        }
    }
    return 0;
}

static int live(struct xvirt_conn *c, const struct xvirt_guest *g)
{
    struct xvirt_info info;
    int last = -1;
    if (xvirt_watch(c, on_event, &last, &why) || xvirt_start(c, g, &why))
        return sorry("start");
    if (wait_for(c, &last, STARTED) || xvirt_info(c, g, &info, &why))
        return sorry("info");
    printf("'%s' is in state %d with %u vcpus and %llu KiB\n", g->name, info.state, info.vcpus,
           (unsigned long long)info.memory_kib);
    if (xvirt_suspend(c, g, &why) || xvirt_resume(c, g, &why) || xvirt_destroy(c, g, &why))
        return sorry("suspend, resume or destroy");
    return wait_for(c, &last, STOPPED);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return fprintf(stderr, "usage: guest URI FILE\n"), 2;
    char *xml = read_xml(argv[2]);
    struct xvirt_conn *c = xml ? xvirt_open(argv[1], NULL, &why) : NULL;
    struct xvirt_guest g = {0};
    int rc = !c || xvirt_define(c, xml, &g, &why) ? sorry(argv[2]) : 0;
    if (g.name) {
        rc = live(c, &g);
        if (xvirt_undefine(c, &g, &why))
            rc = sorry("undefine");
    }
    xvirt_guest_clear(&g);
    xvirt_close(c);
    free(xml);
    return rc ? 1 : 0;
}
