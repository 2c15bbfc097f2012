/* The policy: its syntax, who and what fits, and the order of its lines. */
#include "test.h"

#include "base/str.h"
#include "daemon/object.h"
#include "daemon/policy.h"

static char alice[] = "alice", staff[] = "staff", fred[] = "fred@LAB.ORG", ops[] = "CN=ops,O=The Lab";
static char *groups[] = {staff};

static struct policy *parse(const char *text)
{
    struct err e = {0};
    struct policy *p = policy_parse("p", text, &e);
    if (!p)
        fail_msg("%s", e.msg);
    return p;
}

static bool may(const char *text, const struct identity *id, const char *right, const char *name)
{
    struct policy *p = parse(text);
    struct object o = {
        .type = "domain", .name = name, .uuid = "00000000-0000-0000-0000-00000000cafe"};
    bool r = policy_allows(p, id, right, &o);
    policy_free(p);
    return r;
}

static void what_no_line_allows_is_denied(void **state)
{
    struct identity id = {.user = alice};
    assert_false(may("", &id, "read", "web"));
    assert_false(may("# nothing\n\n  \t\n", &id, "read", "web"));
    assert_false(may("allow user:bob *\n", &id, "read", "web"));
    assert_true(may("allow user:alice *\n", &id, "read", "web"));
}

static void the_first_line_that_fits_decides(void **state)
{
    struct identity id = {.user = alice};
    assert_false(may("deny any domain.read\nallow any *\n", &id, "read", "web"));
    assert_true(may("deny any domain.read\nallow any *\n", &id, "write", "web"));
    assert_true(may("allow any *\ndeny any domain.read\n", &id, "read", "web"));
}

static void everybody_is_found_by_what_is_known_of_him(void **state)
{
    struct identity local = {.user = alice, .groups = groups, .n_groups = 1};
    struct identity sasl = {.sasl_user = fred}, x509 = {.x509_name = ops}, nobody = {0};
    assert_true(may("allow group:st* domain.*", &local, "read", "web"));
    assert_false(may("allow group:root domain.*", &local, "read", "web"));
    assert_true(may("allow sasl:*@LAB.ORG domain.*", &sasl, "read", "web"));
    assert_true(may("allow x509:\"CN=ops,O=The Lab\" domain.*", &x509, "read", "web"));
    assert_false(may("allow x509:\"CN=ops\" domain.*", &x509, "read", "web"));
    assert_false(may("allow user:* *\nallow group:* *\nallow sasl:* *\nallow x509:* *", &nobody, "read", "web"));
    /* a SASL name is no user of this host */
    assert_false(may("allow user:fred* *", &sasl, "read", "web"));
}

static void guests_are_chosen_by_name_or_uuid(void **state)
{
    struct identity id = {.user = alice};
    assert_true(may("allow any domain.* web-*", &id, "read", "web-1"));
    assert_false(may("allow any domain.* web-*", &id, "read", "db-1"));
    assert_false(may("allow any domain.* web", &id, "read", "web-1"));
    assert_true(may("allow any domain.* *-00000000cafe", &id, "read", "db-1"));
    assert_true(may("allow any domain.start,domain.stop web", &id, "stop", "web"));
    assert_false(may("allow any domain.start,domain.stop web", &id, "read", "web"));
    assert_false(may("deny any * secret\nallow any *", &id, "read", "secret"));
}

static void some_guest_is_enough_to_look_further(void **state)
{
    struct identity id = {.user = alice};
    struct policy *p = parse("deny any * secret\ndeny any domain.stop\nallow user:alice domain.* web-*\n");
    assert_true(policy_may_allow(p, &id, "domain", "read"));
    assert_false(policy_may_allow(p, &id, "domain", "stop"));
    assert_false(policy_may_allow(p, &id, "connect", "read"));
    policy_free(p);
}

static void a_mistake_is_named_with_its_line(void **state)
{
    static const char *const bad[] = {"permit any *",       "allow",         "allow any",          "allow bob *",
                                      "allow user: *",      "allow any:x *", "allow any read",     "allow any domain.read,",
                                      "allow user:\"a b *", "allow any * a b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct err e = {0};
        CLEANUP_FREE char *text = mem_printf("# one\nallow any *\n%s\n", bad[i]);
        struct policy *p = policy_parse("file", text, &e);
        if (p)
            fail_msg("'%s' was accepted", bad[i]);
        assert_true(str_starts(e.msg, "file:3: "));
    }
}

static void patterns_take_linear_time(void **state)
{
    char text[4000], pattern[200];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + sizeof(pattern) - 2, "b", 2);
    assert_false(str_glob(pattern, text));
    assert_true(str_glob("*", ""));
    assert_true(str_glob("a*b?c", "axxbyc"));
    assert_false(str_glob("a*b?c", "axxbc"));
    assert_false(str_glob("", "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_line_allows_is_denied),
        cmocka_unit_test(the_first_line_that_fits_decides),
        cmocka_unit_test(everybody_is_found_by_what_is_known_of_him),
        cmocka_unit_test(guests_are_chosen_by_name_or_uuid),
        cmocka_unit_test(some_guest_is_enough_to_look_further),
        cmocka_unit_test(a_mistake_is_named_with_its_line),
        cmocka_unit_test(patterns_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
