/* (image (hvm ...)) and (image (linux ...)): the operating system, features, and the devices that
 * qemu makes for itself. */
#include "base/vec.h"
#include "conf/chr.h"
#include "conf/sxp_rows.h"

#define DEFAULT_LOADER "/usr/lib/xen/boot/hvmloader"

static int refuse(struct conf_ctx *c, const char *what)
{
    return conf_error(c, (struct pos){0}, "%s", what);
}

/* ---- what boots ---- */

/* An HVM image's kernel is its firmware, unless a loader stands beside it. */
static int read_os(struct conf_ctx *c, struct domain *d, const struct sxp *image)
{
    const char *kernel = sxp_value(sxp_find(image, "kernel"));
    const char *loader = sxp_value(sxp_find(image, "loader"));
    bool has_kernel = !str_empty(kernel), has_loader = !str_empty(loader);
    if (d->type == GUEST_HVM) {
        if (!has_loader && !has_kernel)
            return conf_error(c, sxp_pos(image),
                              "an hvm image needs a (loader ...) or a (kernel ...)");
        str_set(&d->os.loader.path, has_loader ? loader : kernel);
        d->os.loader.type = LOADER_ROM;
        if (has_loader && has_kernel && strcmp(kernel, loader) != 0)
            str_set(&d->os.kernel, kernel);
        return 0;
    }
    if (has_kernel)
        str_set(&d->os.kernel, kernel);
    else if (!sxp_find(sxp_io(c)->domain, "bootloader"))
        return conf_error(c, sxp_pos(image),
                          "there is neither a (kernel ...) nor a (bootloader ...)");
    return 0;
}

/* A boot loader finds its own kernel; xend looks at these only without one. */
static int write_file(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    const char *text = *(char *const *)(const void *)((const char *)rec + r->offset);
    if (!text)
        return 0;
    if (d->type != GUEST_HVM && !str_empty(d->bootloader))
        conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "'%s': the boot loader finds its own",
                  text);
    else
        sxp_put_text(sxp_io(c)->out, r->key, text);
    return 0;
}

static int write_loader(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_pflash = d->os.loader.type == LOADER_PFLASH;
    if (is_pflash)
        conf_note(c, REPORT_LOST, "os/loader", (struct pos){0}, "xend has no UEFI firmware");
    const char *path = d->os.loader.path && !is_pflash ? d->os.loader.path : DEFAULT_LOADER;
    sxp_put_text(sxp_io(c)->out, d->os.kernel ? "loader" : "kernel", path);
    return 0;
}

static const char boot_letters[] = " acdn"; /* by enum boot_device */

static int read_boot(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    for (const char *p = v->text ? v->text : ""; *p; p++) {
        const char *at = *p == ' ' ? NULL : strchr(boot_letters, *p);
        if (at)
            VEC_PUSH(d->os.boot, d->os.n_boot, (int)(at - boot_letters));
        else
            conf_note(c, REPORT_LOST, "image/boot", sxp_pos(sxp_io(c)->node),
                      "'%c' is none of the letters a, c, d and n", *p);
    }
    return 0;
}

static int write_boot(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_STR struct str letters = {0};
    for (size_t i = 0; i < d->os.n_boot; i++)
        str_addc(&letters, boot_letters[d->os.boot[i]]);
    sxp_put_word(sxp_io(c)->out, "boot", letters.len ? letters.p : "c");
    return 0;
}

/* xend said the guest's own numbers here once more. */
static int read_again(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct sxp *first = sxp_find(sxp_io(c)->domain, r->key);
    uint64_t here, there;
    if (v->kind == VALUE_NONE)
        return 0;
    if (!parse_u64(v->text, 10, INT64_MAX, &here))
        return conf_error(c, v->pos, "'%s' is not a number: '%s'", r->key, v->text);
    if (!sxp_value(first) || !parse_u64(sxp_value(first), 10, INT64_MAX, &there) || here != there) {
        CLEANUP_FREE char *key = mem_printf("image/%s", r->key);
        conf_note(c, REPORT_LOST, key, sxp_pos(sxp_io(c)->node), "the domain's own '%s' counts",
                  r->key);
    }
    return 0;
}

static int write_vcpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    sxp_put_number(sxp_io(c)->out, "vcpus", num_or(d->vcpus_max, num_or(d->vcpus, 1)));
    sxp_write_vcpu_avail(c, d);
    return 0;
}

/* ---- devices ---- */

/* The writer says (usb 1) of every HVM guest, so only the opposite says something. */
static int read_usb(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (v->text && !strcmp(v->text, "0"))
        d->usb = TRI_NO;
    return 0;
}

static int write_usb(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    sxp_put_number(sxp_io(c)->out, "usb", d->usb != TRI_NO);
    return 0;
}

static int read_usbdevice(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int type = v->text ? words_find(&input_type_words, v->text) : -1;
    if (v->kind != VALUE_STRING)
        return 0;
    if (type == INPUT_MOUSE || type == INPUT_TABLET || type == INPUT_KEYBOARD)
        VEC_PUSH(d->inputs, d->n_inputs,
                 ((struct input){.type = (enum input_type)type, .bus = INPUT_BUS_USB}));
    else
        VEC_PUSH(d->usb_devices, d->n_usb_devices, mem_str(v->text));
    return 0;
}

static int write_usbdevice(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_inputs; i++)
        if (d->inputs[i].bus == INPUT_BUS_USB)
            sxp_put_word(sxp_io(c)->out, r->key,
                         words_name(&input_type_words, (int)d->inputs[i].type));
    for (size_t i = 0; i < d->n_usb_devices; i++)
        sxp_put_word(sxp_io(c)->out, r->key, d->usb_devices[i]);
    return 0;
}

static int add_serial(struct conf_ctx *c, struct domain *d, const struct sxp *word, size_t port)
{
    struct chr chr = {.port = NUM(port)};
    if (!word->text)
        return conf_error(c, sxp_pos(word), "'serial' wants a list of words");
    if (!*word->text || !strcmp(word->text, "none"))
        return 0;
    if (chr_parse(c, sxp_pos(word), "serial", word->text, &chr)) {
        rec_clear(&chr_rec, &chr);
        return -1;
    }
    VEC_PUSH(d->serials, d->n_serials, chr);
    return 0;
}

/* (serial W) or (serial (W none W)); "none" leaves a hole in the port numbers. */
static int read_serial(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct sxp *list = sxp_io(c)->node;
    int rc = 0;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_LIST)
        return add_serial(c, rec, &list->items[1], 0);
    const struct sxp *words = &list->items[1];
    if (words->n_items == 1 && !words->items[0].text)
        words = &words->items[0];
    for (size_t i = 0; i < words->n_items; i++)
        rc |= add_serial(c, rec, &words->items[i], i);
    return rc;
}

static int64_t serial_port(const struct domain *d, size_t i)
{
    return num_or(d->serials[i].port, (int64_t)i);
}

static int write_serial_at(struct conf_ctx *c, const struct domain *d, int64_t port)
{
    CLEANUP_STR struct str word = {0};
    for (size_t i = 0; i < d->n_serials; i++) {
        if (serial_port(d, i) != port)
            continue;
        if (chr_format(c, "serial", &d->serials[i], &word))
            return -1;
        sxp_add_word(sxp_io(c)->out, str_get(&word));
        return 0;
    }
    str_add(sxp_io(c)->out, "none");
    return 0;
}

static int write_serial(struct conf_ctx *c, const struct row *r, const void *rec)
{
    enum { PORTS_MAX = 256 };
    const struct domain *d = rec;
    struct str *out = sxp_io(c)->out;
    int64_t last = 0;
    int rc = 0;
    for (size_t i = 0; i < d->n_serials; i++)
        if (serial_port(d, i) > last)
            last = serial_port(d, i);
    if (last >= PORTS_MAX)
        return refuse(c, "a serial port number is too large");
    str_add(out, last ? "(serial (" : "(serial ");
    for (int64_t port = 0; port <= last; port++) {
        if (port)
            str_addc(out, ' ');
        rc |= write_serial_at(c, d, port);
    }
    str_add(out, last ? "))" : ")");
    return rc;
}

static int read_parallel(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct chr chr = {.port = NUM(0)};
    if (v->kind == VALUE_NONE || !strcmp(v->text, "none"))
        return 0;
    if (chr_parse(c, v->pos, "parallel", v->text, &chr)) {
        rec_clear(&chr_rec, &chr);
        return -1;
    }
    VEC_PUSH(d->parallels, d->n_parallels, chr);
    return 0;
}

static int write_parallel(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_STR struct str word = {0};
    if (d->n_parallels > 1)
        conf_note(c, REPORT_LOST, "devices/parallel", (struct pos){0},
                  "xend has one parallel port; the first is taken");
    if (d->n_parallels && chr_format(c, "parallel", &d->parallels[0], &word))
        return -1;
    sxp_put_word(sxp_io(c)->out, "parallel", word.len ? word.p : "none");
    return 0;
}

static int add_sound(struct conf_ctx *c, struct domain *d, struct pos pos, char *model)
{
    static const char *const known[] = {"sb16", "es1370", "pcspk", "ac97", "ich6"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(known[i], model) != 0)
            continue;
        VEC_PUSH(d->sounds, d->n_sounds, ((struct sound){.model = model}));
        return 0;
    }
    int rc = conf_error(
        c, pos, "unknown sound model '%s' (known: sb16, es1370, pcspk, ac97, ich6, all)", model);
    free(model);
    return rc;
}

static int read_sound(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    int rc = 0;
    const char *p = v->text;
    if (v->kind != VALUE_STRING)
        return 0;
    if (!strcmp(p, "all"))
        p = "sb16,es1370";
    for (;; p++) {
        size_t n = strcspn(p, ",");
        rc |= add_sound(c, rec, v->pos, mem_strn(p, n));
        p += n;
        if (!*p)
            return rc;
    }
}

static int write_sound(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_STR struct str models = {0};
    for (size_t i = 0; i < d->n_sounds; i++)
        str_addf(&models, "%s%s", i ? "," : "", d->sounds[i].model);
    if (models.len)
        sxp_put_text(sxp_io(c)->out, "soundhw", models.p);
    return 0;
}

static int read_floppy(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (v->kind != VALUE_STRING)
        return 0;
    struct disk k = {.type = DISK_FILE,
                     .device = DISK_FLOPPY,
                     .bus = BUS_FDC,
                     .target = mem_str(r->key),
                     .source = mem_str(v->text)};
    size_t at = 0;
    while (at < d->n_disks && d->disks[at].device == DISK_FLOPPY)
        at++;
    DOMAIN_ADD(d, disks);
    memmove(&d->disks[at + 1], &d->disks[at], (d->n_disks - 1 - at) * sizeof(k));
    d->disks[at] = k;
    return 0;
}

static int write_floppy(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_disks; i++)
        if (d->disks[i].device == DISK_FLOPPY && str_eq(d->disks[i].target, r->key) &&
            !str_empty(d->disks[i].source))
            sxp_put_text(sxp_io(c)->out, r->key, d->disks[i].source);
    return 0;
}

/* Before 3.0.3 the CD-ROM stood here; it is the third disk of the IDE bus. */
static int read_cdrom(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (v->kind != VALUE_STRING)
        return 0;
    struct disk *k = DOMAIN_ADD(d, disks);
    k->type = DISK_FILE;
    k->device = DISK_CDROM;
    k->driver = mem_str("file");
    k->bus = BUS_IDE;
    k->target = mem_str("hdc");
    k->source = mem_str(v->text);
    k->readonly = TRI_YES;
    return 0;
}

static int read_stdvga(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (v->kind == VALUE_STRING && strcmp(v->text, "0") != 0)
        DOMAIN_ADD(d, videos)->type = VIDEO_VGA;
    return 0;
}

static int write_stdvga(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->n_videos && d->videos[0].type == VIDEO_VGA)
        sxp_put_number(sxp_io(c)->out, "stdvga", 1);
    return 0;
}

/* ---- timers ---- */

static int read_hpet(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    uint32_t on;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_STRING || !parse_u32(v->text, 0, UINT32_MAX, &on))
        return conf_error(c, v->pos, "'hpet' must be 0 or 1");
    sxp_timer(rec, TIMER_HPET)->present = on ? TRI_YES : TRI_NO;
    return 0;
}

static int write_hpet(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->clock.n_timers; i++)
        if (d->clock.timers[i].name == TIMER_HPET && d->clock.timers[i].present)
            sxp_put_number(sxp_io(c)->out, "hpet", d->clock.timers[i].present == TRI_YES);
    return 0;
}

static int write_tsc(struct conf_ctx *c, const struct row *r, const void *rec)
{
    static const int numbers[] = {
        [TSC_AUTO] = 0, [TSC_EMULATE] = 1, [TSC_NATIVE] = 2, [TSC_PARAVIRT] = 3, [TSC_SMPSAFE] = 0};
    const struct domain *d = rec;
    for (size_t i = 0; i < d->clock.n_timers; i++) {
        const struct timer *t = &d->clock.timers[i];
        if (t->name == TIMER_TSC && numbers[t->mode])
            sxp_put_number(sxp_io(c)->out, "tsc_mode", numbers[t->mode]);
        else if (t->name != TIMER_TSC && t->name != TIMER_HPET)
            conf_note(c, REPORT_LOST, "clock/timer", (struct pos){0}, "xend has no timer '%s'",
                      words_name(&timer_name_words, (int)t->name));
    }
    return 0;
}

static const char *const timer_mode_numbers[] = {NULL, "0", "1", "2", "3"};
static const struct words timer_mode_digits = {timer_mode_numbers, 5};

static int write_timer_mode(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->timer_mode && d->timer_mode != TIMER_MODE_NO_DELAY_FOR_MISSED_TICKS)
        sxp_put_number(sxp_io(c)->out, "timer_mode", (int)d->timer_mode - 1);
    return 0;
}

static int write_rtc(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    sxp_put_number(sxp_io(c)->out, r->key, num_or(d->clock.adjustment_s, 0));
    return 0;
}

static int write_localtime(struct conf_ctx *c, const struct row *r, const void *rec)
{
    int basis = sxp_clock_basis(c, rec);
    if (basis >= 0)
        sxp_put_number(sxp_io(c)->out, "localtime", basis);
    return basis < 0 ? -1 : 0;
}

/* ---- the table ---- */

#define XM(member) .offset = offsetof(struct domain, xm.member)
#define ZERO .flags = SXP_DROP, .dflt = "0"
#define GRAPHICS(k, what) \
    R_HOOK(k, sxp_read_nothing, NULL, .flags = ROW_READ_ONLY, .applies = ROW_ANY, .doc = what, \
           .xml = "<graphics>")

static const struct row image_rows[] = {
    R_HOOK("kernel", sxp_read_nothing, write_file, .offset = offsetof(struct domain, os.kernel),
           .type = "path", .doc = "kernel; without a loader an hvm guest's firmware",
           .xml = "<kernel>, <loader>"),
    R_STR("ramdisk", domain, os.initrd, .write = write_file, .doc = "initial ramdisk",
          .xml = "<initrd>"),
    R_STR("root", domain, os.root, .write = write_file, .doc = "root= of the command line",
          .xml = "<root>"),
    R_STR("args", domain, os.cmdline, .doc = "kernel command line", .xml = "<cmdline>"),
    R_HOOK("loader", sxp_read_nothing, write_loader, .applies = ROW_HVM, .type = "path",
           .doc = "firmware", .xml = "<loader>"),
    R_HOOK("vcpus", read_again, write_vcpus, .applies = ROW_HVM, .type = "number",
           .doc = "number of vCPUs, again", .xml = "<vcpu>"),
    R_HOOK("vcpu_avail", read_again, NULL, .flags = ROW_READ_ONLY, .type = "bit mask",
           .doc = "vCPUs that are on, again", .xml = "<vcpu current>"),
    R_HOOK("boot", read_boot, write_boot, .applies = ROW_HVM, .type = "letters a c d n",
           .dflt = "c", .doc = "boot order", .xml = "<boot dev>"),
    R_TRI("acpi", domain, features.acpi, .applies = ROW_HVM, .flags = SXP_YES_ONLY, .dflt = "0",
          .doc = "ACPI tables", .xml = "<acpi/>"),
    R_TRI("apic", domain, features.apic, .applies = ROW_HVM, .flags = SXP_YES_ONLY, .dflt = "0",
          .doc = "APIC", .xml = "<apic/>"),
    R_TRI("pae", domain, features.pae, .applies = ROW_HVM, .flags = SXP_YES_ONLY, .dflt = "0",
          .doc = "physical address extension", .xml = "<pae/>"),
    R_TRI("hap", domain, features.hap, .applies = ROW_HVM, .doc = "hardware assisted paging",
          .xml = "<hap/>"),
    R_TRI("viridian", domain, features.viridian, .applies = ROW_HVM, .flags = SXP_YES_ONLY,
          .dflt = "0", .doc = "Hyper-V interfaces", .xml = "<viridian/>"),
    R_HOOK("usb", read_usb, write_usb, .applies = ROW_HVM, .type = "0 or 1",
           .doc = "USB controller"),
    R_HOOK("usbdevice", read_usbdevice, write_usbdevice, .applies = ROW_HVM, .flags = SXP_REPEATED,
           .type = "word", .doc = "tablet, mouse, keyboard or another word of qemu",
           .xml = "<input bus='usb'>"),
    R_HOOK("parallel", read_parallel, write_parallel, .applies = ROW_HVM, .type = "device",
           .doc = "parallel port", .xml = "<parallel>"),
    R_HOOK("serial", read_serial, write_serial, .applies = ROW_HVM, .flags = SXP_LIST,
           .type = "device or list", .doc = "serial ports", .xml = "<serial>"),
    R_HOOK("soundhw", read_sound, write_sound, .applies = ROW_HVM, .type = "models",
           .doc = "sound cards, or all", .xml = "<sound>"),
    R_STR("device_model", domain, emulator, .doc = "path of qemu", .xml = "<emulator>"),
    R_HOOK("hpet", read_hpet, write_hpet, .applies = ROW_HVM, .type = "0 or 1",
           .doc = "high precision timer", .xml = "<timer name='hpet'>"),
    R_HOOK("vnc", sxp_read_nothing, sxp_write_image_graphics, .type = "0 or 1",
           .doc = "VNC server; all these only without a vfb device", .xml = "<graphics>"),
    GRAPHICS("vncunused", "take a free port"),
    GRAPHICS("vncdisplay", "port less 5900"),
    GRAPHICS("vnclisten", "address"),
    GRAPHICS("vncpasswd", "password"),
    GRAPHICS("keymap", "keyboard layout"),
    GRAPHICS("sdl", "a window on the host"),
    GRAPHICS("display", "X display"),
    GRAPHICS("xauthority", "X credentials"),
    GRAPHICS("opengl", "OpenGL in the window"),
    GRAPHICS("spice", "SPICE server (patched xend)"),
    GRAPHICS("spicehost", "address"),
    GRAPHICS("spiceport", "port"),
    GRAPHICS("spicetls_port", "port for TLS"),
    GRAPHICS("spice_disable_ticketing", "no password"),
    GRAPHICS("spicepasswd", "password"),
    GRAPHICS("spiceagent_mouse", "mouse by the agent"),
    R_HOOK("fda", read_floppy, write_floppy, .applies = ROW_HVM, .type = "path",
           .doc = "first floppy", .xml = "<disk device='floppy'>"),
    R_HOOK("fdb", read_floppy, write_floppy, .applies = ROW_HVM, .type = "path",
           .doc = "second floppy", .xml = "<disk device='floppy'>"),
    R_HOOK("cdrom", read_cdrom, NULL, .applies = ROW_HVM, .flags = ROW_READ_ONLY | ROW_DEPRECATED,
           .type = "path", .doc = "old place of the CD-ROM", .xml = "<disk device='cdrom'>"),
    R_WORDS("timer_mode", domain, timer_mode, timer_mode, &timer_mode_digits,
            .write = write_timer_mode, .flags = SXP_DROP, .dflt = "1", .doc = "missed timer ticks"),
    R_TRI("vpt_align", domain, vpt_align, .flags = SXP_DROP, .dflt = "1",
          .doc = "align timers with each other"),
    R_HOOK("tsc_mode", sxp_read_tsc, write_tsc, ZERO, .type = "0 to 3", .doc = "time stamp counter",
           .xml = "<timer name='tsc'>"),
    R_TRI("nomigrate", domain, disable_migrate, ZERO, .doc = "refuse to migrate"),
    R_TRI("xen_platform_pci", domain, xen_platform_pci, .flags = SXP_DROP, .dflt = "1",
          .doc = "device for PV drivers"),
    R_HOOK("pci", sxp_read_tree, sxp_write_tree, XM(pci), .flags = SXP_LIST, .type = "list",
           .doc = "xend's own"),
    R_TRI("pci_msitranslate", domain, pci_msitranslate, .flags = SXP_DROP, .dflt = "1",
          .doc = "MSI for INTx of passed devices"),
    R_TRI("pci_power_mgmt", domain, pci_power_mgmt, ZERO, .doc = "power states of passed devices"),
    R_HOOK("stdvga", read_stdvga, write_stdvga, .type = "0 or 1", .dflt = "0",
           .doc = "standard VGA instead of Cirrus", .xml = "<video>"),
    R_NUM("videoram", domain, video_memory_kib, .unit = 1024, .flags = SXP_DROP, .dflt = "4",
          .type = "MiB", .doc = "video memory"),
    R_TRI("nographic", domain, nographic, ZERO, .doc = "no display at all"),
    R_TRI("gfx_passthru", domain, gfx_passthru, ZERO, .doc = "primary graphics card is passed"),
    R_STR("guest_os_type", domain, xm.guest_os_type, .flags = SXP_DROP, .dflt = "default",
          .doc = "hint for Itanium"),
    R_TRI("isa", domain, xm.isa, ZERO, .doc = "ISA machine"),
    R_TRI("monitor", domain, xm.monitor, ZERO, .doc = "qemu monitor"),
    R_TRI("oos", domain, oos, .flags = SXP_DROP, .dflt = "1", .doc = "out of sync shadow pages"),
    R_TRI("nestedhvm", domain, nested_hvm, ZERO, .doc = "virtualisation in the guest"),
    R_TRI("superpages", domain, xm.superpages, ZERO, .doc = "large pages"),
    R_TRI("expose_host_uuid", domain, xm.expose_host_uuid, ZERO,
          .doc = "the guest may know the host"),
    R_HOOK("notes", sxp_read_tree, sxp_write_tree, XM(notes), .flags = SXP_LIST, .type = "list",
           .doc = "live: ELF notes of the kernel"),
    R_HOOK("cpuid", sxp_read_cpuid, sxp_write_cpuid, .flags = SXP_LIST, .type = "list",
           .doc = "bits of CPUID"),
    R_HOOK("cpuid_check", sxp_read_cpuid, sxp_write_cpuid, .flags = SXP_LIST, .type = "list",
           .doc = "bits of CPUID that the host must have"),
    R_TRI("memory_sharing", domain, xm.memory_sharing, ZERO, .doc = "share equal pages"),
    R_NUM("vhpt", domain, xm.vhpt, ZERO, .doc = "page table size of Itanium"),
    R_TRI("vncconsole", domain, xm.vncconsole, ZERO, .doc = "start a VNC viewer"),
    R_TRI("xen_extended_power_mgmt", domain, xm.extended_power_mgmt, ZERO, .doc = "power states"),
    R_NUM("rtc_timeoffset", domain, clock.adjustment_s, .write = write_rtc, .applies = ROW_HVM,
          .min = INT32_MIN, .max = INT32_MAX, .dflt = "0", .type = "seconds",
          .doc = "difference of the clock", .xml = "<clock adjustment>"),
    R_HOOK("localtime", sxp_read_nothing, write_localtime, .type = "0 or 1",
           .doc = "the guest's clock shows local time", .xml = "<clock basis>"),
};
const struct row_table sxp_image_table = SXP_TABLE("image/", image_rows);

static const struct sxp *first_vfb(const struct sxp *domain)
{
    const struct sxp *vfb = NULL;
    for (size_t i = 0; !vfb && i < domain->n_items; i++)
        if (sxp_is(&domain->items[i], "device"))
            vfb = sxp_find(&domain->items[i], "vfb");
    return vfb;
}

int sxp_read_image(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct sxp *list = sxp_io(c)->node;
    const struct sxp *image = d->type == GUEST_HVM ? sxp_find(list, "hvm") : &list->items[1];
    if (sxp_is_dom0(d))
        return 0;
    if (v->kind != VALUE_LIST || !image->n_items || !image->items[0].text)
        return conf_error(c, v->pos, "'image' wants (hvm ...) or (linux ...)");
    if (!sxp_is(image, "hvm") && !sxp_is(image, "linux"))
        conf_note(c, REPORT_WARNING, "image", sxp_pos(list), "'%s' is taken as linux",
                  image->items[0].text);
    int rc = read_os(c, d, image);
    rc |= sxp_read_rows(c, &sxp_image_table, d, image, 1);
    return sxp_read_image_graphics(c, d, image, first_vfb(sxp_io(c)->domain)) | rc;
}

int sxp_write_image(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (sxp_is_dom0(d))
        return 0;
    if (d->type != GUEST_HVM && !d->os.kernel && !d->bootloader)
        return refuse(c, "a PV guest needs a kernel or a boot loader");
    str_add(sxp_io(c)->out, d->type == GUEST_HVM ? "(image (hvm " : "(image (linux ");
    int rc = sxp_write_rows(c, &sxp_image_table, d);
    str_add(sxp_io(c)->out, "))");
    return rc;
}
