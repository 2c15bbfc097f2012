/* What changes guests: define, start, stop, save. */
#include "base/file.h"
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "console.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "wire/consts.h"

enum { XML_MAX = 4 << 20 };

static int read_xml(const char *path, char **ret, struct err *e)
{
    return file_read(path, XML_MAX, ret, NULL, e);
}

static int run_define(struct ctl *c, const struct args *a, struct err *e)
{
    const char *from = arg_str(a, "file");
    CLEANUP_FREE char *xml = NULL;
    struct client *conn;
    ctl_trying(c, "Failed to define domain from %s", from);
    if (read_xml(from, &xml, e) || !(conn = ctl_conn(c, e)))
        return -1;
    struct wire_domain_define_xml_ret r;
    struct wire_domain_define_xml_flags_ret rf;
    if (arg_has(a, "validate")) {
        if (call_domain_define_xml_flags(
                conn, &(struct wire_domain_define_xml_flags_args){xml, VIR_DOMAIN_DEFINE_VALIDATE},
                &rf, e))
            return -1;
        r.dom = rf.dom;
    } else if (call_domain_define_xml(conn, &(struct wire_domain_define_xml_args){xml}, &r, e)) {
        return -1;
    }
    done_print(c, "Domain '%s' defined from %s", r.dom.name, from);
    lookup_drop(&r.dom);
    return 0;
}

static int run_create(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"paused", VIR_DOMAIN_START_PAUSED},
                                           {"autodestroy", VIR_DOMAIN_START_AUTODESTROY},
                                           {"validate", VIR_DOMAIN_START_VALIDATE},
                                           {"reset-nvram", VIR_DOMAIN_START_RESET_NVRAM}};
    const char *from = arg_str(a, "file");
    CLEANUP_FREE char *xml = NULL;
    struct client *conn;
    ctl_trying(c, "Failed to create domain from %s", from);
    if (read_xml(from, &xml, e) || !(conn = ctl_conn(c, e)))
        return -1;
    struct wire_domain_create_xml_ret r;
    if (call_domain_create_xml(
            conn, &(struct wire_domain_create_xml_args){xml, (int)FLAGS_OF(a, bits)}, &r, e))
        return -1;
    done_print(c, "Domain '%s' created from %s", r.dom.name, from);
    CLEANUP_HANDLE struct wire_domain d = r.dom;
    return arg_has(a, "console") ? console_run(c, &d, NULL, 0, e) : 0;
}

static int run_start(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"paused", VIR_DOMAIN_START_PAUSED},
                                           {"autodestroy", VIR_DOMAIN_START_AUTODESTROY},
                                           {"bypass-cache", VIR_DOMAIN_START_BYPASS_CACHE},
                                           {"force-boot", VIR_DOMAIN_START_FORCE_BOOT},
                                           {"reset-nvram", VIR_DOMAIN_START_RESET_NVRAM}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (lookup_domain(c, a, BY_UUID | BY_NAME, &d, e))
        return -1;
    if (d.id >= 0)
        return fail(e, ERR_OPERATION_INVALID, "Domain is already active");
    ctl_trying(c, "Failed to start domain '%s'", d.name);
    struct wire_domain_create_with_flags_ret r;
    if (call_domain_create_with_flags(
            c->conn_, &(struct wire_domain_create_with_flags_args){d, FLAGS_OF(a, bits)}, &r, e))
        return -1;
    CLEANUP_HANDLE struct wire_domain now = r.dom;
    done_print(c, "Domain '%s' started", now.name);
    return arg_has(a, "console") ? console_run(c, &now, NULL, 0, e) : 0;
}

/* The commands that name a guest and say one thing about it. */
struct simple {
    const char *name;
    const char *trying; /* with the guest's name */
    const char *done;
    int (*call)(struct client *conn, const struct wire_domain *d, const struct args *a,
                struct err *e);
};

static int mode_flags(const struct args *a, unsigned *ret, struct err *e)
{
    static const struct flag_bit modes[] = {
        {"acpi", 1}, {"agent", 2}, {"initctl", 4}, {"signal", 8}, {"paravirt", 16}};
    const char *text = arg_str(a, "mode");
    *ret = 0;
    while (!str_empty(text)) {
        size_t len = strcspn(text, ","), i;
        for (i = 0; i < 5; i++)
            if (strlen(modes[i].name) == len && !memcmp(modes[i].name, text, len))
                break;
        if (i == 5)
            return fail(e, ERR_INVALID_ARG,
                        "Unknown mode %.*s value, expecting 'acpi', 'agent', 'initctl', 'signal', "
                        "or 'paravirt'",
                        (int)len, text);
        *ret |= modes[i].bit;
        text += len + (text[len] == ',');
    }
    return 0;
}

static int do_shutdown(struct client *conn, const struct wire_domain *d, const struct args *a,
                       struct err *e)
{
    unsigned flags;
    if (mode_flags(a, &flags, e))
        return -1;
    if (!flags)
        return call_domain_shutdown(conn, &(struct wire_domain_shutdown_args){*d}, e);
    return call_domain_shutdown_flags(conn, &(struct wire_domain_shutdown_flags_args){*d, flags},
                                      e);
}

static int do_reboot(struct client *conn, const struct wire_domain *d, const struct args *a,
                     struct err *e)
{
    unsigned flags;
    return mode_flags(a, &flags, e) ||
                   call_domain_reboot(conn, &(struct wire_domain_reboot_args){*d, flags}, e)
               ? -1
               : 0;
}

static int do_destroy(struct client *conn, const struct wire_domain *d, const struct args *a,
                      struct err *e)
{
    if (arg_has(a, "graceful"))
        return call_domain_destroy_flags(
            conn, &(struct wire_domain_destroy_flags_args){*d, VIR_DOMAIN_DESTROY_GRACEFUL}, e);
    return call_domain_destroy(conn, &(struct wire_domain_destroy_args){*d}, e);
}

static int do_suspend(struct client *conn, const struct wire_domain *d, const struct args *a,
                      struct err *e)
{
    return call_domain_suspend(conn, &(struct wire_domain_suspend_args){*d}, e);
}

static int do_resume(struct client *conn, const struct wire_domain *d, const struct args *a,
                     struct err *e)
{
    return call_domain_resume(conn, &(struct wire_domain_resume_args){*d}, e);
}

static int do_reset(struct client *conn, const struct wire_domain *d, const struct args *a,
                    struct err *e)
{
    return call_domain_reset(conn, &(struct wire_domain_reset_args){*d, 0}, e);
}

static const struct simple simples[] = {
    {"shutdown", "Failed to shutdown domain '%s'", "Domain '%s' is being shutdown", do_shutdown},
    {"reboot", "Failed to reboot domain '%s'", "Domain '%s' is being rebooted", do_reboot},
    {"destroy", "Failed to destroy domain '%s'", "Domain '%s' destroyed", do_destroy},
    {"suspend", "Failed to suspend domain '%s'", "Domain '%s' suspended", do_suspend},
    {"resume", "Failed to resume domain '%s'", "Domain '%s' resumed", do_resume},
    {"reset", "Failed to reset domain '%s'", "Domain '%s' was reset", do_reset},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int run_simple(struct ctl *c, const struct args *a, struct err *e)
{
    const struct simple *s = simples;
    while (!str_eq(s->name, a->cmd->name))
        s++;
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, s->trying, d.name);
    if (s->call(c->conn_, &d, a, e))
        return -1;
    done_print(c, s->done, d.name);
    return 0;
}
#pragma GCC diagnostic pop

static int run_autostart(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    bool off = arg_has(a, "disable");
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    bool once = arg_has(a, "once");
    ctl_trying(c, "Failed to %s domain '%s' as autostarted", off ? "unmark" : "mark", d.name);
    if (once ? call_domain_set_autostart_once(
                   c->conn_, &(struct wire_domain_set_autostart_once_args){d, !off}, e)
             : call_domain_set_autostart(c->conn_,
                                         &(struct wire_domain_set_autostart_args){d, !off}, e))
        return -1;
    done_print(c, "Domain '%s' %s as autostarted%s", d.name, off ? "unmarked" : "marked",
               once ? " once" : "");
    return 0;
}

static int run_console(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"force", VIR_DOMAIN_CONSOLE_FORCE},
                                           {"safe", VIR_DOMAIN_CONSOLE_SAFE}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    return console_run(c, &d, arg_str(a, "devname"), FLAGS_OF(a, bits), e);
}

#define OPT_XML_FILE \
    { \
        "file", OPT_STR, OPT_REQUIRED, WHAT_FILE, "file containing an XML domain description" \
    }
#define OPT_MODE \
    { \
        "mode", OPT_STR, 0, WHAT_MODE, "shutdown mode: acpi|agent|initctl|signal|paravirt" \
    }

extern const struct cmd cmds_domain[];
const struct cmd cmds_domain[] = {
    {"autostart", GROUP_DOMAIN, "autostart a domain",
     "Configure a domain to be automatically started at boot.",
     OPTS(OPT_DOMAIN, FLAG("disable", "disable autostarting"),
          FLAG("once", "at the next boot of the host alone")),
     run_autostart},
    {"console", GROUP_DOMAIN, "connect to the guest console",
     "Connect the virtual serial console for the guest",
     OPTS(OPT_DOMAIN_ACTIVE, {"devname", OPT_STR, 0, WHAT_TEXT, "character device name"},
          FLAG("force", "force console connection (disconnect already connected sessions)"),
          FLAG("safe", "only connect if safe console handling is supported")),
     run_console},
    {"create", GROUP_DOMAIN, "create a domain from an XML file", "Create a domain.",
     OPTS(OPT_XML_FILE, FLAG("console", "attach to console after creation"),
          FLAG("paused", "leave the guest paused after creation"),
          FLAG("autodestroy", "automatically destroy the guest when xvirt disconnects"),
          FLAG("validate", "validate the XML against the schema"),
          FLAG("reset-nvram", "start with fresh firmware variables")),
     run_create},
    {"define", GROUP_DOMAIN, "define (but don't start) a domain from an XML file",
     "Define a domain.",
     OPTS(OPT_XML_FILE, FLAG("validate", "validate the XML against the schema")), run_define},
    {"destroy", GROUP_DOMAIN, "destroy (stop) a domain",
     "Forcefully stop a given domain, but leave its resources intact.",
     OPTS(OPT_DOMAIN_ACTIVE, FLAG("graceful", "terminate gracefully")), run_simple},
    {"reboot", GROUP_DOMAIN, "reboot a domain", "Run a reboot command in the target domain.",
     OPTS(OPT_DOMAIN_ACTIVE, OPT_MODE), run_simple},
    {"reset", GROUP_DOMAIN, "reset a domain", "Reset the target domain as if by power button",
     OPTS(OPT_DOMAIN_ACTIVE), run_simple},
    {"resume", GROUP_DOMAIN, "resume a domain", "Resume a previously suspended domain.",
     OPTS(OPT_DOMAIN_ACTIVE), run_simple},
    {"shutdown", GROUP_DOMAIN, "gracefully shutdown a domain", "Run shutdown in the target domain.",
     OPTS(OPT_DOMAIN_ACTIVE, OPT_MODE), run_simple},
    {"start", GROUP_DOMAIN, "start a (previously defined) inactive domain",
     "Start a domain, either from the last managedsave\n    state, or via a fresh boot if no "
     "managedsave state\n    is present.",
     OPTS({"domain", OPT_STR, OPT_REQUIRED, WHAT_INACTIVE, "name of the inactive domain"},
          FLAG("console", "attach to console after creation"),
          FLAG("paused", "leave the guest paused after creation"),
          FLAG("autodestroy", "automatically destroy the guest when xvirt disconnects"),
          FLAG("bypass-cache", "avoid file system cache when loading"),
          FLAG("force-boot", "force fresh boot by discarding any managed save"),
          FLAG("reset-nvram", "start with fresh firmware variables")),
     run_start},
    {"suspend", GROUP_DOMAIN, "suspend a domain", "Suspend a running domain.",
     OPTS(OPT_DOMAIN_ACTIVE), run_simple},
    {0},
};
