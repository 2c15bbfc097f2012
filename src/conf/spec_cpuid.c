/* cpuid: "host,WORD=VALUE,..." with libxl's names, or a list of leaves. */
#include "base/vec.h"
#include "conf/spec.h"
#include "model/cpuname.h"

/* Words whose value is a number; all others are single bits. */
static bool is_number_word(const char *word)
{
    static const char *const words[] = {"maxleaf",     "family",     "model",       "stepping",
                                        "extfamily",   "extmodel",   "brandid",     "clflush",
                                        "localapicid", "procpkg",    "proccount",   "maxhvleaf",
                                        "nc",          "apicidsize", "invtsc_value"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (!strcmp(words[i], word))
            return true;
    return false;
}

static const struct {
    char value;
    enum cpu_policy policy;
} values[] = {
    {'1', CPU_FORCE}, {'0', CPU_DISABLE}, {'x', CPU_OPTIONAL}, {'k', CPU_KEEP}, {'s', CPU_SAVE}};

static enum cpu_policy policy_of(const char *value)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        if (value[0] == values[i].value && !value[1])
            return values[i].policy;
    return 0;
}

static const struct row_table words = {.prefix = "cpuid."};

static int read_word(struct conf_ctx *c, struct cpu *cpu, const struct spec_part *p)
{
    struct cpu_feature f = {0};
    int64_t n;
    if (!p->value) {
        spec_note(c, &words, p->key, REPORT_LOST, p->pos,
                  "expected WORD=0|1|x|k|s, ignored as xl does");
        return 0;
    }
    f.policy = is_number_word(p->key) ? 0 : policy_of(p->value);
    if (!f.policy) {
        if (policy_of(p->value) <= CPU_FORCE && !parse_i64(p->value, 0, 0, INT64_MAX, &n)) {
            spec_note(c, &words, p->key, REPORT_LOST, p->pos,
                      "expected 0, 1, x, k, s or a number, ignored as xl does");
            return 0;
        }
        f.policy = CPU_VALUE;
        f.value = mem_str(p->value);
        f.name = mem_str(p->key);
    } else {
        f.name = mem_str(cpuname_to_libvirt(p->key));
    }
    VEC_PUSH(cpu->features, cpu->n_features, f);
    spec_note(c, &words, p->key, REPORT_CONVERTED, p->pos, NULL);
    return 0;
}

static int read_string(struct conf_ctx *c, struct cpu *cpu, const struct value *v)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    int rc = 0;
    spec_open(&x, v);
    if (!spec_next(&x, ',', &p) || p.value || strcmp(p.key, "host"))
        return conf_error(c, v->pos, "'%s': expected 'cpuid' to begin with the word host", v->text);
    cpu->mode = CPU_HOST_PASSTHROUGH;
    while (spec_next(&x, ',', &p))
        if (*p.key || p.value)
            rc |= read_word(c, cpu, &p);
    return rc;
}

static bool is_bits(const char *text)
{
    return strlen(text) == 32 && text[strspn(text, "01xks")] == '\0';
}

/* leaf[,subleaf]:eax=...,ebx=... */
int spec_read_leaf(struct conf_ctx *c, const struct value *v, struct cpuid_leaf *ret)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    const char *colon = v->text ? strchr(v->text, ':') : NULL;
    uint64_t n;
    if (!colon)
        return conf_error(c, v->pos, "'%s': expected LEAF[,SUBLEAF]:REGISTER=BITS,...",
                          v->text ? v->text : "");
    size_t leaf = strcspn(v->text, ",:");
    ret->leaf = mem_strn(v->text, leaf);
    if (v->text[leaf] == ',')
        ret->subleaf = mem_strn(v->text + leaf + 1, (size_t)(colon - v->text) - leaf - 1);
    if (!parse_u64(ret->leaf, 0, UINT32_MAX, &n) ||
        (ret->subleaf && !parse_u64(ret->subleaf, 0, UINT32_MAX, &n)))
        return conf_error(c, v->pos, "'%s': the leaf is no number", v->text);
    struct value rest = {VALUE_NUMBER, colon + 1, NULL, 0, v->pos};
    spec_open(&x, &rest);
    while (spec_next(&x, ',', &p)) {
        char **to = !strcmp(p.key, "eax")   ? &ret->eax
                    : !strcmp(p.key, "ebx") ? &ret->ebx
                    : !strcmp(p.key, "ecx") ? &ret->ecx
                    : !strcmp(p.key, "edx") ? &ret->edx
                                            : NULL;
        if (!to || !p.value || !is_bits(p.value))
            return conf_error(c, v->pos, "'%s': expected eax, ebx, ecx or edx with 32 of 0 1 x k s",
                              p.key);
        str_set(to, p.value);
    }
    return 0;
}

static bool is_leaf(const struct cpuid_leaf *l)
{
    const char *const registers[] = {l->eax, l->ebx, l->ecx, l->edx};
    uint64_t n;
    for (int i = 0; i < 4; i++)
        if (registers[i] && !is_bits(registers[i]))
            return false;
    return l->leaf && parse_u64(l->leaf, 0, UINT32_MAX, &n) &&
           (!l->subleaf || parse_u64(l->subleaf, 0, UINT32_MAX, &n));
}

void spec_write_leaf(struct conf_ctx *c, const struct cpuid_leaf *l)
{
    const char *const registers[] = {l->eax, l->ebx, l->ecx, l->edx};
    struct str *s = &cfg_out(c)->item;
    bool is_first = true;
    if (!is_leaf(l)) {
        conf_note(c, REPORT_LOST, "cpuid", (struct pos){0}, "a leaf '%s' that is no CPUID leaf",
                  l->leaf ? l->leaf : "");
        return;
    }
    str_add(s, l->leaf);
    if (l->subleaf)
        str_addf(s, ",%s", l->subleaf);
    for (int i = 0; i < 4; i++)
        if (registers[i]) {
            str_addf(s, "%ce%cx=%s", is_first ? ':' : ',', "abcd"[i], registers[i]);
            is_first = false;
        }
    if (is_first)
        str_addc(s, ':');
    spec_item(c);
}

int spec_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct cpu *cpu = rec;
    int rc = 0;
    if (v->kind == VALUE_STRING)
        return read_string(c, cpu, v);
    if (v->kind != VALUE_LIST)
        return conf_error(c, v->pos, "'%s' wants \"host,WORD=VALUE,...\" or a list of leaves",
                          r->key);
    for (size_t i = 0; i < v->n_items; i++)
        rc |= spec_read_leaf(c, &v->items[i], DOMAIN_ADD(cpu, leaves));
    return rc;
}

static char value_of(struct conf_ctx *c, const struct cpu_feature *f)
{
    switch (f->policy) {
    case CPU_REQUIRE:
    case CPU_FORCE:
        return '1';
    case CPU_DISABLE:
    case CPU_FORBID:
        return '0';
    case CPU_OPTIONAL:
        return 'x';
    case CPU_KEEP:
        return 'k';
    case CPU_SAVE:
        return 's';
    case CPU_VALUE:
        break;
    }
    return 0;
}

static void write_leaves(struct conf_ctx *c, const struct row *r, const struct cpu *cpu)
{
    cfg_list_begin(cfg_out(c), r->key);
    for (size_t i = 0; i < cpu->n_leaves; i++)
        spec_write_leaf(c, &cpu->leaves[i]);
    cfg_list_end(cfg_out(c));
}

static void add_number(struct conf_ctx *c, const struct row *r, const struct cpu_feature *f,
                       struct str *s)
{
    int64_t n;
    if (parse_i64(f->value, 0, 0, INT64_MAX, &n))
        str_addf(s, "%s=%s", f->name, f->value);
    else
        conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "a feature '%s' without a number",
                  f->name);
}

/* vmx and svm are nestedhvm's business. Only one of the forms fits into a file. */
int spec_write_cpuid(struct conf_ctx *c, const struct row *r, const struct cpu *cpu)
{
    CLEANUP_STR struct str s = {0};
    bool is_mine = cpu->mode == CPU_HOST_PASSTHROUGH || (!cpu->mode && cpu->n_features);
    bool is_raw = c->o->flags & CONF_RAW;
    for (size_t i = 0; is_mine && i < cpu->n_features; i++) {
        const struct cpu_feature *f = &cpu->features[i];
        if (!f->name || (!is_raw && (!strcmp(f->name, "vmx") || !strcmp(f->name, "svm"))))
            continue;
        if (strpbrk(f->name, ",= ") || (f->value && strpbrk(f->value, ",= "))) {
            conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "a feature '%s'", f->name);
            continue;
        }
        if (s.len == 0 || s.p[s.len - 1] != ',')
            str_add(&s, s.len ? "," : "host,");
        if (value_of(c, f))
            str_addf(&s, "%s=%c", cpuname_to_libxl(f->name), value_of(c, f));
        else
            add_number(c, r, f, &s);
    }
    if (s.len && cpu->n_leaves)
        conf_note(c, REPORT_LOST, "cpuid", (struct pos){0},
                  "both the words and the list of leaves; only the words are written");
    if (s.len)
        cfg_put_text(cfg_out(c), r->key, s.p);
    else if (cpu->n_leaves)
        write_leaves(c, r, cpu);
    return 0;
}
