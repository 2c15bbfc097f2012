/* Who a client is: what the kernel, TLS and SASL say of it. Used for rights and for the audit log.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct conn;

enum { IDENTITY_TEXT = 256, IDENTITY_GROUPS_MAX = 256 };

struct identity {
    bool is_local; /* uid, gid and pid count */
    uid_t uid;
    gid_t gid;
    pid_t pid;
    uint64_t start_ticks; /* of pid; 0: not known */
    char *user;           /* name of uid; NULL: not local, unknown or not read yet */
    char **groups;        /* their names */
    size_t n_groups;
    bool has_names;
    char *sasl_user; /* after authentication */
    char *x509_name; /* of its certificate */
    char *address;   /* "192.0.2.1:4711"; NULL for a local one */
};

void identity_read(struct identity *id, const struct conn *c); /* clear with identity_clear */
/* Reads user and groups, once: only a policy asks for them, since a directory service may be slow.
 */
void identity_names(struct identity *id);
void identity_clear(struct identity *id);
/* "user alice (pid 4711)", "CN=ops at 192.0.2.1:4711"; returns ret. */
const char *identity_text(const struct identity *id, char ret[IDENTITY_TEXT]);
