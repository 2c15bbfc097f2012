/* Tables between the model and libxl's structs, a row a member, read in both directions. The types
 * on both sides are checked when compiling. A row of a member that this libxl does not have says
 * so: a guest that needs it is refused by name. */
#pragma once
#include "compat.h"

#include "base/err.h"
#include "model/domain.h"

enum map_kind {
    MAP_STR,    /* char * - char * */
    MAP_BOOL,   /* tri - libxl_defbool */
    MAP_FLAG,   /* tri - bool or int; `unset` is its value when nothing is said */
    MAP_NUM,    /* struct num - integer; `unset` likewise */
    MAP_ENUM,   /* enum - enum, by pairs; `unset` likewise */
    MAP_STRS,   /* char **, n - libxl_string_list */
    MAP_PAIRS,  /* struct attr *, n - libxl_key_value_list */
    MAP_UUID,   /* uint8_t[16] - libxl_uuid */
    MAP_LIST,   /* struct x *, n - array, int num: by the rows of the items */
    MAP_HOOK,   /* functions of the whole structs */
    MAP_ABSENT, /* anything - nothing in this release */
};

enum { ON_PV = 1, ON_HVM = 2, ON_PVH = 4, ON_FULL = ON_HVM | ON_PVH, ON_ALL = 7 };

struct map_pair {
    int m, x;
};

struct map_env {    /* what the hooks may ask */
    libxl_ctx *ctx; /* NULL: off a Xen host (tests) */
    int type;       /* ON_PV ... of the guest */
    unsigned cpus;  /* of the host; 0: unknown */
    unsigned nodes;
    const char *guest; /* its name */
};

struct map_row;
struct map_table {
    const struct map_row *rows;
    size_t n;
    size_t m_size, x_size; /* as items of lists */
    void (*x_init)(void *x);
};

struct map_row {
    enum map_kind kind;
    int on; /* guests that it applies to */
    const char *key;
    size_t m, m_n, m_size; /* offsets in the model's struct */
    size_t x, x_n, x_size; /* and in libxl's */
    int64_t unset;
    const struct map_pair *pairs;
    size_t n_pairs;
    const struct map_table *items;
    int (*write)(const struct map_env *env, const void *m, void *x, struct err *e);
    void (*read)(const struct map_env *env, const void *x, void *m);
};

int map_write(const struct map_table *t, const struct map_env *env, const void *m, void *x,
              struct err *e);
void map_read(const struct map_table *t, const struct map_env *env, const void *x, void *m);

/* An array of libxl's grown by one initialised item. */
void *map_array_add(void **array, int *num, size_t size, void (*init)(void *));
void map_bool_write(tri m, libxl_defbool *x);
tri map_bool_read(const libxl_defbool *x);
void map_strs_write(char *const *m, size_t n, libxl_string_list *x);
/* An all-clear bitmap; freed by libxl's dispose. */
void map_bitmap(libxl_bitmap *ret, unsigned bits);

/* M and X name the two structs of the table being written. */
#define MAP_IS(S, m, type) \
    (0 * sizeof(struct { \
         _Static_assert(__builtin_types_compatible_p(__typeof__(((S *)0)->m), type), \
                        "another type than its row"); \
         int x_; \
     }))
#define MAP_SIZE_OK(a, b) \
    (0 * sizeof(struct { \
         _Static_assert((a) == (b), "sizes differ"); \
         int x_; \
     }))
#define MAP_OFF(S, m) __builtin_offsetof(S, m)
#define MAP_WIDTH(S, m) sizeof(((S *)0)->m)

#define L_STR(on, key, a, b) \
    { \
        MAP_STR, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, char *), \
                          .x = MAP_OFF(X, b) + MAP_IS(X, b, char *) \
    }
#define L_BOOL(on, key, a, b) \
    { \
        MAP_BOOL, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, tri), \
                           .x = MAP_OFF(X, b) + MAP_IS(X, b, libxl_defbool) \
    }
#define L_FLAG(on, key, a, b, none) \
    { \
        MAP_FLAG, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, tri), .x = MAP_OFF(X, b), \
                           .x_size = MAP_WIDTH(X, b), .unset = (none) \
    }
#define L_NUM(on, key, a, b, none) \
    { \
        MAP_NUM, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, struct num), .x = MAP_OFF(X, b), \
                          .x_size = MAP_WIDTH(X, b), .unset = (int64_t)(none) \
    }
#define L_ENUM(on, key, a, b, map, none) \
    { \
        MAP_ENUM, on, key, .m = MAP_OFF(M, a) + MAP_SIZE_OK(MAP_WIDTH(M, a), sizeof(int)), \
                           .x = MAP_OFF(X, b) + MAP_SIZE_OK(MAP_WIDTH(X, b), sizeof(int)), \
                           .unset = (none), .pairs = (map), \
                           .n_pairs = sizeof(map) / sizeof(*(map)) \
    }
#define L_STRS(on, key, a, b) \
    { \
        MAP_STRS, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, char **), .m_n = MAP_OFF(M, n_##a), \
                           .x = MAP_OFF(X, b) + MAP_IS(X, b, libxl_string_list) \
    }
#define L_PAIRS(on, key, a, b) \
    { \
        MAP_PAIRS, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, struct attr *), \
                            .m_n = MAP_OFF(M, n_##a), \
                            .x = MAP_OFF(X, b) + MAP_IS(X, b, libxl_key_value_list) \
    }
#define L_UUID(on, key, a, b) \
    { \
        MAP_UUID, on, key, .m = MAP_OFF(M, a) + MAP_IS(M, a, uint8_t[16]), \
                           .x = MAP_OFF(X, b) + MAP_IS(X, b, libxl_uuid) \
    }
#define L_LIST(on, key, a, b, table) \
    { \
        MAP_LIST, on, key, .m = MAP_OFF(M, a), .m_n = MAP_OFF(M, n_##a), .x = MAP_OFF(X, b), \
                           .x_n = MAP_OFF(X, num_##b), .items = &(table) \
    }
#define L_HOOK(on, key, name) \
    { \
        MAP_HOOK, on, key, .write = name##_write, .read = name##_read \
    }
/* The member is not in this libxl. */
#define L_ABSENT(key, a) \
    { \
        MAP_ABSENT, ON_ALL, key, .m = MAP_OFF(M, a), .m_size = MAP_WIDTH(M, a) \
    }
#define MAP_TABLE(name, ms, xs) \
    static const struct map_table name##_table = {name##_rows, \
                                                  sizeof(name##_rows) / sizeof(*name##_rows), \
                                                  sizeof(ms), sizeof(xs), name##_init}
