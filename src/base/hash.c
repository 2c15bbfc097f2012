#include "hash.h"

#include "mem.h"

struct hash_slot {
    uint64_t sum;
    void *key; /* NULL: free; &removed: was removed */
    size_t len;
    void *value;
};

static char removed;

uint64_t hash_bytes(const void *key, size_t len)
{
    const unsigned char *p = key; /* FNV-1a with a final mix */
    uint64_t x = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        x = (x ^ p[i]) * 0x100000001b3u;
    return x ^ x >> 29;
}

static struct hash_slot *find(const struct hash *h, const void *key, size_t len, uint64_t sum)
{
    if (!h->cap)
        return NULL;
    for (size_t i = sum & (h->cap - 1);; i = (i + 1) & (h->cap - 1)) {
        struct hash_slot *s = &h->slots[i];
        if (!s->key)
            return NULL;
        if (s->key != &removed && s->sum == sum && s->len == len && !memcmp(s->key, key, len))
            return s;
    }
}

void *hash_get(const struct hash *h, const void *key, size_t len)
{
    struct hash_slot *s = find(h, key, len, hash_bytes(key, len));
    return s ? s->value : NULL;
}

static void insert(struct hash *h, struct hash_slot slot)
{
    size_t i = slot.sum & (h->cap - 1);
    while (h->slots[i].key)
        i = (i + 1) & (h->cap - 1);
    h->slots[i] = slot;
    h->used++;
}

static void rehash(struct hash *h)
{
    struct hash old = *h;
    h->cap = 16;
    while (h->cap < old.n * 4)
        h->cap *= 2;
    h->used = 0;
    h->slots = mem_new(h->cap, sizeof(*h->slots));
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].key && old.slots[i].key != &removed)
            insert(h, old.slots[i]);
    free(old.slots);
}

void hash_put(struct hash *h, const void *key, size_t len, void *value)
{
    uint64_t sum = hash_bytes(key, len);
    struct hash_slot *s = find(h, key, len, sum);
    if (s) {
        s->value = value;
        return;
    }
    if ((h->used + 1) * 4 > h->cap * 3)
        rehash(h);
    insert(h,
           (struct hash_slot){.sum = sum, .key = mem_strn(key, len), .len = len, .value = value});
    h->n++;
}

void *hash_remove(struct hash *h, const void *key, size_t len)
{
    struct hash_slot *s = find(h, key, len, hash_bytes(key, len));
    if (!s)
        return NULL;
    free(s->key);
    s->key = &removed;
    h->n--;
    return s->value;
}

void hash_clear(struct hash *h)
{
    for (size_t i = 0; i < h->cap; i++)
        if (h->slots[i].key != &removed)
            free(h->slots[i].key);
    free(h->slots);
    *h = (struct hash){0};
}

void *hash_next(const struct hash *h, size_t *at)
{
    while (*at < h->cap) {
        const struct hash_slot *s = &h->slots[(*at)++];
        if (s->key && s->key != &removed)
            return s->value;
    }
    return NULL;
}
