#include "snapshot.h"

#include "base/mem.h"
#include "base/str.h"

#define WORDS(e, ...) \
    static const char *const e##_names[] = {NULL, __VA_ARGS__}; \
    const struct words e##_words = {e##_names, sizeof(e##_names) / sizeof(*e##_names)};
WORDS(snap_state, "running", "paused", "shutoff", "disk-snapshot")
WORDS(snap_place, "no", "internal", "external")

static const struct field disk_fields[] = {
    F_STR(snapshot_disk, name),
    F_ENUM(snapshot_disk, place, snap_place),
    F_ENUM(snapshot_disk, type, disk_type),
    F_STR(snapshot_disk, format),
    F_STR(snapshot_disk, source),
};
const struct rec snapshot_disk_rec = {"snapshot_disk", sizeof(struct snapshot_disk), disk_fields,
                                      sizeof(disk_fields) / sizeof(*disk_fields)};

static const struct field fields[] = {
    F_STR(snapshot, name),
    F_STR(snapshot, description),
    F_STR(snapshot, parent),
    F_NUM(snapshot, created),
    F_ENUM(snapshot, state, snap_state),
    F_ENUM(snapshot, memory, snap_place),
    F_STR(snapshot, memory_file),
    F_LIST(snapshot, disks, snapshot_disk),
    F_OPT(snapshot, domain, domain),
};
const struct rec snapshot_rec = {"snapshot", sizeof(struct snapshot), fields,
                                 sizeof(fields) / sizeof(*fields)};

struct snapshot *snapshot_new(void)
{
    return NEW(struct snapshot);
}

void snapshot_free(struct snapshot *s)
{
    if (!s)
        return;
    rec_clear(&snapshot_rec, s);
    free(s);
}

struct snapshot *snapshot_copy(const struct snapshot *s)
{
    struct snapshot *copy = snapshot_new();
    rec_copy(&snapshot_rec, copy, s);
    return copy;
}

struct snapshot_disk *snapshot_disk_find(const struct snapshot *s, const char *name)
{
    for (size_t i = 0; i < s->n_disks; i++)
        if (str_eq(s->disks[i].name, name))
            return &s->disks[i];
    return NULL;
}
