#include "log.h"

#include <stdarg.h>
#include <unistd.h>

static enum log_level log_least = LOG_WARN;
static bool log_journal;

void log_setup(enum log_level least, bool journal)
{
    log_least = least;
    log_journal = journal;
}

bool log_wants(enum log_level level)
{
    return level >= log_least;
}

void log_msg(enum log_level level, const char *fmt, ...)
{
    static const char *const journal[] = {"", "<7>", "<6>", "<4>", "<3>"};
    static const char *const plain[] = {"", "debug: ", "info: ", "warning: ", "error: "};
    if (!log_wants(level))
        return;
    char line[4096];
    int at = snprintf(line, sizeof(line), "%s", (log_journal ? journal : plain)[level]);
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line + at, sizeof(line) - (size_t)at - 1, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)(at + n);
    if (len > sizeof(line) - 2)
        len = sizeof(line) - 2;
    for (size_t i = 0; i < len; i++) /* one message stays one line, whatever a guest put into it */
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    line[len++] = '\n';
    (void)!write(2, line, len);
}
