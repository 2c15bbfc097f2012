#include "net/names.h"

#include <stdint.h>

#include "base/mem.h"

void net_names_copy(struct net_names *to, const struct net_names *from)
{
    char **items = mem_new(from->n + 1, sizeof(*items));
    for (size_t i = 0; i < from->n; i++)
        items[i] = mem_str(from->items[i]);
    *to = (struct net_names){.items = items, .n = from->n, .has = from->has};
}

void net_names_clear(struct net_names *n)
{
    for (size_t i = 0; i < n->n; i++)
        free(n->items[i]);
    free((char **)(uintptr_t)n->items);
    *n = (struct net_names){0};
}
