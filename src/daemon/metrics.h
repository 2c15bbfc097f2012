/* The page GET /metrics in OpenMetrics' text: the host, every guest, and the daemon itself. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { METRICS_BUCKETS = 12, METRICS_PROCS = 512 };

struct metrics { /* zero at the start */
    uint64_t calls[METRICS_PROCS], failures[METRICS_PROCS];
    uint64_t buckets[METRICS_BUCKETS]; /* of answer times; the last is everything longer */
    uint64_t n, sum_ns;
    uint64_t refused; /* clients, before they had a session */
};

void metrics_call(struct metrics *m, int proc, bool failed, uint64_t ns);
uint64_t metrics_now_ns(void);
/* An http_page_fn; arg is the daemon. */
bool metrics_page(void *arg, const char *path, struct str *body, const char **ret_type);
