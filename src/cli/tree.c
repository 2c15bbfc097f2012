#include "tree.h"

#include <stdio.h>

#include "base/str.h"

static int index_of(const struct tree *t, const char *name)
{
    for (size_t i = 0; name && i < t->n; i++)
        if (str_eq(t->names[i], name))
            return (int)i;
    return -1;
}

static size_t children_of(const struct tree *t, int parent, size_t *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (index_of(t, t->parents[i]) == parent && (int)i != parent)
            ret[n++] = i;
    return n;
}

static void branch_print(const struct tree *t, size_t at, struct str *indent, bool root, bool last,
                         int depth)
{
    size_t *kids = mem_new(t->n + 1, sizeof(*kids));
    size_t n = depth < 64 ? children_of(t, (int)at, kids) : 0, was = indent->len;
    if (root)
        printf("%s\n", t->names[at]);
    else
        printf("%s+- %s\n", str_get(indent), t->names[at]);
    if (!root)
        str_add(indent, last ? "    " : "|   ");
    else
        str_add(indent, "  ");
    if (n)
        printf("%s|\n", str_get(indent));
    for (size_t i = 0; i < n; i++)
        branch_print(t, kids[i], indent, false, i + 1 == n, depth + 1);
    if (last && !root && !n)
        printf("%.*s  \n", (int)was, str_get(indent));
    str_cut(indent, was);
    free(kids);
}

void tree_print(const struct tree *t)
{
    CLEANUP_STR struct str indent = {0};
    CLEANUP_FREE size_t *roots = mem_new(t->n + 1, sizeof(*roots));
    size_t n = children_of(t, -1, roots);
    for (size_t i = 0; i < n; i++)
        branch_print(t, roots[i], &indent, true, i + 1 == n, 0);
}
