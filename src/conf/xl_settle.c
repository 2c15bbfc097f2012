/* The keys that are no single member, both ways; and the defaults of xl and xm. */
#include "base/vec.h"
#include "conf/xl_doc.h"
#include "conf/xml_domain.h"
#include "model/complete.h"

static const struct field extra_fields[] = {
    F_STR(xl_doc, display.type),
    F_STR(xl_doc, display.vnclisten),
    F_STR(xl_doc, display.vncpasswd),
    F_STR(xl_doc, display.keymap),
    F_STR(xl_doc, display.display),
    F_STR(xl_doc, display.xauthority),
    F_STR(xl_doc, display.videoram),
    F_STR(xl_doc, display.serial),
    F_STR(xl_doc, display.monitor),
    F_STR(xl_doc, display.location),
    F_STR(xl_doc, spice.host),
    F_STR(xl_doc, spice.passwd),
    F_STR(xl_doc, spice.image_compression),
    F_STR(xl_doc, spice.streaming),
    F_STR(xl_doc, boot),
    F_STR(xl_doc, root),
    F_STR(xl_doc, extra),
    F_STR(xl_doc, firmware),
    F_STR(xl_doc, bios_path),
    F_STR(xl_doc, seclabel),
    F_STR(xl_doc, init_seclabel),
    F_STR(xl_doc, vcpu_avail),
};
const struct rec xl_extra_rec = {"keys", sizeof(struct xl_doc), extra_fields,
                                 sizeof(extra_fields) / sizeof(*extra_fields)};

/* ---- clock ---- */
static void settle_clock(struct xl_doc *x, bool is_complete)
{
    struct clock *k = &x->d.clock;
    enum clock_offset zone = x->localtime == TRI_YES ? CLOCK_LOCALTIME : CLOCK_UTC;
    bool is_said = x->localtime || x->rtc_timeoffset.set;
    if (!is_said && !is_complete)
        return;
    if (x->d.type == GUEST_HVM || num_or(x->rtc_timeoffset, 0)) {
        k->offset = CLOCK_VARIABLE;
        k->adjustment_s = NUM(num_or(x->rtc_timeoffset, 0));
        k->basis = zone;
    } else {
        k->offset = zone;
        k->adjustment_reset = TRI_YES;
    }
}

static void spread_clock(struct conf_ctx *c, struct xl_doc *x)
{
    const struct clock *k = &x->d.clock;
    bool is_hvm = x->d.type == GUEST_HVM, is_raw = c->o->flags & CONF_RAW;
    if (!k->offset && is_raw)
        return;
    x->localtime = TRI_NO;
    if (k->offset == CLOCK_LOCALTIME ||
        (k->offset == CLOCK_VARIABLE && k->basis == CLOCK_LOCALTIME))
        x->localtime = TRI_YES;
    if (k->offset == CLOCK_TIMEZONE || k->offset == CLOCK_ABSOLUTE)
        conf_note(c, REPORT_LOST, "clock", xl_pos(c, "clock"),
                  "a clock of kind '%s'; written as UTC",
                  words_name(&clock_offset_words, (int)k->offset));
    if (k->offset == CLOCK_VARIABLE && (is_hvm || num_or(k->adjustment_s, 0)))
        x->rtc_timeoffset = NUM(num_or(k->adjustment_s, 0));
    else if (is_hvm && !is_raw)
        x->rtc_timeoffset = NUM(0);
}

/* ---- boot ---- */
static const char boot_letters[] = "\0acdn"; /* by enum boot_device */

static int settle_boot(struct conf_ctx *c, struct xl_doc *x)
{
    for (const char *p = x->boot; p && *p; p++) {
        const char *at = memchr(boot_letters + 1, *p, 4);
        if (at)
            VEC_PUSH(x->d.os.boot, x->d.os.n_boot, (int)(at - boot_letters));
        else
            conf_note(c, REPORT_LOST, "boot", xl_pos(c, "boot"),
                      "'%c' is no device to boot from: a floppy, c disk, d CD-ROM, n network", *p);
    }
    return 0;
}

static bool comes_first(const struct num *a, const struct num *b)
{
    return a->set && (!b->set || a->v < b->v);
}

/* The lowest boot order above `above`; its letter, 0 when there is none. */
static char next_ordered(const struct domain *d, int64_t above, int64_t *ret)
{
    struct num best = {0};
    char letter = 0;
    for (size_t i = 0; i < d->n_disks; i++) {
        const struct num *n = &d->disks[i].dev.boot_order;
        if (n->v > above && comes_first(n, &best)) {
            best = *n;
            letter = d->disks[i].device == DISK_CDROM    ? 'd'
                     : d->disks[i].device == DISK_FLOPPY ? 'a'
                                                         : 'c';
        }
    }
    for (size_t i = 0; i < d->n_nics; i++) {
        const struct num *n = &d->nics[i].dev.boot_order;
        if (n->v > above && comes_first(n, &best)) {
            best = *n;
            letter = 'n';
        }
    }
    *ret = best.v;
    return letter;
}

/* Letters for the devices' own boot orders: kinds of devices, each once. */
static size_t ordered_letters(struct conf_ctx *c, const struct domain *d, char *text)
{
    size_t n = 0;
    int64_t at = INT64_MIN;
    for (char letter; (letter = next_ordered(d, at, &at));)
        if (!memchr(text, letter, n))
            text[n++] = letter;
    if (n)
        conf_note(c, REPORT_APPROXIMATED, "boot", xl_pos(c, "boot"),
                  "boot orders of devices become the order of their kinds");
    return n;
}

static void spread_boot(struct conf_ctx *c, struct xl_doc *x)
{
    char *text = x->boot_text;
    size_t n = 0;
    for (size_t i = 0; i < x->d.os.n_boot && n < 4; i++) {
        int device = x->d.os.boot[i];
        if (device > 0 && device < 5)
            text[n++] = boot_letters[device];
    }
    if (!n)
        n = ordered_letters(c, &x->d, text);
    text[n] = '\0';
    if (n)
        x->boot = text;
}

/* ---- command line: cmdline, or root= and extra ---- */
static void settle_cmdline(struct conf_ctx *c, struct xl_doc *x)
{
    CLEANUP_STR struct str s = {0};
    if (!x->root && !x->extra)
        return;
    if (x->has_cmdline) {
        conf_note(c, REPORT_WARNING, "cmdline", xl_pos(c, "cmdline"),
                  "root and extra do not count beside cmdline");
        return;
    }
    if (!str_empty(x->root))
        str_addf(&s, "root=%s", x->root);
    if (!str_empty(x->extra))
        str_addf(&s, "%s%s", s.len ? " " : "", x->extra);
    if (s.len)
        x->d.os.cmdline = str_take(&s);
}

static void spread_cmdline(struct xl_doc *x)
{
    const struct os *os = &x->d.os;
    struct str *text = &x->cmdline_text;
    if (!os->cmdline && !os->root && !os->extra)
        return;
    if (os->cmdline)
        str_add(text, os->cmdline);
    else {
        if (os->root)
            str_addf(text, "root=%s", os->root);
        if (os->extra)
            str_addf(text, "%s%s", os->root ? " " : "", os->extra);
    }
    x->d.os.cmdline = (char *)str_get(text);
}

/* ---- firmware ---- */
static const struct {
    const char *word;
    enum bios bios;
} firmwares[] = {{"uefi", BIOS_OVMF},
                 {"ovmf", BIOS_OVMF},
                 {"bios", BIOS_SEABIOS},
                 {"seabios", BIOS_SEABIOS},
                 {"rombios", BIOS_ROMBIOS}};

/* firmware=: one key for what bios=, firmware_override= and a PV boot loader said apart */
static int settle_firmware(struct conf_ctx *c, struct xl_doc *x)
{
    struct os *os = &x->d.os;
    if (str_empty(x->firmware))
        return 0;
    if (x->d.type != GUEST_HVM) {
        str_set(&os->native_firmware, x->firmware);
        if (os->kernel && !(c->o->flags & CONF_RAW))
            return conf_error(c, xl_pos(c, "firmware"),
                              "both 'kernel' and 'firmware' are said: a %s guest has one of them",
                              words_name(&guest_type_words, (int)x->d.type));
        return 0;
    }
    for (size_t i = 0; i < sizeof(firmwares) / sizeof(*firmwares); i++)
        if (!strcmp(firmwares[i].word, x->firmware)) {
            os->bios = firmwares[i].bios;
            return 0;
        }
    str_set(&os->hvmloader, x->firmware);
    return 0;
}

/* UEFI is a flash loader in XML, with the image's path; the rest are ROMs. */
static void settle_loader(struct conf_ctx *c, struct xl_doc *x)
{
    struct os *os = &x->d.os;
    bool is_complete = !(c->o->flags & CONF_RAW);
    if (x->d.type != GUEST_HVM)
        return;
    if (os->bios == BIOS_OVMF && (x->bios_path || is_complete)) {
        os->bios = 0;
        os->loader.type = LOADER_PFLASH;
        os->loader.readonly = TRI_YES;
        str_set(&os->loader.path, x->bios_path ? x->bios_path : caps_ovmf(c->o->caps));
    } else if (x->bios_path) {
        str_set(&os->loader.path, x->bios_path);
        os->loader.type = LOADER_PFLASH;
    } else if (os->hvmloader && is_complete) {
        os->loader.type = LOADER_ROM;
        os->loader.path = take(os->hvmloader);
    } else if (is_complete && !os->loader.path) {
        os->loader.type = LOADER_ROM;
        str_set(&os->loader.path, caps_loader(c->o->caps));
    }
}

static void spread_loader(struct xl_doc *x)
{
    struct os *os = &x->d.os;
    const struct loader *l = &os->loader;
    const char *name = l->path ? strrchr(l->path, '/') : NULL;
    if (x->d.type != GUEST_HVM) {
        x->firmware = os->native_firmware;
        return;
    }
    if (l->type == LOADER_PFLASH || (!l->type && str_eq(os->firmware, "efi"))) {
        if (!os->bios && (l->readonly == TRI_YES || l->type != LOADER_PFLASH))
            os->bios = BIOS_OVMF;
        x->bios_path = l->path;
    } else if (l->path && !str_eq(name ? name + 1 : l->path, "hvmloader") && !os->hvmloader)
        os->hvmloader = l->path; /* not the usual one under whatever path */
}

/* ---- seclabel ---- */
static void settle_seclabel(struct xl_doc *x)
{
    if (str_empty(x->seclabel))
        return;
    struct seclabel *s = DOMAIN_ADD(&x->d, seclabels);
    s->type = SECLABEL_STATIC;
    s->model = mem_str("flask");
    s->relabel = TRI_NO;
    s->label = take(x->seclabel);
}

static void spread_seclabel(struct xl_doc *x)
{
    for (size_t i = 0; i < x->d.n_seclabels; i++)
        if (x->d.seclabels[i].type == SECLABEL_STATIC && x->d.seclabels[i].label)
            x->seclabel = x->d.seclabels[i].label;
    if (!x->seclabel)
        x->seclabel = x->d.seclabel_native;
}

/* ---- video ---- */
static const struct {
    enum xl_vga xl;
    enum video_type type;
    int64_t vram_kib; /* what completing gives it */
} cards[] = {{XL_VGA_CIRRUS, VIDEO_CIRRUS, 8192},
             {XL_VGA_STDVGA, VIDEO_VGA, 16384},
             {XL_VGA_QXL, VIDEO_QXL, 131072},
             {XL_VGA_NONE, VIDEO_NONE, 0}};
enum { CARDS = sizeof(cards) / sizeof(*cards), XM_VRAM_KIB = 4096 };

static void settle_video(struct xl_doc *x)
{
    enum xl_vga vga = x->vga ? x->vga : x->stdvga == TRI_YES ? XL_VGA_STDVGA : 0;
    if (x->stdvga == TRI_NO && !vga)
        vga = XL_VGA_CIRRUS;
    if (!vga && !x->videoram_kib.set)
        return;
    if (!vga)
        vga = XL_VGA_CIRRUS;
    struct video *v = DOMAIN_ADD(&x->d, videos);
    for (size_t i = 0; i < CARDS; i++)
        if (cards[i].xl == vga)
            v->type = cards[i].type;
    v->vram_kib = x->videoram_kib;
}

static void spread_video(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect)
{
    const struct video *v = x->d.n_videos ? &x->d.videos[0] : NULL;
    bool is_raw = c->o->flags & CONF_RAW;
    for (size_t i = 0; v && i < CARDS; i++) {
        if (cards[i].type != v->type)
            continue;
        if (v->type != VIDEO_CIRRUS || is_raw)
            x->vga = cards[i].xl;
        if (v->vram_kib.set && (is_raw || v->vram_kib.v != cards[i].vram_kib) &&
            !(dialect == CFG_XM && v->vram_kib.v == XM_VRAM_KIB && !is_raw))
            x->videoram_kib = v->vram_kib;
        if (!x->d.n_graphics && !is_raw)
            x->vga = cards[i].xl; /* otherwise nothing would tell that there is one */
    }
}

/* ---- displays ---- */
/* The keys of a display outside of a vfb count for an HVM guest, and with vnc=1 for a PV guest that
 * has no vfb. */
static void settle_top_display(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect)
{
    struct domain *d = &x->d;
    struct xl_display *w = &x->display;
    bool is_hvm = d->type == GUEST_HVM;
    struct num vfb = {.set = !is_hvm};
    bool is_xl_pv = d->type == GUEST_PV && w->vnc == TRI_YES;
    if (is_hvm || (!d->n_graphics && (is_xl_pv || dialect == CFG_XM)))
        xl_settle_display(c, d, w, is_hvm || w->vnc != TRI_YES ? (struct num){0} : vfb);
    else if (w->vnc == TRI_YES || w->sdl == TRI_YES)
        conf_note(c, REPORT_WARNING, w->vnc == TRI_YES ? "vnc" : "sdl",
                  xl_pos(c, w->vnc == TRI_YES ? "vnc" : "sdl"), "ignored as xl does: %s",
                  d->n_graphics          ? "the guest has a vfb"
                  : d->type == GUEST_PVH ? "a PVH guest's displays are in vfb"
                                         : "without vnc=1 or vfb a PV guest has no display");
    if (!is_hvm && d->n_graphics == 1)
        d->graphics[0].vfb = (struct num){0};
}

/* xl turns VNC on where nobody says that it shall be off. */
static bool is_vnc_by_default(const struct xl_doc *x)
{
    const struct domain *d = &x->d;
    return d->type == GUEST_HVM && !x->display.vnc && x->display.sdl != TRI_YES &&
           d->spice != TRI_YES && d->nographic != TRI_YES;
}

static bool says_vnc(const struct xl_display *w)
{
    return w->vncunused || w->vncdisplay.set || w->vnclisten || w->vncpasswd || w->keymap;
}

/* Keys that have an effect beside another one only. */
static void tell_idle(struct conf_ctx *c, const char *key, bool is_said, const char *other)
{
    if (is_said)
        conf_note(c, REPORT_WARNING, key, xl_pos(c, key), "has no effect without %s", other);
}

static void tell_idle_displays(struct conf_ctx *c, const struct xl_doc *x)
{
    const struct xl_display *w = &x->display;
    const struct xl_spice *s = &x->spice;
    bool has_sdl = w->sdl == TRI_YES, has_vnc = w->vnc == TRI_YES;
    if (x->d.type == GUEST_HVM && x->d.spice != TRI_YES) {
        tell_idle(c, "spiceport", s->port.set, "spice=1");
        tell_idle(c, "spicetls_port", s->tls_port.set, "spice=1");
        tell_idle(c, "spicehost", s->host, "spice=1");
        tell_idle(c, "spicepasswd", s->passwd, "spice=1");
        tell_idle(c, "spicedisable_ticketing", s->disable_ticketing, "spice=1");
        tell_idle(c, "spiceagent_mouse", s->agent_mouse, "spice=1");
        tell_idle(c, "spicevdagent", s->vdagent, "spice=1");
        tell_idle(c, "spice_clipboard_sharing", s->clipboard, "spice=1");
        tell_idle(c, "spiceusbredirection", s->usbredirection.set, "spice=1");
        tell_idle(c, "spice_image_compression", s->image_compression, "spice=1");
        tell_idle(c, "spice_streaming_video", s->streaming, "spice=1");
    }
    if (!has_sdl) {
        tell_idle(c, "display", w->display, "sdl=1");
        tell_idle(c, "xauthority", w->xauthority, "sdl=1");
        tell_idle(c, "opengl", w->opengl == TRI_YES, "sdl=1");
    }
    if (!has_vnc) {
        tell_idle(c, "vnclisten", w->vnclisten, "vnc=1");
        tell_idle(c, "vncpasswd", w->vncpasswd, "vnc=1");
        tell_idle(c, "vncdisplay", w->vncdisplay.set, "vnc=1");
    }
}

static void settle_displays(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect)
{
    struct domain *d = &x->d;
    bool is_raw = c->o->flags & CONF_RAW;
    struct pos none = {0};
    if (dialect == CFG_XL && is_vnc_by_default(x) && (!is_raw || says_vnc(&x->display)))
        x->display.vnc = TRI_YES;
    else if (dialect == CFG_XL && d->type == GUEST_HVM && !x->display.vnc &&
             d->nographic != TRI_YES && !is_raw)
        conf_note(c, REPORT_APPROXIMATED, d->spice == TRI_YES ? "spice" : "sdl", none,
                  "xl would offer VNC too, since vnc=0 is not said; it is left out");
    tell_idle_displays(c, x);
    if (d->spice == TRI_YES && d->type == GUEST_HVM)
        xl_settle_spice(x);
    settle_top_display(c, x, dialect);
    d->spice = TRI_UNSET;
    if (!d->n_graphics && d->type == GUEST_HVM)
        d->vnc = x->display.vnc;
}

static void spread_displays(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect)
{
    struct domain *d = &x->d;
    bool done[GFX_DBUS + 1] = {0};
    if (d->type != GUEST_HVM)
        return;
    for (size_t i = 0; i < d->n_graphics; i++) {
        const struct graphics *g = &d->graphics[i];
        bool is_known = g->type == GFX_VNC || g->type == GFX_SDL || g->type == GFX_SPICE;
        if (!is_known || done[g->type])
            conf_note(c, REPORT_LOST, "graphics", xl_pos(c, "graphics"), "%s display of type '%s'",
                      is_known ? "another" : "a", words_name(&gfx_type_words, (int)g->type));
        else if (g->type == GFX_SPICE)
            xl_spread_spice(g, &x->spice);
        else
            xl_spread_display(g, &x->display);
        done[g->type] = true;
    }
    x->display.vnc = x->display.vnc ? x->display.vnc : d->vnc;
    if (!d->n_graphics && !x->display.vnc && dialect == CFG_XL && !(c->o->flags & CONF_RAW))
        x->display.vnc = TRI_NO;
}

static bool has_usb(const struct domain *d)
{
    bool any = d->n_usb_devices;
    for (size_t i = 0; i < d->n_inputs; i++)
        any |= d->inputs[i].bus == INPUT_BUS_USB;
    return any;
}

/* xm names a guest by its file where nothing else does. */
static int name_from_file(struct conf_ctx *c, struct domain *d)
{
    const char *path = c->o->filename, *slash = path ? strrchr(path, '/') : NULL;
    const char *base = slash ? slash + 1 : path;
    if (str_empty(base))
        return conf_error(c, (struct pos){0}, "the guest has no name: expected name = \"...\"");
    free(d->name);
    d->name = mem_strn(base, strlen(base) - (str_ends(base, ".cfg") ? strlen(".cfg") : 0));
    conf_note(c, REPORT_WARNING, "name", xl_pos(c, "name"), "not said; taken from the file's: '%s'",
              d->name);
    return 0;
}

/* ---- pci ---- */
static void default_tri(tri *t, tri value)
{
    if (!*t)
        *t = value;
}

/* xl shows the host's memory map to a PV guest that has a PCI device. */
static void settle_pci(struct xl_doc *x, enum cfg_dialect dialect)
{
    struct domain *d = &x->d;
    bool any = false;
    for (size_t i = 0; i < d->n_hostdevs; i++)
        any |= d->hostdevs[i].type == HOSTDEV_PCI;
    if (any && dialect == CFG_XL && d->type == GUEST_PV)
        default_tri(&d->features.e820_host, TRI_YES);
}

/* ---- all ---- */
int xl_settle(struct conf_ctx *c, struct xl_doc *x)
{
    bool is_complete = !(c->o->flags & CONF_RAW);
    if (!x->d.type)
        x->d.type = GUEST_PV;
    settle_clock(x, is_complete);
    settle_boot(c, x);
    settle_cmdline(c, x);
    int rc = settle_firmware(c, x);
    settle_loader(c, x);
    settle_seclabel(x);
    settle_video(x);
    if (is_complete)
        xml_say_nested(&x->d);
    settle_displays(c, x, cfg_out(c)->dialect);
    if (is_complete)
        settle_pci(x, cfg_out(c)->dialect);
    if (x->d.usb == TRI_YES && has_usb(&x->d))
        x->d.usb = TRI_UNSET; /* the devices say it */
    return is_complete && str_empty(x->d.name) ? name_from_file(c, &x->d) : rc;
}

static void default_num(struct num *n, struct num value)
{
    if (!n->set)
        *n = value;
}

enum { MEMORY_KIB = 128 * 1024 }; /* xm's default; libvirt's for xl too */

static int default_sizes(struct conf_ctx *c, struct domain *d, enum cfg_dialect dialect)
{
    if (!d->memory_kib.set && !d->memory_max_kib.set) {
        conf_note(c, REPORT_WARNING, "memory", xl_pos(c, "memory"), "not said; 128 MiB are taken");
        d->memory_kib = NUM(MEMORY_KIB);
    }
    default_num(&d->memory_max_kib, d->memory_kib);
    default_num(&d->memory_kib, d->memory_max_kib);
    default_num(&d->vcpus, NUM(1));
    default_num(&d->vcpus_max, d->vcpus);
    if (d->memory_max_kib.v < d->memory_kib.v)
        conf_note(c, REPORT_APPROXIMATED, "memory", xl_pos(c, "memory"),
                  "more than maxmem, which wins");
    if (d->vcpus.v <= d->vcpus_max.v)
        return 0;
    if (dialect == CFG_XL)
        return conf_error(c, xl_pos(c, "maxvcpus"), "'maxvcpus' is %lld, below 'vcpus' = %lld",
                          (long long)d->vcpus_max.v, (long long)d->vcpus.v);
    d->vcpus_max = d->vcpus;
    return 0;
}

int xl_defaults(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect)
{
    struct domain *d = &x->d;
    int rc = default_sizes(c, d, dialect);
    if (!d->on_poweroff)
        d->on_poweroff = LIFE_DESTROY;
    if (!d->on_reboot)
        d->on_reboot = LIFE_RESTART;
    if (!d->on_crash)
        d->on_crash = dialect == CFG_XM ? LIFE_RESTART : LIFE_DESTROY;
    if (d->type == GUEST_HVM) {
        if (d->features.pae == TRI_NO)
            conf_note(c, REPORT_LOST, "pae", xl_pos(c, "pae"),
                      "an x86_64 HVM guest always has it in libvirt's XML");
        default_tri(&d->features.acpi, TRI_YES);
        default_tri(&d->features.apic, TRI_YES);
        default_tri(&d->features.pae, TRI_YES);
        if (!d->features.n_viridian_groups)
            default_tri(&d->features.viridian, TRI_NO);
        if (!d->os.n_boot)
            VEC_PUSH(d->os.boot, d->os.n_boot, BOOT_HD);
    }
    return rc;
}

void xl_spread(struct conf_ctx *c, struct xl_doc *x, enum cfg_dialect dialect)
{
    spread_clock(c, x);
    spread_boot(c, x);
    if (dialect == CFG_XL)
        spread_cmdline(x);
    spread_loader(x);
    spread_seclabel(x);
    spread_video(c, x, dialect);
    spread_displays(c, x, dialect);
}
