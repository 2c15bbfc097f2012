/* Commands that are one call about one thing. A row says which call, how options become its
 * arguments, and what to print; thin_run carries it out by the wire's type tables. Texts may hold
 * {}, the name of the thing, and {option}, the value of an option. */
#pragma once
#include "object.h"
#include "opts.h"

enum fill_how {
    FILL_TEXT, /* as it is */
    FILL_FILE, /* the contents of the file that it names */
    FILL_PATH, /* made absolute */
    FILL_NUM,
    FILL_BYTES, /* a size with a unit; bytes without */
    FILL_KIB,   /* a size in KiB; KiB without a unit */
};
struct fill {
    const char *option, *field; /* NULL ends the list */
    enum fill_how how;
};
#define FILLS(...) ((const struct fill[]){__VA_ARGS__, {0}})
#define BITS(...) ((const struct flag_bit[]){__VA_ARGS__, {0}})

struct thin {
    int proc;
    int plain;          /* the call to make instead when no flag is set; 0: proc always */
    enum object object; /* whose handle comes first in the arguments, or is in the answer */
    enum object made;   /* what is in the answer, where that is another kind */
    const char *trying; /* before the reason of a failure */
    const char *done;   /* after success */
    const char *key;    /* the first member of the answer is text: its key in JSON */
    const struct fill *fills;
    const struct flag_bit *bits; /* into the member flags */
    unsigned always;             /* bits that are always there */
    bool affect;                 /* --config, --live, --current */
    struct {
        const char *option, *names[3]; /* its word is one of these: bit 0, 1, 2 of the flags */
    } words;
    bool line; /* a line end is added even where the text has one, as virsh does */
    bool bare; /* no blank line after what is printed */
    struct {
        const char *field, *if_given; /* a number: 1, or 0 if this option was given */
    } mark;
    const char *undone; /* instead of done where if_given was given */
};

int thin_run(struct ctl *c, const struct args *a, struct err *e);
#define THIN(...) \
    thin_run, &(const struct thin) \
    { \
        __VA_ARGS__ \
    }

/* Says one thing that the look-up itself has answered. */
struct thin_object {
    enum object kind;
    int ways;        /* BY_* of lookup.h */
    const char *key; /* "uuid", or a text member of the handle */
};
int thin_object_run(struct ctl *c, const struct args *a, struct err *e);
#define OBJECT(...) \
    thin_object_run, &(const struct thin_object) \
    { \
        __VA_ARGS__ \
    }

/* The text with its {} filled in. Caller frees. */
char *thin_words(const char *text, const struct args *a, const char *name);
/* XML or other text as virsh prints it: a line end at its end; with --xpath only what that finds.
 */
int thin_print_xml(struct ctl *c, const struct args *a, const char *key, const char *text,
                   struct err *e);
