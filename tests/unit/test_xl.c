/* xen-xl and xen-xm on random guests: what was written once reads back the same, whatever it is;
 * and every plain row of the tables survives by itself. */
#include "test.h"

#include <stdlib.h>

#include "../lib/random_model.h"
#include "conf/codec.h"
#include "conf/xl_doc.h"

static struct domain *read_back(enum conf_format format, const struct domain *d, struct str *text)
{
    struct conf_opts o = {.flags = CONF_RAW | CONF_SECURE};
    struct err e = {0};
    struct domain *ret = NULL;
    str_cut(text, 0);
    if (conf_write(format, d, &o, text, &e)) {
        print_error("write: %s\n", e.msg);
        return NULL;
    }
    if (conf_read(format, str_get(text), text->len, &o, &ret, &e))
        print_error("read: %s\n%s\n", e.msg, str_get(text));
    return ret;
}

/* What the format cannot say is gone after the first time; then nothing may change any more. */
static void is_stable(enum conf_format format, uint64_t seed)
{
    CLEANUP_STR struct str text = {0}, path = {0};
    CLEANUP_DOMAIN struct domain *d = random_domain(seed);
    struct conf_opts o = {.flags = CONF_RAW | CONF_SECURE};
    struct err e = {0};
    if (conf_write(format, d, &o, &text, &e))
        return; /* refused by name: a network disk, a port that does not exist */
    CLEANUP_DOMAIN struct domain *once = read_back(format, d, &text);
    if (!once)
        print_error("seed %llu\n", (unsigned long long)seed);
    assert_non_null(once);
    CLEANUP_DOMAIN struct domain *twice = read_back(format, once, &text);
    assert_non_null(twice);
    bool is_same = domain_equal(once, twice, &path);
    if (!is_same)
        print_error("seed %llu: %s\n%s\n", (unsigned long long)seed, str_get(&path), text.p);
    assert_true(is_same);
}

static void random_guests(enum conf_format format)
{
    const char *rounds = getenv("XVIRT_ROUNDS");
    int64_t n = 10000;
    parse_i64(rounds, 10, 1, INT32_MAX, &n);
    for (int64_t seed = 1; seed <= n; seed++)
        is_stable(format, (uint64_t)seed);
}

static void random_guests_xl(void **state)
{
    random_guests(CONF_XL);
}

static void random_guests_xm(void **state)
{
    random_guests(CONF_XM);
}

/* A value for a plain row; false for what has none here. */
static bool set_row(const struct row *r, struct xl_doc *x, struct conf_ctx *c)
{
    struct pos none = {0};
    switch (r->kind) {
    case ROW_STR:
        return !row_read_text(c, r, x, "a'b \"c\" \\n", none);
    case ROW_TRI:
        return !row_read_text(c, r, x, "1", none);
    case ROW_NUM:
        return !row_read_text(c, r, x,
                              r->min > 7             ? "1024"
                              : r->max && r->max < 7 ? "1"
                                                     : "7",
                              none);
    case ROW_ENUM:
        return !row_read_text(c, r, x, r->words->names[r->words->n - 1], none);
    case ROW_UUID:
        return !row_read_text(c, r, x, "45b60f51-88a9-47a8-a3b3-5e66d71b2283", none);
    case ROW_STRS:
        return !row_read_text(c, r, x, "one, two", none) && !row_read_text(c, r, x, "", none);
    case ROW_U32S:
        return !row_read_text(c, r, x, "5", none) && !row_read_text(c, r, x, "6", none);
    case ROW_BOOL:
    case ROW_MAC:
    case ROW_HOOK:
    case ROW_IGNORE:
        break;
    }
    return false;
}

static enum guest_type type_for(const struct row *r)
{
    return r->applies & ROW_HVM   ? GUEST_HVM
           : r->applies & ROW_PV  ? GUEST_PV
           : r->applies & ROW_PVH ? GUEST_PVH
                                  : GUEST_HVM;
}

static void row_survives(enum conf_format format, const struct row *r, int *ret_checked)
{
    static const struct conf_opts plain = {.flags = CONF_RAW};
    struct conf_ctx c = {.o = &plain};
    struct xl_doc x = {0};
    CLEANUP_STR struct str text = {0}, path = {0};
    if (r->offset >= offsetof(struct xl_doc, display) || r->flags & ROW_READ_ONLY || r->write)
        return; /* those are the business of xl_settle */
    x.d.type = type_for(r);
    if (!set_row(r, &x, &c))
        return;
    CLEANUP_DOMAIN struct domain *back = read_back(format, &x.d, &text);
    bool is_same = back && domain_equal(&x.d, back, &path);
    if (!is_same)
        print_error("row '%s': %s\n%s\n", r->key, str_get(&path), str_get(&text));
    assert_true(is_same);
    assert_non_null(strstr(str_get(&text), r->key));
    rec_clear(&domain_rec, &x.d);
    ++*ret_checked;
}

static void every_plain_row(void **state)
{
    int xl = 0, xm = 0;
    for (size_t i = 0; i < xl_table.n; i++)
        row_survives(CONF_XL, &xl_table.rows[i], &xl);
    for (size_t i = 0; i < xm_table.n; i++)
        row_survives(CONF_XM, &xm_table.rows[i], &xm);
    assert_true(xl > 70 && xm > 50);
}

/* The key reference needs a line for each. */
static void rows_are_documented(void **state)
{
    for (size_t t = 0; xl_tables[t]; t++)
        for (size_t i = 0; i < xl_tables[t]->n; i++) {
            const struct row *r = &xl_tables[t]->rows[i];
            if (!r->doc || !r->type)
                print_error("row '%s%s' has no %s\n", xl_tables[t]->prefix, r->key,
                            r->doc ? "type" : "doc");
            assert_true(r->doc && r->type);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plain_row),
        cmocka_unit_test(rows_are_documented),
        cmocka_unit_test(random_guests_xl),
        cmocka_unit_test(random_guests_xm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
