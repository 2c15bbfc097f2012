/* The client against a libvirtd with its test driver: what another implementation of the protocol
 * makes of our frames. */
#include <stdlib.h>

#include "../unit/test.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "wire/consts.h"
#include "wire/param.h"

static struct client *open_test(bool readonly)
{
    struct err e = {0};
    CLEANUP_FREE char *uri =
        mem_printf("test+unix:///default?socket=%s", getenv("LIBVIRTD_SOCKET"));
    struct client *c = client_open(uri, &(struct client_options){.is_readonly = readonly}, &e);
    if (!c)
        print_error("%s\n", e.msg);
    assert_non_null(c);
    return c;
}

static void done(int r, const struct err *e)
{
    if (r)
        print_error("%s\n", e->msg);
    assert_int_equal(r, 0);
}

/* The domain "test" that the driver always has; caller clears with wire_type_domain. */
static struct wire_domain test_domain(struct client *c)
{
    struct err e = {0};
    char name[] = "test";
    struct wire_domain_lookup_by_name_args args = {name};
    struct wire_domain_lookup_by_name_ret ret;
    done(call_domain_lookup_by_name(c, &args, &ret, &e), &e);
    return ret.dom;
}

static void the_host_is_described(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    struct wire_connect_get_type_ret type;
    struct wire_node_get_info_ret info;
    struct wire_connect_get_capabilities_ret caps;
    done(call_connect_get_type(c, &type, &e), &e);
    assert_string_equal(type.type, "TEST");
    done(call_node_get_info(c, &info, &e), &e);
    assert_string_equal(info.model, "i686");
    assert_int_equal(info.cpus, 16);
    done(call_connect_get_capabilities(c, &caps, &e), &e);
    assert_non_null(strstr(caps.capabilities, "<capabilities>"));
    assert_true(client_has_feature(c, VIR_DRV_FEATURE_REMOTE_EVENT_CALLBACK));
    assert_false(client_has_feature(c, VIR_DRV_FEATURE_MIGRATION_V1));
    wire_clear(&wire_type_connect_get_type_ret, &type);
    wire_clear(&wire_type_connect_get_capabilities_ret, &caps);
    client_close(c);
}

static void a_domain_lives_through_its_states(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    struct wire_domain dom = test_domain(c);
    char text[UUID_TEXT];
    assert_string_equal(uuid_format(dom.uuid, text), "6695eb01-f6a4-8304-79aa-97f2502e193f");
    struct wire_domain_get_state_args args = {dom};
    struct wire_domain_get_state_ret s;
    done(call_domain_suspend(c, &(struct wire_domain_suspend_args){dom}, &e), &e);
    done(call_domain_get_state(c, &args, &s, &e), &e);
    assert_int_equal(s.state, VIR_DOMAIN_PAUSED);
    done(call_domain_resume(c, &(struct wire_domain_resume_args){dom}, &e), &e);
    done(call_domain_get_state(c, &args, &s, &e), &e);
    assert_int_equal(s.state, VIR_DOMAIN_RUNNING);
    done(call_domain_destroy(c, &(struct wire_domain_destroy_args){dom}, &e), &e);
    assert_int_equal(call_domain_suspend(c, &(struct wire_domain_suspend_args){dom}, &e), -1);
    assert_non_null(strstr(e.msg, "not running"));
    wire_clear(&wire_type_domain, &dom);
    client_close(c);
}

static void definitions_and_lists(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    char xml[] = "<domain type='test'><name>fr\xc3\xa9"
                 "d</name><memory>1024</memory><os><type>hvm</type></os></domain>";
    struct wire_domain_define_xml_ret def;
    done(call_domain_define_xml(c, &(struct wire_domain_define_xml_args){xml}, &def, &e), &e);
    assert_string_equal(def.dom.name, "fr\xc3\xa9"
                                      "d");
    assert_int_equal(def.dom.id, -1);
    struct wire_connect_list_all_domains_ret all;
    struct wire_connect_list_all_domains_args args = {1, VIR_CONNECT_LIST_DOMAINS_INACTIVE};
    done(call_connect_list_all_domains(c, &args, &all, &e), &e);
    assert_int_equal(all.n_domains, 1);
    assert_string_equal(all.domains[0].name, def.dom.name);
    struct wire_domain_get_xml_desc_ret desc;
    done(call_domain_get_xml_desc(c, &(struct wire_domain_get_xml_desc_args){def.dom}, &desc, &e),
         &e);
    assert_non_null(strstr(desc.xml, "fr\xc3\xa9"
                                     "d"));
    wire_clear(&wire_type_domain_get_xml_desc_ret, &desc);
    wire_clear(&wire_type_connect_list_all_domains_ret, &all);
    wire_clear(&wire_type_domain_define_xml_ret, &def);
    client_close(c);
}

static void parameters_both_ways(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    struct wire_domain dom = test_domain(c);
    struct wire_domain_get_scheduler_parameters_args get = {dom, 5};
    struct wire_domain_get_scheduler_parameters_ret ret;
    uint64_t weight = 0;
    done(call_domain_get_scheduler_parameters(c, &get, &ret, &e), &e);
    assert_true(wire_param_u64(ret.params, ret.n_params, "weight", &weight));
    assert_int_equal(weight, 50);
    wire_clear(&wire_type_domain_get_scheduler_parameters_ret, &ret);
    struct wire_domain_set_scheduler_parameters_args set = {dom};
    wire_param_add_string(&set.params, &set.n_params, "colour", "blue");
    assert_int_equal(call_domain_set_scheduler_parameters(c, &set, &e), -1);
    assert_int_equal(e.code, ERR_ARGUMENT_UNSUPPORTED);
    wire_params_free(set.params, set.n_params);
    wire_clear(&wire_type_domain, &dom);
    client_close(c);
}

static void missing_and_forbidden_are_told_apart(void **state)
{
    struct client *c = open_test(true);
    struct err e = {0};
    char name[] = "nosuch";
    struct wire_domain_lookup_by_name_ret ret;
    assert_int_equal(
        call_domain_lookup_by_name(c, &(struct wire_domain_lookup_by_name_args){name}, &ret, &e),
        -1);
    assert_int_equal(e.code, ERR_NO_DOMAIN);
    struct wire_domain dom = test_domain(c);
    assert_int_equal(call_domain_destroy(c, &(struct wire_domain_destroy_args){dom}, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_DENIED);
    assert_int_equal(e.domain, ERR_FROM_DOMAIN);
    wire_clear(&wire_type_domain, &dom);
    client_close(c);
}

static void count_event(void *context, int proc, const void *msg)
{
    const struct wire_domain_event_callback_lifecycle_msg *m = msg;
    if (proc == WIRE_DOMAIN_EVENT_CALLBACK_LIFECYCLE && m->msg.event == VIR_DOMAIN_EVENT_SUSPENDED)
        ++*(int *)context;
}

static void events_arrive(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    int n = 0;
    client_on_event(c, count_event, &n);
    struct wire_connect_domain_event_callback_register_any_ret reg;
    done(call_connect_domain_event_callback_register_any(
             c,
             &(struct wire_connect_domain_event_callback_register_any_args){
                 VIR_DOMAIN_EVENT_ID_LIFECYCLE},
             &reg, &e),
         &e);
    struct wire_domain dom = test_domain(c);
    done(call_domain_suspend(c, &(struct wire_domain_suspend_args){dom}, &e), &e);
    for (int i = 0; i < 10 && !n; i++)
        assert_true(client_poll(c, NULL, 0, 1000, &e) >= 0);
    assert_int_equal(n, 1);
    done(call_domain_resume(c, &(struct wire_domain_resume_args){dom}, &e), &e);
    wire_clear(&wire_type_domain, &dom);
    client_close(c);
}

/* The test driver's screenshot is an image that comes through a stream. */
static void a_stream_downloads(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    struct wire_domain dom = test_domain(c);
    struct wire_domain_screenshot_args args = {dom};
    struct wire_domain_screenshot_ret ret;
    for (int turn = 0; turn < 2; turn++) {
        struct client_stream *s = client_stream_open(c, WIRE_DOMAIN_SCREENSHOT, &args, &ret, &e);
        if (!s)
            print_error("%s\n", e.msg);
        assert_non_null(s);
        struct str image = {0};
        char block[1000];
        long n;
        while (turn == 0 && (n = client_stream_recv(s, block, sizeof(block), 5000, NULL, &e)) > 0)
            str_addn(&image, block, (size_t)n);
        if (turn == 0) {
            assert_int_equal(n, 0);
            assert_true(image.len > 1000 && !memcmp(image.p, "\x89PNG", 4));
            done(client_stream_finish(s, &e), &e);
        } else {
            done(client_stream_abort(s, &e), &e);
        }
        str_clear(&image);
        wire_clear(&wire_type_domain_screenshot_ret, &ret);
    }
    struct wire_domain again = test_domain(c); /* the connection is still in step */
    wire_clear(&wire_type_domain, &again);
    wire_clear(&wire_type_domain, &dom);
    client_close(c);
}

static void unsupported_calls_leave_the_connection_alone(void **state)
{
    struct client *c = open_test(false);
    struct err e = {0};
    assert_int_equal(client_call_in(c, WIRE_PROGRAM_ADMIN, 1,
                                    &(struct wire_admin_connect_open_args){0}, NULL, &e),
                     -1);
    assert_int_equal(e.code, ERR_RPC);
    struct wire_domain dom = test_domain(c);
    wire_clear(&wire_type_domain, &dom);
    client_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_is_described),
        cmocka_unit_test(definitions_and_lists),
        cmocka_unit_test(parameters_both_ways),
        cmocka_unit_test(missing_and_forbidden_are_told_apart),
        cmocka_unit_test(a_stream_downloads),
        cmocka_unit_test(events_arrive),
        cmocka_unit_test(a_domain_lives_through_its_states),
        cmocka_unit_test(unsupported_calls_leave_the_connection_alone),
    };
    if (!getenv("LIBVIRTD_SOCKET"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
