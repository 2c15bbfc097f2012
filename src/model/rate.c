#include "model/rate.h"

#include <string.h>

#include "base/str.h"

static bool read_unit(const char **p, uint64_t *bytes_per_s)
{
    uint64_t factor = 1;
    if (**p == 'K' || **p == 'M' || **p == 'G')
        factor = **p == 'K' ? 1000 : **p == 'M' ? 1000000 : 1000000000;
    *p += factor > 1;
    if (**p != 'B' && **p != 'b')
        return false;
    if (__builtin_mul_overflow(*bytes_per_s, factor, bytes_per_s))
        return false;
    if (**p == 'b')
        *bytes_per_s /= 8;
    ++*p;
    bool ok = str_starts(*p, "/s");
    *p += ok ? 2 : 0;
    return ok;
}

static bool read_interval(const char *p, uint64_t *us)
{
    size_t n = strspn(p, "0123456789");
    CLEANUP_FREE char *number = mem_strn(p, n);
    const char *unit = p + n;
    uint64_t factor = !*unit || !strcmp(unit, "s")                ? 1000000
                      : !strcmp(unit, "ms") || !strcmp(unit, "m") ? 1000
                      : !strcmp(unit, "us") || !strcmp(unit, "u") ? 1
                                                                  : 0;
    return n && factor && parse_u64(number, 0, UINT32_MAX, us) &&
           !__builtin_mul_overflow(*us, factor, us) && *us && *us <= UINT32_MAX;
}

bool rate_parse(const char *text, struct rate *ret)
{
    struct rate r = {.interval_us = RATE_INTERVAL_US};
    size_t n = strspn(text, "0123456789");
    CLEANUP_FREE char *number = mem_strn(text, n);
    const char *p = text + n;
    uint64_t product;
    if (!n || !parse_u64(number, 0, UINT32_MAX, &r.bytes_per_s) || !r.bytes_per_s ||
        !read_unit(&p, &r.bytes_per_s))
        return false;
    if (*p && (*p != '@' || !read_interval(p + 1, &r.interval_us)))
        return false;
    if (__builtin_mul_overflow(r.bytes_per_s, r.interval_us, &product))
        return false;
    *ret = r;
    return true;
}

uint64_t rate_per_interval(const struct rate *r)
{
    __uint128_t n = (__uint128_t)r->bytes_per_s * r->interval_us / 1000000;
    return n > UINT64_MAX ? UINT64_MAX : (uint64_t)n;
}

bool rate_as_kib(uint64_t per_interval, uint64_t interval_us, int64_t *ret)
{
    uint64_t kib = per_interval / 1024 * 20 + (per_interval % 1024 * 20 + 1023) / 1024;
    if (interval_us != RATE_INTERVAL_US || kib > INT64_MAX / 1024 ||
        kib * 1024 / 20 != per_interval)
        return false;
    *ret = (int64_t)kib;
    return true;
}

char *rate_format(uint64_t per_interval, uint64_t interval_us)
{
    __uint128_t per_s =
        interval_us ? ((__uint128_t)per_interval * 1000000 + interval_us - 1) / interval_us : 0;
    bool is_kilo = per_s > UINT32_MAX;
    if (is_kilo)
        per_s = (per_s + 999) / 1000;
    if (!per_s || per_s > UINT32_MAX || interval_us > UINT32_MAX)
        return NULL;
    return mem_printf("%llu%s/s@%lluus", (unsigned long long)per_s, is_kilo ? "KB" : "B",
                      (unsigned long long)interval_us);
}
