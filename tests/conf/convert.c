/* convert FROM TO < TEXT: one conversion, for trying things; "-" as TO dumps the model; xen= is the
 * Xen that JSON is written for. */
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"

int main(int argc, char **argv)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    struct err e = {0};
    struct domains list = {0};
    struct report report = {0};
    struct conf_opts o = {.flags = CONF_SECURE | CONF_INACTIVE, .report = &report};
    if (argc < 3) {
        fprintf(stderr, "usage: convert FROM TO [raw] [xen=417] < TEXT\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        int64_t xen;
        if (str_eq(argv[i], "raw"))
            o.flags |= CONF_RAW;
        else if (str_starts(argv[i], "xen=") && parse_i64(argv[i] + 4, 10, 406, 999, &xen))
            o.xen = (int)xen;
    }
    CLEANUP_STR struct str out = {0};
    if (file_read("-", CONF_INPUT_MAX, &text, &len, &e) ||
        conf_read_all(conf_format_find(argv[1]), text, len, &o, &list, &e)) {
        fprintf(stderr, "%s\n", e.msg);
        return 1;
    }
    for (size_t i = 0; i < list.n_items; i++) {
        if (str_eq(argv[2], "-")) {
            rec_dump(&domain_rec, list.items[i], &out);
        } else if (conf_write(conf_format_find(argv[2]), list.items[i], &o, &out, &e)) {
            fprintf(stderr, "%s\n", e.msg);
            return 1;
        }
    }
    puts(str_get(&out));
    str_cut(&out, 0);
    report_text(&report, &out);
    fputs(str_get(&out), stderr);
    report_clear(&report);
    domains_clear(&list);
    return 0;
}
