#include "conf/prov.h"

#include "base/str.h"

/* ---- items that are known again ---- */

/* The number of an item of a top list, NULL when items of the list have none. */
static uint32_t *origin_of(const struct field *f, const void *item)
{
    const struct field *dev = f->kind == REC_LIST ? rec_field(f->sub, "dev") : NULL;
    if (!dev || dev->sub != &device_rec)
        return NULL;
    return &((struct device *)(void *)((char *)item + dev->offset))->origin;
}

/* While a text is read, items come to the ends of lists. */
static void number_items(struct prov *p, struct domain *d, bool only_ends)
{
    for (size_t i = 0; i < domain_rec.n; i++) {
        const struct field *f = &domain_rec.fields[i];
        for (size_t k = rec_count(f, d); f->kind == REC_LIST && k-- > 0;) {
            uint32_t *origin = origin_of(f, rec_item(f, d, k));
            if (origin && !*origin)
                *origin = ++p->n_origins;
            else if (only_ends || !origin)
                break;
        }
    }
}

/* "disks[1].serial" becomes "disks{7}.serial"; other paths stay as they are. */
static void stable_path(const struct domain *d, const char *path, struct str *out)
{
    size_t n = strcspn(path, "[.");
    uint64_t at = 0;
    CLEANUP_FREE char *name = mem_strn(path, n);
    const struct field *f = path[n] == '[' ? rec_field(&domain_rec, name) : NULL;
    const char *end = path + n + (f ? strcspn(path + n, "]") : 0);
    CLEANUP_FREE char *digits =
        mem_strn(path + n + (f != NULL), f ? (size_t)(end - path) - n - 1 : 0);
    if (f && !parse_u64(digits, 10, SIZE_MAX, &at))
        f = NULL;
    const uint32_t *origin = f && at < rec_count(f, d) ? origin_of(f, rec_item(f, d, at)) : NULL;
    if (origin)
        str_addf(out, "%s{%u}%s", name, *origin, end + 1);
    else
        str_add(out, path);
}

/* ---- members ---- */

struct claim {
    struct prov *p;
    const struct domain *d;
    long entry;
    size_t n;
};

static void claim_one(void *arg, const char *path, const struct field *f, const void *m)
{
    struct claim *c = arg;
    CLEANUP_STR struct str key = {0};
    stable_path(c->d, path, &key);
    intptr_t known = (intptr_t)hash_get(&c->p->members, key.p, key.len);
    if (known && known != PROV_NO_KEY + 2)
        return; /* the first one counts */
    hash_put(&c->p->members, key.p, key.len, (void *)(intptr_t)(c->entry + 2));
    c->n++;
}

static void on_change(void *arg, const char *path, const struct field *f, const void *m)
{
    rec_each(f, m, path, claim_one, arg);
}

size_t prov_claim(struct prov *p, struct domain *d, long entry)
{
    struct claim c = {.p = p, .d = d, .entry = entry};
    p->n_keys += entry != PROV_NO_KEY;
    number_items(p, d, p->n_keys > PROV_EXACT_KEYS);
    rec_follow(&domain_rec, &p->before, d, p->n_keys > PROV_EXACT_KEYS, on_change, &c);
    return c.n;
}

long prov_find(const struct prov *p, const struct domain *d, const char *path)
{
    CLEANUP_STR struct str key = {0};
    stable_path(d, path, &key);
    intptr_t found = (intptr_t)hash_get(&p->members, key.p, key.len);
    return found ? (long)found - 2 : PROV_UNSAID;
}

struct change {
    struct claim claim;
    prov_changed *fn;
    void *arg;
};

static void tell_change(void *arg, const char *path, const struct field *f, const void *m)
{
    struct change *x = arg;
    long entry = strchr(path, '[') || f->sub ? -1 : prov_find(x->claim.p, x->claim.d, path);
    if (entry >= 0)
        x->fn(x->arg, entry, f, m);
    else if (x->claim.entry == PROV_NO_KEY)
        on_change(&x->claim, path, f, m);
}

void prov_changes(struct prov *p, const struct domain *d, prov_changed *fn, void *arg)
{
    struct change x = {{p, d, PROV_UNSAID, 0}, fn, arg};
    rec_follow(&domain_rec, &p->before, d, false, tell_change, &x);
}

void prov_end(struct prov *p, struct domain *d, prov_changed *fn, void *arg)
{
    struct change x = {{p, d, PROV_NO_KEY, 0}, fn, arg};
    p->n_keys = 0;
    number_items(p, d, false);
    rec_follow(&domain_rec, &p->before, d, false, tell_change, &x);
}

void prov_clear(struct prov *p)
{
    rec_clear(&domain_rec, &p->before);
    hash_clear(&p->members);
    *p = (struct prov){0};
}
