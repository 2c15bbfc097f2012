/* hv/sim: the simulated host does what the hypervisor interface promises, and what scripts order.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "hv/hv.h"
#include "hv/sim/pack.h"
#include "loop/loop.h"
#include "test.h"

#define OPS (&hv_sim_ops)

struct rig {
    struct loop *l;
    struct hv *h;
    struct str events; /* "appeared 1;stopped 1 0;..." */
    char dir[32];
};

static void on_appeared(void *arg, uint32_t id)
{
    str_addf(&((struct rig *)arg)->events, "appeared %u;", id);
}

static void on_stopped(void *arg, uint32_t id, enum hv_reason reason)
{
    str_addf(&((struct rig *)arg)->events, "stopped %u %d;", id, reason);
}

static void on_gone(void *arg, uint32_t id)
{
    str_addf(&((struct rig *)arg)->events, "gone %u;", id);
}

static void on_changed(void *arg, uint32_t id)
{
}

static const struct hv_events sink = {on_appeared, on_stopped, on_gone, on_changed, NULL};

static void open_host(struct rig *r, const char *options)
{
    struct err e = {0};
    if (OPS->open(r->l, &sink, r, options, &r->h, &e))
        fail_msg("%s", e.msg);
}

static int setup(void **state)
{
    struct rig *r = NEW(struct rig);
    snprintf(r->dir, sizeof(r->dir), "/tmp/xvsim.XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    r->l = loop_new(NULL);
    open_host(r, "mem=4G,dom0=1G,cpus=4,boot=1,ack=2,down=5,timeout=30");
    *state = r;
    return 0;
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *f)
{
    return remove(path);
}

static int teardown(void **state)
{
    struct rig *r = *state;
    OPS->close(r->h);
    loop_free(r->l);
    nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    str_clear(&r->events);
    free(r);
    return 0;
}

static void spin(struct rig *r, unsigned ms)
{
    loop_run_until(r->l, &(bool){false}, ms);
}

/* Runs the loop until the events read so. */
static void expect_events(struct rig *r, const char *want)
{
    for (int i = 0; i < 400 && !strstr(str_get(&r->events), want); i++)
        spin(r, 5);
    if (!strstr(str_get(&r->events), want))
        fail_msg("events: '%s', wanted '%s'", str_get(&r->events), want);
}

static struct domain *model(const char *name, const char *cmdline)
{
    struct domain *d = domain_new();
    d->type = GUEST_PV;
    d->name = mem_str(name);
    uuid_random(d->uuid);
    d->memory_kib = d->memory_max_kib = NUM(1 << 20);
    d->vcpus = d->vcpus_max = NUM(2);
    d->os.cmdline = mem_str(cmdline);
    DOMAIN_ADD(d, consoles)->type = CHR_PTY;
    struct disk *k = DOMAIN_ADD(d, disks);
    k->type = DISK_FILE;
    k->source = mem_str("/tmp/disk.img");
    k->target = mem_str("xvda");
    DOMAIN_ADD(d, nics)->bridge = mem_str("xenbr0");
    return d;
}

static int build(struct rig *r, const struct domain *d, int restore_fd, uint32_t *ret,
                 struct err *e)
{
    struct hv_create c = {d, restore_fd, "<x/>", 4};
    struct hv_progress p = {0};
    return OPS->create(r->h, &c, &p, ret, e);
}

static uint32_t start(struct rig *r, const char *name, const char *cmdline)
{
    CLEANUP_DOMAIN struct domain *d = model(name, cmdline);
    struct err e = {0};
    uint32_t id = 0;
    if (build(r, d, -1, &id, &e) || OPS->watch(r->h, id, &e) || OPS->unpause(r->h, id, &e))
        fail_msg("%s", e.msg);
    return id;
}

static void script(struct rig *r, const char *text)
{
    CLEANUP_FREE char *path = mem_printf("%s/script", r->dir);
    struct err e = {0};
    assert_int_equal(file_write_atomic(r->dir, "script", text, strlen(text), 0600, &e), 0);
    CLEANUP_FREE char *options = mem_printf("boot=1,ack=2,down=5,timeout=30,script=%s", path);
    OPS->close(r->h);
    open_host(r, options);
}

struct waiting {
    struct hv_wait w;
    struct err e;
    bool is_done;
};

static void on_done(struct hv_wait *w, const struct err *e)
{
    struct waiting *x = (struct waiting *)w;
    x->e = *e;
    x->is_done = true;
}

static void a_guest_is_built_paused_runs_and_says_so_on_its_console(void **state)
{
    struct rig *r = *state;
    CLEANUP_DOMAIN struct domain *d = model("web", "");
    uint32_t id;
    struct hv_info i;
    assert_int_equal(build(r, d, -1, &id, NULL), 0);
    assert_int_equal(OPS->info(r->h, id, &i, NULL), 0);
    assert_int_equal(i.run, HV_PAUSED);
    assert_int_equal(i.vcpus_online, 2);
    assert_true(uuid_eq(i.uuid, d->uuid));
    OPS->unpause(r->h, id, NULL);
    char path[HV_CONSOLE_PATH_MAX];
    assert_int_equal(OPS->console(r->h, id, HV_CONSOLE_PV, 0, path, NULL), 0);
    CLEANUP_CLOSE int fd = open(path, O_RDWR | O_NOCTTY);
    spin(r, 30);
    char text[256] = {0};
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    assert_true(str_starts(text, "XVIRT-GUEST-UP name=web net=eth0:"));
    assert_int_equal(write(fd, "hello\n", 6), 6);
    spin(r, 20);
    memset(text, 0, sizeof(text));
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    assert_true(str_starts(text, "XVIRT-GUEST-ECHO hello"));
}

static void guests_end_as_their_command_line_says(void **state)
{
    struct rig *r = *state;
    static const struct {
        const char *word;
        enum hv_reason reason;
    } ends[] = {{"quiet xv.poweroff=0.01", HV_POWEROFF},
                {"xv.reboot=0.01", HV_REBOOT},
                {"a xv.crash=0.01 b", HV_CRASH}};
    for (size_t i = 0; i < 3; i++) {
        CLEANUP_FREE char *name = mem_printf("g%zu", i);
        uint32_t id = start(r, name, ends[i].word);
        CLEANUP_FREE char *want = mem_printf("stopped %u %d;", id, ends[i].reason);
        expect_events(r, want);
    }
}

static void memory_is_accounted(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    uint64_t before, after;
    OPS->free_memory(r->h, &before, NULL);
    assert_int_equal(before, 3 << 20);
    uint32_t id = start(r, "a", "");
    start(r, "b", "");
    start(r, "c", "");
    CLEANUP_DOMAIN struct domain *d = model("d", "");
    assert_int_equal(build(r, d, -1, &id, &e), -1);
    assert_non_null(strstr(e.msg, "not enough free memory"));
    OPS->free_memory(r->h, &after, NULL);
    assert_int_equal(after, 0);
}

static void a_name_is_taken_once_and_missing_files_and_bridges_fail(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    uint32_t id;
    start(r, "web", "");
    CLEANUP_DOMAIN struct domain *d = model("web", "");
    assert_int_equal(build(r, d, -1, &id, &e), -1);
    assert_non_null(strstr(e.msg, "exists already"));
    str_set(&d->name, "other");
    str_set(&d->disks[0].source, "/nonexistent/disk.img");
    assert_int_equal(build(r, d, -1, &id, &e), -1);
    assert_non_null(strstr(e.msg, "'/nonexistent/disk.img': No such file"));
    str_set(&d->disks[0].source, "/x");
    str_set(&d->nics[0].bridge, "nosuchbr");
    assert_int_equal(build(r, d, -1, &id, &e), -1);
    assert_non_null(strstr(e.msg, "nosuchbr"));
    struct hv_info *list;
    size_t n;
    assert_int_equal(OPS->list(r->h, &list, &n, NULL), 0);
    assert_int_equal(n, 2);
    free(list);
}

static void a_shutdown_request_is_taken_and_carried_out(void **state)
{
    struct rig *r = *state;
    uint32_t id = start(r, "web", "");
    struct waiting w = {{on_done}};
    assert_int_equal(OPS->shutdown(r->h, id, true, false, &w.w, NULL), 0);
    assert_false(w.is_done);
    assert_true(loop_run_until(r->l, &w.is_done, 2000));
    assert_int_equal(w.e.code, 0);
    CLEANUP_FREE char *want = mem_printf("stopped %u 1;", id);
    expect_events(r, want);
}

static void a_stubborn_guest_lets_requests_time_out(void **state)
{
    struct rig *r = *state;
    uint32_t id = start(r, "web", "xv.stubborn");
    spin(r, 10);
    struct waiting w = {{on_done}};
    assert_int_equal(OPS->shutdown(r->h, id, false, false, &w.w, NULL), 0);
    assert_true(loop_run_until(r->l, &w.is_done, 2000));
    assert_int_equal(w.e.code, ERR_OPERATION_TIMEOUT);
    struct hv_info i;
    OPS->info(r->h, id, &i, NULL);
    assert_int_equal(i.run, HV_BLOCKED);
}

static void destroying_removes_and_tells(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    uint32_t id = start(r, "web", "");
    struct waiting w = {{on_done}};
    assert_int_equal(OPS->destroy(r->h, id, &w.w, NULL), 0);
    struct hv_info i;
    OPS->info(r->h, id, &i, NULL);
    assert_int_equal(i.run, HV_PAUSED);
    assert_true(loop_run_until(r->l, &w.is_done, 2000));
    expect_events(r, "gone 1;");
    assert_int_equal(OPS->info(r->h, id, &i, &e), -1);
    assert_int_equal(e.code, ERR_NO_DOMAIN);
    assert_int_equal(OPS->destroy(r->h, 0, &w.w, &e), -1);
}

static void a_saved_guest_is_restored_from_its_stream(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    uint32_t id = start(r, "web", "");
    CLEANUP_FREE char *path = mem_printf("%s/image", r->dir);
    CLEANUP_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct hv_progress p = {0};
    if (OPS->save(r->h, id, fd, false, &p, &e))
        fail_msg("%s", e.msg);
    assert_true(p.total && p.done == p.total);
    expect_events(r, "stopped 1 2;");
    assert_int_equal(OPS->resume(r->h, id, NULL), 0);
    CLEANUP_DOMAIN struct domain *d = model("again", "");
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(build(r, d, fd, &id, &e), 0);
    lseek(fd, 4, SEEK_SET);
    str_set(&d->name, "bad");
    assert_int_equal(build(r, d, fd, &id, &e), -1);
    assert_non_null(strstr(e.msg, "no saved guest"));
}

static void an_aborted_save_leaves_the_guest_running(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    uint32_t id = start(r, "web", "");
    CLEANUP_CLOSE int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct hv_progress p = {.abort_wanted = true};
    assert_int_equal(OPS->save(r->h, id, fd, false, &p, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_ABORTED);
    struct hv_info i;
    OPS->info(r->h, id, &i, NULL);
    assert_int_equal(i.run, HV_BLOCKED);
}

static void userdata_is_kept_by_the_domain(void **state)
{
    struct rig *r = *state;
    uint32_t id = start(r, "web", "");
    CLEANUP_FREE char *text = NULL, *none = NULL, *other = NULL;
    size_t n;
    OPS->userdata(r->h, id, HV_USERDATA_XML, &text, &n, NULL);
    assert_string_equal(text, "<x/>");
    OPS->userdata(r->h, id, "else", &none, &n, NULL);
    assert_null(none);
    OPS->set_userdata(r->h, id, HV_USERDATA_XML, "<yy/>", 5, NULL);
    OPS->userdata(r->h, id, HV_USERDATA_XML, &other, &n, NULL);
    assert_string_equal(other, "<yy/>");
}

static void live_facts_and_statistics_are_told(void **state)
{
    struct rig *r = *state;
    uint32_t id = start(r, "web", "");
    CLEANUP_DOMAIN struct domain *d = model("web", "");
    struct graphics *g = DOMAIN_ADD(d, graphics);
    g->type = GFX_VNC;
    spin(r, 50);
    assert_int_equal(OPS->live(r->h, id, d, NULL), 0);
    assert_int_equal(d->id.v, id);
    assert_string_equal(d->nics[0].ifname, "vif1.0");
    assert_true(str_starts(d->consoles[0].path, "/dev/pts/"));
    assert_int_equal(d->graphics[0].port.v, 5900);
    struct hv_block_stats b;
    struct hv_net_stats n;
    assert_int_equal(OPS->block_stats(r->h, id, "xvda", &b, NULL), 0);
    assert_true(b.rd_bytes > 0);
    assert_int_equal(OPS->block_stats(r->h, id, "xvdz", &b, NULL), -1);
    assert_int_equal(OPS->net_stats(r->h, id, 0, &n, NULL), 0);
    assert_true(n.rx_bytes > 0);
}

static void devices_come_and_go(void **state)
{
    struct rig *r = *state;
    uint32_t id = start(r, "web", "");
    struct disk k = {.type = DISK_FILE, .target = (char *)"xvdb", .source = (char *)"/b"};
    struct hv_device dev = {HV_DISK, &k};
    struct waiting w = {{on_done}}, again = {{on_done}}, off = {{on_done}};
    CLEANUP_DOMAIN struct domain *with = NULL, *without = NULL;
    OPS->attach(r->h, id, &dev, &w.w, NULL);
    assert_true(loop_run_until(r->l, &w.is_done, 2000));
    OPS->config(r->h, id, &with, NULL);
    assert_int_equal(with->n_disks, 2);
    OPS->attach(r->h, id, &dev, &again.w, NULL);
    assert_true(loop_run_until(r->l, &again.is_done, 2000));
    assert_int_equal(again.e.code, ERR_OPERATION_FAILED);
    OPS->detach(r->h, id, &dev, &off.w, NULL);
    assert_true(loop_run_until(r->l, &off.is_done, 2000));
    OPS->config(r->h, id, &without, NULL);
    assert_int_equal(without->n_disks, 1);
}

static void scripts_order_failures_and_foreign_guests(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    script(r, "fail create 1 \"libxl: no such luck\" 1\n"
              "create name=foreign cmdline=\"a b\" memory=2048 # xl did it\n");
    CLEANUP_DOMAIN struct domain *d = model("web", ""), *f = NULL;
    uint32_t id;
    assert_int_equal(build(r, d, -1, &id, &e), -1);
    assert_int_equal(e.code, 1);
    assert_string_equal(e.msg, "libxl: no such luck");
    assert_int_equal(build(r, d, -1, &id, &e), 0);
    assert_int_equal(OPS->config(r->h, 1, &f, NULL), 0);
    assert_string_equal(f->name, "foreign");
    assert_string_equal(f->os.cmdline, "a b");
    expect_events(r, "appeared 1;");
}

static void bad_options_and_scripts_are_named(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct hv *h = NULL;
    assert_int_equal(OPS->open(r->l, &sink, r, "mem=lots", &h, &e), -1);
    assert_non_null(strstr(e.msg, "mem"));
    assert_int_equal(OPS->open(r->l, &sink, r, "colour=red", &h, &e), -1);
    assert_non_null(strstr(e.msg, "colour"));
    file_write_atomic(r->dir, "s", "list\ndance\n", 11, 0600, NULL);
    CLEANUP_FREE char *options = mem_printf("script=%s/s", r->dir);
    assert_int_equal(OPS->open(r->l, &sink, r, options, &h, &e), -1);
    assert_non_null(strstr(e.msg, "line 2"));
    assert_null(h);
}

static void guests_outlive_a_closed_host_when_it_persists(void **state)
{
    struct rig *r = *state;
    CLEANUP_FREE char *options = mem_printf("boot=1,persist=%s/state", r->dir);
    OPS->close(r->h);
    open_host(r, options);
    uint32_t web = start(r, "web", ""), idle = start(r, "idle", ""),
             gone = start(r, "gone", "xv.poweroff=0.05");
    OPS->pause(r->h, idle, NULL);
    OPS->close(r->h);
    usleep(60000);
    open_host(r, options);
    struct hv_info i;
    CLEANUP_FREE char *name = NULL, *text = NULL;
    size_t n;
    assert_int_equal(OPS->info(r->h, web, &i, NULL), 0);
    assert_int_equal(i.run, HV_BLOCKED);
    assert_true(i.cpu_ns > 0);
    OPS->domain_name(r->h, web, &name, NULL);
    assert_string_equal(name, "web");
    OPS->userdata(r->h, web, HV_USERDATA_XML, &text, &n, NULL);
    assert_string_equal(text, "<x/>");
    OPS->info(r->h, idle, &i, NULL);
    assert_int_equal(i.run, HV_PAUSED);
    for (int n_tries = 0; n_tries < 400 && i.run != HV_SHUTDOWN; n_tries++) {
        spin(r, 5);
        assert_int_equal(OPS->info(r->h, gone, &i, NULL), 0);
    }
    assert_int_equal(i.run, HV_SHUTDOWN);
    assert_int_equal(i.reason, HV_POWEROFF);
    char path[HV_CONSOLE_PATH_MAX];
    assert_int_equal(OPS->console(r->h, web, HV_CONSOLE_PV, 0, path, NULL), 0);
}

static void records_survive_packing(void **state)
{
    CLEANUP_DOMAIN struct domain *d = model("a\nb 3:", "x"), *back = domain_new();
    CLEANUP_STR struct str text = {0}, where = {0};
    struct err e = {0};
    d->features.acpi = TRI_NO;
    d->nics[0].mac = (struct mac){{1, 2, 3, 4, 5, 255}, true};
    VEC_PUSH(d->os.boot, d->os.n_boot, BOOT_CDROM);
    VEC_PUSH(d->irqs, d->n_irqs, 7);
    VEC_PUSH(d->dm_args, d->n_dm_args, mem_str("-x"));
    d->clock.adjustment_s = NUM(-5);
    pack(&domain_rec, d, &text);
    if (unpack(&domain_rec, text.p, text.len, back, &e))
        fail_msg("%s", e.msg);
    if (!domain_equal(d, back, &where))
        fail_msg("%s differs", where.p);
    for (size_t i = 0; i < text.len; i++) { /* cut anywhere it must not crash */
        CLEANUP_DOMAIN struct domain *cut = domain_new();
        (void)unpack(&domain_rec, text.p, i, cut, &e);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_guest_is_built_paused_runs_and_says_so_on_its_console),
        T(guests_end_as_their_command_line_says),
        T(memory_is_accounted),
        T(a_name_is_taken_once_and_missing_files_and_bridges_fail),
        T(a_shutdown_request_is_taken_and_carried_out),
        T(a_stubborn_guest_lets_requests_time_out),
        T(destroying_removes_and_tells),
        T(a_saved_guest_is_restored_from_its_stream),
        T(an_aborted_save_leaves_the_guest_running),
        T(userdata_is_kept_by_the_domain),
        T(live_facts_and_statistics_are_told),
        T(devices_come_and_go),
        T(scripts_order_failures_and_foreign_guests),
        T(bad_options_and_scripts_are_named),
        T(guests_outlive_a_closed_host_when_it_persists),
        cmocka_unit_test(records_survive_packing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
