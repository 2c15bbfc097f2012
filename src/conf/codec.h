/* A format: its names, its reader and writer, and its rows for the key reference. One line a format
 * in conf.c. The reader appends domains to *ret as the text has them, neither completed nor
 * checked; what it appended before a failure is freed by its caller. It reports errors with
 * conf_error and may go on after one: -1, or c->n_errors, fails the conversion. */
#pragma once
#include "conf/row.h"

struct row_table {      /* for the key reference */
    const char *prefix; /* of the keys: "" or "disk." */
    const struct row *rows;
    size_t n;
};

struct codec {
    enum conf_format format;
    const char *name, *alias;
    int (*read)(struct conf_ctx *c, const char *text, size_t len, struct domains *ret);
    int (*write)(struct conf_ctx *c, const struct domain *d, struct str *out);
    const struct row_table *const *tables; /* ends with NULL */
    bool is_libxl; /* its guests are as libxl wants them: see model/floppy.h */
};

/* Each is one line in conf.c's table, before the NULL. */
extern const struct codec xml_codec, xl_codec, xm_codec, sxp_codec, json_codec;

bool conf_knows_mca(const char *word); /* json_hvm.c: a word of libxl's bit set */

const struct codec *codec_find(enum conf_format format);  /* NULL when there is none */
void domains_add(struct domains *list, struct domain *d); /* takes over d */
