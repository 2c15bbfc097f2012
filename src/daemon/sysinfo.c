#include "daemon/sysinfo.h"

#include "base/file.h"
#include "base/mem.h"

enum { DMI_MAX = 4096 };

static const struct entry {
    const char *part, *name, *file;
} entries[] = {
    {"bios", "vendor", "bios_vendor"},
    {"bios", "version", "bios_version"},
    {"bios", "date", "bios_date"},
    {"bios", "release", "bios_release"},
    {"system", "manufacturer", "sys_vendor"},
    {"system", "product", "product_name"},
    {"system", "version", "product_version"},
    {"system", "serial", "product_serial"},
    {"system", "uuid", "product_uuid"},
    {"system", "sku", "product_sku"},
    {"system", "family", "product_family"},
    {"baseBoard", "manufacturer", "board_vendor"},
    {"baseBoard", "product", "board_name"},
    {"baseBoard", "version", "board_version"},
    {"baseBoard", "serial", "board_serial"},
    {"baseBoard", "asset", "board_asset_tag"},
    {"chassis", "manufacturer", "chassis_vendor"},
    {"chassis", "version", "chassis_version"},
    {"chassis", "serial", "chassis_serial"},
    {"chassis", "asset", "chassis_asset_tag"},
};

/* Firmware says what it likes: only text that XML can hold. */
static void add_text(struct str *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '<')
            str_add(out, "&lt;");
        else if (*p == '>')
            str_add(out, "&gt;");
        else if (*p == '&')
            str_add(out, "&amp;");
        else
            str_addc(out, *p < ' ' || *p > '~' ? '?' : (char)*p);
    }
}

static char *read_entry(const char *dir, const struct entry *x)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, x->file), *text = NULL;
    size_t len;
    if (file_read(path, DMI_MAX, &text, &len, NULL))
        return NULL;
    while (len && strchr(" \t\n", text[len - 1]))
        text[--len] = 0;
    return len ? take(text) : NULL;
}

int sysinfo_write(const char *dir, struct str *out, struct err *e)
{
    const char *open = NULL;
    size_t found = 0;
    str_add(out, "<sysinfo type='smbios'>\n");
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
        const struct entry *x = &entries[i];
        CLEANUP_FREE char *text = read_entry(dir, x);
        if (!text)
            continue;
        if (!str_eq(open, x->part)) {
            if (open)
                str_addf(out, "  </%s>\n", open);
            str_addf(out, "  <%s>\n", open = x->part);
        }
        str_addf(out, "    <entry name='%s'>", x->name);
        add_text(out, text);
        str_add(out, "</entry>\n");
        found++;
    }
    if (open)
        str_addf(out, "  </%s>\n", open);
    str_add(out, "</sysinfo>\n");
    return found ? 0
                 : fail(e, ERR_CONFIG_UNSUPPORTED,
                        "Host SMBIOS information is not available: nothing in %s", dir);
}
