/* Events about guests, from the core to whoever listens (connections of the daemon). One list,
 * delivered in order, on the loop's thread, never from inside the call that causes them: listeners
 * run when the current turn is done. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Numbers of virDomainEventID. */
enum event_id {
    EVENT_LIFECYCLE = 0,
    EVENT_REBOOT = 1,
    EVENT_WATCHDOG = 3,
    EVENT_DISK_CHANGE = 9,
    EVENT_TRAY_CHANGE = 10,
    EVENT_PMWAKEUP = 11,
    EVENT_PMSUSPEND = 12,
    EVENT_BALLOON_CHANGE = 13,
    EVENT_DEVICE_REMOVED = 15,
    EVENT_TUNABLE = 17,
    EVENT_DEVICE_ADDED = 19,
    EVENT_JOB_COMPLETED = 21,
    EVENT_DEVICE_REMOVAL_FAILED = 22,
    EVENT_METADATA_CHANGE = 23
};

/* Why a disk has changed when its guest started: virConnectDomainEventDiskChangeReason. */
enum event_disk_reason { EVENT_DISK_EMPTY = 0, EVENT_DISK_DROPPED = 1 };

struct guest_job_info;
struct event_param;
struct event {
    enum event_id id;
    char *name; /* of the guest, then */
    uint8_t uuid[16];
    int32_t domid; /* -1: not running */
    int32_t type;  /* lifecycle: virDomainEventType; metadata: type; watchdog: action; tray: 0 open,
                      1 closed; disk: reason */
    int32_t detail;             /* lifecycle: virDomainEvent*DetailType */
    uint64_t number;            /* balloon: KiB */
    char *text;                 /* device alias, metadata uri */
    char *path;                 /* disk: its source, before */
    struct guest_job_info *job; /* that has ended */
    struct event_param *params; /* tunables */
    size_t n_params;
};
/* A setting that was changed, as "cputune.vcpupin0". */
struct event_param {
    char *name;
    char *text; /* NULL: it is a number */
    uint64_t number;
};

struct events;
struct event_listener;
typedef void event_fn(void *arg, const struct event *ev);

struct event_listener *event_listen(struct events *ev, event_fn *fn, void *arg);
void event_unlisten(
    struct event_listener *l); /* no call after; accepts NULL; may be called from a listener */
