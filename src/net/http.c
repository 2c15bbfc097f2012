#include "net/http.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"

struct request {
    struct http *http;
    struct request *next, **prev;
    struct transport *transport;
    struct loop_fd *watch;
    struct loop_timer *timer;
    struct str in, out;
    size_t out_at;
};

struct http {
    struct loop *loop;
    http_page_fn *page;
    void *arg;
    struct request *all;
    unsigned n;
};

struct http *http_new(struct loop *l, http_page_fn *page, void *arg)
{
    struct http *h = NEW(struct http);
    *h = (struct http){.loop = l, .page = page, .arg = arg};
    return h;
}

static void request_end(void *arg)
{
    struct request *r = arg;
    loop_fd_close(r->watch);
    loop_timer_close(r->timer);
    r->transport->ops->close(r->transport);
    *r->prev = r->next;
    if (r->next)
        r->next->prev = r->prev;
    r->http->n--;
    str_clear(&r->in);
    str_clear(&r->out);
    free(r);
}

void http_free(struct http *h)
{
    if (!h)
        return;
    while (h->all)
        request_end(h->all);
    free(h);
}

static void answer(struct request *r, const char *status, const char *type, const char *body,
                   size_t n, bool with_body)
{
    str_addf(&r->out,
             "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
             "X-Content-Type-Options: nosniff\r\n\r\n",
             status, type, n);
    if (with_body)
        str_addn(&r->out, body, n);
}

static void refuse(struct request *r, const char *status)
{
    answer(r, status, "text/plain", status, strlen(status), true);
}

/* The path of "GET PATH HTTP/1.x" in place of the line; NULL: it is something else. */
static char *request_path(char *line, size_t n_method)
{
    char *path = line + n_method, *end = strchr(path, ' ');
    if (*path != '/' || !end || !str_starts(end + 1, "HTTP/1."))
        return NULL;
    *end = '\0';
    path[strcspn(path, "?#")] = '\0';
    return path;
}

static void serve(struct request *r)
{
    CLEANUP_STR struct str body = {0};
    const char *type = "text/plain";
    bool is_head = str_starts(r->in.p, "HEAD ");
    if (!is_head && !str_starts(r->in.p, "GET ")) {
        refuse(r, "405 Method Not Allowed");
        return;
    }
    r->in.p[strcspn(r->in.p, "\r\n")] = '\0';
    char *path = request_path(r->in.p, is_head ? 5 : 4);
    if (!path)
        refuse(r, "400 Bad Request");
    else if (!r->http->page(r->http->arg, path, &body, &type))
        refuse(r, "404 Not Found");
    else
        answer(r, "200 OK", type, str_get(&body), body.len, !is_head);
}

/* Sends what it can; true: nothing is left. */
static bool flush(struct request *r)
{
    while (r->out_at < r->out.len) {
        struct transport *t = r->transport;
        ssize_t n = t->ops->send(t, r->out.p + r->out_at, r->out.len - r->out_at);
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n < 0)
            return true;
        r->out_at += (size_t)n;
    }
    return true;
}

static bool is_whole(const struct str *in)
{
    return in->len && (strstr(in->p, "\r\n\r\n") || strstr(in->p, "\n\n"));
}

/* Reads until the empty line; false: the peer has gone. */
static bool read_request(struct request *r)
{
    char block[1024];
    struct transport_fds fds = {.n = 0};
    ssize_t n;
    while (!r->out.len && (n = r->transport->ops->recv(r->transport, block, sizeof(block), &fds))) {
        while (fds.n)
            close(fds.fd[--fds.n]);
        if (n < 0)
            return errno == EAGAIN;
        str_addn(&r->in, block, (size_t)n);
        if (memchr(block, '\0', (size_t)n) || r->in.len > HTTP_REQUEST_MAX)
            refuse(r, "400 Bad Request");
        else if (is_whole(&r->in))
            serve(r);
    }
    return r->out.len > 0;
}

static void ready(void *arg, int events)
{
    struct request *r = arg;
    if (!r->out.len && !read_request(r))
        request_end(r);
    else if (!r->out.len)
        return;
    else if (flush(r))
        request_end(r);
    else
        loop_fd_set(r->watch, LOOP_WRITE);
}

void http_serve(struct http *h, struct transport *t)
{
    if (h->n >= HTTP_CLIENTS_MAX) {
        t->ops->close(t);
        return;
    }
    struct request *r = NEW(struct request);
    *r = (struct request){.http = h, .transport = t};
    r->watch = loop_fd_open(h->loop, t->fd, LOOP_READ, ready, r, NULL);
    if (!r->watch) {
        t->ops->close(t);
        free(r);
        return;
    }
    r->timer = loop_timer_open(h->loop, request_end, r);
    loop_timer_start(r->timer, HTTP_MS, 0);
    r->next = h->all;
    r->prev = &h->all;
    if (r->next)
        r->next->prev = &r->next;
    h->all = r;
    h->n++;
}
