/* The other corners of a guest's configuration that a row cannot say. */
#include "config.h"
#include "cpus.h"

#include "base/uuid.h"

#define BUILD(x) (&((libxl_domain_config *)(x))->b_info)
#define BUILT(x) (&((const libxl_domain_config *)(x))->b_info)

/* ---- memory: both sizes, in whole MiB ---- */

static uint64_t whole_mib(int64_t kib)
{
    return (uint64_t)((kib + 1023) / 1024 * 1024);
}

int memory_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    const int64_t most = sizeof(BUILD(to)->max_memkb) == 8 ? (int64_t)128 << 30 : UINT32_MAX;
    int64_t max = num_or(d->memory_max_kib, num_or(d->memory_kib, 0));
    int64_t now = num_or(d->memory_kib, max);
    for (size_t i = 0; i < d->cpu.n_cells && !d->memory_max_kib.set; i++)
        max = now = (i ? max : 0) + num_or(d->cpu.cells[i].memory_kib, 0);
    if (max <= 0 || now <= 0 || now > max || max > most - 1024)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a memory of %lld KiB of %lld KiB is not possible",
                    (long long)now, (long long)max);
    BUILD(to)->max_memkb = whole_mib(max);
    BUILD(to)->target_memkb = whole_mib(now);
    return 0;
}

void memory_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = BUILT(from);
    struct domain *d = to;
    if (b->max_memkb != LIBXL_MEMKB_DEFAULT)
        d->memory_max_kib = NUM(b->max_memkb);
    if (b->target_memkb != LIBXL_MEMKB_DEFAULT)
        d->memory_kib = NUM(b->target_memkb);
    if (d->memory_kib.set && !d->memory_max_kib.set)
        d->memory_max_kib = d->memory_kib;
}

/* libxl wants to know the kind of a device model that is named. */
int dm_kind_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    if (d->emulator && !d->dm_version)
        BUILD(to)->device_model_version = LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN;
    return 0;
}

void dm_kind_read(const struct map_env *env, const void *from, void *to)
{
    struct domain *d = to;
    if (d->emulator && d->dm_version == DM_QEMU_XEN)
        d->dm_version = 0;
}

/* ---- clock and timers ---- */

static const struct {
    enum tsc_mode m;
    libxl_tsc_mode x;
} tsc_modes[] = {
    {TSC_AUTO, LIBXL_TSC_MODE_DEFAULT},
    {TSC_EMULATE, LIBXL_TSC_MODE_ALWAYS_EMULATE},
    {TSC_NATIVE, LIBXL_TSC_MODE_NATIVE},
    {TSC_PARAVIRT, LIBXL_TSC_MODE_NATIVE_PARAVIRT},
};

static int tsc_write(const struct timer *t, libxl_domain_build_info *b, struct err *e)
{
    for (size_t i = 0; i < sizeof(tsc_modes) / sizeof(*tsc_modes); i++)
        if (tsc_modes[i].m == t->mode || !t->mode) {
            b->tsc_mode = tsc_modes[i].x;
            return 0;
        }
    return fail(e, ERR_CONFIG_UNSUPPORTED, "timer tsc: mode '%s' is not possible on Xen",
                words_name(&tsc_mode_words, (int)t->mode));
}

static int timer_write(const struct map_env *env, const struct timer *t, libxl_domain_build_info *b,
                       struct err *e)
{
    if (t->name == TIMER_TSC)
        return tsc_write(t, b, e);
    if (t->name == TIMER_HPET) {
        if (env->type & ON_HVM)
            map_bool_write(t->present, &b->u.hvm.hpet);
        return 0;
    }
    if (t->present == TRI_NO)
        return 0;
    return fail(e, ERR_CONFIG_UNSUPPORTED, "timer '%s' is not possible on Xen",
                words_name(&timer_name_words, (int)t->name));
}

int clock_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct clock *c = &((const struct domain *)from)->clock;
    libxl_domain_build_info *b = BUILD(to);
    if (c->offset == CLOCK_TIMEZONE || c->offset == CLOCK_ABSOLUTE)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "clock offset '%s' is not possible on Xen",
                    words_name(&clock_offset_words, (int)c->offset));
    if (c->offset == CLOCK_LOCALTIME ||
        (c->offset == CLOCK_VARIABLE && c->basis == CLOCK_LOCALTIME))
        libxl_defbool_set(&b->localtime, true);
    b->rtc_timeoffset = (uint32_t)num_or(c->adjustment_s, 0);
    for (size_t i = 0; i < c->n_timers; i++)
        if (timer_write(env, &c->timers[i], b, e))
            return -1;
    return 0;
}

void clock_read(const struct map_env *env, const void *from, void *to)
{
    struct clock *c = &((struct domain *)to)->clock;
    const libxl_domain_build_info *b = BUILT(from);
    enum clock_offset basis = b->localtime.val > 0 ? CLOCK_LOCALTIME : CLOCK_UTC;
    c->offset = b->rtc_timeoffset ? CLOCK_VARIABLE : basis;
    if (b->rtc_timeoffset) {
        c->basis = basis;
        c->adjustment_s = NUM((int32_t)b->rtc_timeoffset);
    }
    for (size_t i = 1; i < sizeof(tsc_modes) / sizeof(*tsc_modes); i++)
        if (tsc_modes[i].x == b->tsc_mode) {
            struct timer *t = DOMAIN_ADD(c, timers);
            t->name = TIMER_TSC;
            t->mode = tsc_modes[i].m;
        }
    if ((env->type & ON_HVM) && b->u.hvm.hpet.val) {
        struct timer *t = DOMAIN_ADD(c, timers);
        t->name = TIMER_HPET;
        t->present = map_bool_read(&b->u.hvm.hpet);
    }
}

/* ---- labels ---- */

/* With a label for the start, the guest's own one applies once it is built. */
int seclabel_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_config *x = to;
    const char *label = d->seclabel_native;
    for (size_t i = 0; i < d->n_seclabels && !label; i++)
        if (d->seclabels[i].type == SECLABEL_STATIC)
            label = d->seclabels[i].label;
    if (d->ssidref.set)
        x->c_info.ssidref = (uint32_t)d->ssidref.v;
    x->c_info.ssid_label = mem_str(d->init_seclabel ? d->init_seclabel : label);
    if (d->init_seclabel)
        x->b_info.exec_ssid_label = mem_str(label);
    return 0;
}

void seclabel_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_config *x = from;
    struct domain *d = to;
    bool two = x->b_info.exec_ssid_label != NULL;
    const char *label = two ? x->b_info.exec_ssid_label : x->c_info.ssid_label;
    if (two)
        str_set(&d->init_seclabel, x->c_info.ssid_label);
    if (str_empty(label))
        return;
    struct seclabel *s = DOMAIN_ADD(d, seclabels);
    s->type = SECLABEL_STATIC;
    str_set(&s->model, "flask");
    str_set(&s->label, label);
}

/* ---- viridian ---- */

/* libvirt's words for groups of Hyper-V's interfaces, and libxl's; several rows add up. */
static const struct {
    const char *hyperv, *group;
} hyperv_groups[] = {
    {"vapic", "apic_assist"}, {"frequencies", "freq"},      {"tlbflush", "hcall_remote_tlb_flush"},
    {"ipi", "hcall_ipi"},     {"synic", "synic"},           {"stimer", "stimer"},
    {"stimer", "synic"},      {"stimer", "time_ref_count"}, {"stimer", "reference_tsc"},
    {"vpindex", "base"},      {"relaxed", "base"},          {"vendor_id", "base"},
    {"spinlocks", "base"},
};

static int group_set(libxl_domain_build_info *b, const char *word, bool on, struct err *e)
{
    libxl_bitmap *map = on ? &b->u.hvm.viridian_enable : &b->u.hvm.viridian_disable;
    if (!map->size)
        map_bitmap(map, LIBXL_BUILDINFO_HVM_VIRIDIAN_ENABLE_DISABLE_WIDTH);
    if (str_eq(word, "all") || str_eq(word, "defaults")) {
        if (str_eq(word, "defaults")) {
            libxl_defbool_set(&b->u.hvm.viridian, on);
            return 0;
        }
        for (const libxl_enum_string_table *t = libxl_viridian_enlightenment_string_table; t->s;
             t++)
            libxl_bitmap_set(map, t->v);
        return 0;
    }
    libxl_viridian_enlightenment v;
    if (libxl_viridian_enlightenment_from_string(word, &v))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not know the viridian group '%s'",
                    word);
    libxl_bitmap_set(map, (int)v);
    return 0;
}

static int hyperv_write(const struct features *f, libxl_domain_build_info *b, struct err *e)
{
    if (str_eq(f->hyperv_mode, "passthrough"))
        return group_set(b, "all", true, e);
    bool any = false;
    for (size_t i = 0; i < f->n_hyperv; i++) {
        bool known = false;
        if (f->hyperv[i].state != TRI_YES)
            continue;
        for (size_t k = 0; k < sizeof(hyperv_groups) / sizeof(*hyperv_groups); k++)
            if (str_eq(f->hyperv[i].name, hyperv_groups[k].hyperv)) {
                known = true;
                if (group_set(b, hyperv_groups[k].group, true, e))
                    return -1;
            }
        if (!known)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "hyperv feature '%s' is not possible on Xen",
                        f->hyperv[i].name);
        any = true;
    }
    if (!any)
        return 0;
    return group_set(b, "base", true, e)
#ifdef LIBXL_HAVE_VIRIDIAN_CRASH_CTL
                   || group_set(b, "crash_ctl", true, e)
#endif
               ? -1
               : 0;
}

int viridian_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct features *f = &((const struct domain *)from)->features;
    libxl_domain_build_info *b = BUILD(to);
    if (f->viridian == TRI_YES) /* off is the default */
        map_bool_write(f->viridian, &b->u.hvm.viridian);
    for (size_t i = 0; i < f->n_viridian_groups; i++) {
        const char *word = f->viridian_groups[i];
        bool on = *word != '!';
        if (group_set(b, word + !on, on, e))
            return -1;
    }
    return hyperv_write(f, b, e);
}

static void groups_read(const libxl_bitmap *map, const char *sign, struct features *f)
{
    for (const libxl_enum_string_table *t = libxl_viridian_enlightenment_string_table; t->s; t++)
        if (map->size && libxl_bitmap_test(map, t->v)) {
            char *word = mem_printf("%s%s", sign, t->s);
            VEC_PUSH(f->viridian_groups, f->n_viridian_groups, word);
        }
}

void viridian_read(const struct map_env *env, const void *from, void *to)
{
    struct features *f = &((struct domain *)to)->features;
    const libxl_domain_build_info *b = BUILT(from);
    f->viridian = map_bool_read(&b->u.hvm.viridian);
    groups_read(&b->u.hvm.viridian_enable, "", f);
    groups_read(&b->u.hvm.viridian_disable, "!", f);
}

/* ---- generation id ---- */

int genid_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    uint8_t *bytes = BUILD(to)->u.hvm.ms_vm_genid.bytes;
    if (!str_empty(d->genid)) {
        if (!uuid_parse(d->genid, bytes))
            return fail(e, ERR_XML_ERROR, "genid '%s' is not a uuid", d->genid);
    } else if (d->genid || d->ms_vm_genid == TRI_YES) {
        uuid_random(bytes);
    }
    return 0;
}

void genid_read(const struct map_env *env, const void *from, void *to)
{
    struct domain *d = to;
    const uint8_t *bytes = BUILT(from)->u.hvm.ms_vm_genid.bytes;
    char text[UUID_TEXT];
    if (uuid_is_zero(bytes))
        return;
    str_set(&d->genid, uuid_format(bytes, text));
    d->ms_vm_genid = TRI_YES;
}

/* ---- machine check ---- */

#ifdef LIBXL_HAVE_MCA_CAPS
enum { MCA_LMCE = 1 };

int mca_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    for (size_t i = 0; i < d->n_mca_caps; i++) {
        if (!str_eq(d->mca_caps[i], "lmce"))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not know mca_caps '%s'",
                        d->mca_caps[i]);
        BUILD(to)->u.hvm.mca_caps |= MCA_LMCE;
    }
    return 0;
}

void mca_read(const struct map_env *env, const void *from, void *to)
{
    struct domain *d = to;
    if (BUILT(from)->u.hvm.mca_caps & MCA_LMCE) {
        char *word = mem_str("lmce");
        VEC_PUSH(d->mca_caps, d->n_mca_caps, word);
    }
}
#endif

#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
int smbios_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = BUILD(to);
    if (!d->n_smbios)
        return 0;
    b->u.hvm.smbios = mem_new(d->n_smbios, sizeof(*b->u.hvm.smbios));
    for (size_t i = 0; i < d->n_smbios; i++) {
        libxl_smbios *item = &b->u.hvm.smbios[b->u.hvm.num_smbios++];
        libxl_smbios_init(item);
        if (libxl_smbios_type_from_string(d->smbios[i].name, &item->key))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not know smbios '%s'",
                        d->smbios[i].name);
        item->value = mem_str(d->smbios[i].value);
    }
    return 0;
}

void smbios_read(const struct map_env *env, const void *from, void *to)
{
    struct domain *d = to;
    const libxl_domain_build_info *b = BUILT(from);
    for (int i = 0; i < b->u.hvm.num_smbios; i++) {
        struct attr *a = DOMAIN_ADD(d, smbios);
        a->name = mem_str(libxl_smbios_type_to_string(b->u.hvm.smbios[i].key));
        a->value = mem_str(b->u.hvm.smbios[i].value);
    }
}
#endif

/* ---- ports, interrupts, memory of the host, nodes of its device tree ---- */

static void dtdev_init(void *x)
{
    libxl_device_dtdev_init(x);
}

int resources_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_config *x = to;
    libxl_domain_build_info *b = &x->b_info;
    if (d->n_ioports)
        b->ioports = mem_new(d->n_ioports, sizeof(*b->ioports));
    for (size_t i = 0; i < d->n_ioports; i++) {
        int64_t first = d->ioports[i].first.v, last = num_or(d->ioports[i].last, first);
        if (first < 0 || last < first || last > 0xffff)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "ioports %llx-%llx are not possible",
                        (long long)first, (long long)last);
        b->ioports[b->num_ioports++] =
            (libxl_ioport_range){(uint32_t)first, (uint32_t)(last - first + 1)};
    }
    b->irqs = mem_dup(d->irqs, d->n_irqs * sizeof(*d->irqs));
    b->num_irqs = (int)d->n_irqs;
    if (d->n_iomem)
        b->iomem = mem_new(d->n_iomem, sizeof(*b->iomem));
    for (size_t i = 0; i < d->n_iomem; i++) {
        libxl_iomem_range *r = &b->iomem[b->num_iomem++];
        libxl_iomem_range_init(r);
        r->start = (uint64_t)d->iomem[i].start.v;
        r->number = (uint64_t)num_or(d->iomem[i].count, 1);
        if (d->iomem[i].gfn.set)
            r->gfn = (uint64_t)d->iomem[i].gfn.v;
    }
    for (size_t i = 0; i < d->n_dtdevs; i++) {
        libxl_device_dtdev *dev =
            map_array_add((void **)&x->dtdevs, &x->num_dtdevs, sizeof(*dev), dtdev_init);
        dev->path = mem_str(d->dtdevs[i]);
    }
    return 0;
}

void resources_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_config *x = from;
    const libxl_domain_build_info *b = &x->b_info;
    struct domain *d = to;
    for (int i = 0; i < b->num_ioports; i++) {
        struct ioport_range *r = DOMAIN_ADD(d, ioports);
        r->first = NUM(b->ioports[i].first);
        r->last = NUM(b->ioports[i].first + b->ioports[i].number - 1);
    }
    for (int i = 0; i < b->num_irqs; i++)
        VEC_PUSH(d->irqs, d->n_irqs, b->irqs[i]);
    for (int i = 0; i < b->num_iomem; i++) {
        struct iomem_range *r = DOMAIN_ADD(d, iomem);
        r->start = NUM(b->iomem[i].start);
        r->count = NUM(b->iomem[i].number);
        if (b->iomem[i].gfn != UINT64_MAX)
            r->gfn = NUM(b->iomem[i].gfn);
    }
    for (int i = 0; i < x->num_dtdevs; i++) {
        char *path = mem_str(x->dtdevs[i].path);
        VEC_PUSH(d->dtdevs, d->n_dtdevs, path);
    }
}

/* ---- Arm ---- */

#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
/* "3" or "0-5" an item. */
int colors_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    enum { COLORS_MAX = 1 << 15 };
    const struct domain *d = from;
    libxl_domain_build_info *b = BUILD(to);
    size_t n = 0;
    for (size_t i = 0; i < d->n_llc_colors; i++) {
        const char *dash = strchr(d->llc_colors[i], '-');
        CLEANUP_FREE char *low = mem_strn(d->llc_colors[i], strcspn(d->llc_colors[i], "-"));
        uint32_t first, last;
        if (!parse_u32(low, 10, COLORS_MAX, &first) ||
            !parse_u32(dash ? dash + 1 : low, 10, COLORS_MAX, &last) || last < first)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "llc_colors: '%s' is no range of colors",
                        d->llc_colors[i]);
        for (; first <= last; first++)
            VEC_PUSH(b->llc_colors, n, first);
        b->num_llc_colors = (int)n;
    }
    return 0;
}

void colors_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = BUILT(from);
    struct domain *d = to;
    for (int i = 0; i < b->num_llc_colors; i++) {
        char *word = mem_printf("%u", (unsigned)b->llc_colors[i]);
        VEC_PUSH(d->llc_colors, d->n_llc_colors, word);
    }
}
#endif

#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SVE_VL
int sve_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const char *word = ((const struct domain *)from)->sve;
    if (word && libxl_sve_type_from_string(word, &BUILD(to)->arch_arm.sve_vl))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "sve: this Xen does not know '%s'", word);
    return 0;
}

void sve_read(const struct map_env *env, const void *from, void *to)
{
    libxl_sve_type sve = BUILT(from)->arch_arm.sve_vl;
    if (sve)
        str_set(&((struct domain *)to)->sve, libxl_sve_type_to_string(sve));
}
#endif
