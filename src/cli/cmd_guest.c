/* What is asked of the guest itself, or of its machine: keys, time, names, file systems, power. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "keys_linux.h"
#include "lookup.h"
#include "out.h"
#include "params.h"
#include "thin.h"
#include "wire/consts.h"

/* ---- keys ---- */

enum { KEYS_MAX = 16, HOLD_MS_MAX = 60000 };
static const char *const codesets[] = {"linux", "xt",     "atset1", "atset2", "atset3",
                                       "os_x",  "xt_kbd", "usb",    "win32",  "qnum"};

static int key_code(const char *word, unsigned codeset, uint32_t *ret, struct err *e)
{
    if (parse_u32(word, 0, UINT16_MAX, ret))
        return 0;
    for (size_t i = 0; !codeset && i < sizeof(linux_keys) / sizeof(*linux_keys); i++)
        if (str_eq(linux_keys[i].name, word)) {
            *ret = linux_keys[i].code;
            return 0;
        }
    return fail(e, ERR_INVALID_ARG, "invalid keycode: '%s'", word);
}

static int run_send_key(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint32_t keys[KEYS_MAX], set = 0;
    uint64_t hold = 0;
    const char *word = arg_str(a, "codeset");
    while (word && set < 10 && !str_eq(codesets[set], word))
        set++;
    if (set == 10 && str_eq(word, "rfb"))
        set = 9;
    if (set == 10)
        return fail(e, ERR_INVALID_ARG, "unknown codeset: '%s'", word);
    if (a->n_more > KEYS_MAX)
        return fail(e, ERR_INVALID_ARG, "too many keycodes");
    if (arg_u64(a, "holdtime", &hold, e))
        return -1;
    if (hold > HOLD_MS_MAX)
        return fail(e, ERR_INVALID_ARG, "a hold time of %s ms is too long", arg_str(a, "holdtime"));
    for (size_t i = 0; i < a->n_more; i++)
        if (key_code(a->more[i], set, &keys[i], e))
            return -1;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    return call_domain_send_key(
        c->conn_, &(struct wire_domain_send_key_args){d, set, (unsigned)hold, keys, a->n_more, 0},
        e);
}

/* ---- time ---- */

static int time_set(struct ctl *c, const struct args *a, const struct wire_domain *d, struct err *e)
{
    uint64_t when = (uint64_t)time(NULL);
    if (arg_u64(a, "time", &when, e))
        return -1;
    return call_domain_set_time(
        c->conn_,
        &(struct wire_domain_set_time_args){*d, (int64_t)when, 0,
                                            arg_has(a, "sync") ? VIR_DOMAIN_TIME_SYNC : 0},
        e);
}

static int run_domtime(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_time_ret r;
    if (opts_exclude(a, "time", "now", e) || opts_exclude(a, "time", "sync", e) ||
        opts_exclude(a, "now", "sync", e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (arg_has(a, "now") || arg_has(a, "sync") || arg_str(a, "time"))
        return time_set(c, a, &d, e);
    if (call_domain_get_time(c->conn_, &(struct wire_domain_get_time_args){d, 0}, &r, e))
        return -1;
    struct facts f = {0};
    time_t seconds = (time_t)r.seconds;
    struct tm tm;
    char date[64];
    gmtime_r(&seconds, &tm);
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
    if (arg_has(a, "pretty"))
        fact_add(&f, "Time", "time", COL_TEXT, date);
    else
        fact_addf(&f, "Time", "time", COL_NUMBER, "%lld", (long long)r.seconds);
    facts_print(c, &f, 6);
    facts_clear(&f);
    c->bare = true;
    return 0;
}

/* ---- power ---- */

static int place(const char *word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (str_eq(words[i], word))
            return i;
    return -1;
}

static int run_pmsuspend(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const targets[] = {"mem", "disk", "hybrid", NULL};
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint64_t duration = 0;
    int target = place(arg_str(a, "target"), targets);
    if (lookup_domain(c, a, BY_ANY, &d, e) || arg_u64(a, "duration", &duration, e))
        return -1;
    if (target < 0)
        return fail(e, ERR_INVALID_ARG, "Invalid target");
    ctl_trying(c, "Domain '%s' could not be suspended", d.name);
    if (call_domain_pm_suspend_for_duration(
            c->conn_,
            &(struct wire_domain_pm_suspend_for_duration_args){d, (unsigned)target, duration, 0},
            e))
        return -1;
    done_print(c, "Domain '%s' successfully suspended", d.name);
    return 0;
}

static int run_lifecycle(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const types[] = {"poweroff", "reboot", "crash", NULL};
    static const char *const actions[] = {"destroy",  "restart",          "rename-restart",
                                          "preserve", "coredump-destroy", "coredump-restart",
                                          NULL};
    CLEANUP_HANDLE struct wire_domain d = {0};
    int type = place(arg_str(a, "type"), types), action = place(arg_str(a, "action"), actions);
    unsigned flags;
    if (opts_affect(a, &flags, e))
        return -1;
    if (type < 0)
        return fail(e, ERR_INVALID_ARG, "Invalid lifecycle type '%s'.", arg_str(a, "type"));
    if (action < 0)
        return fail(e, ERR_INVALID_ARG, "Invalid lifecycle action '%s'.", arg_str(a, "action"));
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Unable to change lifecycle action.");
    return call_domain_set_lifecycle_action(
        c->conn_,
        &(struct wire_domain_set_lifecycle_action_args){d, (unsigned)type, (unsigned)action, flags},
        e);
}

/* ---- file systems, users, what the guest tells ---- */

static int run_fsinfo(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Mountpoint", "mountpoint", COL_TEXT},
                                      {"Name", "name", COL_TEXT},
                                      {"Type", "type", COL_TEXT},
                                      {"Target", "target", COL_TEXT}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_fsinfo_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Unable to get filesystem information");
    if (call_domain_get_fsinfo(c->conn_, &(struct wire_domain_get_fsinfo_args){d, 0}, &r, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 4};
    for (size_t i = 0; i < r.n_info; i++) {
        struct str targets = {0};
        for (size_t k = 0; k < r.info[i].n_dev_aliases; k++)
            str_addf(&targets, "%s%s", k ? "," : "", r.info[i].dev_aliases[k]);
        table_add(&t, r.info[i].mountpoint);
        table_add(&t, r.info[i].name);
        table_add(&t, r.info[i].fstype);
        table_add(&t, str_get(&targets));
        str_clear(&targets);
    }
    if (!r.n_info && !c->json)
        printf("No filesystems are mounted in the domain\n");
    else
        table_print(c, &t);
    table_clear(&t);
    wire_clear(&wire_type_domain_get_fsinfo_ret, &r);
    return 0;
}

static int run_freeze(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    bool thaw = str_eq(a->cmd->name, "domfsthaw");
    struct wire_domain_fsfreeze_ret r; /* of both calls */
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct wire_domain_fsfreeze_args args = {d, (char **)a->more, a->n_more, 0};
    ctl_trying(c, thaw ? "Unable to thaw filesystems" : "Unable to freeze filesystems");
    if (client_call(c->conn_, thaw ? WIRE_DOMAIN_FSTHAW : WIRE_DOMAIN_FSFREEZE, &args, &r, e))
        return -1;
    done_print(c, "%s %d filesystem(s)", thaw ? "Thawed" : "Froze", r.filesystems);
    return 0;
}

static int run_guestinfo(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"user", 1},      {"os", 2},          {"timezone", 4},
                                           {"hostname", 8},  {"filesystem", 16}, {"disk", 32},
                                           {"interface", 64}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_guest_info_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        call_domain_get_guest_info(
            c->conn_, &(struct wire_domain_get_guest_info_args){d, FLAGS_OF(a, bits), 0}, &r, e))
        return -1;
    struct facts f = {0};
    for (size_t i = 0; i < r.n_params; i++) {
        CLEANUP_FREE char *text = param_text(&r.params[i]);
        fact_add(&f, r.params[i].field, r.params[i].field, param_kind(&r.params[i]), text);
        if (!c->json)
            printf("%-20s: %s\n", r.params[i].field, text);
    }
    if (c->json)
        facts_print(c, &f, 0);
    facts_clear(&f);
    wire_clear(&wire_type_domain_get_guest_info_ret, &r);
    return 0;
}

/* ---- the daemon's hold on it ---- */

static int run_domcontrol(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const states[] = {"ok", "background job", "occupied", "error"};
    static const char *const details[] = {"no error", "unknown reason", "monitor failure",
                                          "internal (locking) error"};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_control_info_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        call_domain_get_control_info(c->conn_, &(struct wire_domain_get_control_info_args){d, 0},
                                     &r, e))
        return -1;
    const char *state = r.state < 4 ? states[r.state] : "unknown";
    double seconds = (double)r.stateTime / 1000;
    CLEANUP_FREE char *text =
        r.state == 0   ? mem_str(state)
        : r.state == 3 ? mem_printf("%s: %s", state, r.details < 4 ? details[r.details] : "unknown")
                       : mem_printf("%s (%0.3fs)", state, seconds);
    text_print(c, "state", text);
    return 0;
}

#define TARGET NEED("target", WHAT_TEXT, "mem, disk or hybrid")

extern const struct cmd cmds_guest[];
const struct cmd cmds_guest[] = {
    {"domcontrol", GROUP_MONITOR, "whether the daemon can control a domain", NULL, OPTS(OPT_DOMAIN),
     run_domcontrol},
    {"domfsfreeze", GROUP_DOMAIN, "freeze a domain's file systems", NULL,
     OPTS(OPT_DOMAIN, {"mountpoint", OPT_ARGV, 0, WHAT_TEXT, "which; all without"}), run_freeze},
    {"domfsinfo", GROUP_DOMAIN, "file systems that a domain has mounted", NULL, OPTS(OPT_DOMAIN),
     run_fsinfo},
    {"domfsthaw", GROUP_DOMAIN, "thaw a domain's file systems", NULL,
     OPTS(OPT_DOMAIN, {"mountpoint", OPT_ARGV, 0, WHAT_TEXT, "which; all without"}), run_freeze},
    {"domfstrim", GROUP_DOMAIN, "have a domain give back unused blocks", NULL,
     OPTS(OPT_DOMAIN, MAY_NUM("minimum", "bytes; shorter ranges stay"),
          MAY("mountpoint", WHAT_TEXT, "only this file system")),
     THIN(.proc = WIRE_DOMAIN_FSTRIM, .object = OBJ_DOMAIN, .trying = "Unable to invoke fstrim",
          .fills = FILLS({"minimum", "minimum", FILL_NUM}, {"mountpoint", "mountPoint"}))},
    {"domhostname", GROUP_DOMAIN, "a domain's own host name", NULL,
     OPTS(OPT_DOMAIN, MAY("source", WHAT_TEXT, "who says so: lease or agent")),
     THIN(.proc = WIRE_DOMAIN_GET_HOSTNAME, .object = OBJ_DOMAIN, .key = "hostname",
          .trying = "failed to get hostname", .words = {"source", {"lease", "agent"}})},
    {"domjobabort", GROUP_DOMAIN, "abort what is being done with a domain", NULL,
     OPTS(OPT_DOMAIN_ACTIVE, FLAG("postcopy", "a migration by postcopy as well")),
     THIN(.proc = WIRE_DOMAIN_ABORT_JOB_FLAGS, .plain = WIRE_DOMAIN_ABORT_JOB, .object = OBJ_DOMAIN,
          .bits = BITS({"postcopy", 1}))},
    {"dompmsuspend", GROUP_DOMAIN, "have a domain sleep", NULL,
     OPTS(OPT_DOMAIN_ACTIVE, TARGET,
          {"duration", OPT_NUM, OPT_NAMED, WHAT_TEXT, "seconds until it wakes"}),
     run_pmsuspend},
    {"dompmwakeup", GROUP_DOMAIN, "wake a sleeping domain", NULL, OPTS(OPT_DOMAIN),
     THIN(.proc = WIRE_DOMAIN_PM_WAKEUP, .object = OBJ_DOMAIN,
          .trying = "Domain '{}' could not be woken up",
          .done = "Domain '{}' successfully woken up")},
    {"domrename", GROUP_DOMAIN, "give a domain another name", NULL,
     OPTS(OPT_DOMAIN, NEED("new-name", WHAT_TEXT, "the new name")),
     THIN(.proc = WIRE_DOMAIN_RENAME, .object = OBJ_DOMAIN, .done = "Domain successfully renamed",
          .fills = FILLS({"new-name", "new_name"}))},
    {"domtime", GROUP_MONITOR, "show or set a domain's clock", NULL,
     OPTS(OPT_DOMAIN_ACTIVE, FLAG("now", "set it to our time"), FLAG("pretty", "as a date"),
          FLAG("sync", "set it from its hardware clock"), MAY_NUM("time", "seconds since 1970")),
     run_domtime},
    {"guest-agent-timeout", GROUP_DOMAIN, "how long to wait for the guest's agent", NULL,
     OPTS(OPT_DOMAIN, {"timeout", OPT_NUM, OPT_NAMED, WHAT_TEXT, "seconds"}),
     THIN(.proc = WIRE_DOMAIN_AGENT_SET_RESPONSE_TIMEOUT, .object = OBJ_DOMAIN,
          .fills = FILLS({"timeout", "timeout", FILL_NUM}))},
    {"guestinfo", GROUP_DOMAIN, "what the guest's agent tells", NULL,
     OPTS(OPT_DOMAIN, FLAG("user", "users"), FLAG("os", "system"), FLAG("timezone", "time zone"),
          FLAG("hostname", "host name"), FLAG("filesystem", "file systems"), FLAG("disk", "disks"),
          FLAG("interface", "interfaces")),
     run_guestinfo},
    {"inject-nmi", GROUP_DOMAIN, "send a domain a non-maskable interrupt", NULL,
     OPTS(OPT_DOMAIN_ACTIVE), THIN(.proc = WIRE_DOMAIN_INJECT_NMI, .object = OBJ_DOMAIN)},
    {"send-key", GROUP_DOMAIN, "press keys", NULL,
     OPTS(OPT_DOMAIN_ACTIVE,
          {"codeset", OPT_STR, OPT_NAMED, WHAT_TEXT,
           "linux (default), xt, atset1, ..., usb, win32, qnum"},
          {"holdtime", OPT_NUM, OPT_NAMED, WHAT_TEXT, "milliseconds to hold them"},
          {"keycode", OPT_ARGV, OPT_REQUIRED, WHAT_TEXT, "keys: numbers, or KEY_LEFTCTRL"}),
     run_send_key},
    {"set-lifecycle-action", GROUP_DOMAIN, "what happens when a domain ends", NULL,
     OPTS(OPT_DOMAIN, NEED("type", WHAT_TEXT, "poweroff, reboot or crash"),
          NEED("action", WHAT_TEXT,
               "destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart"),
          OPT_AFFECT),
     run_lifecycle},
    {"set-user-password", GROUP_DOMAIN, "set a user's password within a domain", NULL,
     OPTS(OPT_DOMAIN, NEED("user", WHAT_TEXT, "the user"),
          NEED("password", WHAT_TEXT, "the password"),
          FLAG("encrypted", "it is encrypted already")),
     THIN(.proc = WIRE_DOMAIN_SET_USER_PASSWORD, .object = OBJ_DOMAIN, .bare = true,
          .done = "Password set successfully for {user} in {}",
          .fills = FILLS({"user", "user"}, {"password", "password"}),
          .bits = BITS({"encrypted", 1}))},
    {0},
};
