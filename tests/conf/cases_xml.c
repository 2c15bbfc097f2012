/* cases_xml FOLDER: every line "TYPE PLACE ELEMENT XML" of a FOLDER/xml/X.txt puts the XML into a
 * small guest; X.out holds what comes of it: the elements of that name as they are written again,
 * or the errors. TYPE is hvm, linux or xenpvh; PLACE is top, os or dev. UPDATE=1 writes the
 * expected files. Adding a case is adding a line. */
#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "conf/conf.h"

/* The lines of `xml` from <name> to its end, each time it occurs. */
static void add_elements(const char *xml, const char *name, struct str *out)
{
    CLEANUP_FREE char *open = mem_printf("<%s", name), *close = mem_printf("</%s>", name);
    bool inside = false;
    size_t depth = 0;
    for (const char *line = xml; *line; line += strcspn(line, "\n") + 1) {
        size_t blanks = strspn(line, " "), n = strcspn(line, "\n"), k = strlen(open);
        bool begins = !strncmp(line + blanks, open, k) && strchr(" />", line[blanks + k]);
        if (!inside && begins) {
            depth = blanks;
            inside = true;
        }
        if (!inside)
            continue;
        str_addn(out, line, n);
        str_addc(out, '\n');
        CLEANUP_FREE char *copy = mem_strn(line, n);
        bool ends = str_ends(copy, close) || (begins && str_ends(copy, "/>"));
        inside = !(blanks == depth && ends);
    }
}

static char *guest(const char *type, const char *place, const char *xml)
{
    bool top = !strcmp(place, "top"), os = !strcmp(place, "os"), dev = !strcmp(place, "dev");
    return mem_printf("<domain type='xen'><name>g</name>"
                      "<uuid>c7a5fdb0-cdaf-9455-926a-d65c16db1809</uuid>"
                      "<memory unit='KiB'>1048576</memory>%s<os><type>%s</type>%s</os>"
                      "<devices>%s</devices></domain>",
                      top ? xml : "", type, os ? xml : "", dev ? xml : "");
}

static void run_line(char *line, struct str *out)
{
    char *save = NULL;
    const char *type = strtok_r(line, " ", &save), *place = strtok_r(NULL, " ", &save);
    const char *name = strtok_r(NULL, " ", &save);
    if (!name || !save)
        return;
    CLEANUP_FREE char *text = guest(type, place, save);
    CLEANUP_DOMAIN struct domain *d = NULL;
    CLEANUP_STR struct str xml = {0};
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE | CONF_SECURE};
    str_addf(out, "\n%s %s %s\n", type, name, save);
    if (conf_read(CONF_XML, text, strlen(text), &o, &d, &e) ||
        conf_write(CONF_XML, d, &o, &xml, &e))
        str_addf(out, "error: %s\n", e.msg);
    else
        add_elements(str_get(&xml), name, out);
}

static bool check(const char *folder, const char *file, int *ret_lines)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", folder, file), *text = NULL, *want = NULL;
    CLEANUP_FREE char *name = mem_printf("%.*s.out", (int)(strlen(file) - strlen(".txt")), file);
    CLEANUP_FREE char *expected = mem_printf("%s/%s", folder, name);
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    char *save = NULL;
    size_t len;
    if (file_read(path, CONF_INPUT_MAX, &text, &len, &e)) {
        printf("%s\n", e.msg);
        return false;
    }
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (*line != '#') {
            run_line(line, &out);
            ++*ret_lines;
        }
    if (getenv("UPDATE"))
        return !file_write_atomic(folder, name, out.p, out.len, 0644, &e);
    if (!file_read(expected, CONF_INPUT_MAX, &want, &len, &e) && str_eq(want, str_get(&out)))
        return true;
    printf("%s: differs from %s; now it is:\n%s\n", path, expected, str_get(&out));
    return false;
}

int main(int argc, char **argv)
{
    CLEANUP_FREE char *folder = mem_printf("%s/xml", argc == 2 ? argv[1] : ".");
    struct dirent **list = NULL;
    int lines = 0, failed = 0, n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (str_ends(list[i]->d_name, ".txt"))
            failed += !check(folder, list[i]->d_name, &lines);
        free(list[i]);
    }
    free(list);
    printf("%d lines, %d files failed\n", lines, failed);
    return failed || lines < 400;
}
