/* The libxl driver's own declarations. One libxl context lives on the loop (fast and waiting
 * operations, events); every building operation has a context of its own for its length, on its
 * worker's thread. What workers may touch of struct hv is said at the members. */
#pragma once
#include "compat.h"

#include <xenstore.h>

#include "base/mem.h"
#include "base/str.h"
#include "hv/hv.h"
#include "loop/lock.h"
#include "loop/loop.h"

/* What libxl said while an operation ran: its error lines, cleaned, each once. No allocation, since
 * libxl logs in children that it forks. */
enum { CAPTURE_MAX = 1500, CAPTURE_LINES = 3 };
struct capture {
    char text[CAPTURE_MAX];
    size_t len, n_lines;
};

/* Our logger, given to libxl; the first member is libxl's. */
struct xl_log {
    xentoollog_logger vt;
    struct hv *hv;
    struct capture here;          /* lines of the operation under way */
    struct hv_progress *progress; /* of a building operation, or NULL */
    bool is_loops;                /* lines of a waiting operation's domain go to it */
    bool is_turn;                 /* libxl is told what its descriptors and timers have */
};
void xl_log_init(struct xl_log *log, struct hv *hv);
void capture_reset(struct capture *c);

/* A domain that has been told of, or was there at the start. */
struct dom {
    uint32_t domid;
    uint8_t uuid[16];
    unsigned swallow; /* first firings of its xenstore watches still to come */
    bool is_watched, is_stopped, is_changed;
    bool has_run, has_lost; /* it has been seen to run; since then a device went */
};

/* A device of libxl's, of one of the kinds. */
struct xl_device {
    enum hv_device_kind kind;
    bool is_usbdev; /* HV_HOSTDEV: pci or usb */
    union {
        libxl_device_disk disk;
        libxl_device_nic nic;
        libxl_device_pci pci;
        libxl_device_channel channel;
        libxl_device_vtpm vtpm;
#ifdef LIBXL_HAVE_PVUSB
        libxl_device_usbctrl usbctrl;
        libxl_device_usbdev usbdev;
#endif
#ifdef LIBXL_HAVE_P9S
        libxl_device_p9 p9;
#endif
    };
};

/* A waiting operation. What libxl works on stays here until the end. */
struct wait {
    struct wait *next;
    struct hv *hv;
    struct hv_wait *w;
    uint32_t domid;
    const char *what;
    int rc;
    bool has_device;
    bool is_kept; /* a device that libxl has removed: the guest has it still */
    struct xl_device device;
    libxl_bitmap map;
    struct capture said;
};

struct xl_timer;
struct xl_fd;
struct script;
struct scripts_waiter;
struct hv {
    /* immutable after open: workers may read it */
    struct loop *loop;
    struct hv_events events;
    void *arg;
    bool may_balloon; /* dom0 gives memory to guests that start */
    bool no_nested;   /* guests get no virtualization of their own */

    /* shared with workers under `lock` */
    struct lock *lock;
    struct promise *promises; /* to guests that are being built */

    /* the loop's */
    libxl_ctx *ctx;
    struct xl_log log;
    struct xs_handle *xs;
    struct loop_fd *xs_fd;
    struct loop_timer *soon; /* running: some domain has changed */
    struct xl_fd *fds;       /* libxl's */
    struct xl_timer *timers;
    struct dom *doms; /* by domid */
    size_t n_doms;
    struct wait *waits, *starting; /* all; the one whose call into libxl has not returned */
    struct script *scripts;        /* scripts.c */
    struct scripts_waiter *waiters;
    size_t n_late; /* stops that are still to be told */
    bool is_closed;
};

/* log.c: what libxl's return value and lines mean. Returns -1. */
int xl_fail(struct err *e, int rc, const struct capture *said, const char *guest, const char *fmt,
            ...) __attribute__((format(printf, 5, 6)));

/* ctx.c */
int ctx_open_loop(struct hv *h, struct err *e);
void ctx_close_loop(struct hv *h);

/* A building operation's own context. */
struct op {
    libxl_ctx *ctx;
    struct xl_log log;
};
int op_open(struct hv *h, struct hv_progress *p, struct op *ret, struct err *e);
void op_close(struct op *o);
/* Waits for the call that was started with op_how; an abort that p asks for is passed to libxl.
 * Returns libxl's rc. */
extern const libxl_asyncop_how op_how;
int op_wait(struct op *o, struct hv_progress *p);

/* events.c */
int events_open(struct hv *h, struct err *e);
void events_close(struct hv *h);

/* memory.c: keeps memory for a guest that is about to be built, taking it from dom0 where that is
 * allowed; give it back when the build is over. Worker; the caller keeps *ret until then. */
struct promise {
    struct promise *next;
    uint8_t uuid[16];
    uint64_t need_kib,
        shadow_kib; /* all; of that, what Xen takes for itself before the first page */
};
int memory_promise(struct hv *h, struct op *o, libxl_domain_config *dc, struct promise *ret,
                   struct err *e);
void memory_release(struct hv *h, struct promise *p);
/* promise.c: what the guests do not have yet. */
uint64_t promises_open_kib(const struct promise *first, const libxl_dominfo *doms, int n);

/* config.c: both ways. xl_config_fill wants *dc initialised by libxl_domain_config_init; the caller
 * disposes of it. */
int xl_config_fill(libxl_ctx *ctx, const struct domain *d, libxl_domain_config *dc, struct err *e);
int xl_config_read(libxl_ctx *ctx, const libxl_domain_config *dc, struct domain *d, struct err *e);

/* wait.c: the waiting operations. */
int wait_shutdown(struct hv *h, uint32_t domid, bool reboot, bool acpi, struct hv_wait *w,
                  struct err *e);
int wait_unpause(struct hv *h, uint32_t domid, struct err *e); /* ends by itself */
int wait_destroy(struct hv *h, uint32_t domid, struct hv_wait *w, struct err *e);
int wait_set_vcpus(struct hv *h, uint32_t domid, const uint8_t *online, size_t len,
                   struct hv_wait *w, struct err *e);
int wait_attach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
                struct err *e);
int wait_detach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
                struct err *e);
int wait_change_media(struct hv *h, uint32_t domid, const struct disk *d, struct hv_wait *w,
                      struct err *e);

/* ops.c: libxl's answer for a domain, as an error (0 for rc 0); a domain that is not there has a
 * code of its own. */
int ops_answer(struct hv *h, uint32_t domid, int rc, const char *what, struct err *e);

/* info.c: text of a xenstore node, NULL when it is not there; caller frees. */
char *xenstore_read(struct hv *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same of the backend of a device ("vif", "vbd"), in whichever domain it is. */
char *backend_path(struct hv *h, uint32_t domid, const char *kind, uint32_t devid);
char *backend_read(struct hv *h, uint32_t domid, const char *kind, uint32_t devid,
                   const char *node);

bool domain_is_leaving(struct hv *h, const libxl_dominfo *i); /* events.c */
void domain_set_run(struct hv *h, uint32_t domid, bool runs);

/* The operations, by file. */
int host_get(struct hv *h, struct hv_host *ret, struct err *e);
int check_needs(struct hv *h, const struct domain *d, struct err *e);
int host_free_memory(struct hv *h, uint64_t *ret_kib, struct err *e);
int info_list(struct hv *h, struct hv_info **ret, size_t *ret_n, struct err *e);
int info_get(struct hv *h, uint32_t domid, struct hv_info *ret, struct err *e);
int info_name(struct hv *h, uint32_t domid, char **ret, struct err *e);
int info_vcpus(struct hv *h, uint32_t domid, struct hv_vcpu **ret, size_t *ret_n, struct err *e);
int events_watch(struct hv *h, uint32_t domid, struct err *e);
int stats_block(struct hv *h, uint32_t domid, const char *vdev, struct hv_block_stats *ret,
                struct err *e);
int stats_net(struct hv *h, uint32_t domid, uint32_t devid, struct hv_net_stats *ret,
              struct err *e);
int live_fill(struct hv *h, uint32_t domid, struct domain *d, struct err *e);
int live_console(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                 char path[HV_CONSOLE_PATH_MAX], struct err *e);
int build_create(struct hv *h, const struct hv_create *c, struct hv_progress *p,
                 uint32_t *ret_domid, struct err *e);
int build_config(struct hv *h, uint32_t domid, struct domain **ret, struct err *e);
int build_save(struct hv *h, uint32_t domid, int fd, bool live, struct hv_progress *p,
               struct err *e);
int build_soft_reset(struct hv *h, uint32_t domid, struct err *e);
int build_resume(struct hv *h, uint32_t domid, struct err *e);
int build_dump(struct hv *h, uint32_t domid, const char *path, struct hv_progress *p,
               struct err *e);
