/* roundtrip FORMAT FILE...: each guest must survive native -> native and native -> XML -> native;
 * what differs is named. For the real files, which a build host has or has not. */
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"

static struct domain *read_guest(enum conf_format format, const char *text, const char *file,
                                 struct err *e)
{
    struct domain *d = NULL;
    struct conf_opts o = {.flags = CONF_SECURE | CONF_INACTIVE, .filename = file};
    conf_read(format, text, strlen(text), &o, &d, e);
    return d;
}

/* Writes d as `format` and reads it again; "" when the guest is the same, else what is not. */
static char *through(const struct domain *d, enum conf_format format, struct domain **ret)
{
    CLEANUP_STR struct str text = {0}, path = {0};
    struct conf_opts o = {.flags = CONF_SECURE | CONF_INACTIVE};
    struct err e = {0};
    *ret = NULL;
    if (conf_write(format, d, &o, &text, &e))
        return mem_printf("cannot be written: %s", e.msg);
    *ret = read_guest(format, str_get(&text), NULL, &e);
    if (!*ret)
        return mem_printf("cannot be read again: %s", e.msg);
    if (domain_equal(d, *ret, &path))
        return mem_str("");
    return mem_printf("differs in %s", str_get(&path));
}

static int check(const char *file, enum conf_format format, const char *text)
{
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = read_guest(format, text, file, &e), *same = NULL, *xml = NULL,
                                 *back = NULL;
    if (!d) {
        printf("%s: %s\n", file, e.msg);
        return 1;
    }
    CLEANUP_FREE char *one = through(d, format, &same), *two = through(d, CONF_XML, &xml);
    CLEANUP_FREE char *three = xml ? through(xml, format, &back) : NULL;
    CLEANUP_STR struct str path = {0};
    /* XML has an order of disks of its own: then the guest must be stable from there on */
    bool is_back = (back && domain_equal(d, back, &path)) || (three && !*three);
    if (*one)
        printf("%s: native: %s\n", file, one);
    else if (!is_back)
        printf("%s: xml: %s; and back: %s%s\n", file, two, path.len ? path.p : "",
               three ? three : "");
    return *one || !is_back;
}

int main(int argc, char **argv)
{
    int failed = 0, unreadable = 0;
    enum conf_format format = argc > 1 ? conf_format_find(argv[1]) : 0;
    for (int i = 2; format && i < argc; i++) {
        CLEANUP_FREE char *text = NULL;
        size_t len;
        if (file_read(argv[i], CONF_INPUT_MAX, &text, &len, NULL))
            unreadable++;
        else
            failed += check(argv[i], format, text);
    }
    printf("%d files, %d failed\n", argc - 2, failed + unreadable);
    return failed || unreadable || !format;
}
