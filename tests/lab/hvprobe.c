/* Drives the libxl driver without a daemon, one word a command, in dom0:
 *   hvprobe [-d MODULE_DIR] COMMAND...
 *   host  list  create=FILE.xml  unpause=NAME  pause=NAME  config=NAME  live=NAME  info=NAME
 *   shutdown=NAME  ask=NAME (a shutdown that is not waited for)  destroy=NAME  save=NAME:FILE
 * restore=FILE.xml:FILE  resume=NAME  stats=NAME console=NAME  wait=NAME:SECONDS (until it is gone)
 * sleep=SECONDS  memory=NAME:KIB attach=NAME:FILE.xml  detach=NAME:FILE.xml (the first disk, else
 * the first interface of FILE) Prints what it does and every event, with the seconds since the
 * start. Exit 1 at the first failure, unless the command begins with '!': then it must fail. */
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "conf/conf.h"
#include "hv/hv.h"
#include "loop/loop.h"

struct probe {
    const struct hv_ops *ops;
    struct hv *hv;
    struct loop *loop;
    double start;
};

static double now_s(void)
{
    struct timeval t;
    gettimeofday(&t, NULL);
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

__attribute__((format(printf, 2, 3))) static void say(struct probe *p, const char *fmt, ...)
{
    va_list al;
    printf("%7.2f ", now_s() - p->start);
    va_start(al, fmt);
    vprintf(fmt, al);
    va_end(al);
    printf("\n");
    fflush(stdout);
}

static void on_appeared(void *arg, uint32_t domid)
{
    struct probe *p = arg;
    struct err e = {0};
    say(p, "event appeared %u", domid);
    if (p->ops->watch(p->hv, domid, &e))
        say(p, "watch: %s", e.msg);
}

static void on_stopped(void *arg, uint32_t domid, enum hv_reason reason)
{
    say(arg, "event stopped %u reason %d", domid, (int)reason);
}

static void on_gone(void *arg, uint32_t domid)
{
    say(arg, "event gone %u", domid);
}

static void on_changed(void *arg, uint32_t domid)
{
    say(arg, "event changed %u", domid);
}

static void on_log(void *arg, int level, const char *text)
{
    if (level >= LOG_WARN)
        log_msg(level, "%s", text);
}

/* ---- finding guests ---- */

static int find(struct probe *p, const char *name, uint32_t *ret, struct err *e)
{
    CLEANUP_FREE struct hv_info *list = NULL;
    size_t n;
    if (p->ops->list(p->hv, &list, &n, e))
        return -1;
    for (size_t i = 0; i < n; i++) {
        CLEANUP_FREE char *own = NULL;
        if (!p->ops->domain_name(p->hv, list[i].domid, &own, NULL) && str_eq(own, name)) {
            *ret = list[i].domid;
            return 0;
        }
    }
    return fail(e, ERR_NO_DOMAIN, "no guest '%s'", name);
}

static int read_domain(const char *file, struct domain **ret, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (file_read(file, 1 << 20, &text, &len, e))
        return -1;
    return conf_read(CONF_XML, text, len, NULL, ret, e);
}

static int print_xml(const struct domain *d, struct err *e)
{
    CLEANUP_STR struct str out = {0};
    if (conf_write(CONF_XML, d, NULL, &out, e))
        return -1;
    printf("%s", str_get(&out));
    return 0;
}

/* ---- slow operations ---- */

struct job {
    struct probe *p;
    struct hv_wait wait; /* waiting operations */
    int (*work)(struct job *j);
    uint32_t domid;
    const struct domain *config;
    struct domain *ret_config;
    int fd;
    struct hv_progress progress;
    bool done;
    struct err e;
};

static void work_job(void *arg)
{
    struct job *j = arg;
    if (j->work(j) && !j->e.code)
        j->e.code = ERR_INTERNAL;
}

static void after_job(void *arg)
{
    ((struct job *)arg)->done = true;
}

static void on_wait_done(struct hv_wait *w, const struct err *e)
{
    struct job *j = (struct job *)((char *)w - offsetof(struct job, wait));
    j->e = *e;
    j->done = true;
}

static int finish(struct job *j, struct err *e)
{
    if (!loop_run_until(j->p->loop, &j->done, 180000))
        return fail(e, ERR_OPERATION_TIMEOUT, "no end within 180 s");
    if (j->e.code)
        *e = j->e;
    return j->e.code ? -1 : 0;
}

static int run(struct probe *p, struct job *j, int (*work)(struct job *j), struct err *e)
{
    j->p = p;
    j->work = work;
    loop_work(p->loop, work_job, after_job, j);
    return finish(j, e);
}

static int work_create(struct job *j)
{
    struct hv_create c = {
        .config = j->config, .restore_fd = j->fd, .userdata = "probe", .userdata_len = 5};
    return j->p->ops->create(j->p->hv, &c, &j->progress, &j->domid, &j->e);
}

static int work_config(struct job *j)
{
    return j->p->ops->config(j->p->hv, j->domid, &j->ret_config, &j->e);
}

static int work_save(struct job *j)
{
    return j->p->ops->save(j->p->hv, j->domid, j->fd, false, &j->progress, &j->e);
}

static int work_resume(struct job *j)
{
    return j->p->ops->resume(j->p->hv, j->domid, &j->e);
}

/* ---- commands ---- */

static int do_host(struct probe *p, const char *arg, struct err *e)
{
    struct hv_host h;
    if (p->ops->host(p->hv, &h, e))
        return -1;
    say(p,
        "xen %u.%u.%u %s, %u cpus of %u MHz, %llu MiB, %llu free, pv %d hvm %d hap %d, %s, %zu "
        "nodes",
        h.xen_major, h.xen_minor, h.xen_release, h.arch, h.cpus_online, h.mhz,
        (unsigned long long)h.mem_kib / 1024, (unsigned long long)h.free_kib / 1024, h.has_pv,
        h.has_hvm, h.has_hap, h.scheduler, h.n_nodes);
    say(p, "caps %s; cpu %s", h.capabilities, h.cpu_model);
    hv_host_clear(&h);
    return 0;
}

static void print_info(struct probe *p, const struct hv_info *i, const char *name)
{
    char uuid[UUID_TEXT];
    say(p, "%u %s %s run %d reason %d type %s mem %llu of %llu cpu %llu vcpus %u/%u", i->domid,
        name ? name : "-", uuid_format(i->uuid, uuid), (int)i->run, (int)i->reason,
        words_name(&guest_type_words, (int)i->type), (unsigned long long)i->mem_kib,
        (unsigned long long)i->mem_max_kib, (unsigned long long)i->cpu_ns, i->vcpus_online,
        i->vcpus_max);
}

static int do_list(struct probe *p, const char *arg, struct err *e)
{
    CLEANUP_FREE struct hv_info *list = NULL;
    size_t n;
    if (p->ops->list(p->hv, &list, &n, e))
        return -1;
    for (size_t i = 0; i < n; i++) {
        CLEANUP_FREE char *name = NULL;
        if (p->ops->domain_name(p->hv, list[i].domid, &name, NULL))
            name = NULL;
        print_info(p, &list[i], name);
    }
    return 0;
}

static int create_from(struct probe *p, const char *xml, int fd, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct job j = {.fd = fd};
    if (read_domain(xml, &d, e))
        return -1;
    j.config = d;
    if (run(p, &j, work_create, e))
        return -1;
    say(p, "created %u", j.domid);
    return p->ops->watch(p->hv, j.domid, e);
}

static int do_create(struct probe *p, const char *arg, struct err *e)
{
    return create_from(p, arg, -1, e);
}

static int do_restore(struct probe *p, const char *arg, struct err *e)
{
    const char *colon = strchr(arg, ':');
    CLEANUP_FREE char *xml = mem_strn(arg, (size_t)(colon - arg));
    CLEANUP_CLOSE int fd = open(colon + 1, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", colon + 1);
    return create_from(p, xml, fd, e);
}

static int do_info(struct probe *p, const char *arg, struct err *e)
{
    uint32_t domid;
    struct hv_info i;
    if (find(p, arg, &domid, e) || p->ops->info(p->hv, domid, &i, e))
        return -1;
    print_info(p, &i, arg);
    CLEANUP_FREE char *data = NULL;
    size_t len, n;
    struct hv_vcpu *v;
    if (p->ops->userdata(p->hv, domid, HV_USERDATA_XML, &data, &len, e) ||
        p->ops->vcpus(p->hv, domid, &v, &n, e))
        return -1;
    say(p, "userdata '%s' vcpus %zu first cpu %d", data ? data : "-", n, n ? (int)v[0].cpu : -1);
    hv_vcpus_free(v, n);
    return 0;
}

static int do_pause(struct probe *p, const char *arg, struct err *e)
{
    uint32_t domid;
    return find(p, arg, &domid, e) || p->ops->pause(p->hv, domid, e) ? -1 : 0;
}

static int do_unpause(struct probe *p, const char *arg, struct err *e)
{
    uint32_t domid;
    return find(p, arg, &domid, e) || p->ops->unpause(p->hv, domid, e) ? -1 : 0;
}

static int do_config(struct probe *p, const char *arg, struct err *e)
{
    struct job j = {0};
    if (find(p, arg, &j.domid, e) || run(p, &j, work_config, e))
        return -1;
    int r = p->ops->live(p->hv, j.domid, j.ret_config, e) || print_xml(j.ret_config, e) ? -1 : 0;
    domain_free(j.ret_config);
    return r;
}

static int do_shutdown(struct probe *p, const char *arg, struct err *e)
{
    struct job j = {.p = p, .wait = {on_wait_done}};
    if (find(p, arg, &j.domid, e))
        return -1;
    double start = now_s();
    int r = p->ops->shutdown(p->hv, j.domid, false, false, &j.wait, e);
    say(p, "the request took %.0f ms", (now_s() - start) * 1000);
    return r ? -1 : finish(&j, e);
}

static int do_destroy(struct probe *p, const char *arg, struct err *e)
{
    struct job j = {.p = p, .wait = {on_wait_done}};
    if (find(p, arg, &j.domid, e))
        return -1;
    double start = now_s();
    int r = p->ops->destroy(p->hv, j.domid, &j.wait, e);
    say(p, "the request took %.0f ms", (now_s() - start) * 1000);
    return r ? -1 : finish(&j, e);
}

/* Asked, and not waited for: the job outlives its command. */
static int do_ask(struct probe *p, const char *arg, struct err *e)
{
    struct job *j = NEW(struct job);
    *j = (struct job){.p = p, .wait = {on_wait_done}};
    double start = now_s();
    int r =
        find(p, arg, &j->domid, e) || p->ops->shutdown(p->hv, j->domid, false, false, &j->wait, e);
    say(p, "the request took %.0f ms", (now_s() - start) * 1000);
    return r ? -1 : 0;
}

static int do_save(struct probe *p, const char *arg, struct err *e)
{
    const char *colon = strchr(arg, ':');
    CLEANUP_FREE char *name = mem_strn(arg, (size_t)(colon - arg));
    CLEANUP_CLOSE int fd = open(colon + 1, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct job j = {.fd = fd};
    if (fd < 0)
        return fail_errno(e, "cannot write '%s'", colon + 1);
    int r = find(p, name, &j.domid, e) || run(p, &j, work_save, e) ? -1 : 0;
    say(p, "progress %llu of %llu", (unsigned long long)j.progress.done,
        (unsigned long long)j.progress.total);
    return r;
}

static int do_resume(struct probe *p, const char *arg, struct err *e)
{
    struct job j = {0};
    return find(p, arg, &j.domid, e) || run(p, &j, work_resume, e) ? -1 : 0;
}

static int do_stats(struct probe *p, const char *arg, struct err *e)
{
    uint32_t domid;
    struct job j = {0};
    if (find(p, arg, &domid, e))
        return -1;
    j.domid = domid;
    if (run(p, &j, work_config, e))
        return -1;
    for (size_t i = 0; i < j.ret_config->n_disks; i++) {
        struct hv_block_stats b;
        if (p->ops->block_stats(p->hv, domid, j.ret_config->disks[i].target, &b, e))
            return -1;
        say(p, "block %s: %lld reads %lld bytes, %lld writes %lld bytes",
            j.ret_config->disks[i].target, (long long)b.rd_req, (long long)b.rd_bytes,
            (long long)b.wr_req, (long long)b.wr_bytes);
    }
    for (size_t i = 0; i < j.ret_config->n_nics; i++) {
        struct hv_net_stats s;
        if (p->ops->net_stats(p->hv, domid, (uint32_t)i, &s, e))
            return -1;
        say(p, "net %zu: rx %lld tx %lld", i, (long long)s.rx_bytes, (long long)s.tx_bytes);
    }
    domain_free(j.ret_config);
    return 0;
}

static int do_console(struct probe *p, const char *arg, struct err *e)
{
    uint32_t domid;
    char path[HV_CONSOLE_PATH_MAX];
    if (find(p, arg, &domid, e))
        return -1;
    if (!p->ops->console(p->hv, domid, HV_CONSOLE_PV, 0, path, e))
        say(p, "console %s", path);
    else
        say(p, "console: %s", e->msg);
    if (!p->ops->console(p->hv, domid, HV_CONSOLE_SERIAL, 0, path, e))
        say(p, "serial %s", path);
    *e = (struct err){0};
    return 0;
}

static int do_sleep(struct probe *p, const char *arg, struct err *e)
{
    bool never = false;
    uint32_t s;
    if (!parse_u32(arg, 10, 3600, &s))
        return fail(e, ERR_INVALID_ARG, "sleep '%s'", arg);
    loop_run_until(p->loop, &never, s * 1000u);
    return 0;
}

static int do_wait(struct probe *p, const char *arg, struct err *e)
{
    const char *colon = strchr(arg, ':');
    CLEANUP_FREE char *name = mem_strn(arg, (size_t)(colon - arg));
    uint32_t s = 0, domid;
    parse_u32(colon + 1, 10, 3600, &s);
    for (uint32_t i = 0; i < s; i++) {
        if (find(p, name, &domid, e))
            return 0;
        do_sleep(p, "1", e);
    }
    return fail(e, ERR_OPERATION_TIMEOUT, "'%s' is still there", name);
}

static int do_memory(struct probe *p, const char *arg, struct err *e)
{
    const char *colon = strchr(arg, ':');
    CLEANUP_FREE char *name = mem_strn(arg, (size_t)(colon - arg));
    uint32_t domid, kib = 0;
    parse_u32(colon + 1, 10, UINT32_MAX, &kib);
    return find(p, name, &domid, e) || p->ops->set_memory(p->hv, domid, kib, e) ? -1 : 0;
}

static int device(struct probe *p, const char *arg, bool attach, struct err *e)
{
    const char *colon = strchr(arg, ':');
    CLEANUP_FREE char *name = mem_strn(arg, (size_t)(colon - arg));
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct job j = {.p = p, .wait = {on_wait_done}};
    if (find(p, name, &j.domid, e) || read_domain(colon + 1, &d, e))
        return -1;
    struct hv_device dev = {d->n_disks ? HV_DISK : HV_NIC,
                            d->n_disks ? (void *)d->disks : (void *)d->nics};
    int r = attach ? p->ops->attach(p->hv, j.domid, &dev, &j.wait, e)
                   : p->ops->detach(p->hv, j.domid, &dev, &j.wait, e);
    return r ? r : finish(&j, e);
}

static int do_attach(struct probe *p, const char *arg, struct err *e)
{
    return device(p, arg, true, e);
}

static int do_detach(struct probe *p, const char *arg, struct err *e)
{
    return device(p, arg, false, e);
}

static const struct {
    const char *word;
    int (*fn)(struct probe *p, const char *arg, struct err *e);
} commands[] = {
    {"host", do_host},     {"list", do_list},         {"create", do_create},
    {"info", do_info},     {"pause", do_pause},       {"unpause", do_unpause},
    {"config", do_config}, {"shutdown", do_shutdown}, {"destroy", do_destroy},
    {"save", do_save},     {"restore", do_restore},   {"resume", do_resume},
    {"stats", do_stats},   {"console", do_console},   {"sleep", do_sleep},
    {"wait", do_wait},     {"memory", do_memory},     {"attach", do_attach},
    {"detach", do_detach}, {"ask", do_ask},
};

static int command(struct probe *p, const char *text)
{
    bool must_fail = *text == '!';
    const char *word = text + must_fail, *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (strlen(commands[i].word) != n || memcmp(commands[i].word, word, n))
            continue;
        struct err e = {0};
        say(p, "> %s", text);
        int r = commands[i].fn(p, equals ? equals + 1 : "", &e);
        say(p, "< %s %s%s", word, r ? "FAILED: " : "ok", r ? e.msg : "");
        return must_fail ? !r : r;
    }
    say(p, "unknown command '%s'", text);
    return -1;
}

int main(int argc, char **argv)
{
    static const struct hv_events events = {.appeared = on_appeared,
                                            .stopped = on_stopped,
                                            .gone = on_gone,
                                            .changed = on_changed,
                                            .log = on_log};
    struct probe p = {.start = now_s()};
    struct err e = {0};
    const char *dir = NULL;
    int first = 1, bad = 0;
    if (argc > 2 && str_eq(argv[1], "-d")) {
        dir = argv[2];
        first = 3;
    }
    p.loop = loop_new(&e);
    p.ops = hv_load_libxl(dir, &e);
    if (!p.ops || p.ops->open(p.loop, &events, &p, NULL, &p.hv, &e)) {
        fprintf(stderr, "hvprobe: %s\n", e.msg);
        return 1;
    }
    for (int i = first; i < argc && !bad; i++)
        bad = command(&p, argv[i]);
    p.ops->close(p.hv);
    loop_free(p.loop);
    return bad ? 1 : 0;
}
