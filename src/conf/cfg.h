/* A configuration file as a tree of settings: what the xl reader (cfg.c) and the xm reader (py.c)
 * both produce and the tables of keys consume. Every value knows where it stood. The document owns
 * everything; pointers into it live until cfg_clear. Any thread, one at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/arena.h"
#include "conf/value.h"

enum {
    CFG_INPUT_MAX = 4 << 20,  /* bytes of one file */
    CFG_SETTINGS_MAX = 65536, /* settings in one file */
    CFG_VALUES_MAX = 1 << 20, /* strings, numbers and lists in one file */
    CFG_DEPTH_MAX = 64,       /* lists inside lists */
    CFG_NOTES_MAX = 50,       /* errors and warnings kept; later ones are only counted */
    CFG_TEXT_MAX = 1 << 20,   /* bytes of one string put together with + or += */
};

struct cfg_setting {
    const char *name;
    struct pos pos;
    bool is_shadowed; /* set again further down: this value does not count */
    struct value value;
    size_t cap;   /* bytes at value.text that are its own, for += */
    int type;     /* xm: enum py_type of the value */
    bool is_used; /* xm: another value was made from it */
};

enum cfg_note_level { CFG_WARNING = 1, CFG_ERROR };
struct cfg_note {
    enum cfg_note_level level;
    struct pos pos;
    const char *text;
};

struct cfg {
    struct arena arena;
    struct cfg_setting *settings; /* in the file's order */
    size_t n_settings;
    struct cfg_note *notes; /* in the file's order */
    size_t n_notes;
    size_t n_errors; /* all of them, kept or not */
    uint32_t *slots; /* hash: index + 1 into settings, 0 empty */
    size_t n_slots;  /* a power of two */
    size_t n_values; /* of all lists and settings */
    uint32_t warned; /* bit set: leniencies that were mentioned already */
};

/* Reads xl.cfg syntax as libxlutil does, and what libxlutil breaks on without need, with a warning.
 * 0, or -1 with at least one CFG_ERROR note; the settings are then incomplete. */
int cfg_parse(struct cfg *c, const char *text, size_t len);
/* Reads an xm file: the constant subset of Python (py.h). The same results. */
int py_parse(struct cfg *c, const char *text, size_t len);
void cfg_clear(struct cfg *c);

struct cfg_setting *cfg_find(const struct cfg *c, const char *name); /* NULL when absent */

/* For the two readers. */
void cfg_note(struct cfg *c, enum cfg_note_level level, struct pos pos, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Counts a new value; false when there are too many. */
bool cfg_count(struct cfg *c, struct pos pos);
void cfg_push(struct cfg *c, struct value *list, const struct value *item);
/* Enters name = value; an earlier value of that name is shadowed. False when there are too many. */
bool cfg_set(struct cfg *c, const char *name, struct pos pos, const struct value *value);
/* += on a text; false when it gets too long. */
bool cfg_text_add(struct cfg *c, struct cfg_setting *s, const char *text);
enum { CFG_EXCERPT = 64 };
/* The offending text of a message: one line, printable, at most 40 bytes. Returns buf. */
const char *cfg_excerpt(const char *s, size_t n, char buf[CFG_EXCERPT]);
