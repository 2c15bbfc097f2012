/* Between the files of the S-expression format: rows over lists, one table a kind of list. The
 * hooks find the list they are called for, and the writer's output, in `struct sxp_io`. */
#pragma once
#include "conf/codec.h"
#include "conf/sxp.h"

enum sxp_row_flags {
    SXP_REPEATED = 0x100, /* may stand there more than once */
    SXP_DROP = 0x200,     /* a value equal to .dflt is as good as none: xend prints them all */
    SXP_YES_ONLY = 0x400, /* written when it is yes; nothing means no */
    SXP_LIST = 0x800,     /* hooks: the value may be a list, or several */
};

struct sxp_io {             /* conf_ctx.format */
    const struct sxp *node; /* reading: the list (key value...) */
    const struct sxp *domain;
    struct str *out; /* writing */
};

static inline struct sxp_io *sxp_io(struct conf_ctx *c)
{
    return c->format;
}
static inline struct pos sxp_pos(const struct sxp *s)
{
    return (struct pos){s->line, s->col};
}
static inline bool sxp_is_yes(const char *text)
{
    return !str_empty(text) && strcmp(text, "0") != 0;
}
#define SXP_TABLE(name_prefix, array) \
    { \
        name_prefix, array, sizeof(array) / sizeof(*(array)) \
    }

/* Reads the items of `list` from number `first` on into rec. */
int sxp_read_rows(struct conf_ctx *c, const struct row_table *t, void *rec, const struct sxp *list,
                  size_t first);
int sxp_write_rows(struct conf_ctx *c, const struct row_table *t, const void *rec);

/* Hooks and helpers that several tables use. */
int sxp_read_nothing(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int sxp_read_tree(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int sxp_write_tree(struct conf_ctx *c, const struct row *r, const void *rec);
int sxp_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int sxp_write_cpuid(struct conf_ctx *c, const struct row *r, const void *rec);
int sxp_read_tsc(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
bool sxp_is_dom0(const struct domain *d);
struct timer *sxp_timer(struct domain *d, enum timer_name name); /* found or added */
/* 1 for local time, 0 for UTC, -1 after an error. */
int sxp_clock_basis(struct conf_ctx *c, const struct domain *d);
void sxp_write_vcpu_avail(struct conf_ctx *c, const struct domain *d);

/* sxp_image.c */
extern const struct row_table sxp_image_table;
int sxp_read_image(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int sxp_write_image(struct conf_ctx *c, const struct row *r, const void *rec);

/* sxp_device.c, sxp_graphics.c */
extern const struct row_table sxp_disk_table, sxp_nic_table, sxp_pci_table, sxp_console_table,
    sxp_vfb_table;
int sxp_read_device(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int sxp_write_devices(struct conf_ctx *c, const struct row *r, const void *rec);
int sxp_read_vfb(struct conf_ctx *c, struct domain *d, const struct sxp *list);
/* The same words inside (image (hvm ...)), which count where there is no vfb (NULL); and spice. */
int sxp_read_image_graphics(struct conf_ctx *c, struct domain *d, const struct sxp *image,
                            const struct sxp *vfb);
int sxp_write_image_graphics(struct conf_ctx *c, const struct row *r, const void *rec);
/* sxp_pci.c */
int sxp_read_pci(struct conf_ctx *c, struct domain *d, const struct sxp *list);
int sxp_write_pci(struct conf_ctx *c, const struct domain *d);
int sxp_write_vfbs(struct conf_ctx *c, const struct domain *d);
