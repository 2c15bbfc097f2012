#include "conf/viridian.h"

#include "base/vec.h"

#define BIT(n) (1u << (n))

static const char *const names[] = {
    "base",
    "freq",
    "time_ref_count",
    "reference_tsc",
    "hcall_remote_tlb_flush",
    "apic_assist",
    "crash_ctl",
    "synic",
    "stimer",
    "hcall_ipi",
    "ex_processor_masks",
    "no_vp_limit",
    "cpu_hotplug",
};
enum { N = sizeof(names) / sizeof(*names) };
_Static_assert((int)N == (int)VIRIDIAN_BITS, "one name a bit");

#define ALL (BIT(N) - 1)
#define DEFAULTS (BIT(0) | BIT(1) | BIT(2) | BIT(5) | BIT(6) | BIT(8))
#define HYPERV_ALWAYS (BIT(0) | BIT(6))

/* libvirt's words; what is not here is not for Xen */
static const struct {
    const char *name;
    uint32_t bits;
    bool has_value; /* that Xen has no place for */
} hyperv[] = {
    {"vapic", BIT(5), false},       {"synic", BIT(7), false},
    {"frequencies", BIT(1), false}, {"stimer", BIT(8) | BIT(7) | BIT(2) | BIT(3), false},
    {"tlbflush", BIT(4), false},    {"ipi", BIT(9), false},
    {"relaxed", 0, false},          {"vpindex", 0, false},
    {"spinlocks", 0, true},         {"vendor_id", 0, true},
};

const char *viridian_name(int bit)
{
    return names[bit];
}

uint32_t viridian_group(const char *word)
{
    word += *word == '!';
    if (str_eq(word, "all"))
        return ALL;
    if (str_eq(word, "defaults"))
        return DEFAULTS;
    for (int i = 0; i < N; i++)
        if (str_eq(word, names[i]))
            return BIT(i);
    return 0;
}

void viridian_groups(const struct features *f, uint32_t *on, uint32_t *off)
{
    *on = *off = 0;
    for (size_t i = 0; i < f->n_viridian_groups; i++)
        *(*f->viridian_groups[i] == '!' ? off : on) |= viridian_group(f->viridian_groups[i]);
}

static int row_of(const char *name)
{
    for (size_t i = 0; i < sizeof(hyperv) / sizeof(*hyperv); i++)
        if (str_eq(hyperv[i].name, name))
            return (int)i;
    return -1;
}

uint32_t viridian_of_hyperv(const struct features *f, const char **unknown)
{
    uint32_t bits = 0;
    if (str_eq(f->hyperv_mode, "passthrough"))
        return ALL;
    for (size_t i = 0; i < f->n_hyperv; i++) {
        int row = row_of(f->hyperv[i].name);
        if (f->hyperv[i].state != TRI_YES)
            continue;
        if (row < 0 && !*unknown)
            *unknown = f->hyperv[i].name;
        bits |= HYPERV_ALWAYS | (row < 0 ? 0 : hyperv[row].bits);
    }
    return bits;
}

bool viridian_says_hyperv(const struct hyperv *h)
{
    int row = row_of(h->name);
    return h->state != TRI_YES || (row >= 0 && !hyperv[row].has_value);
}
