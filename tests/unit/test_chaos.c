/* core/: a daemon that is killed at any instant of a mixed work load, again and again, on one
 * simulated host: nothing is lost, nothing is invented, what was half done is finished or undone.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/core_rig.h"
#include "core/tune.h"

enum { GUESTS = 6, ROUNDS = 25, LIFE_MAX_MS = 60 };

static unsigned long long seed = 1;

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % n;
}

static void ignore(void *arg, struct guest *g, const struct err *e)
{
}

static struct guest *any(struct rig *r)
{
    CLEANUP_FREE char *name = mem_printf("g%u", pick(GUESTS));
    return host_find_name(r->h, name, NULL);
}

/* Whatever fails, fails: what counts is what is there afterwards. */
static void do_something(struct rig *r)
{
    struct guest *g = any(r);
    struct err e = {0};
    switch (pick(9)) {
    case 0:
    case 1:
    case 2:
        (void)guest_start(g, 0, ignore, NULL, &e);
        break;
    case 3:
        (void)guest_destroy(g, ignore, NULL, &e);
        break;
    case 4:
        (void)guest_shutdown(g, pick(2), false, ignore, NULL, &e);
        break;
    case 5:
        (void)guest_managed_save(g, 0, ignore, NULL, &e);
        break;
    case 6:
        (void)guest_suspend(g, &e);
        break;
    case 7:
        (void)guest_resume(g, &e);
        break;
    case 8:
        (void)guest_set_memory(g, 40000 + pick(20000), false, AFFECT_CONFIG, &e);
        break;
    }
}

/* Never returns: it is killed. */
static void live_dangerously(struct rig *r)
{
    r->l = loop_new(NULL);
    open_rig(r);
    order(r, "delay create 5");
    order(r, "delay save 10");
    for (;;) {
        do_something(r);
        spin(r, pick(4));
    }
}

static void one_life(struct rig *r)
{
    unsigned ms = 1 + pick(LIFE_MAX_MS);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid)
        live_dangerously(r);
    usleep(ms * 1000);
    kill(pid, SIGKILL);
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    for (unsigned i = 0; i < 40; i++)
        pick(2);
}

static size_t count_files(const char *dir)
{
    DIR *d = opendir(dir);
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static bool is_settled(struct rig *r)
{
    struct guest_job_info info;
    size_t n;
    struct guest **all = host_guests(r->h, &n);
    bool is_busy = false;
    for (size_t i = 0; i < n; i++)
        is_busy |= guest_job_info(all[i], &info);
    free(all);
    return !is_busy;
}

/* Each domain of Xen's is a guest's, each running guest has its domain, in the same state. */
static void check_same(struct rig *r)
{
    struct hv_info *list;
    size_t n, n_guests, n_active = 0;
    assert_int_equal(hv_sim_ops.list(host_hv(r->h), &list, &n, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        struct guest *g = host_find_uuid(r->h, list[i].uuid, NULL);
        if (!g || guest_domid(g) != (int32_t)list[i].domid)
            fail_msg("domain %u is nobody's; log %s", list[i].domid, logged);
        if (list[i].run == HV_PAUSED)
            assert_int_equal(guest_state(g, NULL), GUEST_PAUSED);
        else if (list[i].run == HV_BLOCKED)
            assert_int_equal(guest_state(g, NULL), GUEST_RUNNING);
    }
    free(list);
    struct guest **all = host_guests(r->h, &n_guests);
    for (size_t i = 0; i < n_guests; i++)
        n_active += guest_is_active(all[i]);
    free(all);
    assert_int_equal(n_active, n);
    if (n_guests != GUESTS + 1)
        fail_msg("%zu guests; log %s", n_guests, logged);
}

/* A guest is never both running and saved, and no piece of work is left lying about. */
static void check_disk(struct rig *r)
{
    CLEANUP_FREE char *jobs = mem_printf("%s/state/jobs", r->dir);
    CLEANUP_FREE char *saves = mem_printf("%s/state/save", r->dir);
    size_t n_saved = 0;
    for (unsigned i = 0; i < GUESTS; i++) {
        CLEANUP_FREE char *name = mem_printf("g%u", i);
        struct guest *g = find(r, name);
        assert_true(guest_is_persistent(g));
        assert_non_null(guest_config(g, true));
        n_saved += guest_has_managed_save(g);
        if (guest_has_managed_save(g) && guest_is_active(g))
            fail_msg("'%s' runs and is saved; log %s", name, logged);
    }
    assert_int_equal(count_files(jobs), 0);
    if (count_files(saves) != n_saved)
        fail_msg("%zu files in save, %zu guests saved; log %s", count_files(saves), n_saved,
                 logged);
}

static void look_after(struct rig *r)
{
    r->l = loop_new(NULL);
    logged[0] = 0;
    open_rig(r);
    spin(r, 20);
    for (int i = 0; i < 2000 && !is_settled(r); i++)
        spin(r, 1);
    assert_true(is_settled(r));
    check_same(r);
    check_disk(r);
    host_close(r->h);
    loop_free(r->l);
}

static void a_killed_daemon_leaves_a_true_picture(void **state)
{
    struct rig *r = *state;
    const char *rounds = getenv("ROUNDS");
    uint64_t n = ROUNDS;
    if (rounds)
        assert_true(parse_u64(rounds, 10, 100000, &n));
    for (unsigned i = 0; i < GUESTS; i++) {
        CLEANUP_FREE char *name = mem_printf("g%u", i);
        define_named(r, name, i % 2 ? "xv.reboot=0.05" : "");
    }
    host_close(r->h);
    loop_free(r->l);
    for (uint64_t i = 0; i < n; i++) {
        seed = i * 7919 + 1;
        one_life(r);
        look_after(r);
    }
    r->l = loop_new(NULL);
    open_rig(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_killed_daemon_leaves_a_true_picture, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
