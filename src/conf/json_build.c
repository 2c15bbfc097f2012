/* b_info: what the guest is built of. HVM's own part is in json_hvm.c. */
#include "base/vec.h"
#include "conf/json_rows.h"
#include "model/complete.h"
#include "model/cpuset.h"

#define OUT(c) (&json_io(c)->out)

/* ---- vCPUs ---- */

static int write_vcpus(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int64_t max = num_or(d->vcpus_max, num_or(d->vcpus, 1));
    json_put_int(OUT(c), r->key, max);
    return 0;
}

static int read_avail(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = json_io(c)->node;
    if (json_want(c, r->key, node, JSON_ARRAY))
        return -1;
    if (node->n_items)
        d->vcpus = NUM(node->n_items);
    return 0;
}

static int write_avail(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int64_t max = num_or(d->vcpus_max, num_or(d->vcpus, 1)), n = num_or(d->vcpus, max);
    if (n > max || n > CPUSET_MAX)
        return conf_error(c, (struct pos){0}, "%lld vCPUs of %lld", (long long)n, (long long)max);
    json_open(OUT(c), r->key, '[');
    for (int64_t i = 0; i < n; i++)
        json_put_int(OUT(c), NULL, i);
    json_close(OUT(c), ']');
    return 0;
}

static const char anywhere[] = "0-4095";
_Static_assert(CPUSET_MAX == 4096, "all CPUs");

/* An array of sets, one a vCPU; the same for all of them is said once. */
static int read_affinity(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    bool is_hard = str_eq(r->key, "vcpu_hard_affinity"), is_same = true;
    struct domain *d = rec;
    char **texts = NULL;
    size_t n = 0;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        char *text = NULL;
        const struct row bits = {.key = r->key};
        json_io(c)->node = &node->items[i];
        rc = json_read_bits(c, &bits, &text, v);
        if (str_eq(text, anywhere))
            str_set(&text, "all");
        is_same = is_same && str_eq(text, n ? texts[0] : text);
        VEC_PUSH(texts, n, text);
    }
    json_io(c)->node = node;
    if (!rc && n && is_same && (int64_t)n >= num_or(d->vcpus_max, 1))
        str_set(is_hard ? &d->cpus : &d->cpus_soft, texts[0]);
    for (size_t i = 0; !rc && !is_same && i < n; i++) {
        struct vcpu_pin *pin = texts[i] ? domain_pin_add(d, (int64_t)i) : NULL;
        if (pin)
            str_set(is_hard ? &pin->hard : &pin->soft, texts[i]);
    }
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
    return rc;
}

static const char *affinity(const struct domain *d, int64_t vcpu, bool is_hard)
{
    const char *own = domain_pin(d, vcpu, !is_hard);
    return own ? own : is_hard ? d->cpus : d->cpus_soft;
}

static int write_affinity(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_hard = str_eq(r->key, "vcpu_hard_affinity");
    int64_t last = -1, max = num_or(d->vcpus_max, num_or(d->vcpus, 1));
    int rc = 0;
    for (int64_t i = 0; i < max && i < CPUSET_MAX; i++) {
        const char *text = affinity(d, i, is_hard);
        if (text && !str_eq(text, "all"))
            last = i;
    }
    if (last < 0)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (int64_t i = 0; i <= last && !rc; i++) {
        const char *text = affinity(d, i, is_hard);
        if (text && !str_eq(text, "all"))
            rc = json_write_bits(c, NULL, text);
        else
            rc = json_write_bits(c, NULL, anywhere);
    }
    json_close(OUT(c), ']');
    return rc;
}

/* ---- memory: whole MiB, as libvirt and xl count it ---- */

static int write_memory(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    struct num max = d->memory_max_kib.set ? d->memory_max_kib : d->memory_kib;
    struct num now = d->memory_kib.set ? d->memory_kib : max;
    struct num n = str_eq(r->key, "max_memkb") ? max : now;
    if (n.set)
        json_put_int(OUT(c), r->key, (n.v + 1023) / 1024 * 1024);
    return 0;
}

static int write_video_memory(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    struct num n = d->video_memory_kib;
    if (!n.set && d->n_videos)
        n = d->videos[0].vram_kib;
    if (n.set && d->type == GUEST_HVM)
        json_put_int(OUT(c), r->key, n.v);
    return 0;
}

/* ---- the clock ---- */

static int read_rtc(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t n;
    if (json_want_int(c, r->key, json_io(c)->node, INT32_MIN, UINT32_MAX, &n))
        return -1;
    d->clock.adjustment_s = NUM(n > INT32_MAX ? n - (INT64_C(1) << 32) : n);
    return 0;
}

static int write_rtc(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int64_t n = num_or(d->clock.adjustment_s, 0);
    if (n < INT32_MIN || n > INT32_MAX)
        return conf_error(c, (struct pos){0}, "the clock's adjustment is out of range");
    if (n)
        json_put_uint(OUT(c), r->key, (uint32_t)n);
    return 0;
}

static int read_localtime(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (json_want_tri(c, r->key, json_io(c)->node) == TRI_YES)
        d->clock.offset = CLOCK_LOCALTIME;
    return 0;
}

static int write_localtime(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct clock *k = &((const struct domain *)rec)->clock;
    if (k->offset > CLOCK_VARIABLE)
        return conf_error(c, (struct pos){0}, "libxl has no clock offset '%s'",
                          words_name(&clock_offset_words, (int)k->offset));
    if (k->offset == CLOCK_LOCALTIME ||
        (k->offset == CLOCK_VARIABLE && k->basis == CLOCK_LOCALTIME))
        json_put_tri(c, r->key, TRI_YES);
    return 0;
}

static const char *const tsc_names[] = {
    NULL, "default", "native", "always_emulate", "native_paravirt", "default"};
static const struct words tsc_words = {tsc_names, 6};

static int read_tsc(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    struct domain *d = rec;
    const char *text = json_want_text(c, r->key, node);
    int mode = text ? words_find(&tsc_words, text) : -1;
    if (mode < 0)
        return text ? conf_error(c, json_pos(node), "'tsc_mode' has an unknown value '%s'", text)
                    : -1;
    VEC_PUSH(d->clock.timers, d->clock.n_timers,
             ((struct timer){.name = TIMER_TSC, .present = TRI_YES, .mode = (enum tsc_mode)mode}));
    return 0;
}

static int write_tsc(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->clock.n_timers; i++) {
        const struct timer *t = &d->clock.timers[i];
        const char *mode = words_name(&tsc_words, (int)t->mode);
        if (t->name == TIMER_TSC && mode && !str_eq(mode, r->dflt))
            json_put_string(OUT(c), r->key, mode);
        else if (t->name != TIMER_TSC && t->name != TIMER_HPET)
            return conf_error(c, (struct pos){0}, "libxl has no timer '%s'",
                              words_name(&timer_name_words, (int)t->name));
    }
    return 0;
}

/* ---- NUMA ---- */

static int read_vnuma(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const struct row vcpus = {.key = "vcpus", .offset = offsetof(struct numa_cell, cpus)};
    static const struct row distances =
        R_U32S("distances", numa_cell, distances, n_distances, .base = 10);
    const struct json *node = json_io(c)->node;
    struct domain *d = rec;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const struct json *item = &node->items[i], *x;
        struct numa_cell *cell = DOMAIN_ADD(&d->cpu, cells);
        int64_t n = 0;
        cell->id = NUM(i);
        if ((x = json_get(item, "memkb")) &&
            !(rc |= json_want_int(c, "memkb", x, 0, INT64_MAX, &n)))
            cell->memory_kib = NUM(n);
        n = 0;
        if ((x = json_get(item, "pnode")))
            rc |= json_want_int(c, "pnode", x, 0, CPUSET_MAX, &n);
        if (n != (int64_t)i)
            cell->pnode = NUM(n);
        for (size_t k = 0; (x = json_get(item, "distances")) && k < x->n_items; k++)
            rc |= row_read_text(c, &distances, cell, x->items[k].text ? x->items[k].text : "",
                                json_pos(&x->items[k]));
        json_io(c)->node = json_get(item, "vcpus");
        if (json_io(c)->node)
            rc |= json_read_bits(c, &vcpus, cell, v);
        json_note_fields(c, r->sub, item, NULL);
    }
    json_io(c)->node = node;
    return rc;
}

static const struct row vnuma_rows[] = {
    J_PART("memkb", .type = "KiB", .xml = "<cell memory>"),
    J_PART("distances", .type = "list of numbers", .xml = "<distances>"),
    J_PART("pnode", .type = "number", .xml = "metadata"),
    J_PART("vcpus", .type = "list of numbers", .xml = "<cell cpus>"),
};
const struct row_table json_vnuma_table = JSON_TABLE("b_info.vnuma_nodes.", vnuma_rows);

static int write_cell(struct conf_ctx *c, const struct numa_cell *cell, size_t i)
{
    json_open(OUT(c), NULL, '{');
    if (cell->memory_kib.set)
        json_put_int(OUT(c), "memkb", cell->memory_kib.v);
    if (cell->n_distances)
        json_open(OUT(c), "distances", '[');
    for (size_t k = 0; k < cell->n_distances; k++)
        json_put_uint(OUT(c), NULL, cell->distances[k]);
    if (cell->n_distances)
        json_close(OUT(c), ']');
    if (num_or(cell->pnode, (int64_t)i))
        json_put_int(OUT(c), "pnode", num_or(cell->pnode, (int64_t)i));
    int rc = json_write_bits(c, "vcpus", cell->cpus);
    json_close(OUT(c), '}');
    return rc;
}

static int write_vnuma(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int rc = 0;
    if (!d->cpu.n_cells)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < d->cpu.n_cells; i++)
        rc |= write_cell(c, &d->cpu.cells[i], i);
    json_close(OUT(c), ']');
    return rc;
}

/* ---- resources of the host ---- */

static int read_ioports(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    struct domain *d = rec;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const struct json *first = json_get(&node->items[i], "first");
        const struct json *number = json_get(&node->items[i], "number");
        int64_t from = 0, n = 1;
        rc = first ? json_want_int(c, "first", first, 0, UINT16_MAX, &from) : 0;
        if (!rc && number)
            rc = json_want_int(c, "number", number, 1, UINT16_MAX + 1, &n);
        if (!rc)
            VEC_PUSH(d->ioports, d->n_ioports,
                     ((struct ioport_range){NUM(from), NUM(from + n - 1)}));
        json_note_fields(c, r->sub, &node->items[i], NULL);
    }
    return rc;
}

static const struct row ioport_rows[] = {
    J_PART("first", .type = "number"),
    J_PART("number", .type = "number"),
};
const struct row_table json_ioports_table = JSON_TABLE("b_info.ioports.", ioport_rows);

static int write_ioports(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (!d->n_ioports)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < d->n_ioports; i++) {
        int64_t first = d->ioports[i].first.v, last = num_or(d->ioports[i].last, first);
        json_open(OUT(c), NULL, '{');
        if (first)
            json_put_int(OUT(c), "first", first);
        json_put_int(OUT(c), "number", last - first + 1);
        json_close(OUT(c), '}');
    }
    json_close(OUT(c), ']');
    return 0;
}

static const struct row iomem_rows[] = {
    J_NUM("start", iomem_range, start),
    J_NUM("number", iomem_range, count),
    J_NUM("gfn", iomem_range, gfn),
};
const struct row_table json_iomem_table = JSON_TABLE("b_info.iomem.", iomem_rows);

/* ---- scheduler, device model, boot ---- */

static int read_extratime(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t n;
    if (json_want_int(c, r->key, json_io(c)->node, -1, INT32_MAX, &n))
        return -1;
    d->sched.extratime = n < 0 ? TRI_UNSET : n ? TRI_YES : TRI_NO;
    return 0;
}

static int write_extratime(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->sched.extratime)
        json_put_int(OUT(c), r->key, d->sched.extratime == TRI_YES);
    return 0;
}

static const struct row sched_rows[] = {
    J_ENUM("sched", domain, sched.kind, scheduler, &scheduler_words, "unknown"),
    J_NUM("weight", domain, sched.weight, .xml = "<cputune><shares>"),
    J_NUM("cap", domain, sched.cap),
    J_NUM("period", domain, sched.period),
    J_NUM("budget", domain, sched.budget),
    J_HOOK("extratime", read_extratime, write_extratime, .type = "0 or 1"),
    J_NUM("slice", domain, sched.slice),
    J_NUM("latency", domain, sched.latency),
};
const struct row_table json_sched_table = JSON_TABLE("b_info.sched_params.", sched_rows);

static const char *const dm_names[] = {NULL, "qemu_xen_traditional", "qemu_xen", "none"};
static const struct words dm_words = {dm_names, 4};

/* libxl wants to know the version of a device model that is named. */
static int write_dm_version(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    enum dm_version version = d->dm_version ? d->dm_version : d->emulator ? DM_QEMU_XEN : 0;
    if (version)
        json_put_string(OUT(c), r->key, words_name(&dm_words, (int)version));
    return 0;
}

static int read_dm_version(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    static const struct row row =
        J_KEEP_ENUM("device_model_version", domain, dm_version, dm_version, &dm_words);
    const char *text = json_want_text(c, r->key, json_io(c)->node);
    if (!text || str_eq(text, "unknown"))
        return text ? 0 : -1;
    return row_read_text(c, &row, rec, text, v->pos);
}

/* root= and extra= are pieces of the command line for all but xend. */
static int write_cmdline(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct os *os = &((const struct domain *)rec)->os;
    CLEANUP_STR struct str text = {0};
    if (os->root)
        str_addf(&text, "root=%s", os->root);
    const char *rest = os->cmdline ? os->cmdline : os->extra;
    if (rest)
        str_addf(&text, "%s%s", text.len ? " " : "", rest);
    if (os->cmdline && os->root && strstr(os->cmdline, str_get(&text)))
        json_put_string(OUT(c), r->key, os->cmdline); /* has it already */
    else if (text.len || os->cmdline)
        json_put_string(OUT(c), r->key, str_get(&text));
    return 0;
}

static const char *bootloader_of(const struct domain *d)
{
    if (!str_empty(d->bootloader))
        return d->bootloader;
    return d->type == GUEST_PV && !d->os.kernel ? "pygrub" : NULL;
}

static int write_bootloader(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const char *path = bootloader_of(rec);
    if (path)
        json_put_string(OUT(c), r->key, path);
    return 0;
}

static int read_text(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const char *text = json_want_text(c, r->key, json_io(c)->node);
    if (text)
        str_set(row_at(r, rec), text);
    return text ? 0 : -1;
}

static int read_bootloader_args(struct conf_ctx *c, const struct row *r, void *rec,
                                const struct value *v)
{
    static const struct row list =
        R_STRS("bootloader_args", domain, bootloader_arg_list, n_bootloader_arg_list);
    const struct json *node = json_io(c)->node;
    struct domain *d = rec;
    bool is_plain = true;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const char *text = json_want_text(c, r->key, &node->items[i]);
        rc = text ? row_read_text(c, &list, d, text, v->pos) : -1;
        is_plain = is_plain && !str_empty(text) && !strpbrk(text, " \t");
    }
    CLEANUP_STR struct str joined = {0};
    for (size_t i = 0; is_plain && i < d->n_bootloader_arg_list; i++)
        str_addf(&joined, "%s%s", i ? " " : "", d->bootloader_arg_list[i]);
    if (!is_plain || !joined.len)
        return rc;
    str_set(&d->bootloader_args, joined.p);
    for (size_t i = 0; i < d->n_bootloader_arg_list; i++)
        free(d->bootloader_arg_list[i]);
    free(d->bootloader_arg_list);
    d->bootloader_arg_list = NULL;
    d->n_bootloader_arg_list = 0;
    return rc;
}

static void put_words(struct conf_ctx *c, const char *text)
{
    for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
        size_t n = strcspn(text, " \t");
        CLEANUP_FREE char *word = mem_strn(text, n);
        json_put_string(OUT(c), NULL, word);
        text += n;
    }
}

static int write_bootloader_args(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (!bootloader_of(d) || (!d->n_bootloader_arg_list && str_empty(d->bootloader_args)))
        return 0;
    json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < d->n_bootloader_arg_list; i++)
        json_put_string(OUT(c), NULL, d->bootloader_arg_list[i]);
    if (!d->n_bootloader_arg_list)
        put_words(c, d->bootloader_args);
    json_close(OUT(c), ']');
    return 0;
}

/* The boot loader that a PV or PVH guest has in place of a kernel stands beside hvmloader. */
static int write_kernel(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    const char *loader = caps_loader(c->o->caps), *slash = strrchr(loader, '/');
    if (d->os.kernel)
        json_put_string(OUT(c), r->key, d->os.kernel);
    else if (d->os.native_firmware && d->type != GUEST_HVM) {
        CLEANUP_FREE char *path = mem_printf("%.*s/%s.bin", slash ? (int)(slash - loader) : 0,
                                             loader, d->os.native_firmware);
        json_put_string(OUT(c), r->key, path);
    }
    return 0;
}

static int write_nested(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    tri nested = d->nested_hvm;
    for (size_t i = 0; d->type != GUEST_PV && i < d->cpu.n_features; i++) {
        const struct cpu_feature *f = &d->cpu.features[i];
        if ((str_eq(f->name, "vmx") || str_eq(f->name, "svm")) &&
            (f->policy == CPU_DISABLE || f->policy == CPU_FORBID))
            nested = TRI_NO;
    }
    json_put_tri(c, r->key, nested);
    return 0;
}

static int read_tri(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    *(tri *)row_at(r, rec) = json_want_tri(c, r->key, json_io(c)->node);
    return 0;
}

/* acpi of a PV guest means nothing; libvirt says it of HVM guests only. */
static int write_acpi(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->type != GUEST_PV)
        json_put_tri(c, r->key, *(const tri *)row_at(r, rec));
    return 0;
}

/* ---- llc_colors, xenstore_quota ---- */

static int read_colors(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = json_io(c)->node;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        int64_t color;
        rc = json_want_int(c, r->key, &node->items[i], 0, CPUSET_MAX - 1, &color);
        if (!rc)
            VEC_PUSH(d->llc_colors, d->n_llc_colors, mem_printf("%d", (int)color));
    }
    return rc;
}

static int write_colors(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (!d->n_llc_colors)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < d->n_llc_colors; i++) {
        struct cpuset set;
        if (!cpuset_parse(d->llc_colors[i], &set))
            return conf_error(c, (struct pos){0}, "'llc_colors': '%s' is no number or range",
                              d->llc_colors[i]);
        for (unsigned k = 0; k < CPUSET_MAX; k++)
            if (cpuset_has(&set, k))
                json_put_uint(OUT(c), NULL, k);
    }
    json_close(OUT(c), ']');
    return 0;
}

/* ---- the unions and tables ---- */

static int read_union(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct domain *d = rec;
    if (!row_applies(r, d->type)) {
        json_note_fields(c, r->sub, json_io(c)->node, "belongs to another type of guest");
        return 0;
    }
    int rc = json_read_object(c, r, rec, v);
    if (d->type == GUEST_HVM)
        json_settle_keymap(json_io(c)->node, rec); /* is said once, for all displays */
    return rc;
}

static const struct row pv_rows[] = {
    J_HOOK("kernel", read_text, NULL, .offset = offsetof(struct domain, os.kernel)),
    J_NUM("slack_memkb", domain, slack_memory_kib),
    J_HOOK("bootloader", read_text, write_bootloader, .offset = offsetof(struct domain, bootloader),
           .until = XEN(4, 9)),
    J_HOOK("bootloader_args", read_bootloader_args, write_bootloader_args, .until = XEN(4, 9)),
    J_HOOK("cmdline", read_text, NULL, .offset = offsetof(struct domain, os.cmdline)),
    J_HOOK("ramdisk", read_text, NULL, .offset = offsetof(struct domain, os.initrd)),
    R_IGNORE("features", "libxl does not use it"),
    J_DEFBOOL("e820_host", domain, features.e820_host, .xml = "<xen><e820_host>"),
};
const struct row_table json_pv_table = JSON_TABLE("b_info.type.pv.", pv_rows);

static const struct row pvh_rows[] = {
    J_DEFBOOL("pvshim", domain, pvshim),
    J_STR("pvshim_path", domain, pvshim_path),
    J_STR("pvshim_cmdline", domain, pvshim_cmdline),
    J_STR("pvshim_extra", domain, pvshim_extra),
};
const struct row_table json_pvh_table = JSON_TABLE("b_info.type.pvh.", pvh_rows);

static const char *const vuart_names[] = {NULL, "unknown", "sbsa_uart"};
static const struct words vuart_words_json = {vuart_names, 3};

static int read_arm_sci(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const struct row row = J_KEEP_ENUM("type", domain, arm_sci, arm_sci, &arm_sci_words);
    const struct json *type = json_get(json_io(c)->node, "type");
    const char *text = type ? json_want_text(c, "type", type) : NULL;
    return text ? row_read_text(c, &row, rec, text, v->pos) : 0;
}

static int write_arm_sci(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (!d->arm_sci || d->arm_sci == ARM_SCI_NONE)
        return 0;
    json_open(OUT(c), r->key, '{');
    json_put_string(OUT(c), "type", words_name(&arm_sci_words, (int)d->arm_sci));
    json_close(OUT(c), '}');
    return 0;
}

static const struct row arm_rows[] = {
    J_ENUM("gic_version", domain, gic_version, gic_version, &gic_version_words, "default"),
    J_ENUM("vuart", domain, vuart, vuart, &vuart_words_json, "unknown", .since = XEN(4, 10)),
    J_STR("sve_vl", domain, sve, .flags = JSON_DROP, .dflt = "disabled", .since = XEN(4, 18)),
    J_NUM("nr_spis", domain, nr_spis, .since = XEN(4, 19)),
    J_HOOK("arm_sci", read_arm_sci, write_arm_sci, .since = XEN(4, 21), .type = "object"),
};
const struct row_table json_arm_table = JSON_TABLE("b_info.arch_arm.", arm_rows);

static const struct row x86_rows[] = {
    J_DEFBOOL("msr_relaxed", domain, msr_relaxed, .since = XEN(4, 15)),
};
const struct row_table json_x86_table = JSON_TABLE("b_info.arch_x86.", x86_rows);

#define MEMBER(m) .offset = offsetof(struct domain, m)

static const struct row build_rows[] = {
    J_HOOK("max_vcpus", json_read_number, write_vcpus, MEMBER(vcpus_max), .type = "number",
           .xml = "<vcpu>"),
    J_HOOK("avail_vcpus", read_avail, write_avail, .type = "bits", .xml = "<vcpu current>"),
    R_IGNORE("cpumap", "libxl has vcpu_hard_affinity instead"),
    R_IGNORE("nodemap", "libxl computes it"),
    J_HOOK("vcpu_hard_affinity", read_affinity, write_affinity, .type = "list of bits",
           .xml = "<vcpupin>"),
    J_HOOK("vcpu_soft_affinity", read_affinity, write_affinity, .type = "list of bits"),
    J_DEFBOOL("numa_placement", domain, numa_placement),
    J_HOOK("tsc_mode", read_tsc, write_tsc, .type = "word", .dflt = "default",
           .xml = "<timer name='tsc'>"),
    J_HOOK("max_memkb", json_read_number, write_memory, MEMBER(memory_max_kib), .type = "KiB",
           .xml = "<memory>"),
    J_HOOK("target_memkb", json_read_number, write_memory, MEMBER(memory_kib), .type = "KiB",
           .xml = "<currentMemory>"),
    J_HOOK("video_memkb", json_read_number, write_video_memory, MEMBER(video_memory_kib),
           .type = "KiB", .xml = "<video><model vram>"),
    J_NUM("shadow_memkb", domain, shadow_memory_kib),
    J_NUM("iommu_memkb", domain, iommu_memory_kib, .since = XEN(4, 13)),
    J_HOOK("rtc_timeoffset", read_rtc, write_rtc, .type = "seconds, 32 bits", .dflt = "0",
           .xml = "<clock adjustment>"),
    R_IGNORE("exec_ssidref", "libxl takes it from exec_ssid_label"),
    J_HOOK("exec_ssid_label", json_read_label, json_write_label, .type = "text"),
    J_HOOK("localtime", read_localtime, write_localtime, .type = "True or False",
           .xml = "<clock offset>"),
    J_DEFBOOL("disable_migrate", domain, disable_migrate),
    J_HOOK("cpuid", json_read_cpuid, json_write_cpuid, .sub = &json_cpuid_table, .type = "list",
           .xml = "<cpu><feature>"),
    J_STR("blkdev_start", domain, blkdev_start),
    J_HOOK("vnuma_nodes", read_vnuma, write_vnuma, .sub = &json_vnuma_table, .type = "list",
           .xml = "<numa>"),
    J_NUM("max_grant_frames", domain, max_grant_frames, .since = XEN(4, 10),
          .xml = "<controller maxGrantFrames>"),
    J_NUM("max_maptrack_frames", domain, max_maptrack_frames, .since = XEN(4, 10)),
    J_NUM("max_grant_version", domain, max_grant_version, .since = XEN(4, 16)),
    J_HOOK("device_model_version", read_dm_version, write_dm_version, .type = "word",
           .dflt = "unknown"),
    J_DEFBOOL("device_model_stubdomain", domain, dm_stubdomain),
    J_NUM("stubdomain_memkb", domain, stubdomain_memory_kib, .since = XEN(4, 14)),
    J_STR("stubdomain_kernel", domain, stubdomain_kernel, .since = XEN(4, 14)),
    J_STR("stubdomain_cmdline", domain, stubdomain_cmdline, .since = XEN(4, 16)),
    J_STR("stubdomain_ramdisk", domain, stubdomain_ramdisk, .since = XEN(4, 14)),
    J_STR("device_model", domain, emulator, .xml = "<emulator>"),
    R_IGNORE("device_model_ssidref", "libxl takes it from device_model_ssid_label"),
    J_STR("device_model_ssid_label", domain, dm_stubdomain_seclabel),
    J_STR("device_model_user", domain, dm_user, .since = XEN(4, 7)),
    R_STRS("extra", domain, dm_args, n_dm_args, .xml = "<xen:commandline>"),
    R_STRS("extra_pv", domain, dm_args_pv, n_dm_args_pv),
    R_STRS("extra_hvm", domain, dm_args_hvm, n_dm_args_hvm),
    J_OBJECT("sched_params", json_sched_table),
    J_HOOK("ioports", read_ioports, write_ioports, .sub = &json_ioports_table, .type = "list"),
    R_U32S("irqs", domain, irqs, n_irqs, .base = 10),
    J_LIST("iomem", domain, iomem, iomem_range, json_iomem_table),
    J_DEFBOOL("claim_mode", domain, claim_mode),
    J_NUM("event_channels", domain, max_event_channels, .xml = "<controller maxEventChannels>"),
    J_HOOK("kernel", read_text, write_kernel, .offset = offsetof(struct domain, os.kernel),
           .type = "path", .xml = "<kernel>"),
    J_HOOK("cmdline", read_text, write_cmdline, MEMBER(os.cmdline), .type = "text",
           .xml = "<cmdline>"),
    J_STR("ramdisk", domain, os.initrd, .xml = "<initrd>"),
    J_STR("device_tree", domain, os.device_tree),
    J_HOOK("acpi", read_tri, write_acpi, MEMBER(features.acpi), .since = XEN(4, 8),
           .flags = JSON_OLDER, .type = "True or False", .xml = "<acpi/>"),
    J_HOOK("bootloader", read_text, write_bootloader, MEMBER(bootloader), .since = XEN(4, 10),
           .flags = JSON_OLDER, .applies = ROW_PV | ROW_PVH, .type = "path", .xml = "<bootloader>"),
    J_HOOK("bootloader_args", read_bootloader_args, write_bootloader_args, .since = XEN(4, 10),
           .flags = JSON_OLDER, .applies = ROW_PV | ROW_PVH, .type = "list",
           .xml = "<bootloader_args>"),
    J_DEFBOOL("bootloader_restrict", domain, bootloader_restrict, .since = XEN(4, 18)),
    J_STR("bootloader_user", domain, bootloader_user, .since = XEN(4, 18)),
    R_WORDS("timer_mode", domain, timer_mode, timer_mode, &timer_mode_words, .since = XEN(4, 10),
            .flags = JSON_OLDER),
    J_HOOK("nested_hvm", read_tri, write_nested, MEMBER(nested_hvm), .since = XEN(4, 10),
           .flags = JSON_OLDER, .type = "True or False", .xml = "<cpu mode>"),
    J_HOOK("apic", read_tri, write_acpi, MEMBER(features.apic), .since = XEN(4, 10),
           .flags = JSON_OLDER, .type = "True or False", .xml = "<apic/>"),
    J_DEFBOOL("dm_restrict", domain, dm_restrict, .since = XEN(4, 10)),
    J_ENUM("tee", domain, tee, tee, &tee_words, "none", .since = XEN(4, 13)),
    J_NUM("altp2m_count", domain, altp2m_count, .since = XEN(4, 21)),
    J_HOOK("type.hvm", read_union, json_write_object, .sub = &json_hvm_table, .applies = ROW_HVM),
    J_HOOK("type.pv", read_union, json_write_object, .sub = &json_pv_table, .applies = ROW_PV),
    J_HOOK("type.pvh", read_union, json_write_object, .sub = &json_pvh_table, .applies = ROW_PVH),
    R_IGNORE("type.invalid", "no type of guest"),
    J_HOOK("arch_arm", json_read_object, json_write_object, .sub = &json_arm_table),
    J_HOOK("arch_x86", json_read_object, json_write_object, .sub = &json_x86_table,
           .since = XEN(4, 15), .flags = JSON_OLDER),
    J_ENUM("altp2m", domain, altp2m, altp2m, &altp2m_words, "disabled", .since = XEN(4, 9)),
    J_NUM("vmtrace_buf_kb", domain, vmtrace_buf_kib, .since = XEN(4, 15)),
    J_DEFBOOL("vpmu", domain, vpmu, .since = XEN(4, 16)),
    J_HOOK("llc_colors", read_colors, write_colors, .since = XEN(4, 20), .type = "list"),
    J_DEFBOOL("trap_unmapped_accesses", domain, trap_unmapped_accesses, .since = XEN(4, 21)),
    J_NUM("xenstore_feature_mask", domain, xenstore_feature_mask, .since = XEN(4, 21)),
    R_STRS("xenstore_quota", domain, xenstore_quota, n_xenstore_quota, .since = XEN(4, 22)),
};
const struct row_table json_build_table = JSON_TABLE("b_info.", build_rows);
