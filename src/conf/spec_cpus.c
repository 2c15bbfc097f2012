/* Ranges: of CPUs, of vNUMA cells, of I/O ports, memory and cache colours. */
#include "base/vec.h"
#include "conf/spec.h"
#include "model/cpuset.h"

/* ---- cpus: all, N, N-M, node:N, nodes:N-M, each with ^ for "not", joined by commas ---- */
static bool is_range(const char *p)
{
    size_t n = strspn(p, "0123456789"), m;
    if (!n || n > 6)
        return false;
    if (p[n] != '-')
        return !p[n];
    m = strspn(p + n + 1, "0123456789");
    int64_t first = 0, last = 0;
    for (size_t i = 0; i < n; i++)
        first = first * 10 + p[i] - '0';
    for (size_t i = 0; i < m && m <= 6; i++)
        last = last * 10 + p[n + 1 + i] - '0';
    return m && m <= 6 && !p[n + 1 + m] && first <= last;
}

static bool is_cpu_word(const char *p)
{
    p += *p == '^';
    if (!strcmp(p, "all"))
        return true;
    if (str_starts(p, "node:") || str_starts(p, "nodes:"))
        p = strchr(p, ':') + 1;
    p += *p == '^';
    return !strcmp(p, "all") || is_range(p);
}

bool spec_is_cpus(const char *text)
{
    CLEANUP_FREE char *copy = mem_str(text);
    char *save = NULL;
    bool any = false;
    for (char *p = strtok_r(copy, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
        any = true;
        if (!is_cpu_word(p))
            return false;
    }
    return any;
}

int spec_cpus(struct conf_ctx *c, const char *key, const char *text, struct pos pos, char **ret)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    struct value v = {VALUE_NUMBER, text, NULL, 0, pos};
    bool is_empty = true;
    spec_open(&x, &v);
    while (spec_next(&x, ',', &p)) {
        is_empty = false;
        char *end = (char *)p.key + strcspn(p.key, " \t");
        *end = '\0';
        if (p.value || !is_cpu_word(p.key))
            return conf_error(
                c, pos, "'%s' has '%s': expected CPUs such as 0-3, ^2, all or nodes:1", key, p.key);
    }
    if (is_empty)
        return conf_error(c, pos, "'%s' is empty: expected CPUs such as 0-3 or all", key);
    char *plain = cpuset_canonical(text);
    if (plain && !*plain && !(c->o->flags & CONF_RAW)) {
        free(plain);
        return conf_error(c, pos, "'%s' has '%s', which leaves no CPU", key, text);
    }
    free(*ret);
    *ret = plain ? plain : mem_str(text);
    return 0;
}

/* ---- vnuma: a list of texts a cell ---- */
static int read_cell_vcpus(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    return spec_cpus(c, "vnuma.vcpus", v->text ? v->text : "", v->pos,
                     &((struct numa_cell *)rec)->cpus);
}

static int read_distances(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    struct numa_cell *cell = rec;
    uint32_t one;
    struct value text = {VALUE_NUMBER, v->text ? v->text : "", NULL, 0, v->pos};
    spec_open(&x, &text);
    while (spec_next(&x, ',', &p)) {
        *((char *)p.key + strcspn(p.key, " \t")) = '\0';
        if (!parse_u32(p.key, 10, UINT32_MAX, &one))
            return conf_error(c, v->pos, "'%s': expected distances as n,n,n", text.text);
        VEC_PUSH(cell->distances, cell->n_distances, one);
    }
    return 0;
}

static const struct row vnuma_rows[] = {
    R_NUM("pnode", numa_cell, pnode, .type = "number", .xml = "metadata",
          .doc = "physical node of the cell"),
    R_NUM("size", numa_cell, memory_kib, .unit = 1024, .type = "MiB", .xml = "<cell memory>",
          .doc = "memory of the cell"),
    R_HOOK("vcpus", read_cell_vcpus, NULL, .type = "ranges", .xml = "<cell cpus>",
           .doc = "virtual CPUs of the cell"),
    R_HOOK("vdistances", read_distances, NULL, .type = "n,n,n", .xml = "<distances>",
           .doc = "distance to each cell; 10 to itself, 20 to others"),
};
const struct row_table spec_vnuma_table = {"vnuma.", vnuma_rows, 4};

static int read_cell_word(struct conf_ctx *c, struct numa_cell *cell, const struct value *v)
{
    CLEANUP_FREE char *copy = mem_str(v->text ? v->text : "");
    char *equals = strchr(copy, '=');
    if (!equals)
        return conf_error(c, v->pos, "'%s': expected pnode=, size=, vcpus= or vdistances=", copy);
    *equals = '\0';
    char *key = copy + strspn(copy, " \t"), *value = equals + 1 + strspn(equals + 1, " \t");
    key[strcspn(key, " \t")] = '\0';
    for (size_t i = 0; i < spec_vnuma_table.n; i++)
        if (!strcmp(vnuma_rows[i].key, key)) {
            if (row_read_text(c, &vnuma_rows[i], cell, value, v->pos))
                return -1;
            spec_note(c, &spec_vnuma_table, key, REPORT_CONVERTED, v->pos, NULL);
            return 0;
        }
    return conf_error(c, v->pos, "'%s': expected pnode=, size=, vcpus= or vdistances=", key);
}

static int read_cell(struct conf_ctx *c, struct cpu *cpu, const struct value *v)
{
    struct numa_cell *cell = DOMAIN_ADD(cpu, cells);
    int rc = 0;
    cell->id = NUM(cpu->n_cells - 1);
    if (v->kind != VALUE_LIST)
        return conf_error(c, v->pos, "'vnuma' wants a list of lists of texts");
    for (size_t i = 0; i < v->n_items; i++)
        rc |= read_cell_word(c, cell, &v->items[i]);
    return rc;
}

int spec_read_vnuma(struct conf_ctx *c, struct cpu *cpu, const struct value *v)
{
    int rc = 0;
    bool is_plain = true;
    if (v->kind != VALUE_LIST)
        return conf_error(c, v->pos, "'vnuma' wants a list of lists of texts");
    for (size_t i = 0; i < v->n_items; i++)
        rc |= read_cell(c, cpu, &v->items[i]);
    for (size_t i = 0; i < cpu->n_cells; i++)
        is_plain &= num_or(cpu->cells[i].pnode, (int64_t)i) == (int64_t)i;
    for (size_t i = 0; is_plain && i < cpu->n_cells && !(c->o->flags & CONF_RAW); i++)
        cpu->cells[i].pnode = (struct num){0}; /* what it is without a word, too */
    return rc;
}

static uint32_t said(const struct cpu *cpu, size_t from, size_t to)
{
    return to < cpu->cells[from].n_distances ? cpu->cells[from].distances[to] : 0;
}

/* Said here, or on the way back, or what libvirt takes. */
static uint32_t distance(const struct cpu *cpu, size_t from, size_t to)
{
    uint32_t there = said(cpu, from, to), back = said(cpu, to, from);
    return there ? there : back ? back : from == to ? 10 : 20;
}

static void write_distances(const struct cpu *cpu, size_t from, struct str *s)
{
    bool any = false;
    for (size_t i = 0; i < cpu->n_cells; i++)
        any |= cpu->cells[i].n_distances != 0;
    for (size_t to = 0; any && to < cpu->n_cells; to++)
        str_addf(s, "%s%u", to ? "," : "vdistances=", distance(cpu, from, to));
}

static void cell_text(struct conf_ctx *c, const char *fmt, const char *value)
{
    CLEANUP_STR struct str s = {0};
    str_add(&s, fmt);
    str_add(&s, value);
    cfg_list_text(cfg_out(c), s.p);
}

/* The layout inside is libvirt's: [ "pnode=0", "size=2048" ] */
void spec_write_vnuma(struct conf_ctx *c, const char *key, const struct cpu *cpu)
{
    struct cfg_out *o = cfg_out(c);
    cfg_list_begin(o, key);
    for (size_t i = 0; i < cpu->n_cells; i++) {
        const struct numa_cell *cell = &cpu->cells[i];
        CLEANUP_STR struct str s = {0};
        char number[32];
        cfg_sub_begin(o);
        snprintf(number, sizeof(number), "%lld", (long long)num_or(cell->pnode, (int64_t)i));
        if (cell->pnode.set || !(c->o->flags & CONF_RAW))
            cell_text(c, "pnode=", number);
        snprintf(number, sizeof(number), "%lld",
                 (long long)((num_or(cell->memory_kib, 0) + 1023) / 1024));
        cell_text(c, "size=", number);
        if (cell->cpus && spec_is_cpus(cell->cpus))
            cell_text(c, "vcpus=", cell->cpus);
        write_distances(cpu, i, &s);
        if (s.len)
            cfg_list_text(o, s.p);
        cfg_sub_end(o);
    }
    cfg_list_end(o);
}

/* ---- ioports: hex[-hex] ---- */
static bool hex(const char *s, size_t n, struct num *ret)
{
    CLEANUP_FREE char *text = mem_strn(s, n);
    const char *digits = text + (str_starts(text, "0x") || str_starts(text, "0X") ? 2 : 0);
    int64_t v;
    if (!*digits || digits[strspn(digits, "0123456789abcdefABCDEF")] ||
        !parse_i64(digits, 16, 0, INT64_MAX, &v))
        return false;
    *ret = NUM(v);
    return true;
}

int spec_read_ioport(struct conf_ctx *c, const struct value *v, struct ioport_range *ret)
{
    size_t n = strcspn(v->text, "-");
    if (!hex(v->text, n, &ret->first) ||
        (v->text[n] && !hex(v->text + n + 1, strlen(v->text + n + 1), &ret->last)))
        return conf_error(c, v->pos, "'%s': expected I/O ports in hexadecimal: 2f8 or 2f8-2ff",
                          v->text);
    if (ret->last.set && ret->last.v < ret->first.v)
        return conf_error(c, v->pos, "'%s': the last port is below the first", v->text);
    if (!ret->last.set)
        ret->last = ret->first;
    return 0;
}

void spec_write_ioport(const struct ioport_range *p, struct str *s)
{
    str_addf(s, "%llx", (unsigned long long)p->first.v);
    if (p->last.set && p->last.v > p->first.v)
        str_addf(s, "-%llx", (unsigned long long)p->last.v);
}

/* ---- iomem: hexstart,hexcount[@hexgfn] ---- */
int spec_read_iomem(struct conf_ctx *c, const struct value *v, struct iomem_range *ret)
{
    size_t n = strcspn(v->text, ",");
    const char *count = v->text[n] ? v->text + n + 1 : "";
    size_t m = strcspn(count, "@,"), end = m + strcspn(count + m, ",");
    if (count[end])
        conf_note(c, REPORT_LOST, "iomem", v->pos, "'%s' behind the numbers", count + end);
    if (!hex(v->text, n, &ret->start) || !hex(count, m, &ret->count) ||
        (m < end && !hex(count + m + 1, end - m - 1, &ret->gfn)))
        return conf_error(c, v->pos, "'%s': expected page frames in hexadecimal: START,COUNT[@GFN]",
                          v->text);
    return 0;
}

void spec_write_iomem(const struct iomem_range *m, struct str *s)
{
    str_addf(s, "%llx,%llx", (unsigned long long)m->start.v, (unsigned long long)m->count.v);
    if (m->gfn.set)
        str_addf(s, "@%llx", (unsigned long long)m->gfn.v);
}

/* ---- llc_colors: n or a-b ---- */
bool spec_is_color(const char *text)
{
    return is_range(text);
}
