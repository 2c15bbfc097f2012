#include "lookup.h"

#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "client/find.h"
#include "opts.h"
#include "wire/consts.h"

void lookup_drop(struct wire_domain *d)
{
    wire_clear(&wire_type_domain, d);
}

int lookup_domain_text(struct ctl *c, const char *text, int by, struct wire_domain *ret,
                       struct err *e)
{
    struct client *conn = ctl_conn(c, e);
    return conn ? client_find_domain(conn, text, by, ret, e) : -1;
}

int lookup_domain(struct ctl *c, const struct args *a, int by, struct wire_domain *ret,
                  struct err *e)
{
    return lookup_domain_text(c, arg_str(a, "domain"), by, ret, e);
}

void lookup_names(struct ctl *c, unsigned flags, void (*each)(void *arg, const char *name),
                  void *arg)
{
    struct err e;
    struct client *conn = ctl_conn(c, &e);
    struct wire_connect_list_all_domains_ret r;
    if (!conn || call_connect_list_all_domains(
                     conn, &(struct wire_connect_list_all_domains_args){1, flags}, &r, &e))
        return;
    for (size_t i = 0; i < r.n_domains; i++)
        each(arg, r.domains[i].name);
    wire_clear(&wire_type_connect_list_all_domains_ret, &r);
}

const char *const lookup_event_names[] = {
    "lifecycle",
    "reboot",
    "rtc-change",
    "watchdog",
    "io-error",
    "graphics",
    "io-error-reason",
    "control-error",
    "block-job",
    "disk-change",
    "tray-change",
    "pm-wakeup",
    "pm-suspend",
    "balloon-change",
    "pm-suspend-disk",
    "device-removed",
    "block-job-2",
    "tunable",
    "agent-lifecycle",
    "device-added",
    "migration-iteration",
    "job-completed",
    "device-removal-failed",
    "metadata-change",
    "block-threshold",
    "memory-failure",
    "memory-device-size-change",
    NULL,
};

const char *state_name(int state)
{
    static const char *const names[] = {"no state",    "running",  "idle",    "paused",
                                        "in shutdown", "shut off", "crashed", "pmsuspended"};
    return state >= 0 && state < 8 ? names[state] : "no state";
}

const char *state_reason_name(int state, int reason)
{
    enum { MAX = 16 };
    static const char *const names[8][MAX] = {
        [VIR_DOMAIN_RUNNING] = {"unknown", "booted", "migrated", "restored", "from snapshot",
                                "unpaused", "migration canceled", "save canceled", "event wakeup",
                                "crashed", "post-copy"},
        [VIR_DOMAIN_PAUSED] = {"unknown", "user", "migrating", "saving", "dumping", "I/O error",
                               "watchdog", "from snapshot", "shutting down", "creating snapshot",
                               "crashed", "starting up", "post-copy", "post-copy failed"},
        [VIR_DOMAIN_SHUTDOWN] = {"unknown", "user"},
        [VIR_DOMAIN_SHUTOFF] = {"unknown", "shutdown", "destroyed", "crashed", "migrated", "saved",
                                "failed", "from snapshot", "daemon"},
        [VIR_DOMAIN_CRASHED] = {"unknown", "panicked"},
    };
    if (state < 0 || state > 7 || reason < 0 || reason >= MAX || !names[state][reason])
        return "unknown";
    return names[state][reason];
}
