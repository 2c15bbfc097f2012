/* core/ on the simulated host: life cycle, events, persistence, what others do, restarts of ours.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/core_rig.h"

/* ---- definitions ---- */
static void a_definition_is_kept_on_disk_and_found_in_every_way(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define_named(r, "web", "");
    expect(r, "web defined 0;");
    expect_state(g, GUEST_SHUTOFF, 0);
    assert_ptr_equal(host_find_uuid(r->h, guest_uuid(g), NULL), g);
    assert_int_equal(guest_domid(g), -1);
    assert_null(host_find_name(r->h, "other", &e));
    assert_int_equal(e.code, ERR_NO_DOMAIN);
    restart_daemon(r);
    g = find(r, "web");
    assert_true(guest_is_persistent(g));
    assert_string_equal(guest_config(g, true)->os.kernel, "/boot/vmlinuz");
}

static void a_name_and_its_uuid_belong_together(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define_named(r, "web", ""), *ret = NULL;
    assert_int_equal(host_define(r->h, model("web", ""), &ret, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_FAILED);
    assert_true(str_starts(e.msg, "domain 'web' already exists with uuid "));
    struct domain *d = model("other", "");
    memcpy(d->uuid, guest_uuid(g), 16);
    assert_int_equal(host_define(r->h, d, &ret, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_FAILED);
    assert_true(str_starts(e.msg, "domain 'web' is already defined with uuid "));
    d = model("web", "new");
    memcpy(d->uuid, guest_uuid(g), 16);
    assert_ptr_equal(define(r, d), g);
    expect(r, "web defined 1;");
    assert_string_equal(guest_config(g, true)->os.cmdline, "new");
}

static void bad_names_are_refused(void **state)
{
    static const char *const bad[] = {"", "..", ".x", "a/b", "../../etc/x", "a\nb", "\177"};
    struct rig *r = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct guest *g = NULL;
        struct err e = {0};
        assert_int_equal(host_define(r->h, model(bad[i], ""), &g, &e), -1);
        assert_int_equal(e.code, ERR_XML_ERROR);
    }
}

static void a_definition_that_cannot_be_read_is_left_and_said(void **state)
{
    struct rig *r = *state;
    define_named(r, "web", "");
    CLEANUP_FREE char *dir = mem_printf("%s/conf", r->dir);
    assert_int_equal(file_write_atomic(dir, "bad.xml", "<domain", 7, 0600, NULL), 0);
    restart_daemon(r);
    assert_non_null(strstr(logged, "bad.xml' is not used"));
    CLEANUP_FREE char *path = mem_printf("%s/bad.xml", dir);
    assert_int_equal(access(path, R_OK), 0);
    find(r, "web");
}

static void undefine_removes_and_a_running_guest_becomes_transient(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = started(r, "web", "");
    assert_int_equal(guest_undefine(g, false, &e), 0);
    expect(r, "web undefined 0;");
    assert_false(guest_is_persistent(g));
    assert_true(guest_is_active(g));
    destroy(r, g);
    expect(r, "web stopped 1;");
    assert_null(host_find_name(r->h, "web", NULL));
    restart_daemon(r);
    assert_null(host_find_name(r->h, "web", NULL));
}

static void only_one_daemon_uses_a_folder(void **state)
{
    struct rig *r = *state;
    struct rig second = {.l = r->l, .options = (char *)""};
    struct err e = {0};
    memcpy(second.dir, r->dir, sizeof(second.dir));
    assert_int_equal(try_open(&second, &e), -1);
    assert_non_null(strstr(e.msg, "another xvirtd"));
}

/* ---- life ---- */
static void a_guest_lives_through_its_whole_cycle(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define_named(r, "web", "");
    start(r, g);
    assert_true(guest_domid(g) > 0);
    assert_ptr_equal(host_find_domid(r->h, guest_domid(g), NULL), g);
    expect_state(g, GUEST_RUNNING, 1);
    assert_int_equal(guest_suspend(g, &e), 0);
    expect_state(g, GUEST_PAUSED, 1);
    assert_int_equal(guest_resume(g, &e), 0);
    expect_state(g, GUEST_RUNNING, 5);
    struct waiting w = {0};
    assert_int_equal(guest_shutdown(g, false, false, on_done, &w, &e), 0);
    await(r, &w);
    expect(r, "web defined 0;web started 0;web suspended 0;web resumed 0;web stopped 0;");
    expect_state(g, GUEST_SHUTOFF, 1);
    assert_int_equal(guest_domid(g), -1);
    start(r, g);
    destroy(r, g);
    expect(r, "web started 0;web stopped 1;");
    expect_state(g, GUEST_SHUTOFF, 2);
}

static void operations_in_the_wrong_state_say_so(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define_named(r, "web", "");
    assert_int_equal(guest_shutdown(g, false, false, on_done, NULL, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
    assert_string_equal(e.msg, "domain is not running");
    assert_int_equal(guest_suspend(g, &e), -1);
    assert_int_equal(guest_resume(g, &e), -1);
    assert_int_equal(guest_destroy(g, on_done, NULL, &e), -1);
    assert_int_equal(guest_save(g, "/tmp/x", NULL, 0, on_done, NULL, &e), -1);
    start(r, g);
    assert_int_equal(guest_start(g, 0, on_done, NULL, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
    struct domain *d = domain_copy(guest_config(g, true));
    assert_int_equal(host_create(r->h, d, 0, on_done, NULL, &e), -1);
    assert_string_equal(e.msg, "domain is already active as 'web'");
    struct guest *dom0 = host_find_domid(r->h, 0, NULL);
    assert_string_equal(guest_name(dom0), "Domain-0");
    assert_int_equal(guest_destroy(dom0, on_done, NULL, &e), -1);
    assert_int_equal(guest_suspend(dom0, &e), -1);
}

static void a_transient_guest_vanishes_when_it_stops(void **state)
{
    struct rig *r = *state;
    struct guest *g = created(r, "once", "xv.poweroff=0.02");
    assert_false(guest_is_persistent(g));
    expect(r, "once stopped 0;");
    assert_null(host_find_name(r->h, "once", NULL));
}

static void a_guest_may_be_started_paused(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0};
    struct guest *g = define_named(r, "web", "xv.poweroff=0.001");
    assert_int_equal(guest_start(g, GUEST_START_PAUSED, on_done, &w, NULL), 0);
    await(r, &w);
    spin(r, 30);
    expect_state(g, GUEST_PAUSED, 1);
    guest_resume(g, NULL);
    expect(r, "web stopped 0;");
}

static void a_failing_start_gives_the_reason_and_leaves_nothing(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0};
    struct guest *g = define_named(r, "web", "");
    struct domain *d = domain_copy(guest_config(g, true));
    str_set(&d->os.kernel, "/nonexistent/vmlinuz");
    define(r, d);
    assert_int_equal(guest_start(g, 0, on_done, &w, NULL), 0);
    await_error(r, &w);
    assert_non_null(strstr(w.e.msg, "cannot start domain 'web': "));
    assert_non_null(strstr(w.e.msg, "/nonexistent/vmlinuz"));
    expect_state(g, GUEST_SHUTOFF, 0);
    struct hv_info *list;
    size_t n;
    hv_sim_ops.list(host_hv(r->h), &list, &n, NULL);
    assert_int_equal(n, 1);
    free(list);
    struct waiting again = {0};
    struct domain *bad = model("once", "");
    str_set(&bad->os.kernel, "/nonexistent/k");
    assert_int_equal(host_create(r->h, bad, 0, on_done, &again, NULL), 0);
    await_error(r, &again);
    assert_null(again.g);
    assert_null(host_find_name(r->h, "once", NULL));
}

/* ---- jobs ---- */
static size_t count_domains(struct host *h)
{
    struct hv_info *list;
    size_t n;
    assert_int_equal(hv_sim_ops.list(host_hv(h), &list, &n, NULL), 0);
    free(list);
    return n;
}

static void wait_for_domains(struct rig *r, size_t n)
{
    for (int i = 0; i < 600 && count_domains(r->h) != n; i++)
        spin(r, 5);
    assert_int_equal(count_domains(r->h), n);
}

static void a_busy_guest_refuses_other_work_and_the_others_do_not_care(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting w = {0};
    struct guest *g = define_named(r, "slow", ""), *other = define_named(r, "quick", "");
    order(r, "delay create 20000");
    assert_int_equal(guest_start(g, 0, on_done, &w, &e), 0);
    wait_for_domains(r, 2);
    spin(r, 20);
    order(r, "delay create 0");
    assert_int_equal(guest_start(g, 0, on_done, NULL, &e), -1);
    assert_int_equal(e.code, ERR_RESOURCE_BUSY);
    assert_non_null(strstr(e.msg, "busy with 'start'"));
    start(r, other);
    assert_false(w.is_done);
    struct guest_job_info info;
    assert_true(guest_job_info(g, &info));
    assert_string_equal(info.name, "start");
    assert_int_equal(guest_abort_job(g, &e), 0);
    assert_int_equal(await_error(r, &w), ERR_OPERATION_ABORTED);
    assert_false(guest_job_info(g, &info));
}

static void destroy_wins_over_a_start(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0}, d = {0};
    struct guest *g = define_named(r, "slow", "");
    order(r, "hang create");
    guest_start(g, 0, on_done, &w, NULL);
    spin(r, 5);
    assert_int_equal(guest_destroy(g, on_done, &d, NULL), 0);
    assert_int_equal(await_error(r, &w), ERR_OPERATION_ABORTED);
    await(r, &d);
    expect_state(g, GUEST_SHUTOFF, 0);
}

static void a_stubborn_guest_times_out_and_destroy_wins(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0}, joined = {0}, d = {0};
    struct guest *g = started(r, "web", "xv.stubborn");
    guest_shutdown(g, false, false, on_done, &w, NULL);
    guest_shutdown(g, false, false, on_done, &joined, NULL);
    assert_int_equal(await_error(r, &w), ERR_OPERATION_TIMEOUT);
    assert_int_equal(await_error(r, &joined), ERR_OPERATION_TIMEOUT);
    expect_state(g, GUEST_RUNNING, 1);
    order(r, "hang shutdown");
    struct waiting hung = {0};
    guest_shutdown(g, false, false, on_done, &hung, NULL);
    spin(r, 5);
    assert_int_equal(guest_destroy(g, on_done, &d, NULL), 0);
    await(r, &d);
    expect(r, "web stopped 1;");
    order(r, "unhang shutdown");
    await(r, &hung); /* it ended, which is what was asked for */
    assert_int_equal(hung.calls, 1);
}

static void two_destroys_share_one_end(void **state)
{
    struct rig *r = *state;
    struct waiting a = {0}, b = {0};
    struct guest *g = created(r, "web", "");
    assert_int_equal(guest_destroy(g, on_done, &a, NULL), 0);
    assert_int_equal(guest_destroy(g, on_done, &b, NULL), 0);
    await(r, &a);
    await(r, &b);
    assert_null(a.g);
    expect(r, "web stopped 1;");
    assert_string_equal(r->events.p, "web stopped 1;");
}

static void a_running_job_can_be_aborted(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting w = {0};
    struct guest *g = started(r, "web", "");
    assert_int_equal(guest_abort_job(g, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
    order(r, "delay save 6400");
    CLEANUP_FREE char *path = mem_printf("%s/image", r->dir);
    assert_int_equal(guest_save(g, path, NULL, 0, on_done, &w, &e), 0);
    spin(r, 30);
    struct guest_job_info info;
    assert_true(guest_job_info(g, &info) && info.total && info.done < info.total);
    assert_int_equal(guest_abort_job(g, &e), 0);
    assert_int_equal(await_error(r, &w), ERR_OPERATION_ABORTED);
    expect_state(g, GUEST_RUNNING, 7);
    assert_int_not_equal(access(path, F_OK), 0);
    CLEANUP_FREE char *part = mem_printf("%s.part", path);
    assert_int_not_equal(access(part, F_OK), 0);
}

/* ---- guests that end by themselves ---- */
static struct guest *with_action(struct rig *r, const char *cmdline, size_t member,
                                 enum lifecycle action)
{
    struct domain *d = model("web", cmdline);
    *(enum lifecycle *)((char *)d + member) = action;
    struct guest *g = define(r, d);
    start(r, g);
    return g;
}

static void a_guest_that_reboots_is_started_again(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "xv.reboot=0.05");
    int32_t first = guest_domid(g);
    expect(r, "web reboot;web stopped 0;web started 0;");
    assert_int_not_equal(guest_domid(g), first);
}

static void a_transient_guest_that_reboots_is_started_again(void **state)
{
    struct rig *r = *state;
    created(r, "web", "xv.reboot=0.05");
    expect(r, "web reboot;web stopped 0;web started 0;");
    find(r, "web");
}

static void a_crashed_guest_is_destroyed(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "xv.crash=0.02");
    expect(r, "web stopped 2;");
    expect_state(g, GUEST_SHUTOFF, 3);
}

static void actions_are_carried_out(void **state)
{
    struct rig *r = *state;
    struct guest *g =
        with_action(r, "xv.crash=0.02", offsetof(struct domain, on_crash), LIFE_PRESERVE);
    expect(r, "web crashed 0;");
    expect_state(g, GUEST_CRASHED, 1);
    assert_true(guest_is_active(g));
    destroy(r, g);
    expect(r, "web stopped 1;");
}

static void poweroff_may_mean_restart(void **state)
{
    struct rig *r = *state;
    with_action(r, "xv.poweroff=0.03", offsetof(struct domain, on_poweroff), LIFE_RESTART);
    expect(r, "web stopped 0;web started 0;");
}

static void a_crash_may_be_dumped_before_the_restart(void **state)
{
    struct rig *r = *state;
    with_action(r, "xv.crash=0.03", offsetof(struct domain, on_crash), LIFE_COREDUMP_RESTART);
    expect(r, "web stopped 2;web started 0;");
    CLEANUP_FREE char *path = mem_printf("%s/state/dump", r->dir);
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool has_dump = false;
    while ((entry = readdir(dir)))
        has_dump |= str_starts(entry->d_name, "web-");
    closedir(dir);
    assert_true(has_dump);
}

static void rename_restart_keeps_the_old_domain_under_another_name(void **state)
{
    struct rig *r = *state;
    struct guest *g =
        with_action(r, "xv.crash=0.03", offsetof(struct domain, on_crash), LIFE_RENAME_RESTART);
    int32_t first = guest_domid(g);
    expect(r, "web stopped 2;");
    expect(r, "web started 0;");
    struct guest *old = find(r, "web-1");
    assert_int_equal(guest_domid(old), first);
    assert_int_not_equal(guest_domid(find(r, "web")), first);
    assert_int_equal(guest_state(old, NULL), GUEST_CRASHED);
}

static void a_reboot_loop_is_slowed_down(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "xv.reboot=0.001");
    for (int i = 0; i < 400 && !strstr(logged, "again and again"); i++)
        spin(r, 5);
    assert_non_null(strstr(logged, "domain 'web' stops again and again: it is started in 1 s"));
    assert_false(guest_is_active(g));
    destroy(r, g); /* also what waits for its restart can be ended */
    struct err e = {0};
    assert_int_equal(guest_destroy(g, on_done, NULL, &e), -1);
}

/* ---- saving ---- */
static void a_guest_is_saved_and_restored(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting s = {0}, w = {0};
    struct guest *g = created(r, "web", "");
    CLEANUP_FREE char *path = mem_printf("%s/image", r->dir);
    assert_int_equal(guest_save(g, path, NULL, 0, on_done, &s, &e), 0);
    await(r, &s);
    expect(r, "web stopped 4;");
    assert_null(host_find_name(r->h, "web", NULL));
    assert_int_equal(host_restore(r->h, path, NULL, GUEST_SAVE_PAUSED, on_done, &w, &e), 0);
    await(r, &w);
    expect(r, "web started 2;");
    expect_state(w.g, GUEST_PAUSED, 1);
    struct waiting twice = {0};
    host_restore(r->h, path, NULL, 0, on_done, &twice, &e);
    assert_int_equal(await_error(r, &twice), ERR_OPERATION_INVALID);
}

static void the_image_begins_as_other_tools_expect(void **state)
{
    struct rig *r = *state;
    struct waiting s = {0};
    struct guest *g = created(r, "web", "");
    CLEANUP_FREE char *path = mem_printf("%s/image", r->dir), *data = NULL;
    size_t len;
    guest_save(g, path, NULL, 0, on_done, &s, NULL);
    await(r, &s);
    assert_int_equal(file_read(path, 10 << 20, &data, &len, NULL), 0);
    assert_memory_equal(data, "libvirt-xml\n \0 \r\2\0\0\0", 20);
    uint32_t n;
    memcpy(&n, data + 20, 4);
    assert_true(str_starts(data + 64, "<domain"));
    assert_int_equal(strlen(data + 64) + 1, n);
}

static void bad_images_are_refused_with_a_reason(void **state)
{
    struct rig *r = *state;
    static const char *const bad[] = {"", "short", "libvirt-xml\n"};
    for (size_t i = 0; i < 3; i++) {
        struct waiting w = {0};
        file_write_atomic(r->dir, "bad", bad[i], strlen(bad[i]), 0600, NULL);
        CLEANUP_FREE char *path = mem_printf("%s/bad", r->dir);
        host_restore(r->h, path, NULL, 0, on_done, &w, NULL);
        assert_int_equal(await_error(r, &w), ERR_OPERATION_FAILED);
        assert_non_null(strstr(w.e.msg, "saved guest '"));
    }
    struct waiting none = {0};
    host_restore(r->h, "/nonexistent/image", NULL, 0, on_done, &none, NULL);
    assert_int_equal(await_error(r, &none), ERR_SYSTEM_ERROR);
}

static void a_managed_save_is_what_the_next_start_begins_from(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting s = {0};
    struct guest *g = started(r, "web", "");
    assert_int_equal(guest_managed_save(g, 0, on_done, &s, &e), 0);
    await(r, &s);
    expect(r, "web stopped 4;");
    assert_true(guest_has_managed_save(g));
    expect_state(g, GUEST_SHUTOFF, 5);
    assert_int_equal(guest_undefine(g, false, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
    restart_daemon(r);
    g = find(r, "web");
    assert_true(guest_has_managed_save(g));
    start(r, g);
    expect(r, "web started 2;");
    assert_false(guest_has_managed_save(g));
    expect_state(g, GUEST_RUNNING, 3);
}

static void a_forced_boot_drops_the_managed_save(void **state)
{
    struct rig *r = *state;
    struct waiting s = {0}, w = {0};
    struct guest *g = started(r, "web", "");
    guest_managed_save(g, 0, on_done, &s, NULL);
    await(r, &s);
    assert_int_equal(guest_start(g, GUEST_START_FORCE_BOOT, on_done, &w, NULL), 0);
    await(r, &w);
    expect(r, "web started 0;");
    assert_false(guest_has_managed_save(g));
}

static void a_save_that_fails_leaves_the_guest_running(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0};
    struct guest *g = started(r, "web", "xv.stubborn");
    CLEANUP_FREE char *path = mem_printf("%s/image", r->dir);
    guest_save(g, path, NULL, 0, on_done, &w, NULL);
    await_error(r, &w);
    assert_non_null(strstr(w.e.msg, "cannot save domain 'web'"));
    expect_state(g, GUEST_RUNNING, 7);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_dump_leaves_the_guest_running_or_destroys_it(void **state)
{
    struct rig *r = *state;
    struct waiting a = {0}, b = {0};
    struct guest *g = started(r, "web", "");
    CLEANUP_FREE char *path = mem_printf("%s/core", r->dir);
    assert_int_equal(guest_dump(g, path, 0, on_done, &a, NULL), 0);
    await(r, &a);
    assert_int_equal(access(path, R_OK), 0);
    expect_state(g, GUEST_RUNNING, 1);
    assert_int_equal(guest_dump(g, path, GUEST_DUMP_CRASH, on_done, &b, NULL), 0);
    await(r, &b);
    expect(r, "web stopped 2;");
}

static void expect_again(struct rig *r, struct guest *g, int32_t before)
{
    for (int i = 0; i < 500 && (guest_domid(g) == before || guest_domid(g) < 0); i++)
        spin(r, 5);
    assert_true(guest_domid(g) > before);
    expect_state(g, GUEST_RUNNING, 1);
}

static void a_reset_asks_nobody(void **state)
{
    struct rig *r = *state;
    struct waiting deaf = {0}, w = {0}, again = {0};
    struct guest *g = started(r, "web", "xv.stubborn");
    int32_t before = guest_domid(g);
    assert_int_equal(guest_shutdown(g, false, false, on_done, &deaf, NULL), 0);
    assert_int_equal(guest_reset(g, on_done, &w, NULL), 0);
    assert_int_equal(guest_reset(g, on_done, &again, NULL), -1);
    await(r, &w);
    expect_again(r, g, before);
    expect(r, "web reboot;web stopped 0;web started 0;");
}

static void a_dump_may_end_in_a_reset(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0};
    struct guest *g = started(r, "web", "");
    int32_t before = guest_domid(g);
    CLEANUP_FREE char *path = mem_printf("%s/core", r->dir);
    assert_int_equal(guest_dump(g, path, GUEST_DUMP_RESET, on_done, &w, NULL), 0);
    await(r, &w);
    assert_int_equal(access(path, R_OK), 0);
    expect_again(r, g, before);
}

static void a_reset_does_what_a_reboot_does(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0};
    struct domain *d = model("web", "");
    d->on_reboot = LIFE_DESTROY;
    struct guest *g = define(r, d);
    start(r, g);
    assert_int_equal(guest_reset(g, on_done, &w, NULL), 0);
    await(r, &w);
    spin(r, 30);
    expect_state(g, GUEST_SHUTOFF, 1);
}

/* ---- what others do ---- */
static void a_guest_that_xl_started_is_adopted(void **state)
{
    struct rig *r = *state;
    order(r, "create name=foreign cmdline=abc memory=4096");
    expect(r, "foreign started 0;");
    struct guest *g = find(r, "foreign");
    assert_false(guest_is_persistent(g));
    assert_string_equal(guest_config(g, false)->os.cmdline, "abc");
    expect_state(g, GUEST_RUNNING, 0);
    struct waiting w = {0};
    assert_int_equal(guest_shutdown(g, false, false, on_done, &w, NULL), 0);
    await(r, &w);
    spin(r, 30);
    assert_int_equal(guest_state(g, NULL), GUEST_SHUTDOWN); /* xl sees to what follows */
    order(r, "destroy foreign");
    expect(r, "foreign stopped 0;");
    assert_null(host_find_name(r->h, "foreign", NULL));
}

static void a_guest_that_xl_destroyed_is_gone_at_once(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "");
    order(r, "destroy web");
    expect(r, "web stopped 1;");
    expect_state(g, GUEST_SHUTOFF, 2);
    assert_int_equal(guest_domid(g), -1);
}

static void a_defined_guest_that_xl_starts_is_the_same_guest(void **state)
{
    struct rig *r = *state;
    struct guest *g = define_named(r, "web", "");
    char uuid[UUID_TEXT];
    CLEANUP_FREE char *line =
        mem_printf("create name=web uuid=%s cmdline=other", uuid_format(guest_uuid(g), uuid));
    order(r, line);
    expect(r, "web started 0;");
    assert_true(guest_is_active(g) && guest_is_persistent(g));
    assert_string_equal(guest_config(g, false)->os.cmdline, "other");
    assert_string_equal(guest_config(g, true)->os.cmdline, "");
}

static void a_foreign_guest_with_a_taken_name_is_told_apart(void **state)
{
    struct rig *r = *state;
    struct guest *g = define_named(r, "web", "");
    order(r, "create name=web");
    expect(r, "web~1 started 0;");
    assert_false(guest_is_active(g));
    assert_true(guest_is_active(find(r, "web~1")));
}

static void pauses_and_names_of_others_are_noticed(void **state)
{
    struct rig *r = *state;
    order(r, "create name=foreign");
    expect(r, "foreign started 0;");
    order(r, "pause foreign");
    expect(r, "foreign suspended 0;");
    order(r, "unpause foreign");
    expect(r, "foreign resumed 0;");
    order(r, "rename foreign renamed");
    spin(r, 20);
    find(r, "renamed");
    assert_null(host_find_name(r->h, "foreign", NULL));
}

static void a_foreign_guest_under_construction_is_waited_for(void **state)
{
    struct rig *r = *state;
    order(r, "fail name 2 \"not yet\"");
    order(r, "create name=foreign");
    expect(r, "foreign started 0;");
}

static void a_reused_id_belongs_to_its_new_owner(void **state)
{
    struct rig *r = *state;
    struct guest *g = created(r, "old", "");
    int32_t id = guest_domid(g);
    CLEANUP_FREE char *next = mem_printf("next-domid %d", id);
    order(r, "destroy old");
    order(r, next);
    order(r, "create name=new");
    expect(r, "old stopped 1;");
    expect(r, "new started 0;");
    assert_string_equal(guest_name(host_find_domid(r->h, id, NULL)), "new");
    assert_null(host_find_name(r->h, "old", NULL));
}

static void a_zombie_is_gone_for_its_guest(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "");
    order(r, "zombie web");
    destroy(r, g);
    expect(r, "web stopped 1;");
    expect_state(g, GUEST_SHUTOFF, 2);
    restart_daemon(r);
    expect_state(find(r, "web"), GUEST_SHUTOFF, 0);
    assert_non_null(strstr(logged, "is dying"));
}

/* A crash kernel needs the memory that it has been started in. */
static void a_soft_reset_keeps_the_domain(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "");
    int32_t id = guest_domid(g);
    order(r, "soft-reset web");
    expect(r, "web reboot;");
    expect_state(g, GUEST_RUNNING, 1);
    assert_int_equal(guest_domid(g), id);
    order(r, "crash web"); /* what follows is as after any start */
    expect(r, "web stopped 2;");
}

static void a_soft_reset_that_fails_is_a_restart(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "");
    int32_t id = guest_domid(g);
    order(r, "fail soft_reset 1 \"no such thing\"");
    order(r, "soft-reset web");
    expect(r, "web stopped 0;web started 0;");
    assert_int_not_equal(guest_domid(g), id);
    assert_non_null(strstr(logged, "no such thing"));
}

static void passing_errors_make_nobody_gone(void **state)
{
    struct rig *r = *state;
    struct guest *g = started(r, "web", "");
    order(r, "fail info 1000 \"xenstored is busy\"");
    spin(r, 120);
    expect_state(g, GUEST_RUNNING, 1);
    order(r, "fail destroy 1 \"not now\"");
    struct waiting w = {0};
    guest_destroy(g, on_done, &w, NULL);
    await_error(r, &w);
    assert_non_null(strstr(w.e.msg, "not now"));
    assert_true(guest_is_active(g));
    assert_null(r->events.p);
}

/* ---- restarts of ours ---- */
static void running_and_paused_guests_are_found_again(void **state)
{
    struct rig *r = *state;
    started(r, "run", "");
    guest_suspend(started(r, "sleep", ""), NULL);
    created(r, "once", "");
    int32_t id = guest_domid(find(r, "run"));
    define_named(r, "off", "");
    restart_daemon(r);
    expect_state(find(r, "run"), GUEST_RUNNING, 1);
    assert_int_equal(guest_domid(find(r, "run")), id);
    expect_state(find(r, "sleep"), GUEST_PAUSED, 1);
    expect_state(find(r, "off"), GUEST_SHUTOFF, 0);
    struct guest *once = find(r, "once");
    assert_false(guest_is_persistent(once));
    assert_string_equal(guest_config(once, false)->os.kernel, "/boot/vmlinuz");
    char path[256];
    assert_int_equal(guest_console_path(once, NULL, path, NULL), 0);
    assert_int_equal(access(path, R_OK | W_OK), 0);
    spin(r, 20);
    assert_null(r->events.p);
    destroy(r, once);
    size_t n;
    free(host_guests(r->h, &n));
    assert_int_equal(n, 4);
}

static void what_stopped_while_we_were_away_is_seen_to(void **state)
{
    struct rig *r = *state;
    started(r, "end", "xv.poweroff=0.2");
    start(r, define_named(r, "again", "xv.reboot=0.2"));
    host_close(r->h);
    usleep(210000);
    open_rig(r);
    expect(r, "end stopped 0;");
    expect(r, "again reboot;again stopped 0;again started 0;");
    expect_state(find(r, "end"), GUEST_SHUTOFF, 1);
}

static void a_start_that_was_cut_off_is_undone(void **state)
{
    struct rig *r = *state;
    struct guest *g = define_named(r, "web", "");
    struct waiting w = {0};
    order(r, "hang create");
    guest_start(g, 0, on_done, &w, NULL);
    wait_for_domains(r, 2);
    /* as after kill -9: what Xen has and what is on disk is copied from under the running daemon */
    CLEANUP_FREE char *copy = mem_printf("cp -r %s/xen %s/xen2; cp -r %s/state %s/state2", r->dir,
                                         r->dir, r->dir, r->dir);
    char *argv[] = {(char *)"sh", (char *)"-c", copy, NULL};
    pid_t pid = fork();
    if (!pid) {
        execv("/bin/sh", argv);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    CLEANUP_FREE char *options = mem_printf("boot=1,persist=%s/xen2", r->dir);
    CLEANUP_FREE char *conf = mem_printf("%s/conf2", r->dir), *st = mem_printf("%s/state2", r->dir);
    struct host_options o = {.ops = &hv_sim_ops,
                             .hv_options = options,
                             .config_dir = conf,
                             .state_dir = st,
                             .log = keep_log};
    struct err e = {0};
    struct host *second = host_open(r->l, &o, &e);
    if (!second)
        fail_msg("%s", e.msg);
    event_listen(host_events(second), on_event, r);
    expect(r, "stopped 5;");
    assert_non_null(strstr(logged, "was half started: it is removed"));
    assert_int_equal(count_domains(second), 1);
    host_close(second);
    order(r, "unhang create");
    await(r, &w);
}

static void autostart_starts_what_is_marked(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    assert_int_equal(guest_set_autostart(define_named(r, "auto", ""), true, &e), 0);
    assert_true(guest_has_autostart(find(r, "auto")));
    define_named(r, "manual", "");
    r->autostart = true;
    restart_daemon(r);
    expect(r, "auto started 0;");
    assert_true(guest_has_autostart(find(r, "auto")));
    assert_false(guest_is_active(find(r, "manual")));
    guest_set_autostart(find(r, "auto"), false, &e);
    destroy(r, find(r, "auto"));
    restart_daemon(r);
    spin(r, 20);
    assert_false(guest_is_active(find(r, "auto")));
}

static void a_stop_in_the_middle_of_autostart_starts_no_more(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    enum { MANY = 30 };
    for (int i = 0; i < MANY; i++) {
        CLEANUP_FREE char *name = mem_printf("g%d", i);
        assert_int_equal(guest_set_autostart(define_named(r, name, ""), true, &e), 0);
    }
    r->autostart = true;
    restart_daemon(r);
    r->autostart = false;
    restart_daemon(r); /* the first ones are being started */
    assert_null(strstr(logged, "'g9'")); /* the last one */
}

static void three_hundred_guests_start_at_once(void **state)
{
    enum { MANY = 300 };
    struct rig *r = *state;
    static struct waiting w[MANY], d[MANY];
    for (int i = 0; i < MANY; i++) {
        struct err e = {0};
        CLEANUP_FREE char *name = mem_printf("g%d", i);
        w[i] = d[i] = (struct waiting){0};
        if (host_create(r->h, model(name, ""), 0, on_done, &w[i], &e))
            fail_msg("%s", e.msg);
    }
    for (int i = 0; i < MANY; i++)
        await(r, &w[i]);
    size_t n;
    free(host_guests(r->h, &n));
    assert_int_equal(n, MANY + 1);
    for (int i = 0; i < MANY; i++)
        guest_destroy(w[i].g, on_done, &d[i], NULL);
    for (int i = 0; i < MANY; i++)
        await(r, &d[i]);
    free(host_guests(r->h, &n));
    assert_int_equal(n, 1);
}

static void closing_with_work_under_way_is_safe(void **state)
{
    struct rig *r = *state;
    struct waiting w = {0}, s = {0};
    struct guest *g = started(r, "web", "xv.stubborn");
    guest_shutdown(g, false, false, on_done, &s, NULL);
    order(r, "delay create 30");
    guest_start(define_named(r, "slow", ""), 0, on_done, &w, NULL);
    restart_daemon(r);
    assert_int_equal(w.calls, 1);
    assert_int_equal(s.calls, 1);
    assert_int_equal(w.e.code, ERR_OPERATION_ABORTED);
    assert_int_equal(s.e.code, ERR_OPERATION_ABORTED);
    expect_state(find(r, "web"), GUEST_RUNNING, 1);
    spin(r, 50);
    assert_false(guest_is_active(find(r, "slow")));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_definition_is_kept_on_disk_and_found_in_every_way),
        T(a_name_and_its_uuid_belong_together),
        T(bad_names_are_refused),
        T(a_definition_that_cannot_be_read_is_left_and_said),
        T(undefine_removes_and_a_running_guest_becomes_transient),
        T(only_one_daemon_uses_a_folder),
        T(a_guest_lives_through_its_whole_cycle),
        T(operations_in_the_wrong_state_say_so),
        T(a_transient_guest_vanishes_when_it_stops),
        T(a_guest_may_be_started_paused),
        T(a_failing_start_gives_the_reason_and_leaves_nothing),
        T(a_busy_guest_refuses_other_work_and_the_others_do_not_care),
        T(destroy_wins_over_a_start),
        T(a_stubborn_guest_times_out_and_destroy_wins),
        T(two_destroys_share_one_end),
        T(a_running_job_can_be_aborted),
        T(a_guest_that_reboots_is_started_again),
        T(a_transient_guest_that_reboots_is_started_again),
        T(a_crashed_guest_is_destroyed),
        T(actions_are_carried_out),
        T(poweroff_may_mean_restart),
        T(a_crash_may_be_dumped_before_the_restart),
        T(rename_restart_keeps_the_old_domain_under_another_name),
        T(a_reboot_loop_is_slowed_down),
        T(a_guest_is_saved_and_restored),
        T(the_image_begins_as_other_tools_expect),
        T(bad_images_are_refused_with_a_reason),
        T(a_managed_save_is_what_the_next_start_begins_from),
        T(a_forced_boot_drops_the_managed_save),
        T(a_save_that_fails_leaves_the_guest_running),
        T(a_dump_leaves_the_guest_running_or_destroys_it),
        T(a_reset_asks_nobody),
        T(a_dump_may_end_in_a_reset),
        T(a_reset_does_what_a_reboot_does),
        T(a_guest_that_xl_started_is_adopted),
        T(a_guest_that_xl_destroyed_is_gone_at_once),
        T(a_defined_guest_that_xl_starts_is_the_same_guest),
        T(a_foreign_guest_with_a_taken_name_is_told_apart),
        T(pauses_and_names_of_others_are_noticed),
        T(a_foreign_guest_under_construction_is_waited_for),
        T(a_reused_id_belongs_to_its_new_owner),
        T(a_zombie_is_gone_for_its_guest),
        T(a_soft_reset_keeps_the_domain),
        T(a_soft_reset_that_fails_is_a_restart),
        T(passing_errors_make_nobody_gone),
        T(running_and_paused_guests_are_found_again),
        T(what_stopped_while_we_were_away_is_seen_to),
        T(a_start_that_was_cut_off_is_undone),
        T(autostart_starts_what_is_marked),
        T(a_stop_in_the_middle_of_autostart_starts_no_more),
        T(three_hundred_guests_start_at_once),
        T(closing_with_work_under_way_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
