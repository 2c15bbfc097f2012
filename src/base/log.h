/* The daemon's log: one line a message, one write for each place it goes to: stderr (under systemd
 * with the journal's "<priority>" prefix) or files. Only daemon/, cli/ and main functions call it.
 * Safe to call in a forked child: no lock, no allocation. The settings may change while workers
 * log; one thread changes them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum log_level { LOG_DEBUG = 1, LOG_INFO, LOG_WARN, LOG_ERROR }; /* libvirt's log_level numbers */

struct str;

/* The least level that is logged where no filter says otherwise. */
void log_setup(enum log_level least, bool journal);
enum log_level log_level(void);

/* "LEVEL:MATCH LEVEL:MATCH": source files with MATCH in their name (daemon/relay, core) have a
 * level of their own, the first that fits. NULL or "": none. A mistake changes nothing. */
int log_set_filters(const char *text, struct err *e);
/* "LEVEL:stderr LEVEL:journald LEVEL:file:/PATH LEVEL:syslog:NAME": where messages of at least that
 * level go. NULL or "": stderr. */
int log_set_outputs(const char *text, struct err *e);
size_t log_filters(struct str *out); /* appends; returns how many */
size_t log_outputs(struct str *out);

#define log_wants(level) log_wants_from((level), __FILE__)
#define log_msg(level, ...) log_from((level), __FILE__, __VA_ARGS__)
bool log_wants_from(enum log_level level, const char *file);
__attribute__((format(printf, 3, 4))) void log_from(enum log_level level, const char *file,
                                                    const char *fmt, ...);
