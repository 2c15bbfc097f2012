/* Memory is kept for guests that are being built: all that they need, less what they have. */
#include "hv/libxl/xl.h"
#include "unit/test.h"

enum { MIB = 1024, GIB = 1024 * MIB };

static libxl_dominfo domain(uint8_t id, uint64_t has_kib)
{
    libxl_dominfo d;
    libxl_dominfo_init(&d);
    libxl_uuid_bytearray(&d.uuid)[0] = id;
    d.current_memkb = has_kib;
    return d;
}

static void test_nothing_is_kept_for_nobody(void **state)
{
    libxl_dominfo doms[] = {domain(1, GIB)};
    assert_int_equal(promises_open_kib(NULL, doms, 1), 0);
}

static void test_all_is_kept_before_the_domain_is_there(void **state)
{
    struct promise two = {.uuid = {2}, .need_kib = 2 * GIB, .shadow_kib = 16 * MIB},
                   one = {.next = &two, .uuid = {1}, .need_kib = GIB};
    libxl_dominfo doms[] = {domain(7, 4ull * GIB), domain(2, 0)};
    assert_int_equal(promises_open_kib(&one, doms, 2), 3ull * GIB);
}

static void test_what_a_half_built_guest_has_is_not_kept_once_more(void **state)
{
    struct promise p = {.uuid = {2}, .need_kib = 2 * GIB + 20 * MIB, .shadow_kib = 16 * MIB};
    libxl_dominfo doms[] = {domain(2, GIB)};
    assert_int_equal(promises_open_kib(&p, doms, 1), GIB + 4 * MIB);
    doms[0].current_memkb = 2 * GIB;
    assert_int_equal(promises_open_kib(&p, doms, 1), 4 * MIB);
    doms[0].current_memkb = 3ull * GIB; /* no less than nothing */
    assert_int_equal(promises_open_kib(&p, doms, 1), 0);
}

static void test_its_predecessor_gives_it_nothing(void **state)
{
    struct promise p = {.uuid = {2}, .need_kib = GIB};
    libxl_dominfo doms[] = {domain(2, GIB), domain(2, GIB / 4)};
    doms[0].dying = true;
    assert_int_equal(promises_open_kib(&p, doms, 1), GIB);
    assert_int_equal(promises_open_kib(&p, doms, 2), GIB - GIB / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_kept_for_nobody),
        cmocka_unit_test(test_all_is_kept_before_the_domain_is_there),
        cmocka_unit_test(test_what_a_half_built_guest_has_is_not_kept_once_more),
        cmocka_unit_test(test_its_predecessor_gives_it_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
