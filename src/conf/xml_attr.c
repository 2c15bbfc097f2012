/* For hooks: an attribute of an element becomes a member, or an error with its place. */
#include "conf/xml_row.h"

#include <inttypes.h>

int xml_error(struct conf_ctx *c, const struct xml *x, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return conf_error(c, x->pos, "%s", text);
}

int xml_mandatory(struct conf_ctx *c, const struct xml *x, const char *attr, const char **ret)
{
    *ret = xml_get(x, attr);
    return *ret ? 0 : xml_error(c, x, "<%s> has no '%s'", x->name, attr);
}

int xml_num(struct conf_ctx *c, const struct xml *x, const char *attr, int base, int64_t min,
            int64_t max, struct num *ret)
{
    const char *text = xml_get(x, attr);
    int64_t n;
    if (!text)
        return 0;
    if (!parse_i64(text, base, min, max, &n))
        return xml_error(c, x, "'%s' of <%s> is not a number from %" PRId64 " to %" PRId64 ": '%s'",
                         attr, x->name, min, max, text);
    *ret = NUM(n);
    return 0;
}

int xml_tri(struct conf_ctx *c, const struct xml *x, const char *attr, const char *yes,
            const char *no, tri *ret)
{
    const char *text = xml_get(x, attr);
    if (!text)
        return 0;
    if (strcmp(text, yes) && strcmp(text, no))
        return xml_error(c, x, "'%s' of <%s> must be '%s' or '%s', not '%s'", attr, x->name, yes,
                         no, text);
    *ret = strcmp(text, yes) ? TRI_NO : TRI_YES;
    return 0;
}

int xml_enum(struct conf_ctx *c, const struct xml *x, const char *attr, const struct words *words,
             int *ret)
{
    const char *text = xml_get(x, attr);
    if (!text)
        return 0;
    int n = words_find(words, text);
    if (n < 0)
        return xml_error(c, x, "'%s' of <%s> has an unknown value '%s'", attr, x->name, text);
    *ret = n;
    return 0;
}

void xml_str(const struct xml *x, const char *attr, char **ret)
{
    const char *text = xml_get(x, attr);
    if (text)
        str_set(ret, text);
}

int64_t xml_unit_bytes(const char *unit)
{
    static const struct {
        const char *name;
        int64_t bytes;
    } units[] = {
        {"KiB", 1024},
        {"b", 1},
        {"byte", 1},
        {"bytes", 1},
        {"KB", 1000},
        {"k", 1024},
        {"K", 1024},
        {"MB", 1000000},
        {"M", 1 << 20},
        {"m", 1 << 20},
        {"MiB", 1 << 20},
        {"GB", 1000000000},
        {"G", 1 << 30},
        {"g", 1 << 30},
        {"GiB", 1 << 30},
        {"TB", 1000000000000},
        {"T", INT64_C(1) << 40},
        {"t", INT64_C(1) << 40},
        {"TiB", INT64_C(1) << 40},
        {"PB", 1000000000000000},
        {"P", INT64_C(1) << 50},
        {"PiB", INT64_C(1) << 50},
        {"EB", 1000000000000000000},
        {"E", INT64_C(1) << 60},
        {"EiB", INT64_C(1) << 60},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (!strcasecmp(units[i].name, unit))
            return units[i].bytes;
    return 0;
}

int xml_kib(struct conf_ctx *c, const struct xml *x, const char *text, const char *unit,
            struct num *ret)
{
    char digits[32];
    int64_t n, bytes = xml_unit_bytes(str_empty(unit) ? "KiB" : unit);
    size_t len;
    text += strspn(text, " \t\r\n");
    len = strcspn(text, " \t\r\n");
    snprintf(digits, sizeof(digits), "%.*s", (int)(len < 31 ? len : 31), text);
    if (!bytes)
        return xml_error(c, x, "<%s> has an unknown unit '%s'", x->name, unit);
    if (len > 30 || text[len + strspn(text + len, " \t\r\n")] ||
        !parse_i64(digits, 10, 0, INT64_MAX, &n))
        return xml_error(c, x, "<%s> has no number: '%s'", x->name, text);
    if (__builtin_mul_overflow(n, bytes, &n))
        return xml_error(c, x, "<%s> is too large: '%s'", x->name, text);
    *ret = NUM(n / 1024 + (n % 1024 ? 1 : 0));
    return 0;
}
