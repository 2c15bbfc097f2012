/* What runs in workers: create, restore, config, save, resume, dump. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "pack.h"
#include "sim_priv.h"

#define IMAGE_MAGIC "xvirt-sim-image 1\n"
enum { IMAGE_STATE_MAX = 16 << 20, IMAGE_CHUNK = 16 << 10, IMAGE_CHUNKS = 64, GUEST_PAUSE_MS = 2 };

/* Without files=check only what is called so is missing: guests of other machines can be tried. */
static int check_file(const struct hv *h, const char *what, const char *path, struct err *e)
{
    if (str_empty(path))
        return 0;
    bool is_missing = strstr(path, "nonexistent") || strstr(path, "nosuch");
    if (h->o.check_files && access(path, R_OK))
        is_missing = true;
    return is_missing ? fail(e, ERR_OPERATION_FAILED,
                             "simulated host: %s '%s': No such file or directory", what, path)
                      : 0;
}

static int check_nic(const struct nic *n, struct err *e)
{
    bool is_missing = n->bridge && (strstr(n->bridge, "nosuch") || strstr(n->bridge, "nonexist"));
    return is_missing ? fail(e, ERR_OPERATION_FAILED,
                             "simulated host: bridge '%s' does not exist: hotplug script failed",
                             n->bridge)
                      : 0;
}

static int check_disk(const struct hv *h, const struct disk *k, struct err *e)
{
    if (k->type == DISK_NETWORK || k->type == DISK_VOLUME)
        return 0;
    CLEANUP_FREE char *what = mem_printf("disk %s", k->target ? k->target : "?");
    return check_file(h, what, k->source, e);
}

static int sim_check_files(struct hv *h, const struct domain *d, struct err *e)
{
    int r = check_file(h, "kernel", d->os.kernel, e);
    if (!r)
        r = check_file(h, "initrd", d->os.initrd, e);
    for (size_t i = 0; !r && i < d->n_disks; i++)
        r = check_disk(h, &d->disks[i], e);
    for (size_t i = 0; !r && i < d->n_nics; i++)
        r = check_nic(&d->nics[i], e);
    return r;
}

int sim_check_device(struct hv *h, const struct hv_device *dev, struct err *e)
{
    if (dev->kind == HV_DISK)
        return check_disk(h, dev->device, e);
    return dev->kind == HV_NIC ? check_nic(dev->device, e) : 0;
}

static int read_all(int fd, char *to, size_t n, struct err *e)
{
    while (n) {
        ssize_t got = read(fd, to, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(e, "cannot read the saved guest");
        if (!got)
            return fail(e, ERR_OPERATION_FAILED, "the saved guest ends too early");
        to += got;
        n -= (size_t)got;
    }
    return 0;
}

/* Header, state, and the "memory". */
static int image_read(int fd, struct sim_state *s, struct hv_progress *p, struct err *e)
{
    char head[sizeof(IMAGE_MAGIC) + 16] = {0};
    uint64_t len;
    if (read_all(fd, head, sizeof(head) - 1, e))
        return -1;
    if (!str_starts(head, IMAGE_MAGIC) ||
        !parse_u64(head + strlen(IMAGE_MAGIC), 16, IMAGE_STATE_MAX, &len))
        return fail(e, ERR_OPERATION_FAILED, "this is no saved guest of a simulated host");
    CLEANUP_FREE char *text = mem_new(len + 1, 1);
    if (read_all(fd, text, len, e) || unpack(&sim_state_rec, text, len, s, e))
        return -1;
    char chunk[IMAGE_CHUNK];
    for (int i = 0; i < IMAGE_CHUNKS; i++) {
        if (read_all(fd, chunk, sizeof(chunk), e))
            return -1;
        __atomic_store_n(&p->done, (uint64_t)(i + 1) * IMAGE_CHUNK, __ATOMIC_RELEASE);
        if (__atomic_load_n(&p->abort_wanted, __ATOMIC_ACQUIRE))
            return fail(e, ERR_OPERATION_ABORTED, "restore was aborted");
    }
    return 0;
}

static int check_memory(struct hv *h, const struct domain *c, struct err *e)
{
    uint64_t need = (uint64_t)num_or(c->memory_kib, num_or(c->memory_max_kib, 0));
    if (need <= sim_free_kib(h))
        return 0;
    return fail(e, ERR_OPERATION_FAILED,
                "not enough free memory: %llu KiB are needed, %llu KiB are free",
                (unsigned long long)need, (unsigned long long)sim_free_kib(h));
}

int sim_needs(struct hv *h, const struct domain *d, struct err *e)
{
    lock_enter(h->lock);
    int r = check_memory(h, d, e);
    lock_leave(h->lock);
    return r ? r : sim_check_files(h, d, e);
}

static int begin(struct hv *h, const struct domain *c, uint32_t *ret_domid, struct err *e)
{
    if (str_empty(c->name))
        return fail(e, ERR_OPERATION_FAILED, "a guest needs a name");
    if (sim_find_name(h, c->name))
        return fail(e, ERR_OPERATION_FAILED, "a domain with name '%s' exists already", c->name);
    if (check_memory(h, c, e))
        return -1;
    for (size_t i = 0; i < c->n_hostdevs; i++)
        if (sim_take_pci(h, &c->hostdevs[i], e))
            return -1;
    *ret_domid = (uint32_t)sim_add(h, c)->s.domid.v;
    return 0;
}

static int64_t free_vnc(struct hv *h)
{
    for (int64_t port = 5900;; port++) {
        bool is_used = false;
        for (size_t i = 0; i < h->n_doms; i++)
            is_used |= h->doms[i]->s.vnc.set && h->doms[i]->s.vnc.v == port;
        if (!is_used)
            return port;
    }
}

static int finish(struct hv *h, uint32_t domid, const struct hv_create *c, struct sim_guest **guest,
                  const struct sim_state *saved, struct err *e)
{
    struct sim_dom *d = sim_find(h, domid);
    if (!d || d->s.run.v == HV_DYING)
        return fail(e, ERR_OPERATION_FAILED, "the domain was destroyed while it was being built");
    d->guest = take(*guest);
    str_set(&d->s.name, c->config->name);
    d->s.vnc = NUM(free_vnc(h));
    d->s.age_ms = saved->age_ms;
    d->s.is_building = false;
    sim_save_state(h, d);
    sim_tell(h, SIM_CHANGED, domid, 0);
    return 0;
}

static void put_userdata(struct hv *h, uint32_t domid, const struct hv_create *c)
{
    struct sim_dom *d = sim_find(h, domid);
    if (d && c->userdata)
        VEC_PUSH(
            d->s.userdata, d->s.n_userdata,
            ((struct sim_kv){mem_str(HV_USERDATA_XML), mem_strn(c->userdata, c->userdata_len)}));
    if (d)
        sim_save_state(h, d);
}

/* The domain exists from the start on and becomes whole at the end, as on Xen: a daemon that is
 * killed in between leaves half of one. */
static int build(struct hv *h, uint32_t domid, const struct hv_create *c, struct hv_progress *p,
                 struct err *e)
{
    struct sim_state saved = {0};
    int r = sim_work(h, c->restore_fd < 0 ? SIM_create : SIM_restore, p, e);
    if (!r)
        r = sim_check_files(h, c->config, e);
    if (!r && c->restore_fd >= 0)
        r = image_read(c->restore_fd, &saved, p, e);
    struct sim_guest *guest = r ? NULL : sim_guest_open(h, domid, e);
    lock_enter(h->lock);
    if (!guest)
        r = -1;
    else {
        put_userdata(h, domid, c);
        r = finish(h, domid, c, &guest, &saved, e);
    }
    struct sim_dom *d = sim_find(h, domid);
    if (r && d)
        sim_remove(h, d);
    lock_leave(h->lock);
    sim_guest_free(guest);
    rec_clear(&sim_state_rec, &saved);
    return r;
}

int sim_create(struct hv *h, const struct hv_create *c, struct hv_progress *p, uint32_t *ret_domid,
               struct err *e)
{
    uint32_t domid = HV_DOMID_NONE;
    lock_enter(h->lock);
    int r = begin(h, c->config, &domid, e);
    lock_leave(h->lock);
    if (r || (r = build(h, domid, c, p, e)))
        return r;
    *ret_domid = domid;
    return 0;
}

int sim_config(struct hv *h, uint32_t domid, struct domain **ret, struct err *e)
{
    if (sim_work(h, SIM_config, NULL, e))
        return -1;
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, domid);
    int r = 0;
    if (!d)
        r = sim_no_domain(e, domid);
    else if (d->s.is_building)
        r = fail(e, ERR_OPERATION_FAILED, "domain %u is being built", domid);
    else {
        *ret = domain_copy(d->s.config);
        str_set(&(*ret)->name, d->s.name);
        memcpy((*ret)->uuid, d->s.uuid, UUID_LEN);
    }
    lock_leave(h->lock);
    return r;
}

/* A guest that ignores requests does not suspend either. image NULL: it has been written. */
static int suspend(struct hv *h, uint32_t domid, struct str *image, struct err *e)
{
    struct sim_dom *d = sim_find(h, domid);
    if (!d)
        return sim_no_domain(e, domid);
    if (!sim_is_up(d))
        return fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid);
    if (d->s.is_stubborn)
        return fail(e, ERR_OPERATION_TIMEOUT, "guest did not respond to the suspend request");
    sim_set_run(h, d, HV_SHUTDOWN, HV_SUSPEND);
    if (image)
        pack(&sim_state_rec, &d->s, image);
    return 0;
}

/* It runs while it is being written. */
static int look(struct hv *h, uint32_t domid, struct str *image, struct err *e)
{
    struct sim_dom *d = sim_find(h, domid);
    if (!d)
        return sim_no_domain(e, domid);
    if (!sim_is_up(d))
        return fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid);
    pack(&sim_state_rec, &d->s, image);
    return 0;
}

static int image_write(struct hv *h, int fd, const struct str *state, struct hv_progress *p,
                       struct err *e)
{
    char head[sizeof(IMAGE_MAGIC) + 16], chunk[IMAGE_CHUNK] = {0};
    snprintf(head, sizeof(head), IMAGE_MAGIC "%016zx", state->len);
    if (file_write_all(fd, head, sizeof(head) - 1, e) ||
        file_write_all(fd, state->p, state->len, e))
        return -1;
    __atomic_store_n(&p->total, (uint64_t)IMAGE_CHUNKS * IMAGE_CHUNK, __ATOMIC_RELEASE);
    lock_enter(h->lock);
    unsigned each_ms = h->faults[SIM_save].delay_ms / IMAGE_CHUNKS;
    lock_leave(h->lock);
    for (int i = 0; i < IMAGE_CHUNKS; i++) {
        if (!sim_pause_ms(h, each_ms, p))
            return fail(e, ERR_OPERATION_ABORTED, "save was aborted");
        if (file_write_all(fd, chunk, sizeof(chunk), e))
            return -1;
        __atomic_store_n(&p->done, (uint64_t)(i + 1) * IMAGE_CHUNK, __ATOMIC_RELEASE);
    }
    return 0;
}

static void revive(struct hv *h, uint32_t domid, enum hv_run run)
{
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, domid);
    if (d && d->s.run.v == HV_SHUTDOWN && d->s.reason.v == HV_SUSPEND)
        sim_set_run(h, d, run, 0);
    lock_leave(h->lock);
}

int sim_save(struct hv *h, uint32_t domid, int fd, bool live, struct hv_progress *p, struct err *e)
{
    CLEANUP_STR struct str image = {0};
    if (sim_work(h, SIM_save, p, e))
        return -1;
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, domid);
    enum hv_run was = d ? (enum hv_run)d->s.run.v : HV_DYING;
    int r = live ? look(h, domid, &image, e) : suspend(h, domid, &image, e);
    lock_leave(h->lock);
    if (r)
        return r;
    r = image_write(h, fd, &image, p, e);
    if (r && !live)
        revive(h, domid, was);
    if (r || !live)
        return r;
    lock_enter(h->lock);
    r = suspend(h, domid, NULL, e);
    lock_leave(h->lock);
    return r;
}

int sim_soft_reset(struct hv *h, uint32_t domid, struct err *e)
{
    if (sim_work(h, SIM_soft_reset, NULL, e))
        return -1;
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, domid);
    bool can = d && d->guest && d->s.run.v == HV_SHUTDOWN && d->s.reason.v == HV_SOFT_RESET;
    if (can) {
        sim_set_run(h, d, HV_PAUSED, 0);
        sim_guest_reset(d);
    }
    lock_leave(h->lock);
    if (can)
        return 0;
    return d ? fail(e, ERR_OPERATION_INVALID, "domain %u does not ask for a soft reset", domid)
             : sim_no_domain(e, domid);
}

int sim_resume(struct hv *h, uint32_t domid, struct err *e)
{
    if (sim_work(h, SIM_resume, NULL, e))
        return -1;
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, domid);
    bool can = d && d->s.run.v == HV_SHUTDOWN && d->s.reason.v == HV_SUSPEND;
    lock_leave(h->lock);
    if (!can)
        return d ? fail(e, ERR_OPERATION_INVALID, "domain %u is not suspended", domid)
                 : sim_no_domain(e, domid);
    revive(h, domid, HV_BLOCKED);
    return 0;
}

int sim_dump(struct hv *h, uint32_t domid, const char *path, struct hv_progress *p, struct err *e)
{
    static const char elf[64] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0\76\0\1";
    if (sim_work(h, SIM_dump, p, e))
        return -1;
    lock_enter(h->lock);
    bool is_there = sim_find(h, domid);
    lock_leave(h->lock);
    if (!is_there)
        return sim_no_domain(e, domid);
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(e, "cannot create '%s'", path);
    return file_write_all(fd, elf, sizeof(elf), e);
}
