#include "daemon/refused.h"

#include <stddef.h>

#include "wire/remote.h"

/* Read by tests/calls.py as well: a reason, then procedures, ended by 0. */
static const struct {
    const char *why;
    short procs[20];
} reasons[] = {
    {"clients use the form with parameters (protocol 3)",
     {WIRE_DOMAIN_MIGRATE_PREPARE, WIRE_DOMAIN_MIGRATE_PERFORM, WIRE_DOMAIN_MIGRATE_FINISH,
      WIRE_DOMAIN_MIGRATE_PREPARE2, WIRE_DOMAIN_MIGRATE_FINISH2, WIRE_DOMAIN_MIGRATE_PREPARE_TUNNEL,
      WIRE_DOMAIN_MIGRATE_BEGIN3, WIRE_DOMAIN_MIGRATE_PREPARE3, WIRE_DOMAIN_MIGRATE_PREPARE_TUNNEL3,
      WIRE_DOMAIN_MIGRATE_PERFORM3, WIRE_DOMAIN_MIGRATE_FINISH3, WIRE_DOMAIN_MIGRATE_CONFIRM3}},
    {"libxl's migration has no such setting",
     {WIRE_DOMAIN_MIGRATE_SET_MAX_DOWNTIME, WIRE_DOMAIN_MIGRATE_GET_MAX_DOWNTIME,
      WIRE_DOMAIN_MIGRATE_SET_MAX_SPEED, WIRE_DOMAIN_MIGRATE_GET_MAX_SPEED,
      WIRE_DOMAIN_MIGRATE_GET_COMPRESSION_CACHE, WIRE_DOMAIN_MIGRATE_SET_COMPRESSION_CACHE,
      WIRE_DOMAIN_MIGRATE_START_POST_COPY}},
    {"it needs an agent in the guest, and Xen has no way of its own to one",
     {WIRE_DOMAIN_FSTRIM, WIRE_DOMAIN_FSFREEZE, WIRE_DOMAIN_FSTHAW, WIRE_DOMAIN_GET_FSINFO,
      WIRE_DOMAIN_SET_USER_PASSWORD, WIRE_DOMAIN_GET_GUEST_INFO,
      WIRE_DOMAIN_AGENT_SET_RESPONSE_TIMEOUT, WIRE_DOMAIN_AUTHORIZED_SSH_KEYS_GET,
      WIRE_DOMAIN_AUTHORIZED_SSH_KEYS_SET}},
    {"a guest's processes are its own", {WIRE_DOMAIN_SEND_PROCESS_SIGNAL}},
    {"libxl has no jobs on the disks of a running guest",
     {WIRE_DOMAIN_BLOCK_JOB_ABORT, WIRE_DOMAIN_GET_BLOCK_JOB_INFO, WIRE_DOMAIN_BLOCK_JOB_SET_SPEED,
      WIRE_DOMAIN_BLOCK_PULL, WIRE_DOMAIN_BLOCK_REBASE, WIRE_DOMAIN_BLOCK_COMMIT,
      WIRE_DOMAIN_BLOCK_COPY}},
    {"checkpoints and backups need a device model that tracks what was written",
     {WIRE_DOMAIN_CHECKPOINT_CREATE_XML, WIRE_DOMAIN_CHECKPOINT_GET_XML_DESC,
      WIRE_DOMAIN_LIST_ALL_CHECKPOINTS, WIRE_DOMAIN_CHECKPOINT_LIST_ALL_CHILDREN,
      WIRE_DOMAIN_CHECKPOINT_LOOKUP_BY_NAME, WIRE_DOMAIN_CHECKPOINT_GET_PARENT,
      WIRE_DOMAIN_CHECKPOINT_DELETE, WIRE_DOMAIN_BACKUP_BEGIN, WIRE_DOMAIN_BACKUP_GET_XML_DESC}},
    {"Xen does not limit what a guest's disks may do",
     {WIRE_DOMAIN_SET_BLKIO_PARAMETERS, WIRE_DOMAIN_GET_BLKIO_PARAMETERS,
      WIRE_DOMAIN_SET_BLOCK_IO_TUNE, WIRE_DOMAIN_GET_BLOCK_IO_TUNE, WIRE_DOMAIN_SET_BLOCK_THRESHOLD,
      WIRE_DOMAIN_SET_THROTTLE_GROUP, WIRE_DOMAIN_DEL_THROTTLE_GROUP}},
    {"a guest's disks have no threads that clients could see",
     {WIRE_DOMAIN_GET_IOTHREAD_INFO, WIRE_DOMAIN_PIN_IOTHREAD, WIRE_DOMAIN_ADD_IOTHREAD,
      WIRE_DOMAIN_DEL_IOTHREAD, WIRE_DOMAIN_SET_IOTHREAD_PARAMS}},
    {"Xen gives a guest its memory: there are no limits of the host's beside it",
     {WIRE_DOMAIN_SET_MEMORY_PARAMETERS, WIRE_DOMAIN_GET_MEMORY_PARAMETERS}},
    {"statistics of memory are asked of Xen when they are wanted",
     {WIRE_DOMAIN_SET_MEMORY_STATS_PERIOD}},
    {"dom0's kernel does not manage the guests' memory",
     {WIRE_NODE_SET_MEMORY_PARAMETERS, WIRE_NODE_GET_MEMORY_PARAMETERS, WIRE_NODE_ALLOC_PAGES}},
    {"libxl does not read the memory of a running guest; dump writes it to a file",
     {WIRE_DOMAIN_MEMORY_PEEK}},
    {"libxl neither tells nor sets the clock of a running guest",
     {WIRE_DOMAIN_GET_TIME, WIRE_DOMAIN_SET_TIME}},
    {"libxl takes no descriptors for a guest",
     {WIRE_DOMAIN_CREATE_XML_WITH_FILES, WIRE_DOMAIN_CREATE_WITH_FILES, WIRE_DOMAIN_FD_ASSOCIATE}},
    {"a display takes no connection that somebody else has made; DOMAIN_OPEN_GRAPHICS_FD makes one",
     {WIRE_DOMAIN_OPEN_GRAPHICS}},
    {"displays under Xen have no certificates", {WIRE_DOMAIN_GRAPHICS_RELOAD}},
    {"a host is put to sleep by dom0's own tools", {WIRE_NODE_SUSPEND_FOR_DURATION}},
    {"Xen does not count such events for single guests",
     {WIRE_DOMAIN_GET_PERF_EVENTS, WIRE_DOMAIN_SET_PERF_EVENTS, WIRE_DOMAIN_START_DIRTY_RATE_CALC}},
    {"Xen does not encrypt the memory of guests",
     {WIRE_NODE_GET_SEV_INFO, WIRE_DOMAIN_GET_LAUNCH_SECURITY_INFO,
      WIRE_DOMAIN_SET_LAUNCH_SECURITY_STATE}},
    {"snapshots are not implemented",
     {WIRE_DOMAIN_SNAPSHOT_CREATE_XML, WIRE_DOMAIN_SNAPSHOT_GET_XML_DESC, WIRE_DOMAIN_SNAPSHOT_NUM,
      WIRE_DOMAIN_SNAPSHOT_LIST_NAMES, WIRE_DOMAIN_SNAPSHOT_LOOKUP_BY_NAME,
      WIRE_DOMAIN_HAS_CURRENT_SNAPSHOT, WIRE_DOMAIN_SNAPSHOT_CURRENT,
      WIRE_DOMAIN_REVERT_TO_SNAPSHOT, WIRE_DOMAIN_SNAPSHOT_DELETE, WIRE_DOMAIN_SNAPSHOT_GET_PARENT,
      WIRE_DOMAIN_SNAPSHOT_NUM_CHILDREN, WIRE_DOMAIN_SNAPSHOT_LIST_CHILDREN_NAMES,
      WIRE_DOMAIN_SNAPSHOT_IS_CURRENT, WIRE_DOMAIN_SNAPSHOT_HAS_METADATA,
      WIRE_DOMAIN_LIST_ALL_SNAPSHOTS, WIRE_DOMAIN_SNAPSHOT_LIST_ALL_CHILDREN}},
};

const char *refused_why(int proc)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        for (size_t k = 0; k < sizeof(reasons[i].procs) / sizeof(*reasons[i].procs); k++)
            if (reasons[i].procs[k] == proc)
                return reasons[i].why;
    return NULL;
}
