/* A configuration file as a tree of settings: what the xl reader (cfg.c) and the xm reader (py.c)
 * both produce and the tables of keys consume. Every value knows where it stood. The document owns
 * everything; pointers into it live until cfg_clear. Any thread, one at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum {
    CFG_INPUT_MAX = 4 << 20,    /* bytes of one file */
    CFG_SETTINGS_MAX = 65536,   /* settings in one file */
    CFG_VALUES_MAX = 1 << 20,   /* strings, numbers and lists in one file */
    CFG_DEPTH_MAX = 64,         /* lists inside lists */
    CFG_NOTES_MAX = 50,         /* errors and warnings kept; later ones are only counted */
    CFG_TEXT_MAX = 1 << 20,     /* bytes of one string put together with + or += */
};

enum cfg_kind { CFG_STRING = 1, CFG_NUMBER, CFG_LIST, CFG_NONE /* Python's None */ };

struct cfg_value {
    enum cfg_kind kind;
    uint32_t line, col;      /* from 1; of its first character */
    const char *s;           /* CFG_STRING: the text; CFG_NUMBER: as written (xl) or in
                              decimal (xm); NULL for a list */
    struct cfg_value *first; /* items of a CFG_LIST */
    struct cfg_value *last;
    struct cfg_value *next;
    uint32_t n;   /* items of a list, bytes of a text */
    uint32_t cap; /* bytes at s that are its own, for += */
};

struct cfg_setting {
    const char *name;
    uint32_t line, col;
    bool is_shadowed; /* set again further down: this value does not count */
    struct cfg_value *value;
};

enum cfg_note_level { CFG_WARNING = 1, CFG_ERROR };
struct cfg_note {
    enum cfg_note_level level;
    uint32_t line, col;
    const char *text;
};

struct cfg {
    struct arena arena;
    struct cfg_setting *settings; /* in the file's order */
    size_t n_settings;
    struct cfg_note *notes; /* in the file's order */
    size_t n_notes;
    size_t n_errors;  /* all of them, kept or not */
    uint32_t *slots;  /* hash: index + 1 into settings, 0 empty */
    size_t n_slots;   /* a power of two */
    size_t n_values;
    uint32_t warned;  /* bit set: leniencies that were mentioned already */
};

/* Reads xl.cfg syntax as libxlutil does, and what libxlutil breaks on without need, with a warning.
 * 0, or -1 with at least one CFG_ERROR note; the settings are then incomplete. */
int cfg_parse(struct cfg *c, const char *text, size_t len);
/* Reads an xm file: the constant subset of Python (py.c). The same results. */
int py_parse(struct cfg *c, const char *text, size_t len);
void cfg_clear(struct cfg *c);

struct cfg_setting *cfg_find(const struct cfg *c, const char *name); /* NULL when absent */

/* For the two readers. */
__attribute__((format(printf, 5, 6))) void cfg_note(struct cfg *c, enum cfg_note_level level,
                                                    uint32_t line, uint32_t col, const char *fmt,
                                                    ...);
struct cfg_value *cfg_value_new(struct cfg *c, enum cfg_kind kind, uint32_t line, uint32_t col);
void cfg_list_add(struct cfg_value *list, struct cfg_value *item);
void cfg_text_set(struct cfg *c, struct cfg_value *v, const char *s, size_t n); /* copies */
bool cfg_text_add(struct cfg *c, struct cfg_value *v, const char *s, size_t n); /* appends; false: too long */
/* The offending text of a message: one line, printable, at most 40 bytes. buf has 64 bytes. */
const char *cfg_excerpt(const char *s, size_t n, char *buf);
/* Enters name = value; an earlier value of that name is shadowed. False when there are too many. */
bool cfg_set(struct cfg *c, const char *name, uint32_t line, uint32_t col, struct cfg_value *value);
