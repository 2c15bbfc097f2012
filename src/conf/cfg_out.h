/* Writes a configuration file: `key = value` a line, quoted as the dialect wants it, in libvirt's
 * layout; and the comma lists inside the texts (spec.h). Lives on the writer's stack, as
 * conf_ctx.format. */
#pragma once
#include "conf/row.h"

enum cfg_dialect { CFG_XL, CFG_XM };
struct cfg;

struct cfg_out {
    struct str *out;
    enum cfg_dialect dialect;
    int n_items;            /* of the list that is being written */
    int n_inner;            /* of the list in it; -1: none is open */
    struct str item;        /* the comma list that is being put together */
    const char *key;        /* the setting, for messages */
    const struct cfg *file; /* reading: where the keys stand */
};

static inline struct cfg_out *cfg_out(struct conf_ctx *c)
{
    return c->format;
}

/* Appends the text with quotes and escapes. */
void cfg_put_text(struct cfg_out *o, const char *key, const char *text);
void cfg_put_raw(struct cfg_out *o, const char *key, const char *number);
/* key = [ ... ]; a list without items is not written. */
void cfg_list_begin(struct cfg_out *o, const char *key);
void cfg_list_text(struct cfg_out *o, const char *text);
void cfg_list_end(struct cfg_out *o);
/* A list in the list; its texts follow with cfg_list_text. */
void cfg_sub_begin(struct cfg_out *o);
void cfg_sub_end(struct cfg_out *o);
/* A row as a line; nothing when it is unset. Hooks write for themselves. */
int cfg_put_row(struct conf_ctx *c, const struct row *r, const void *rec);
