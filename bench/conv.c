/* Conversions a second, on one core, of a guest of 60 keys: xl -> XML, XML -> xl, XML -> JSON
 * (libxl's configuration), or the one that NAME says. */
#include <time.h>

#include "base/file.h"
#include "conf/conf.h"

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may run beside it */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *convert(enum conf_format from, enum conf_format to, const char *text, size_t len)
{
    struct conf_opts o = {.flags = CONF_INACTIVE | CONF_SECURE};
    struct domain *d = NULL;
    struct str out = {0};
    struct err e = {0};
    if (conf_read(from, text, len, &o, &d, &e) || conf_write(to, d, &o, &out, &e)) {
        fprintf(stderr, "conv: %s\n", e.msg);
        exit(1);
    }
    domain_free(d);
    return str_take(&out);
}

/* The best of five rounds of half a second each. */
static void measure(const char *name, enum conf_format from, enum conf_format to, const char *text)
{
    size_t len = strlen(text);
    double best = 0;
    for (int round = 0; round < 5; round++) {
        double start = now_s(), end;
        int n = 0;
        do {
            for (int i = 0; i < 100; i++)
                free(convert(from, to, text, len));
            n += 100;
            end = now_s();
        } while (end - start < 0.5);
        if (n / (end - start) > best)
            best = n / (end - start);
    }
    printf("%-14s %8.0f /s\n", name, best);
}

int main(int argc, char **argv)
{
    CLEANUP_FREE char *xl = NULL;
    size_t len;
    struct err e = {0};
    if (argc < 2 || argc > 3 || file_read(argv[1], CONF_INPUT_MAX, &xl, &len, &e)) {
        fprintf(stderr, "usage: bench_conv FILE.cfg [NAME]\n%s\n", e.msg);
        return 2;
    }
    CLEANUP_FREE char *xml = convert(CONF_XL, CONF_XML, xl, len);
    const struct {
        const char *name;
        enum conf_format from, to;
    } all[] = {{"xl-to-xml", CONF_XL, CONF_XML},
               {"xml-to-xl", CONF_XML, CONF_XL},
               {"xml-to-json", CONF_XML, CONF_JSON}};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (argc < 3 || str_eq(argv[2], all[i].name))
            measure(all[i].name, all[i].from, all[i].to, all[i].from == CONF_XL ? xl : xml);
    return 0;
}
