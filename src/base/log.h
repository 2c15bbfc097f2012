/* The daemon's log: one line a message, one write, to stderr; under systemd with the journal's
 * "<priority>" prefix. Only daemon/, cli/ and main functions call it. Safe to call in a forked
 * child: no lock, no allocation. */
#pragma once
#include <stdbool.h>

enum log_level { LOG_DEBUG = 1, LOG_INFO, LOG_WARN, LOG_ERROR }; /* libvirt's log_level numbers */

void log_setup(enum log_level least, bool journal);
bool log_wants(enum log_level level);
__attribute__((format(printf, 2, 3))) void log_msg(enum log_level level, const char *fmt, ...);
