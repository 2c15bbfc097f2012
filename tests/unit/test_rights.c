/* Every procedure, with every flag bit, on a connection that may not use it: read-only, not authenticated, denied by the
 * policy. What is right is in tests/conformance/rights.txt, which does not come from our own tables. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../lib/daemon_rig.h"
#include "base/file.h"
#include "base/str.h"
#include "daemon/audit.h"
#include "wire/frame.h"

enum { ROWS = 453, TEXT_MAX = 1 << 20, AUTH_FIRST = 66, AUTH_LAST = 70, VALUES = 34 };

struct row {
    int number;
    bool is_call, needs_right;
    char readonly[16];
};
static struct row rows[ROWS];

static int read_rows(void **state)
{
    CLEANUP_FREE char *text = NULL;
    size_t len, n = 0;
    assert_int_equal(file_read(TESTS "/conformance/rights.txt", TEXT_MAX, &text, &len, NULL), 0);
    for (char *line = strchr(text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        struct row *r = &rows[n++];
        char kind[16], rights[256];
        assert_int_equal(sscanf(line, "%d %15s %15s %255s", &r->number, kind, r->readonly, rights), 4);
        r->is_call = str_eq(kind, "call");
        r->needs_right = !str_eq(rights, "-");
        assert_int_equal(r->number, n);
    }
    assert_int_equal(n, ROWS);
    return 0;
}

/* The arguments, all zero but for one member; nothing when there is no such member. */
static bool make_args(int proc, const char *member, uint32_t value, struct str *out)
{
    const struct wire_type *t = wire_proc_find(WIRE_PROGRAM_REMOTE, proc)->args;
    str_cut(out, 0);
    if (!t)
        return false;
    CLEANUP_FREE char *args = mem_new(1, t->size);
    for (size_t i = 0; i < t->n_fields; i++) {
        if (!str_eq(t->fields[i].name, member) || t->fields[i].shape != WIRE_S_ONE)
            continue;
        memcpy(args + t->fields[i].offset, &value, sizeof(value));
        return !wire_encode(t, args, out, NULL);
    }
    return false;
}

static void open_call(struct daemon_rig *r, int fd)
{
    static const char no_name_no_flags[8];
    assert_false(daemon_rig_call(r, fd, WIRE_CONNECT_OPEN, no_name_no_flags, 8).is_error);
}

/* The i-th value to try: nothing, each bit, all bits. */
static uint32_t value(int i)
{
    return i == 0 ? 0 : i == VALUES - 1 ? UINT32_MAX : 1u << (i - 1);
}

static struct rig_reply call_with(struct daemon_rig *r, int fd, int proc, const char *member, uint32_t v)
{
    CLEANUP_STR struct str args = {0};
    if (!make_args(proc, member, v, &args))
        make_args(proc, "", 0, &args);
    return daemon_rig_call(r, fd, proc, args.p, args.len);
}

static void expect_refused(struct daemon_rig *r, int fd, int proc, int code, int domain)
{
    static const char garbage[64] = "\377\377\377\377garbage";
    for (int i = 0; i < VALUES; i++) {
        struct rig_reply a = call_with(r, fd, proc, "flags", value(i));
        if (!a.is_there || a.code != code || a.domain != domain)
            fail_msg("procedure %d, flags %#x: code %d domain %d", proc, value(i), a.code, a.domain);
    }
    /* before anything of the arguments is interpreted */
    for (size_t n = 0; n <= sizeof(garbage); n += 16) {
        struct rig_reply a = daemon_rig_call(r, fd, proc, garbage, n);
        if (a.code != code || a.domain != domain)
            fail_msg("procedure %d, %zu bytes of garbage: code %d domain %d", proc, n, a.code, a.domain);
    }
}

static void nothing_before_authentication(void **state)
{
    struct daemon_rig r;
    daemon_rig_open(&r, "auth_unix_rw = \"sasl\"\n");
    int fd = daemon_rig_client(&r, false), n = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].number >= AUTH_FIRST && rows[i].number <= AUTH_LAST)
            continue;
        expect_refused(&r, fd, rows[i].number, ERR_RPC, ERR_FROM_RPC);
        n++;
    }
    assert_int_equal(n, ROWS - 5);
    close(fd);
    daemon_rig_close(&r);
}

static bool is_denied(const struct row *row, uint32_t flags, uint32_t source)
{
    if (str_starts(row->readonly, "flags&"))
        return flags & (uint32_t)(row->readonly[6] - '0');
    if (str_eq(row->readonly, "guest"))
        return flags & 8;
    if (str_eq(row->readonly, "agent"))
        return source == 1;
    return str_eq(row->readonly, "denied");
}

static void a_readonly_connection_changes_nothing(void **state)
{
    struct daemon_rig r;
    daemon_rig_open(&r, NULL);
    int n_denied = 0, n_conditional = 0;
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        int fd = daemon_rig_client(&r, true);
        open_call(&r, fd);
        if (!row->is_call) {
            expect_refused(&r, fd, row->number, ERR_RPC, ERR_FROM_RPC);
        } else if (str_eq(row->readonly, "denied")) {
            expect_refused(&r, fd, row->number, ERR_OPERATION_DENIED, ERR_FROM_DOMAIN);
            n_denied++;
        } else if (!str_eq(row->readonly, "-")) {
            const char *member = str_eq(row->readonly, "agent") ? "source" : "flags";
            for (int k = 0; k < VALUES; k++) {
                uint32_t v = value(k);
                struct rig_reply a = call_with(&r, fd, row->number, member, v);
                bool denied = a.code == ERR_OPERATION_DENIED && a.domain == ERR_FROM_DOMAIN;
                bool known = wire_proc_find(WIRE_PROGRAM_REMOTE, row->number) != NULL;
                /* a call that nobody handles says so, whatever its flags */
                bool unsupported = a.code == ERR_NO_SUPPORT && known;
                if (denied != is_denied(row, v, v) && !unsupported)
                    fail_msg("procedure %d, %s %#x: code %d", row->number, member, v, a.code);
            }
            n_conditional += !str_eq(row->readonly, "ok");
        }
        close(fd);
        daemon_rig_turn(&r);
    }
    assert_int_equal(n_denied, 201);
    assert_int_equal(n_conditional, 6);
    assert_true(daemon_rig_settle(&r));
    daemon_rig_close(&r);
}

static void what_the_policy_denies_is_not_even_decoded(void **state)
{
    struct daemon_rig r;
    daemon_rig_open(&r, NULL);
    int fd = daemon_rig_client(&r, false), n = 0;
    open_call(&r, fd);
    daemon_rig_policy(&r, "deny any *\n");
    for (size_t i = 0; i < ROWS; i++) {
        if (!rows[i].is_call || !rows[i].needs_right || rows[i].number == WIRE_CONNECT_OPEN)
            continue;
        expect_refused(&r, fd, rows[i].number, ERR_ACCESS_DENIED, ERR_FROM_ACCESS);
        n++;
    }
    assert_int_equal(n, 392);
    close(fd);
    assert_true(daemon_rig_settle(&r));
    daemon_rig_close(&r);
}

/* A read-only client is told so even where the policy would grant it. */
static void a_grant_does_not_lift_readonly(void **state)
{
    struct daemon_rig r;
    daemon_rig_open(&r, NULL);
    daemon_rig_policy(&r, "allow any *\n");
    int fd = daemon_rig_client(&r, true);
    open_call(&r, fd);
    for (size_t i = 0; i < ROWS; i++)
        if (str_eq(rows[i].readonly, "denied"))
            expect_refused(&r, fd, rows[i].number, ERR_OPERATION_DENIED, ERR_FROM_DOMAIN);
    close(fd);
    assert_true(daemon_rig_settle(&r));
    daemon_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_authentication),
        cmocka_unit_test(a_readonly_connection_changes_nothing),
        cmocka_unit_test(what_the_policy_denies_is_not_even_decoded),
        cmocka_unit_test(a_grant_does_not_lift_readonly),
    };
    return cmocka_run_group_tests(tests, read_rows, NULL);
}
