/* A worker's libxl operation is waited for until libxl says that it is over: a context with one
 * under way cannot be freed. libxl itself is played here. */
#include <sys/resource.h>

#include "base/log.h"
#include "hv/libxl/xl.h"
#include "unit/test.h"

enum { MANY_FDS = 64, FEW_FDS = 32 };

/* What the played libxl does: its first rounds have more descriptors than poll takes. */
static struct {
    int bad_rounds, rounds, aborts, logs, rounds_to_end, rc;
    bool is_under_way, ends_when_aborted;
} play;

int libxl_osevent_beforepoll(libxl_ctx *ctx, int *n, struct pollfd *fds, int *ms,
                             struct timeval now)
{
    int want = play.rounds < play.bad_rounds ? MANY_FDS : 0;
    bool fits = *n >= want;
    *n = want;
    if (!fits)
        return ERROR_BUFFERFULL;
    for (int i = 0; i < want; i++)
        fds[i] = (struct pollfd){.fd = -1, .revents = POLLIN};
    *ms = 0;
    return 0;
}

void libxl_osevent_afterpoll(libxl_ctx *ctx, int n, const struct pollfd *fds, struct timeval now)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(fds[i].revents, 0);
    play.rounds++;
}

int libxl_event_check(libxl_ctx *ctx, libxl_event **ret, uint64_t mask,
                      libxl_event_predicate *predicate, void *user)
{
    static libxl_event over;
    bool is_over = play.rounds >= play.rounds_to_end || (play.ends_when_aborted && play.aborts);
    if (!is_over)
        return ERROR_NOT_READY;
    over.type = LIBXL_EVENT_TYPE_OPERATION_COMPLETE;
    over.u.operation_complete.rc = play.aborts ? ERROR_ABORTED : play.rc;
    play.is_under_way = false;
    *ret = &over;
    return 0;
}

void libxl_event_free(libxl_ctx *ctx, libxl_event *event)
{
}

int libxl_ao_abort(libxl_ctx *ctx, const libxl_asyncop_how *how)
{
    play.aborts++;
    return 0;
}

static void on_log(void *arg, int level, const char *text)
{
    play.logs++;
}

static int wait_for_it(void)
{
    struct hv hv = {.events.log = on_log};
    struct op o = {.log.hv = &hv};
    play.is_under_way = true;
    return op_wait(&o, NULL);
}

/* given a host whose limit is too low for libxl's descriptors; when an operation is waited for;
 * then it is aborted, once, and waited for to its end */
static void test_a_failing_poll_does_not_leave_the_operation(void **state)
{
    struct rlimit old, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    few = old;
    few.rlim_cur = FEW_FDS;
    memset(&play, 0, sizeof(play));
    play.bad_rounds = 3;
    play.rounds_to_end = 5;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int rc = wait_for_it();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_false(play.is_under_way);
    assert_int_equal(rc, ERROR_ABORTED);
    assert_int_equal(play.aborts, 1);
    assert_int_equal(play.logs, 1);
}

static void test_the_result_is_libxls(void **state)
{
    memset(&play, 0, sizeof(play));
    play.rounds_to_end = 2;
    play.rc = ERROR_NOMEM;
    assert_int_equal(wait_for_it(), ERROR_NOMEM);
    assert_int_equal(play.aborts, 0);
}

static void test_what_aborting_ends_is_over(void **state)
{
    struct rlimit old, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    few = old;
    few.rlim_cur = FEW_FDS;
    memset(&play, 0, sizeof(play));
    play.bad_rounds = play.rounds_to_end = INT32_MAX;
    play.ends_when_aborted = true;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int rc = wait_for_it();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(rc, ERROR_ABORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failing_poll_does_not_leave_the_operation),
        cmocka_unit_test(test_the_result_is_libxls),
        cmocka_unit_test(test_what_aborting_ends_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
