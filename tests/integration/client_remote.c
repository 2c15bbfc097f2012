/* The client's ways to a distant libvirtd: TLS, SASL with and without a layer of its own, and what
 * refusals look like. */
#include <stdlib.h>

#include "../unit/test.h"
#include "client/calls.h"
#include "client/client.h"
#include "wire/consts.h"

static int ask(void *context, struct client_question *q, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        q[i].answer = mem_str(q[i].type == VIR_CRED_PASSPHRASE ? (const char *)context : "fred");
    return 0;
}

static struct client *open_as(const char *password, struct err *e, const char *format,
                              const char *a, const char *b)
{
    struct str uri = {0};
    for (const char *p = format; *p; p++)
        if (*p == '%')
            str_add(&uri, *++p == '1' ? a : b);
        else
            str_addc(&uri, *p);
    struct client_options o = {.ask = password ? ask : NULL, .ask_context = (void *)password};
    struct client *c = client_open(str_get(&uri), &o, e);
    str_clear(&uri);
    return c;
}

/* Big enough for several blocks of a SASL layer, and several TLS records, both ways. */
static void works(struct client *c, const struct err *e)
{
    struct err why = {0};
    if (!c)
        print_error("%s\n", e->msg);
    assert_non_null(c);
    size_t n = 300000;
    CLEANUP_FREE char *text = mem_new(n + 1, 1);
    memset(text, 'x', n);
    CLEANUP_FREE char *xml = mem_printf(
        "<domain type='test'><name>big</name><title>big</title><description>%s</description>"
        "<memory>1024</memory><os><type>hvm</type></os></domain>",
        text);
    struct wire_domain_define_xml_ret def;
    struct wire_domain_get_xml_desc_ret desc;
    if (call_domain_define_xml(c, &(struct wire_domain_define_xml_args){xml}, &def, &why))
        print_error("%s\n", why.msg);
    assert_int_equal(why.code, 0);
    assert_int_equal(
        call_domain_get_xml_desc(c, &(struct wire_domain_get_xml_desc_args){def.dom}, &desc, &why),
        0);
    assert_non_null(strstr(desc.xml, text));
    assert_int_equal(call_domain_undefine(c, &(struct wire_domain_undefine_args){def.dom}, &why),
                     0);
    wire_clear(&wire_type_domain_get_xml_desc_ret, &desc);
    wire_clear(&wire_type_domain_define_xml_ret, &def);
    client_close(c);
}

static void refused(struct client *c, const struct err *e, const char *what)
{
    assert_null(c);
    if (!strstr(e->msg, what))
        print_error("%s\n", e->msg);
    assert_non_null(strstr(e->msg, what));
}

static struct client *tls(struct err *e, const char *host_format, const char *folder)
{
    CLEANUP_FREE char *pki = mem_printf("%s%s", getenv("LIBVIRTD_PKI"), folder);
    return open_as(NULL, e, host_format, getenv("LIBVIRTD_TLS_PORT"), pki);
}

static void tls_works(void **state)
{
    struct err e = {0};
    works(tls(&e, "test+tls://localhost:%1/default?pkipath=%2", ""), &e);
    works(tls(&e, "test://localhost:%1/default?pkipath=%2", ""), &e); /* what a host alone means */
    works(tls(&e, "test+tls://127.0.0.1:%1/default?pkipath=%2&no_verify=1", ""), &e);
    works(
        tls(&e, "test+tls://localhost:%1/default?pkipath=%2&tls_priority=NORMAL:-VERS-TLS1.3", ""),
        &e);
}

static void tls_refuses_the_wrong_server(void **state)
{
    struct err e = {0};
    refused(tls(&e, "test+tls://127.0.0.1:%1/default?pkipath=%2", ""), &e,
            "certificate of '127.0.0.1' is refused");
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2", "/other"), &e,
            "certificate of 'localhost' is refused");
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2", "/nonexistent"), &e,
            "no authority's certificate");
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2&tls_priority=NONSENSE", ""), &e,
            "tls_priority");
}

static void the_server_refuses_the_wrong_client(void **state)
{
    struct err e = {0};
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2", "/bare"), &e,
            "refuses this client");
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2&no_verify=1", "/other"), &e,
            "refuses this client");
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2&no_sanity=1", "/old"), &e,
            "refuses this client");
}

static void useless_certificates_are_not_even_sent(void **state)
{
    struct err e = {0};
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2", "/old"), &e,
            "clientcert.pem' has expired");
    refused(tls(&e, "test+tls://localhost:%1/default?pkipath=%2", "/purpose"), &e,
            "is not meant for a client");
}

static void sasl_encrypts_bare_tcp(void **state)
{
    struct err e = {0};
    works(open_as("tiger", &e, "test+tcp://localhost:%1/default", getenv("LIBVIRTD_TCP_PORT"), ""),
          &e);
    refused(open_as("lion", &e, "test+tcp://localhost:%1/default", getenv("LIBVIRTD_TCP_PORT"), ""),
            &e, "authentication failed");
    assert_int_equal(e.code, ERR_AUTH_FAILED);
    refused(open_as(NULL, &e, "test+tcp://localhost:%1/default", getenv("LIBVIRTD_TCP_PORT"), ""),
            &e, "nobody can be asked");
    refused(open_as("tiger", &e, "test+tcp://localhost:%1/default?auth=sasl.SCRAM-SHA-256",
                    getenv("LIBVIRTD_TCP_PORT"), ""),
            &e, "no mechanism");
    refused(open_as("tiger", &e, "test+tcp://localhost:%1/default?auth=polkit",
                    getenv("LIBVIRTD_TCP_PORT"), ""),
            &e, "does not offer");
}

static void credentials_come_from_a_file(void **state)
{
    struct err e = {0};
    CLEANUP_FREE char *path = mem_printf("%s/auth.conf", getenv("LIBVIRTD_PKI"));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("[credentials-lab]\nauthname = "
          "fred\npassword=tiger\n[auth-libvirt-localhost]\ncredentials=lab\n",
          f);
    fclose(f);
    works(open_as(NULL, &e, "test+tcp://localhost:%1/default?authfile=%2",
                  getenv("LIBVIRTD_TCP_PORT"), path),
          &e);
    refused(open_as(NULL, &e, "test+tcp://localhost:%1/default?authfile=/nonexistent",
                    getenv("LIBVIRTD_TCP_PORT"), ""),
            &e, "/nonexistent");
}

static void sasl_on_a_unix_socket_adds_no_layer(void **state)
{
    struct err e = {0};
    const char *socket = getenv("LIBVIRTD_SOCKET");
    works(
        open_as("tiger", &e, "test+unix:///default?socket=%1&auth=sasl.SCRAM-SHA-256", socket, ""),
        &e);
    works(open_as("tiger", &e, "test+unix:///default?socket=%1&auth=sasl.DIGEST-MD5", socket, ""),
          &e);
    refused(open_as("lion", &e, "test+unix:///default?socket=%1", socket, ""), &e,
            "authentication failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_works),
        cmocka_unit_test(tls_refuses_the_wrong_server),
        cmocka_unit_test(the_server_refuses_the_wrong_client),
        cmocka_unit_test(useless_certificates_are_not_even_sent),
        cmocka_unit_test(sasl_encrypts_bare_tcp),
        cmocka_unit_test(credentials_come_from_a_file),
        cmocka_unit_test(sasl_on_a_unix_socket_adds_no_layer),
    };
    if (!getenv("LIBVIRTD_PKI"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
