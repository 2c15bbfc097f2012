/* Programs that a worker runs: qemu-img and LVM's. */
#pragma once
#include <stddef.h>

#include "base/err.h"

struct hv_progress;
struct str;

/* Runs it to its end; it is stopped when p's abort is wanted. argv ends with NULL; p and out (what
 * it answered) may be NULL. A failure is the last line of its errors. */
int tool_run(const char *const argv[], struct hv_progress *p, struct str *out, struct err *e);
/* The same with descriptors, borrowed, that are 3, 4, ... there ("/dev/fd/3"); no other of ours. */
enum { TOOL_FIRST_FD = 3, TOOL_FDS_MAX = 16 };
int tool_run_on(const char *const argv[], const int *fds, size_t n_fds, struct hv_progress *p,
                struct str *out, struct err *e);
