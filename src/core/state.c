/* States, what each change of a guest means to clients, and which operations a state allows: as
 * tables. */
#include "priv.h"

enum { KEEP = -1, NO_EVENT = -1 };
enum { DEFINED, UNDEFINED, STARTED, SUSPENDED, RESUMED, STOPPED, SHUTDOWN, PMSUSPENDED, CRASHED };

/* Numbers of virDomainState's reasons and virDomainEventType's details. */
static const struct {
    enum guest_state state;
    int reason, event, detail;
} changes[CHANGES] = {
    [CHANGE_BOOTED] = {GUEST_RUNNING, 1, STARTED, 0},
    [CHANGE_BOOTED_PAUSED] = {GUEST_PAUSED, 1, STARTED, 0},
    [CHANGE_RESTORED] = {GUEST_RUNNING, 3, STARTED, 2},
    [CHANGE_RESTORED_PAUSED] = {GUEST_PAUSED, 1, STARTED, 2},
    [CHANGE_ADOPTED] = {GUEST_RUNNING, 0, STARTED, 0},
    [CHANGE_ADOPTED_PAUSED] = {GUEST_PAUSED, 0, STARTED, 0},
    [CHANGE_SUSPENDED] = {GUEST_PAUSED, 1, SUSPENDED, 0},
    [CHANGE_RESUMED] = {GUEST_RUNNING, 5, RESUMED, 0},
    [CHANGE_SAVE_FAILED] = {GUEST_RUNNING, 7, NO_EVENT, 0},
    [CHANGE_STOPPING] = {GUEST_SHUTDOWN, 0, NO_EVENT, 0},
    [CHANGE_SHUT_DOWN] = {GUEST_SHUTOFF, 1, STOPPED, 0},
    [CHANGE_DESTROYED] = {GUEST_SHUTOFF, 2, STOPPED, 1},
    [CHANGE_CRASHED] = {GUEST_SHUTOFF, 3, STOPPED, 2},
    [CHANGE_CRASHED_KEPT] = {GUEST_CRASHED, 1, CRASHED, 0},
    [CHANGE_STOPPED_KEPT] = {GUEST_SHUTDOWN, 1, SHUTDOWN, 0},
    [CHANGE_SAVED] = {GUEST_SHUTOFF, 5, STOPPED, 4},
    [CHANGE_FAILED] = {GUEST_SHUTOFF, 6, STOPPED, 5},
    [CHANGE_ASLEEP] = {GUEST_PMSUSPENDED, 0, PMSUSPENDED, 0},
    [CHANGE_AWAKE] = {GUEST_RUNNING, 8, STARTED, 4},
    [CHANGE_SENT] = {GUEST_PAUSED, 2, SUSPENDED, 1},
    [CHANGE_TAKEN_BACK] = {GUEST_RUNNING, 6, RESUMED, 1},
    [CHANGE_MIGRATED] = {GUEST_SHUTOFF, 4, STOPPED, 3},
    [CHANGE_ARRIVED] = {GUEST_PAUSED, 2, STARTED, 1},
    [CHANGE_ARRIVED_PAUSED] = {GUEST_PAUSED, 1, SUSPENDED, 0},
    [CHANGE_ARRIVED_RUNNING] = {GUEST_RUNNING, 2, RESUMED, 1},
    [CHANGE_DUMPING] = {GUEST_PAUSED, 4, NO_EVENT, 0},
    [CHANGE_DUMPED] = {GUEST_RUNNING, 5, NO_EVENT, 0},
    [CHANGE_SNAPPED] = {GUEST_SHUTOFF, 7, STOPPED, 6},
    [CHANGE_UNSNAPPED] = {GUEST_RUNNING, 4, STARTED, 3},
    [CHANGE_UNSNAPPED_PAUSED] = {GUEST_PAUSED, 7, STARTED, 3},
};

#define USERDATA_STATE "xvirt-state"

/* The reason of a state is not Xen's to know: it is kept on the domain, for our own restart. */
void guest_note_state(struct guest *g)
{
    char text[32];
    struct err e = {0};
    if (g->domid == HV_DOMID_NONE || g->domid == 0)
        return;
    int n = snprintf(text, sizeof(text), "%d %d", g->state, g->reason);
    (void)g->host->ops->set_userdata(g->host->hv, g->domid, USERDATA_STATE, text, (size_t)n, &e);
}

void guest_event(struct guest *g, enum event_id id, int type, int detail)
{
    struct event ev = {.id = id,
                       .name = mem_str(g->name),
                       .domid = guest_domid(g),
                       .type = type,
                       .detail = detail};
    memcpy(ev.uuid, g->uuid, UUID_LEN);
    events_add(&g->host->events, ev);
}

void guest_change(struct guest *g, enum change c)
{
    g->state = changes[c].state;
    g->reason = changes[c].reason;
    if (c == CHANGE_ASLEEP || c == CHANGE_AWAKE)
        guest_event(g, c == CHANGE_ASLEEP ? EVENT_PMSUSPEND : EVENT_PMWAKEUP, 0, 0);
    if (changes[c].event != NO_EVENT && !g->is_arriving)
        guest_event(g, EVENT_LIFECYCLE, changes[c].event, changes[c].detail);
    guest_note_state(g);
}

bool guest_has_reason(const struct guest *g, enum change c)
{
    return g->state == changes[c].state && g->reason == changes[c].reason;
}

static enum guest_state state_of(const struct hv_info *i)
{
    switch (i->run) {
    case HV_RUNNING:
    case HV_BLOCKED:
        return GUEST_RUNNING;
    case HV_PAUSED:
        return GUEST_PAUSED;
    case HV_SHUTDOWN:
        return i->reason == HV_CRASH ? GUEST_CRASHED : GUEST_SHUTDOWN;
    case HV_DYING:
        break;
    }
    return GUEST_SHUTOFF;
}

void guest_read_state(struct guest *g, const struct hv_info *i)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    struct err e = {0};
    int state = 0, reason = 0;
    g->state = state_of(i);
    g->reason = 0;
    if (!g->host->ops->userdata(g->host->hv, i->domid, USERDATA_STATE, &text, &len, &e) && text &&
        sscanf(text, "%d %d", &state, &reason) == 2) {
        if (state == GUEST_PMSUSPENDED && i->run == HV_SHUTDOWN && i->reason == HV_SUSPEND)
            g->state = GUEST_PMSUSPENDED;
        if (state == (int)g->state)
            g->reason = reason;
    }
}

bool guest_is_running(const struct guest *g)
{
    return g->state == GUEST_RUNNING || g->state == GUEST_BLOCKED;
}

#define IN(state) (1u << (state))
enum {
    UP = IN(GUEST_RUNNING) | IN(GUEST_BLOCKED),
    ACTIVE = UP | IN(GUEST_PAUSED) | IN(GUEST_SHUTDOWN) | IN(GUEST_CRASHED) | IN(GUEST_PMSUSPENDED)
};

static const struct {
    unsigned states;
    const char *otherwise;
} allowed[OPS] = {
    [OP_START] = {IN(GUEST_SHUTOFF), "domain is already running"},
    [OP_SHUTDOWN] = {UP, "domain is not running"},
    [OP_DESTROY] = {ACTIVE, "domain is not running"},
    [OP_SUSPEND] = {UP | IN(GUEST_PAUSED), "domain is not running"},
    [OP_RESUME] = {UP | IN(GUEST_PAUSED), "domain is not running"},
    [OP_SAVE] = {UP | IN(GUEST_PAUSED), "domain is not running"},
    [OP_DUMP] = {UP | IN(GUEST_PAUSED) | IN(GUEST_CRASHED), "domain is not running"},
    [OP_LIVE] = {UP | IN(GUEST_PAUSED), "domain is not running"},
};

/* What "not running" can mean of a guest that has not stopped. */
static const char *const is_now[] = {
    [GUEST_PAUSED] = ": it is paused",
    [GUEST_SHUTDOWN] = ": it is in shutdown",
    [GUEST_CRASHED] = ": it has crashed",
    [GUEST_PMSUSPENDED] = ": it is asleep",
};

int guest_check_own(const struct guest *g, struct err *e)
{
    return g->domid ? 0
                    : fail(e, ERR_OPERATION_INVALID, "domain '%s' is the host's own: not possible",
                           g->name);
}

/* The host's own has memory, CPUs and a weight like others, and no life that could be managed. */
int guest_allows(const struct guest *g, enum guest_op op, struct err *e)
{
    if (op != OP_LIVE && guest_check_own(g, e))
        return -1;
    if (!(allowed[op].states & IN(g->state)))
        return fail(e, ERR_OPERATION_INVALID, "%s%s", allowed[op].otherwise,
                    op == OP_START || !is_now[g->state] ? "" : is_now[g->state]);
    return 0;
}
