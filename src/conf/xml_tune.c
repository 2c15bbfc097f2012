/* <cputune>: the shares and pins, which Xen has, and the rest as libvirt normalises it. */
#include "base/vec.h"
#include "conf/xml_domain.h"
#include "model/cpuset.h"

static int read_pin(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    struct num vcpu = {0};
    const char *text;
    char *plain;
    if (xml_num(c, x, "vcpu", 10, 0, 65535, &vcpu) || xml_mandatory(c, x, "vcpu", &text) ||
        xml_mandatory(c, x, "cpuset", &text))
        return -1;
    if (!(plain = cpuset_canonical(text)))
        return xml_error(c, x, "'cpuset' of <vcpupin> is no list of CPUs: '%s'", text);
    for (size_t i = 0; i < d->n_pins; i++)
        if (d->pins[i].vcpu.v == vcpu.v) {
            free(plain);
            return xml_error(c, x, "two <vcpupin> for vCPU %lld", (long long)vcpu.v);
        }
    size_t at = d->n_pins;
    while (at && d->pins[at - 1].vcpu.v > vcpu.v)
        at--;
    (void)DOMAIN_ADD(d, pins);
    memmove(&d->pins[at + 1], &d->pins[at], (d->n_pins - 1 - at) * sizeof(*d->pins));
    d->pins[at] = (struct vcpu_pin){.vcpu = vcpu, .hard = plain};
    return 0;
}

bool xml_pin_is_plain(const struct domain *d, const struct vcpu_pin *p)
{
    return p->hard && cpuset_is_plain(p->hard) && p->vcpu.v < num_or(d->vcpus_max, 1);
}

static void write_pins(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_pins; i++) {
        const struct vcpu_pin *pin = &d->pins[i];
        if (!xml_pin_is_plain(d, pin))
            continue;
        xml_out_open(w, "vcpupin");
        xml_out_attrf(w, "vcpu", "%lld", (long long)pin->vcpu.v);
        xml_out_attr(w, "cpuset", pin->hard);
        xml_out_close(w);
    }
}

static struct xnode *keep(struct domain *d, const struct xml *x)
{
    struct kept *k = DOMAIN_ADD(d, kept);
    k->at = mem_str("cputune");
    xnode_from_xml(&k->node, x);
    return &k->node;
}

static char **attr_of(struct xnode *n, const char *name)
{
    for (size_t i = 0; i < n->n_attrs; i++)
        if (!strcmp(n->attrs[i].name, name))
            return &n->attrs[i].value;
    return NULL;
}

/* <vcpusched vcpus='0-1'> and <iothreadsched iothreads='...'>: one element a number. */
static const char *sched_attr(const struct xrow *r)
{
    return strcmp(r->r.key, "vcpusched") ? "iothreads" : "vcpus";
}

/* The last one kept goes before the first of its name with a higher number. */
static void sort_sched(struct domain *d, const char *attr, unsigned number)
{
    size_t n = d->n_kept - 1, at = n;
    struct kept last = d->kept[n];
    for (size_t i = n; i-- > 0;) {
        uint32_t other;
        struct kept *k = &d->kept[i];
        char **value = str_eq(k->node.name, last.node.name) ? attr_of(&k->node, attr) : NULL;
        if (value && parse_u32(*value, 10, CPUSET_MAX, &other) && other > number)
            at = i;
    }
    memmove(&d->kept[at + 1], &d->kept[at], (n - at) * sizeof(last));
    d->kept[at] = last;
}

static int check_sched(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    const char *scheduler = xml_get(x, "scheduler");
    bool is_realtime = str_eq(scheduler, "fifo") || str_eq(scheduler, "rr");
    if (is_realtime && !xml_get(x, "priority"))
        return xml_error(c, x, "<%s scheduler='%s'> has no 'priority'", x->name, scheduler);
    return 0;
}

static int read_sched(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct cpuset set;
    const char *text;
    if (check_sched(c, r, rec, x) || xml_kept_check(c, x, "cputune"))
        return -1;
    if (xml_mandatory(c, x, sched_attr(r), &text))
        return -1;
    if (!cpuset_parse(text, &set))
        return xml_error(c, x, "'%s' of <%s> is no list: '%s'", sched_attr(r), x->name, text);
    for (unsigned i = 0; i < CPUSET_MAX; i++) {
        if (!cpuset_has(&set, i))
            continue;
        struct xnode *n = keep(rec, x);
        char **value = attr_of(n, sched_attr(r));
        free(*value);
        *value = mem_printf("%u", i);
        xml_kept_settle(n, "cputune");
        sort_sched(rec, sched_attr(r), i);
    }
    return 0;
}

static void write_kept(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_kept; i++)
        if (str_eq(d->kept[i].node.name, r->r.key))
            xnode_write(&d->kept[i].node, w);
}

/* ---- <cachetune>, <memorytune> ---- */

/* The list in x's attribute, without what the guest has no vCPU for; *ret is NULL when nothing is
 * left. */
static int clip_vcpus(struct conf_ctx *c, const struct xml *x, char **ret)
{
    struct cpuset set;
    const char *text;
    int64_t n = num_or(c->d->vcpus_max, 1);
    if (xml_mandatory(c, x, "vcpus", &text))
        return -1;
    if (!cpuset_parse(text, &set))
        return xml_error(c, x, "'vcpus' of <%s> is no list of CPUs: '%s'", x->name, text);
    for (unsigned i = 0; i < CPUSET_MAX; i++)
        if (i >= n)
            set.bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
    *ret = cpuset_count(&set) ? cpuset_format(&set) : NULL;
    return 0;
}

static int check_unique(struct conf_ctx *c, const struct xml *x, const char *name,
                        const char *const *attrs)
{
    for (const struct xml *a = x->child; a; a = a->next)
        for (const struct xml *b = a->next; a->name && b; b = b->next) {
            bool same = b->name && !strcmp(a->name, name) && !strcmp(b->name, name);
            for (size_t i = 0; same && attrs[i]; i++) {
                const char *v = xml_get(a, attrs[i]), *o = xml_get(b, attrs[i]);
                same = str_eq(v, o) || (!strcmp(attrs[i], "type") && v && o &&
                                        (!strcmp(v, "both") || !strcmp(o, "both")));
            }
            if (same)
                return xml_error(c, b, "two <%s> for the same thing in <%s>", name, x->name);
        }
    return 0;
}

/* A monitor's vCPUs are those of the group or some of them. */
static int check_monitors(struct conf_ctx *c, const struct xml *x, const char *vcpus)
{
    struct cpuset all, own;
    if (!cpuset_parse(vcpus, &all))
        return 0;
    for (const struct xml *m = x->child; m; m = m->next) {
        const char *text = m->name && !strcmp(m->name, "monitor") ? xml_get(m, "vcpus") : NULL;
        if (!text)
            continue;
        if (!cpuset_parse(text, &own))
            return xml_error(c, m, "'vcpus' of <monitor> is no list of CPUs: '%s'", text);
        for (unsigned i = 0; i < CPUSET_MAX; i++)
            if (cpuset_has(&own, i) && !cpuset_has(&all, i))
                return xml_error(c, m, "<monitor> has vCPU %u, which its <%s> has not", i, x->name);
    }
    return 0;
}

/* libvirt prints by number, and the monitors, which have none, last. */
struct place {
    uint32_t id;
    size_t index;
};

static uint32_t resource_place(struct xnode *n)
{
    char **id = attr_of(n, "id");
    uint32_t place = UINT32_MAX;
    if (id)
        parse_u32(*id, 10, UINT32_MAX - 1, &place);
    return place;
}

static int compare_resources(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static void sort_resources(struct xnode *n)
{
    if (n->n_children < 2)
        return;
    struct place *places = mem_new(n->n_children, sizeof(*places));
    struct xnode *sorted = vec_room(NULL, 0, sizeof(*sorted));
    size_t k = 0;
    for (size_t i = 0; i < n->n_children; i++)
        places[i] = (struct place){resource_place(&n->children[i]), i};
    qsort(places, n->n_children, sizeof(*places), compare_resources);
    for (size_t i = 0; i < n->n_children; i++)
        VEC_PUSH(sorted, k, n->children[places[i].index]);
    free(places);
    free(n->children);
    n->children = sorted;
}

static int read_resource(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    static const char *const cache[] = {"id", "level", "type", NULL}, *const node[] = {"id", NULL};
    CLEANUP_FREE char *vcpus = NULL;
    if (xml_kept_check(c, x, "cputune") || clip_vcpus(c, x, &vcpus) ||
        check_unique(c, x, "cache", cache) || check_unique(c, x, "node", node) ||
        (vcpus && check_monitors(c, x, vcpus)))
        return -1;
    if (!vcpus)
        return 0;
    struct xnode *n = keep(rec, x);
    char **value = attr_of(n, "vcpus");
    free(*value);
    *value = take(vcpus);
    sort_resources(n);
    xml_kept_settle(n, "cputune");
    return 0;
}

static const struct xrow cputune_rows[] = {
    XC_NUM("shares", domain, sched.weight),
    XK("period"),
    XK("quota"),
    XK("global_period"),
    XK("global_quota"),
    XK("emulator_period"),
    XK("emulator_quota"),
    XK("iothread_period"),
    XK("iothread_quota"),
    XH("vcpupin", read_pin, write_pins),
    XK("emulatorpin"),
    XK_LIST("iothreadpin"),
    XK("emulatorsched", .read = check_sched),
    XH("vcpusched", read_sched, write_kept),
    XH("iothreadsched", read_sched, write_kept),
    XH("cachetune", read_resource, write_kept),
    XH("memorytune", read_resource, write_kept),
};
const struct xtable xml_cputune_table = {XTABLE(cputune_rows)};
