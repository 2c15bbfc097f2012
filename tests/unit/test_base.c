/* base/: errors, strings, numbers, arrays, hash, uuid, files. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "test.h"

static void err_carries_code_text_and_context(void **state)
{
    struct err e = {0};
    assert_int_equal(fail(&e, ERR_NO_DOMAIN, "no domain '%s'", "web"), -1);
    wrap(&e, "while starting");
    assert_int_equal(e.code, ERR_NO_DOMAIN);
    assert_string_equal(e.msg, "while starting: no domain 'web'");
}

static void err_cuts_long_texts_visibly(void **state)
{
    struct err e = {0};
    char *big = mem_new(ERR_MSG_MAX * 2 + 1, 1);
    memset(big, 'x', ERR_MSG_MAX * 2);
    fail(&e, 1, "%s", big);
    assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
    assert_true(str_ends(e.msg, "..."));
    wrap(&e, "%s", "ctx");
    assert_true(str_starts(e.msg, "ctx: xxx"));
    assert_true(str_ends(e.msg, "..."));
    free(big);
}

static void str_grows_and_cuts(void **state)
{
    struct str s = {0};
    assert_string_equal(str_get(&s), "");
    for (int i = 0; i < 1000; i++)
        str_addf(&s, "%d,", i);
    assert_true(str_starts(s.p, "0,1,2,"));
    assert_true(str_ends(s.p, "998,999,"));
    str_cut(&s, 3);
    assert_string_equal(s.p, "0,1");
    str_clear(&s);
}

static void numbers_are_whole_and_bounded(void **state)
{
    uint64_t u = 7;
    int64_t i = 7;
    assert_true(parse_u64("0x10", 0, UINT64_MAX, &u));
    assert_int_equal(u, 16);
    assert_true(parse_u64("18446744073709551615", 10, UINT64_MAX, &u));
    static const char *const bad[] = {"",  " 1", "1 ", "-1", "+1", "1x", "18446744073709551616",
                                      "08"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++)
        assert_false(parse_u64(bad[k], 0, UINT64_MAX, &u));
    assert_false(parse_u64("11", 10, 10, &u));
    assert_true(parse_i64("-5", 10, -5, 5, &i));
    assert_int_equal(i, -5);
    assert_false(parse_i64("-6", 10, -5, 5, &i));
    assert_false(parse_i64("- 5", 10, -5, 5, &i));
}

static void vec_keeps_order(void **state)
{
    int *v = NULL;
    size_t n = 0;
    for (int i = 0; i < 100; i++)
        VEC_PUSH(v, n, i);
    VEC_REMOVE(v, n, 50);
    assert_int_equal(n, 99);
    assert_int_equal(v[49], 49);
    assert_int_equal(v[50], 51);
    assert_int_equal(v[98], 99);
    free(v);
}

static void hash_finds_what_was_put(void **state)
{
    struct hash h = {0};
    static int values[5000];
    for (uint32_t i = 0; i < 5000; i++)
        hash_put(&h, &i, sizeof(i), &values[i]);
    for (uint32_t i = 0; i < 5000; i += 2)
        assert_ptr_equal(hash_remove(&h, &i, sizeof(i)), &values[i]);
    for (uint32_t i = 0; i < 5000; i++)
        assert_ptr_equal(hash_get(&h, &i, sizeof(i)), i % 2 ? &values[i] : NULL);
    size_t at = 0, n = 0;
    while (hash_next(&h, &at))
        n++;
    assert_int_equal(n, 2500);
    assert_int_equal(h.n, 2500);
    for (uint32_t round = 0; round < 100000; round++) { /* removed slots must not fill the table */
        hash_put(&h, &round, sizeof(round), &values[0]);
        hash_remove(&h, &round, sizeof(round));
    }
    assert_true(h.cap <= 65536);
    hash_clear(&h);
}

static void uuid_text_both_ways(void **state)
{
    uint8_t a[UUID_LEN], b[UUID_LEN];
    char text[UUID_TEXT];
    assert_true(uuid_parse("8f07fe28-753f-2729-d76d-bdbd892f949a", a));
    assert_string_equal(uuid_format(a, text), "8f07fe28-753f-2729-d76d-bdbd892f949a");
    assert_true(uuid_parse("8f07fe28753f2729d76dbdbd892f949a", b));
    assert_true(uuid_eq(a, b));
    assert_false(uuid_parse("8f07fe28-753f-2729-d76d-bdbd892f949", b));
    assert_false(uuid_parse("8f07fe28-753f-2729-d76d-bdbd892f949ag", b));
    uuid_random(b);
    assert_false(uuid_is_zero(b));
}

static void files_are_replaced_whole(void **state)
{
    char dir[] = "/tmp/xvirt-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct err e = {0};
    char path[128], *text = NULL;
    size_t len = 0;
    snprintf(path, sizeof(path), "%s/f", dir);
    assert_int_equal(symlink("/tmp/xvirt-must-not-appear", path), 0);
    assert_int_equal(file_write_atomic(dir, "f", "hello", 5, 0600, &e), 0);
    assert_int_equal(file_read(path, 100, &text, &len, &e), 0);
    assert_string_equal(text, "hello");
    free(text);
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(access("/tmp/xvirt-must-not-appear", F_OK), -1);
    assert_int_equal(file_read(path, 4, &text, &len, &e), -1);
    assert_int_equal(e.code, ERR_OVERFLOW);
    assert_int_equal(file_remove(dir, "f", &e), 0);
    assert_int_equal(file_remove(dir, "f", &e), 0);
    assert_int_equal(file_write_atomic("/nonexistent", "f", "", 0, 0600, &e), -1);
    assert_non_null(strstr(e.msg, "/nonexistent"));
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_carries_code_text_and_context),
        cmocka_unit_test(err_cuts_long_texts_visibly),
        cmocka_unit_test(str_grows_and_cuts),
        cmocka_unit_test(numbers_are_whole_and_bounded),
        cmocka_unit_test(vec_keeps_order),
        cmocka_unit_test(hash_finds_what_was_put),
        cmocka_unit_test(uuid_text_both_ways),
        cmocka_unit_test(files_are_replaced_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
