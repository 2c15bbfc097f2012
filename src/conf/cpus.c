#include "conf/cpus.h"

static bool parse_number(const char **p, int *ret)
{
    int n = 0, digits = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++, digits++)
        if ((n = n * 10 + **p - '0') >= CPUS_MAX)
            return false;
    *ret = n;
    return digits;
}

bool cpus_parse(const char *text, struct cpus *ret)
{
    struct cpus set = {0};
    for (const char *p = text;; p++) {
        int first, last;
        while (*p == ' ')
            p++;
        if (!parse_number(&p, &first))
            return false;
        last = first;
        if (*p == '-' && (p++, !parse_number(&p, &last) || last < first))
            return false;
        for (int i = first; i <= last; i++)
            cpus_add(&set, i);
        if (*p && *p != ',')
            return false;
        if (!*p)
            break;
    }
    *ret = set;
    return true;
}

int cpus_next(const struct cpus *set, int from)
{
    for (int i = from; i < CPUS_MAX; i++) {
        if (!(i % 64) && !set->bits[i / 64])
            i += 63;
        else if (cpus_has(set, i))
            return i;
    }
    return -1;
}

void cpus_format(const struct cpus *set, struct str *out)
{
    const char *comma = "";
    for (int first = cpus_next(set, 0), last; first >= 0; first = cpus_next(set, last + 1)) {
        for (last = first; last + 1 < CPUS_MAX && cpus_has(set, last + 1); last++)
            ;
        str_addf(out, "%s%d", comma, first);
        if (last > first)
            str_addf(out, "-%d", last);
        comma = ",";
        if (last + 1 >= CPUS_MAX)
            break;
    }
}
