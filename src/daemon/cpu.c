#include "daemon/cpu.h"

#include "base/mem.h"
#include "conf/cpuid_words.h"
#include "conf/xml.h"
#include "wire/consts.h"

enum { EAX, EBX, ECX, EDX };
enum { NO_SUBLEAF = -1, WORD_BITS = 32, CPU_XML_MAX = 1 << 20 };

/* Which register each of Xen's words is. */
static const struct cpuid_bit places[CPU_WORDS] = {
    {.leaf = 1, .subleaf = NO_SUBLEAF, .reg = EDX},
    {.leaf = 1, .subleaf = NO_SUBLEAF, .reg = ECX},
    {.leaf = 0x80000001, .subleaf = NO_SUBLEAF, .reg = EDX},
    {.leaf = 0x80000001, .subleaf = NO_SUBLEAF, .reg = ECX},
    {.leaf = 0xd, .subleaf = 1, .reg = EAX},
    {.leaf = 7, .subleaf = 0, .reg = EBX},
    {.leaf = 7, .subleaf = 0, .reg = ECX},
    {.leaf = 0x80000007, .subleaf = NO_SUBLEAF, .reg = EDX},
};

/* Models: the levels of x86-64's psABI, and generations as their makers document them. */
static const struct model {
    const char *name, *parent, *adds;
} models[] = {
    {"x86-64-v1", NULL, "fpu tsc msr pae cx8 cmov mmx fxsr sse sse2 syscall nx lm"},
    {"x86-64-v2", "x86-64-v1", "cx16 lahf_lm popcnt pni sse4.1 sse4.2 ssse3"},
    {"x86-64-v3", "x86-64-v2", "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"},
    {"x86-64-v4", "x86-64-v3", "avx512f avx512bw avx512cd avx512dq avx512vl"},
    {"Conroe", "x86-64-v1", "pni ssse3 lahf_lm clflush"},
    {"Penryn", "Conroe", "cx16 sse4.1"},
    {"Nehalem", "Penryn", "sse4.2 popcnt"},
    {"Westmere", "Nehalem", "aes"},
    {"SandyBridge", "Westmere", "avx pclmuldq rdtscp tsc-deadline x2apic xsave"},
    {"IvyBridge", "SandyBridge", "f16c rdrand fsgsbase smep erms"},
    {"Haswell-noTSX", "IvyBridge", "avx2 bmi1 bmi2 fma movbe invpcid pcid"},
    {"Haswell", "Haswell-noTSX", "hle rtm"},
    {"Broadwell-noTSX", "Haswell-noTSX", "adx rdseed smap 3dnowprefetch"},
    {"Skylake-Client-noTSX-IBRS", "Broadwell-noTSX", "abm xsavec xgetbv1"},
    {"Skylake-Server-noTSX-IBRS", "Skylake-Client-noTSX-IBRS",
     "clwb clflushopt pdpe1gb avx512f avx512bw avx512cd avx512dq avx512vl"},
    {"Opteron_G1", "x86-64-v1", "pni clflush"},
    {"Opteron_G2", "Opteron_G1", "cx16 rdtscp svm lahf_lm"},
    {"Opteron_G3", "Opteron_G2", "popcnt abm sse4a misalignsse"},
    {"EPYC", "Opteron_G3",
     "ssse3 sse4.1 sse4.2 aes avx avx2 bmi1 bmi2 fma f16c movbe pclmuldq xsave xsavec xgetbv1 "
     "rdrand "
     "rdseed adx smap smep fsgsbase sha-ni clflushopt 3dnowprefetch osvw topoext fxsr_opt pdpe1gb"},
    {"EPYC-Rome", "EPYC", "clwb umip rdpid"},
};
enum { N_MODELS = sizeof(models) / sizeof(*models) };

const char *cpu_model_name(size_t i)
{
    return i < N_MODELS ? models[i].name : NULL;
}

/* ---- sets ---- */

static bool set_add(struct cpu_set *s, const char *word)
{
    struct cpuid_bit b;
    if (!cpuid_bit_find(str_eq(word, "sha-ni") ? "sha" : word, &b))
        return false;
    for (size_t i = 0; i < CPU_WORDS; i++)
        if (places[i].leaf == b.leaf && places[i].subleaf == b.subleaf && places[i].reg == b.reg) {
            s->words[i] |= 1u << b.bit;
            return true;
        }
    return false;
}

static bool set_within(const struct cpu_set *s, const struct cpu_set *of)
{
    for (size_t i = 0; i < CPU_WORDS; i++)
        if (s->words[i] & ~of->words[i])
            return false;
    return true;
}

static bool set_meets(const struct cpu_set *a, const struct cpu_set *b)
{
    for (size_t i = 0; i < CPU_WORDS; i++)
        if (a->words[i] & b->words[i])
            return true;
    return false;
}

static int set_count(const struct cpu_set *s)
{
    int n = 0;
    for (size_t i = 0; i < CPU_WORDS; i++)
        n += __builtin_popcount(s->words[i]);
    return n;
}

static const struct model *model_find(const char *name)
{
    for (size_t i = 0; name && i < N_MODELS; i++)
        if (str_eq(models[i].name, name))
            return &models[i];
    return NULL;
}

static void model_set(const struct model *m, struct cpu_set *ret)
{
    for (; m; m = model_find(m->parent)) {
        CLEANUP_FREE char *words = mem_str(m->adds);
        char *rest = words, *word;
        while ((word = strsep(&rest, " ")))
            set_add(ret, word);
    }
}

/* Until Xen 4.7 the words stood in another order; those that it lacks are zero. */
void cpu_of_host(const struct hv_host *h, struct cpu_set *ret)
{
    static const int before_4_7[CPU_WORDS] = {0, 4, 1, 6, -1, 7, -1, -1};
    bool is_old = h->xen_major < 4 || (h->xen_major == 4 && h->xen_minor < 7);
    for (size_t i = 0; i < CPU_WORDS; i++) {
        int from = is_old ? before_4_7[i] : (int)i;
        ret->words[i] = from < 0 ? 0 : h->hwcap[from];
    }
}

/* Features that Xen itself uses and no guest sees, or that tell of a state. */
static const struct cpu_set of_hosts = {
    {UINT32_C(1) << 21 | UINT32_C(1) << 22 | UINT32_C(1) << 29 | UINT32_C(1) << 31,
     /* monitor ds_cpl vmx smx est tm2 cnxt-id xtpr pdcm dca osxsave */
     UINT32_C(1) << 3 | UINT32_C(1) << 4 | UINT32_C(1) << 5 | UINT32_C(1) << 6 | UINT32_C(1) << 7 |
         UINT32_C(1) << 8 | UINT32_C(1) << 10 | UINT32_C(1) << 14 | UINT32_C(1) << 15 |
         UINT32_C(1) << 18 | UINT32_C(1) << 27,
     0,
     /* svm ibs skinit wdt */
     UINT32_C(1) << 2 | UINT32_C(1) << 10 | UINT32_C(1) << 12 | UINT32_C(1) << 13, 0, 0,
     UINT32_C(1) << 4, 0}};

bool cpu_missing(const struct cpu_set *here, const struct cpu_set *wanted, struct str *out)
{
    bool is_any = false;
    for (size_t i = 0; i < CPU_WORDS; i++)
        for (int bit = 0; bit < WORD_BITS; bit++) {
            struct cpuid_bit b = places[i];
            uint32_t missing = wanted->words[i] & ~here->words[i] & ~of_hosts.words[i];
            b.bit = bit;
            CLEANUP_FREE char *word = missing >> bit & 1 ? cpuid_bit_word(&b) : NULL;
            if (word)
                str_addf(out, "%s%s", is_any ? " " : "", word);
            is_any |= word != NULL;
        }
    return is_any;
}

/* ---- reading ---- */

static int read_feature(const struct xml *x, struct cpu_wanted *w, struct err *e)
{
    const char *name = xml_get(x, "name"), *policy = xml_get(x, "policy");
    bool is_forbidden = str_eq(policy, "forbid");
    struct cpu_set one = {0};
    if (str_eq(policy, "optional") || str_eq(policy, "disable"))
        return 0;
    if (!name || !set_add(&one, name))
        return fail(e, ERR_CONFIG_UNSUPPORTED,
                    "Xen does not tell whether a CPU has the feature '%s'", name ? name : "");
    struct cpu_set *to = is_forbidden ? &w->lacks : &w->has;
    for (size_t i = 0; i < CPU_WORDS; i++)
        to->words[i] |= one.words[i];
    return 0;
}

static int read_cpu(const struct xml *cpu, struct cpu_wanted *w, struct err *e)
{
    const struct xml *arch = xml_child(cpu, "arch"), *model = xml_child(cpu, "model");
    w->is_strict = str_eq(xml_get(cpu, "match"), "strict");
    w->is_other_arch = arch && !str_eq(arch->text, "x86_64") && !str_eq(arch->text, "i686");
    if (model && !w->is_other_arch) {
        const struct model *m = model_find(model->text);
        if (!m)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "unknown CPU model %s", model->text);
        model_set(m, &w->has);
    }
    for (const struct xml *x = cpu->child; x; x = x->next) {
        if (!str_eq(x->name, "feature") || w->is_other_arch)
            continue;
        if (str_eq(xml_get(x, "policy"), "disable")) { /* taken out of the model */
            struct cpu_set one = {0};
            set_add(&one, xml_get(x, "name") ? xml_get(x, "name") : "");
            for (size_t i = 0; i < CPU_WORDS; i++)
                w->has.words[i] &= ~one.words[i];
        } else if (read_feature(x, w, e)) {
            return -1;
        }
    }
    return 0;
}

int cpu_parse(const char *xml, struct cpu_wanted *ret, struct err *e)
{
    struct xml_doc doc = {0};
    size_t len = strlen(xml);
    *ret = (struct cpu_wanted){0};
    if (len > CPU_XML_MAX)
        return fail(e, ERR_XML_ERROR, "the XML of a CPU is too long");
    if (xml_parse(xml, len, "cpu", &doc, e))
        return -1;
    int r = str_eq(doc.root->name, "cpu")
                ? read_cpu(doc.root, ret, e)
                : fail(e, ERR_XML_ERROR, "expected <cpu>, not <%s>", doc.root->name);
    xml_clear(&doc);
    return r;
}

int cpu_compare(const struct cpu_set *host, const struct cpu_wanted *w)
{
    if (w->is_other_arch || !set_within(&w->has, host) || set_meets(&w->lacks, host))
        return VIR_CPU_COMPARE_INCOMPATIBLE;
    if (set_within(host, &w->has))
        return VIR_CPU_COMPARE_IDENTICAL;
    return w->is_strict ? VIR_CPU_COMPARE_INCOMPATIBLE : VIR_CPU_COMPARE_SUPERSET;
}

/* ---- writing ---- */

/* The one of those within that has most features; the first of equals. */
static const struct model *model_best(const struct cpu_set *s, struct cpu_set *ret)
{
    const struct model *best = NULL;
    for (size_t i = 0; i < N_MODELS; i++) {
        struct cpu_set m = {0};
        model_set(&models[i], &m);
        if (set_within(&m, s) && (!best || set_count(&m) > set_count(ret))) {
            best = &models[i];
            *ret = m;
        }
    }
    return best;
}

static void write_features(const struct cpu_set *s, const struct cpu_set *without,
                           const char *indent, const char *policy, struct str *out)
{
    for (size_t i = 0; i < CPU_WORDS; i++) {
        for (int bit = 0; bit < WORD_BITS; bit++) {
            struct cpuid_bit b = places[i];
            b.bit = bit;
            if (!((s->words[i] & ~without->words[i]) >> bit & 1))
                continue;
            CLEANUP_FREE char *word = cpuid_bit_word(&b);
            if (word && *policy)
                str_addf(out, "%s<feature policy='%s' name='%s'/>\n", indent, policy, word);
            else if (word)
                str_addf(out, "%s<feature name='%s'/>\n", indent, word);
        }
    }
}

int cpu_write(const struct cpu_set *s, bool expand, const char *indent, const char *policy,
              struct str *out, struct err *e)
{
    struct cpu_set of_model = {0};
    const struct cpu_set none = {0};
    const struct model *m = model_best(s, &of_model);
    if (!m)
        return fail(e, ERR_OPERATION_FAILED, "CPUs are incompatible: no model is within them");
    str_addf(out, "%s<model%s>%s</model>\n", indent, *policy ? " fallback='allow'" : "", m->name);
    write_features(s, expand ? &none : &of_model, indent, policy, out);
    return 0;
}
