/* Snapshots of a guest, as the protocol has them. Loop thread. Flags are the wire's bits. */
#pragma once
#include "core/guest.h"

struct snapshot;

enum { GUEST_SNAPSHOTS_MAX = 16384 };

enum snap_create {
    SNAP_CREATE_REDEFINE = 1,
    SNAP_CREATE_CURRENT = 2,
    SNAP_CREATE_NO_METADATA = 4,
    SNAP_CREATE_HALT = 8,
    SNAP_CREATE_DISK_ONLY = 16,
    SNAP_CREATE_REUSE_EXT = 32,
    SNAP_CREATE_QUIESCE = 64,
    SNAP_CREATE_ATOMIC = 128,
    SNAP_CREATE_LIVE = 256,
    SNAP_CREATE_VALIDATE = 512
};
/* *ret_name: of the snapshot that is being made; caller frees. done comes later. */
int guest_snapshot_create(struct guest *g, const char *xml, unsigned flags, char **ret_name,
                          guest_done *done, void *arg, struct err *e);

/* Caller frees *ret. secure: with passwords. */
int guest_snapshot_xml(const struct snapshot *s, bool secure, char **ret, struct err *e);

/* Borrowed until the loop runs again. NULL with ERR_NO_DOMAIN_SNAPSHOT. */
const struct snapshot *guest_snapshot(const struct guest *g, const char *name, struct err *e);
const struct snapshot *guest_snapshot_parent(const struct guest *g, const char *name,
                                             struct err *e);
const char *guest_snapshot_current(const struct guest *g); /* NULL: none */
size_t guest_snapshot_count(const struct guest *g);

enum snap_list {
    SNAP_LIST_ROOTS = 1,       /* of all: those without a parent */
    SNAP_LIST_DESCENDANTS = 1, /* of one: its children's children too */
    SNAP_LIST_METADATA = 2,
    SNAP_LIST_LEAVES = 4,
    SNAP_LIST_NO_LEAVES = 8,
    SNAP_LIST_NO_METADATA = 16,
    SNAP_LIST_INACTIVE = 32,
    SNAP_LIST_ACTIVE = 64,
    SNAP_LIST_DISK_ONLY = 128,
    SNAP_LIST_INTERNAL = 256,
    SNAP_LIST_EXTERNAL = 512,
    SNAP_LIST_TOPOLOGICAL = 1024 /* parents before children, which is how they always come */
};
/* Those of the guest (from NULL), or below one. Caller frees the array with free. */
const struct snapshot **guest_snapshots(const struct guest *g, const struct snapshot *from,
                                        unsigned flags, size_t *ret_n);

enum snap_revert {
    SNAP_REVERT_RUNNING = 1,
    SNAP_REVERT_PAUSED = 2,
    SNAP_REVERT_FORCE = 4,
    SNAP_REVERT_RESET_NVRAM = 8
};
int guest_snapshot_revert(struct guest *g, const char *name, unsigned flags, guest_done *done,
                          void *arg, struct err *e);

enum snap_delete {
    SNAP_DELETE_CHILDREN = 1,
    SNAP_DELETE_METADATA = 2,
    SNAP_DELETE_CHILDREN_ONLY = 4
};
int guest_snapshot_delete(struct guest *g, const char *name, unsigned flags, guest_done *done,
                          void *arg, struct err *e);
