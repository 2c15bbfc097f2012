/* loop/: order of callbacks, descriptors, timers, workers. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "loop/lock.h"
#include "loop/loop.h"
#include "test.h"

struct seen {
    struct loop *l;
    struct str order;
    bool is_done;
};

struct step {
    struct seen *seen;
    char letter;
};

static int open_loop(void **state)
{
    struct seen *s = NEW(struct seen);
    s->l = loop_new(NULL);
    *state = s;
    return s->l ? 0 : -1;
}

static int close_loop(void **state)
{
    struct seen *s = *state;
    loop_free(s->l);
    str_clear(&s->order);
    free(s);
    return 0;
}

static void note(void *arg)
{
    struct step *p = arg;
    str_addc(&p->seen->order, p->letter);
}

static void finish(void *arg)
{
    ((struct seen *)arg)->is_done = true;
}

static void defer_finish(void *arg)
{
    struct seen *s = arg;
    loop_defer(s->l, finish, s);
}

static void deferred_calls_keep_their_order(void **state)
{
    struct seen *s = *state;
    struct step a = {s, 'a'}, b = {s, 'b'}, c = {s, 'c'};
    loop_defer(s->l, note, &a);
    loop_defer(s->l, note, &b);
    loop_post(s->l, note, &c);
    assert_string_equal(str_get(&s->order), "");
    loop_defer(s->l, defer_finish, s);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
    loop_run_until(s->l, &(bool){false}, 1);
    assert_string_equal(s->order.p, "abc");
}

static void timers_fire_once_or_repeat_and_stop(void **state)
{
    struct seen *s = *state;
    struct step a = {s, 'a'}, never = {s, 'x'};
    struct loop_timer *t = loop_timer_open(s->l, note, &a),
                      *n = loop_timer_open(s->l, note, &never),
                      *end = loop_timer_open(s->l, finish, s);
    loop_timer_start(t, 1, 2);
    loop_timer_start(n, 5, 0);
    loop_timer_stop(n);
    loop_timer_start(end, 50, 0);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
    for (int i = 0; i < 400 && s->order.len < 3; i++)
        loop_run_until(s->l, &(bool){false}, 5);
    assert_true(str_starts(str_get(&s->order), "aaa"));
    assert_null(strchr(s->order.p, 'x'));
    loop_timer_close(t);
    loop_timer_close(n);
    loop_timer_close(end);
    loop_timer_close(NULL);
}

static void a_timer_may_close_itself_in_its_callback_and_unclosed_ones_are_freed(void **state)
{
    struct seen *s = *state;
    loop_timer_start(loop_timer_open(s->l, finish, s), 1, 0);
    loop_timer_open(s->l, finish, s);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
}

static void run_until_gives_up(void **state)
{
    struct seen *s = *state;
    assert_false(loop_run_until(s->l, &s->is_done, 5));
    for (int i = 0; i < 1000; i++) /* also when the time is over before it begins to wait */
        assert_false(loop_run_until(s->l, &s->is_done, i % 2));
}

struct watch {
    struct seen *seen;
    struct loop_fd *f;
    int events, calls;
};

static void on_fd(void *arg, int events)
{
    struct watch *w = arg;
    w->events |= events;
    w->calls++;
    loop_fd_close(w->f);
    w->f = NULL;
    w->seen->is_done = true;
}

static void a_descriptor_becomes_readable_and_closes_itself(void **state)
{
    struct seen *s = *state;
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    struct watch w = {s};
    w.f = loop_fd_open(s->l, p[0], LOOP_READ, on_fd, &w, NULL);
    assert_non_null(w.f);
    assert_false(loop_run_until(s->l, &s->is_done, 5));
    for (int i = 0; i < 1000; i++) /* also when the time is over before it begins to wait */
        assert_false(loop_run_until(s->l, &s->is_done, i % 2));
    assert_int_equal(file_write_all(p[1], "x", 1, NULL), 0);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
    assert_int_equal(w.events, LOOP_READ);
    assert_int_equal(w.calls, 1);
    close(p[0]);
    close(p[1]);
}

static void a_paused_descriptor_is_silent(void **state)
{
    struct seen *s = *state;
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    struct watch w = {s};
    w.f = loop_fd_open(s->l, p[1], LOOP_WRITE, on_fd, &w, NULL);
    loop_fd_set(w.f, 0);
    assert_false(loop_run_until(s->l, &s->is_done, 5));
    for (int i = 0; i < 1000; i++) /* also when the time is over before it begins to wait */
        assert_false(loop_run_until(s->l, &s->is_done, i % 2));
    loop_fd_set(w.f, LOOP_WRITE);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
    assert_int_equal(w.events, LOOP_WRITE);
    close(p[0]);
    close(p[1]);
}

static void two_watchers_share_a_descriptor(void **state)
{
    struct seen *s = *state;
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    struct watch r = {s}, r2 = {s};
    r.f = loop_fd_open(s->l, p[0], LOOP_READ, on_fd, &r, NULL);
    r2.f = loop_fd_open(s->l, p[0], LOOP_READ, on_fd, &r2, NULL);
    assert_non_null(r2.f);
    close(p[1]);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
    while (!r.calls || !r2.calls)
        loop_run_until(s->l, &(bool){false}, 1);
    assert_true(r.events & LOOP_HANGUP);
    assert_true(r2.events & LOOP_HANGUP);
    close(p[0]);
}

static void a_regular_file_cannot_be_watched(void **state)
{
    struct seen *s = *state;
    struct err e = {0};
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_null(loop_fd_open(s->l, fd, LOOP_READ, on_fd, NULL, &e));
    assert_int_equal(e.code, ERR_SYSTEM_ERROR);
    close(fd);
}

static void a_signal_is_an_event(void **state)
{
    struct seen *s = *state;
    struct loop_signal *g = loop_signal_open(s->l, SIGUSR1, finish, s, NULL);
    raise(SIGUSR1);
    assert_true(loop_run_until(s->l, &s->is_done, 2000));
    loop_signal_close(g);
}

enum { MANY = 300 };
struct many {
    struct loop *l;
    atomic_int running, most, worked;
    int after;
    bool is_done, wrong_thread;
};

static void work_many(void *arg)
{
    struct many *m = arg;
    int now = ++m->running;
    for (int most = m->most; now > most && !atomic_compare_exchange_weak(&m->most, &most, now);)
        continue;
    if (loop_is_here(m->l))
        m->wrong_thread = true;
    usleep(500);
    m->worked++;
    m->running--;
}

static void after_many(void *arg)
{
    struct many *m = arg;
    if (!loop_is_here(m->l))
        m->wrong_thread = true;
    m->is_done = ++m->after == MANY;
}

static void workers_run_beside_each_other_up_to_the_limit(void **state)
{
    struct seen *s = *state;
    struct many m = {s->l};
    for (int i = 0; i < MANY; i++)
        loop_work(s->l, work_many, after_many, &m);
    assert_int_equal(loop_workers(s->l), MANY);
    assert_true(loop_run_until(s->l, &m.is_done, 20000));
    assert_int_equal(m.worked, MANY);
    assert_int_equal(loop_workers(s->l), 0);
    assert_true(m.most > 1 && m.most <= LOOP_WORKERS_MAX);
    assert_false(m.wrong_thread);
}

struct queue {
    bool may_end, is_done;
    int running, ended;
    bool quick_is_done;
};

static void work_until_told(void *arg)
{
    struct queue *q = arg;
    __atomic_add_fetch(&q->running, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&q->may_end, __ATOMIC_SEQ_CST))
        usleep(500);
}

static void after_long(void *arg)
{
    struct queue *q = arg;
    q->is_done = ++q->ended == 5;
}

static void work_nothing(void *arg)
{
}

static void after_quick(void *arg)
{
    ((struct queue *)arg)->quick_is_done = true;
}

static void what_is_quick_passes_by_what_takes_long(void **state)
{
    struct seen *s = *state;
    struct queue q = {0};
    loop_set_limits(s->l, &(struct loop_limits){.max = 2, .quick = 1});
    for (int i = 0; i < 5; i++)
        loop_work_long(s->l, work_until_told, after_long, &q);
    loop_work(s->l, work_nothing, after_quick, &q);
    assert_true(loop_run_until(s->l, &q.quick_is_done, 20000));
    q.quick_is_done = false;
    loop_work(s->l, work_nothing, after_quick, &q);
    assert_true(loop_run_until(s->l, &q.quick_is_done, 20000));
    assert_true(__atomic_load_n(&q.running, __ATOMIC_SEQ_CST) <= 2);
    assert_int_equal(loop_workers(s->l), 5);
    __atomic_store_n(&q.may_end, true, __ATOMIC_SEQ_CST);
    assert_true(loop_run_until(s->l, &q.is_done, 20000));
    assert_int_equal(q.running, 5);
}

static void freeing_a_loop_waits_for_its_workers(void **state)
{
    struct loop *l = loop_new(NULL);
    struct many m = {l};
    for (int i = 0; i < 70; i++)
        loop_work(l, work_many, after_many, &m);
    loop_free(l);
    assert_int_equal(m.after, 70);
    loop_free(NULL);
}

static void stop_from_run(void *arg)
{
    loop_stop(arg);
}

static void stop_ends_run(void **state)
{
    struct seen *s = *state;
    loop_post(s->l, stop_from_run, s->l);
    loop_run(s->l);
    uint64_t before = loop_now_ms(s->l);
    loop_run_until(s->l, &s->is_done, 5);
    assert_true(loop_now_ms(s->l) >= before + 4);
}

struct count {
    struct lock *k;
    long n;
    int left;
    bool is_done;
};

static void work_count(void *arg)
{
    struct count *c = arg;
    for (int i = 0; i < 10000; i++) {
        lock_enter(c->k);
        c->n++;
        lock_leave(c->k);
    }
}

static void after_count(void *arg)
{
    struct count *c = arg;
    c->is_done = !--c->left;
}

static void a_lock_excludes(void **state)
{
    struct seen *s = *state;
    struct count c = {.k = lock_new(), .left = 4};
    for (int i = 0; i < 4; i++)
        loop_work(s->l, work_count, after_count, &c);
    assert_true(loop_run_until(s->l, &c.is_done, 20000));
    assert_int_equal(c.n, 40000);
    lock_free(c.k);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_loop, close_loop)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(deferred_calls_keep_their_order),
        T(timers_fire_once_or_repeat_and_stop),
        T(a_timer_may_close_itself_in_its_callback_and_unclosed_ones_are_freed),
        T(run_until_gives_up),
        T(a_descriptor_becomes_readable_and_closes_itself),
        T(a_paused_descriptor_is_silent),
        T(two_watchers_share_a_descriptor),
        T(a_regular_file_cannot_be_watched),
        T(a_signal_is_an_event),
        T(workers_run_beside_each_other_up_to_the_limit),
        T(what_is_quick_passes_by_what_takes_long),
        cmocka_unit_test(freeing_a_loop_waits_for_its_workers),
        T(stop_ends_run),
        T(a_lock_excludes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
