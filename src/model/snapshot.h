/* A snapshot of a guest: what it was, and where the contents of its disks and memory of then are.
 */
#pragma once
#include "model/domain.h"

enum snap_state { SNAP_RUNNING = 1, SNAP_PAUSED, SNAP_SHUTOFF, SNAP_DISK_ONLY };
enum snap_place { SNAP_NO = 1, SNAP_INTERNAL, SNAP_EXTERNAL };
extern const struct words snap_state_words, snap_place_words;

/* Internal: within the image, or beside it in its volume group. External: the disk's file stays as
 * it was then, and the guest goes on in `source`, a qcow2 file over it. */
struct snapshot_disk {
    char *name; /* target of the disk */
    enum snap_place place;
    enum disk_type type; /* of source */
    char *format, *source;
};

struct snapshot {
    char *name, *description;
    char *parent;       /* the snapshot before it; NULL: none */
    struct num created; /* seconds since 1970 */
    enum snap_state state;
    enum snap_place memory;
    char *memory_file; /* external */
    struct snapshot_disk *disks;
    size_t n_disks;
    struct domain *domain; /* its definition of then; NULL: not known */
};
extern const struct rec snapshot_disk_rec, snapshot_rec;

struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *s); /* accepts NULL */
struct snapshot *snapshot_copy(const struct snapshot *s);
/* NULL when it has none of that name. */
struct snapshot_disk *snapshot_disk_find(const struct snapshot *s, const char *name);
static inline void snapshot_autofree(struct snapshot **s)
{
    snapshot_free(*s);
}
#define CLEANUP_SNAPSHOT CLEANUP(snapshot_autofree)
