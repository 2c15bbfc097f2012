/* wire/: every type by its table (round trip, truncation, limits), recorded frames, errors,
 * parameters, procedures. */
#include <json-c/json.h>

#include "../lib/wire_values.h"
#include "base/file.h"
#include "base/uuid.h"
#include "test.h"
#include "wire/consts.h"
#include "wire/frame.h"
#include "wire/param.h"
#include "wire/remote.h"

static void print_both(const struct wire_type *t, const void *a, const void *b)
{
    struct str x = {0}, y = {0};
    wire_print(t, a, &x);
    wire_print(t, b, &y);
    assert_string_equal(str_get(&x), str_get(&y));
    str_clear(&x);
    str_clear(&y);
}

static void every_type_survives_a_round_trip(void **state)
{
    uint64_t seed = 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < n_wire_types; i++) {
        const struct wire_type *t = wire_types[i];
        for (int turn = 0; turn < 5; turn++) {
            CLEANUP_FREE void *a = mem_new(1, t->size), *b = mem_new(1, t->size),
                              *c = mem_new(1, t->size);
            struct str s = {0};
            struct err e = {0};
            wire_random(t, a, &seed);
            assert_int_equal(wire_encode(t, a, &s, &e), 0);
            assert_true(s.len >= t->least && s.len % 4 == 0);
            assert_int_equal(wire_decode(t, s.p, s.len, b, &e), 0);
            print_both(t, a, b);
            assert_true(wire_equal(t, a, b));
            assert_int_equal(wire_copy(t, c, b, &e), 0);
            print_both(t, a, c);
            wire_clear(t, a);
            wire_clear(t, b);
            wire_clear(t, c);
            str_clear(&s);
        }
    }
}

static void every_type_refuses_to_end_early(void **state)
{
    uint64_t seed = 42;
    for (size_t i = 0; i < n_wire_types; i++) {
        const struct wire_type *t = wire_types[i];
        CLEANUP_FREE void *v = mem_new(1, t->size), *back = mem_new(1, t->size),
                          *zero = mem_new(1, t->size);
        struct str s = {0};
        wire_random(t, v, &seed);
        assert_int_equal(wire_encode(t, v, &s, NULL), 0);
        for (size_t len = 0; len < s.len; len++) {
            CLEANUP_FREE void *exact = mem_new(len, 1);
            memcpy(exact, s.p, len);
            assert_int_equal(wire_decode(t, exact, len, back, NULL), -1);
            assert_memory_equal(back, zero, t->size);
        }
        wire_clear(t, v);
        str_clear(&s);
    }
}

static bool has_length(const struct wire_field *f)
{
    return f->shape == WIRE_S_ARRAY || (f->kind == WIRE_K_STRING && f->shape != WIRE_S_FIXED);
}

static int decode_with(const struct wire_type *t, const struct wire_field *f, uint32_t length,
                       bool content, struct str *bytes, struct err *e)
{
    CLEANUP_FREE void *v = mem_new(1, t->size);
    str_cut(bytes, 0);
    wire_smallest(t, f, length, content, bytes);
    int r = wire_decode(t, bytes->p, bytes->len, v, e);
    wire_clear(t, v);
    return r;
}

static void every_length_has_its_limit(void **state)
{
    struct str bytes = {0};
    struct err e = {0};
    size_t n = 0;
    for (size_t i = 0; i < n_wire_types; i++) {
        for (size_t j = 0; j < wire_types[i]->n_fields; j++) {
            const struct wire_type *t = wire_types[i];
            const struct wire_field *f = &t->fields[j];
            if (!has_length(f))
                continue;
            n++;
            assert_true(f->max > 0);
            assert_int_equal(decode_with(t, f, 0, true, &bytes, &e), 0);
            assert_int_equal(decode_with(t, f, f->max, true, &bytes, &e), 0);
            assert_int_equal(decode_with(t, f, f->max + 1, true, &bytes, &e), -1);
            assert_non_null(strstr(e.msg, "over its limit"));
            assert_int_equal(decode_with(t, f, UINT32_MAX, false, &bytes, &e), -1);
            assert_non_null(strstr(e.msg, "over its limit"));
            assert_int_equal(decode_with(t, f, f->max, false, &bytes, &e), -1);
            assert_non_null(strstr(e.msg, "ends early"));
            assert_int_equal(e.code, ERR_RPC);
            assert_int_equal(e.domain, ERR_FROM_RPC);
        }
    }
    assert_true(n > 400);
    str_clear(&bytes);
}

static void our_own_values_have_limits_too(void **state)
{
    struct str s = {0};
    struct err e = {0};
    str_add(&s, "kept");
    struct wire_connect_list_domains_ret r = {.n_ids = WIRE_DOMAIN_LIST_MAX + 1};
    r.ids = mem_new(r.n_ids, sizeof(*r.ids));
    assert_int_equal(wire_encode(&wire_type_connect_list_domains_ret, &r, &s, &e), -1);
    assert_non_null(strstr(e.msg, "'ids' is over its limit"));
    assert_string_equal(s.p, "kept");
    wire_clear(&wire_type_connect_list_domains_ret, &r);
    struct wire_domain_define_xml_args a = {.xml = mem_new(WIRE_STRING_MAX + 2, 1)};
    memset(a.xml, 'x', WIRE_STRING_MAX + 1);
    assert_int_equal(wire_encode(&wire_type_domain_define_xml_args, &a, &s, &e), -1);
    wire_clear(&wire_type_domain_define_xml_args, &a);
    str_clear(&s);
}

static int decode_words(const struct wire_type *t, const char *hex, void *v, struct err *e)
{
    uint8_t bytes[128];
    size_t n = 0;
    for (; *hex; hex += 2) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        bytes[n++] = (uint8_t)byte;
    }
    return wire_decode(t, bytes, n, v, e);
}

static void odd_bytes_are_refused_or_ignored(void **state)
{
    struct err e = {0};
    struct wire_domain_lookup_by_name_args name;
    const struct wire_type *t = &wire_type_domain_lookup_by_name_args;
    assert_int_equal(decode_words(t, "0000000261626364", &name, &e), 0); /* padding is not zero */
    assert_string_equal(name.name, "ab");
    wire_clear(t, &name);
    assert_int_equal(decode_words(t, "00000002616200000000ffff", &name, &e),
                     0); /* more behind it */
    wire_clear(t, &name);
    assert_int_equal(decode_words(t, "0000000261000000", &name, &e), -1);
    assert_non_null(strstr(e.msg, "NUL"));
    struct wire_connect_open_args open;
    assert_int_equal(decode_words(&wire_type_connect_open_args, "0000000200000000", &open, &e), -1);
    struct wire_auth_list_ret types;
    assert_int_equal(decode_words(&wire_type_auth_list_ret, "0000000100000003", &types, &e), -1);
    struct wire_typed_param p;
    assert_int_equal(
        decode_words(&wire_type_typed_param, "00000000000000080000000000000000", &p, &e), -1);
    struct wire_domain_get_info_ret info;
    assert_int_equal(
        decode_words(&wire_type_domain_get_info_ret,
                     "00000100000000000000000000000000000000000000000000000000000000000000", &info,
                     &e),
        -1);
}

static void absent_and_empty_are_told_apart(void **state)
{
    struct str s = {0};
    struct wire_connect_open_args a = {.flags = 1};
    wire_encode(&wire_type_connect_open_args, &a, &s, NULL);
    assert_int_equal(s.len, 8);
    str_cut(&s, 0);
    char empty[] = "";
    a.name = empty;
    wire_encode(&wire_type_connect_open_args, &a, &s, NULL);
    assert_int_equal(s.len, 12);
    struct wire_connect_open_args back;
    assert_int_equal(wire_decode(&wire_type_connect_open_args, s.p, s.len, &back, NULL), 0);
    assert_string_equal(back.name, "");
    wire_clear(&wire_type_connect_open_args, &back);
    str_clear(&s);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return n;
}

static const struct wire_type *payload_type(const struct wire_header *h)
{
    const struct wire_proc *p = wire_proc_find(h->program, h->proc);
    if (h->status == WIRE_ERROR)
        return &wire_type_error;
    if (!p || h->type == WIRE_STREAM)
        return NULL;
    return h->type == WIRE_REPLY ? p->ret : p->args;
}

static const char *member(struct json_object *o, const char *name)
{
    return json_object_get_string(json_object_object_get(o, name));
}

static int number(struct json_object *o, const char *name)
{
    return json_object_get_int(json_object_object_get(o, name));
}

static void header_agrees(const struct wire_header *h, struct json_object *want)
{
    assert_int_equal(h->program, number(want, "prog"));
    assert_int_equal(h->version, number(want, "vers"));
    assert_int_equal(h->proc, number(want, "proc"));
    assert_int_equal(h->type, number(want, "type"));
    assert_int_equal(h->serial, number(want, "serial"));
    assert_int_equal(h->status, number(want, "status"));
}

static void frame_agrees(struct json_object *frame)
{
    uint8_t bytes[1024];
    size_t len = from_hex(member(frame, "hex"), bytes), payload, size;
    struct wire_header h;
    struct str again = {0}, text = {0};
    struct err e = {0};
    assert_int_equal(wire_frame_length(bytes, &size, &e), 0);
    assert_int_equal(size, len);
    assert_int_equal(wire_header_decode(bytes, len, &h, &payload, &e), 0);
    header_agrees(&h, json_object_object_get(frame, "header"));
    const struct wire_type *t = payload_type(&h);
    if (t) {
        CLEANUP_FREE void *v = mem_new(1, t->size);
        assert_int_equal(wire_decode(t, bytes + payload, len - payload, v, &e), 0);
        wire_print(t, v, &text);
        struct json_object *got = json_tokener_parse(str_get(&text));
        bool same = json_object_equal(got, json_object_object_get(frame, "decoded"));
        if (!same)
            print_error("%s: %s\n", member(frame, "label"), str_get(&text));
        assert_true(same);
        json_object_put(got);
        assert_int_equal(wire_frame_add(&again, &h, t, v, &e), 0);
        wire_clear(t, v);
    } else {
        wire_frame_add_raw(&again, &h, bytes + payload, len - payload);
    }
    assert_int_equal(again.len, len);
    assert_memory_equal(again.p, bytes, len);
    str_clear(&again);
    str_clear(&text);
}

static void recorded_frames_agree(void **state)
{
    struct json_object *file = json_object_from_file(TESTS "/conformance/frames.json");
    assert_non_null(file);
    struct json_object *frames = json_object_object_get(file, "frames");
    size_t n = json_object_array_length(frames);
    assert_true(n >= 30);
    for (size_t i = 0; i < n; i++)
        frame_agrees(json_object_array_get_idx(frames, i));
    json_object_put(file);
}

/* The fixed frames of CONFORMANCE A1. */
static void fixed_frames_agree(void **state)
{
    static const char error[] =
        "000000741122334400000001000006660000000200000099000000010000000100000007"
        "000000010000000b48656c6c6f20576f726c64000000000200000000000000010000000"
        "34f6e6500000000010000000354776f000000000100000005546872656500000000000"
        "0010000000200000000";
    uint8_t want[128];
    struct wire_header h = {0x11223344, 1, 0x666, .serial = 0x99};
    struct str out = {0};
    wire_frame_add(&out, &h, NULL, NULL, NULL);
    assert_int_equal(from_hex("0000001c112233440000000100000666000000000000009900000000", want),
                     28);
    assert_int_equal(out.len, 28);
    assert_memory_equal(out.p, want, 28);
    str_cut(&out, 0);
    char text[] = "Hello World", one[] = "One", two[] = "Two", three[] = "Three";
    struct wire_error v = {1, 7, text, 2, NULL, one, two, three, 1, 2, NULL};
    h.type = WIRE_MESSAGE;
    h.status = WIRE_ERROR;
    wire_frame_add(&out, &h, &wire_type_error, &v, NULL);
    assert_int_equal(out.len, 116);
    assert_int_equal(from_hex(error, want), 116);
    assert_memory_equal(out.p, want, 116);
    str_cut(&out, 0);
    h.type = WIRE_STREAM;
    h.status = WIRE_CONTINUE;
    wire_frame_add_raw(&out, &h, want, 43);
    assert_int_equal(out.len, 71);
    assert_memory_equal(out.p + 28, want, 43);
    str_clear(&out);
}

static void lengths_outside_the_range_are_refused(void **state)
{
    static const struct {
        uint32_t length;
        int result;
    } rows[] = {{0, -1}, {3, -1},       {4, -1},        {27, -1},
                {28, 0}, {33554436, 0}, {33554437, -1}, {UINT32_MAX, -1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint32_t n = rows[i].length;
        uint8_t word[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        size_t size = 0;
        assert_int_equal(wire_frame_length(word, &size, NULL), rows[i].result);
        assert_int_equal(size, rows[i].result ? 0 : n);
    }
}

static int header_of(const char *hex, struct wire_header *h, size_t *payload)
{
    uint8_t bytes[64];
    return wire_header_decode(bytes, from_hex(hex, bytes), h, payload, NULL);
}

static void descriptors_are_counted(void **state)
{
    struct wire_header h;
    size_t payload;
    assert_int_equal(
        header_of("0000002020008086000000010000002a00000004000000000000000000000020", &h, &payload),
        0);
    assert_int_equal(h.n_fds, 32);
    assert_int_equal(payload, 32);
    assert_int_equal(
        header_of("0000002020008086000000010000002a00000004000000000000000000000021", &h, &payload),
        -1);
    assert_int_equal(
        header_of("0000001c20008086000000010000002a000000040000000000000000", &h, &payload), -1);
    struct str out = {0};
    struct wire_header fds = {WIRE_PROGRAM_REMOTE, 1, 42, WIRE_REPLY_FDS, .n_fds = 2};
    wire_frame_add_raw(&out, &fds, "abc", 3);
    assert_int_equal(out.len, 35);
    assert_int_equal(wire_header_decode((uint8_t *)out.p, out.len, &h, &payload, NULL), 0);
    assert_int_equal(h.n_fds, 2);
    assert_memory_equal(out.p + payload, "abc", 3);
    str_clear(&out);
}

static void errors_travel(void **state)
{
    struct err why = {0}, back = {0};
    struct wire_header call = {WIRE_PROGRAM_REMOTE, 1, WIRE_DOMAIN_DESTROY,
                               WIRE_CALL_FDS,       7, .n_fds = 3},
                       h;
    fail(&why, ERR_NO_DOMAIN, "no domain 'web'");
    struct str out = {0};
    struct wire_header reply = wire_reply_to(&call);
    wire_frame_add_error(&out, &reply, &why);
    size_t payload;
    assert_int_equal(wire_header_decode((uint8_t *)out.p, out.len, &h, &payload, NULL), 0);
    assert_int_equal(h.type, WIRE_REPLY);
    assert_int_equal(h.status, WIRE_ERROR);
    assert_int_equal(h.serial, 7);
    wire_error_decode(out.p + payload, out.len - payload, &back);
    assert_int_equal(back.code, ERR_NO_DOMAIN);
    assert_int_equal(back.domain, ERR_FROM_LIBXL);
    assert_string_equal(back.msg, "no domain 'web'");
    wire_error_decode("abc", 3, &back);
    assert_int_equal(back.code, ERR_RPC);
    str_clear(&out);
}

static void parameters_are_built_found_and_cut(void **state)
{
    struct wire_typed_param *p = NULL;
    size_t n = 0;
    uint64_t v = 0;
    wire_param_add_uint(&p, &n, "weight", 256);
    wire_param_add_string(&p, &n, "mode", "strict");
    wire_param_add_uhyper(&p, &n, "time", UINT64_MAX);
    wire_param_add_int(&p, &n, "below", -1);
    assert_int_equal(n, 4);
    assert_true(wire_param_u64(p, n, "weight", &v));
    assert_int_equal(v, 256);
    assert_true(wire_param_u64(p, n, "time", &v));
    assert_true(v == UINT64_MAX);
    assert_false(wire_param_u64(p, n, "below", &v));
    assert_false(wire_param_u64(p, n, "mode", &v));
    assert_string_equal(wire_param_string(p, n, "mode"), "strict");
    assert_null(wire_param_string(p, n, "weight"));
    wire_params_drop_strings(p, &n);
    assert_int_equal(n, 3);
    assert_string_equal(p[1].field, "time");
    wire_params_cut(p, &n, 1);
    assert_int_equal(n, 1);
    wire_params_free(p, n);
}

static void parameters_are_checked(void **state)
{
    static const struct wire_param_rule rules[] = {{"weight", VIR_TYPED_PARAM_UINT},
                                                   {"disk", VIR_TYPED_PARAM_STRING, true}};
    struct wire_typed_param *p = NULL;
    size_t n = 0;
    struct err e = {0};
    wire_param_add_uint(&p, &n, "weight", 1);
    wire_param_add_string(&p, &n, "disk", "a");
    wire_param_add_string(&p, &n, "disk", "b");
    assert_int_equal(wire_params_check(p, n, rules, 2, &e), 0);
    wire_param_add_uint(&p, &n, "weight", 2);
    assert_int_equal(wire_params_check(p, n, rules, 2, &e), -1);
    assert_int_equal(e.code, ERR_INVALID_ARG);
    wire_params_cut(p, &n, 3);
    wire_param_add_int(&p, &n, "speed", 2);
    assert_int_equal(wire_params_check(p, n, rules, 2, &e), -1);
    assert_int_equal(e.code, ERR_ARGUMENT_UNSUPPORTED);
    wire_params_cut(p, &n, 0);
    wire_param_add_int(&p, &n, "weight", 2);
    assert_int_equal(wire_params_check(p, n, rules, 2, &e), -1);
    assert_int_equal(e.code, ERR_INVALID_ARG);
    assert_string_equal(e.msg, "parameter 'weight' must be of type unsigned int, not int");
    wire_params_free(p, n);
}

static void decoded_arrays_can_grow(void **state)
{
    struct wire_domain_set_scheduler_parameters_args a = {0}, b;
    for (int i = 0; i < 5; i++)
        wire_param_add_int(&a.params, &a.n_params, "x", i);
    assert_int_equal(wire_copy(&wire_type_domain_set_scheduler_parameters_args, &b, &a, NULL), 0);
    for (int i = 0; i < 5; i++)
        wire_param_add_int(&b.params, &b.n_params, "y", i);
    assert_int_equal(b.n_params, 10);
    wire_clear(&wire_type_domain_set_scheduler_parameters_args, &a);
    wire_clear(&wire_type_domain_set_scheduler_parameters_args, &b);
}

static void procedures_are_found(void **state)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, WIRE_DOMAIN_GET_STATE);
    assert_string_equal(p->name, "DOMAIN_GET_STATE");
    assert_ptr_equal(p->args, &wire_type_domain_get_state_args);
    assert_ptr_equal(p->ret, &wire_type_domain_get_state_ret);
    assert_null(wire_proc_find(WIRE_PROGRAM_REMOTE, 0));
    assert_null(wire_proc_find(WIRE_PROGRAM_REMOTE, -1));
    assert_null(wire_proc_find(WIRE_PROGRAM_REMOTE, 9999));
    assert_null(wire_proc_find(0x12345678, 1));
    assert_int_equal(wire_program_find(WIRE_PROGRAM_REMOTE)->n_procs, 453);
    assert_int_equal(wire_program_find(WIRE_PROGRAM_ADMIN)->n_procs, 20);
    assert_string_equal(wire_proc_name(WIRE_PROGRAM_KEEPALIVE, WIRE_KEEPALIVE_PONG), "PONG");
    assert_true(wire_proc_find(WIRE_PROGRAM_REMOTE, 107)->flags & WIRE_P_EVENT);
    assert_string_equal(wire_proc_find(WIRE_PROGRAM_REMOTE, WIRE_STORAGE_VOL_DOWNLOAD)->relay,
                        "storage");
    assert_int_equal(wire_domain_events[23].callback, WIRE_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE);
    assert_string_equal(wire_domain_events[0].name, "lifecycle");
    assert_int_equal(wire_domain_events[0].legacy, 107);
}

static bool readonly_ok(int nr, const void *args)
{
    return wire_proc_readonly_ok(wire_proc_find(WIRE_PROGRAM_REMOTE, nr), args);
}

static void readonly_depends_on_the_arguments(void **state)
{
    struct wire_domain_get_xml_desc_args xml = {.flags = VIR_DOMAIN_XML_INACTIVE};
    assert_true(readonly_ok(WIRE_DOMAIN_GET_XML_DESC, &xml));
    xml.flags |= VIR_DOMAIN_XML_SECURE;
    assert_false(readonly_ok(WIRE_DOMAIN_GET_XML_DESC, &xml));
    struct wire_domain_interface_addresses_args from = {.source =
                                                            VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP};
    assert_true(readonly_ok(WIRE_DOMAIN_INTERFACE_ADDRESSES, &from));
    from.source = VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT;
    assert_false(readonly_ok(WIRE_DOMAIN_INTERFACE_ADDRESSES, &from));
    struct wire_domain_destroy_args destroy = {0};
    assert_false(readonly_ok(WIRE_DOMAIN_DESTROY, &destroy));
}

static void access_rules_depend_on_the_flags(void **state)
{
    const struct wire_proc *p =
        wire_proc_find(WIRE_PROGRAM_REMOTE, WIRE_DOMAIN_ATTACH_DEVICE_FLAGS);
    struct wire_domain_attach_device_flags_args a = {.flags = VIR_DOMAIN_AFFECT_LIVE};
    assert_int_equal(p->n_acl, 3);
    assert_string_equal(p->acl[1].right, "save");
    assert_true(wire_when_holds(&p->acl[0].when, &a));
    assert_false(wire_when_holds(&p->acl[1].when, &a));
    assert_false(wire_when_holds(&p->acl[2].when, &a));
    a.flags = VIR_DOMAIN_AFFECT_CONFIG;
    assert_true(wire_when_holds(&p->acl[2].when, &a));
    a.flags = 0;
    assert_true(wire_when_holds(&p->acl[1].when, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_survives_a_round_trip),
        cmocka_unit_test(every_type_refuses_to_end_early),
        cmocka_unit_test(every_length_has_its_limit),
        cmocka_unit_test(our_own_values_have_limits_too),
        cmocka_unit_test(odd_bytes_are_refused_or_ignored),
        cmocka_unit_test(absent_and_empty_are_told_apart),
        cmocka_unit_test(recorded_frames_agree),
        cmocka_unit_test(fixed_frames_agree),
        cmocka_unit_test(lengths_outside_the_range_are_refused),
        cmocka_unit_test(descriptors_are_counted),
        cmocka_unit_test(errors_travel),
        cmocka_unit_test(parameters_are_built_found_and_cut),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(decoded_arrays_can_grow),
        cmocka_unit_test(procedures_are_found),
        cmocka_unit_test(readonly_depends_on_the_arguments),
        cmocka_unit_test(access_rules_depend_on_the_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
