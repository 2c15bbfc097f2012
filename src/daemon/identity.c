#include "daemon/identity.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>

#include "base/str.h"
#include "base/vec.h"
#include "net/conn.h"

enum { NAME_BYTES = 16384 };

static void read_groups(struct identity *id)
{
    gid_t gids[IDENTITY_GROUPS_MAX];
    int n = IDENTITY_GROUPS_MAX;
    CLEANUP_FREE char *buf = mem_new(1, NAME_BYTES);
    if (!id->user)
        return;
    if (getgrouplist(id->user, id->gid, gids, &n) < 0)
        n = IDENTITY_GROUPS_MAX;
    for (int i = 0; i < n; i++) {
        struct group g, *found = NULL;
        if (!getgrgid_r(gids[i], &g, buf, NAME_BYTES, &found) && found)
            VEC_PUSH(id->groups, id->n_groups, mem_str(g.gr_name));
    }
}

void identity_read(struct identity *id, const struct conn *c)
{
    const struct peer *p = conn_peer(c);
    *id = (struct identity){.is_local = p->is_local,
                            .uid = p->uid,
                            .gid = p->gid,
                            .pid = p->pid,
                            .start_ticks = p->start_ticks};
    str_set(&id->x509_name, conn_transport(c)->x509_name);
    if (*p->address)
        id->address = mem_str(p->address);
}

void identity_names(struct identity *id)
{
    if (!id->is_local || id->has_names)
        return;
    CLEANUP_FREE char *buf = mem_new(1, NAME_BYTES);
    struct passwd pw, *found = NULL;
    if (!getpwuid_r(id->uid, &pw, buf, NAME_BYTES, &found) && found)
        id->user = mem_str(pw.pw_name);
    read_groups(id);
    id->has_names = true;
}

void identity_clear(struct identity *id)
{
    for (size_t i = 0; i < id->n_groups; i++)
        free(id->groups[i]);
    free(id->groups);
    free(id->user);
    free(id->sasl_user);
    free(id->x509_name);
    free(id->address);
    *id = (struct identity){0};
}

const char *identity_text(const struct identity *id, char ret[IDENTITY_TEXT])
{
    const char *name = id->sasl_user ? id->sasl_user : id->x509_name ? id->x509_name : id->user;
    if (id->is_local && name)
        snprintf(ret, IDENTITY_TEXT, "%s (uid %u, pid %d)", name, (unsigned)id->uid, (int)id->pid);
    else if (id->is_local)
        snprintf(ret, IDENTITY_TEXT, "uid %u (pid %d)", (unsigned)id->uid, (int)id->pid);
    else
        snprintf(ret, IDENTITY_TEXT, "%s at %s", name ? name : "somebody",
                 id->address ? id->address : "?");
    return ret;
}
