/* xen-sxpr and xen-json over random guests: what was written is read, written the same again, and
 * every member that has a plain row in the format is still there. */
#include "../lib/random_model.h"
#include "conf/codec.h"
#include "test.h"

enum { GUESTS = 10000 };

#define ALL(list, item) for (size_t item = 0; item < d->n_##list; item++)

static void suit_disks(struct rng *r, struct domain *d, bool is_json)
{
    ALL(disks, i)
    {
        struct disk *k = &d->disks[i];
        bool is_block = rng_below(r, 2);
        k->type = is_block ? DISK_BLOCK : DISK_FILE;
        k->device = rng_below(r, 3) ? DISK_DISK : DISK_CDROM;
        str_set(&k->driver, is_block ? "phy" : is_json ? "qemu" : "tap");
        str_set(&k->format, is_block ? "raw" : "qcow2");
        str_set(&k->source, "/dev/x y'z");
        k->transient = TRI_UNSET;
        k->specification = is_json ? k->specification : 0;
    }
}

static void suit_devices(struct rng *r, struct domain *d, bool is_json)
{
    suit_disks(r, d, is_json);
    ALL(nics, i)
    {
        struct nic *n = &d->nics[i];
        n->type = n->bridge ? NIC_BRIDGE : NIC_ETHERNET;
        str_set(&n->script, "vif-x");
        str_set(&n->rate, NULL);
        if (n->n_ips > 1)
            rec_remove(rec_field(&nic_rec, "ips"), n, 0);
        if (n->n_ips > 1)
            rec_remove(rec_field(&nic_rec, "ips"), n, 0);
    }
    ALL(hostdevs, i)
    {
        struct hostdev *h = &d->hostdevs[i];
        h->type = HOSTDEV_PCI;
        h->domain = NUM(1);
        h->bus = NUM(2);
        h->slot = NUM(3);
        h->function = NUM(4);
        h->vslot = h->vslot.set ? NUM(7) : (struct num){0};
        h->managed = TRI_NO;
        h->all_functions = TRI_UNSET;
        str_set(&h->name, NULL);
    }
    ALL(videos, i)
        d->videos[i].type = VIDEO_VGA;
    ALL(sounds, i)
        str_set(&d->sounds[i].model, "ich6");
    ALL(controllers, i)
        str_set(&d->controllers[i].model, NULL);
    ALL(channels, i)
    {
        rec_clear(&chr_rec, &d->channels[i]);
        d->channels[i].type = CHR_PTY;
    }
    for (size_t i = 0; i < d->xm.n_vscsis; i++) {
        str_set(&d->xm.vscsis[i].pdev, "sda");
        str_set(&d->xm.vscsis[i].vdev, "1:0:0:0");
    }
    for (size_t i = 0; i < d->xm.n_vusbs; i++) {
        d->xm.vusbs[i].version = NUM(2);
        d->xm.vusbs[i].ports = NUM(d->xm.vusbs[i].n_devices);
    }
    ALL(ioports, i)
        d->ioports[i] = (struct ioport_range){NUM(i), NUM(i + 7)};
    ALL(mca_caps, i)
        str_set(&d->mca_caps[i], "lmce");
    ALL(llc_colors, i)
        str_set(&d->llc_colors[i], "3");
}

static void clear_list(struct domain *d, const char *name)
{
    const struct field *f = rec_field(&domain_rec, name);
    while (rec_count(f, d))
        rec_remove(f, d, 0);
}

static void suit_cpus(struct domain *d)
{
    d->memory_max_kib = NUM(2 << 20);
    d->memory_kib = NUM(1 << 20);
    d->vcpus_max = NUM(4);
    d->vcpus = NUM(3);
    d->xm.vcpu_avail = (struct num){0};
    str_set(&d->cpus, d->cpus ? "0-3" : NULL);
    str_set(&d->cpus_soft, NULL);
    clear_list(d, "pins");
    while (d->cpu.n_leaves)
        rec_remove(rec_field(&cpu_rec, "leaves"), &d->cpu, 0);
    while (d->cpu.n_check_leaves)
        rec_remove(rec_field(&cpu_rec, "check_leaves"), &d->cpu, 0);
    for (size_t i = 0; i < d->cpu.n_features; i++) {
        str_set(&d->cpu.features[i].name, "pni");
        d->cpu.features[i].policy = CPU_FORCE;
    }
}

/* Out goes what the format refuses by name; see the tests of each for that. */
static struct domain *guest_for(enum conf_format format, uint64_t seed)
{
    static const char *const lost[] = {"parallels", "consoles", "xsdata", "platformdata",
                                       "smbios"};
    struct rng r = {seed};
    struct domain *d = random_domain(seed);
    bool is_json = format == CONF_JSON;
    if (d->type == GUEST_PVH && !is_json)
        d->type = GUEST_PV;
    suit_devices(&r, d, is_json);
    suit_cpus(d);
    for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++)
        clear_list(d, lost[i]);
    while (d->features.n_viridian_groups)
        rec_remove(rec_field(&features_rec, "viridian_groups"), &d->features, 0);
    while (d->features.n_hyperv)
        rec_remove(rec_field(&features_rec, "hyperv"), &d->features, 0);
    str_set(&d->genid, NULL);
    str_set(&d->sve, d->sve ? "128" : NULL);
    str_set(&d->os.kernel, "/boot/k");
    char **trees[] = {&d->xm.security, &d->xm.notes, &d->xm.pci};
    for (int i = 0; i < 3; i++)
        str_set(trees[i], *trees[i] ? "(a b) (c)" : NULL);
    enum lifecycle *const lives[] = {&d->on_poweroff, &d->on_reboot, &d->on_crash,
                                     &d->on_watchdog, &d->on_soft_reset};
    for (int i = 0; i < 5; i++)
        *lives[i] = (enum lifecycle)(1 + rng_below(&r, 6));
    d->clock.offset = d->type == GUEST_HVM ? CLOCK_VARIABLE : CLOCK_LOCALTIME;
    d->clock.basis = d->type == GUEST_HVM ? CLOCK_LOCALTIME : 0;
    while (d->clock.n_timers > 2)
        rec_remove(rec_field(&clock_rec, "timers"), &d->clock, 2);
    for (size_t i = 0; i < d->clock.n_timers; i++)
        d->clock.timers[i].name = i ? TIMER_TSC : TIMER_HPET;
    return d;
}

static char *print(enum conf_format format, const struct domain *d, uint64_t seed)
{
    struct str out = {0};
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_SECURE};
    if (conf_write(format, d, &o, &out, &e))
        fail_msg("seed %d: %s", (int)seed, e.msg);
    return str_take(&out);
}

static struct domain *parse(enum conf_format format, const char *text, uint64_t seed)
{
    struct domain *d = NULL;
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_RAW};
    if (conf_read(format, text, strlen(text), &o, &d, &e))
        fail_msg("seed %d: %s\n%s", (int)seed, e.msg, text);
    return d;
}

/* A row without hooks is a member that the format has a plain word for. */
static bool is_plain(const struct row *r, enum guest_type type)
{
    return r->kind != ROW_HOOK && r->kind != ROW_IGNORE && !r->write && !r->read &&
           !(r->flags & ROW_READ_ONLY) && row_applies(r, type) && !r->until;
}

static void same_rows(const struct row_table *t, const struct domain *a, const struct domain *b,
                      uint64_t seed)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct row *r = &t->rows[i];
        CLEANUP_STR struct str want = {0}, got = {0};
        if (!is_plain(r, a->type))
            continue;
        for (size_t k = 0; k < row_count(r, a); k++)
            row_text(r, a, k, &want);
        for (size_t k = 0; k < row_count(r, b); k++)
            row_text(r, b, k, &got);
        bool is_default = r->dflt && (str_eq(str_get(&want), r->dflt) || !want.len);
        if (!is_default && !str_eq(str_get(&want), str_get(&got)))
            fail_msg("seed %d loses %s%s: '%s' became '%s'", (int)seed, t->prefix, r->key,
                     str_get(&want), str_get(&got));
    }
}

/* The tables whose rows are over the guest itself. */
static bool is_over_domain(const struct row_table *t, enum guest_type type)
{
    static const char *const always[] = {"", "image/", "c_info.", "b_info.",
                                         "b_info.sched_params.", "b_info.arch_arm.",
                                         "b_info.arch_x86."};
    static const char *const by_type[] = {"", "b_info.type.pv.", "b_info.type.hvm.",
                                          "b_info.type.pvh."};
    for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
        if (str_eq(t->prefix, always[i]))
            return true;
    return str_eq(t->prefix, by_type[type]);
}

/* cmocka cuts long texts, so only what is around the difference is shown. */
static void same_text(const char *first, const char *second, uint64_t seed)
{
    size_t i = 0;
    while (first[i] && first[i] == second[i])
        i++;
    size_t from = i > 60 ? i - 60 : 0;
    if (first[i] != second[i])
        fail_msg("seed %d: '%.120s' became '%.120s'", (int)seed, first + from, second + from);
}

static void survives(enum conf_format format, uint64_t seed)
{
    CLEANUP_DOMAIN struct domain *d = guest_for(format, seed);
    CLEANUP_FREE char *first = print(format, d, seed);
    CLEANUP_DOMAIN struct domain *again = parse(format, first, seed);
    CLEANUP_FREE char *second = print(format, again, seed);
    same_text(first, second, seed);
    CLEANUP_DOMAIN struct domain *third = parse(format, second, seed);
    CLEANUP_STR struct str path = {0};
    if (!domain_equal(again, third, &path))
        fail_msg("seed %d loses %s the second time", (int)seed, str_get(&path));
    for (const struct row_table *const *t = codec_find(format)->tables; *t; t++)
        if (is_over_domain(*t, d->type))
            same_rows(*t, d, again, seed);
}

static void sexprs_lose_nothing(void **state)
{
    for (uint64_t seed = 1; seed <= GUESTS; seed++)
        survives(CONF_SXPR, seed);
}

static void json_loses_nothing(void **state)
{
    for (uint64_t seed = 1; seed <= GUESTS; seed++)
        survives(CONF_JSON, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sexprs_lose_nothing),
        cmocka_unit_test(json_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
