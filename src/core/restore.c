/* Saved guests as files: restored, and their XML read and replaced. The file is opened in a worker,
 * for its XML tells whose it is. */
#include <unistd.h>

#include "priv.h"
#include "tune.h"

struct opening {
    struct host *host;
    char *path;
    struct image image;
    struct domain *changed;
    enum image_start start;
    bool skips_cache;
    guest_done *done;
    void *arg;
    struct err err;
};

static void work_open(void *arg)
{
    struct opening *o = arg;
    (void)image_open(o->path, &o->image, &o->err);
}

static int check_changed(const struct opening *o, struct err *e)
{
    return o->changed ? abi_check(o->image.config, o->changed, e) : 0;
}

static int restore(struct opening *o, struct err *e)
{
    struct guest *g = NULL;
    struct domain **config = o->changed ? &o->changed : &o->image.config;
    if (check_changed(o, e) || host_match(o->host, *config, &g, e) || guest_check_inactive(g, e))
        return -1;
    if (!g)
        g = guest_new(o->host, (*config)->name, (*config)->uuid);
    struct build b = {.config = take(*config),
                      .fd = o->image.fd,
                      .path = o->path,
                      .start = o->start ? o->start : o->image.start,
                      .skips_cache = o->skips_cache};
    o->image.fd = -1;
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
    image_close(&o->image);
    domain_free(o->changed);
    free(o->path);
    free(o);
    h->n_holds--;
    host_free_closed(h);
}

int host_restore(struct host *h, const char *path, const struct domain *changed, unsigned how,
                 guest_done *done, void *arg, struct err *e)
{
    enum image_start start;
    if (save_start(NULL, how, &start, e))
        return -1;
    struct opening *o = NEW(struct opening);
    *o = (struct opening){.host = h,
                          .path = mem_str(path),
                          .image = {.fd = -1},
                          .changed = changed ? domain_copy(changed) : NULL,
                          .start = start,
                          .skips_cache = how & GUEST_SAVE_BYPASS_CACHE,
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
    enum image_start start;
    image_done *done;
    void *arg;
    struct err err;
};

static void work_read(void *arg)
{
    struct reading *r = arg;
    struct image i = {.fd = -1};
    size_t len;
    if (!image_open(r->path, &i, &r->err))
        (void)text_write(i.config, false, &r->xml, &len, &r->err);
    image_close(&i);
}

static int check_same(const struct image *old, const struct domain *new, struct err *e)
{
    if (old->is_foreign)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "the configuration in a file of xl's cannot be replaced: restore it with "
                    "changed XML");
    if (!uuid_eq(old->config->uuid, new->uuid) || !str_eq(old->config->name, new->name))
        return fail(e, ERR_INVALID_ARG, "the XML is of another domain than the image");
    return abi_check(old->config, new, e);
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

static int write_beside(struct reading *r, const struct image *old, const struct domain *new,
                        struct err *e)
{
    CLEANUP_FREE char *part = mem_printf("%s.part", r->path), *xml = NULL;
    struct image_head head = {.start = r->start ? r->start : old->start};
    if (text_write(new, true, &xml, &head.xml_len, e))
        return -1;
    head.xml = xml;
    CLEANUP_CLOSE int to = image_create(part, &head, e);
    if (to >= 0 && !copy_rest(old->fd, to, e) && rename(part, r->path))
        fail_errno(e, "cannot rename '%s'", part);
    if (!e->code)
        return 0;
    (void)unlink(part);
    return -1;
}

static void write_xml(struct reading *r, struct err *e)
{
    CLEANUP_DOMAIN struct domain *new = NULL;
    struct image old = {.fd = -1};
    if (!text_read(r->xml, strlen(r->xml), false, &new, e) && !image_open(r->path, &old, e) &&
        !check_same(&old, new, e))
        (void)write_beside(r, &old, new, e);
    image_close(&old);
}

static void work_write(void *arg)
{
    struct reading *r = arg;
    write_xml(r, &r->err);
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

static void begin(struct host *h, const char *path, const char *xml, enum image_start start,
                  loop_fn *work, image_done *done, void *arg)
{
    struct reading *r = NEW(struct reading);
    *r = (struct reading){.host = h,
                          .path = mem_str(path),
                          .xml = mem_str(xml),
                          .start = start,
                          .done = done,
                          .arg = arg};
    h->n_holds++;
    loop_work(h->loop, work, reading_done, r);
}

int host_image_xml(struct host *h, const char *path, image_done *done, void *arg, struct err *e)
{
    begin(h, path, NULL, IMAGE_UNSAID, work_read, done, arg);
    return 0;
}

int host_image_define(struct host *h, const char *path, const char *xml, unsigned how,
                      image_done *done, void *arg, struct err *e)
{
    enum image_start start;
    if (save_start(NULL, how, &start, e))
        return -1;
    begin(h, path, xml, start, work_write, done, arg);
    return 0;
}
