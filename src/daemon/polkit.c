/* The module daemon-polkit.so. Each check has a connection to the bus of its own, so that a user
 * who thinks about a password holds nobody else. */
#include "daemon/polkit.h"

#include <string.h>
#include <systemd/sd-bus.h>

#include "base/str.h"

enum { ALLOW_INTERACTION = 1, ANSWER_US = 300 * 1000000 };

polkit_check_fn xvirt_polkit_check;

static int append_subject(sd_bus_message *m, const struct polkit_subject *s)
{
    return sd_bus_message_append(m, "(sa{sv})sa{ss}us", "unix-process", 3, "pid", "u",
                                 (uint32_t)s->pid, "start-time", "t", s->start_ticks, "uid", "i",
                                 (int32_t)s->uid, s->action, 0, ALLOW_INTERACTION, "");
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

static int ask(sd_bus *bus, const struct polkit_subject *s, struct err *e)
{
    sd_bus_message *m = NULL, *answer = NULL;
    sd_bus_error why = SD_BUS_ERROR_NULL;
    int r = sd_bus_message_new_method_call(
        bus, &m, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
    if (r >= 0)
        r = append_subject(m, s);
    if (r >= 0)
        r = sd_bus_call(bus, m, ANSWER_US, &why, &answer);
    if (r < 0)
        r = fail(e, ERR_AUTH_FAILED, "cannot ask polkit: %s",
                 why.message ? why.message : strerror(-r));
    else
        r = read_answer(answer, s->action, e);
    sd_bus_error_free(&why);
    sd_bus_message_unref(answer);
    sd_bus_message_unref(m);
    return r;
}

/* A process that has ended already has no start time, and its number may be another's. */
__attribute__((visibility("default"))) int xvirt_polkit_check(const struct polkit_subject *s,
                                                              struct err *e)
{
    sd_bus *bus = NULL;
    if (!s->start_ticks)
        return fail(e, ERR_AUTH_FAILED, "the client's process has ended");
    int r = sd_bus_open_system(&bus);
    if (r < 0)
        return fail(e, ERR_AUTH_FAILED, "cannot reach the system bus: %s", strerror(-r));
    r = ask(bus, s, e);
    sd_bus_flush_close_unref(bus);
    return r;
}
