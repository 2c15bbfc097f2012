#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void err_text(struct err *e, size_t at,
                                                           const char *fmt, va_list ap)
{
    int n = vsnprintf(e->msg + at, sizeof(e->msg) - at, fmt, ap);
    if (n >= 0 && (size_t)n >= sizeof(e->msg) - at)
        memcpy(e->msg + sizeof(e->msg) - 4, "...", 4);
}

int fail(struct err *e, int code, const char *fmt, ...)
{
    if (!e)
        return -1;
    *e = (struct err){.code = code};
    va_list ap;
    va_start(ap, fmt);
    err_text(e, 0, fmt, ap);
    va_end(ap);
    return -1;
}

int fail_errno(struct err *e, const char *fmt, ...)
{
    int saved = errno;
    if (!e)
        return -1;
    *e = (struct err){.code = ERR_SYSTEM_ERROR};
    va_list ap;
    va_start(ap, fmt);
    err_text(e, 0, fmt, ap);
    va_end(ap);
    size_t n = strlen(e->msg);
    char text[128];
    snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", strerror_r(saved, text, sizeof(text)));
    errno = saved;
    return -1;
}

int wrap(struct err *e, const char *fmt, ...)
{
    if (!e)
        return -1;
    char old[ERR_MSG_MAX];
    memcpy(old, e->msg, sizeof(old));
    va_list ap;
    va_start(ap, fmt);
    err_text(e, 0, fmt, ap);
    va_end(ap);
    size_t n = strlen(e->msg);
    if ((size_t)snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", old) >= sizeof(e->msg) - n)
        memcpy(e->msg + sizeof(e->msg) - 4, "...", 4);
    return -1;
}

int err_about(struct err *e, const char *fmt, ...)
{
    if (!e)
        return -1;
    va_list ap;
    va_start(ap, fmt);
    if ((size_t)vsnprintf(e->about, sizeof(e->about), fmt, ap) >= sizeof(e->about))
        e->about[0] = 0; /* half a name is none */
    va_end(ap);
    return -1;
}
