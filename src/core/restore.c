/* Saved guests as files: restored, and their XML read and replaced. The file is opened in a worker,
 * for its XML tells whose it is. */
#include <unistd.h>

#include "priv.h"
#include "tune.h"

struct opening {
    struct host *host;
    char *path;
    struct domain *config, *changed;
    int fd;
    bool is_paused;
    guest_done *done;
    void *arg;
    struct err err;
};

static void work_open(void *arg)
{
    struct opening *o = arg;
    (void)image_open(o->path, &o->config, &o->fd, &o->err);
}

static int check_changed(const struct opening *o, struct err *e)
{
    if (o->changed && !uuid_eq(o->changed->uuid, o->config->uuid))
        return fail(e, ERR_OPERATION_FAILED, "the changed XML has another uuid than the image");
    return 0;
}

static int restore(struct opening *o, struct err *e)
{
    struct guest *g = NULL;
    if (check_changed(o, e) || host_match(o->host, o->config, &g, e) || guest_check_inactive(g, e))
        return -1;
    if (!g)
        g = guest_new(o->host, o->config->name, o->config->uuid);
    struct build b = {.config = take(*(o->changed ? &o->changed : &o->config)),
                      .fd = o->fd,
                      .path = o->path,
                      .is_paused = o->is_paused};
    o->fd = -1;
    int r = guest_build(g, &b, o->done, o->arg, e);
    guest_release(g);
    return r;
}

static void opened(void *arg)
{
    struct opening *o = arg;
    struct host *h = o->host;
    if (!h->is_closing && (o->err.code || restore(o, &o->err)))
        o->done(o->arg, NULL, &o->err);
    domain_free(o->config);
    domain_free(o->changed);
    close_fd(&o->fd);
    free(o->path);
    free(o);
    h->n_holds--;
    host_free_closed(h);
}

int host_restore(struct host *h, const char *path, const struct domain *changed, bool running,
                 bool paused, guest_done *done, void *arg, struct err *e)
{
    if (running && paused)
        return fail(e, ERR_INVALID_ARG, "a guest is restored running or paused, not both");
    struct opening *o = NEW(struct opening);
    *o = (struct opening){.host = h,
                          .path = mem_str(path),
                          .changed = changed ? domain_copy(changed) : NULL,
                          .fd = -1,
                          .is_paused = paused,
                          .done = done,
                          .arg = arg};
    h->n_holds++;
    loop_work(h->loop, work_open, opened, o);
    return 0;
}

/* ---- the XML of an image ---- */
struct reading {
    struct host *host;
    char *path, *xml; /* in: what to write, out: what is there */
    image_done *done;
    void *arg;
    struct err err;
};

static void read_xml(struct reading *r)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    CLEANUP_CLOSE int fd = -1;
    size_t len;
    if (!image_open(r->path, &d, &fd, &r->err))
        (void)text_write(d, false, &r->xml, &len, &r->err);
}

static void work_read(void *arg)
{
    read_xml(arg);
}

static int check_same(const struct domain *old, const struct domain *new, struct err *e)
{
    if (!uuid_eq(old->uuid, new->uuid) || !str_eq(old->name, new->name))
        return fail(e, ERR_INVALID_ARG, "the XML is of another domain than the image");
    return 0;
}

static int copy_rest(int from, int to, struct err *e)
{
    char block[65536];
    ssize_t n;
    while ((n = read(from, block, sizeof(block))) > 0)
        if (file_write_all(to, block, (size_t)n, e))
            return -1;
    return n < 0 || fsync(to) ? fail_errno(e, "cannot copy the saved guest") : 0;
}

static int write_xml(struct reading *r, struct err *e)
{
    CLEANUP_DOMAIN struct domain *old = NULL, *new = NULL;
    CLEANUP_CLOSE int from = -1, to = -1;
    CLEANUP_FREE char *part = mem_printf("%s.part", r->path), *xml = NULL;
    size_t len;
    if (text_read(r->xml, strlen(r->xml), false, &new, e) || image_open(r->path, &old, &from, e) ||
        check_same(old, new, e) || text_write(new, true, &xml, &len, e))
        return -1;
    to = image_create(part, xml, len, e);
    if (to >= 0 && !copy_rest(from, to, e) && rename(part, r->path))
        fail_errno(e, "cannot rename '%s'", part);
    if (!e->code)
        return 0;
    (void)unlink(part);
    return -1;
}

static void work_write(void *arg)
{
    struct reading *r = arg;
    (void)write_xml(r, &r->err);
}

static void reading_done(void *arg)
{
    struct reading *r = arg;
    struct host *h = r->host;
    if (!h->is_closing)
        r->done(r->arg, r->xml, &r->err);
    free(r->path);
    free(r->xml);
    free(r);
    h->n_holds--;
    host_free_closed(h);
}

static int begin(struct host *h, const char *path, const char *xml, loop_fn *work, image_done *done,
                 void *arg)
{
    struct reading *r = NEW(struct reading);
    *r = (struct reading){
        .host = h, .path = mem_str(path), .xml = mem_str(xml), .done = done, .arg = arg};
    h->n_holds++;
    loop_work(h->loop, work, reading_done, r);
    return 0;
}

int host_image_xml(struct host *h, const char *path, image_done *done, void *arg, struct err *e)
{
    return begin(h, path, NULL, work_read, done, arg);
}

int host_image_define(struct host *h, const char *path, const char *xml, image_done *done,
                      void *arg, struct err *e)
{
    return begin(h, path, xml, work_write, done, arg);
}
