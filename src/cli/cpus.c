#include "cpus.h"

#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "wire/consts.h"

int cpus_of_host(struct ctl *c, int *ret, struct err *e)
{
    struct wire_node_get_cpu_map_args args = {0};
    struct wire_node_get_cpu_map_ret map;
    struct wire_node_get_info_ret info;
    if (!ctl_conn(c, e))
        return -1;
    if (!call_node_get_cpu_map(c->conn_, &args, &map, NULL)) {
        *ret = map.ret;
        wire_clear(&wire_type_node_get_cpu_map_ret, &map);
    } else if (call_node_get_info(c->conn_, &info, e)) {
        return -1;
    } else {
        *ret = info.nodes * info.sockets * info.cores * info.threads;
    }
    if (*ret < 0 || *ret > CPUS_MAX)
        return fail(e, ERR_INTERNAL, "the host says that it has %d CPUs", *ret);
    return 0;
}

static bool bit(const uint8_t *map, int i)
{
    return map[i / 8] >> i % 8 & 1;
}

/* "3" or "3-5" at *p; moves behind it. */
static bool range(const char **p, uint64_t *first, uint64_t *last)
{
    size_t len = strspn(*p, "0123456789");
    CLEANUP_FREE char *a = mem_strn(*p, len);
    if (!parse_u64(a, 10, CPUS_MAX, first))
        return false;
    *last = *first;
    *p += len;
    if (**p != '-')
        return true;
    len = strspn(++*p, "0123456789");
    CLEANUP_FREE char *b = mem_strn(*p, len);
    *p += len;
    return parse_u64(b, 10, CPUS_MAX, last) && *last >= *first;
}

int cpus_parse(const char *text, int n, uint8_t **ret, struct err *e)
{
    CLEANUP_FREE uint8_t *map = mem_new((size_t)cpus_bytes(n) + 1, 1);
    const char *p = text;
    if (str_eq(text, "r"))
        memset(map, 0xff, (size_t)cpus_bytes(n));
    while (!str_eq(text, "r") && *p) {
        bool off = *p == '^';
        uint64_t first, last;
        p += off;
        if (!range(&p, &first, &last) || (*p && *p != ','))
            return fail(e, ERR_INVALID_ARG, "cpulist: Invalid format '%s'", text);
        if (last >= (uint64_t)n)
            return fail(e, ERR_INVALID_ARG, "CPU %llu in cpulist '%s' exceed the maxcpu %d",
                        (unsigned long long)last, text, n);
        for (uint64_t i = first; i <= last; i++)
            map[i / 8] = (uint8_t)(off ? map[i / 8] & ~(1 << i % 8) : map[i / 8] | 1 << i % 8);
        p += *p == ',';
    }
    for (int i = n; i < cpus_bytes(n) * 8; i++)
        map[i / 8] = (uint8_t)(map[i / 8] & ~(1 << i % 8));
    *ret = take(map);
    return 0;
}

char *cpus_list(const uint8_t *map, int n)
{
    struct str out = {0};
    for (int i = 0; i < n; i++) {
        int end = i;
        if (!bit(map, i))
            continue;
        while (end + 1 < n && bit(map, end + 1))
            end++;
        str_addf(&out, end > i ? "%s%d-%d" : "%s%d", out.len ? "," : "", i, end);
        i = end;
    }
    return str_take(&out);
}

char *cpus_letters(const uint8_t *map, int n)
{
    struct str out = {0};
    for (int i = 0; i < n; i++)
        str_addc(&out, bit(map, i) ? 'y' : '-');
    return str_take(&out);
}
