/* Between the files of the xen-json format: rows over objects, nested. The hooks find the value
 * they are called for, and the writer, in `struct json_io`. libxl does not print a field that has
 * its initial value; a row's .dflt is that value, where zero is not it. */
#pragma once
#include "conf/codec.h"
#include "conf/json.h"

enum json_row_flags {
    JSON_DROP = 0x100,  /* .dflt is not written: libxl's initial value */
    JSON_BOOL = 0x200,  /* ROW_TRI: true and false instead of words or numbers */
    JSON_OLDER = 0x400, /* there is an older place, so that an older Xen is no error */
};

struct json_io {             /* conf_ctx.format */
    const struct json *node; /* reading */
    struct json_out out;     /* writing */
};

static inline struct json_io *json_io(struct conf_ctx *c)
{
    return c->format;
}
static inline struct pos json_pos(const struct json *v)
{
    return (struct pos){v->line, v->col};
}
static inline void *row_at(const struct row *r, const void *rec)
{
    return (char *)rec + r->offset;
}

#define JSON_TABLE(name_prefix, array) \
    { \
        name_prefix, array, sizeof(array) / sizeof(*(array)) \
    }
/* Texts, libxl's defbool, plain true and false, 0 and 1, numbers, enums. */
#define J_STR(k, T, m, ...) R_STR(k, T, m, ##__VA_ARGS__)
#define J_DEFBOOL(k, T, m, ...) R_TRI(k, T, m, .yes = "True", .no = "False", ##__VA_ARGS__)
#define J_FLAG(k, T, m, ...) R_TRI(k, T, m, .flags = JSON_BOOL, ##__VA_ARGS__)
#define J_NUM(k, T, m, ...) R_NUM(k, T, m, ##__VA_ARGS__)
#define J_KEEP_ENUM(k, T, m, en, w, ...) R_WORDS(k, T, m, en, w, ##__VA_ARGS__)
/* An enum whose initial value libxl leaves out. */
#define J_ENUM(k, T, m, en, w, init, ...) \
    R_WORDS(k, T, m, en, w, .flags = JSON_DROP, .dflt = init, ##__VA_ARGS__)
#define J_HOOK(k, rd, wr, ...) R_HOOK(k, rd, wr, ##__VA_ARGS__)
/* An object over the same record; always written, as libxl does. */
#define J_OBJECT(k, table, ...) \
    R_HOOK(k, json_read_object, json_write_object, .sub = &(table), ##__VA_ARGS__)
/* A field that the reader of the whole reads. */
#define J_PART(k, ...) J_HOOK(k, json_read_nothing, NULL, ##__VA_ARGS__)
/* An array of objects over a list of records; left out when it is empty. */
#define J_LIST(k, T, m, I, table, ...) \
    { \
        .key = k, .kind = ROW_HOOK, .read = json_read_list, .write = json_write_list, \
        .offset = offsetof(struct T, m) + REC_CHECK(REC_SAME(T, m, struct I *)), \
        .count_offset = offsetof(struct T, n_##m), .item = &I##_rec, .sub = &(table), __VA_ARGS__ \
    }

int json_read_rows(struct conf_ctx *c, const struct row_table *t, void *rec,
                   const struct json *object);
int json_write_rows(struct conf_ctx *c, const struct row_table *t, const void *rec);
/* Every field of an object or a list of objects that was read by hand, as the table knows them;
 * `lost` (may be NULL): none of them has a place, for this reason. */
void json_note_fields(struct conf_ctx *c, const struct row_table *t, const struct json *v,
                      const char *lost);
/* The same for the fields beside one that has told its own. */
void json_note_rest(struct conf_ctx *c, const struct row_table *t, const struct json *v,
                    const struct json *told);
int json_read_object(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_object(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_list(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_list(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_nothing(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
/* A number into the struct num at .offset, up to .max. */
int json_read_number(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
/* backend_domid or backend_domname, both for the one text: libxl takes numbers as names. */
int json_read_backend(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
#define J_BACKEND(T) \
    J_HOOK("backend_domid", json_read_backend, NULL, .offset = offsetof(struct T, backend_domain), \
           .type = "number"), \
        J_STR("backend_domname", T, backend_domain, .xml = "<backenddomain>")
/* Arrays of numbers as a text of ranges, "0,2-3", at .offset. */
int json_read_bits(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_bits(struct conf_ctx *c, const char *key, const char *text);
/* An object of names and texts over a list of struct attr. */
int json_read_attrs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_attrs(struct conf_ctx *c, const struct row *r, const void *rec);

/* The value as a number, a text or an array; otherwise an error that names the key, and -1. */
int json_want_int(struct conf_ctx *c, const char *key, const struct json *v, int64_t min,
                  int64_t max, int64_t *ret);
const char *json_want_text(struct conf_ctx *c, const char *key, const struct json *v);
int json_want(struct conf_ctx *c, const char *key, const struct json *v, enum json_kind kind);
/* defbool: TRI_UNSET after an error too. */
tri json_want_tri(struct conf_ctx *c, const char *key, const struct json *v);
void json_put_tri(struct conf_ctx *c, const char *key, tri value);
bool json_has_since(struct conf_ctx *c, int since); /* the Xen written for has it */

/* json_domain.c */
int json_read_label(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_label(struct conf_ctx *c, const struct row *r, const void *rec);
/* json_build.c */
extern const struct row_table json_ioports_table, json_vnuma_table, json_build_table, json_pv_table, json_pvh_table, json_sched_table,
    json_arm_table, json_x86_table, json_iomem_table;
/* json_hvm.c */
extern const struct row_table json_hvm_table, json_vnc_table, json_sdl_table, json_spice_table,
    json_rdm_table, json_smbios_table;
/* json_display.c */
#define JSON_READS(name) \
    int name(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
#define JSON_WRITES(name) int name(struct conf_ctx *c, const struct row *r, const void *rec)
JSON_READS(json_read_hvm_display);
JSON_READS(json_read_nographic);
JSON_READS(json_read_vga);
JSON_WRITES(json_write_hvm_vnc);
JSON_WRITES(json_write_hvm_sdl);
JSON_WRITES(json_write_hvm_spice);
JSON_WRITES(json_write_keymap);
JSON_WRITES(json_write_nographic);
JSON_WRITES(json_write_vga);
/* The words vnc and sdl, in b_info and in vfbs; g of another type, or NULL: off. */
int json_write_vnc(struct conf_ctx *c, const struct graphics *g);
int json_write_sdl(struct conf_ctx *c, const struct graphics *g);
/* Adds a graphics device to d when the object says that it is on, or says nothing and `dflt` does.
 */
int json_read_display(struct conf_ctx *c, const struct json *object, enum gfx_type type, tri dflt,
                      struct domain *d);
const char *json_hvm_keymap(const struct domain *d);
void json_settle_keymap(const struct json *hvm, struct domain *d);
void json_finish_hvm(struct conf_ctx *c, struct domain *d);
extern const struct row_table json_vga_table;
/* json_cpuid.c */
extern const struct row_table json_cpuid_table;
int json_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_cpuid(struct conf_ctx *c, const struct row *r, const void *rec);
/* json_device.c, json_host.c, json_vfb.c */
extern const struct row_table json_disk_table, json_nic_table, json_pci_table, json_vfb_table,
    json_vkb_table, json_usbctrl_table, json_usbdev_table, json_usbhost_table, json_channel_table,
    json_socket_table;
int json_read_disks(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_read_nics(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_read_vfbs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_vfbs(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_vkbs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_vkbs(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_pcidevs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_pcidevs(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_usbdevs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_usbdevs(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_usbctrls(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_usbctrls(struct conf_ctx *c, const struct row *r, const void *rec);
int json_read_channels(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
int json_write_channels(struct conf_ctx *c, const struct row *r, const void *rec);
/* json_misc.c */
extern const struct row_table json_vtpm_table, json_p9_table, json_pvcalls_table, json_vdispl_table,
    json_vsnd_table, json_virtio_table;
