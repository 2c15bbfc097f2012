/* What xen-json writes against the library that reads it: libxl takes every field and says the same
 * again. Built where libxl is installed. */
#include <libxl.h>

#include "base/file.h"
#include "conf/conf.h"
#include "conf/json.h"
#include "test.h"

/* libxl_ctx_alloc needs a running Xen. Reading and printing JSON does not: the context is only
 * asked for its logger and its list of allocations, which may both be empty. */
enum { CTX_SIZE = 1 << 16 };

static char *convert(const char *name)
{
    char path[256];
    CLEANUP_FREE char *text = NULL;
    size_t len;
    struct err e = {0};
    struct domain *d = NULL;
    struct str out = {0};
    struct conf_opts o = {.flags = CONF_RAW | CONF_SECURE};
    snprintf(path, sizeof(path), TESTS "/conf/json/%s.json", name);
    file_read(path, 1 << 20, &text, &len, &e);
    conf_read(CONF_JSON, text, len, &o, &d, &e);
    conf_write(CONF_JSON, d, &o, &out, &e);
    assert_string_equal(e.msg, "");
    domain_free(d);
    return str_take(&out);
}

static bool is_empty(const struct json *v)
{
    return (v->kind == JSON_OBJECT || v->kind == JSON_ARRAY) && !v->n_items;
}

/* Everything of a is in b; what libxl prints in another form is left out by its name. */
static void assert_all_in(const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < a->n_items; i++) {
        const struct json *x = &a->items[i];
        const struct json *y = x->key ? json_get(b, x->key) : i < b->n_items ? &b->items[i] : NULL;
        if (str_eq(x->key, "cpuid") || (!y && is_empty(x)))
            continue;
        if (!y)
            assert_string_equal(x->key ? x->key : "an item", "");
        assert_int_equal(x->kind, y->kind);
        if (x->text)
            assert_string_equal(x->text, y->text);
        assert_all_in(x, y);
    }
}

static void libxl_says_the_same(const char *name)
{
    CLEANUP_FREE char *text = convert(name);
    libxl_ctx *ctx = mem_new(1, CTX_SIZE);
    xentoollog_logger_stdiostream *logger = xtl_createlogger_stdiostream(stderr, XTL_WARN, 0);
    memcpy(ctx, &logger, sizeof(logger)); /* its first member */
    libxl_domain_config config;
    libxl_domain_config_init(&config);
    assert_int_equal(libxl_domain_config_from_json(ctx, &config, text), 0);
    CLEANUP_FREE char *again = libxl_domain_config_to_json(ctx, &config);
    struct json a = {0}, b = {0};
    struct err e = {0};
    json_parse(text, strlen(text), &a, &e);
    json_parse(again, strlen(again), &b, &e);
    assert_string_equal(e.msg, "");
    assert_all_in(&a, &b);
    assert_all_in(&b, &a);
    json_clear(&a);
    json_clear(&b);
    libxl_domain_config_dispose(&config);
    xtl_logger_destroy((xentoollog_logger *)logger);
    free(ctx);
}

static void hvm(void **state)
{
    libxl_says_the_same("hvm");
}

static void pv(void **state)
{
    libxl_says_the_same("pv");
}

static void pvh(void **state)
{
    libxl_says_the_same("pvh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hvm),
        cmocka_unit_test(pv),
        cmocka_unit_test(pvh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
