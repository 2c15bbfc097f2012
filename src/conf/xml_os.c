/* <os>, <features> and <clock>. */
#include "base/vec.h"
#include "conf/xml_domain.h"

/* ---- os ---- */
static int read_type(struct conf_ctx *c, void *rec, const struct xml *x)
{
    static const struct {
        const char *word;
        enum guest_type type;
    } types[] = {{"linux", GUEST_PV}, {"xen", GUEST_PV}, {"hvm", GUEST_HVM}, {"xenpvh", GUEST_PVH}};
    struct domain *d = rec;
    const char *word = x->text ? x->text : "";
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!strcmp(types[i].word, word)) {
            d->type = types[i].type;
            return 0;
        }
    return xml_error(c, x, "unknown OS type '%s' (known: linux, xen, hvm, xenpvh)", word);
}

static int read_os_type(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    xml_str(x, "arch", &d->os.arch);
    xml_str(x, "machine", &d->os.machine);
    return read_type(c, d, x);
}

static void write_os_type(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
    static const char *const words[] = {NULL, "linux", "hvm", "xenpvh"};
    const struct domain *d = rec;
    if (!d->type)
        return;
    xml_out_open(w, "type");
    if (d->os.arch)
        xml_out_attr(w, "arch", d->os.arch);
    if (d->os.machine)
        xml_out_attr(w, "machine", d->os.machine);
    xml_out_text(w, words[d->type]);
    xml_out_close(w);
}

static int read_loader(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct loader *l = rec;
    if (l->path && !l->type)
        l->type = LOADER_ROM;
    return 0;
}

static const struct xrow loader_rows[] = {
    XA_YES("readonly", loader, readonly),       XA_YES("secure", loader, secure),
    XA_ENUM("type", loader, type, loader_type), XA_YES("stateless", loader, stateless),
    XA_STR("format", loader, format),           XT_STR(loader, path, .when = XW_TRIM),
};
static const struct xtable loader_table = {XTABLE(loader_rows), .after = read_loader};

static int read_acpi(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    for (const struct xml *t = x->child; t; t = t->next) {
        const char *type;
        if (!t->name || strcmp(t->name, "table"))
            continue;
        if (xml_mandatory(c, t, "type", &type))
            return -1;
        if (strcmp(type, "slic") && strcmp(type, "rawset"))
            return xml_error(c, t, "ACPI table of type '%s' (known: slic, rawset)", type);
        if (d->os.acpi_table)
            return xml_error(c, t, "more than one ACPI table");
        str_set(&d->os.acpi_table, t->text ? t->text : "");
        if (strcmp(type, "rawset"))
            str_set(&d->os.acpi_table_type, type);
    }
    return 0;
}

static void write_acpi(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct domain *d = rec;
    if (!d->os.acpi_table)
        return;
    xml_out_open(w, "acpi");
    xml_out_open(w, "table");
    xml_out_attr(w, "type", d->os.acpi_table_type ? d->os.acpi_table_type : "rawset");
    xml_out_text(w, d->os.acpi_table);
    xml_out_close(w);
    xml_out_close(w);
}

static int read_boot(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    const char *text;
    int device = 0;
    if (xml_mandatory(c, x, "dev", &text) || xml_enum(c, x, "dev", &boot_device_words, &device))
        return -1;
    VEC_PUSH(d->os.boot, d->os.n_boot, device);
    return 0;
}

static void write_boot(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; !d->bootloader && i < d->os.n_boot; i++) {
        xml_out_open(w, "boot");
        xml_out_attr(w, "dev", words_name(&boot_device_words, d->os.boot[i]));
        xml_out_close(w);
    }
}

static const struct xrow os_rows[] = {
    XA_STR("firmware", domain, os.firmware),
    XH("type", read_os_type, write_os_type),
    XK("firmware"),
    XK("init"),
    XK_LIST("initarg"),
    XK_LIST("initenv"),
    XK("initdir"),
    XK("inituser"),
    XK("initgroup"),
    XE_AT("loader", domain, os.loader, loader, loader_table),
    XK("varstore"),
    XK("nvram"),
    XC_STR("kernel", domain, os.kernel),
    XC_STR("initrd", domain, os.initrd),
    XC_STR("cmdline", domain, os.cmdline),
    XC_STR("shim", domain, os.shim),
    XC_STR("dtb", domain, os.device_tree),
    XC_STR("root", domain, os.root),
    XH("acpi", read_acpi, write_acpi),
    XH("boot", read_boot, write_boot),
    XK("bootmenu"),
    XK("bios"),
    XK("smbios"),
};
const struct xtable xml_os_table = {XTABLE(os_rows)};

/* ---- features ---- */
static const struct xrow apic_rows[] = {XA_ON("eoi", domain, features.apic_eoi)};
static const struct xtable apic_table = {XTABLE(apic_rows)};

static int read_apic(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    d->features.apic = TRI_YES;
    return xml_read_rows(c, &apic_table, d, x);
}

static void write_apic(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct domain *d = rec;
    if (d->features.apic != TRI_YES)
        return;
    xml_out_open(w, "apic");
    xml_out_show(w);
    xml_write_rows(c, &apic_table, d);
    xml_out_close(w);
}

/* libvirt's names in its order. */
static const char *const hyperv_names[] = {
    "relaxed", "vapic", "spinlocks", "vpindex",     "runtime",         "synic",
    "stimer",  "reset", "vendor_id", "frequencies", "reenlightenment", "tlbflush",
    "ipi",     "evmcs", "avic",      "emsr_bitmap", "xmm_input",
};

enum { SPINLOCKS_MIN = 4095 };

static int check_hyperv(struct conf_ctx *c, const struct xml *x, const struct hyperv *h)
{
    if (h->state != TRI_YES)
        return 0;
    if (!strcmp(h->name, "spinlocks") && num_or(h->retries, 0) < SPINLOCKS_MIN)
        return xml_error(c, x, "<spinlocks> needs 'retries' of at least %d", SPINLOCKS_MIN);
    if (strcmp(h->name, "vendor_id"))
        return 0;
    if (!h->value)
        return xml_error(c, x, "<vendor_id> has no 'value'");
    if (strlen(h->value) > VENDOR_ID_MAX || strchr(h->value, ','))
        return xml_error(c, x, "'value' of <vendor_id> is longer than %d characters or has a comma",
                         VENDOR_ID_MAX);
    return 0;
}

/* What is off has nothing more to say. */
static int settle_hyperv(struct conf_ctx *c, const struct xml *x, struct hyperv *h)
{
    if (h->state != TRI_YES) {
        h->retries = (struct num){0};
        str_set(&h->value, NULL);
        h->direct = h->extended = TRI_UNSET;
    }
    return check_hyperv(c, x, h);
}

/* <direct>, <extended> */
static int read_hyperv_part(struct conf_ctx *c, const struct xml *x, const char *name, tri *ret)
{
    const struct xml *child = xml_child(x, name);
    if (!child)
        return 0;
    int rc = xml_tri(c, child, "state", "on", "off", ret);
    xml_claim(c, child, "state");
    return rc;
}

static int read_hyperv_child(struct conf_ctx *c, const struct xml *x, struct hyperv *h)
{
    h->name = mem_str(x->name);
    if (!xml_get(x, "state"))
        return xml_error(c, x, "<%s> has no 'state'", x->name);
    if (xml_tri(c, x, "state", "on", "off", &h->state))
        return -1;
    xml_claim(c, x, "state");
    xml_str(x, "value", &h->value);
    xml_claim(c, x, "value");
    if (xml_num(c, x, "retries", 10, 0, UINT32_MAX, &h->retries))
        return -1;
    xml_claim(c, x, "retries");
    return read_hyperv_part(c, x, "direct", &h->direct) ||
                   read_hyperv_part(c, x, "extended", &h->extended) || settle_hyperv(c, x, h)
               ? -1
               : 0;
}

static bool is_hyperv(const char *name)
{
    for (size_t i = 0; i < sizeof(hyperv_names) / sizeof(*hyperv_names); i++)
        if (!strcmp(name, hyperv_names[i]))
            return true;
    return false;
}

static int read_hyperv(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    const char *mode = xml_get(x, "mode");
    if (mode && strcmp(mode, "custom") && strcmp(mode, "passthrough"))
        return xml_error(c, x, "unknown hyperv mode '%s' (known: custom, passthrough)", mode);
    str_set(&d->features.hyperv_mode, mode ? mode : "custom");
    xml_claim(c, x, "mode");
    for (const struct xml *child = x->child; child; child = child->next)
        if (child->name && !is_hyperv(child->name))
            return xml_error(c, child, "unknown hyperv feature '%s'", child->name);
    for (size_t i = 0; i < sizeof(hyperv_names) / sizeof(*hyperv_names); i++) {
        const struct xml *child = xml_child(x, hyperv_names[i]);
        if (child && read_hyperv_child(c, child, DOMAIN_ADD(&d->features, hyperv)))
            return -1;
    }
    return 0;
}

static void write_state(struct xml_out *w, const char *name, tri state)
{
    if (!state)
        return;
    xml_out_open(w, name);
    xml_out_attr(w, "state", state == TRI_YES ? "on" : "off");
    xml_out_close(w);
}

static void write_hyperv(struct conf_ctx *c, const struct xrow *r, const void *rec,
                         struct xml_out *w)
{
    const struct features *f = &((const struct domain *)rec)->features;
    if (!f->hyperv_mode && !f->n_hyperv)
        return;
    xml_out_open(w, "hyperv");
    xml_out_attr(w, "mode", f->hyperv_mode ? f->hyperv_mode : "custom");
    xml_out_block(w);
    for (size_t i = 0; i < f->n_hyperv; i++) {
        const struct hyperv *h = &f->hyperv[i];
        xml_out_open(w, h->name);
        xml_out_attr(w, "state", h->state == TRI_YES ? "on" : "off");
        if (h->retries.set)
            xml_out_attrf(w, "retries", "%lld", (long long)h->retries.v);
        if (h->value)
            xml_out_attr(w, "value", h->value);
        write_state(w, "direct", h->direct);
        write_state(w, "extended", h->extended);
        xml_out_close(w);
    }
    xml_out_close(w);
}

static int read_passthrough(struct conf_ctx *c, const struct xrow *r, void *rec,
                            const struct xml *x)
{
    struct domain *d = rec;
    const char *mode = xml_get(x, "mode");
    tri state = TRI_UNSET;
    if (xml_tri(c, x, "state", "on", "off", &state))
        return -1;
    if (!state)
        return xml_error(c, x, "<passthrough> has no 'state'");
    d->features.passthrough = state == TRI_YES ? PASSTHROUGH_ENABLED : PASSTHROUGH_DISABLED;
    if (mode && state == TRI_YES) {
        if (strcmp(mode, "sync_pt") && strcmp(mode, "share_pt"))
            return xml_error(c, x, "unknown passthrough mode '%s' (known: sync_pt, share_pt)",
                             mode);
        d->features.passthrough =
            strcmp(mode, "sync_pt") ? PASSTHROUGH_SHARE_PT : PASSTHROUGH_SYNC_PT;
    }
    return 0;
}

static void write_passthrough(struct conf_ctx *c, const struct xrow *r, const void *rec,
                              struct xml_out *w)
{
    enum passthrough p = ((const struct domain *)rec)->features.passthrough;
    if (!p || p == PASSTHROUGH_DEFAULT)
        return;
    xml_out_open(w, "passthrough");
    xml_out_attr(w, "state", p == PASSTHROUGH_DISABLED ? "off" : "on");
    if (p == PASSTHROUGH_SYNC_PT || p == PASSTHROUGH_SHARE_PT)
        xml_out_attr(w, "mode", words_name(&passthrough_words, p));
    xml_out_close(w);
}

static int check_e820(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    if (!xml_get(x, "state"))
        return xml_error(c, x, "<e820_host> has no 'state'");
    return xml_tri(c, x, "state", "on", "off", &d->features.e820_host);
}

static void write_e820(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    write_state(w, "e820_host", ((const struct domain *)rec)->features.e820_host);
}

static const struct xrow xen_rows[] = {
    XH("e820_host", check_e820, write_e820),
    XH("passthrough", read_passthrough, write_passthrough),
};
static const struct xtable xen_table = {XTABLE(xen_rows)};

static const struct xrow features_rows[] = {
    XF_TRI("acpi", domain, features.acpi),
    XH("apic", read_apic, write_apic),
    XF_TRI("pae", domain, features.pae),
    XS_TRI("hap", domain, features.hap),
    XF_TRI("viridian", domain, features.viridian),
    XF_TRI("privnet", domain, features.privnet),
    XH("hyperv", read_hyperv, write_hyperv),
    XK("kvm"),
    XK("pvspinlock"),
    XK("capabilities"),
    XK("pmu"),
    XK("vmport"),
    XK("gic"),
    XK("smm"),
    XK("ioapic"),
    XK("hpt"),
    XK("vmcoreinfo"),
    XK("htm"),
    XK("nested-hv"),
    XK("msrs"),
    XK("ccf-assist"),
    XE("xen", xen_table),
    XK("cfpc"),
    XK("sbbc"),
    XK("ibs"),
    XK("tcg"),
    XK("async-teardown"),
    XK("ras"),
    XK("ps2"),
    XK("aia"),
};

/* Unlike other elements an unknown feature is an error, as in libvirt: the guest may need it. */
static int begin_features(struct conf_ctx *c, void *rec, const struct xml *x)
{
    int rc = 0;
    for (const struct xml *child = x->child; child; child = child->next) {
        size_t i = 0, n = sizeof(features_rows) / sizeof(*features_rows);
        while (child->name && i < n && strcmp(features_rows[i].r.key, child->name))
            i++;
        if (child->name && i == n)
            rc = xml_error(c, child, "unknown feature '%s'", child->name);
    }
    return rc;
}
const struct xtable xml_features_table = {XTABLE(features_rows), .before = begin_features};

/* ---- clock ---- */
static int read_adjustment(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct clock *clock = rec;
    if (!strcmp(xml_get(x, "adjustment"), "reset")) {
        clock->adjustment_reset = TRI_YES;
        return 0;
    }
    return xml_num(c, x, "adjustment", 10, INT32_MIN, INT32_MAX, &clock->adjustment_s);
}

static void write_adjustment(struct conf_ctx *c, const struct xrow *r, const void *rec,
                             struct xml_out *w)
{
    const struct clock *clock = rec;
    if (clock->adjustment_reset == TRI_YES)
        xml_out_attr(w, "adjustment", "reset");
    else if (clock->offset == CLOCK_VARIABLE || clock->adjustment_s.set)
        xml_out_attrf(w, "adjustment", "%lld", (long long)num_or(clock->adjustment_s, 0));
}

/* A number beside utc or localtime makes the clock a variable one on that basis. */
static int read_clock(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct clock *clock = rec;
    if (!clock->offset)
        clock->offset = CLOCK_UTC;
    if ((clock->offset == CLOCK_UTC || clock->offset == CLOCK_LOCALTIME) &&
        clock->adjustment_s.set) {
        clock->basis = clock->offset;
        clock->offset = CLOCK_VARIABLE;
    }
    if (clock->offset == CLOCK_VARIABLE) {
        clock->adjustment_reset = TRI_UNSET; /* libvirt takes it for 0 */
        if (!clock->adjustment_s.set)
            clock->adjustment_s = NUM(0);
        if (!clock->basis)
            clock->basis = CLOCK_UTC;
    }
    if (clock->offset == CLOCK_TIMEZONE && !clock->timezone)
        return xml_error(c, x, "<clock offset='timezone'> has no 'timezone'");
    if (clock->offset == CLOCK_ABSOLUTE && !clock->start_s.set)
        return xml_error(c, x, "<clock offset='absolute'> has no 'start'");
    return 0;
}

static const char *const basis_names[] = {NULL, "utc", "localtime"};
static const struct words basis_words = {basis_names, 3};

static int read_timer(struct conf_ctx *c, void *rec, const struct xml *x)
{
    const struct timer *t = rec;
    if (t->frequency.set && t->name != TIMER_TSC)
        return xml_error(c, x, "a timer '%s' has no 'frequency'",
                         words_name(&timer_name_words, t->name));
    if (t->mode && t->name != TIMER_TSC)
        return xml_error(c, x, "a timer '%s' has no 'mode'",
                         words_name(&timer_name_words, t->name));
    return 0;
}

static const struct xrow timer_rows[] = {
    XA_ENUM("name", timer, name, timer_name, .when = XW_MANDATORY),
    XA_YES("present", timer, present),
    XA_STR("tickpolicy", timer, tickpolicy, ONEOF("delay", "catchup", "merge", "discard")),
    XA_STR("track", timer, track, ONEOF("boot", "guest", "wall", "realtime")),
    XA_NUM("frequency", timer, frequency),
    XA_ENUM("mode", timer, mode, tsc_mode),
    XK("catchup"),
};
static const struct xtable timer_table = {XTABLE(timer_rows), XITEM(timer), XKEPT(timer, kept),
                                          .after = read_timer};

static const struct xrow clock_rows[] = {
    XA_ENUM("offset", clock, offset, clock_offset),
    XH_ATTR("adjustment", read_adjustment, write_adjustment),
    XA_WORDS("basis", clock, basis, clock_offset, &basis_words),
    XA_STR("timezone", clock, timezone),
    XA_NUM("start", clock, start_s),
    XL("timer", clock, timers, timer, timer_table),
};
const struct xtable xml_clock_table = {XTABLE(clock_rows), .after = read_clock};
