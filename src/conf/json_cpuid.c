/* b_info.cpuid: features by name become bits of leaves, and the other way round. */
#include <inttypes.h>

#include "base/vec.h"
#include "conf/cpuid_words.h"
#include "conf/json_rows.h"
#include "model/cpuname.h"

#define OUT(c) (&json_io(c)->out)

enum reg { EAX, EBX, ECX, EDX, N_REGS };
static const char *const reg_names[N_REGS] = {"eax", "ebx", "ecx", "edx"};

enum { NO_SUBLEAF = -1, BITS = 32, LEAVES_MAX = 64, MSR_ARCH_CAPS = 0x10a, MSR_BITS = 64 };

/* libxl's words for single bits, "BIT:WORD" each; the first word of a bit is the one to show. */
static const struct bit_row {
    uint32_t leaf;
    int64_t subleaf;
    enum reg reg;
    const char *words;
} bit_rows[] = {
    {0x00000001, NO_SUBLEAF, ECX,
     "0:sse3 1:pclmulqdq 2:dtes64 3:monitor 4:dscpl 5:vmx 6:smx 7:eist 7:est "
     "8:tm2 9:ssse3 10:cntxid 12:fma 13:cmpxchg16 13:cx16 14:xtpr 15:pdcm "
     "17:pcid 18:dca 19:sse4-1 19:sse4.1 19:sse4_1 20:sse4-2 20:sse4.2 "
     "20:sse4_2 21:x2apic 22:movbe 23:popcnt 24:tsc-deadline 25:aes 25:aesni "
     "26:xsave 27:osxsave 28:avx 29:f16c 30:rdrand 31:hypervisor"},
    {0x00000001, NO_SUBLEAF, EDX,
     "0:fpu 1:vme 2:de 3:pse 4:tsc 5:msr 6:pae 7:mce 8:cmpxchg8 8:cx8 9:apic "
     "11:sep 11:sysenter 12:mtrr 13:pge 14:mca 15:cmov 17:pse36 18:psn "
     "19:clfsh 21:ds 22:acpi 23:mmx 24:fxsr 25:sse 26:sse2 27:ss 28:htt 29:tm "
     "29:tm1 30:ia64 31:pbe"},
    {0x00000006, NO_SUBLEAF, EAX, "2:arat"},
    {0x00000007, 0, EBX,
     "0:fsgsbase 1:tsc-adjust 1:tsc_adjust 2:sgx 3:bmi1 4:hle 5:avx2 "
     "6:fdp-excp-only 7:smep 8:bmi2 9:erms 10:invpcid 11:rtm 12:cmt 12:pqm "
     "13:no-fpu-sel 14:mpx 15:pqe 16:avx512f 17:avx512dq 18:rdseed 19:adx "
     "21:avx512-ifma 23:clflushopt 24:clwb 25:proc-trace 26:avx512pf "
     "27:avx512er 28:avx512cd 29:sha 30:avx512bw 31:avx512vl"},
    {0x00000007, 0, ECX,
     "0:prefetchwt1 1:avx512-vbmi 2:umip 3:pku 4:ospke 6:avx512-vbmi2 7:cet-ss "
     "8:gfni 9:vaes 10:vpclmulqdq 11:avx512-vnni 12:avx512-bitalg "
     "14:avx512-vpopcntdq 22:rdpid 25:cldemote 27:movdiri 28:movdir64b "
     "29:enqcmd"},
    {0x00000007, 0, EDX,
     "2:avx512-4vnniw 3:avx512-4fmaps 4:fsrm 8:avx512-vp2intersect "
     "9:srbds-ctrl 10:md-clear 11:rtm-always-abort 13:tsx-force-abort "
     "14:serialize 15:hybrid 16:tsxldtrk 20:cet-ibt 23:avx512-fp16 26:ibrsb "
     "27:stibp 28:l1d-flush 29:arch-caps 30:core-caps 31:ssbd"},
    {0x00000007, 1, EAX, "4:avx-vnni 5:avx512-bf16 10:fzrm 11:fsrs 12:fsrcs"},
    {0x00000007, 1, EBX, "0:intel-ppin"},
    {0x00000007, 1, EDX, "18:cet-sss"},
    {0x00000007, 2, EDX, "0:intel-psfd 1:ipred-ctrl 2:rrsba-ctrl 4:bhi-ctrl 5:mcdt-no"},
    {0x0000000d, 1, EAX, "0:xsaveopt 1:xsavec 2:xgetbv1 3:xsaves"},
    {0x80000001, NO_SUBLEAF, ECX,
     "0:lahf-lm 0:lahfsahf 1:cmp-legacy 1:cmplegacy 2:svm 3:extapic "
     "4:altmovcr8 4:cr8-legacy 5:abm 6:sse4a 7:misalignsse 8:3dnowprefetch "
     "9:osvw 10:ibs 11:xop 12:skinit 13:wdt 15:lwp 16:fma4 19:nodeid "
     "19:nodeid-msr 21:tbm 22:topoext 23:perfctr_core 24:perfctr_nb 26:dbext "
     "29:monitorx"},
    {0x80000001, NO_SUBLEAF, EDX,
     "11:syscall 20:nx 22:mmxext 25:ffxsr 26:page1gb 27:rdtscp 29:lm "
     "30:3dnowext 31:3dnow"},
    {0x80000007, NO_SUBLEAF, EDX, "7:hw-pstate 8:invtsc 8:itsc 9:cpb 10:efro"},
    {0x80000008, NO_SUBLEAF, EBX,
     "0:clzero 2:rstr-fp-err-ptrs 9:wbnoinvd 12:ibpb 14:ibrs 15:amd-stibp "
     "16:ibrs-always 17:stibp-always 18:ibrs-fast 19:ibrs-same-mode 20:no-lmsl "
     "23:amd-ppin 23:ppin 24:amd-ssbd 25:virt-ssbd 26:ssb-no 28:psfd 29:btc-no "
     "30:ibpb-ret"},
    {0x8000000a, NO_SUBLEAF, EDX,
     "0:svm_npt 1:svm_lbrv 3:svm_nrips 4:svm_tscrate 5:svm_vmcbclean "
     "7:svm_decode 10:svm_pausefilt"},
    {0x80000021, NO_SUBLEAF, EAX,
     "2:lfence+ 2:lfence-dispatch 5:verw-clear 6:nscb 8:auto-ibrs 27:sbpb "
     "28:ibpb-brtype 29:srso-no 30:srso-us-no 31:srso-msr-fix"},
    {0x80000021, NO_SUBLEAF, ECX, "1:tsa-sq-no 2:tsa-l1-no"},
};
static const char msr_words[] =
    "0:rdcl-no 1:eibrs 2:rsba 3:skip-l1dfl 4:intel-ssb-no 5:mds-no "
    "6:if-pschange-mc-no 7:tsx-ctrl 8:taa-no 9:mcu-ctrl 10:misc-pkg-ctrl "
    "11:energy-filtering 12:doitm 13:sbdr-ssdp-no 14:fbsdp-no 15:psdp-no "
    "17:fb-clear 18:fb-clear-ctrl 19:rrsba 20:bhi-no 21:xapic-status "
    "23:ovrclk-status 24:pbrsb-no 25:gds-ctrl 26:gds-no 27:rfds-no "
    "28:rfds-clear 62:its-no";

/* Words for numbers. family and model are put together of two parts. */
static const struct number_row {
    const char *word;
    uint32_t leaf;
    int64_t subleaf;
    enum reg reg;
    int bit, length;
} number_rows[] = {
    {"maxleaf", 0x00000000, NO_SUBLEAF, EAX, 0, 32},
    {"stepping", 0x00000001, NO_SUBLEAF, EAX, 0, 4},
    {"brandid", 0x00000001, NO_SUBLEAF, EBX, 0, 8},
    {"clflush", 0x00000001, NO_SUBLEAF, EBX, 8, 8},
    {"proccount", 0x00000001, NO_SUBLEAF, EBX, 16, 8},
    {"localapicid", 0x00000001, NO_SUBLEAF, EBX, 24, 8},
    {"procpkg", 0x00000004, 0, EAX, 26, 6},
    {"maxhvleaf", 0x40000000, NO_SUBLEAF, EAX, 0, 8},
    {"nc", 0x80000008, NO_SUBLEAF, ECX, 0, 8},
    {"apicidsize", 0x80000008, NO_SUBLEAF, ECX, 12, 4},
};

struct leaf {
    uint32_t leaf;
    int64_t subleaf;
    char reg[N_REGS][BITS + 1]; /* most significant bit first; "": nothing said */
};

struct policy {
    struct leaf leaves[LEAVES_MAX];
    size_t n;
    char msr[MSR_BITS + 1];
};

/* The bit of a word in a list; -1 when it is not there. */
static int bit_of(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = words; *p;) {
        int bit = 0;
        for (; *p != ':'; p++)
            bit = bit * 10 + *p - '0';
        size_t n = strcspn(++p, " ");
        if (n == len && !memcmp(p, word, n))
            return bit;
        p += n + (p[n] == ' ');
    }
    return -1;
}

/* The nth word of a bit, from 0; NULL when it has none. Caller frees. */
static char *word_of(const char *words, int wanted, int nth)
{
    for (const char *p = words; *p;) {
        int bit = 0;
        for (; *p != ':'; p++)
            bit = bit * 10 + *p - '0';
        size_t n = strcspn(++p, " ");
        if (bit == wanted && nth-- == 0)
            return mem_strn(p, n);
        p += n + (p[n] == ' ');
    }
    return NULL;
}

/* libvirt's word of a bit, where one of libxl's words has one; else libxl's first. */
static char *libvirt_word_of(const char *words, int wanted)
{
    char *first = NULL;
    for (int nth = 0;; nth++) {
        CLEANUP_FREE char *word = word_of(words, wanted, nth);
        const char *libvirt = word ? cpuname_to_libvirt(word) : NULL;
        if (!word)
            return first;
        if (libvirt != word) {
            free(first);
            return mem_str(libvirt);
        }
        if (!first)
            first = take(word);
    }
}

bool cpuid_bit_find(const char *word, struct cpuid_bit *ret)
{
    for (size_t i = 0; i < sizeof(bit_rows) / sizeof(*bit_rows); i++) {
        const struct bit_row *r = &bit_rows[i];
        int bit = bit_of(r->words, word);
        if (bit < 0)
            bit = bit_of(r->words, cpuname_to_libxl(word));
        if (bit >= 0) {
            *ret = (struct cpuid_bit){r->leaf, r->subleaf, (int)r->reg, bit};
            return true;
        }
    }
    return false;
}

char *cpuid_bit_word(const struct cpuid_bit *b)
{
    for (size_t i = 0; i < sizeof(bit_rows) / sizeof(*bit_rows); i++) {
        const struct bit_row *r = &bit_rows[i];
        if (r->leaf != b->leaf || r->subleaf != b->subleaf || (int)r->reg != b->reg)
            continue;
        return libvirt_word_of(r->words, b->bit);
    }
    return NULL;
}

/* ---- writing ---- */

static char *reg_of(struct policy *p, uint32_t leaf, int64_t subleaf, enum reg reg)
{
    size_t i = 0;
    while (i < p->n && (p->leaves[i].leaf != leaf || p->leaves[i].subleaf != subleaf))
        i++;
    if (i == LEAVES_MAX)
        return NULL;
    if (i == p->n)
        p->leaves[p->n++] = (struct leaf){.leaf = leaf, .subleaf = subleaf};
    char *text = p->leaves[i].reg[reg];
    if (!*text)
        memset(text, 'x', BITS);
    return text;
}

static void set_bits(char *text, int bit, int length, uint64_t value)
{
    for (int i = 0; i < length; i++)
        text[BITS - 1 - bit - i] = value >> i & 1 ? '1' : '0';
}

static char letter_of(enum cpu_policy policy)
{
    switch (policy) {
    case CPU_FORCE:
    case CPU_REQUIRE:
        return '1';
    case CPU_DISABLE:
    case CPU_FORBID:
        return '0';
    case CPU_KEEP:
        return 'k';
    case CPU_SAVE:
        return 's';
    case CPU_OPTIONAL:
    case CPU_VALUE:
        return 'x';
    }
    return 'x';
}

static bool add_bit(struct policy *p, const char *word, char letter)
{
    for (size_t i = 0; i < sizeof(bit_rows) / sizeof(*bit_rows); i++) {
        const struct bit_row *r = &bit_rows[i];
        int bit = bit_of(r->words, word);
        char *text = bit < 0 ? NULL : reg_of(p, r->leaf, r->subleaf, r->reg);
        if (text) {
            text[BITS - 1 - bit] = letter;
            return true;
        }
    }
    int bit = bit_of(msr_words, word);
    if (bit < 0)
        return false;
    if (!*p->msr)
        memset(p->msr, 'x', MSR_BITS);
    p->msr[MSR_BITS - 1 - bit] = letter;
    return true;
}

/* Beyond 15 the family is 15 and the rest stands apart, as the processor says it. */
static bool add_number(struct policy *p, const char *word, uint64_t n)
{
    char *text;
    for (size_t i = 0; i < sizeof(number_rows) / sizeof(*number_rows); i++) {
        const struct number_row *r = &number_rows[i];
        if (strcmp(r->word, word) != 0)
            continue;
        text = reg_of(p, r->leaf, r->subleaf, r->reg);
        if (text)
            set_bits(text, r->bit, r->length, n);
        return text;
    }
    if (strcmp(word, "family") && strcmp(word, "model"))
        return false;
    text = reg_of(p, 1, NO_SUBLEAF, EAX);
    if (!text)
        return false;
    if (!strcmp(word, "model")) {
        set_bits(text, 4, 4, n);
        set_bits(text, 16, 4, n >> 4);
    } else {
        set_bits(text, 8, 4, n < 15 ? n : 15);
        set_bits(text, 20, 8, n < 16 ? 0 : n - 15);
    }
    return true;
}

static int add_feature(struct conf_ctx *c, struct policy *p, const struct cpu_feature *f)
{
    const char *word = cpuname_to_libxl(f->name);
    uint64_t n;
    bool ok;
    if (str_eq(word, "vmx") || str_eq(word, "svm"))
        return 0; /* nested_hvm says it */
    if (f->policy == CPU_VALUE && f->value && parse_u64(f->value, 0, UINT32_MAX, &n))
        ok = add_number(p, f->name, n);
    else if (letter_of(f->policy) == 'x')
        return 0; /* as the host has it */
    else
        ok = add_bit(p, word, letter_of(f->policy));
    return ok ? 0 : conf_error(c, (struct pos){0}, "libxl has no CPU feature '%s'", f->name);
}

static int add_leaf(struct conf_ctx *c, struct policy *p, const struct cpuid_leaf *x)
{
    const char *const regs[N_REGS] = {x->eax, x->ebx, x->ecx, x->edx};
    uint32_t leaf, subleaf = 0;
    if (!x->leaf || !parse_u32(x->leaf, 0, UINT32_MAX, &leaf) ||
        (x->subleaf && !parse_u32(x->subleaf, 0, UINT32_MAX, &subleaf)))
        return conf_error(c, (struct pos){0}, "CPUID leaf '%s' is no number",
                          x->leaf ? x->leaf : "");
    for (int i = 0; i < N_REGS; i++) {
        if (!regs[i])
            continue;
        if (strlen(regs[i]) != BITS || strspn(regs[i], "01xks") != BITS)
            return conf_error(c, (struct pos){0}, "CPUID leaf '%s': %s is not 32 of 0, 1, x, k, s",
                              x->leaf, reg_names[i]);
        char *text = reg_of(p, leaf, x->subleaf ? (int64_t)subleaf : NO_SUBLEAF, (enum reg)i);
        for (int k = 0; text && k < BITS; k++)
            if (regs[i][k] != 'x')
                text[k] = regs[i][k];
    }
    return 0;
}

static void write_leaf(struct conf_ctx *c, const struct leaf *l)
{
    json_open(OUT(c), NULL, '{');
    json_put_uint(OUT(c), "leaf", l->leaf);
    if (l->subleaf != NO_SUBLEAF)
        json_put_int(OUT(c), "subleaf", l->subleaf);
    for (int i = 0; i < N_REGS; i++)
        if (*l->reg[i])
            json_put_string(OUT(c), reg_names[i], l->reg[i]);
    json_close(OUT(c), '}');
}

/* Every libxl takes the plain list; the object with "msr" is known from 4.18 on. */
static int write_policy(struct conf_ctx *c, const char *key, const struct policy *p)
{
    bool has_msr = *p->msr;
    if (has_msr && !json_has_since(c, XEN(4, 17)))
        return conf_error(c, (struct pos){0}, "features of MSR 0x10a need Xen 4.18");
    if (has_msr)
        json_open(OUT(c), key, '{');
    json_open(OUT(c), has_msr ? "cpuid" : key, '[');
    for (size_t i = 0; i < p->n; i++)
        write_leaf(c, &p->leaves[i]);
    json_close(OUT(c), ']');
    if (!has_msr)
        return 0;
    json_open(OUT(c), "msr", '[');
    json_open(OUT(c), NULL, '{');
    json_put_uint(OUT(c), "index", MSR_ARCH_CAPS);
    json_put_string(OUT(c), "policy", p->msr);
    json_close(OUT(c), '}');
    json_close(OUT(c), ']');
    json_close(OUT(c), '}');
    return 0;
}

int json_write_cpuid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    struct policy p = {0};
    int rc = 0;
    if (d->type == GUEST_PV && d->cpu.mode != CPU_HOST_PASSTHROUGH && !d->cpu.n_leaves)
        return 0;
    for (size_t i = 0; i < d->cpu.n_features; i++)
        rc |= add_feature(c, &p, &d->cpu.features[i]);
    for (size_t i = 0; i < d->cpu.n_leaves; i++)
        rc |= add_leaf(c, &p, &d->cpu.leaves[i]);
    if (rc || (!p.n && !*p.msr))
        return rc;
    return write_policy(c, r->key, &p);
}

/* ---- reading ---- */

static void add_named(struct cpu *cpu, const char *words, int bit, char *letter)
{
    static const struct {
        char letter;
        enum cpu_policy policy;
    } policies[] = {{'1', CPU_FORCE}, {'0', CPU_DISABLE}, {'k', CPU_KEEP}, {'s', CPU_SAVE}};
    char *word = word_of(words, bit, 0);
    for (int i = 0; word && i < 4; i++) {
        if (*letter != policies[i].letter)
            continue;
        struct cpu_feature f = {.name = mem_str(cpuname_to_libvirt(word)),
                                .policy = policies[i].policy};
        VEC_PUSH(cpu->features, cpu->n_features, f);
        *letter = 'x';
        break;
    }
    free(word);
}

/* Takes the bits that have names out of a register's text. */
static void take_features(struct cpu *cpu, uint32_t leaf, int64_t subleaf, enum reg reg, char *text)
{
    for (size_t i = 0; i < sizeof(bit_rows) / sizeof(*bit_rows); i++) {
        const struct bit_row *r = &bit_rows[i];
        if (r->leaf != leaf || r->subleaf != subleaf || r->reg != reg)
            continue;
        for (int bit = 0; bit < BITS; bit++)
            if (text[BITS - 1 - bit] != 'x')
                add_named(cpu, r->words, bit, &text[BITS - 1 - bit]);
    }
}

static int read_leaf(struct conf_ctx *c, struct cpu *cpu, const struct json *v)
{
    const struct json *leaf = json_get(v, "leaf"), *subleaf = json_get(v, "subleaf");
    struct cpuid_leaf rest = {0};
    char **const regs[N_REGS] = {&rest.eax, &rest.ebx, &rest.ecx, &rest.edx};
    int64_t n, sub = NO_SUBLEAF;
    if (!leaf)
        return conf_error(c, json_pos(v), "a CPUID entry needs a 'leaf'");
    if (json_want_int(c, "leaf", leaf, 0, UINT32_MAX, &n) ||
        (subleaf && json_want_int(c, "subleaf", subleaf, 0, UINT32_MAX, &sub)))
        return -1;
    for (int i = 0; i < N_REGS; i++) {
        const struct json *reg = json_get(v, reg_names[i]);
        char text[BITS + 1];
        if (!reg)
            continue;
        if (!reg->text || strlen(reg->text) != BITS || strspn(reg->text, "01xks") != BITS) {
            rec_clear(&cpuid_leaf_rec, &rest);
            return conf_error(c, json_pos(reg), "'%s' must be 32 of 0, 1, x, k, s", reg_names[i]);
        }
        memcpy(text, reg->text, sizeof(text));
        take_features(cpu, (uint32_t)n, sub, (enum reg)i, text);
        if (strspn(text, "x") != BITS)
            *regs[i] = mem_str(text);
    }
    if (rec_is_empty(&cpuid_leaf_rec, &rest))
        return 0;
    rest.leaf = mem_printf(n < 10 ? "%" PRId64 : "0x%" PRIx64, n);
    if (sub != NO_SUBLEAF)
        rest.subleaf = mem_printf("%" PRId64, sub);
    VEC_PUSH(cpu->leaves, cpu->n_leaves, rest);
    return 0;
}

static int read_msr(struct conf_ctx *c, struct cpu *cpu, const struct json *v)
{
    const struct json *index = json_get(v, "index"), *policy = json_get(v, "policy");
    int64_t n = 0;
    if (!index || !policy || json_want_int(c, "index", index, 0, UINT32_MAX, &n))
        return conf_error(c, json_pos(v), "an MSR entry needs 'index' and 'policy'");
    if (n != MSR_ARCH_CAPS || !policy->text || strlen(policy->text) != MSR_BITS)
        return conf_error(c, json_pos(v), "only MSR 0x10a, with 64 bits, is known");
    for (int bit = 0; bit < MSR_BITS; bit++) {
        char letter = policy->text[MSR_BITS - 1 - bit];
        if (letter == 'x')
            continue;
        add_named(cpu, msr_words, bit, &letter);
        if (letter != 'x')
            return conf_error(c, json_pos(policy), "bit %d of MSR 0x10a has no name", bit);
    }
    return 0;
}

static const struct row msr_rows[] = {
    J_PART("index", .type = "number"),
    J_PART("policy", .type = "64 of 0, 1, x"),
};
static const struct row_table msr_table = JSON_TABLE("b_info.cpuid.msr.", msr_rows);

static const struct row cpuid_rows[] = {
    J_PART("cpuid", .sub = &json_cpuid_table, .since = XEN(4, 18), .type = "list"),
    J_PART("msr", .sub = &msr_table, .since = XEN(4, 18), .type = "list"),
    J_PART("leaf", .type = "number", .xml = "<cpu>"),
    J_PART("subleaf", .type = "number"),
    J_PART("eax", .type = "32 of 0, 1, x, k, s"),
    J_PART("ebx", .type = "32 of 0, 1, x, k, s"),
    J_PART("ecx", .type = "32 of 0, 1, x, k, s"),
    J_PART("edx", .type = "32 of 0, 1, x, k, s"),
};
const struct row_table json_cpuid_table = JSON_TABLE("b_info.cpuid.", cpuid_rows);

/* [leaf...] or, from 4.18 on, {"cpuid": [leaf...], "msr": [...]} */
int json_read_cpuid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = json_io(c)->node, *msr = NULL;
    int rc = 0;
    if (node->kind == JSON_OBJECT) {
        msr = json_get(node, "msr");
        node = json_get(node, "cpuid");
    }
    if (node && json_want(c, r->key, node, JSON_ARRAY))
        return -1;
    for (size_t i = 0; node && i < node->n_items; i++)
        rc |= read_leaf(c, &d->cpu, &node->items[i]);
    for (size_t i = 0; msr && i < msr->n_items; i++)
        rc |= read_msr(c, &d->cpu, &msr->items[i]);
    if (d->cpu.n_features && !d->cpu.mode)
        d->cpu.mode = CPU_HOST_PASSTHROUGH;
    return rc;
}
