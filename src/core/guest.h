/* One managed guest: what it should be (def), what it runs as (live), its domid, at most one job.
 * Loop thread only. Xen is the truth for what runs; the store for what is defined. A guest exists
 * while it is defined or running. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/domain.h"

struct guest; /* guest_priv.h, for core/ alone */

/* virDomainState and its reasons, as the wire has them. */
enum guest_state {
    GUEST_NOSTATE,
    GUEST_RUNNING,
    GUEST_BLOCKED,
    GUEST_PAUSED,
    GUEST_SHUTDOWN,
    GUEST_SHUTOFF,
    GUEST_CRASHED,
    GUEST_PMSUSPENDED
};

const char *guest_name(const struct guest *g);
const uint8_t *guest_uuid(const struct guest *g);
int32_t guest_domid(const struct guest *g); /* -1: not running */
bool guest_is_active(const struct guest *g);
bool guest_is_persistent(const struct guest *g);
int guest_check_own(const struct guest *g, struct err *e); /* fails for the host's, Domain-0 */
bool guest_has_autostart(const struct guest *g);
bool guest_starts_once(const struct guest *g); /* when the host boots the next time */
bool guest_has_managed_save(const struct guest *g);
/* Compared with Xen's own, unless that was done a moment ago. */
enum guest_state guest_state(const struct guest *g, int *ret_reason);
/* The configuration: live when running and !inactive, else def. NULL if there is none of that kind.
 * Borrowed until the loop runs again. */
const struct domain *guest_config(const struct guest *g, bool inactive);

/* How a slow operation ends: once, on the loop. g is NULL if the guest vanished meanwhile. e->code
 * 0 is success. */
typedef void guest_done(void *arg, struct guest *g, const struct err *e);

/* Jobs. Each returns 0 when it has been started (done will be called), or -1 with e filled (done
 * will not). */
enum guest_start {
    GUEST_START_PAUSED = 1,
    GUEST_START_AUTODESTROY = 2,
    GUEST_START_BYPASS_CACHE = 4,
    GUEST_START_FORCE_BOOT = 8
}; /* the wire's bits */
int guest_start(struct guest *g, unsigned flags, guest_done *done, void *arg, struct err *e);
int guest_shutdown(struct guest *g, bool reboot, bool acpi, guest_done *done, void *arg,
                   struct err *e);
int guest_destroy(struct guest *g, guest_done *done, void *arg,
                  struct err *e); /* wins over a running WAIT job */
/* As by a button: it is not asked. What <on_reboot> says follows; past a running WAIT job. */
int guest_reset(struct guest *g, guest_done *done, void *arg, struct err *e);
/* How it is saved, or restored: the wire's bits. Without RUNNING and PAUSED it comes back as it
 * was.
 */
enum guest_save { GUEST_SAVE_BYPASS_CACHE = 1, GUEST_SAVE_RUNNING = 2, GUEST_SAVE_PAUSED = 4 };
int guest_save(struct guest *g, const char *path, const struct domain *changed, unsigned how,
               guest_done *done, void *arg, struct err *e);
int guest_managed_save(struct guest *g, unsigned how, guest_done *done, void *arg, struct err *e);
/* The wire's bits. It stands still meanwhile unless LIVE; is destroyed after with CRASH, reset with
 * RESET. */
enum guest_dump {
    GUEST_DUMP_CRASH = 1,
    GUEST_DUMP_LIVE = 2,
    GUEST_DUMP_BYPASS_CACHE = 4,
    GUEST_DUMP_RESET = 8,
    GUEST_DUMP_MEMORY_ONLY = 16
};
int guest_dump(struct guest *g, const char *path, unsigned how, guest_done *done, void *arg,
               struct err *e);

/* What the guest is busy with. */
enum { JOB_MSG_MAX = 256 };
struct guest_job_info {
    const char *name; /* "save", "start", ... */
    int operation;    /* virDomainJobOperation; 0: none that clients know */
    uint64_t elapsed_ms;
    uint64_t total, done; /* bytes; 0 while unknown */
    int err_code;         /* of one that has ended; 0: well */
    char err_msg[JOB_MSG_MAX];
};
bool guest_job_info(const struct guest *g, struct guest_job_info *ret); /* false: with nothing */
/* The last one that has ended; keep: it can be asked for again. */
bool guest_last_job(struct guest *g, bool keep, struct guest_job_info *ret);
int guest_abort_job(struct guest *g, struct err *e);

/* At once. */
int guest_suspend(struct guest *g, struct err *e);
int guest_resume(struct guest *g, struct err *e);
int guest_set_autostart(struct guest *g, bool on, struct err *e);
int guest_set_start_once(struct guest *g, bool on, struct err *e);
/* What goes with it: the wire's bits. g may be gone after. */
enum guest_undefine { GUEST_UNDEFINE_MANAGED_SAVE = 1, GUEST_UNDEFINE_SNAPSHOTS = 2 };
int guest_undefine(struct guest *g, unsigned what, struct err *e);
int guest_managed_save_remove(struct guest *g, struct err *e);
int guest_console_path(struct guest *g, const char *alias, char path[256], struct err *e);
