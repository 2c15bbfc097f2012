/* cases FOLDER: every FOLDER/xl/X.cfg, FOLDER/xm/X.cfg and FOLDER/xend/X.sxp is read; X.out holds
 * what must come of it: the errors, or what the report says beyond "converted" and each guest
 * written anew. UPDATE=1 writes the expected files. Adding a case is adding files. */
#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "conf/conf.h"

static void add_report(const struct report *report, struct str *out)
{
    for (size_t i = 0; i < report->n_entries; i++) {
        const struct report_entry *x = &report->entries[i];
        if (x->status != REPORT_CONVERTED)
            str_addf(out, "%d:%d: %s: %s: %s\n", x->pos.line, x->pos.col, x->key,
                     report_status_name(x->status), x->text ? x->text : "");
    }
}

static void convert(enum conf_format format, const char *text, size_t len, struct str *out)
{
    struct domains list = {0};
    struct report report = {0};
    struct err e = {0};
    unsigned flags = CONF_SECURE | (format == CONF_SXPR ? 0 : CONF_INACTIVE); /* dumps run */
    struct conf_opts in = {.flags = flags, .report = &report}, to = {.flags = flags};
    bool ok = !conf_read_all(format, text, len, &in, &list, &e);
    add_report(&report, out);
    report_clear(&report);
    str_add(out, "\n");
    for (size_t i = 0; ok && i < list.n_items; i++) {
        ok = !conf_write(format, list.items[i], &to, out, &e);
        str_add(out, format == CONF_SXPR ? "\n" : "");
    }
    if (!ok)
        str_addf(out, "%s\n", e.msg);
    domains_clear(&list);
}

static bool check(const char *folder, const char *file, enum conf_format format)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", folder, file), *text = NULL, *want = NULL;
    CLEANUP_FREE char *name = mem_printf("%.*s.out", (int)(strlen(file) - strlen(".xxx")), file);
    CLEANUP_FREE char *expected = mem_printf("%s/%s", folder, name);
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    size_t len;
    if (file_read(path, CONF_INPUT_MAX, &text, &len, &e)) {
        printf("%s: %s\n", path, e.msg);
        return false;
    }
    convert(format, text, len, &out);
    if (getenv("UPDATE"))
        return !file_write_atomic(folder, name, out.p, out.len, 0644, &e);
    if (!file_read(expected, CONF_INPUT_MAX, &want, &len, &e) && str_eq(want, str_get(&out)))
        return true;
    printf("%s: expected\n%s\ngot\n%s\n", path, want ? want : e.msg, str_get(&out));
    return false;
}

static int run_folder(const char *root, const char *name, const char *ending,
                      enum conf_format format, int *ret_cases)
{
    CLEANUP_FREE char *folder = mem_printf("%s/%s", root, name);
    struct dirent **list = NULL;
    int failed = 0, n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (str_ends(list[i]->d_name, ending)) {
            failed += !check(folder, list[i]->d_name, format);
            ++*ret_cases;
        }
        free(list[i]);
    }
    free(list);
    return failed;
}

int main(int argc, char **argv)
{
    int cases = 0, failed = 0;
    if (argc == 2) {
        failed += run_folder(argv[1], "xl", ".cfg", CONF_XL, &cases);
        failed += run_folder(argv[1], "xm", ".cfg", CONF_XM, &cases);
        failed += run_folder(argv[1], "xend", ".sxp", CONF_SXPR, &cases);
    }
    printf("%d cases, %d failed\n", cases, failed);
    return failed || cases < 200;
}
