#include "core/ask.h"

#include "priv.h"

struct ask {
    struct host *host;
    ask_fn *fn;
    ask_done *done;
    void *arg;
    struct err err;
};

static void work_ask(void *arg)
{
    struct ask *a = arg;
    a->fn(a->arg, a->host->ops, a->host->hv, &a->err);
}

static void asked(void *arg)
{
    struct ask *a = arg;
    struct host *h = a->host;
    a->done(a->arg, h->is_closing, &a->err);
    free(a);
    h->n_holds--;
    host_free_closed(h);
}

void host_ask(struct host *h, ask_fn *fn, ask_done *done, void *arg)
{
    struct ask *a = NEW(struct ask);
    *a = (struct ask){.host = h, .fn = fn, .done = done, .arg = arg};
    h->n_holds++;
    loop_work(h->loop, work_ask, asked, a);
}
