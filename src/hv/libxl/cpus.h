/* vCPUs, where they may run, and what their CPUs look like, between the model and libxl. Hooks of
 * the table in config.c. */
#pragma once
#include "map.h"

int vcpus_write(const struct map_env *env, const void *m, void *x, struct err *e);
void vcpus_read(const struct map_env *env, const void *x, void *m);
int affinity_write(const struct map_env *env, const void *m, void *x, struct err *e);
void affinity_read(const struct map_env *env, const void *x, void *m);
int cells_write(const struct map_env *env, const void *m, void *x, struct err *e);
void cells_read(const struct map_env *env, const void *x, void *m);
int cpuid_write(const struct map_env *env, const void *m, void *x, struct err *e);
void cpuid_read(const struct map_env *env, const void *x, void *m);

/* The leaves in libxl's JSON of a guest, whole or its build_info. */
void cpuid_parse(const char *json, struct cpu *ret);

/* "0,2-3"; NULL for no bit at all; caller frees. */
char *cpumap_format(const libxl_bitmap *map);
