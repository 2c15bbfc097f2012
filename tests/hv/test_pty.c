/* What guests may write in xenstore is not believed: only a terminal of the guest's own device model is its console. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hv/libxl/pty.h"
#include "unit/test.h"

static void a_path_is_of_a_terminal_and_nothing_else(void **state)
{
    static const char *const bad[] = {
        "/dev/sda",     "/dev/pts/",      "/dev/pts/ptmx", "/dev/pts/../sda", "/dev/pts/1/../../sda",
        "/dev/pts/-1",  "/dev/pts/+1",    "/dev/pts/ 1",   "/dev/pts/1x",     "/dev/pts/99999999999",
        "dev/pts/1",    "/etc/shadow",    "",
    };
    uint32_t n;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (pty_number(bad[i], &n))
            fail_msg("'%s' is taken for a terminal", bad[i]);
    assert_true(pty_number("/dev/pts/17", &n));
    assert_int_equal(n, 17);
}

static void a_terminal_is_of_the_process_that_has_its_other_end(void **state)
{
    uint32_t number;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0);
    assert_true(pty_number(ptsname(master), &number));
    assert_true(pty_is_of((uint32_t)getpid(), number));
    assert_false(pty_is_of((uint32_t)getpid(), number + 1000));
    assert_false(pty_is_of((uint32_t)getppid(), number));
    close(master);
    assert_false(pty_is_of((uint32_t)getpid(), number));
    assert_false(pty_is_of(INT32_MAX, number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_of_a_terminal_and_nothing_else),
        cmocka_unit_test(a_terminal_is_of_the_process_that_has_its_other_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
