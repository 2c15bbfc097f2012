/* The inside of the simulated host, for sim/ alone. `lock` guards everything that workers see: the
 * domains and the scripted faults. A domain is found again after each unlock, never kept. What a
 * guest does by itself (struct sim_guest) runs on the loop. */
#pragma once
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "hv/hv.h"
#include "loop/lock.h"
#include "loop/loop.h"

struct sim_kv {
    char *key, *value;
};

struct sim_pin {
    struct num vcpu;
    uint32_t *hard, *soft; /* a CPU an item; empty: all */
    size_t n_hard, n_soft;
};

/* What outlives the daemon when persist= is given: written as a record. */
struct sim_state {
    struct num domid;
    char *name; /* NULL while it is being built */
    uint8_t uuid[16];
    bool is_building, is_stubborn, is_zombie;
    struct num run, reason; /* enum hv_run, hv_reason */
    struct num mem_kib, mem_max_kib, vcpus;
    struct num age_ms, since_ms; /* time run before, and since when (wall clock) it runs now */
    struct num vnc;
    struct sched sched;
    struct sim_pin *pins;
    size_t n_pins;
    struct sim_kv *userdata;
    size_t n_userdata;
    struct domain *config;
};
extern const struct rec sim_state_rec;

/* What the guest says of itself, and where it runs: not kept over a restart. */
struct sim_more {
    struct sim_kv *notes, *broken; /* by key; disks by their name, and why */
    size_t n_notes, n_broken;
    uint64_t nodes;    /* 0: all */
    uint64_t online;   /* vcpus below 64; 0: the first ones */
    uint8_t *emulator; /* CPUs, NULL: all */
    char *keys;        /* the last ones that were sent */
};

struct sim_pci {
    struct hv_pci at;
    bool is_detached;
    unsigned resets;
};

struct sim_guest;
struct sim_dom {
    struct sim_state s;
    struct sim_more more;
    struct sim_guest *guest; /* NULL while it is being built, and for domain 0 */
    bool is_watched;
};

#define SIM_OPS(X) \
    X(create) \
    X(restore) \
    X(config) \
    X(save) \
    X(soft_reset) \
    X(resume) \
    X(dump) X(shutdown) X(destroy) X(set_vcpus) X(attach) X(detach) X(change_media) X(host) \
        X(list) X(info) X(name) X(userdata) X(set_userdata) X(pause) X(unpause) X(trigger) \
            X(rename) X(live) X(stats) X(console) X(set_memory) X(pin) X(sched) X(set_nic_rate) \
                X(monitor) X(pci) X(sleep)
#define SIM_OP(name) SIM_##name,
enum sim_op { SIM_OPS(SIM_OP) SIM_OPS_N };

struct sim_fault { /* what a script has ordered for an operation */
    unsigned delay_ms;
    unsigned fail_count, fail_code;
    char *fail_text;
    bool hangs;
    bool is_deadly; /* the program is killed in it */
};

struct sim_options { /* all from the text at open */
    uint64_t mem_kib, dom0_kib;
    uint64_t cpus;
    uint64_t boot_ms, ack_ms, down_ms, timeout_ms; /* of guests */
    char *persist, *control, *script;
    bool check_files;
    bool no_shadow;
    char *xen, *cpu; /* NULL: as usual */
};
int sim_options_read(const char *text, struct sim_options *o, struct err *e);
void sim_options_clear(struct sim_options *o);

enum sim_tell_kind { SIM_APPEARED, SIM_STOPPED, SIM_GONE, SIM_CHANGED, SIM_RUN };
struct sim_tell {
    enum sim_tell_kind kind;
    uint32_t domid;
    enum hv_reason reason;
};

struct sim_wait;
struct hv {
    struct loop *loop;
    struct hv_events events;
    void *arg;
    struct sim_options o;
    struct lock *lock;
    struct sim_dom **doms;
    size_t n_doms;
    struct hash by_domid; /* the same */
    uint32_t next_domid;
    struct sim_fault faults[SIM_OPS_N];
    struct sim_tell *tells; /* to be told on the loop, in order */
    size_t n_tells;
    bool is_posted, is_telling, is_closed; /* the last of these frees a closed host */
    struct sim_pci pcis[2];
    struct sim_wait **waits; /* loop */
    size_t n_waits;
    struct sim_control *control;
};

/* dom.c: under the lock, but for sim_tell's delivery */
struct sim_dom *sim_find(struct hv *h, uint32_t domid);
struct sim_dom *sim_find_name(struct hv *h, const char *name);
struct sim_dom *sim_add(struct hv *h, const struct domain *config);
void sim_remove(struct hv *h, struct sim_dom *d); /* and tells */
void sim_set_run(struct hv *h, struct sim_dom *d, enum hv_run run, enum hv_reason reason);
bool sim_is_up(const struct sim_dom *d); /* runs, or is paused */
uint64_t sim_age_ms(const struct sim_dom *d);
uint64_t sim_free_kib(const struct hv *h);
void sim_tell(struct hv *h, enum sim_tell_kind kind, uint32_t domid, enum hv_reason reason);
void sim_save_state(struct hv *h, const struct sim_dom *d);
void sim_free(struct hv *h); /* of a closed host; or later, when its last post has run */
int sim_load(struct hv *h, struct err *e);
void sim_dom_free(struct sim_dom *d);
int sim_no_domain(struct err *e, uint32_t domid);

/* guest.c: loop, but for open and free of one that never ran */
struct sim_guest *sim_guest_open(struct hv *h, uint32_t domid, struct err *e);
void sim_guest_free(struct sim_guest *g);
void sim_guest_run(struct sim_dom *d); /* acts again after a pause, or for the first time */
void sim_guest_reset(struct sim_dom *d);
void sim_guest_end(struct sim_dom *d, enum hv_reason reason, uint64_t after_ms);
const char *sim_guest_tty(const struct sim_guest *g);
bool sim_word(const struct domain *d, const char *word, char value[64]); /* of the command line */

/* fault.c */
extern const char *const sim_op_names[SIM_OPS_N];
int sim_fault(struct hv *h, enum sim_op op, struct err *e); /* under the lock */
/* A worker's: waits as ordered, then fails as ordered. */
int sim_work(struct hv *h, enum sim_op op, struct hv_progress *p, struct err *e);
bool sim_pause_ms(struct hv *h, unsigned ms, struct hv_progress *p); /* false: aborted */

/* Enters the lock and finds a domain for an operation that answers at once; on failure it leaves
 * the lock again. */
struct sim_dom *sim_enter(struct hv *h, enum sim_op op, uint32_t domid, struct err *e);

/* build.c, wait.c, info.c, set.c: the operations */
int sim_create(struct hv *h, const struct hv_create *c, struct hv_progress *p, uint32_t *ret_domid,
               struct err *e);
int sim_config(struct hv *h, uint32_t domid, struct domain **ret, struct err *e);
int sim_save(struct hv *h, uint32_t domid, int fd, bool live, struct hv_progress *p, struct err *e);
int sim_soft_reset(struct hv *h, uint32_t domid, struct err *e);
int sim_resume(struct hv *h, uint32_t domid, struct err *e);
int sim_dump(struct hv *h, uint32_t domid, const char *path, struct hv_progress *p, struct err *e);
int sim_needs(struct hv *h, const struct domain *d, struct err *e);
int sim_check_device(struct hv *h, const struct hv_device *dev, struct err *e);

int sim_shutdown(struct hv *h, uint32_t domid, bool reboot, bool acpi, struct hv_wait *w,
                 struct err *e);
int sim_destroy(struct hv *h, uint32_t domid, struct hv_wait *w, struct err *e);
int sim_set_vcpus(struct hv *h, uint32_t domid, const uint8_t *online, size_t len,
                  struct hv_wait *w, struct err *e);
int sim_attach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
               struct err *e);
int sim_detach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
               struct err *e);
int sim_change_media(struct hv *h, uint32_t domid, const struct disk *d, struct hv_wait *w,
                     struct err *e);
void sim_waits_close(struct hv *h);
void sim_unhang(struct hv *h, enum sim_op op);

int sim_host(struct hv *h, struct hv_host *ret, struct err *e);
int sim_free_memory(struct hv *h, uint64_t *ret_kib, struct err *e);
int sim_list(struct hv *h, struct hv_info **ret, size_t *ret_n, struct err *e);
int sim_info(struct hv *h, uint32_t domid, struct hv_info *ret, struct err *e);
int sim_name(struct hv *h, uint32_t domid, char **ret, struct err *e);
int sim_vcpus(struct hv *h, uint32_t domid, struct hv_vcpu **ret, size_t *ret_n, struct err *e);
int sim_live(struct hv *h, uint32_t domid, struct domain *d, struct err *e);
int sim_block_stats(struct hv *h, uint32_t domid, const char *vdev, struct hv_block_stats *ret,
                    struct err *e);
int sim_net_stats(struct hv *h, uint32_t domid, uint32_t devid, struct hv_net_stats *ret,
                  struct err *e);
int sim_console(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                char path[HV_CONSOLE_PATH_MAX], struct err *e);

int sim_watch(struct hv *h, uint32_t domid, struct err *e);
int sim_userdata(struct hv *h, uint32_t domid, const char *key, char **ret, size_t *ret_len,
                 struct err *e);
int sim_set_userdata(struct hv *h, uint32_t domid, const char *key, const char *data, size_t len,
                     struct err *e);
int sim_pause(struct hv *h, uint32_t domid, struct err *e);
int sim_unpause(struct hv *h, uint32_t domid, struct err *e);
int sim_trigger(struct hv *h, uint32_t domid, enum hv_trigger t, struct err *e);
int sim_rename(struct hv *h, uint32_t domid, const char *name, struct err *e);
int sim_preserve(struct hv *h, uint32_t domid, const char *name, const uint8_t uuid[16],
                 struct err *e);
int sim_set_memory(struct hv *h, uint32_t domid, uint64_t target_kib, struct err *e);
int sim_set_memory_max(struct hv *h, uint32_t domid, uint64_t max_kib, struct err *e);
int sim_pin(struct hv *h, uint32_t domid, uint32_t vcpu, const uint8_t *hard, const uint8_t *soft,
            size_t len, struct err *e);
int sim_sched(struct hv *h, uint32_t domid, struct sched *ret, struct err *e);
int sim_set_sched(struct hv *h, uint32_t domid, const struct sched *s, struct err *e);

/* more.c */
int sim_numa(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e);
int sim_set_numa(struct hv *h, uint32_t domid, const uint8_t *map, size_t len, struct err *e);
int sim_emulator_pin(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e);
int sim_set_emulator_pin(struct hv *h, uint32_t domid, const uint8_t *map, size_t len,
                         struct err *e);
int sim_cpupool(struct hv *h, uint32_t domid, char **ret, struct err *e);
/* Is one of the CPUs in the domain's pool? */
bool sim_pool_has(const struct hv *h, const struct sim_dom *d, const uint8_t *map, size_t len);
int sim_set_cpupool(struct hv *h, uint32_t domid, const char *name, struct err *e);
int sim_set_nic_rate(struct hv *h, uint32_t domid, uint32_t devid, const struct nic *n,
                     struct err *e);
int sim_note(struct hv *h, uint32_t domid, const char *key, char **ret, struct err *e);
int sim_disk_error(struct hv *h, uint32_t domid, const char *vdev, char **ret, struct err *e);
int sim_sysrq(struct hv *h, uint32_t domid, char letter, struct err *e);
int sim_channel(struct hv *h, uint32_t domid, const char *name, char path[HV_CONSOLE_PATH_MAX],
                bool *ret_is_socket, struct err *e);
int sim_sleep(struct hv *h, uint32_t domid, struct err *e);
int sim_wake(struct hv *h, uint32_t domid, struct err *e);
int sim_monitor(struct hv *h, uint32_t domid, const char *line, char **ret, struct err *e);
int sim_pci(struct hv *h, enum hv_pci_change c, const struct hv_pci *d, struct err *e);
int sim_take_pci(struct hv *h, const struct hostdev *d, struct err *e);
void sim_more_open(struct hv *h);
void sim_more_clear(struct sim_more *m);
void sim_kv_set(struct sim_kv **list, size_t *n, const char *key, const char *value);

/* control.c */
struct sim_control *sim_control_open(struct hv *h, const char *path, struct err *e);
void sim_control_close(struct sim_control *c);
int sim_script(struct hv *h, const char *path, struct err *e);
