/* cases FOLDER: every file of the folders below is read; X.out holds what must come of it: the
 * errors, or what the report says beyond "converted" and each guest written in the formats of the
 * folder. UPDATE=1 writes the expected files. Adding a case is adding files. */
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

static const struct folder {
    const char *name, *ending;
    enum conf_format from, to[4];
} folders[] = {
    {"xl", ".cfg", CONF_XL, {CONF_XL}},
    {"xm", ".cfg", CONF_XM, {CONF_XM}},
    {"xend", ".sxp", CONF_SXPR, {CONF_SXPR}},
    {"to-native", ".xml", CONF_XML, {CONF_XL, CONF_XM, CONF_SXPR, CONF_JSON}},
    {"to-xml", ".xl", CONF_XL, {CONF_XML}},
    {"to-xml", ".xm", CONF_XM, {CONF_XML}},
    {"to-xml", ".sxp", CONF_SXPR, {CONF_XML}},
    {"to-xml", ".json", CONF_JSON, {CONF_XML}},
};

static void convert(enum conf_format from, enum conf_format to, const char *text, size_t len,
                    struct str *out)
{
    struct domains list = {0};
    struct report report = {0};
    struct err e = {0};
    CLEANUP_STR struct str written = {0};
    unsigned flags = CONF_SECURE | (from == CONF_SXPR ? 0 : CONF_INACTIVE); /* dumps run */
    struct conf_opts o = {.flags = flags, .report = &report}, silent = {.flags = flags};
    bool ok = !conf_read_all(from, text, len, &o, &list, &e);
    for (size_t i = 0; ok && i < list.n_items; i++) {
        ok = !conf_write(to, list.items[i], from == to ? &silent : &o, &written, &e);
        str_add(&written, to == CONF_SXPR ? "\n" : "");
    }
    add_report(&report, out);
    report_clear(&report);
    if (ok || from == to)
        str_addf(out, "\n%s", str_get(&written));
    if (!ok)
        str_addf(out, "%s\n", e.msg);
    domains_clear(&list);
}

static bool check(const char *folder, const char *file, const struct folder *f)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", folder, file), *text = NULL, *want = NULL;
    CLEANUP_FREE char *name = mem_printf("%.*s.out", (int)(strlen(file) - strlen(f->ending)), file);
    CLEANUP_FREE char *expected = mem_printf("%s/%s", folder, name);
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    size_t len;
    if (file_read(path, CONF_INPUT_MAX, &text, &len, &e)) {
        printf("%s: %s\n", path, e.msg);
        return false;
    }
    for (size_t i = 0; i < sizeof(f->to) / sizeof(*f->to) && f->to[i]; i++) {
        if (f->to[1])
            str_addf(&out, "%s==== %s\n", i ? "\n" : "", conf_format_name(f->to[i]));
        convert(f->from, f->to[i], text, len, &out);
    }
    if (getenv("UPDATE"))
        return !file_write_atomic(folder, name, out.p, out.len, 0644, &e);
    if (!file_read(expected, CONF_INPUT_MAX, &want, &len, &e) && str_eq(want, str_get(&out)))
        return true;
    printf("%s: expected\n%s\ngot\n%s\n", path, want ? want : e.msg, str_get(&out));
    return false;
}

static int run_folder(const char *root, const struct folder *f, int *ret_cases)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", root, f->name);
    struct dirent **list = NULL;
    int failed = 0, n = scandir(path, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (str_ends(list[i]->d_name, f->ending)) {
            failed += !check(path, list[i]->d_name, f);
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
    for (size_t i = 0; argc == 2 && i < sizeof(folders) / sizeof(*folders); i++)
        failed += run_folder(argv[1], &folders[i], &cases);
    printf("%d cases, %d failed\n", cases, failed);
    return failed || cases < 200;
}
