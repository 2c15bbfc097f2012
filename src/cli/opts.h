/* Option rows that many commands share. */
#pragma once
#include "cmd.h"

#define OPT_DOMAIN_OF(kind) \
    { \
        "domain", OPT_STR, OPT_REQUIRED, kind, "domain name, id or uuid" \
    }
#define OPT_DOMAIN OPT_DOMAIN_OF(WHAT_DOMAIN)
#define OPT_DOMAIN_ACTIVE OPT_DOMAIN_OF(WHAT_ACTIVE)
#define FLAG(name, help) \
    { \
        name, OPT_FLAG, 0, WHAT_TEXT, help \
    }
/* A value that must be there, one that may, a number that may, a value that only --name gives. */
#define NEED(name, what, help) \
    { \
        name, OPT_STR, OPT_REQUIRED, what, help \
    }
#define NEED_NUM(name, help) \
    { \
        name, OPT_NUM, OPT_REQUIRED, WHAT_TEXT, help \
    }
#define MAY(name, what, help) \
    { \
        name, OPT_STR, 0, what, help \
    }
#define MAY_NUM(name, help) \
    { \
        name, OPT_NUM, 0, WHAT_TEXT, help \
    }
#define NAMED_NUM(name, help) \
    { \
        name, OPT_NUM, OPT_NAMED, WHAT_TEXT, help \
    }
#define NAMED(name, what, help) \
    { \
        name, OPT_STR, OPT_NAMED, what, help \
    }
#define OPT_CONFIG FLAG("config", "affect the next start")
#define OPT_LIVE FLAG("live", "affect the running domain")
#define OPT_CURRENT FLAG("current", "affect the domain as it is now, running or not")
#define OPT_AFFECT OPT_CONFIG, OPT_LIVE, OPT_CURRENT
#define OPT_PERSISTENT FLAG("persistent", "affect the running domain and its definition")
#define OPT_PRINT_XML FLAG("print-xml", "print the XML, change nothing")
#define OPT_VALIDATE FLAG("validate", "check the XML against the schema first")
#define OPT_XPATH \
    NAMED("xpath", WHAT_TEXT, "print only what this XPath expression finds"), \
        FLAG("wrap", "put what the XPath expression finds into one element")
#define OPTS(...) ((const struct opt[]){__VA_ARGS__, {0}})

/* A flag option and the wire's bit for it. */
struct flag_bit {
    const char *name;
    unsigned bit;
};
unsigned flags_of(const struct args *a, const struct flag_bit *bits, size_t n);
#define FLAGS_OF(a, bits) flags_of((a), (bits), sizeof(bits) / sizeof(*(bits)))

/* Wrong when both options are given. */
int opts_exclude(const struct args *a, const char *one, const char *other, struct err *e);
/* --config, --live, --current as VIR_DOMAIN_AFFECT_*. */
int opts_affect(const struct args *a, unsigned *ret, struct err *e);
/* "512", "2G", "10MiB": a size in bytes, in units of `unit` where it names none. *ret is left alone
 * when the option is absent. */
int opts_size(const struct args *a, const char *name, uint64_t unit, uint64_t *ret, struct err *e);
/* A path as the daemon must see it: below our own working folder unless it is absolute. Caller
 * frees. */
char *opts_absolute(const char *path);
/* The text of the file that an option names; NULL when the option is absent. Caller frees. */
int opts_file(const struct args *a, const char *name, char **ret, struct err *e);
