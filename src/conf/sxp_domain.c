/* xen-sxpr: what xend printed (domain ...) and took (vm ...). The order of the rows is that of the
 * output. */
#include "base/uuid.h"
#include "base/vec.h"
#include "conf/sxp_rows.h"
#include "model/cpuset.h"

bool sxp_is_dom0(const struct domain *d)
{
    return d->id.set && !d->id.v;
}

/* ---- rows over lists ---- */

static const struct row *find_row(const struct row_table *t, const char *key)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(t->rows[i].key, key))
            return &t->rows[i];
    return NULL;
}

/* An empty text says no more than a key without a value does: xend printed all three forms. */
static struct value value_of(const struct sxp *list)
{
    struct value v = {.pos = sxp_pos(list)};
    if (list->n_items < 2)
        return v;
    const struct sxp *second = &list->items[1];
    v.pos = sxp_pos(second);
    v.kind = !second->text ? VALUE_LIST : *second->text ? VALUE_STRING : VALUE_NONE;
    v.text = second->text;
    return v;
}

static void note(struct conf_ctx *c, enum report_status status, const struct row_table *t,
                 const struct sxp *list, const char *text)
{
    CLEANUP_FREE char *key = NULL;
    if (!c->o->report)
        return;
    key = mem_printf("%s%s", t->prefix, list->items[0].text);
    if (text)
        conf_note(c, status, key, sxp_pos(list), "%s", text);
    else
        conf_note(c, status, key, sxp_pos(list), NULL);
}

static int read_row(struct conf_ctx *c, const struct row_table *t, const struct row *r, void *rec,
                    const struct sxp *list)
{
    struct value v = value_of(list);
    if (!row_applies(r, c->d->type)) {
        if (v.kind != VALUE_NONE)
            note(c, REPORT_LOST, t, list, "means nothing for this type of guest");
        return 0;
    }
    if (v.kind == VALUE_LIST && !(r->flags & SXP_LIST))
        return conf_error(c, v.pos, "'%s' wants a single value, not a list", r->key);
    if (list->n_items > 2 && !(r->flags & SXP_LIST))
        note(c, REPORT_LOST, t, list, "has more than one value; the first one counts");
    if (r->flags & SXP_DROP && v.text && !strcmp(v.text, r->dflt)) {
        note(c, REPORT_CONVERTED, t, list, NULL);
        return 0;
    }
    const struct sxp *outer = sxp_io(c)->node;
    sxp_io(c)->node = list;
    int rc = row_read(c, r, rec, &v);
    sxp_io(c)->node = outer;
    if (!rc && r->kind != ROW_IGNORE)
        note(c, REPORT_CONVERTED, t, list, NULL);
    return rc;
}

int sxp_read_rows(struct conf_ctx *c, const struct row_table *t, void *rec, const struct sxp *list,
                  size_t first)
{
    uint64_t seen[4] = {0}; /* a bit a row; no table has 256 */
    int rc = 0;
    for (size_t i = first; i < list->n_items; i++) {
        const struct sxp *item = &list->items[i];
        if (!item->n_items || !item->items[0].text) {
            conf_note(c, REPORT_WARNING, item->text ? item->text : "()", sxp_pos(item),
                      "not a list that starts with a key");
            continue;
        }
        const struct row *r = find_row(t, item->items[0].text);
        size_t bit = r ? (size_t)(r - t->rows) : 0;
        if (!r) {
            note(c, REPORT_LOST, t, item, "unknown key");
        } else if (seen[bit / 64] >> bit % 64 & 1 && !(r->flags & SXP_REPEATED)) {
            note(c, REPORT_WARNING, t, item, "given again; the first one counts");
        } else {
            seen[bit / 64] |= UINT64_C(1) << bit % 64;
            rc |= read_row(c, t, r, rec, item);
        }
    }
    return rc;
}

static int write_row(struct conf_ctx *c, const struct row *r, const void *rec)
{
    CLEANUP_STR struct str text = {0};
    if (r->write)
        return r->write(c, r, rec);
    if (r->kind == ROW_HOOK || r->kind == ROW_IGNORE || !row_text(r, rec, 0, &text))
        return 0;
    if (r->flags & SXP_YES_ONLY && str_eq(str_get(&text), "0"))
        return 0;
    if (r->flags & SXP_DROP && str_eq(str_get(&text), r->dflt))
        return 0;
    if (row_is_number(r))
        sxp_put_word(sxp_io(c)->out, r->key, str_get(&text));
    else
        sxp_put_text(sxp_io(c)->out, r->key, str_get(&text));
    return 0;
}

int sxp_write_rows(struct conf_ctx *c, const struct row_table *t, const void *rec)
{
    int rc = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct row *r = &t->rows[i];
        bool is_secret = r->flags & ROW_SECRET && !(c->o->flags & CONF_SECURE);
        if (!(r->flags & ROW_READ_ONLY) && !is_secret && row_applies(r, c->wd->type))
            rc |= write_row(c, r, rec);
    }
    return rc;
}

/* ---- hooks for all tables ---- */

int sxp_read_nothing(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return 0; /* another row or the end of the reader looks at it */
}

static void add_tree(struct str *out, const struct sxp *s)
{
    if (s->text) {
        sxp_add_word(out, s->text);
        return;
    }
    str_addc(out, '(');
    for (size_t i = 0; i < s->n_items; i++) {
        if (i)
            str_addc(out, ' ');
        add_tree(out, &s->items[i]);
    }
    str_addc(out, ')');
}

/* What only xend knows the inside of is kept as the text of its S-expressions. */
int sxp_read_tree(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct sxp *list = sxp_io(c)->node;
    CLEANUP_STR struct str text = {0};
    for (size_t i = 1; i < list->n_items; i++) {
        if (i > 1)
            str_addc(&text, ' ');
        add_tree(&text, &list->items[i]);
    }
    if (text.len && !str_eq(text.p, "()") && !str_eq(text.p, "''"))
        str_set((char **)(void *)((char *)rec + r->offset), text.p);
    return 0;
}

int sxp_write_tree(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const char *text = *(char *const *)(const void *)((const char *)rec + r->offset);
    struct sxp_doc doc = {0};
    struct err e = {0};
    if (!text)
        return 0;
    if (sxp_parse(text, strlen(text), &doc, &e))
        return conf_error(c, (struct pos){0}, "'%s' is not an S-expression: %s", r->key, e.msg);
    struct str *out = sxp_io(c)->out;
    str_addf(out, "(%s", r->key);
    for (size_t i = 0; i < doc.n_items; i++) {
        str_addc(out, ' ');
        add_tree(out, &doc.items[i]);
    }
    str_addc(out, ')');
    sxp_clear(&doc);
    return 0;
}

struct timer *sxp_timer(struct domain *d, enum timer_name name)
{
    for (size_t i = 0; i < d->clock.n_timers; i++)
        if (d->clock.timers[i].name == name)
            return &d->clock.timers[i];
    VEC_PUSH(d->clock.timers, d->clock.n_timers, ((struct timer){.name = name}));
    return &d->clock.timers[d->clock.n_timers - 1];
}

int sxp_read_tsc(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const enum tsc_mode modes[] = {TSC_AUTO, TSC_EMULATE, TSC_NATIVE, TSC_PARAVIRT};
    uint32_t n;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_STRING || !parse_u32(v->text, 0, 3, &n))
        return conf_error(c, v->pos, "'tsc_mode' must be a number from 0 to 3");
    sxp_timer(rec, TIMER_TSC)->mode = modes[n];
    return 0;
}

/* (cpuid ((LEAF ((eax BITS) ...)) ...)) */
int sxp_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const char registers[] = "abcd";
    struct domain *d = rec;
    const struct sxp *list = sxp_io(c)->node;
    bool is_check = str_eq(r->key, "cpuid_check");
    list = list->n_items > 1 ? &list->items[1] : list;
    for (size_t i = 0; !list->text && i < list->n_items; i++) {
        const struct sxp *leaf = &list->items[i],
                         *bits = leaf->n_items > 1 ? &leaf->items[1] : NULL;
        if (!bits || !leaf->items[0].text)
            return conf_error(c, sxp_pos(leaf), "'%s' wants lists of (LEAF ((eax BITS) ...))",
                              r->key);
        struct cpuid_leaf x = {0};
        char **members[] = {&x.eax, &x.ebx, &x.ecx, &x.edx};
        const char *comma = strchr(leaf->items[0].text, ',');
        x.leaf = comma ? mem_strn(leaf->items[0].text, (size_t)(comma - leaf->items[0].text))
                       : mem_str(leaf->items[0].text);
        x.subleaf = comma ? mem_str(comma + 1) : NULL;
        for (size_t k = 0; k < bits->n_items; k++) {
            const char *name = bits->items[k].n_items ? bits->items[k].items[0].text : NULL;
            const char *at = name && strlen(name) == 3 ? strchr(registers, name[1]) : NULL;
            if (at && *at)
                str_set(members[at - registers], sxp_value(&bits->items[k]));
        }
        if (is_check)
            VEC_PUSH(d->cpu.check_leaves, d->cpu.n_check_leaves, x);
        else
            VEC_PUSH(d->cpu.leaves, d->cpu.n_leaves, x);
    }
    return 0;
}

static void write_leaf(struct str *out, const struct cpuid_leaf *x)
{
    static const char *const names[] = {"eax", "ebx", "ecx", "edx"};
    const char *const bits[] = {x->eax, x->ebx, x->ecx, x->edx};
    CLEANUP_FREE char *leaf =
        mem_printf("%s%s%s", x->leaf, x->subleaf ? "," : "", x->subleaf ? x->subleaf : "");
    str_addc(out, '(');
    sxp_add_word(out, leaf);
    str_add(out, " (");
    for (int i = 0; i < 4; i++)
        if (bits[i])
            sxp_put_word(out, names[i], bits[i]);
    str_add(out, "))");
}

int sxp_write_cpuid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_check = str_eq(r->key, "cpuid_check");
    const struct cpuid_leaf *leaves = is_check ? d->cpu.check_leaves : d->cpu.leaves;
    size_t n = is_check ? d->cpu.n_check_leaves : d->cpu.n_leaves;
    struct str *out = sxp_io(c)->out;
    if (!n)
        return 0;
    str_addf(out, "(%s (", r->key);
    for (size_t i = 0; i < n; i++)
        if (leaves[i].leaf)
            write_leaf(out, &leaves[i]);
    str_add(out, "))");
    return 0;
}

/* ---- memory and CPUs ---- */

/* Only Domain-0, which has no image, is not itself without its number. */
static int write_domid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    if (sxp_is_dom0(rec))
        str_add(sxp_io(c)->out, "(domid 0)");
    return 0;
}

static int write_memory(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    struct num max = d->memory_max_kib.set ? d->memory_max_kib : d->memory_kib;
    struct num now = d->memory_kib.set ? d->memory_kib : max;
    struct num n = str_eq(r->key, "memory") ? now : max;
    if (n.set)
        sxp_put_number(sxp_io(c)->out, r->key, (n.v + 1023) / 1024);
    return 0;
}

static int read_vcpu_avail(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    struct domain *d = rec;
    uint64_t mask;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_STRING || !parse_u64(v->text, 10, INT64_MAX, &mask))
        return conf_error(c, v->pos, "'vcpu_avail' is not a bit mask in decimal: '%s'",
                          v->text ? v->text : "");
    if (mask)
        d->xm.vcpu_avail = NUM(mask);
    return 0;
}

/* Only the number of bits counts; the mask itself is kept when it is not the low bits. */
static void finish_vcpus(struct domain *d)
{
    uint64_t mask = d->xm.vcpu_avail.set ? (uint64_t)d->xm.vcpu_avail.v : 0;
    int n = __builtin_popcountll(mask);
    if (!d->vcpus_max.set)
        d->vcpus_max = NUM(1);
    if (n && n < d->vcpus_max.v)
        d->vcpus = NUM(n);
    if (!d->vcpus.set || mask == (UINT64_C(1) << n) - 1)
        d->xm.vcpu_avail = (struct num){0};
}

void sxp_write_vcpu_avail(struct conf_ctx *c, const struct domain *d)
{
    int64_t max = num_or(d->vcpus_max, 1), now = num_or(d->vcpus, max);
    if (now >= max || now < 1)
        return;
    if (now > 62)
        sxp_put_number(sxp_io(c)->out, "vcpu_avail", INT64_MAX); /* xend's own limit is 32 */
    else if (d->xm.vcpu_avail.set && __builtin_popcountll((uint64_t)d->xm.vcpu_avail.v) == now)
        sxp_put_number(sxp_io(c)->out, "vcpu_avail", d->xm.vcpu_avail.v);
    else
        sxp_put_number(sxp_io(c)->out, "vcpu_avail", (INT64_C(1) << now) - 1);
}

static int write_vcpu_avail(struct conf_ctx *c, const struct row *r, const void *rec)
{
    sxp_write_vcpu_avail(c, rec);
    return 0;
}

static int write_vcpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    sxp_put_number(sxp_io(c)->out, "vcpus", num_or(d->vcpus_max, num_or(d->vcpus, 1)));
    return 0;
}

/* A list of numbers, or a text. */
static int read_pin(struct conf_ctx *c, struct domain *d, const struct sxp *list, size_t vcpu)
{
    struct cpuset set = {0};
    char *text = NULL;
    for (size_t i = 0; i < list->n_items; i++) {
        uint32_t cpu;
        if (!list->items[i].text || !parse_u32(list->items[i].text, 10, CPUSET_MAX - 1, &cpu))
            return conf_error(c, sxp_pos(list), "'cpus' wants lists of numbers below %d",
                              CPUSET_MAX);
        set.bits[cpu / 64] |= UINT64_C(1) << cpu % 64;
    }
    if (list->n_items)
        text = cpuset_format(&set);
    else if (!str_empty(list->text))
        text = mem_str(list->text);
    if (text)
        VEC_PUSH(d->pins, d->n_pins, ((struct vcpu_pin){.vcpu = NUM(vcpu), .hard = text}));
    return 0;
}

/* (cpus '0-3') or a list of CPU lists, one a vCPU: (cpus ((0 1) ())) */
static int read_cpus(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int rc = 0;
    if (v->kind == VALUE_STRING)
        str_set(&d->cpus, v->text);
    const struct sxp *list = v->kind == VALUE_LIST ? &sxp_io(c)->node->items[1] : NULL;
    for (size_t i = 0; list && i < list->n_items; i++)
        rc |= read_pin(c, d, &list->items[i], i);
    return rc;
}

static void add_pin(struct str *out, const char *pin)
{
    struct cpuset set = {0};
    const char *blank = "";
    if (pin && !cpuset_parse(pin, &set)) {
        sxp_add_word(out, pin);
        return;
    }
    str_addc(out, '(');
    for (unsigned cpu = 0; pin && cpu < CPUSET_MAX; cpu++) {
        if (!cpuset_has(&set, cpu))
            continue;
        str_addf(out, "%s%u", blank, cpu);
        blank = " ";
    }
    str_addc(out, ')');
}

static int write_cpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    struct str *out = sxp_io(c)->out;
    int64_t last = -1;
    if (d->cpus)
        sxp_put_text(out, "cpus", d->cpus);
    for (size_t i = 0; i < d->n_pins; i++)
        if (d->pins[i].hard && d->pins[i].vcpu.v > last)
            last = d->pins[i].vcpu.v;
    if (d->cpus || last < 0 || last >= CPUSET_MAX)
        return 0;
    str_add(out, "(cpus (");
    for (int64_t i = 0; i <= last; i++) {
        str_add(out, i ? " " : "");
        add_pin(out, domain_pin(d, i, false));
    }
    str_add(out, "))");
    return 0;
}

/* 3.0 had a fraction, 1.0 being the normal weight, 256. */
static int read_weight(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    double x;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_STRING || !parse_double(v->text, &x) || x < 0 || x > 65535)
        return conf_error(c, v->pos, "'cpu_weight' is not a number from 0 to 65535");
    int64_t n = (int64_t)(strchr(v->text, '.') ? x * 256 : x);
    if (n != 256)
        d->sched.weight = NUM(n);
    return 0;
}

static int write_weight(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->sched.weight.set)
        sxp_put_number(sxp_io(c)->out, r->key, d->sched.weight.v);
    return 0;
}

/* ---- the rest ---- */

/* Mandatory for the reader; Domain-0 has zeros. */
static int write_uuid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    char text[UUID_TEXT];
    sxp_put_text(sxp_io(c)->out, r->key, uuid_format(d->uuid, text));
    return 0;
}

static int read_bootloader(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    struct domain *d = rec;
    str_set(&d->bootloader, v->kind == VALUE_STRING ? v->text : "");
    return 0;
}

static int write_bootloader(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (!d->bootloader)
        return 0;
    if (*d->bootloader)
        sxp_put_text(sxp_io(c)->out, "bootloader", d->bootloader);
    else
        str_add(sxp_io(c)->out, "(bootloader)");
    return 0;
}

static int write_bootloader_args(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->bootloader && d->bootloader_args)
        sxp_put_text(sxp_io(c)->out, "bootloader_args", d->bootloader_args);
    return 0;
}

/* (backend (blkif)) or (backend (netif)): a driver domain */
static int read_backend(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct sxp *list = sxp_io(c)->node;
    for (size_t i = 1; i < list->n_items; i++) {
        if (sxp_is(&list->items[i], "blkif"))
            d->xm.blkif = TRI_YES;
        if (sxp_is(&list->items[i], "netif"))
            d->xm.netif = TRI_YES;
    }
    return 0;
}

static int write_backend(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->xm.blkif == TRI_YES)
        str_add(sxp_io(c)->out, "(backend (blkif))");
    if (d->xm.netif == TRI_YES)
        str_add(sxp_io(c)->out, "(backend (netif))");
    return 0;
}

static void finish_clock(struct domain *d, const struct sxp *domain)
{
    const struct sxp *image = sxp_find(domain, "image");
    const char *path = d->type == GUEST_HVM ? "hvm/localtime" : "linux/localtime";
    const char *outer = sxp_value(sxp_find(domain, "localtime"));
    const char *inner = image ? sxp_value(sxp_find(image, path)) : NULL;
    enum clock_offset basis = sxp_is_yes(inner ? inner : outer) ? CLOCK_LOCALTIME : CLOCK_UTC;
    if (d->type == GUEST_HVM) {
        d->clock.offset = CLOCK_VARIABLE;
        d->clock.basis = basis;
        if (!d->clock.adjustment_s.set)
            d->clock.adjustment_s = NUM(0);
    } else {
        d->clock.offset = basis;
        d->clock.adjustment_reset = TRI_YES;
    }
}

int sxp_clock_basis(struct conf_ctx *c, const struct domain *d)
{
    enum clock_offset offset = d->clock.offset;
    if (d->type == GUEST_HVM && offset == CLOCK_VARIABLE)
        return d->clock.basis == CLOCK_LOCALTIME;
    if (offset > CLOCK_LOCALTIME)
        return conf_error(c, (struct pos){0}, "clock offset '%s' has no place in this format",
                          words_name(&clock_offset_words, (int)offset));
    if (d->type == GUEST_HVM && d->clock.adjustment_reset == TRI_YES)
        return conf_error(c, (struct pos){0},
                          "clock adjustment='reset' has no place in this format");
    return offset == CLOCK_LOCALTIME;
}

static int write_localtime(struct conf_ctx *c, const struct row *r, const void *rec)
{
    int basis = sxp_clock_basis(c, rec);
    if (basis < 0)
        return -1;
    sxp_put_number(sxp_io(c)->out, "localtime", basis);
    return 0;
}

#define XM(member) .offset = offsetof(struct domain, xm.member)

static const struct row domain_rows[] = {
    R_NUM("domid", domain, id, .write = write_domid, .doc = "number of the running guest",
          .xml = "<domain id>"),
    R_STR("name", domain, name, .doc = "name", .xml = "<name>"),
    R_NUM("memory", domain, memory_kib, .unit = 1024, .write = write_memory, .type = "MiB",
          .doc = "current memory", .xml = "<currentMemory>"),
    R_NUM("maxmem", domain, memory_max_kib, .unit = 1024, .write = write_memory, .type = "MiB",
          .doc = "most memory", .xml = "<memory>"),
    R_NUM("vcpus", domain, vcpus_max, .write = write_vcpus, .dflt = "1", .doc = "number of vCPUs",
          .xml = "<vcpu>"),
    R_HOOK("vcpu_avail", read_vcpu_avail, write_vcpu_avail, .type = "bit mask",
           .doc = "vCPUs that are on", .xml = "<vcpu current>"),
    R_HOOK("cpus", read_cpus, write_cpus, .type = "ranges, or a list of lists", .flags = SXP_LIST,
           .doc = "where vCPUs may run", .xml = "<vcpu cpuset>, <vcpupin>"),
    R_UUID("uuid", domain, uuid, .write = write_uuid, .doc = "identity", .xml = "<uuid>"),
    R_STR("description", domain, description, .doc = "description", .xml = "<description>"),
    R_HOOK("bootloader", read_bootloader, write_bootloader, .applies = ROW_PV, .type = "path",
           .doc = "boot loader run in the host", .xml = "<bootloader>"),
    R_STR("bootloader_args", domain, bootloader_args, .write = write_bootloader_args,
          .applies = ROW_PV, .doc = "its arguments", .xml = "<bootloader_args>"),
    R_ENUM("on_poweroff", domain, on_poweroff, lifecycle, .dflt = "destroy",
           .doc = "after a power off", .xml = "<on_poweroff>"),
    R_ENUM("on_reboot", domain, on_reboot, lifecycle, .dflt = "restart", .doc = "after a reboot",
           .xml = "<on_reboot>"),
    R_ENUM("on_crash", domain, on_crash, lifecycle, .dflt = "destroy", .doc = "after a crash",
           .xml = "<on_crash>"),
    R_ENUM("restart", domain, xm.restart, xend_restart, .doc = "the three above in one, outdated"),
    R_ENUM("on_xend_start", domain, xm.on_start, xend_start, .flags = SXP_DROP, .dflt = "ignore",
           .doc = "when xend starts"),
    R_ENUM("on_xend_stop", domain, xm.on_stop, xend_stop, .flags = SXP_DROP, .dflt = "ignore",
           .doc = "when xend stops"),
    R_HOOK("cpu_weight", read_weight, write_weight, .type = "number", .dflt = "256",
           .doc = "share of processor time", .xml = "<cputune><shares>"),
    R_NUM("cpu_cap", domain, sched.cap, .flags = SXP_DROP, .dflt = "0", .type = "percent",
          .doc = "most processor time"),
    R_STR("pool_name", domain, pool, .flags = SXP_DROP, .dflt = "Pool-0", .doc = "cpupool"),
    R_NUM("shadow_memory", domain, shadow_memory_kib, .unit = 1024, .flags = SXP_DROP, .dflt = "0",
          .type = "MiB", .doc = "memory for page tables"),
    R_STR("features", domain, xm.features, .doc = "features of a PV kernel"),
    R_HOOK("security", sxp_read_tree, sxp_write_tree, XM(security), .flags = SXP_LIST,
           .doc = "access control"),
    R_STR("security_label", domain, xm.security_label, .doc = "access control label"),
    R_NUM("machine_address_size", domain, xm.machine_address_size, .doc = "bits of addresses"),
    R_TRI("suppress_spurious_page_faults", domain, xm.suppress_spurious_page_faults,
          .flags = SXP_DROP, .dflt = "0", .doc = "for buggy guests"),
    R_TRI("s3_integrity", domain, xm.s3_integrity, .doc = "check memory over S3"),
    R_NUM("target", domain, xm.target, .doc = "the domain that this one serves"),
    R_HOOK("backend", read_backend, write_backend, .type = "(blkif) or (netif)",
           .flags = SXP_REPEATED | SXP_LIST, .doc = "the guest is a driver domain"),
    R_STR("start_time", domain, xm.start_time, .doc = "live: since when"),
    R_STR("cpu_time", domain, xm.cpu_time, .doc = "live: seconds used"),
    R_NUM("online_vcpus", domain, xm.online_vcpus, .doc = "live: vCPUs that run"),
    R_NUM("status", domain, xm.status, .doc = "live: number of the state"),
    R_STR("state", domain, xm.state, .doc = "live: flags of the state"),
    R_NUM("store_mfn", domain, xm.store_mfn, .doc = "live: page of XenStore"),
    R_NUM("console_mfn", domain, xm.console_mfn, .doc = "live: page of the console"),
    /* older places of what stands in image */
    R_TRI("superpages", domain, xm.superpages, .flags = ROW_READ_ONLY | SXP_DROP, .dflt = "0",
          .doc = "see image"),
    R_TRI("memory_sharing", domain, xm.memory_sharing, .flags = ROW_READ_ONLY | SXP_DROP,
          .dflt = "0", .doc = "see image"),
    R_HOOK("cpuid", sxp_read_cpuid, NULL, .flags = ROW_READ_ONLY | SXP_LIST, .doc = "see image"),
    R_HOOK("cpuid_check", sxp_read_cpuid, NULL, .flags = ROW_READ_ONLY | SXP_LIST,
           .doc = "see image"),
    R_TRI("oos", domain, oos, .flags = ROW_READ_ONLY | SXP_DROP, .dflt = "1", .doc = "see image"),
    R_HOOK("tsc_mode", sxp_read_tsc, NULL, .flags = ROW_READ_ONLY | SXP_DROP, .dflt = "0",
           .doc = "see image"),
    R_TRI("nomigrate", domain, disable_migrate, .flags = ROW_READ_ONLY | SXP_DROP, .dflt = "0",
          .doc = "see image"),
    R_HOOK("image", sxp_read_image, sxp_write_image, .flags = SXP_LIST,
           .type = "(hvm ...) or (linux ...)", .doc = "what boots, and with what",
           .xml = "<os>, <features>"),
    R_HOOK("localtime", sxp_read_nothing, write_localtime, .type = "0 or 1",
           .doc = "the guest's clock shows local time", .xml = "<clock>"),
    R_HOOK("device", sxp_read_device, sxp_write_devices, .flags = SXP_REPEATED | SXP_LIST,
           .type = "(KIND (key value)...)", .doc = "a device", .xml = "<devices>"),
};
static const struct row_table domain_table = SXP_TABLE("", domain_rows);

/* ---- the codec ---- */

/* What an HVM image does not mention is off; that is no statement about a PV guest. */
static void finish_features(struct domain *d)
{
    tri *const all[] = {&d->features.acpi, &d->features.apic, &d->features.pae,
                        &d->features.viridian};
    for (size_t i = 0; d->type == GUEST_HVM && i < sizeof(all) / sizeof(*all); i++)
        if (!*all[i])
            *all[i] = TRI_NO;
}

static bool is_hdc(const struct disk *k)
{
    return str_eq(k->target, "hdc");
}

/* The CD-ROM that the image said stands in front of the devices. Its place is behind them, unless
 * one of them is the same. */
static void finish_disks(struct domain *d, const struct sxp *domain)
{
    size_t n = d->n_disks, first = 0;
    if (!sxp_find(domain, "image/hvm/cdrom"))
        return;
    while (first < n && !is_hdc(&d->disks[first]))
        first++;
    if (first == n)
        return;
    struct disk cdrom = d->disks[first];
    VEC_REMOVE(d->disks, d->n_disks, first);
    for (size_t i = 0; i < d->n_disks; i++) {
        if (!is_hdc(&d->disks[i]))
            continue;
        rec_clear(&disk_rec, &cdrom);
        return;
    }
    d->disks[d->n_disks++] = cdrom;
}

static void finish(struct domain *d, const struct sxp *domain)
{
    finish_disks(d, domain);
    finish_features(d);
    finish_vcpus(d);
    finish_clock(d, domain);
    if (!d->memory_max_kib.set)
        d->memory_max_kib = d->memory_kib;
    if (!d->memory_kib.set || d->memory_kib.v > d->memory_max_kib.v)
        d->memory_kib = d->memory_max_kib;
    if (!d->on_poweroff)
        d->on_poweroff = LIFE_DESTROY;
    if (!d->on_reboot)
        d->on_reboot = LIFE_RESTART;
    if (!d->on_crash)
        d->on_crash = LIFE_DESTROY;
}

static int check_head(struct conf_ctx *c, const struct sxp *s)
{
    if (!sxp_is(s, "domain") && !sxp_is(s, "vm"))
        return conf_error(c, sxp_pos(s), "expected (domain ...) or (vm ...)");
    int rc = 0;
    if (str_empty(sxp_value(sxp_find(s, "name"))))
        rc = conf_error(c, sxp_pos(s), "the domain has no (name ...)");
    if (str_empty(sxp_value(sxp_find(s, "uuid"))))
        rc = conf_error(c, sxp_pos(s), "the domain has no (uuid ...)");
    return rc;
}

static int read_domain(struct conf_ctx *c, const struct sxp *s, struct domains *ret)
{
    struct domain *d = domain_new();
    struct sxp_io io = {.domain = s};
    c->d = d;
    c->format = &io;
    domains_add(ret, d);
    if (check_head(c, s))
        return -1;
    d->type = sxp_find(s, "image/hvm") ? GUEST_HVM : GUEST_PV;
    int rc = sxp_read_rows(c, &domain_table, d, s, 1);
    finish(d, s);
    if (c->o->flags & CONF_INACTIVE)
        d->id = (struct num){0};
    return rc;
}

static int sxp_codec_read(struct conf_ctx *c, const char *text, size_t len, struct domains *ret)
{
    struct sxp_doc doc = {0};
    struct err e = {0};
    int rc = 0;
    if (sxp_parse(text, len, &doc, &e))
        return conf_error(c, (struct pos){0}, "%s", e.msg);
    if (doc.has_bom)
        conf_note(c, REPORT_WARNING, "syntax", (struct pos){1, 1},
                  "byte order mark at the start of the file: xend refuses it");
    if (doc.unclosed_line)
        conf_note(c, REPORT_WARNING, "(", (struct pos){doc.unclosed_line, doc.unclosed_col},
                  "the list is not closed at the end of the input");
    if (doc.stray_line)
        conf_note(c, REPORT_WARNING, ")", (struct pos){doc.stray_line, doc.stray_col},
                  "closes no list");
    for (size_t i = 0; i < doc.n_items && i <= CONF_DOMAINS_MAX; i++)
        rc |= read_domain(c, &doc.items[i], ret);
    sxp_clear(&doc);
    return rc;
}

static int sxp_codec_write(struct conf_ctx *c, const struct domain *d, struct str *out)
{
    struct sxp_io io = {.out = out};
    c->format = &io;
    if (d->type == GUEST_PVH)
        return conf_error(c, (struct pos){0}, "xend knows no guests of type pvh");
    str_add(out, "(vm ");
    if (sxp_write_rows(c, &domain_table, d))
        return -1;
    str_addc(out, ')');
    return 0;
}

static const struct row_table *const tables[] = {
    &domain_table,  &sxp_image_table, &sxp_disk_table,    &sxp_nic_table,
    &sxp_vfb_table, &sxp_pci_table,   &sxp_console_table, NULL,
};

const struct codec sxp_codec = {
    .format = CONF_SXPR,
    .name = "xen-sxpr",
    .read = sxp_codec_read,
    .write = sxp_codec_write,
    .tables = tables,
};
