#include "conf/loss.h"

#include "base/uuid.h"
#include "base/vec.h"
#include "conf/codec.h"
#include "conf/prov.h"
#include "conf/viridian.h"
#include "model/cpuset.h"

static bool is_set(const struct field *f, const void *m)
{
    switch (f->kind) {
    case REC_STR:
        return *(char *const *)m != NULL;
    case REC_TRI:
        return *(const tri *)m != TRI_UNSET;
    case REC_NUM:
        return ((const struct num *)m)->set;
    case REC_ENUM:
        return *(const int *)m != 0;
    case REC_MAC:
        return ((const struct mac *)m)->set;
    case REC_UUID:
        return !uuid_is_zero(m);
    case REC_MARK:
        return false;
    case REC_BOOL:
    case REC_STRS:
    case REC_U32S:
    case REC_ENUMS:
    case REC_SUB:
    case REC_LIST:
    case REC_OPT:
        return true;
    }
    return true;
}

/* The guest and what its text says, side by side. */
struct loss {
    struct conf_ctx *c;
    const struct domain *d; /* whose paths these are */
    const struct prov *prov;
    struct str path;
};

/* ---- telling ---- */

/* With a known source it is the entry of the key that said it which changes; what nobody said is no
 * loss. */
static void lose(struct loss *l, const char *path, enum report_status status, const char *text)
{
    long entry = l->prov ? prov_find(l->prov, l->d, path) : PROV_NO_KEY;
    if (entry == PROV_UNSAID || (entry == PROV_NO_KEY && l->prov && l->prov->only_keys))
        return;
    if (entry == PROV_NO_KEY)
        conf_note(l->c, status, path, (struct pos){0}, "%s", text);
    else
        report_lose(l->c->o->report, (size_t)entry, status, path, text);
}

static void lose_member(void *arg, const char *path, const struct field *f, const void *m)
{
    CLEANUP_STR struct str text = {0};
    if (f && !f->sub && strcmp(f->name, "passwd"))
        rec_value(f, m, &text);
    lose(arg, path, REPORT_LOST, text.len ? text.p : "has no place there");
}

static void note_kept(struct loss *l, const struct kept *k)
{
    CLEANUP_STR struct str key = {0};
    const char *name = k->node.name ? k->node.name : "";
    str_addf(&key, "%s%s%s", k->at, *k->at && *name != '@' ? "/" : "", name);
    conf_note(l->c, REPORT_LOST, str_get(&key), (struct pos){0}, "has no place there");
}

/* XML that was kept goes as a whole: its name tells whose it is. */
static void lose_tree(struct loss *l, const char *name)
{
    size_t base = l->path.len;
    str_add(&l->path, name);
    long entry = prov_find(l->prov, l->d, str_get(&l->path));
    if (entry >= 0)
        report_lose_all(l->c->o->report, (size_t)entry, "has no place there");
    str_cut(&l->path, base);
}

/* A whole item: each of its members, where their keys are known. */
static void lose_item(struct loss *l, const struct field *f, const void *item)
{
    if (l->prov && f->sub == &kept_rec)
        lose_tree(l, ".node.name");
    else if (l->prov && f->sub == &xnode_rec)
        lose_tree(l, ".name");
    else if (l->prov)
        rec_each(f, item, str_get(&l->path), lose_member, l);
    else if (f->sub == &kept_rec)
        note_kept(l, item);
    else
        lose_member(l, str_get(&l->path), f, item);
}

/* One set of CPUs in two words. */
static bool same_cpus(const struct field *f, const void *a, const void *b)
{
    static const char *const names[] = {"cpus", "cpus_soft", "hard", "soft"};
    struct cpuset x, y;
    bool is_set = false;
    for (size_t i = 0; f->kind == REC_STR && i < sizeof(names) / sizeof(*names); i++)
        is_set |= !strcmp(names[i], f->name);
    const char *s = is_set ? *(char *const *)a : NULL, *t = is_set ? *(char *const *)b : NULL;
    return s && t && cpuset_parse(s, &x) && cpuset_parse(t, &y) && !memcmp(&x, &y, sizeof(x));
}

static void compare_plain(struct loss *l, const struct field *f, const void *a, const void *b)
{
    CLEANUP_STR struct str had = {0}, has = {0}, text = {0};
    bool is_secret = !strcmp(f->name, "passwd");
    if (!is_set(f, a) || (is_secret && !(l->c->o->flags & CONF_SECURE)) ||
        !strcmp(str_get(&l->path), "id"))
        return;
    rec_value(f, a, &had);
    if (is_set(f, b))
        rec_value(f, b, &has);
    if (str_eq(str_get(&had), str_get(&has)) || same_cpus(f, a, b))
        return;
    str_addf(&text, "%s", is_secret ? "the password" : str_get(&had));
    if (has.len)
        str_addf(&text, " becomes %s", is_secret ? "another" : has.p);
    lose(l, str_get(&l->path), has.len ? REPORT_APPROXIMATED : REPORT_LOST, text.p);
}

/* ---- pairing ---- */

/* Lists may be written in another order: an item is known by these members. Others by number. */
static const struct {
    const struct rec *rec;
    const char *members[6];
} keys[] = {
    {&disk_rec, {"target"}},
    {&nic_rec, {"mac"}},
    {&controller_rec, {"type", "index"}},
    {&input_rec, {"type", "bus"}},
    {&sound_rec, {"model"}},
    {&hostdev_rec, {"type", "bus", "slot", "function", "vendor", "usb_device"}},
    {&chr_rec, {"port", "name"}},
    {&graphics_rec, {"type"}},
    {&timer_rec, {"name"}},
    {&hyperv_rec, {"name"}},
    {&cpu_feature_rec, {"name"}},
    {&vcpu_pin_rec, {"vcpu"}},
    {&numa_cell_rec, {"id"}},
    {&kept_rec, {"at", "node"}},
};

static bool is_same(const struct rec *r, const void *a, const void *b)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (keys[i].rec != r)
            continue;
        for (size_t k = 0; k < 6 && keys[i].members[k]; k++) {
            const struct field *f = rec_field(r, keys[i].members[k]);
            const struct rec one = {r->name, r->size, f, 1};
            if (!rec_equal(&one, a, b, NULL))
                return false;
        }
        return true;
    }
    return true;
}

static bool has_key(const struct rec *r)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (keys[i].rec == r)
            return true;
    return false;
}

/* The item of b that stands for item i of a; NULL when there is none. `used` has a flag for each of
 * b's. */
static const void *partner(const struct field *f, const void *a, size_t i, const void *b,
                           bool *used)
{
    size_t n = rec_count(f, b);
    for (size_t step = 0; f->sub && has_key(f->sub) && step < n; step++) {
        size_t k = (i + step) % n; /* most stand where they stood */
        if (!used[k] && is_same(f->sub, rec_item(f, a, i), rec_item(f, b, k))) {
            used[k] = true;
            return rec_item(f, b, k);
        }
    }
    if ((f->sub && has_key(f->sub)) || i >= n || used[i])
        return NULL;
    used[i] = true;
    return rec_item(f, b, i);
}

static void compare(struct loss *l, const struct rec *r, const void *a, const void *b);

/* A bit of cpuid that libxl may choose: what it does without a word, too. */
static bool says_nothing(const struct loss *l, const struct field *f, const void *item)
{
    return l->c->codec->format == CONF_JSON && f->sub == &cpu_feature_rec &&
           ((const struct cpu_feature *)item)->policy == CPU_OPTIONAL;
}

static void compare_lists(struct loss *l, const struct field *f, const void *a, const void *b)
{
    bool *used = mem_new(rec_count(f, b) + 1, sizeof(*used));
    size_t base = l->path.len;
    for (size_t i = 0; i < rec_count(f, a); i++) {
        const void *item = rec_item(f, a, i), *other = partner(f, a, i, b, used);
        if (f->kind != REC_OPT)
            str_addf(&l->path, "[%zu]", i);
        if (!other && !says_nothing(l, f, item))
            lose_item(l, f, item);
        else if (other && f->sub)
            compare(l, f->sub, item, other);
        else if (other)
            compare_plain(l, f, item, other);
        str_cut(&l->path, base);
    }
    free(used);
}

static void compare(struct loss *l, const struct rec *r, const void *a, const void *b)
{
    size_t base = l->path.len;
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        const char *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
        str_addf(&l->path, "%s%s", base ? "." : "", f->name);
        if (f->kind == REC_SUB)
            compare(l, f->sub, x, y);
        else if (f->kind == REC_STRS || f->kind == REC_U32S || f->kind == REC_ENUMS ||
                 f->kind == REC_LIST || f->kind == REC_OPT)
            compare_lists(l, f, a, b);
        else
            compare_plain(l, f, x, y);
        str_cut(&l->path, base);
    }
}

/* What formats say in different words: a variable clock without a difference is one of its basis.
 */
static void plain_words(struct domain *d)
{
    struct clock *clock = &d->clock;
    if (clock->offset == CLOCK_VARIABLE && !num_or(clock->adjustment_s, 0)) {
        clock->offset = clock->basis ? clock->basis : CLOCK_UTC;
        clock->basis = 0;
        clock->adjustment_s = (struct num){0};
    }
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        struct hostdev *h = &d->hostdevs[i];
        if (h->managed == TRI_NO)
            h->managed = TRI_UNSET;
        if (str_eq(h->driver, "xen")) /* there is no other */
            str_set(&h->driver, NULL);
    }
    for (size_t i = 0; i < d->n_disks; i++) {
        struct disk *k = &d->disks[i];
        if (k->device == DISK_CDROM && str_empty(k->source))
            str_set(&k->source, NULL);
    }
    if (d->type != GUEST_PV && d->features.hap == TRI_YES)
        d->features.hap = TRI_UNSET; /* the default */
}

static bool is_nesting_off(const struct cpu_feature *f)
{
    bool is_off = f->policy == CPU_DISABLE || f->policy == CPU_FORBID;
    return is_off && (str_eq(f->name, "vmx") || str_eq(f->name, "svm"));
}

static bool drop_nesting(struct cpu *cpu, bool drop)
{
    bool any = false;
    for (size_t i = cpu->n_features; i-- > 0;) {
        if (!is_nesting_off(&cpu->features[i]))
            continue;
        any = true;
        if (drop)
            rec_remove(rec_field(&cpu_rec, "features"), cpu, i);
    }
    return any;
}

/* nestedhvm=0 is both of these, and reads back as one. */
static void nesting_words(struct cpu *cpu, struct cpu *again)
{
    if (drop_nesting(cpu, false) && drop_nesting(again, false)) {
        drop_nesting(cpu, true);
        drop_nesting(again, true);
    }
}

static void push_down(tri *all, tri *one)
{
    if (!*one)
        *one = *all;
    if (*one == TRI_NO)
        *one = TRI_UNSET; /* the default */
}

/* libxl has no keys for all PCI devices: each says it; and sets of bits in place of words. */
static void libxl_words(struct domain *d, struct domain *again)
{
    uint32_t on, off, again_on, again_off;
    bool any = false;
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        struct hostdev *h = &d->hostdevs[i];
        if (h->type != HOSTDEV_PCI)
            continue;
        any = true;
        push_down(&d->pci_permissive, &h->permissive);
        push_down(&d->pci_msitranslate, &h->msitranslate);
        push_down(&d->pci_power_mgmt, &h->power_mgmt);
        push_down(&d->pci_seize, &h->seize);
    }
    if (any)
        d->pci_permissive = d->pci_msitranslate = d->pci_power_mgmt = d->pci_seize = TRI_UNSET;
    viridian_groups(&d->features, &on, &off);
    viridian_groups(&again->features, &again_on, &again_off);
    while (on == again_on && off == again_off && d->features.n_viridian_groups)
        rec_remove(rec_field(&features_rec, "viridian_groups"), &d->features, 0);
}

/* Libvirt's <hyperv> is groups of viridian in Xen's formats: what these say is there again. */
static void hyperv_words(const struct features *f, struct features *again)
{
    const char *unknown = NULL;
    uint32_t on, off, wanted = viridian_of_hyperv(f, &unknown);
    viridian_groups(again, &on, &off);
    if (again->n_hyperv || (wanted & ~on))
        return;
    str_set(&again->hyperv_mode, f->hyperv_mode);
    for (size_t i = 0; i < f->n_hyperv; i++) {
        struct hyperv h = {0};
        if (!viridian_says_hyperv(&f->hyperv[i]))
            continue;
        rec_copy(&hyperv_rec, &h, &f->hyperv[i]);
        h.direct = h.extended = TRI_UNSET;
        VEC_PUSH(again->hyperv, again->n_hyperv, h);
    }
}

void loss_note(struct conf_ctx *c, enum conf_format format, const struct domain *d,
               const char *text, size_t len, size_t first_note)
{
    struct conf_opts o = {.flags = c->o->flags & ~(unsigned)CONF_RAW, .caps = c->o->caps};
    CLEANUP_DOMAIN struct domain *again = NULL, *plain = NULL;
    struct err e = {0};
    size_t n_notes = c->o->report->n_entries;
    if (conf_read(format, text, len, &o, &again, &e)) {
        conf_note(c, REPORT_WARNING, d->name ? d->name : "guest", (struct pos){0},
                  "what was written is not read back: %s", e.msg);
        return;
    }
    struct loss l = {.c = c, .d = d, .prov = report_prov(c->o->report, d)};
    plain = domain_copy(d);
    plain_words(plain);
    plain_words(again);
    hyperv_words(&plain->features, &again->features);
    nesting_words(&plain->cpu, &again->cpu);
    if (format == CONF_JSON)
        libxl_words(plain, again);
    compare(&l, &domain_rec, plain, again);
    str_clear(&l.path);
    report_settle(c->o->report, first_note, n_notes, l.prov != NULL);
}
