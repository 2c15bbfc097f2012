/* What only the running guest knows: names of its interfaces, terminals, display ports, memory and
 * vcpus of now. From nodes of xenstore that guests cannot write, but for one: the terminals of all
 * consoles behind the first. */
#include "more.h"
#include "pty.h"
#include "xl.h"

static bool number_at(char *text, uint32_t max, uint32_t *ret)
{
    bool ok = text && parse_u32(text, 10, max, ret);
    free(text);
    return ok;
}

/* ---- consoles ---- */

/* The nodes are xenconsoled's and the device model's. */
static char *tty_read(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number)
{
    if (kind == HV_CONSOLE_SERIAL)
        return xenstore_read(h, "/local/domain/%u/serial/%u/tty", domid, number);
    if (number)
        return xenstore_read(h, "/local/domain/%u/device/console/%u/tty", domid, number);
    return xenstore_read(h, "/local/domain/%u/console/tty", domid);
}

/* A guest that says another path than its device model has would have root open it. */
static bool is_its_own(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                       const char *tty)
{
    uint32_t pty;
    bool may_guest_write = kind == HV_CONSOLE_PV && number;
    return pty_number(tty, &pty) && (!may_guest_write || more_is_models_pty(h, domid, tty));
}

int live_console(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                 char path[HV_CONSOLE_PATH_MAX], struct err *e)
{
    CLEANUP_FREE char *tty = tty_read(h, domid, kind, number);
    if (tty && strlen(tty) < HV_CONSOLE_PATH_MAX && is_its_own(h, domid, kind, number, tty)) {
        memcpy(path, tty, strlen(tty) + 1);
        return 0;
    }
    struct hv_info i;
    if (info_get(h, domid, &i, e))
        return -1;
    return fail(e, ERR_OPERATION_FAILED, "%s %u of domain %u has no terminal (yet)",
                kind == HV_CONSOLE_SERIAL ? "serial port" : "console", number, domid);
}

static void chr_tty(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                    struct chr *c)
{
    char path[HV_CONSOLE_PATH_MAX];
    if ((c->type == CHR_PTY || !c->type) && !live_console(h, domid, kind, number, path, NULL))
        str_set(&c->path, path);
}

static void ttys(struct hv *h, uint32_t domid, struct domain *d)
{
    for (size_t i = 0; i < d->n_serials; i++)
        chr_tty(h, domid, HV_CONSOLE_SERIAL, (uint32_t)num_or(d->serials[i].port, (int64_t)i),
                &d->serials[i]);
    for (size_t i = 0; i < d->n_consoles; i++) {
        bool serial = d->consoles[i].target == CHR_TARGET_SERIAL;
        chr_tty(h, domid, serial ? HV_CONSOLE_SERIAL : HV_CONSOLE_PV, (uint32_t)i, &d->consoles[i]);
    }
    char path[HV_CONSOLE_PATH_MAX];
    bool is_socket;
    for (size_t i = 0; i < d->n_channels; i++)
        if (d->channels[i].type == CHR_PTY && d->channels[i].name &&
            !more_channel(h, domid, d->channels[i].name, path, &is_socket, NULL) && !is_socket)
            str_set(&d->channels[i].path, path);
}

/* ---- the others ---- */

static void vif_names(struct hv *h, uint32_t domid, struct domain *d)
{
    for (size_t i = 0; i < d->n_nics; i++) {
        uint32_t devid = (uint32_t)num_or(d->nics[i].devid, (int64_t)i);
        char *name = backend_read(h, domid, "vif", devid, "vifname");
        if (name)
            str_set(&d->nics[i].ifname, name);
        else if (!d->nics[i].ifname)
            d->nics[i].ifname = mem_printf("vif%u.%u", domid, devid);
        free(name);
    }
}

static void displays(struct hv *h, uint32_t domid, struct domain *d)
{
    uint32_t port;
    for (size_t i = 0; i < d->n_graphics; i++) {
        struct graphics *g = &d->graphics[i];
        if (g->type != GFX_VNC)
            continue;
        if (number_at(xenstore_read(h, "/local/domain/%u/console/vnc-port", domid), 65535, &port))
            g->port = NUM(port);
        return; /* xenstore tells of one */
    }
}

static void sizes(struct hv *h, uint32_t domid, const struct hv_info *i, struct domain *d)
{
    uint64_t target_kib;
    uint32_t video_kib = 0; /* the target leaves it out */
    number_at(xenstore_read(h, "/local/domain/%u/memory/videoram", domid), UINT32_MAX, &video_kib);
    /* One that is being built has no target yet, and libxl would complain. */
    CLEANUP_FREE char *target = xenstore_read(h, "/local/domain/%u/memory/target", domid);
    if (!target || xl_memory_target(h->ctx, domid, &target_kib))
        d->memory_kib = NUM(i->mem_kib);
    else
        d->memory_kib = NUM(target_kib + (i->type == GUEST_HVM ? video_kib : 0));
    d->vcpus = NUM(i->vcpus_online);
    if (!d->vcpus_max.set || d->vcpus_max.v < i->vcpus_online)
        d->vcpus_max = NUM(i->vcpus_max);
}

int live_fill(struct hv *h, uint32_t domid, struct domain *d, struct err *e)
{
    struct hv_info i;
    if (info_get(h, domid, &i, e))
        return -1;
    d->id = NUM(domid);
    sizes(h, domid, &i, d);
    ttys(h, domid, d);
    vif_names(h, domid, d);
    displays(h, domid, d);
    return 0;
}
