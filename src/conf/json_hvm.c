/* b_info's part for HVM guests: firmware, serial ports, what qemu emulates. */
#include "base/uuid.h"
#include "base/vec.h"
#include "conf/chr.h"
#include "conf/json_rows.h"
#include "conf/viridian.h"

#define OUT(c) (&json_io(c)->out)

static const struct json *node_of(struct conf_ctx *c)
{
    return json_io(c)->node;
}

/* ---- firmware and boot ---- */

static bool is_pflash(const struct domain *d)
{
    return d->os.loader.type == LOADER_PFLASH;
}

static int write_bios(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    enum bios bios = d->os.bios;
    if (!bios && (is_pflash(d) || str_eq(d->os.firmware, "efi")))
        bios = BIOS_OVMF;
    if (bios)
        json_put_string(OUT(c), r->key, words_name(&bios_words, (int)bios));
    return 0;
}

static int read_bios(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const struct row row = J_KEEP_ENUM("bios", domain, os.bios, bios, &bios_words);
    const char *text = json_want_text(c, r->key, node_of(c));
    if (!text || str_eq(text, "unknown"))
        return text ? 0 : -1;
    return row_read_text(c, &row, rec, text, v->pos);
}

static int read_system_firmware(struct conf_ctx *c, const struct row *r, void *rec,
                                const struct value *v)
{
    struct domain *d = rec;
    const char *text = json_want_text(c, r->key, node_of(c));
    if (!text)
        return -1;
    str_set(&d->os.loader.path, text);
    d->os.loader.type = LOADER_PFLASH;
    d->os.loader.readonly = TRI_YES;
    return 0;
}

static int read_firmware(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const char *text = json_want_text(c, r->key, node_of(c));
    if (text)
        str_set(&((struct domain *)rec)->os.hvmloader, text);
    return text ? 0 : -1;
}

/* A ROM that is not hvmloader itself takes its place. */
static int write_firmware(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct os *os = &((const struct domain *)rec)->os;
    const char *rom = is_pflash(rec) ? NULL : os->loader.path;
    const char *path = os->hvmloader                                  ? os->hvmloader
                       : str_empty(rom) || str_ends(rom, "hvmloader") ? NULL
                                                                      : rom;
    if (path)
        json_put_string(OUT(c), r->key, path);
    return 0;
}

static int write_system_firmware(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (is_pflash(d) && d->os.loader.path)
        json_put_string(OUT(c), r->key, d->os.loader.path);
    return 0;
}

static const char boot_letters[] = " acdn"; /* by enum boot_device */

static int read_boot(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const char *text = json_want_text(c, r->key, node_of(c));
    for (const char *p = text ? text : ""; *p; p++) {
        const char *at = *p == ' ' ? NULL : strchr(boot_letters, *p);
        if (at)
            VEC_PUSH(d->os.boot, d->os.n_boot, (int)(at - boot_letters));
    }
    return text ? 0 : -1;
}

static int write_boot(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_STR struct str letters = {0};
    for (size_t i = 0; i < d->os.n_boot; i++)
        str_addc(&letters, boot_letters[d->os.boot[i]]);
    if (letters.len)
        json_put_string(OUT(c), r->key, letters.p);
    return 0;
}

/* ---- Hyper-V ---- */
static int write_viridian_bits(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct features *f = &((const struct domain *)rec)->features;
    const char *unknown = NULL;
    uint32_t on, off;
    for (size_t i = 0; i < f->n_viridian_groups; i++)
        if (!viridian_group(f->viridian_groups[i]))
            return conf_error(c, (struct pos){0}, "unknown viridian group '%s'",
                              f->viridian_groups[i]);
    viridian_groups(f, &on, &off);
    on |= viridian_of_hyperv(f, &unknown);
    if (unknown)
        return conf_error(c, (struct pos){0}, "Xen has no Hyper-V feature '%s'", unknown);
    uint32_t bits = str_eq(r->key, "viridian_enable") ? on : off;
    if (!bits)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (int i = 0; i < VIRIDIAN_BITS; i++)
        if (bits & (1u << i))
            json_put_int(OUT(c), NULL, i);
    json_close(OUT(c), ']');
    return 0;
}

static int read_viridian_bits(struct conf_ctx *c, const struct row *r, void *rec,
                              const struct value *v)
{
    struct features *f = &((struct domain *)rec)->features;
    const char *sign = str_eq(r->key, "viridian_enable") ? "" : "!";
    int rc = json_want(c, r->key, node_of(c), JSON_ARRAY);
    for (size_t i = 0; !rc && i < node_of(c)->n_items; i++) {
        int64_t bit;
        rc = json_want_int(c, r->key, &node_of(c)->items[i], 0, VIRIDIAN_BITS - 1, &bit);
        if (!rc)
            VEC_PUSH(f->viridian_groups, f->n_viridian_groups,
                     mem_printf("%s%s", sign, viridian_name((int)bit)));
    }
    return rc;
}

/* ---- timers ---- */

static int read_hpet(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    tri on = json_want_tri(c, r->key, node_of(c));
    if (on)
        VEC_PUSH(d->clock.timers, d->clock.n_timers,
                 ((struct timer){.name = TIMER_HPET, .present = on}));
    return 0;
}

static int write_hpet(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->clock.n_timers; i++)
        if (d->clock.timers[i].name == TIMER_HPET)
            json_put_tri(c, r->key, d->clock.timers[i].present);
    return 0;
}

/* ---- serial ports, sound, USB ---- */

static int add_serial(struct conf_ctx *c, struct domain *d, const struct json *v, int64_t port)
{
    struct chr chr = {.port = NUM(port)};
    const char *text = json_want_text(c, "serial", v);
    if (!text)
        return -1;
    if (!*text || str_eq(text, "none"))
        return 0;
    if (chr_parse(c, json_pos(v), "serial", text, &chr)) {
        rec_clear(&chr_rec, &chr);
        return -1;
    }
    VEC_PUSH(d->serials, d->n_serials, chr);
    return 0;
}

static int read_serial(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = node_of(c);
    int rc = 0;
    if (node->kind == JSON_STRING)
        return add_serial(c, rec, node, 0);
    rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++)
        rc = add_serial(c, rec, &node->items[i], (int64_t)i);
    return rc;
}

static int64_t port_of(const struct domain *d, size_t i)
{
    return num_or(d->serials[i].port, (int64_t)i);
}

static int put_serial(struct conf_ctx *c, const char *key, const struct domain *d, int64_t port)
{
    CLEANUP_STR struct str word = {0};
    for (size_t i = 0; i < d->n_serials; i++)
        if (port_of(d, i) == port && chr_format(c, "serial", &d->serials[i], &word))
            return -1;
    json_put_string(OUT(c), key, word.len ? word.p : "none");
    return 0;
}

static int write_serial(struct conf_ctx *c, const struct row *r, const void *rec)
{
    enum { PORTS_MAX = 256 };
    const struct domain *d = rec;
    bool is_list = str_eq(r->key, "serial_list");
    int64_t last = -1;
    int rc = 0;
    if (d->n_parallels)
        return conf_error(c, (struct pos){0}, "libxl has no parallel ports");
    for (size_t i = 0; i < d->n_serials; i++)
        if (port_of(d, i) > last)
            last = port_of(d, i);
    if (last >= PORTS_MAX)
        return conf_error(c, (struct pos){0}, "a serial port number is too large");
    if (last < 0 || is_list != (last > 0))
        return 0;
    if (!is_list)
        return put_serial(c, r->key, d, 0);
    json_open(OUT(c), r->key, '[');
    for (int64_t port = 0; port <= last; port++)
        rc |= put_serial(c, NULL, d, port);
    json_close(OUT(c), ']');
    return rc;
}

static int read_sound(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const char *p = json_want_text(c, r->key, node_of(c));
    while (p && *p) {
        size_t n = strcspn(p, ",");
        char *model = mem_strn(p, n);
        if (str_eq(model, "hda"))
            str_set(&model, "ich6");
        VEC_PUSH(d->sounds, d->n_sounds, ((struct sound){.model = model}));
        p += n + (p[n] == ',');
    }
    return p ? 0 : -1;
}

static int write_sound(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_STR struct str text = {0};
    for (size_t i = 0; i < d->n_sounds; i++)
        str_addf(&text, "%s%s", i ? "," : "",
                 str_eq(d->sounds[i].model, "ich6") ? "hda" : d->sounds[i].model);
    if (text.len)
        json_put_string(OUT(c), r->key, text.p);
    return 0;
}

static int add_usbdevice(struct conf_ctx *c, struct domain *d, const struct json *v)
{
    const char *text = json_want_text(c, "usbdevice", v);
    int type = text ? words_find(&input_type_words, text) : -1;
    if (!text)
        return -1;
    if (type == INPUT_MOUSE || type == INPUT_TABLET || type == INPUT_KEYBOARD)
        VEC_PUSH(d->inputs, d->n_inputs,
                 ((struct input){.type = (enum input_type)type, .bus = INPUT_BUS_USB}));
    else
        VEC_PUSH(d->usb_devices, d->n_usb_devices, mem_str(text));
    return 0;
}

static int read_usbdevice(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = node_of(c);
    if (node->kind == JSON_STRING)
        return add_usbdevice(c, rec, node);
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++)
        rc = add_usbdevice(c, rec, &node->items[i]);
    return rc;
}

static int write_usbdevice(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_open = false;
    for (size_t i = 0; i < d->n_inputs; i++) {
        if (d->inputs[i].bus != INPUT_BUS_USB)
            continue;
        if (!is_open)
            json_open(OUT(c), r->key, '[');
        is_open = true;
        json_put_string(OUT(c), NULL, words_name(&input_type_words, (int)d->inputs[i].type));
    }
    if (!is_open && d->n_usb_devices)
        json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < d->n_usb_devices; i++)
        json_put_string(OUT(c), NULL, d->usb_devices[i]);
    if (is_open || d->n_usb_devices)
        json_close(OUT(c), ']');
    return 0;
}

/* ---- the generation id, machine checks, SMBIOS, reserved memory ---- */

static int read_genid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    uint8_t bytes[UUID_LEN] = {0};
    char text[UUID_TEXT];
    const struct json *node = node_of(c);
    if (json_want(c, r->key, node, JSON_ARRAY))
        return -1;
    for (size_t i = 0; i < node->n_items && i < UUID_LEN; i++) {
        int64_t n;
        if (json_want_int(c, r->key, &node->items[i], 0, 255, &n))
            return -1;
        bytes[i] = (uint8_t)n;
    }
    str_set(&d->genid, uuid_format(bytes, text));
    return 0;
}

static int write_genid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    uint8_t bytes[UUID_LEN];
    if (!d->genid && d->ms_vm_genid != TRI_YES)
        return 0;
    if (str_empty(d->genid))
        uuid_random(bytes);
    else if (!uuid_parse(d->genid, bytes))
        return conf_error(c, (struct pos){0}, "the generation id '%s' is no uuid", d->genid);
    json_open(OUT(c), r->key, '[');
    for (int i = 0; i < UUID_LEN; i++)
        json_put_uint(OUT(c), NULL, bytes[i]);
    json_close(OUT(c), ']');
    return 0;
}

bool conf_knows_mca(const char *word)
{
    return str_eq(word, "lmce");
}

static int read_mca(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t bits;
    if (json_want_int(c, r->key, node_of(c), 0, 1, &bits))
        return -1;
    if (bits)
        VEC_PUSH(d->mca_caps, d->n_mca_caps, mem_str("lmce"));
    return 0;
}

static int write_mca(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_mca_caps; i++)
        if (!conf_knows_mca(d->mca_caps[i]))
            return conf_error(c, (struct pos){0}, "unknown machine check capability '%s'",
                              d->mca_caps[i]);
    if (d->n_mca_caps)
        json_put_int(OUT(c), r->key, 1);
    return 0;
}

static const struct row smbios_rows[] = {
    J_STR("key", attr, name),
    J_STR("value", attr, value),
};
const struct row_table json_smbios_table = JSON_TABLE("b_info.type.hvm.smbios.", smbios_rows);

static const struct row rdm_rows[] = {
    J_ENUM("strategy", domain, rdm_strategy, rdm_strategy, &rdm_strategy_words, "ignore"),
    J_KEEP_ENUM("policy", domain, rdm_policy, rdm_policy, &rdm_policy_words),
};
const struct row_table json_rdm_table = JSON_TABLE("b_info.type.hvm.rdm.", rdm_rows);

/* ---- the table ---- */

static int read_tri(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    *(tri *)row_at(r, rec) = json_want_tri(c, r->key, node_of(c));
    return 0;
}

static int write_tri(struct conf_ctx *c, const struct row *r, const void *rec)
{
    json_put_tri(c, r->key, *(const tri *)row_at(r, rec));
    return 0;
}

/* Fields that moved into b_info; written for the Xens up to `last`. */
#define OLD(k, m, last) \
    J_HOOK(k, read_tri, write_tri, .offset = offsetof(struct domain, m), .until = last, \
           .type = "True or False")

static const struct row hvm_rows[] = {
    J_HOOK("firmware", read_firmware, write_firmware, .type = "path", .xml = "<loader>"),
    J_HOOK("bios", read_bios, write_bios, .type = "word", .xml = "<loader type='pflash'>"),
    J_DEFBOOL("pae", domain, features.pae, .xml = "<pae/>"),
    OLD("apic", features.apic, XEN(4, 9)),
    OLD("acpi", features.acpi, XEN(4, 7)),
    J_DEFBOOL("acpi_s3", domain, acpi_s3, .xml = "<pm>"),
    J_DEFBOOL("acpi_s4", domain, acpi_s4, .xml = "<pm>"),
    J_DEFBOOL("acpi_laptop_slate", domain, acpi_laptop_slate, .since = XEN(4, 9)),
    J_DEFBOOL("nx", domain, nx),
    J_DEFBOOL("viridian", domain, features.viridian, .flags = JSON_DROP, .dflt = "False",
              .xml = "<viridian/>"),
    J_HOOK("viridian_enable", read_viridian_bits, write_viridian_bits, .type = "bits",
           .xml = "<hyperv>"),
    J_HOOK("viridian_disable", read_viridian_bits, write_viridian_bits, .type = "bits"),
    R_IGNORE("timeoffset", "libxl has rtc_timeoffset instead"),
    J_HOOK("hpet", read_hpet, write_hpet, .type = "True or False", .xml = "<timer name='hpet'>"),
    J_DEFBOOL("vpt_align", domain, vpt_align),
    J_NUM("mmio_hole_memkb", domain, mmio_hole_kib),
    R_WORDS("timer_mode", domain, timer_mode, timer_mode, &timer_mode_words, .until = XEN(4, 9)),
    OLD("nested_hvm", nested_hvm, XEN(4, 9)),
    J_DEFBOOL("altp2m", domain, altp2m_hvm),
    J_HOOK("system_firmware", read_system_firmware, write_system_firmware, .since = XEN(4, 8),
           .type = "path", .xml = "<loader type='pflash'>"),
    J_STR("smbios_firmware", domain, os.smbios_firmware),
    J_LIST("smbios", domain, smbios, attr, json_smbios_table, .since = XEN(4, 18)),
    J_STR("acpi_firmware", domain, os.acpi_table, .xml = "<acpi><table>"),
    J_ENUM("hdtype", domain, hdtype, hdtype, &hdtype_words, "ide"),
    J_HOOK("nographic", json_read_nographic, json_write_nographic, .type = "True or False"),
    J_HOOK("vga", json_read_vga, json_write_vga, .sub = &json_vga_table, .type = "object",
           .xml = "<video><model type>"),
    J_HOOK("vnc", json_read_hvm_display, json_write_hvm_vnc, .sub = &json_vnc_table,
           .xml = "<graphics type='vnc'>"),
    J_HOOK("sdl", json_read_hvm_display, json_write_hvm_sdl, .sub = &json_sdl_table,
           .xml = "<graphics type='sdl'>"),
    J_HOOK("spice", json_read_hvm_display, json_write_hvm_spice, .sub = &json_spice_table,
           .xml = "<graphics type='spice'>"),
    J_HOOK("keymap", json_read_nothing, json_write_keymap, .type = "text",
           .xml = "<graphics keymap>"),
    J_DEFBOOL("gfx_passthru", domain, gfx_passthru),
    J_ENUM("gfx_passthru_kind", domain, gfx_passthru_kind, gfx_passthru, &gfx_passthru_words,
           "default", .since = XEN(4, 7)),
    J_HOOK("serial", read_serial, write_serial, .type = "device", .xml = "<serial>"),
    J_HOOK("boot", read_boot, write_boot, .type = "letters a c d n", .xml = "<boot dev>"),
    J_DEFBOOL("usb", domain, usb),
    J_NUM("usbversion", domain, usb_version),
    J_HOOK("usbdevice", read_usbdevice, NULL, .type = "word", .xml = "<input bus='usb'>"),
    J_DEFBOOL("vkb_device", domain, vkb_device, .since = XEN(4, 13)),
    J_HOOK("soundhw", read_sound, write_sound, .type = "models", .xml = "<sound>"),
    J_DEFBOOL("xen_platform_pci", domain, xen_platform_pci),
    J_DEFBOOL("xen_platform_pci_bar_uc", domain, xen_platform_pci_bar_uc, .since = XEN(4, 21)),
    J_HOOK("usbdevice_list", read_usbdevice, write_usbdevice, .type = "list",
           .xml = "<input bus='usb'>"),
    J_ENUM("vendor_device", domain, vendor_device, vendor_device, &vendor_device_words, "none"),
    J_HOOK("ms_vm_genid", read_genid, write_genid, .type = "16 numbers", .xml = "<genid>"),
    J_HOOK("serial_list", read_serial, write_serial, .type = "devices", .xml = "<serial>"),
    J_OBJECT("rdm", json_rdm_table),
    J_NUM("rdm_mem_boundary_memkb", domain, rdm_mem_boundary_kib),
    J_HOOK("mca_caps", read_mca, write_mca, .since = XEN(4, 10), .type = "bits"),
    J_DEFBOOL("pirq", domain, hvm_pirq, .since = XEN(4, 19)),
};
const struct row_table json_hvm_table = JSON_TABLE("b_info.type.hvm.", hvm_rows);

/* The clock is one that can be set, and nothing said about a feature is what libxl does: on, but
 * for Hyper-V. */
void json_finish_hvm(struct conf_ctx *c, struct domain *d)
{
    tri *const on[] = {&d->features.acpi, &d->features.apic, &d->features.pae};
    for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
        if (!*on[i])
            *on[i] = TRI_YES;
    if (!d->features.viridian)
        d->features.viridian = TRI_NO;
    d->clock.basis = d->clock.offset == CLOCK_LOCALTIME ? CLOCK_LOCALTIME : CLOCK_UTC;
    d->clock.offset = CLOCK_VARIABLE;
    if (!d->clock.adjustment_s.set)
        d->clock.adjustment_s = NUM(0);
    if (d->n_graphics || d->n_videos || d->nographic == TRI_YES)
        d->vnc = TRI_UNSET; /* "no" means a card that nobody sees: see is_blind */
    if (!d->os.loader.path) {
        str_set(&d->os.loader.path, "/usr/lib/xen/boot/hvmloader");
        d->os.loader.type = LOADER_ROM;
    }
}
