/* libxvirt: what xvirt does, for other programs. Two parts that need nothing of each other:
 * - conversions between the configurations of Xen guests; no daemon, no Xen, no files, any thread;
 * - a client of xvirtd, or of any libvirt daemon; one thread at a time may use a connection.
 *
 * What can fail returns 0, or -1 (or a pointer, or NULL) and then says why in *e, which may be
 * NULL. Texts that are returned are the caller's, to free with free(). Texts are UTF-8 and end with
 * a NUL; sizes are in KiB, times in nanoseconds, where nothing else is said. A program that has no
 * memory left is ended. Build with `pkg-config --cflags --libs xvirt`. */
#ifndef XVIRT_H
#define XVIRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XVIRT_API __attribute__((visibility("default")))

XVIRT_API const char *xvirt_version(void); /* "0.1.0" */

struct xvirt_error {
    int code; /* libvirt's virErrorNumber: 8 bad argument, 27 bad XML, 42 no such guest... */
    char message[3072]; /* what, which and why; a line each where several mistakes are told */
};

/* ==== conversions ==== */

enum xvirt_format {
    XVIRT_XML = 1, /* libvirt's domain XML */
    XVIRT_XL,      /* the files of xl */
    XVIRT_XM,      /* the files of xm: constant Python */
    XVIRT_SXPR,    /* xend's S-expressions; of several guests, too */
    XVIRT_JSON,    /* libxl_domain_config, as `xl list -l` prints it */
};
/* "xml", "xen-xl", "xen-xm", "xen-sxpr", "xen-json"; 0: unknown */
XVIRT_API enum xvirt_format xvirt_format_find(const char *name);
XVIRT_API const char *xvirt_format_name(enum xvirt_format format); /* NULL: unknown */

enum xvirt_convert_flags {
    XVIRT_NO_PASSWORDS = 1, /* leave them out */
    XVIRT_STRICT = 2,       /* fail if anything is lost or changed */
};

struct xvirt_conversion { /* all zero is a fine default */
    unsigned flags;       /* enum xvirt_convert_flags */
    const char *filename; /* of the text, for messages; may be NULL */
    int xen; /* write libxl's JSON for this Xen: 417 for 4.17; 0: the newest that is known */
};

/* What became of each key of the text. */
enum xvirt_fate {
    XVIRT_CONVERTED = 1,
    XVIRT_APPROXIMATED, /* says the nearest thing; the text tells the difference */
    XVIRT_LOST,         /* the format written has no word for it */
    XVIRT_WARNING,      /* of the reader: odd, ignored or outdated input */
};
struct xvirt_key {
    enum xvirt_fate fate;
    const char *key, *text, *file; /* borrowed from the report; text and file may be NULL */
    int line, column;              /* from 1; 0: it has no place in the text */
};
struct xvirt_report;
XVIRT_API size_t xvirt_report_count(const struct xvirt_report *r);
/* Key i, in the order of the text; those without a place come last. Beyond the end all is zero. */
XVIRT_API struct xvirt_key xvirt_report_key(const struct xvirt_report *r, size_t i);
XVIRT_API char *
xvirt_report_text(const struct xvirt_report *r); /* FILE:LINE:COLUMN: KEY: FATE: TEXT */
XVIRT_API char *xvirt_report_json(const struct xvirt_report *r);
XVIRT_API void xvirt_report_free(struct xvirt_report *r);

/* A text of one guest, of len bytes (4 MiB at most), in another format. `how` may be NULL. *report
 * (may be NULL) is the caller's to free, after a failure too; it is NULL when nothing could be
 * read. */
XVIRT_API char *xvirt_convert(enum xvirt_format from, const char *text, size_t len,
                              enum xvirt_format to, const struct xvirt_conversion *how,
                              struct xvirt_report **report, struct xvirt_error *e);

/* A text of any number of guests: fn is called for each, with what it became (borrowed); it returns
 * 0, or another number, which ends the work and is returned. */
typedef int xvirt_each_fn(void *arg, const char *name, const char *text);
XVIRT_API int xvirt_convert_each(enum xvirt_format from, const char *text, size_t len,
                                 enum xvirt_format to, const struct xvirt_conversion *how,
                                 xvirt_each_fn *fn, void *arg, struct xvirt_report **report,
                                 struct xvirt_error *e);

/* ==== client ==== */

struct xvirt_conn;

/* A question of the server for the user; type is libvirt's virConnectCredentialType (2 user name, 5
 * and 7 password...). The callee sets answer (malloc), which the library frees, and returns 0. */
struct xvirt_question {
    int type;
    const char *prompt, *challenge, *fallback; /* borrowed; may be NULL */
    char *answer;
};
typedef int xvirt_ask_fn(void *arg, struct xvirt_question *questions, size_t n);

struct xvirt_connecting { /* all zero is a fine default */
    bool is_readonly;
    xvirt_ask_fn *ask; /* NULL: authentication that needs an answer fails */
    void *ask_arg;
    int connect_timeout_ms;   /* 0: 30 s */
    int call_timeout_ms;      /* for each answer; 0: as long as the server lives */
    int keepalive_interval_s; /* pings after so much silence; 0: 5, below 0: none */
    int keepalive_count;      /* unanswered pings until the server counts as dead; 0: 6 */
};

/* uri: xen:///system, xen://HOST/system, xen+ssh://root@HOST/system, ..., an alias of libvirt.conf;
 * NULL: the default. `how` may be NULL. */
XVIRT_API struct xvirt_conn *xvirt_open(const char *uri, const struct xvirt_connecting *how,
                                        struct xvirt_error *e);
XVIRT_API void xvirt_close(struct xvirt_conn *c);
XVIRT_API bool xvirt_is_alive(const struct xvirt_conn *c);
XVIRT_API char *xvirt_hostname(struct xvirt_conn *c, struct xvirt_error *e);

struct xvirt_guest {
    char *name;
    uint8_t uuid[16];
    int id; /* Xen's domid; -1: it does not run */
};
XVIRT_API void xvirt_guest_clear(struct xvirt_guest *g);
XVIRT_API void xvirt_guests_free(struct xvirt_guest *list, size_t n);

enum xvirt_which { XVIRT_ACTIVE = 1, XVIRT_INACTIVE = 2 }; /* 0: all */
/* Caller frees with xvirt_guests_free. */
XVIRT_API int xvirt_list(struct xvirt_conn *c, unsigned which, struct xvirt_guest **ret, size_t *n,
                         struct xvirt_error *e);
/* By what a user typed: an id, a uuid or a name, tried in this order. Caller clears *ret. */
XVIRT_API int xvirt_find(struct xvirt_conn *c, const char *what, struct xvirt_guest *ret,
                         struct xvirt_error *e);

struct xvirt_info {
    int state; /* virDomainState: 1 running, 3 paused, 4 shutting down, 5 off, 6 crashed... */
    unsigned vcpus;
    uint64_t memory_kib, max_memory_kib, cpu_time_ns;
};
XVIRT_API int xvirt_info(struct xvirt_conn *c, const struct xvirt_guest *g, struct xvirt_info *ret,
                         struct xvirt_error *e);

enum xvirt_xml_flags {
    XVIRT_WITH_PASSWORDS = 1,
    XVIRT_DEFINED = 2, /* of a guest that runs: what it will be at its next start */
};
XVIRT_API char *xvirt_xml(struct xvirt_conn *c, const struct xvirt_guest *g, unsigned flags,
                          struct xvirt_error *e);

/* *ret (may be NULL) is the guest; caller clears it. */
XVIRT_API int xvirt_define(struct xvirt_conn *c, const char *xml, struct xvirt_guest *ret,
                           struct xvirt_error *e);
XVIRT_API int xvirt_create(struct xvirt_conn *c, const char *xml, struct xvirt_guest *ret,
                           struct xvirt_error *e); /* starts it; gone when it ends */
XVIRT_API int xvirt_undefine(struct xvirt_conn *c, const struct xvirt_guest *g,
                             struct xvirt_error *e);
XVIRT_API int xvirt_start(struct xvirt_conn *c, const struct xvirt_guest *g, struct xvirt_error *e);
XVIRT_API int xvirt_shutdown(struct xvirt_conn *c, const struct xvirt_guest *g,
                             struct xvirt_error *e); /* asks; wait for its event */
XVIRT_API int xvirt_reboot(struct xvirt_conn *c, const struct xvirt_guest *g,
                           struct xvirt_error *e);
XVIRT_API int xvirt_destroy(struct xvirt_conn *c, const struct xvirt_guest *g,
                            struct xvirt_error *e);
XVIRT_API int xvirt_suspend(struct xvirt_conn *c, const struct xvirt_guest *g,
                            struct xvirt_error *e);
XVIRT_API int xvirt_resume(struct xvirt_conn *c, const struct xvirt_guest *g,
                           struct xvirt_error *e);
/* The path is the server's. */
XVIRT_API int xvirt_save(struct xvirt_conn *c, const struct xvirt_guest *g, const char *path,
                         struct xvirt_error *e);
XVIRT_API int xvirt_restore(struct xvirt_conn *c, const char *path, struct xvirt_error *e);

/* Lifecycle events of all guests: virDomainEventType (0 defined, 1 undefined, 2 started, 3
 * suspended, 4 resumed, 5 stopped, 6 shut down, 7 suspended by itself, 8 crashed) and its detail.
 * The guest is borrowed. A callback may make calls, but not close the connection. */
typedef void xvirt_event_fn(void *arg, const struct xvirt_guest *g, int event, int detail);
XVIRT_API int xvirt_watch(struct xvirt_conn *c, xvirt_event_fn *fn, void *arg,
                          struct xvirt_error *e);
/* Waits up to timeout_ms (below 0: for ever) and hands out events: 1 when something came, 0 on
 * time-out, -1 when the connection is dead. */
XVIRT_API int xvirt_wait(struct xvirt_conn *c, int timeout_ms, struct xvirt_error *e);

#ifdef __cplusplus
}
#endif
#endif
