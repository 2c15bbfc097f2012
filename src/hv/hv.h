/* The hypervisor interface: what Xen can do, no policy. Two implementations: libxl/ (a module, real
 * Xen) and sim/ (an in-memory host). All functions are required. If both would need the same `if`,
 * it belongs in core/.
 *
 * Each operation is one of
 *   FAST   answers at once; loop thread only
 *   WAIT   waits for a guest or a backend: started on the loop thread, ends by its hv_wait's
 *          callback on the loop thread, never from inside the call that starts it
 *   BUILD  burns time: runs on a worker's thread, touches only its arguments (struct hv is shared:
 *          the implementation keeps what it needs there immutable, or locks it for itself)
 * Units are in the names. Strings and arrays handed out are the caller's, freed with free() unless
 * a line says otherwise. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/domain.h"

struct hv;
struct loop;

enum { HV_DOMID_NONE = UINT32_MAX, HV_CONSOLE_PATH_MAX = 256, HV_NOTE_MAX = 4096 };

enum hv_run { HV_RUNNING, HV_BLOCKED, HV_PAUSED, HV_SHUTDOWN, HV_DYING };

/* Why a guest in HV_SHUTDOWN stopped: Xen's SHUTDOWN_* numbers. */
enum hv_reason {
    HV_POWEROFF,
    HV_REBOOT,
    HV_SUSPEND,
    HV_CRASH,
    HV_WATCHDOG,
    HV_SOFT_RESET,
    HV_REASON_UNKNOWN = 255
};

/* What the hypervisor itself knows of one domain (libxl_dominfo). */
struct hv_info {
    uint32_t domid;
    uint8_t uuid[16];
    enum hv_run run;
    enum hv_reason reason; /* meaningful in HV_SHUTDOWN */
    enum guest_type type;
    uint64_t mem_kib;     /* what it has now, shared and paged included */
    uint64_t mem_max_kib; /* what it may have */
    uint64_t cpu_ns;
    uint32_t vcpus_online;
    uint32_t vcpus_max;
    uint32_t cpupool;
};

struct hv_vcpu {
    uint32_t number;
    bool is_online, is_running, is_blocked;
    uint32_t cpu; /* the host CPU it runs on, UINT32_MAX: none */
    uint64_t cpu_ns;
    uint8_t *hard, *soft; /* bitmaps of map_len bytes, bit 0 of byte 0 is CPU 0; NULL means all */
    size_t map_len;
};
void hv_vcpus_free(struct hv_vcpu *v, size_t n);

struct hv_cpu {                  /* one logical CPU of the host */
    uint32_t core, socket, node; /* UINT32_MAX: offline or unknown */
};

struct hv_node { /* one NUMA node */
    uint64_t mem_kib, free_kib;
    uint32_t *distances; /* n_nodes of the host, or NULL */
};

struct hv_host {
    char *arch;      /* x86_64 */
    char *cpu_model; /* at most 31 bytes are shown to clients */
    uint32_t mhz, cpus_online, cpus_max, threads_per_core, cores_per_socket, sockets;
    uint64_t mem_kib, free_kib, outstanding_kib;
    struct hv_cpu *cpus; /* cpus_max */
    struct hv_node *nodes;
    size_t n_nodes;
    uint32_t xen_major, xen_minor, xen_release; /* 4, 17, 5 */
    char *xen_extra;
    char *capabilities; /* "xen-3.0-x86_64 hvm-3.0-x86_32 ..." */
    char *commandline;
    bool has_pv, has_hvm, has_hap, has_iommu;
    bool has_shadow;   /* shadow paging: which live migration of PV guests needs */
    uint32_t hwcap[8]; /* featureset words as Xen gives them */
    char *scheduler;   /* credit2 */
    uint8_t uuid[16];  /* of the machine, zero if unknown */
};
void hv_host_clear(struct hv_host *h);

struct hv_block_stats {
    int64_t rd_req, rd_bytes, wr_req, wr_bytes, flush_req, errs; /* -1: unknown */
};
struct hv_net_stats {
    int64_t rx_bytes, rx_packets, rx_errs, rx_drop, tx_bytes, tx_packets, tx_errs,
        tx_drop; /* seen from the guest */
};

/* What the host tells the core; loop thread. `arg` is the one given to open. */
struct hv_events {
    /* A domain exists that was not there before (any toolstack's). It may still be under
     * construction. */
    void (*appeared)(void *arg, uint32_t domid);
    /* The guest stopped by itself (HV_SUSPEND: it sleeps, or a save is writing it); it still exists
     * (HV_SHUTDOWN) until somebody destroys it. May be told more than once. */
    void (*stopped)(void *arg, uint32_t domid, enum hv_reason reason);
    /* It is gone. Domids may be reused at once after. */
    void (*gone)(void *arg, uint32_t domid);
    /* Something of it changed that clients see: name, balloon target, devices, console. A hint to
     * look again. */
    void (*changed)(void *arg, uint32_t domid);
    /* The daemon's log. Any thread. level: enum log_level. */
    void (*log)(void *arg, int level, const char *text);
};

/* The end of a WAIT operation: called once, on the loop, unless the start itself returned an error.
 * The caller owns the struct and keeps it until then. e->code is 0 on success. */
struct hv_wait {
    void (*done)(struct hv_wait *w, const struct err *e);
};

/* Given to BUILD operations. Read and written with atomics across threads. */
struct hv_progress {
    uint64_t total, done; /* bytes, or 0 while unknown */
    bool abort_wanted; /* set by the loop; the operation ends with ERR_OPERATION_ABORTED, the guest
                          left well */
};

/* What a guest is built from. */
struct hv_create {
    const struct domain *config; /* complete: defaults filled in */
    int restore_fd;              /* -1: boot; else an image stream, positioned */
    const char *userdata;        /* stored on the domain under HV_USERDATA_XML before it runs */
    size_t userdata_len;
};
#define HV_USERDATA_XML "xvirt-xml"

enum hv_console { HV_CONSOLE_PV, HV_CONSOLE_SERIAL };

enum hv_trigger { HV_TRIGGER_POWER, HV_TRIGGER_SLEEP, HV_TRIGGER_NMI };

/* A device to attach or detach: a struct disk, nic, hostdev, controller, ... of the model.
 * Detaching finds it by what identifies it (disk target, nic mac, hostdev source address,
 * controller index). */
enum hv_device_kind { HV_DISK, HV_NIC, HV_HOSTDEV, HV_CONTROLLER, HV_CHANNEL, HV_VTPM, HV_P9 };
struct hv_device {
    enum hv_device_kind kind;
    const void *device; /* kept by the caller until the end of the operation */
};

/* A PCI device of the host, and what can be done with one that no guest has. */
struct hv_pci {
    uint32_t domain;
    uint8_t bus, slot, function;
};
enum hv_pci_change {
    HV_PCI_DETACH,   /* its driver lets go: guests can have it */
    HV_PCI_REATTACH, /* the driver that it had takes it again; ERR_OPERATION_INVALID: a guest uses
                        it, or it was not taken */
    HV_PCI_RESET,
    HV_PCI_FIND /* nothing: it is there, or the answer is ERR_NO_NODE_DEVICE */
};

struct hv_ops {
    int abi;          /* HV_ABI; first, see base/module.h */
    const char *name; /* "libxl", "sim" */

    /* FAST. Opens the host and starts telling events. options: words of the implementation,
     * "key=value" joined by commas, or NULL. libxl: autoballoon=1|0|-1 (-1: unless dom0_mem fixes
     * dom0), nested_hvm=0 (no guest gets it). sim: sim/sim_priv.h, struct sim_options. */
    int (*open)(struct loop *l, const struct hv_events *events, void *arg, const char *options,
                struct hv **ret, struct err *e);
    void (*close)(struct hv *h);

    /* FAST: the host. */
    int (*host)(struct hv *h, struct hv_host *ret, struct err *e); /* clear with hv_host_clear */
    int (*free_memory)(struct hv *h, uint64_t *ret_kib, struct err *e);

    /* FAST: domains. A domid that does not exist is ERR_NO_DOMAIN; every other code is a passing
     * error of the host. */
    int (*list)(struct hv *h, struct hv_info **ret, size_t *ret_n, struct err *e);
    int (*info)(struct hv *h, uint32_t domid, struct hv_info *ret, struct err *e);
    int (*domain_name)(struct hv *h, uint32_t domid, char **ret,
                       struct err *e); /* none yet: NULL */
    int (*vcpus)(struct hv *h, uint32_t domid, struct hv_vcpu **ret, size_t *ret_n, struct err *e);
    int (*watch)(struct hv *h, uint32_t domid,
                 struct err *e); /* tell `stopped` and `gone` for it from now on */
    int (*userdata)(struct hv *h, uint32_t domid, const char *key, char **ret, size_t *ret_len,
                    struct err *e); /* absent: NULL, 0 */
    int (*set_userdata)(struct hv *h, uint32_t domid, const char *key, const char *data, size_t len,
                        struct err *e);
    int (*pause)(struct hv *h, uint32_t domid, struct err *e);
    int (*unpause)(struct hv *h, uint32_t domid, struct err *e);
    int (*trigger)(struct hv *h, uint32_t domid, enum hv_trigger t, struct err *e);
    int (*rename)(struct hv *h, uint32_t domid, const char *name, struct err *e);
    /* Gives a stopped domain another name and uuid, so that its successor can have them. */
    int (*preserve)(struct hv *h, uint32_t domid, const char *name, const uint8_t uuid[16],
                    struct err *e);
    int (*set_memory)(struct hv *h, uint32_t domid, uint64_t target_kib, struct err *e);
    int (*set_memory_max)(struct hv *h, uint32_t domid, uint64_t max_kib, struct err *e);
    /* Bitmaps of len bytes; NULL leaves that one as it is. */
    int (*pin)(struct hv *h, uint32_t domid, uint32_t vcpu, const uint8_t *hard,
               const uint8_t *soft, size_t len, struct err *e);
    int (*sched)(struct hv *h, uint32_t domid, struct sched *ret, struct err *e);
    int (*set_sched)(struct hv *h, uint32_t domid, const struct sched *s, struct err *e);
    /* Fills in what only the running guest knows: vif names, console ttys, VNC ports, memory and
     * vcpus of now. */
    int (*live)(struct hv *h, uint32_t domid, struct domain *d, struct err *e);
    int (*block_stats)(struct hv *h, uint32_t domid, const char *vdev, struct hv_block_stats *ret,
                       struct err *e);
    int (*net_stats)(struct hv *h, uint32_t domid, uint32_t devid, struct hv_net_stats *ret,
                     struct err *e);
    /* The tty to open for a console. ERR_OPERATION_FAILED with a reason when there is none (yet).
     */
    int (*console)(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                   char path[HV_CONSOLE_PATH_MAX], struct err *e);

    /* Bitmaps of len bytes. NUMA nodes that the domain's memory comes from, and host CPUs that its
     * device model may run on (ERR_OPERATION_INVALID when it has none). */
    int (*numa)(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e);
    int (*set_numa)(struct hv *h, uint32_t domid, const uint8_t *map, size_t len, struct err *e);
    int (*emulator_pin)(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e);
    int (*set_emulator_pin)(struct hv *h, uint32_t domid, const uint8_t *map, size_t len,
                            struct err *e);
    /* The name of the CPU pool that it is in (caller frees), and another to be moved to. */
    int (*cpupool)(struct hv *h, uint32_t domid, char **ret, struct err *e);
    int (*set_cpupool)(struct hv *h, uint32_t domid, const char *name, struct err *e);
    /* What the interface may send from now on: as n says. */
    int (*set_nic_rate)(struct hv *h, uint32_t domid, uint32_t devid, const struct nic *n,
                        struct err *e);
    /* What the guest itself, or a tool in it, has written of itself under key ("data/hostname"):
     * not to be believed, bounded by HV_NOTE_MAX. NULL: nothing. */
    int (*note)(struct hv *h, uint32_t domid, const char *key, char **ret, struct err *e);
    /* Why the disk does not work; NULL: it does. */
    int (*disk_error)(struct hv *h, uint32_t domid, const char *vdev, char **ret, struct err *e);
    int (*sysrq)(struct hv *h, uint32_t domid, char letter, struct err *e);
    /* The tty, or the socket (*ret_is_socket), of a channel by its name in the guest. */
    int (*channel)(struct hv *h, uint32_t domid, const char *name, char path[HV_CONSOLE_PATH_MAX],
                   bool *ret_is_socket, struct err *e);

    /* WAIT. */
    /* Ends when the guest has taken note of the request, or will not (ERR_OPERATION_TIMEOUT). */
    int (*shutdown)(struct hv *h, uint32_t domid, bool reboot, bool acpi, struct hv_wait *w,
                    struct err *e);
    int (*destroy)(struct hv *h, uint32_t domid, struct hv_wait *w, struct err *e);
    int (*set_vcpus)(struct hv *h, uint32_t domid, const uint8_t *online, size_t len,
                     struct hv_wait *w, struct err *e); /* bitmap of the vcpus to be online */
    int (*attach)(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
                  struct err *e);
    int (*detach)(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
                  struct err *e);
    int (*change_media)(struct hv *h, uint32_t domid, const struct disk *d, struct hv_wait *w,
                        struct err *e); /* of the cdrom at d->target; no source: eject */

    /* BUILD. */
    /* Could this guest be created: bridges, memory, what this Xen knows? Nothing is changed. */
    int (*needs)(struct hv *h, const struct domain *d, struct err *e);
    /* Leaves the guest paused; the caller unpauses it. On failure nothing is left of it. */
    int (*create)(struct hv *h, const struct hv_create *c, struct hv_progress *p,
                  uint32_t *ret_domid, struct err *e);
    int (*config)(struct hv *h, uint32_t domid, struct domain **ret,
                  struct err *e); /* the real configuration, as Xen has it */
    /* Writes the image stream to fd and leaves the guest suspended (HV_SHUTDOWN, HV_SUSPEND), or
     * running if it failed. live: it runs while most of it is written. */
    int (*save)(struct hv *h, uint32_t domid, int fd, bool live, struct hv_progress *p,
                struct err *e);
    /* A guest that stopped with HV_SOFT_RESET starts anew in its memory, as a kernel that has
     * kexec'd wants; left paused. ERR_OPERATION_UNSUPPORTED before Xen 4.7. */
    int (*soft_reset)(struct hv *h, uint32_t domid, struct err *e);
    int (*resume)(struct hv *h, uint32_t domid,
                  struct err *e); /* a guest that save left suspended runs on */
    int (*dump)(struct hv *h, uint32_t domid, const char *path, struct hv_progress *p,
                struct err *e); /* its memory, as an ELF core file */
    int (*sleep)(struct hv *h, uint32_t domid,
                 struct err *e); /* suspends to memory (HV_SHUTDOWN, HV_SUSPEND) until resume */
    /* One that HV_TRIGGER_SLEEP has put to sleep. */
    int (*wake)(struct hv *h, uint32_t domid, struct err *e);
    /* A line for the device model's monitor, and what it answers; caller frees *ret with free. */
    int (*monitor)(struct hv *h, uint32_t domid, const char *line, char **ret, struct err *e);
    int (*pci)(struct hv *h, enum hv_pci_change c, const struct hv_pci *d, struct err *e);
};

/* A module of another build is refused by name. The first number is bumped when an operation
 * changes; what the structs look like that go through them counts by itself. */
enum {
    HV_ABI = (7 << 24) ^ sizeof(struct hv_ops) ^ sizeof(struct domain) << 2 ^
             sizeof(struct disk) << 4 ^ sizeof(struct nic) << 6 ^ sizeof(struct chr) << 8 ^
             sizeof(struct graphics) << 10 ^ sizeof(struct hostdev) << 11 ^
             sizeof(struct controller) << 12 ^ sizeof(struct hv_info) << 13,
};

extern const struct hv_ops hv_sim_ops;
/* Loads hv-libxl-VERSION.so of the running Xen, or hv-libxl.so, from `dir` (NULL: the installed
 * place). The symbol is xvirt_hv_ops. */
const struct hv_ops *hv_load_libxl(const char *dir, struct err *e);
