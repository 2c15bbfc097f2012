/* How libvirt prints the elements that Xen has no use for, and what it asks of them: a row an
 * element. Constant; any thread. */
#pragma once
#include <stdbool.h>

/* `attrs` and `children` name what there is, in libvirt's order; what is not named follows, as it
 * is. A word is "NAME[!][=DEFAULT][:KIND]"; with ! it has to be there. A kind is words joined by |,
 * or one of # (a number), + (not 0), - (with a sign), xN XN oN (hexadecimal with 0x, octal, at
 * least N digits; -1 is as good as nothing for XN and bcd), bcd (1.10), kib bytes (a size; the
 * attribute unit says of what), cpus (a set), uuid. */
struct shape {
    /* From the record that keeps it. "X[Y]" is for those whose type (or model) is Y, "*" stands for
     * all that goes before. */
    const char *path;
    const char *attrs, *children;
    const char *text; /* "[=DEFAULT]" or a kind */
    bool is_chr;      /* a TCP one says its protocol */
};

const struct shape *shape_find(const char *path, const char *kind); /* kind: or NULL */
/* The order of the <entry name=''> in such an element, or NULL. */
const char *shape_entries(const char *path);
