/* Values of options that many commands understand alike. */
#include "opts.h"

#include "base/file.h"
#include "base/str.h"
#include "wire/consts.h"

enum { FILE_MAX = 4 << 20 };

unsigned flags_of(const struct args *a, const struct flag_bit *bits, size_t n)
{
    unsigned flags = 0;
    for (size_t i = 0; i < n; i++)
        if (arg_has(a, bits[i].name))
            flags |= bits[i].bit;
    return flags;
}

int opts_exclude(const struct args *a, const char *one, const char *other, struct err *e)
{
    if (!arg_has(a, one) || !arg_has(a, other))
        return 0;
    return fail(e, ERR_INVALID_ARG, "Options --%s and --%s are mutually exclusive", one, other);
}

int opts_affect(const struct args *a, unsigned *ret, struct err *e)
{
    static const struct flag_bit bits[] = {{"live", VIR_DOMAIN_AFFECT_LIVE},
                                           {"config", VIR_DOMAIN_AFFECT_CONFIG}};
    if (opts_exclude(a, "current", "live", e) || opts_exclude(a, "current", "config", e))
        return -1;
    *ret = FLAGS_OF(a, bits);
    return 0;
}

/* What a unit multiplies by: k, KiB = 1024; KB = 1000; 0: unknown. */
static uint64_t unit_of(const char *s)
{
    static const char letters[] = "kmgtpe";
    char low = (char)(*s | 0x20);
    const char *at = *s ? strchr(letters, low) : NULL;
    if (str_eq(s, "b") || str_eq(s, "B") || str_eq(s, "bytes") || str_eq(s, "byte"))
        return 1;
    if (!at || !low)
        return 0;
    bool decimal = !strcasecmp(s + 1, "b");
    if (s[1] && !decimal && strcasecmp(s + 1, "ib"))
        return 0;
    uint64_t n = 1;
    for (const char *p = letters; p <= at; p++)
        n *= decimal ? 1000 : 1024;
    return n;
}

int opts_size(const struct args *a, const char *name, uint64_t unit, uint64_t *ret, struct err *e)
{
    const char *v = arg_str(a, name);
    uint64_t n, size;
    if (!v)
        return 0;
    size_t digits = strspn(v, "0123456789");
    CLEANUP_FREE char *number = mem_strn(v, digits);
    const char *suffix = v + digits + strspn(v + digits, " ");
    if (*suffix)
        unit = unit_of(suffix);
    if (!unit || !parse_u64(number, 10, UINT64_MAX, &n) || __builtin_mul_overflow(n, unit, &size))
        return fail(e, ERR_INVALID_ARG,
                    "Scaled numeric value '%s' for <%s> option is malformed or out of range", v,
                    name);
    *ret = size;
    return 0;
}

char *opts_absolute(const char *path)
{
    if (path[0] == '/')
        return mem_str(path);
    CLEANUP_FREE char *here = realpath(".", NULL);
    return mem_printf("%s/%s", here ? here : "", path);
}

int opts_file(const struct args *a, const char *name, char **ret, struct err *e)
{
    const char *path = arg_str(a, name);
    return path ? file_read(path, FILE_MAX, ret, NULL, e) : 0;
}
