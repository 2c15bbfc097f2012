/* A map from short byte keys (uuid, name, number) to pointers. It owns its copies of the keys,
 * never the values. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct hash_slot;
struct hash {
    struct hash_slot *slots;
    size_t cap, n, used; /* used counts removed slots too */
};

void *hash_get(const struct hash *h, const void *key, size_t len);       /* NULL when absent */
void hash_put(struct hash *h, const void *key, size_t len, void *value); /* replaces */
void *hash_remove(struct hash *h, const void *key, size_t len);          /* the value, or NULL */
void hash_clear(struct hash *h);                                         /* frees keys and slots */
/* Values in no order: start with *at = 0; NULL at the end. The map must not change meanwhile. */
void *hash_next(const struct hash *h, size_t *at);
uint64_t hash_bytes(const void *key, size_t len);
