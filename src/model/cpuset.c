#include "model/cpuset.h"

#include "base/str.h"

static bool number(const char **s, unsigned *ret)
{
    unsigned n = 0;
    const char *p = *s;
    while (*p >= '0' && *p <= '9' && n < CPUSET_MAX)
        n = n * 10 + (unsigned)(*p++ - '0');
    if (p == *s || n >= CPUSET_MAX)
        return false;
    *s = p;
    *ret = n;
    return true;
}

static void blanks(const char **s)
{
    *s += strspn(*s, " \t\r\n");
}

/* "3", "^3", "0-3" */
static bool one(const char **s, struct cpuset *set)
{
    bool without = **s == '^';
    unsigned first, last;
    *s += without;
    blanks(s);
    if (!number(s, &first))
        return false;
    last = first;
    blanks(s);
    if (**s == '-' && !without) {
        (*s)++;
        blanks(s);
        if (!number(s, &last) || last < first)
            return false;
        blanks(s);
    }
    for (unsigned i = first; i <= last; i++)
        if (without)
            set->bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
        else
            set->bits[i / 64] |= UINT64_C(1) << (i % 64);
    return true;
}

bool cpuset_parse(const char *text, struct cpuset *ret)
{
    struct cpuset set = {0};
    for (;; text++) {
        blanks(&text);
        if (!one(&text, &set))
            return false;
        if (!*text)
            break;
        if (*text != ',')
            return false;
    }
    *ret = set;
    return true;
}

char *cpuset_format(const struct cpuset *set)
{
    struct str out = {0};
    for (unsigned i = 0; i < CPUSET_MAX; i++) {
        unsigned last = i;
        if (!set->bits[i / 64]) {
            i |= 63;
            continue;
        }
        if (!cpuset_has(set, i))
            continue;
        while (cpuset_has(set, last + 1))
            last++;
        str_addf(&out, "%s%u", out.len ? "," : "", i);
        if (last > i)
            str_addf(&out, "-%u", last);
        i = last;
    }
    return str_take(&out);
}

char *cpuset_canonical(const char *text)
{
    struct cpuset set;
    return cpuset_parse(text, &set) ? cpuset_format(&set) : NULL;
}

bool cpuset_is_plain(const char *text)
{
    CLEANUP_FREE char *plain = cpuset_canonical(text);
    return plain && !strcmp(plain, text);
}

size_t cpuset_count(const struct cpuset *set)
{
    size_t n = 0;
    for (size_t i = 0; i < CPUSET_MAX / 64; i++)
        n += (size_t)__builtin_popcountll(set->bits[i]);
    return n;
}

void cpuset_bytes(const struct cpuset *set, uint8_t ret[CPUSET_MAX / 8])
{
    for (unsigned i = 0; i < CPUSET_MAX / 8; i++)
        ret[i] = set ? (uint8_t)(set->bits[i / 8] >> i % 8 * 8) : 0xff;
}
