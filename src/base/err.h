/* Errors by value. A function that can fail for more than one reason takes `struct err *e` last and
 * returns 0, or `return fail(e, CODE, "what '%s'", which)`, which is -1. Codes are the wire's
 * numbers (virErrorNumber), so that no translation stands between the place that knows what went
 * wrong and the client that is told. `e` may be NULL. */
#pragma once

enum err_code {
    ERR_OK = 0,
    ERR_INTERNAL = 1, /* our mistake, or the host's in a way nobody foresaw */
    ERR_NO_MEMORY = 2,
    ERR_NO_SUPPORT = 3, /* the call, or this Xen, cannot do that */
    ERR_UNKNOWN_HOST = 4,
    ERR_NO_CONNECT = 5, /* a URI that is not ours */
    ERR_INVALID_CONN = 6,
    ERR_INVALID_DOMAIN = 7,
    ERR_INVALID_ARG = 8,       /* an unknown flag bit, a wrong type; clients fall back on it */
    ERR_OPERATION_FAILED = 9,  /* also: name or uuid taken, console busy */
    ERR_XML_ERROR = 27,        /* well formed but not what it should say */
    ERR_OPERATION_DENIED = 29, /* a changing call on a read-only connection */
    ERR_OPEN_FAILED = 30,
    ERR_XML_DETAIL = 35,   /* not well formed, with position */
    ERR_SYSTEM_ERROR = 38, /* a system call failed */
    ERR_RPC = 39, /* bad frame, bad argument block, unknown procedure, not before authentication */
    ERR_NO_DOMAIN = 42,
    ERR_NO_NETWORK = 43,
    ERR_INVALID_MAC = 44,
    ERR_AUTH_FAILED = 45,
    ERR_NO_STORAGE_POOL = 49,
    ERR_NO_STORAGE_VOL = 50,
    ERR_NO_NODE_DEVICE = 53,
    ERR_OPERATION_INVALID = 55,  /* wrong state for the operation */
    ERR_CONFIG_UNSUPPORTED = 67, /* understood, and this host or this format cannot do it */
    ERR_OPERATION_TIMEOUT = 68,
    ERR_MIGRATE_PERSIST_FAILED = 69,
    ERR_NO_DOMAIN_SNAPSHOT = 72,
    ERR_INVALID_STREAM = 73,
    ERR_ARGUMENT_UNSUPPORTED = 74, /* an unknown parameter name */
    ERR_SNAPSHOT_REVERT_RISKY = 76,
    ERR_OPERATION_ABORTED = 78,
    ERR_AUTH_CANCELLED = 79,
    ERR_NO_DOMAIN_METADATA = 80,
    ERR_MIGRATE_UNSAFE = 81,
    ERR_OVERFLOW = 82,
    ERR_OPERATION_UNSUPPORTED = 84,
    ERR_RESOURCE_BUSY = 87,
    ERR_ACCESS_DENIED = 88,
    ERR_XML_INVALID_SCHEMA = 92, /* asked to validate: a word that nobody knows */
    ERR_AUTH_UNAVAILABLE = 94,
    ERR_NO_SERVER = 95,
    ERR_NO_CLIENT = 96,
    ERR_DEVICE_MISSING = 99,
    ERR_NO_DOMAIN_CHECKPOINT = 102,
};

/* virErrorDomain: who says so. 0 lets the daemon choose (libxl). Codes 61 to 64 must never be sent
 * (PROTOCOL: old repairs). */
enum err_domain {
    ERR_FROM_DEFAULT = 0,
    ERR_FROM_XML = 5,
    ERR_FROM_RPC = 7,
    ERR_FROM_CONF = 9,
    ERR_FROM_STORAGE = 18,
    ERR_FROM_NETWORK = 19,
    ERR_FROM_DOMAIN = 20,
    ERR_FROM_STREAMS = 38,
    ERR_FROM_LIBXL = 41,
    ERR_FROM_ACCESS = 55,
    ERR_FROM_POLKIT = 60,
    ERR_FROM_ADMIN = 62,
};

enum {
    ERR_MSG_MAX = 3072, /* bytes with the NUL; longer texts are cut at the end with "..." */
    ERR_ABOUT_MAX = 64
};

struct err {
    int code;   /* enum err_code, or a number that a peer sent */
    int domain; /* enum err_domain */
    char msg[ERR_MSG_MAX];
    char about[ERR_ABOUT_MAX]; /* which member of a record: "disks[1].target"; "": none is known */
};

/* Fills e; always returns -1. The text says what, which and why; lower case, no full stop. */
__attribute__((format(printf, 3, 4))) int fail(struct err *e, int code, const char *fmt, ...);

/* The same with errno's text appended: "cannot open 'x': permission denied"; code ERR_SYSTEM_ERROR.
 */
__attribute__((format(printf, 2, 3))) int fail_errno(struct err *e, const char *fmt, ...);

/* Says after fail which member it is about; always returns -1. */
__attribute__((format(printf, 2, 3))) int err_about(struct err *e, const char *fmt, ...);

/* Puts context before the text once: "domain 'x': TEXT"; always returns -1. */
__attribute__((format(printf, 2, 3))) int wrap(struct err *e, const char *fmt, ...);
