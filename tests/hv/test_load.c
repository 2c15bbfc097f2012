/* The driver's module, as the daemon loads it: it is of this build, and whole. */
#include "hv/hv.h"
#include "unit/test.h"

static void test_loads(void **state)
{
    struct err e = {0};
    const struct hv_ops *ops = hv_load_libxl(HV_DIR, &e);
    if (!ops)
        fail_msg("%s", e.msg);
    assert_string_equal(ops->name, "libxl");
    assert_int_equal(ops->abi, HV_ABI);
}

static void test_no_operation_is_missing(void **state)
{
    struct err e = {0};
    const struct hv_ops *ops = hv_load_libxl(HV_DIR, &e);
    assert_non_null(ops);
    for (const char *p = (const char *)&ops->open; p < (const char *)(ops + 1); p += sizeof(void *)) {
        void *op;
        memcpy(&op, p, sizeof(op));
        assert_non_null(op);
    }
}

static void test_none_is_an_error(void **state)
{
    struct err e = {0};
    assert_null(hv_load_libxl("/nonexistent", &e));
    assert_int_equal(e.code, ERR_NO_SUPPORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads),
        cmocka_unit_test(test_no_operation_is_missing),
        cmocka_unit_test(test_none_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
