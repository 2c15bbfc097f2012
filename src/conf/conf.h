/* Conversions: a text in one of the formats becomes a struct domain, and back. No daemon, no Xen,
 * no files, any thread. What is read is completed and checked (model/complete.h, model/check.h)
 * unless CONF_RAW says otherwise. */
#pragma once
#include "base/err.h"
#include "conf/report.h"
#include "model/domain.h"

enum conf_format { CONF_XML = 1, CONF_XL, CONF_XM, CONF_SXPR, CONF_JSON };

enum conf_flags {
    CONF_SECURE = 1, /* write passwords */
    CONF_INACTIVE =
        2, /* read or write what is defined, not what runs: no id, tty, generated names */
    CONF_MIGRATABLE = 4, /* write what another host can take */
    CONF_RAW = 8,        /* read: what the text says, not completed, not checked */
    CONF_FOREIGN = 16,   /* read XML: the guests of other hypervisors too (<domain type='kvm'>) */
};

enum {
    CONF_INPUT_MAX = 4 << 20, /* bytes of a text */
    CONF_ERRORS_MAX = 20,     /* told in one go */
    CONF_DOMAINS_MAX = 10000, /* guests in one text */
};

struct domain_caps;
struct conf_opts {
    unsigned flags;
    const char *filename;           /* for messages; may be NULL */
    const struct domain_caps *caps; /* NULL: an x86_64 host with everything */
    struct report *report;          /* may be NULL */
    int xen; /* write JSON for this Xen: 417 for 4.17; 0: the newest that is known */
};

struct domains {
    struct domain **items;
    size_t n_items;
};
void domains_clear(struct domains *list);

/* One guest; more than one in the text is an error. Caller frees *ret with domain_free. `o` may be
 * NULL. */
int conf_read(enum conf_format format, const char *text, size_t len, const struct conf_opts *o,
              struct domain **ret, struct err *e);
/* Every guest of the text (S-expression dumps and JSON lists hold several). Caller clears with
 * domains_clear. */
int conf_read_all(enum conf_format format, const char *text, size_t len, const struct conf_opts *o,
                  struct domains *ret, struct err *e);
/* With a report, what is written is read back, and everything that it does not say is told. */
int conf_write(enum conf_format format, const struct domain *d, const struct conf_opts *o,
               struct str *out, struct err *e);

/* A document of a guest with elements or attributes that no table knows is refused, each with its
 * place. What is kept as it is is not looked into. */
int conf_validate(const char *xml, size_t len, struct err *e);

/* "xml", "xen-xl", "xen-xm", "xen-sxpr", "xen-json" ("domain-xml" too); 0 when unknown. */
enum conf_format conf_format_find(const char *name);
const char *conf_format_name(enum conf_format format);
