/* bench_wire URI TYPE GUESTS: times calls against any daemon of the remote protocol and prints
 * "name value unit" lines; the same binary measures xvirtd and libvirtd. TYPE is the XML's domain
 * type (xen, test). Makes that many guests and leaves them running; with 0 it takes those that run
 * and starts none. */
#include <time.h>

#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "wire/consts.h"

enum { ROUNDS_CALL = 200, CALLS = 100, ROUNDS_ALL = 50 };

/* The best of many rounds: what the code takes, not what else the machine was doing. */
struct best {
    double us, began;
};

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void round_begin(struct best *b)
{
    b->began = now_us();
}

static void round_end(struct best *b)
{
    double us = now_us() - b->began;
    if (!b->us || us < b->us)
        b->us = us;
}

static void must(int r, const struct err *e, const char *what)
{
    if (!r)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, e->msg);
    exit(1);
}

/* The driver's name: every driver has it, none looks anything up for it. */
static void null_call(struct client *c, struct err *e)
{
    struct wire_connect_get_type_ret r;
    struct best b = {0};
    for (int i = 0; i < ROUNDS_CALL; i++) {
        round_begin(&b);
        for (int k = 0; k < CALLS; k++) {
            must(call_connect_get_type(c, &r, e), e, "get_type");
            wire_clear(&wire_type_connect_get_type_ret, &r);
        }
        round_end(&b);
    }
    printf("null-call %.2f us\n", b.us / CALLS);
}

static void get_info(struct client *c, struct wire_domain *d, struct err *e)
{
    struct wire_domain_get_info_ret r;
    struct best b = {0};
    for (int i = 0; i < ROUNDS_CALL; i++) {
        round_begin(&b);
        for (int k = 0; k < CALLS; k++)
            must(call_domain_get_info(c, &(struct wire_domain_get_info_args){*d}, &r, e), e,
                 "get_info");
        round_end(&b);
    }
    printf("get-info %.2f us\n", b.us / CALLS);
}

static struct wire_domain a_guest(struct client *c, struct err *e)
{
    struct wire_connect_list_all_domains_ret r;
    struct wire_domain d;
    must(call_connect_list_all_domains(c, &(struct wire_connect_list_all_domains_args){1, 1}, &r, e),
         e, "list");
    if (!r.n_domains)
        must(fail(e, 1, "nothing runs here"), e, "list");
    d = r.domains[r.n_domains - 1];
    r.domains[r.n_domains - 1].name = NULL;
    wire_clear(&wire_type_connect_list_all_domains_ret, &r);
    return d;
}

static void list_all(struct client *c, int n, struct err *e)
{
    struct wire_connect_list_all_domains_ret r;
    struct best b = {0};
    for (int i = 0; i < ROUNDS_ALL; i++) {
        round_begin(&b);
        must(call_connect_list_all_domains(c, &(struct wire_connect_list_all_domains_args){1, 3},
                                           &r, e),
             e, "list");
        round_end(&b);
        if ((int)r.n_domains < n)
            must(fail(e, 1, "only %zu guests in the list", r.n_domains), e, "list");
        wire_clear(&wire_type_connect_list_all_domains_ret, &r);
    }
    printf("list-all %.2f us\n", b.us);
}

static void stats_all(struct client *c, const char *name, unsigned stats, int n, struct err *e)
{
    struct wire_connect_get_all_domain_stats_ret r;
    struct best b = {0};
    for (int i = 0; i < ROUNDS_ALL; i++) {
        round_begin(&b);
        struct wire_connect_get_all_domain_stats_args args = {.stats = stats};
        int failed = call_connect_get_all_domain_stats(c, &args, &r, e);
        if (failed && e->code == ERR_NO_SUPPORT) /* libvirt's Xen driver has none */
            return;
        must(failed, e, "stats");
        round_end(&b);
        if ((int)r.n_retStats < n)
            must(fail(e, 1, "only %zu guests in the statistics", r.n_retStats), e, "stats");
        wire_clear(&wire_type_connect_get_all_domain_stats_ret, &r);
    }
    printf("%s %.2f us\n", name, b.us);
}

static char *guest_xml(const char *type, int i)
{
    const char *os = str_eq(type, "xen")
                         ? "<os><type>linux</type><kernel>/boot/vmlinuz</kernel></os>"
                         : "<os><type>hvm</type></os>";
    return mem_printf(
        "<domain type='%s'><name>bench%d</name><memory>4096</memory><vcpu>1</vcpu>%s<devices>"
        "<disk type='file'><source file='/dev/zero'/><target "
        "dev='xvda'/><shareable/></disk></devices></domain>",
        type, i, os);
}

static void define_create(struct client *c, const char *type, int n, struct wire_domain *ret_last,
                          struct err *e)
{
    struct best b = {0};
    for (int i = 0; i < n; i++) {
        round_begin(&b);
        CLEANUP_FREE char *xml = guest_xml(type, i);
        struct wire_domain_define_xml_ret r;
        must(call_domain_define_xml(c, &(struct wire_domain_define_xml_args){xml}, &r, e), e,
             "define");
        must(call_domain_create(c, &(struct wire_domain_create_args){r.dom}, e), e, "create");
        round_end(&b);
        wire_clear(&wire_type_domain, ret_last);
        *ret_last = r.dom;
    }
    printf("define-create %.2f us\n", b.us);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    uint32_t n = 0;
    if (argc != 4 || !parse_u32(argv[3], 10, 100000, &n)) {
        fputs("usage: bench_wire URI TYPE GUESTS\n", stderr);
        return 2;
    }
    struct client *c =
        client_open(argv[1], &(struct client_options){.keepalive_interval_s = -1}, &e);
    must(c ? 0 : -1, &e, "open");
    struct wire_domain last = {0};
    null_call(c, &e);
    if (n)
        define_create(c, argv[2], (int)n, &last, &e);
    else
        last = a_guest(c, &e);
    get_info(c, &last, &e);
    list_all(c, (int)n, &e);
    stats_all(c, "stats-state", VIR_DOMAIN_STATS_STATE, (int)n, &e);
    stats_all(c, "stats-all-groups", 0, (int)n, &e);
    wire_clear(&wire_type_domain, &last);
    client_close(c);
    return 0;
}
