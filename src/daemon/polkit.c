/* The module daemon-polkit.so. Each check has a connection to the bus of its own, so that a user
 * who thinks about a password holds nobody else. */
#include "daemon/polkit.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "base/str.h"

enum { ALLOW_INTERACTION = 1, ANSWER_US = 300 * 1000000, AT_ONCE = 64 };

static int append_question(sd_bus_message *m, const struct polkit_subject *s,
                           const struct polkit_question *q, uint32_t flags)
{
    int r = sd_bus_message_append(m, "(sa{sv})s", "unix-process", 3, "pid", "u", (uint32_t)s->pid,
                                  "start-time", "t", s->start_ticks, "uid", "i", (int32_t)s->uid,
                                  q->action);
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "{ss}");
    for (size_t i = 0; r >= 0 && i < q->n_details; i++)
        r = sd_bus_message_append(m, "{ss}", q->details[i].name, q->details[i].value);
    if (r >= 0)
        r = sd_bus_message_close_container(m);
    return r >= 0 ? sd_bus_message_append(m, "us", flags, "") : r;
}

static int new_question(sd_bus *bus, const struct polkit_subject *s,
                        const struct polkit_question *q, uint32_t flags, sd_bus_message **ret)
{
    int r = sd_bus_message_new_method_call(
        bus, ret, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
    return r >= 0 ? append_question(*ret, s, q, flags) : r;
}

/* One of the details' names means that the user closed the question. */
static int read_dismissed(sd_bus_message *m, bool *ret)
{
    int r = sd_bus_message_enter_container(m, 'a', "{ss}");
    const char *name, *value;
    *ret = false;
    while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &name, &value)) > 0)
        *ret |= str_eq(name, "polkit.dismissed") && !str_empty(value);
    return r;
}

static int read_answer(sd_bus_message *m, const char *action, struct err *e)
{
    int granted = 0, challenge = 0;
    bool dismissed = false;
    int r = sd_bus_message_enter_container(m, 'r', "bba{ss}");
    if (r >= 0)
        r = sd_bus_message_read(m, "bb", &granted, &challenge);
    if (r >= 0)
        r = read_dismissed(m, &dismissed);
    if (r < 0)
        return fail(e, ERR_AUTH_FAILED, "polkit's answer is not understood: %s", strerror(-r));
    if (granted)
        return 0;
    if (dismissed)
        return fail(e, ERR_AUTH_CANCELLED,
                    "authentication cancelled: user cancelled authentication "
                    "process");
    if (challenge)
        return fail(e, ERR_AUTH_UNAVAILABLE,
                    "authentication unavailable: no polkit agent available "
                    "to authenticate action '%s'",
                    action);
    return fail(e, ERR_AUTH_FAILED, "authentication failed: access denied by policy");
}

static int ask_one(sd_bus *bus, const struct polkit_subject *s, const struct polkit_question *q,
                   struct err *e)
{
    sd_bus_message *m = NULL, *answer = NULL;
    sd_bus_error why = SD_BUS_ERROR_NULL;
    int r = new_question(bus, s, q, ALLOW_INTERACTION, &m);
    if (r >= 0)
        r = sd_bus_call(bus, m, ANSWER_US, &why, &answer);
    if (r < 0)
        r = fail(e, ERR_AUTH_FAILED, "cannot ask polkit: %s",
                 why.message ? why.message : strerror(-r));
    else
        r = read_answer(answer, q->action, e);
    sd_bus_error_free(&why);
    sd_bus_message_unref(answer);
    sd_bus_message_unref(m);
    return r;
}

/* A process that has ended already has no start time, and its number may be another's. */
static sd_bus *open_bus(const struct polkit_subject *s, struct err *e)
{
    sd_bus *bus = NULL;
    if (!s->start_ticks) {
        fail(e, ERR_AUTH_FAILED, "the client's process has ended");
        return NULL;
    }
    int r = sd_bus_open_system(&bus);
    if (r < 0)
        fail(e, ERR_AUTH_FAILED, "cannot reach the system bus: %s", strerror(-r));
    return r < 0 ? NULL : bus;
}

static int check(const struct polkit_subject *s, const char *action, struct err *e)
{
    CLEANUP_FREE char *copy = mem_str(action);
    sd_bus *bus = open_bus(s, e);
    if (!bus)
        return -1;
    int r = ask_one(bus, s, &(struct polkit_question){.action = copy}, e);
    sd_bus_flush_close_unref(bus);
    return r;
}

/* --- many questions --- */

struct round {
    const struct polkit_subject *subject;
    struct polkit_question *questions;
    size_t n, sent, open;
    struct err *err;
};

struct slot { /* what an answer is to */
    struct round *round;
    struct polkit_question *question;
};

static int got_answer(sd_bus_message *m, void *arg, sd_bus_error *unused)
{
    struct slot *slot = arg;
    struct err e;
    const sd_bus_error *why = sd_bus_message_get_error(m);
    slot->round->open--;
    if (why)
        fail(slot->round->err, ERR_ACCESS_DENIED, "cannot ask polkit: %s",
             why->message ? why->message : why->name);
    else
        slot->question->is_granted = !read_answer(m, slot->question->action, &e);
    slot->question = NULL; /* the slot is free */
    return 0;
}

static int send_one(sd_bus *bus, struct round *x, struct slot *slot, uint64_t timeout_us)
{
    sd_bus_message *m = NULL;
    *slot = (struct slot){.round = x, .question = &x->questions[x->sent]};
    int r = new_question(bus, x->subject, slot->question, 0, &m);
    if (r >= 0)
        r = sd_bus_call_async(bus, NULL, m, got_answer, slot, timeout_us);
    sd_bus_message_unref(m);
    x->sent++;
    x->open++;
    return r;
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Keeps some questions under way until all have been answered. */
static int run_round(sd_bus *bus, struct round *x, uint64_t timeout_us)
{
    struct slot slots[AT_ONCE] = {0};
    uint64_t end = now_us() + timeout_us;
    int r = 0;
    while (r >= 0 && (x->sent < x->n || x->open)) {
        uint64_t now = now_us();
        if (now >= end)
            return -ETIMEDOUT;
        for (size_t i = 0; r >= 0 && i < AT_ONCE && x->sent < x->n; i++)
            if (!slots[i].question)
                r = send_one(bus, x, &slots[i], end - now);
        if (r >= 0)
            r = sd_bus_process(bus, NULL);
        if (!r)
            r = sd_bus_wait(bus, end - now);
    }
    return r;
}

static void ask(const struct polkit_subject *s, struct polkit_question *q, size_t n,
                uint64_t timeout_ms, struct err *e)
{
    struct round x = {.subject = s, .questions = q, .n = n, .err = e};
    sd_bus *bus = open_bus(s, e);
    if (!bus)
        return;
    int r = run_round(bus, &x, timeout_ms * 1000);
    if (r < 0)
        fail(e, ERR_ACCESS_DENIED, "cannot ask polkit: %s", strerror(-r));
    sd_bus_close_unref(bus);
}

extern const struct polkit_ops xvirt_polkit;
__attribute__((visibility("default")))
const struct polkit_ops xvirt_polkit = {POLKIT_ABI, check, ask};
