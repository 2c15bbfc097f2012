/* What Xen has no use for is kept as it is read, but libvirt prints it in its own order, with its
 * own defaults and units. A row an element whose shape differs from what people may write. */
#include "base/vec.h"
#include "conf/xml_row.h"
#include "model/cpuset.h"

/* "name" or "name=default", separated by blanks, in libvirt's order; what is not named follows. */
static const struct shape {
    const char *path, *attrs, *children;
    const char *size;   /* the attribute, or "text", that holds a size and is printed in KiB */
    const char *cpuset; /* the attribute that holds CPUs */
} shapes[] = {
    {"memtune", .children = "hard_limit soft_limit min_guarantee swap_hard_limit"},
    {"memtune/hard_limit", .size = "text"},
    {"memtune/soft_limit", .size = "text"},
    {"memtune/min_guarantee", .size = "text"},
    {"memtune/swap_hard_limit", .size = "text"},
    {"memoryBacking", .children = "hugepages nosharepages locked source access allocation discard"},
    {"memoryBacking/hugepages/page", "size unit nodeset", .size = "size"},
    {"numatune", .children = "memory memnode"},
    {"numatune/memory", "mode=strict nodeset placement"},
    {"cputune/emulatorpin", .cpuset = "cpuset"},
    {"cputune/iothreadpin", "iothread cpuset", .cpuset = "cpuset"},
    {"sysinfo", .children = "bios system baseBoard chassis oemStrings"},
    {"features/kvm", .children = "hidden hint-dedicated poll-control pv-ipi dirty-ring"},
    {"features/pmu", "state=on"},
    {"features/vmcoreinfo", "state=on"},
    {"blockio", "logical_block_size physical_block_size discard_granularity"},
    {"geometry", "cyls heads secs trans"},
    {"virtualport/parameters", "managerid typeid typeidversion instanceid interfaceid profileid"},
    {"devices/lease", .children = "lockspace key target"},
    {"devices/filesystem", "type=mount accessmode=passthrough",
     .children = "driver binary source target readonly space_hard_limit space_soft_limit"},
    {"devices/watchdog", "model action=reset"},
    {"devices/rng", .children = "rate backend"},
    {"devices/rng/rate", "bytes period"},
    {"devices/memory/target/size", "unit", .size = "text"},
    {"devices/hostdev", "mode type managed=no"},
};

static const struct shape *find_shape(const char *path)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        if (!strcmp(shapes[i].path, path))
            return &shapes[i];
    return NULL;
}

/* Entries of <sysinfo>, which has a list for each of its parts. */
static const char *entry_order(const char *path)
{
    static const struct {
        const char *path, *names;
    } orders[] = {
        {"sysinfo/bios", "vendor version date release"},
        {"sysinfo/system", "manufacturer product version serial uuid sku family"},
        {"sysinfo/baseBoard", "manufacturer product version serial asset location"},
        {"sysinfo/chassis", "manufacturer version serial asset sku"},
    };
    for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
        if (!strcmp(orders[i].path, path))
            return orders[i].names;
    return NULL;
}

static struct attr *attr_of(struct xnode *n, const char *name)
{
    for (size_t i = 0; i < n->n_attrs; i++)
        if (!strcmp(n->attrs[i].name, name))
            return &n->attrs[i];
    return NULL;
}

/* The place of a name in such a list; the count of its words when it is not in it. */
static size_t place_of(const char *list, const char *name)
{
    size_t i = 0;
    for (; *list; i++, list += strspn(list, " ")) {
        size_t word = strcspn(list, " "), n = strcspn(list, "= ");
        if (name && strlen(name) == n && !memcmp(list, name, n))
            return i;
        list += word;
    }
    return i;
}

static void settle_attrs(struct xnode *n, const char *list)
{
    for (const char *p = list; *p; p += strspn(p, " ")) {
        size_t word = strcspn(p, " "), name = strcspn(p, "= ");
        CLEANUP_FREE char *key = mem_strn(p, name);
        if (name < word && !attr_of(n, key)) {
            struct attr *a = DOMAIN_ADD(n, attrs);
            *a = (struct attr){take(key), mem_strn(p + name + 1, word - name - 1)};
        }
        p += word;
    }
    for (size_t i = 1; i < n->n_attrs; i++)
        for (size_t k = i;
             k && place_of(list, n->attrs[k].name) < place_of(list, n->attrs[k - 1].name); k--) {
            struct attr a = n->attrs[k];
            n->attrs[k] = n->attrs[k - 1];
            n->attrs[k - 1] = a;
        }
}

static const char *sort_key(struct xnode *n, bool by_entry)
{
    const struct attr *a = by_entry ? attr_of(n, "name") : NULL;
    return by_entry ? a ? a->value : NULL : n->name;
}

/* A node's place is looked up once: there may be many of them. */
static void sort_children(struct xnode *n, const char *list, bool by_entry)
{
    size_t n_places = place_of(list, NULL) + 1, k = 0;
    if (n->n_children < 2)
        return;
    size_t *places = mem_new(n->n_children, sizeof(*places));
    struct xnode *sorted = vec_room(NULL, 0, sizeof(*sorted));
    for (size_t i = 0; i < n->n_children; i++)
        places[i] = place_of(list, sort_key(&n->children[i], by_entry));
    for (size_t place = 0; place < n_places; place++)
        for (size_t i = 0; i < n->n_children; i++)
            if (places[i] == place)
                VEC_PUSH(sorted, k, n->children[i]);
    free(places);
    free(n->children);
    n->children = sorted;
}

static void put_kib(struct xnode *n, char **text)
{
    struct conf_ctx c = {.o = &(const struct conf_opts){0}};
    struct xml none = {.name = n->name};
    struct attr *unit = attr_of(n, "unit");
    struct num kib = {0};
    if (!*text || xml_kib(&c, &none, *text, unit ? unit->value : NULL, &kib))
        return;
    free(*text);
    *text = mem_printf("%lld", (long long)kib.v);
    if (!unit) {
        unit = DOMAIN_ADD(n, attrs);
        unit->name = mem_str("unit");
    }
    str_set(&unit->value, "KiB");
}

static void settle_values(struct xnode *n, const struct shape *s)
{
    struct attr *size = s->size ? attr_of(n, s->size) : NULL;
    struct attr *cpus = s->cpuset ? attr_of(n, s->cpuset) : NULL;
    char *plain = cpus ? cpuset_canonical(cpus->value) : NULL;
    if (plain) {
        free(cpus->value);
        cpus->value = plain;
    }
    if (size)
        put_kib(n, &size->value);
    else if (s->size && !strcmp(s->size, "text"))
        put_kib(n, &n->text);
}

static void settle(struct xnode *n, const char *path)
{
    const struct shape *s = find_shape(path);
    const char *entries = entry_order(path);
    if (s)
        settle_values(n, s);
    if (s && s->attrs)
        settle_attrs(n, s->attrs);
    if (s && s->children)
        sort_children(n, s->children, false);
    if (entries)
        sort_children(n, entries, true);
    for (size_t i = 0; i < n->n_children; i++) {
        CLEANUP_FREE char *below =
            n->children[i].name ? mem_printf("%s/%s", path, n->children[i].name) : NULL;
        if (below && strlen(below) < 64) /* no row is longer */
            settle(&n->children[i], below);
    }
}

void xml_kept_settle(struct xnode *n, const char *at)
{
    CLEANUP_FREE char *path = mem_printf("%s%s%s", at, *at ? "/" : "", n->name);
    if (strlen(path) < 64)
        settle(n, path);
}
