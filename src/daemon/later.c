#include "daemon/later.h"

#include <stdlib.h>

static void found(void *arg, bool is_closing, const struct err *e)
{
    struct later *x = arg;
    struct call *c = x->call;
    int r = CALL_DONE;
    c->err = *e;
    if (is_closing || e->code)
        r = CALL_FAILED;
    else if (x->after)
        r = x->after(c, x);
    if (x->clear)
        x->clear(x);
    free(x);
    if (!is_closing) /* else nobody is there to be told, nor to note it */
        call_finish(c, r);
}

int call_later(struct call *c, ask_fn *work, struct later *x)
{
    x->call = c;
    host_ask(c->daemon->host, work, found, x);
    return CALL_LATER;
}
