/* What shows the host. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "opts.h"
#include "out.h"
#include "version.h"

static int run_hostname(struct ctl *c, const struct args *a, struct err *e)
{
    struct wire_connect_get_hostname_ret r;
    struct client *conn = ctl_conn(c, e);
    if (!conn || call_connect_get_hostname(conn, &r, e))
        return -1;
    text_print(c, "hostname", r.hostname);
    wire_clear(&wire_type_connect_get_hostname_ret, &r);
    return 0;
}

static int run_uri(struct ctl *c, const struct args *a, struct err *e)
{
    struct wire_connect_get_uri_ret r;
    struct client *conn = ctl_conn(c, e);
    if (!conn)
        return -1;
    if (c->uri) { /* as virsh: the URI that was asked for */
        text_print(c, "uri", c->uri);
        return 0;
    }
    if (call_connect_get_uri(conn, &r, e))
        return -1;
    text_print(c, "uri", r.uri);
    wire_clear(&wire_type_connect_get_uri_ret, &r);
    return 0;
}

static int run_capabilities(struct ctl *c, const struct args *a, struct err *e)
{
    struct wire_connect_get_capabilities_ret r;
    struct client *conn = ctl_conn(c, e);
    if (!conn || call_connect_get_capabilities(conn, &r, e))
        return -1;
    text_print(c, "capabilities", r.capabilities);
    wire_clear(&wire_type_connect_get_capabilities_ret, &r);
    return 0;
}

static void fact_version(struct facts *f, const char *title, const char *key, const char *what,
                         uint64_t v)
{
    fact_addf(f, title, key, COL_TEXT, "%s %llu.%llu.%llu", what, (unsigned long long)v / 1000000,
              (unsigned long long)v / 1000 % 1000, (unsigned long long)v % 1000);
}

static int run_version(struct ctl *c, const struct args *a, struct err *e)
{
    struct client *conn = ctl_conn(c, e);
    struct wire_connect_get_type_ret type;
    struct wire_connect_get_version_ret v;
    struct wire_connect_get_lib_version_ret lib;
    if (!conn || call_connect_get_type(conn, &type, e))
        return -1;
    struct facts f = {0};
    fact_add(&f, "Compiled against library", "compiled_against", COL_TEXT, "xvirt " XVIRT_VERSION);
    fact_add(&f, "Using library", "library", COL_TEXT, "xvirt " XVIRT_VERSION);
    fact_addf(&f, "Using API", "api", COL_TEXT, "%s " XVIRT_VERSION, type.type);
    int r = call_connect_get_version(conn, &v, e);
    if (!r)
        fact_version(&f, "Running hypervisor", "hypervisor", type.type, v.hv_ver);
    if (!r && arg_has(a, "daemon") && !(r = call_connect_get_lib_version(conn, &lib, e)))
        fact_addf(&f, "Running against daemon", "daemon", COL_TEXT, "%llu.%llu.%llu",
                  (unsigned long long)lib.lib_ver / 1000000,
                  (unsigned long long)lib.lib_ver / 1000 % 1000,
                  (unsigned long long)lib.lib_ver % 1000);
    if (!r && c->json)
        facts_print(c, &f, 0);
    for (size_t i = 0; !r && !c->json && i < f.n_cols; i++)
        printf("%s: %s\n", f.cols[i].title, f.table.cells[i]);
    facts_clear(&f);
    wire_clear(&wire_type_connect_get_type_ret, &type);
    return r;
}

static int run_nodeinfo(struct ctl *c, const struct args *a, struct err *e)
{
    struct wire_node_get_info_ret r;
    struct client *conn = ctl_conn(c, e);
    if (!conn || call_node_get_info(conn, &r, e))
        return -1;
    CLEANUP_FREE char *model = mem_strn(r.model, strnlen(r.model, sizeof(r.model)));
    struct facts f = {0};
    fact_add(&f, "CPU model", "cpu_model", COL_TEXT, model);
    fact_addf(&f, "CPU(s)", "cpus", COL_NUMBER, "%d", r.cpus);
    fact_addf(&f, "CPU frequency", c->json ? "cpu_mhz" : "", c->json ? COL_NUMBER : COL_TEXT,
              c->json ? "%d" : "%d MHz", r.mhz);
    fact_addf(&f, "CPU socket(s)", "sockets", COL_NUMBER, "%d", r.sockets);
    fact_addf(&f, "Core(s) per socket", "cores_per_socket", COL_NUMBER, "%d", r.cores);
    fact_addf(&f, "Thread(s) per core", "threads_per_core", COL_NUMBER, "%d", r.threads);
    fact_addf(&f, "NUMA cell(s)", "numa_cells", COL_NUMBER, "%d", r.nodes);
    fact_addf(&f, "Memory size", c->json ? "memory_kib" : "", c->json ? COL_NUMBER : COL_TEXT,
              c->json ? "%llu" : "%llu KiB", (unsigned long long)r.memory);
    facts_print(c, &f, 21);
    facts_clear(&f);
    return 0;
}

extern const struct cmd cmds_host[];
const struct cmd cmds_host[] = {
    {"capabilities", GROUP_HOST, "capabilities", "Returns capabilities of hypervisor/driver.", NULL,
     run_capabilities},
    {"hostname", GROUP_HOST, "print the hypervisor hostname", NULL, NULL, run_hostname},
    {"nodeinfo", GROUP_HOST, "node information", "Returns basic information about the node.", NULL,
     run_nodeinfo},
    {"uri", GROUP_HOST, "print the hypervisor canonical URI", NULL, NULL, run_uri},
    {"version", GROUP_HOST, "show version", "Display the system version information.",
     OPTS(FLAG("daemon", "report daemon version too")), run_version},
    {0},
};
