/* Editing what the host keeps as XML: fetch, the user's editor, give back. The editor runs without
 * any descriptor of ours but the terminal. */
#pragma once
#include "object.h"

/* Text through $VISUAL, $EDITOR or vi. *ret is NULL when it came back unchanged; else the caller
 * frees it. */
int edit_text(const char *text, char **ret, struct err *e);

/* A command that edits the XML of a thing. */
struct edit {
    enum object object; /* OBJ_NONE: the saved guest in the file that option "file" names */
    int get, set;       /* procedures; set takes the XML in `xml` or `dxml` */
    unsigned get_flags, set_flags;
    const char *unless; /* the option without which set_flags are set; NULL: always */
    int set_plain;      /* the call where there are no flags, or the server knows none; 0: set */
    const struct flag_bit *bits; /* options that are flags of set */
    const char *title;           /* "Network {} XML configuration" */
};
int edit_run(struct ctl *c, const struct args *a, struct err *e);
#define EDIT(...) \
    edit_run, &(const struct edit) \
    { \
        __VA_ARGS__ \
    }
