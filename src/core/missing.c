#include "missing.h"

#include <unistd.h>

#include "base/str.h"
#include "priv.h"

static bool is_medium(const struct disk *k)
{
    return k->device == DISK_CDROM || k->device == DISK_FLOPPY;
}

/* A guest that comes from an image or another host has its disks in use: only a medium may be
 * missing then. */
static bool may_be_missing(const struct disk *k, bool is_boot)
{
    if (str_eq(k->startup_policy, "optional"))
        return is_boot || is_medium(k);
    return str_eq(k->startup_policy, "requisite") && !is_boot && is_medium(k);
}

static bool is_missing(const struct disk *k)
{
    bool is_path = !k->type || k->type == DISK_FILE || k->type == DISK_BLOCK;
    return is_path && !k->script && str_empty(k->backend_domain) && !str_empty(k->source) &&
           access(k->source, R_OK);
}

void missing_leave_out(struct domain *d, bool is_boot, struct domain **ret)
{
    struct domain *left = NULL;
    for (size_t i = d->n_disks; i--;) {
        struct disk *k = &d->disks[i];
        if (!may_be_missing(k, is_boot) || !is_missing(k))
            continue;
        if (!left)
            left = domain_new();
        rec_copy(&disk_rec, DOMAIN_ADD(left, disks), k);
        if (is_medium(k))
            free(take(k->source));
        else
            rec_remove(rec_field(&domain_rec, "disks"), d, i);
    }
    if (ret)
        *ret = left;
    else
        domain_free(left);
}

int job_leave_out(struct job *j, bool is_boot)
{
    missing_leave_out(j->config, is_boot, &j->missing);
    if (!j->missing)
        return 0;
    free(take(j->xml));
    return text_write(j->config, true, &j->xml, &j->xml_len, &j->err);
}

void job_tell_missing(const struct job *j)
{
    const struct guest *g = j->guest;
    for (size_t i = j->missing ? j->missing->n_disks : 0; i--;) {
        const struct disk *k = &j->missing->disks[i];
        struct event ev = {.id = EVENT_DISK_CHANGE,
                           .name = mem_str(g->name),
                           .domid = guest_domid(g),
                           .type = is_medium(k) ? EVENT_DISK_EMPTY : EVENT_DISK_DROPPED,
                           .text = mem_str(k->dev.alias ? k->dev.alias : k->target),
                           .path = mem_str(k->source)};
        memcpy(ev.uuid, g->uuid, UUID_LEN);
        events_add(&g->host->events, ev);
        host_log(g->host, LOG_WARN,
                 "domain '%s': disk '%s' starts without '%s', which is not there", g->name,
                 k->target, k->source);
    }
}
