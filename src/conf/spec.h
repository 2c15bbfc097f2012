/* The little languages inside the texts of xl and xm files: disks, interfaces, ranges of CPUs, and
 * so on. Readers fill an empty record and tell mistakes with conf_error, with the place inside the
 * text; writers put the text together in cfg_out(c)->item. */
#pragma once
#include "conf/cfg_out.h"
#include "conf/codec.h"

/* ---- comma lists: key=value,flag,key=value ---- */
enum spec_flags {
    SPEC_TRIM = 1,   /* blanks behind a value do not belong to it */
    SPEC_IGNORE = 2, /* unknown words mean nothing, and are passed over with a warning */
    SPEC_LOSE = 4,   /* unknown words are lost: xl tells them and goes on */
};

/* Beside enum row_flags. */
enum spec_row_flags {
    SPEC_MUST = 0x400, /* xl refuses the text without it */
    SPEC_XM = 0x800,   /* a word of xm's, which xl has not */
};

/* One part of a comma list. */
struct spec_part {
    const char *key;   /* or the word, where there is no '=' */
    const char *value; /* NULL: no '=' */
    struct pos pos;
};

struct spec_cursor {
    char *copy;       /* freed by spec_close */
    const char *text; /* not yet read */
    struct pos pos;   /* of the whole text's first character */
    const char *start;
};

void spec_open(struct spec_cursor *x, const struct value *v);
/* The next part, blanks in front of it skipped; false at the end. Empty parts are parts. */
bool spec_next(struct spec_cursor *x, char separator, struct spec_part *ret);
void spec_close(struct spec_cursor *x);
#define CLEANUP_SPEC CLEANUP(spec_close)

/* All parts of a text into rec, by rows. A ROW_HOOK without '=' gets a VALUE_NONE. Empty parts are
 * nothing. */
int spec_read(struct conf_ctx *c, const struct row_table *t, void *rec, const struct value *v,
              unsigned flags);
/* A word of a text, for the report; text may be NULL. */
void spec_note(struct conf_ctx *c, const struct row_table *t, const char *key,
               enum report_status status, struct pos pos, const char *text);
/* Writes the rows that are set, in order. */
int spec_write(struct conf_ctx *c, const struct row_table *t, const void *rec);
/* Appends "key=value" or, for a NULL value, "key". A value that holds a comma is lost, with a
 * note. */
void spec_put(struct conf_ctx *c, const char *key, const char *value);
__attribute__((format(printf, 3, 4))) void spec_putf(struct conf_ctx *c, const char *key,
                                                     const char *fmt, ...);
/* cfg_out(c)->item as an item of the list, and empty again. */
void spec_item(struct conf_ctx *c);
/* Is a hook's value a plain text? Tells what is wrong otherwise. */
bool spec_is_text(struct conf_ctx *c, const struct row *r, const struct value *v);

/* ---- devices ---- */
extern const struct row_table spec_disk_table, spec_nic_table, spec_pci_table, spec_usbctrl_table,
    spec_usbdev_table, spec_channel_table, spec_vtpm_table, spec_p9_table, spec_pvcalls_table,
    spec_vdispl_table, spec_vkb_table, spec_virtio_table, spec_vnuma_table, spec_vsnd_card_table,
    spec_vsnd_pcm_table, spec_vsnd_stream_table, spec_rdm_table, spec_arm_sci_table,
    spec_smbios_table;

int spec_read_disk(struct conf_ctx *c, const struct value *v, struct disk *ret);
int spec_write_disk(struct conf_ctx *c, const struct disk *k);
int spec_read_xm_disk(struct conf_ctx *c, const struct value *v, struct disk *ret);
int spec_write_xm_disk(struct conf_ctx *c, const struct disk *k);
int spec_read_nic(struct conf_ctx *c, const struct value *v, struct nic *ret);
int spec_write_nic(struct conf_ctx *c, const struct nic *n);
int spec_read_pci(struct conf_ctx *c, const struct value *v, struct hostdev *ret);
int spec_write_pci(struct conf_ctx *c, const struct hostdev *h);

/* cpus: "0-3,^1", "all", "nodes:0". Sets *ret (freed before; caller frees with free), in the
 * canonical form where there is one. */
int spec_cpus(struct conf_ctx *c, const char *key, const char *text, struct pos pos, char **ret);
bool spec_is_cpus(const char *text);
int spec_read_vnuma(struct conf_ctx *c, struct cpu *cpu, const struct value *v);
void spec_write_vnuma(struct conf_ctx *c, const char *key, const struct cpu *cpu);
int spec_read_ioport(struct conf_ctx *c, const struct value *v, struct ioport_range *ret);
void spec_write_ioport(const struct ioport_range *p, struct str *s);
int spec_read_iomem(struct conf_ctx *c, const struct value *v, struct iomem_range *ret);
void spec_write_iomem(const struct iomem_range *m, struct str *s);
bool spec_is_color(const char *text);

/* cpuid, both forms; rec is a struct cpu */
int spec_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int spec_write_cpuid(struct conf_ctx *c, const struct row *r, const struct cpu *cpu);
int spec_read_leaf(struct conf_ctx *c, const struct value *v, struct cpuid_leaf *ret);
void spec_write_leaf(struct conf_ctx *c, const struct cpuid_leaf *l); /* an item of the list */
