/* Things below each other, drawn as virsh draws them. */
#pragma once
#include <stddef.h>

struct tree {
    const char **names;
    char **parents; /* NULL, or a name that is not there: none */
    size_t n;
};
void tree_print(const struct tree *t);
