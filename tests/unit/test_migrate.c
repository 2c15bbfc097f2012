/* core/: guests that move between two simulated hosts, and every step that can fail. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/core_rig.h"
#include "core/migrate.h"

struct pair {
    struct rig *a, *b; /* one loop: the source's */
    struct guest *from, *to;
    struct waiting sent, received, finished, confirmed;
};

static int open_pair(void **state)
{
    struct pair *p = NEW(struct pair);
    void *a = NULL, *b = NULL;
    if (setup(&a) || setup(&b))
        return -1;
    p->a = a;
    p->b = b;
    host_close(p->b->h);
    loop_free(p->b->l);
    p->b->l = p->a->l;
    open_rig(p->b);
    *state = p;
    return 0;
}

static int close_pair(void **state)
{
    struct pair *p = *state;
    void *a = p->a, *b = p->b;
    host_close(p->b->h);
    loop_run_until(p->a->l, &(bool){false}, 20); /* what the second host still has to do */
    p->b->h = NULL;
    p->b->l = NULL;
    teardown(&a);
    teardown(&b);
    free(p);
    return 0;
}

static void prepare(struct pair *p)
{
    struct err e = {0};
    p->from = created(p->a, "web", "");
    if (guest_migrate_check(p->from, &e) ||
        host_migrate_prepare(p->b->h, domain_copy(guest_config(p->from, false)), NULL, &p->to, &e))
        fail_msg("%s", e.msg);
}

/* Both ends of the stream run. */
static void transfer_as(struct pair *p, bool has_words)
{
    struct err e = {0};
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    if (guest_migrate_receive(p->to, fds[1], has_words, on_done, &p->received, &e) ||
        guest_migrate_send(p->from, fds[0], true, has_words, on_done, &p->sent, &e))
        fail_msg("%s", e.msg);
}

static void transfer(struct pair *p)
{
    transfer_as(p, false);
}

static void moved(struct pair *p)
{
    prepare(p);
    transfer(p);
    await(p->a, &p->sent);
    await(p->a, &p->received);
}

static void finish(struct pair *p, bool cancelled)
{
    struct err e = {0};
    if (guest_migrate_finish(p->to, cancelled, false, false, on_done, &p->finished, &e))
        fail_msg("%s", e.msg);
    if (!loop_run_until(p->a->l, &p->finished.is_done, 5000))
        fail_msg("not finished; log %s", logged);
}

static void confirm(struct pair *p, bool cancelled, bool undefine)
{
    struct err e = {0};
    if (guest_migrate_confirm(p->from, cancelled ? MIGRATE_CANCELLED : MIGRATE_DONE, undefine, on_done, &p->confirmed, &e))
        fail_msg("%s", e.msg);
    await(p->a, &p->confirmed);
}

static void a_guest_moves(void **state)
{
    struct pair *p = *state;
    moved(p);
    expect_state(p->from, GUEST_PAUSED, 2);
    expect_state(p->to, GUEST_PAUSED, 2);
    finish(p, false);
    assert_int_equal(p->finished.e.code, 0);
    expect_state(p->to, GUEST_RUNNING, 2);
    confirm(p, false, false);
    expect(p->a, "web suspended 1;web stopped 3;");
    expect(p->b, "web started 1;web resumed 1;");
    assert_null(host_find_name(p->a->h, "web", NULL));
    assert_string_equal(guest_config(p->to, false)->os.kernel, "/boot/vmlinuz");
}

static void definitions_move_too_where_that_is_wanted(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    p->from = started(p->a, "web", "");
    assert_int_equal(
        host_migrate_prepare(p->b->h, domain_copy(guest_config(p->from, false)), NULL, &p->to, &e), 0);
    transfer(p);
    await(p->a, &p->sent);
    await(p->a, &p->received);
    assert_int_equal(guest_migrate_finish(p->to, false, true, true, on_done, &p->finished, &e), 0);
    await(p->a, &p->finished);
    expect_state(p->to, GUEST_PAUSED, 1);
    assert_true(guest_is_persistent(p->to));
    confirm(p, false, true);
    expect(p->a, "web suspended 1;web stopped 3;web undefined 0;");
    expect(p->b, "web started 1;web suspended 0;web defined 0;");
    assert_null(host_find_name(p->a->h, "web", NULL));
}

static void a_stream_that_breaks_leaves_the_guest_where_it_was(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    int fds[2];
    prepare(p);
    order(p->a, "delay save 640");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(guest_migrate_receive(p->to, fds[1], false, on_done, &p->received, &e), 0);
    assert_int_equal(guest_migrate_send(p->from, fds[0], true, false, on_done, &p->sent, &e), 0);
    spin(p->a, 30);
    assert_int_equal(guest_abort_job(p->from, &e), 0);
    await_error(p->a, &p->sent);
    await_error(p->a, &p->received);
    expect_state(p->from, GUEST_RUNNING, 1);
    finish(p, true);
    confirm(p, true, false);
    assert_true(guest_is_active(p->from));
    assert_null(host_find_name(p->b->h, "web", NULL));
}

static void an_arrival_that_fails_is_told_at_the_finish(void **state)
{
    struct pair *p = *state;
    prepare(p);
    order(p->b, "fail restore 1 \"no such bridge\"");
    transfer(p);
    await_error(p->a, &p->received);
    loop_run_until(p->a->l, &p->sent.is_done, 5000);
    finish(p, false);
    assert_non_null(strstr(p->finished.e.msg, "no such bridge"));
    assert_null(host_find_name(p->b->h, "web", NULL));
    confirm(p, true, false);
    assert_int_equal(guest_state(p->from, NULL), GUEST_RUNNING);
}

static void a_cancelled_move_is_taken_back(void **state)
{
    struct pair *p = *state;
    moved(p);
    finish(p, true);
    expect(p->b, "web stopped 5;");
    confirm(p, true, false);
    expect(p->a, "web suspended 1;web resumed 1;");
    expect_state(p->from, GUEST_RUNNING, 6);
    spin(p->a, 20);
    assert_null(host_find_name(p->b->h, "web", NULL));
}

static void a_finish_waits_for_what_is_still_coming(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    prepare(p);
    order(p->b, "delay restore 50");
    transfer(p);
    await(p->a, &p->sent);
    assert_int_equal(guest_migrate_finish(p->to, false, false, false, on_done, &p->finished, &e),
                     0);
    assert_false(p->finished.is_done);
    await(p->a, &p->finished);
    expect_state(p->to, GUEST_RUNNING, 2);
    confirm(p, false, false);
}

static void an_expected_guest_is_nobody_elses(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    struct guest *again = NULL;
    prepare(p);
    assert_int_equal(guest_start(p->to, 0, on_done, NULL, &e), -1);
    struct domain *d = domain_copy(guest_config(p->from, false));
    assert_int_equal(host_create(p->b->h, d, 0, on_done, NULL, &e), -1);
    assert_int_equal(e.code, ERR_RESOURCE_BUSY);
    d = domain_copy(guest_config(p->from, false));
    assert_int_equal(host_migrate_prepare(p->b->h, d, NULL, &again, &e), -1);
    finish(p, true);
    assert_null(host_find_name(p->b->h, "web", NULL));
    d = domain_copy(guest_config(p->from, false));
    assert_int_equal(host_migrate_prepare(p->a->h, d, NULL, &again, &e), -1); /* it runs there */
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
}

static void reopen(struct rig *r)
{
    host_close(r->h);
    spin(r, 20);
    str_clear(&r->events);
    open_rig(r);
}

static void a_source_that_restarts_does_not_run_what_it_has_sent(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    moved(p);
    reopen(p->a);
    p->from = find(p->a, "web");
    expect_state(p->from, GUEST_PAUSED, 2);
    assert_non_null(strstr(logged, "was sent to another host and stays suspended"));
    reopen(p->a); /* and so it stays */
    p->from = find(p->a, "web");
    expect_state(p->from, GUEST_PAUSED, 2);
    assert_int_equal(guest_resume(p->from, &e), 0);
    expect(p->a, "web resumed 1;");
    expect_state(p->from, GUEST_RUNNING, 6);
    finish(p, true);
}

static void a_destination_that_restarts_drops_what_was_not_finished(void **state)
{
    struct pair *p = *state;
    moved(p);
    reopen(p->b);
    expect(p->b, "web stopped 5;");
    spin(p->b, 20);
    assert_null(host_find_name(p->b->h, "web", NULL));
    confirm(p, true, false);
    expect_state(p->from, GUEST_RUNNING, 6);
}

/* ---- what is remembered over restarts ---- */
static void what_was_agreed_on_survives_the_source(void **state)
{
    struct pair *p = *state;
    struct migrate_terms t = {"tcp://10.0.0.2:49152", "0123456789abcdef0123456789abcdef", true};
    struct err e = {0};
    prepare(p);
    guest_migrate_set_terms(p->from, &t);
    assert_false(guest_migrate_terms(p->from, &t)); /* not sent yet */
    transfer(p);
    await(p->a, &p->sent);
    await(p->a, &p->received);
    reopen(p->a);
    p->from = find(p->a, "web");
    t = (struct migrate_terms){0};
    assert_true(guest_migrate_terms(p->from, &t));
    assert_string_equal(t.peer, "tcp://10.0.0.2:49152");
    assert_string_equal(t.token, "0123456789abcdef0123456789abcdef");
    assert_true(t.undefines);
    finish(p, true);
    assert_int_equal(guest_resume(p->from, &e), 0);
}

static void expect_verdict(struct pair *p, const uint8_t uuid[16], enum word want)
{
    struct verdict v = {0};
    assert_true(host_verdict_find(p->b->h, uuid, &v));
    assert_int_equal(v.word, want);
    assert_int_equal(v.port, 49152);
}

static void open_verdict(struct pair *p, uint8_t uuid[16])
{
    struct err e = {0};
    struct verdict v = {.port = 49152, .token = "0123456789abcdef0123456789abcdef"};
    memcpy(uuid, guest_uuid(p->from), UUID_LEN);
    memcpy(v.uuid, uuid, UUID_LEN);
    assert_int_equal(host_verdict_open(p->b->h, &v, &e), 0);
    expect_verdict(p, uuid, WORD_NONE);
}

static void the_outcome_is_kept_for_who_asks_later(void **state)
{
    struct pair *p = *state;
    uint8_t uuid[UUID_LEN];
    moved(p);
    open_verdict(p, uuid);
    finish(p, false);
    expect_verdict(p, uuid, WORD_DONE);
    destroy(p->b, p->to); /* it has run there all the same */
    reopen(p->b);
    expect_verdict(p, uuid, WORD_DONE);
    host_verdict_close(p->b->h, uuid);
    assert_false(host_verdict_find(p->b->h, uuid, &(struct verdict){0}));
    confirm(p, false, false);
}

static void what_no_restart_finds_promised_does_not_run(void **state)
{
    struct pair *p = *state;
    uint8_t uuid[UUID_LEN];
    moved(p);
    open_verdict(p, uuid);
    reopen(p->b);
    expect_verdict(p, uuid, WORD_FAILED);
    confirm(p, true, false);
}

static void a_promise_is_kept_with_its_definition(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    uint8_t uuid[UUID_LEN];
    char name[UUID_TEXT];
    struct str note = {0};
    moved(p);
    open_verdict(p, uuid);
    CLEANUP_FREE char *jobs = mem_printf("%s/state/jobs", p->b->dir);
    str_addf(&note,
             "accepted running\n<domain type='xen'><name>web</name><uuid>%s</uuid>"
             "<memory>65536</memory><description>kept</description>"
             "<os><type>linux</type><kernel>/boot/vmlinuz</kernel></os></domain>",
             uuid_format(uuid, name));
    assert_int_equal(file_write_atomic(jobs, name, note.p, note.len, 0600, &e), 0);
    str_clear(&note);
    reopen(p->b);
    p->to = find(p->b, "web");
    expect_state(p->to, GUEST_RUNNING, 2);
    assert_true(guest_is_persistent(p->to));
    assert_string_equal(guest_config(p->to, true)->description, "kept");
    expect_verdict(p, uuid, WORD_DONE);
    confirm(p, false, false);
}

/* ---- two daemons that tell each other ---- */
static void moved_with_words(struct pair *p)
{
    prepare(p);
    transfer_as(p, true);
    await(p->a, &p->sent);
    await(p->a, &p->received);
}

static void confirm_unknown(struct pair *p)
{
    struct err e = {0};
    if (guest_migrate_confirm(p->from, MIGRATE_UNKNOWN, false, on_done, &p->confirmed, &e))
        fail_msg("%s", e.msg);
}

static int dup_blocking(int fd)
{
    int own = dup(fd);
    fcntl(own, F_SETFL, fcntl(own, F_GETFL) & ~O_NONBLOCK);
    return own;
}

static void confirm_unknown_fails(struct pair *p)
{
    struct err e = {0};
    if (!guest_migrate_confirm(p->from, MIGRATE_UNKNOWN, false, on_done, &p->confirmed, &e))
        await_error(p->a, &p->confirmed);
    else
        p->confirmed.e = e;
    assert_non_null(strstr(p->confirmed.e.msg, "stays suspended"));
}

static void who_is_not_told_hears_that_it_runs_there(void **state)
{
    struct pair *p = *state;
    moved_with_words(p);
    confirm_unknown(p);
    spin(p->a, 20);
    assert_false(p->confirmed.is_done); /* nothing is decided there yet */
    expect_state(p->from, GUEST_PAUSED, 2);
    finish(p, false);
    await(p->a, &p->confirmed);
    expect_state(p->to, GUEST_RUNNING, 2);
    assert_null(host_find_name(p->a->h, "web", NULL));
}

static void who_is_not_told_hears_that_it_was_cancelled(void **state)
{
    struct pair *p = *state;
    moved_with_words(p);
    confirm_unknown(p);
    guest_migrate_forsake(p->to);
    await(p->a, &p->confirmed);
    expect_state(p->from, GUEST_RUNNING, 6);
}

static void what_runs_there_is_not_taken_back_by_a_client_in_error(void **state)
{
    struct pair *p = *state;
    moved_with_words(p);
    finish(p, false);
    confirm(p, true, false);
    expect(p->a, "web suspended 1;web stopped 3;");
    expect_state(p->to, GUEST_RUNNING, 2);
}

static void a_host_that_dies_without_a_promise_does_not_run_it(void **state)
{
    struct pair *p = *state;
    moved_with_words(p);
    reopen(p->b);
    confirm_unknown(p);
    await(p->a, &p->confirmed);
    expect_state(p->from, GUEST_RUNNING, 6);
}

/* A promise and no more, then silence: it may run there. */
static void after_a_promise_alone_it_stays_suspended(void **state)
{
    struct pair *p = *state;
    struct err e = {0};
    int fds[2];
    char sink[4096];
    p->from = created(p->a, "web", "");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(guest_migrate_send(p->from, dup_blocking(fds[0]), false, true, on_done,
                                        &p->sent, &e),
                     0);
    while (!p->sent.is_done) {
        while (read(fds[1], sink, sizeof(sink)) > 0)
            ;
        spin(p->a, 1);
    }
    while (read(fds[1], sink, sizeof(sink)) > 0)
        ;
    assert_int_equal(write(fds[1], "R", 1), 1);
    close(fds[1]);
    close(fds[0]);
    confirm_unknown_fails(p);
    expect_state(p->from, GUEST_PAUSED, 2);
    assert_int_equal(guest_resume(p->from, &e), 0); /* the operator knows */
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_guest_moves),
        T(definitions_move_too_where_that_is_wanted),
        T(a_stream_that_breaks_leaves_the_guest_where_it_was),
        T(an_arrival_that_fails_is_told_at_the_finish),
        T(a_cancelled_move_is_taken_back),
        T(a_finish_waits_for_what_is_still_coming),
        T(an_expected_guest_is_nobody_elses),
        T(a_source_that_restarts_does_not_run_what_it_has_sent),
        T(a_destination_that_restarts_drops_what_was_not_finished),
        T(what_was_agreed_on_survives_the_source),
        T(the_outcome_is_kept_for_who_asks_later),
        T(what_no_restart_finds_promised_does_not_run),
        T(a_promise_is_kept_with_its_definition),
        T(who_is_not_told_hears_that_it_runs_there),
        T(who_is_not_told_hears_that_it_was_cancelled),
        T(what_runs_there_is_not_taken_back_by_a_client_in_error),
        T(a_host_that_dies_without_a_promise_does_not_run_it),
        T(after_a_promise_alone_it_stays_suspended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
