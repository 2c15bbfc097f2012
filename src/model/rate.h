/* The rate of an interface as xl writes it: NUMBER[K|M|G]B/s or b/s, and behind @ the interval at
 * which the credit is given: NUMBER[us|ms|s], 50 ms without. Kilo is 1000; numbers have C's
 * prefixes and 32 bits, as in libxlutil. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { RATE_INTERVAL_US = 50000 };
struct rate {
    uint64_t bytes_per_s, interval_us;
};

bool rate_parse(const char *text, struct rate *ret); /* false: none, as xl sees it */
uint64_t rate_per_interval(const struct rate *r);    /* bytes */
/* Is it what <outbound average='KIB'/> becomes: so many KiB a second, given every 50 ms? */
bool rate_as_kib(uint64_t per_interval, uint64_t interval_us, int64_t *ret);
/* The text of libxl's two numbers; NULL when there is none. Caller frees. */
char *rate_format(uint64_t per_interval, uint64_t interval_us);
