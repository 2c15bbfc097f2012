/* Hooks of the keys whose value is a word or two of their own language. */
#include "base/vec.h"
#include "conf/viridian.h"
#include "conf/xl_doc.h"

static struct cfg_out *out(struct conf_ctx *c)
{
    return cfg_out(c);
}

/* ---- type and builder: compared over what was written, so that "h" is hvm ---- */
int xl_read_type(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const struct {
        const char *word;
        enum guest_type type;
    } types[] = {{"pv", GUEST_PV},
                 {"pvh", GUEST_PVH},
                 {"hvm", GUEST_HVM},
                 {"generic", GUEST_PV},
                 {"linux", GUEST_PV}};
    struct domain *d = rec;
    bool is_builder = *r->key == 'b';
    enum guest_type type = 0;
    if (!spec_is_text(c, r, v))
        return -1;
    for (size_t i = 0; !type && i < sizeof(types) / sizeof(*types); i++)
        if (*v->text && !strncmp(types[i].word, v->text, strlen(v->text)))
            type = types[i].type;
    if (!type)
        return conf_error(c, v->pos, "'%s' is '%s': expected %s", r->key, v->text,
                          is_builder ? "hvm, generic or linux" : "pv, pvh or hvm");
    if (is_builder && d->type && d->type != type)
        return conf_error(c, v->pos, "'builder' is '%s' and 'type' is '%s': they contradict",
                          v->text, words_name(&guest_type_words, (int)d->type));
    d->type = type;
    return 0;
}

/* libvirt's way: builder for HVM, type for PVH, nothing for PV. */
int xl_write_type(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_builder = *r->key == 'b';
    if (is_builder && d->type == GUEST_HVM)
        cfg_put_text(out(c), r->key, "hvm");
    if (!is_builder && d->type == GUEST_PVH)
        cfg_put_text(out(c), r->key, "pvh");
    return 0;
}

/* ---- cpus, cpus_soft: one text for all, or a list with an item a vCPU ---- */
int xl_read_cpus(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    bool is_soft = str_ends(r->key, "soft");
    int rc = 0;
    if (v->kind != VALUE_LIST && (v->text[0] >= 'A' && v->text[0] <= 'Z')) {
        conf_note(c, REPORT_LOST, r->key, v->pos, "'%s' looks like a name to be replaced by CPUs",
                  v->text);
        return 0;
    }
    if (v->kind != VALUE_LIST)
        return spec_cpus(c, r->key, v->text, v->pos, is_soft ? &d->cpus_soft : &d->cpus);
    for (size_t i = 0; i < v->n_items; i++) {
        const struct value *item = &v->items[i];
        struct vcpu_pin *p = domain_pin_add(d, (int64_t)i);
        if (!item->text)
            rc = conf_error(c, item->pos, "'%s' wants a list of texts or numbers", r->key);
        else
            rc |= spec_cpus(c, r->key, item->text, item->pos, is_soft ? &p->soft : &p->hard);
    }
    return rc;
}

/* Texts that are no CPUs would make the file unreadable. */
static const char *cpu_text(struct conf_ctx *c, const struct row *r, const char *text)
{
    if (!text || spec_is_cpus(text))
        return text;
    conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "'%s' is no list of CPUs", text);
    return NULL;
}

int xl_write_cpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_soft = str_ends(r->key, "soft");
    const char *all = cpu_text(c, r, is_soft ? d->cpus_soft : d->cpus);
    int64_t last = -1;
    for (size_t i = 0; i < d->n_pins; i++)
        if ((is_soft ? d->pins[i].soft : d->pins[i].hard) && d->pins[i].vcpu.v > last)
            last = d->pins[i].vcpu.v;
    if (last < 0 && all)
        cfg_put_text(out(c), r->key, all);
    if (last < 0 || last > UINT16_MAX)
        return 0;
    cfg_list_begin(out(c), r->key);
    for (int64_t i = 0; i <= last; i++) {
        const char *text = cpu_text(c, r, domain_pin(d, i, is_soft));
        cfg_list_text(out(c), text ? text : all ? all : "all");
    }
    cfg_list_end(out(c));
    return 0;
}

/* ---- tsc_mode, hpet: timers ---- */
static const struct {
    const char *xl;
    enum tsc_mode mode;
} tsc_modes[] = {{"default", TSC_AUTO},
                 {"always_emulate", TSC_EMULATE},
                 {"native", TSC_NATIVE},
                 {"native_paravirt", TSC_PARAVIRT}};
enum { TSC_MODES = 4 };

static struct timer *add_timer(struct domain *d, enum timer_name name, tri present)
{
    struct timer *t = DOMAIN_ADD(&d->clock, timers);
    t->name = name;
    t->present = present;
    return t;
}

static int read_tsc(struct conf_ctx *c, struct domain *d, const struct value *v)
{
    uint64_t n = TSC_MODES;
    for (size_t i = 0; i < TSC_MODES; i++)
        if (!strcmp(v->text, tsc_modes[i].xl))
            n = i;
    if (n == TSC_MODES && (!parse_u64(v->text, 0, TSC_MODES - 1, &n)))
        return conf_error(c, v->pos,
                          "'tsc_mode' is '%s': expected default, always_emulate, native or "
                          "native_paravirt",
                          v->text);
    add_timer(d, TIMER_TSC, TRI_YES)->mode = tsc_modes[n].mode;
    return 0;
}

int xl_read_timers(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    int64_t n;
    if (!spec_is_text(c, r, v))
        return -1;
    if (*r->key == 't')
        return read_tsc(c, rec, v);
    if (!parse_i64(v->text, 0, INT64_MIN, INT64_MAX, &n))
        return conf_error(c, v->pos, "'hpet' must be 0 or 1, not '%s'", v->text);
    add_timer(rec, TIMER_HPET, n ? TRI_YES : TRI_NO);
    return 0;
}

static void write_tsc(struct conf_ctx *c, const struct timer *t)
{
    for (size_t i = 0; i < TSC_MODES; i++)
        if (tsc_modes[i].mode == (t->mode ? t->mode : TSC_AUTO))
            cfg_put_text(out(c), "tsc_mode", tsc_modes[i].xl);
    if (t->mode == TSC_SMPSAFE)
        conf_note(c, REPORT_LOST, "tsc_mode", (struct pos){0}, "a tsc mode that Xen has not");
}

/* The row of tsc_mode writes both, in the order of the list. */
int xl_write_timers(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (*r->key != 't')
        return 0;
    for (size_t i = 0; i < d->clock.n_timers; i++) {
        const struct timer *t = &d->clock.timers[i];
        if (t->name == TIMER_TSC)
            write_tsc(c, t);
        else if (t->name == TIMER_HPET && d->type == GUEST_HVM)
            cfg_put_raw(out(c), "hpet", t->present == TRI_NO ? "0" : "1");
        else
            conf_note(c, REPORT_LOST, "clock.timer", (struct pos){0}, "a timer '%s'",
                      words_name(&timer_name_words, (int)t->name));
    }
    return 0;
}

/* ---- soundhw: names with commas between; QEMU's hda is libvirt's ich6 ---- */
static const char *const all_sounds[] = {"sb16", "es1370", "ac97", "pcspk", "ich6"};

static void add_sound(struct domain *d, const char *name)
{
    struct sound *s = DOMAIN_ADD(d, sounds);
    s->model = mem_str(!strcmp(name, "hda") ? "ich6" : name);
}

int xl_read_sound(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!strcmp(v->text, "all")) {
        for (size_t i = 0; i < sizeof(all_sounds) / sizeof(*all_sounds); i++)
            add_sound(rec, all_sounds[i]);
        return 0;
    }
    spec_open(&x, v);
    while (spec_next(&x, ',', &p))
        if (*p.key)
            add_sound(rec, p.key);
    return 0;
}

int xl_write_sound(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_STR struct str s = {0};
    for (size_t i = 0; i < d->n_sounds; i++) {
        const char *model = d->sounds[i].model ? d->sounds[i].model : "";
        bool is_hda = out(c)->dialect == CFG_XL && !strcmp(model, "ich6");
        str_addf(&s, "%s%s", i ? "," : "", is_hda ? "hda" : model);
    }
    if (d->n_sounds)
        cfg_put_text(out(c), r->key, str_get(&s));
    return 0;
}

/* ---- bootloader_args: a list; XML has one text with blanks ---- */
int xl_read_bootloader_args(struct conf_ctx *c, const struct row *r, void *rec,
                            const struct value *v)
{
    struct domain *d = rec;
    CLEANUP_STR struct str s = {0};
    bool is_plain = true;
    if (v->kind != VALUE_LIST) {
        str_set(&d->bootloader_args, v->text);
        return 0;
    }
    for (size_t i = 0; i < v->n_items; i++) {
        const char *text = v->items[i].text;
        if (!text)
            return conf_error(c, v->items[i].pos, "'%s' wants a list of texts", r->key);
        is_plain &= *text && !strpbrk(text, " \t\n");
        str_addf(&s, "%s%s", i ? " " : "", text);
    }
    if (is_plain)
        str_set(&d->bootloader_args, str_get(&s));
    for (size_t i = 0; !is_plain && i < v->n_items; i++)
        VEC_PUSH(d->bootloader_arg_list, d->n_bootloader_arg_list, mem_str(v->items[i].text));
    return 0;
}

int xl_write_bootloader_args(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    const char *p = d->bootloader_args;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_bootloader_arg_list; i++)
        cfg_list_text(out(c), d->bootloader_arg_list[i]);
    while (!d->n_bootloader_arg_list && p && *(p += strspn(p, " \t\n"))) {
        size_t n = strcspn(p, " \t\n");
        CLEANUP_FREE char *one = mem_strn(p, n);
        cfg_list_text(out(c), one);
        p += n;
    }
    cfg_list_end(out(c));
    return 0;
}

/* ---- cpuid, vnuma ---- */
int xl_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return spec_read_cpuid(c, r, &((struct domain *)rec)->cpu, v);
}

int xl_write_cpuid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return spec_write_cpuid(c, r, &((const struct domain *)rec)->cpu);
}

int xl_read_vnuma(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return spec_read_vnuma(c, &((struct domain *)rec)->cpu, v);
}

int xl_write_vnuma(struct conf_ctx *c, const struct row *r, const void *rec)
{
    spec_write_vnuma(c, r->key, &((const struct domain *)rec)->cpu);
    return 0;
}

/* ---- viridian: 0, 1 or a list of groups ---- */
int xl_read_viridian(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t n;
    for (size_t i = 0; i < v->n_items; i++) {
        if (!v->items[i].text)
            return conf_error(c, v->items[i].pos, "'%s' wants a list of texts", r->key);
        if (!(c->o->flags & CONF_RAW) && !viridian_group(v->items[i].text))
            return conf_error(c, v->items[i].pos,
                              "'%s': expected a group of viridian such as base, freq or !stimer",
                              v->items[i].text);
        VEC_PUSH(d->features.viridian_groups, d->features.n_viridian_groups,
                 mem_str(v->items[i].text));
    }
    if (v->kind == VALUE_LIST)
        return 0;
    if (!parse_i64(v->text, 0, INT64_MIN, INT64_MAX, &n))
        return conf_error(c, v->pos, "'%s' is '%s': expected 0, 1 or a list of groups", r->key,
                          v->text);
    d->features.viridian = n ? TRI_YES : TRI_NO;
    return 0;
}

/* ---- mca_caps ---- */
int xl_read_mca(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    for (size_t i = 0; i < v->n_items; i++) {
        const struct value *item = &v->items[i];
        if (!item->text || (!(c->o->flags & CONF_RAW) && !conf_knows_mca(item->text)))
            return conf_error(c, item->pos, "'%s': expected lmce", item->text ? item->text : "[");
        VEC_PUSH(d->mca_caps, d->n_mca_caps, mem_str(item->text));
    }
    return 0;
}

/* Words that xl would refuse are lost. */
static void put_words(struct conf_ctx *c, const struct row *r, char *const *words, size_t n,
                      bool (*is_known)(const char *word))
{
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < n; i++)
        if (c->o->flags & CONF_RAW || is_known(words[i]))
            cfg_list_text(out(c), words[i]);
        else
            conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "Xen does not know '%s'", words[i]);
    cfg_list_end(out(c));
}

int xl_write_mca(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    put_words(c, r, d->mca_caps, d->n_mca_caps, conf_knows_mca);
    return 0;
}

static bool knows_viridian(const char *word)
{
    return viridian_group(word);
}

/* What libvirt's <hyperv> asks for, in xl's words. */
static void write_hyperv(struct conf_ctx *c, const struct row *r, const struct features *f,
                         uint32_t bits)
{
    cfg_list_begin(out(c), r->key);
    if (str_eq(f->hyperv_mode, "passthrough"))
        cfg_list_text(out(c), "all");
    else
        for (int i = 0; i < VIRIDIAN_BITS; i++)
            if (bits & (1u << i))
                cfg_list_text(out(c), viridian_name(i));
    cfg_list_end(out(c));
}

int xl_write_viridian(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct features *f = &((const struct domain *)rec)->features;
    const char *unknown = NULL; /* is told as lost */
    uint32_t bits = viridian_of_hyperv(f, &unknown);
    put_words(c, r, f->viridian_groups, f->n_viridian_groups, knows_viridian);
    if (f->n_viridian_groups)
        return 0;
    if (out(c)->dialect == CFG_XL && bits)
        write_hyperv(c, r, f, bits);
    else if (f->viridian)
        cfg_put_raw(out(c), r->key, f->viridian == TRI_YES ? "1" : "0");
    return 0;
}

/* ---- ioports, iomem, llc_colors ---- */
static int read_ioport(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    return spec_read_ioport(c, v, DOMAIN_ADD(d, ioports));
}

int xl_read_ioports(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_ioport);
}

int xl_write_ioports(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_ioports; i++) {
        spec_write_ioport(&d->ioports[i], &out(c)->item);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

static int read_iomem(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    return spec_read_iomem(c, v, DOMAIN_ADD(d, iomem));
}

int xl_read_iomem(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_iomem);
}

int xl_write_iomem(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_iomem; i++) {
        spec_write_iomem(&d->iomem[i], &out(c)->item);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

static int read_color(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (!spec_is_color(v->text))
        return conf_error(c, v->pos, "'%s': expected cache colours as n or a-b", v->text);
    VEC_PUSH(d->llc_colors, d->n_llc_colors, mem_str(v->text));
    return 0;
}

int xl_read_llc_colors(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_color);
}

int xl_write_llc_colors(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_llc_colors; i++)
        if (spec_is_color(d->llc_colors[i]))
            cfg_list_text(out(c), d->llc_colors[i]);
        else
            conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "'%s' is no colour",
                      d->llc_colors[i]);
    cfg_list_end(out(c));
    return 0;
}

/* ---- smbios: name=text, commas belong to the text ---- */
#define SMBIOS(k, what) \
    { \
        .key = k, .kind = ROW_HOOK, .since = XEN(4, 18), .applies = ROW_HVM, .type = "text", \
        .xml = "metadata", .doc = what \
    }
static const struct row smbios_rows[] = {
    SMBIOS("bios_vendor", "vendor of the firmware"),
    SMBIOS("bios_version", "version of the firmware"),
    SMBIOS("system_manufacturer", "manufacturer of the machine"),
    SMBIOS("system_product_name", "product name of the machine"),
    SMBIOS("system_version", "version of the machine"),
    SMBIOS("system_serial_number", "serial number of the machine"),
    SMBIOS("baseboard_manufacturer", "manufacturer of the board"),
    SMBIOS("baseboard_product_name", "product name of the board"),
    SMBIOS("baseboard_version", "version of the board"),
    SMBIOS("baseboard_serial_number", "serial number of the board"),
    SMBIOS("baseboard_asset_tag", "asset tag of the board"),
    SMBIOS("baseboard_location_in_chassis", "location in chassis of the board"),
    SMBIOS("enclosure_manufacturer", "manufacturer of the case"),
    SMBIOS("enclosure_serial_number", "serial number of the case"),
    SMBIOS("enclosure_asset_tag", "asset tag of the case"),
    SMBIOS("battery_manufacturer", "manufacturer of the battery"),
    SMBIOS("battery_device_name", "device name of the battery"),
    SMBIOS("oem", "a text of the maker; up to 99 of them"),
};
const struct row_table spec_smbios_table = {"smbios.", smbios_rows,
                                            sizeof(smbios_rows) / sizeof(*smbios_rows)};

static bool is_smbios_word(const char *text, size_t n)
{
    for (size_t i = 0; text && i < spec_smbios_table.n; i++)
        if (strlen(smbios_rows[i].key) == n && !strncmp(smbios_rows[i].key, text, n))
            return true;
    return false;
}

static int read_smbios(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const char *equals = strchr(v->text, '=');
    size_t n = equals ? (size_t)(equals - v->text) : 0;
    if (!is_smbios_word(v->text, n))
        return conf_error(c, v->pos, "'%s': expected smbios words such as bios_vendor=TEXT",
                          v->text);
    struct attr a = {mem_strn(v->text, n), mem_str(equals + 1)};
    VEC_PUSH(d->smbios, d->n_smbios, a);
    return 0;
}

int xl_read_smbios(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_smbios);
}

int xl_write_smbios(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_smbios; i++) {
        const struct attr *a = &d->smbios[i];
        if (!a->name || !is_smbios_word(a->name, strlen(a->name))) {
            conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "xl has no text '%s'",
                      a->name ? a->name : "");
            continue;
        }
        str_addf(&out(c)->item, "%s=%s", a->name, a->value ? a->value : "");
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

/* ---- rdm: strategy=host,policy=strict|relaxed; arm_sci: type=... ---- */
static const struct row rdm_rows[] = {
    R_ENUM("strategy", domain, rdm_strategy, rdm_strategy, .type = "host", .xml = "metadata",
           .doc = "reserve what the host's devices need"),
    R_ENUM("policy", domain, rdm_policy, rdm_policy, .type = "strict|relaxed", .dflt = "relaxed",
           .xml = "metadata", .doc = "fail, or warn, where that is not possible"),
};
const struct row_table spec_rdm_table = {"rdm.", rdm_rows, 2};

static const struct row arm_sci_rows[] = {
    R_ENUM("type", domain, arm_sci, arm_sci, .since = XEN(4, 21), .type = "none|scmi_smc",
           .dflt = "none", .xml = "metadata", .doc = "kind of system control interface"),
};
const struct row_table spec_arm_sci_table = {"arm_sci.", arm_sci_rows, 1};

static int write_words(struct conf_ctx *c, const struct row *r, const struct row_table *t,
                       const void *rec)
{
    out(c)->key = r->key;
    spec_write(c, t, rec);
    if (out(c)->item.len)
        cfg_put_text(out(c), r->key, out(c)->item.p);
    str_cut(&out(c)->item, 0);
    return 0;
}

int xl_read_rdm(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return spec_is_text(c, r, v) ? spec_read(c, &spec_rdm_table, rec, v, SPEC_TRIM) : -1;
}

int xl_write_rdm(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return write_words(c, r, &spec_rdm_table, rec);
}

int xl_read_arm_sci(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    if (!spec_is_text(c, r, v))
        return -1;
    if (!strchr(v->text, '=')) /* the word alone, as a fork of xl has it */
        return row_read(c, &arm_sci_rows[0], rec, v);
    return spec_read(c, &spec_arm_sci_table, rec, v, SPEC_TRIM | SPEC_LOSE);
}

int xl_write_arm_sci(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return write_words(c, r, &spec_arm_sci_table, rec);
}

/* ---- words or numbers ---- */
int xl_read_gfx_passthru(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t n = 1;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!parse_i64(v->text, 0, INT64_MIN, INT64_MAX, &n)) {
        int kind = words_find(&gfx_passthru_words, v->text);
        if (kind < 0)
            return conf_error(c, v->pos, "'%s' is '%s': expected 0, 1, default or igd", r->key,
                              v->text);
        d->gfx_passthru_kind = kind;
    }
    d->gfx_passthru = n ? TRI_YES : TRI_NO;
    return 0;
}

int xl_write_gfx_passthru(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->gfx_passthru == TRI_YES && d->gfx_passthru_kind)
        cfg_put_text(out(c), r->key, words_name(&gfx_passthru_words, (int)d->gfx_passthru_kind));
    else if (d->gfx_passthru)
        cfg_put_raw(out(c), r->key, d->gfx_passthru == TRI_YES ? "1" : "0");
    return 0;
}

int xl_read_altp2m(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    uint64_t n;
    if (!spec_is_text(c, r, v))
        return -1;
    int mode = words_find(&altp2m_words, v->text);
    if (mode < 0 && parse_u64(v->text, 0, ALTP2M_LIMITED - 1, &n))
        mode = (int)n + 1;
    if (mode < 0)
        return conf_error(c, v->pos, "'%s' is '%s': expected disabled, mixed, external or limited",
                          r->key, v->text);
    d->altp2m = mode;
    return 0;
}

int xl_write_altp2m(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->altp2m)
        cfg_put_text(out(c), r->key, words_name(&altp2m_words, (int)d->altp2m));
    return 0;
}

/* ---- hap: libvirt says it only where it is off ---- */
int xl_read_hap(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t n;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!parse_i64(v->text, 0, INT64_MIN, INT64_MAX, &n))
        return conf_error(c, v->pos, "'%s' must be 0 or 1, not '%s'", r->key, v->text);
    d->features.hap = n ? TRI_YES : TRI_NO;
    if (n && !(c->o->flags & CONF_RAW))
        d->features.hap = TRI_UNSET; /* the default, which XML and libvirt do not mention */
    return 0;
}

int xl_write_hap(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_raw = c->o->flags & CONF_RAW;
    if (d->features.hap == TRI_NO || (is_raw && d->features.hap))
        cfg_put_raw(out(c), r->key, d->features.hap == TRI_NO ? "0" : "1");
    return 0;
}

/* xm has no vga= */
int xl_write_stdvga(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct xl_doc *x = rec;
    if (x->vga == XL_VGA_STDVGA)
        cfg_put_raw(out(c), r->key, "1");
    else if (x->vga && x->vga != XL_VGA_CIRRUS)
        conf_note(c, REPORT_LOST, "vga", (struct pos){0}, "xm has no such graphics card");
    return 0;
}

/* libvirt leaves maxvcpus out where all are on. */
int xl_write_maxvcpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    char text[32];
    bool is_plain = !d->vcpus.set || d->vcpus.v == d->vcpus_max.v;
    if (!d->vcpus_max.set || (is_plain && !(c->o->flags & CONF_RAW)))
        return 0;
    snprintf(text, sizeof(text), "%lld", (long long)d->vcpus_max.v);
    cfg_put_raw(out(c), r->key, text);
    return 0;
}

int xl_write_vcpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    char text[32];
    bool is_raw = c->o->flags & CONF_RAW;
    struct num n = d->vcpus.set || is_raw ? d->vcpus : d->vcpus_max;
    snprintf(text, sizeof(text), "%lld", (long long)n.v);
    if (n.set)
        cfg_put_raw(out(c), r->key, text);
    return 0;
}
