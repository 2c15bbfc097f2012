/* Between the files of xen-xl and xen-xm: the guest, and beside it the keys that do not stand for
 * one member each. Rows point into struct xl_doc. After reading, xl_settle() makes members of the
 * keys; before writing, xl_spread() makes keys of the members. Lives on the codec's stack. */
#pragma once
#include "conf/codec.h"
#include "conf/spec.h"

enum xl_vga { XL_VGA_NONE = 1, XL_VGA_CIRRUS, XL_VGA_STDVGA, XL_VGA_QXL };

/* A display's keys, at the top level or inside a vfb. */
struct xl_display {
    char *type; /* vnc, sdl: xend's word */
    tri vnc, sdl, vncunused, opengl;
    struct num vncdisplay;
    char *vnclisten, *vncpasswd, *keymap, *display, *xauthority;
    char *videoram, *serial, *monitor, *location; /* xm's vfb */
};

struct xl_spice {
    char *host, *passwd, *image_compression, *streaming;
    struct num port, tls_port, usbredirection;
    tri disable_ticketing, agent_mouse, vdagent, clipboard;
};

/* What xl wants of a value; hooks say it with these, the other kinds of rows by themselves. */
enum xl_row_flags {
    XL_FIRST = 0x100,   /* read before the others: they depend on it */
    XL_ATOM = 0x400,    /* a text or a number */
    XL_BOOL = 0x800,    /* where it is no list, a number */
    XL_LIST = 0x1000,   /* a list, not one text */
    XL_FATAL = 0x2000,  /* a value of the wrong kind is an error, not a warning */
    XL_NOCASE = 0x4000, /* words in upper case are the same */
};

struct xl_doc {
    struct domain d; /* first */
    /* owned when reading, borrowed when writing; each has its row in xl_extra_rec */
    struct xl_display display;
    struct xl_spice spice;
    tri localtime;
    struct num rtc_timeoffset;
    char *boot, *root, *extra, *firmware, *bios_path;
    char *seclabel, *init_seclabel;
    enum xl_vga vga;
    tri stdvga;
    struct num videoram_kib;
    char *vcpu_avail;
    /* of the codec itself */
    bool has_cmdline;
    char boot_text[8];
    struct str cmdline_text;
};

extern const struct row_table xl_table, xm_table, xl_display_table;
extern const struct rec xl_extra_rec;
extern const struct row_table *const xl_tables[]; /* with those of the comma lists */

/* ---- xl_settle.c ---- */
int xl_settle(struct conf_ctx *c, struct xl_doc *x); /* what both formats share */
int xl_defaults(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect);
void xl_spread(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect);

/* ---- xl_display.c ---- */
void xl_settle_display(struct conf_ctx *c, struct domain *d, struct xl_display *w, struct num vfb);
void xl_settle_spice(struct xl_doc *x);
/* Borrowed texts. */
void xl_spread_display(const struct graphics *g, struct xl_display *w);
void xl_spread_spice(const struct graphics *g, struct xl_spice *s);
const struct graphics *xl_top_graphics(const struct domain *d); /* the one of the top-level keys */
/* Forgets the vfbs' numbers where each has one display: then their order says which. */
void xl_drop_plain_numbers(struct domain *d);
int xl_read_vfb(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int xl_write_vfb(struct conf_ctx *c, const struct row *r, const void *rec);
int xl_write_display(struct conf_ctx *c, const struct row *r, const void *rec);
int xl_write_spice(struct conf_ctx *c, const struct row *r, const void *rec);

/* ---- xl_lists.c: hooks ---- */
#define XL_HOOKS(name) \
    int xl_read_##name(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v); \
    int xl_write_##name(struct conf_ctx *c, const struct row *r, const void *rec);
XL_HOOKS(type)
XL_HOOKS(cpus)
XL_HOOKS(timers)
XL_HOOKS(disks)
XL_HOOKS(nics)
XL_HOOKS(pci)
XL_HOOKS(usbctrl)
XL_HOOKS(usbdev)
XL_HOOKS(channels)
XL_HOOKS(vtpm)
XL_HOOKS(p9)
XL_HOOKS(pvcalls)
XL_HOOKS(vdispl)
XL_HOOKS(vkb)
XL_HOOKS(vsnd)
XL_HOOKS(virtio)
XL_HOOKS(ports)
XL_HOOKS(sound)
XL_HOOKS(usbdevice)
XL_HOOKS(bootloader_args)
XL_HOOKS(cpuid)
XL_HOOKS(vnuma)
XL_HOOKS(viridian)
XL_HOOKS(mca)
XL_HOOKS(ioports)
XL_HOOKS(iomem)
XL_HOOKS(llc_colors)
XL_HOOKS(smbios)
XL_HOOKS(rdm)
XL_HOOKS(arm_sci)
XL_HOOKS(gfx_passthru)
XL_HOOKS(hap)
int xl_write_maxvcpus(struct conf_ctx *c, const struct row *r, const void *rec);
int xl_write_vcpus(struct conf_ctx *c, const struct row *r, const void *rec);
int xl_write_stdvga(struct conf_ctx *c, const struct row *r, const void *rec);
XL_HOOKS(altp2m)

/* ---- xl_file.c: reading and writing by a table ---- */
struct pos xl_pos(struct conf_ctx *c, const char *key); /* of its value, while a file is read */
int xl_read_file(struct conf_ctx *c, const char *text, size_t len, struct domains *ret);
int xl_write_file(struct conf_ctx *c, const struct domain *d, struct str *out);
/* The words that hold a list of devices or the one text of it: walks the texts of v. */
typedef int xl_text_fn(struct conf_ctx *c, void *rec, const struct value *v);
int xl_each(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v,
            xl_text_fn *fn);
