/* How a frame becomes a call, and a call an answer.
 *
 * A handler finds its decoded arguments in c->args and fills c->ret (zeroed; both are structs of
 * wire/remote.h, freed with the call). It returns CALL_DONE, CALL_FAILED with c->err filled, or
 * CALL_LATER: then somebody calls call_finish, once, on the loop. A call survives its connection:
 * c->session is NULL from then on, and the answer is dropped. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/asks.h"
#include "daemon/session.h"
#include "wire/frame.h"
#include "wire/proc.h"
#include "wire/remote.h"

struct guest;
struct object;

/* The procedures known here are those of libvirt 11.3.0; clients that look at the number may use
 * all of them, and are told of the missing ones by the calls themselves. */
enum { DAEMON_LIB_VERSION = 11 * 1000000 + 3 * 1000 + 0 };
enum { CALL_DONE = 0, CALL_FAILED = -1, CALL_LATER = 1 };

struct call {
    struct daemon *daemon;
    struct session *session; /* NULL: the client has gone */
    struct call *next, **prev;
    struct wire_header head;
    const struct wire_proc *proc;
    void *args, *ret;
    struct str body; /* the answer, where its handler has encoded it; else it is ret's */
    struct err err;
    bool has_fd;           /* the answer has a descriptor: */
    int fd;                /* ours until it is sent */
    struct stream *stream; /* opened by the handler; flows after the answer */
    conn_wrap_fn *wrap;    /* the layer that begins after the answer; its arg is the session */
    uint64_t began_ns;
    uint64_t changes;  /* of definitions, before it */
    bool has_changed;  /* some, which are not yet known to be on disk */
    bool has_args;     /* they have been decoded */
    struct asks asks;  /* its rights, as far as polkit has been asked */
    unsigned n_rounds; /* how often */
    bool is_resolved;  /* what the arguments name by a uuid has been looked up: */
    const char *resolved_type;
    char *resolved_name;
    bool has_kept;
    struct str kept; /* its payload, for when it is carried out again */
    bool is_relayed;
    bool has_raw; /* the answer is `raw`, with this status: another daemon's, relayed */
    uint32_t raw_status;
    struct str raw;
    /* Fills ret when the job of call_guest_done has ended well; may be NULL. */
    int (*then)(struct call *c, struct guest *g);
};

typedef int handler_fn(struct call *c);
struct handler {
    int proc;
    handler_fn *fn;
    uint32_t flags; /* bits that the arguments' `flags` may have */
};

/* Every do_*.c has such a table; they are listed in dispatch.c. */
struct handlers {
    const struct handler *rows;
    size_t n;
};
extern const struct handlers do_auth_handlers, do_event_handlers, do_host_handlers,
    do_life_handlers, do_list_handlers, do_info_handlers, do_node_handlers, do_stats_handlers,
    do_stream_handlers, do_xml_handlers, do_job_handlers, do_sched_handlers, do_caps_handlers,
    do_tune_handlers, do_image_handlers, do_identity_handlers, do_save_handlers,
    do_snapshot_handlers;
extern const struct handlers do_pool_handlers, do_pool_event_handlers, do_volume_handlers,
    do_migrate_handlers;
extern const struct handlers do_block_handlers, do_cpu_handlers, do_guest_handlers, do_pci_handlers,
    do_place_handlers, do_rate_handlers, do_screen_handlers;
#define HANDLERS(rows) \
    { \
        (rows), sizeof(rows) / sizeof((rows)[0]) \
    }

extern const struct handlers do_admin_handlers; /* of the admin program */
void admin_idle(struct daemon *d);              /* clients have come or gone */

/* Builds the look-up by procedure number; asserts that no procedure has two handlers. */
void dispatch_setup(void);
/* Answers, or starts what answers later; every frame is answered or released. */
void dispatch_frame(struct session *s, const struct conn_frame *f);
void dispatch_forget(struct session *s); /* its calls go on without it */

/* After its rights: the handler, or another daemon. */
int call_run(struct call *c, const struct conn_frame *f);
void call_finish(struct call *c, int r);
/* A guest_done for jobs: arg is the call. */
void call_guest_done(void *arg, struct guest *g, const struct err *e);

/* What handlers share. */
struct guest *call_guest(struct call *c, const struct wire_domain *dom); /* NULL: c->err is set */
/* The same for calls that want it running. */
struct guest *call_running_guest(struct call *c, const struct wire_domain *dom);
/* The guest that an XML describes, if the client may do with it what it asks; caller frees with
 * domain_free. NULL: c->err is set. */
struct domain *call_read_xml(struct call *c, const char *xml);
void wire_domain_fill(struct wire_domain *ret, const struct guest *g);
uint32_t call_flags(const struct call *c); /* the argument `flags`, 0 where there is none */
/* A message without a call: an event about o, for the registration of this number; it goes by the
 * gate (gate.h). */
void session_send_event(struct session *s, const struct object *o, int callback_id, int proc,
                        const void *msg);
/* The same past the gate, with a payload as it is on the wire. */
void session_send_raw(struct session *s, const struct wire_proc *p, const void *payload,
                      size_t len);
void session_too_slow(struct session *s); /* it does not read its events: it is cut off */
