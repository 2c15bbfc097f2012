/* Records: plain structs described by a table with one row a member. From the rows come clear,
 * copy, compare (which names the first member that differs), dump and the random models of the
 * tests. Zero is the valid empty value of every kind. Strings and lists are owned by the record.
 * Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

typedef enum tri { TRI_UNSET = 0, TRI_NO, TRI_YES } tri; /* TRI_UNSET: not mentioned */

struct num { /* an optional number */
    int64_t v;
    bool set;
};
#define NUM(x) ((struct num){(int64_t)(x), true})
static inline int64_t num_or(struct num n, int64_t otherwise)
{
    return n.set ? n.v : otherwise;
}

struct mac {
    uint8_t b[6];
    bool set;
};

enum rec_kind {
    REC_STR,   /* char *: NULL is unset */
    REC_TRI,   /* tri */
    REC_BOOL,  /* bool */
    REC_NUM,   /* struct num */
    REC_ENUM,  /* an enum; 0 is unset; `words` spells the values */
    REC_UUID,  /* uint8_t[16]; all zero is unset */
    REC_MAC,   /* struct mac */
    REC_STRS,  /* char **p and size_t n_p: a list of texts */
    REC_U32S,  /* uint32_t *p and size_t n_p: a list of numbers */
    REC_ENUMS, /* int *p and size_t n_p: a list of values of an enum */
    REC_SUB,   /* a struct in place */
    REC_LIST,  /* struct x *p and size_t n_p */
    REC_OPT,   /* struct x *: one or NULL */
    REC_MARK,  /* uint32_t: a note of whoever works on it; copied, never compared or told */
};

struct words { /* spellings of an enum; names[0] is NULL, for unset */
    const char *const *names;
    int n;
};

struct rec;
struct field {
    const char *name;
    enum rec_kind kind;
    uint32_t offset;
    uint32_t count_offset; /* of n_p, for the list kinds */
    const struct rec *sub; /* of REC_SUB, REC_LIST, REC_OPT */
    const struct words *words;
};

struct rec {
    const char *name;
    size_t size;
    const struct field *fields;
    size_t n;
};

void rec_clear(const struct rec *r, void *p); /* frees the members and zeroes */
void rec_copy(const struct rec *r, void *dst,
              const void *src); /* dst is overwritten, not cleared */
/* True when equal; otherwise `path` (may be NULL) gets the first difference, such as
 * "disks[1].vdev". */
bool rec_equal(const struct rec *r, const void *a, const void *b, struct str *path);
/* Calls `differs` for every member that differs, at its path; a or b is NULL for an item that only
 * the other has. Members of lists are compared by number. */
typedef void rec_differs(void *arg, const char *path, const struct field *f, const void *a,
                         const void *b);
void rec_diff(const struct rec *r, const void *a, const void *b, rec_differs *differs, void *arg);
/* Makes `before` say what `now` says, and calls `differs` with the path of every member or item that
 * gets another value, and where it stands in `now`. With is_near, what stands in lists in front of
 * the last item that both have is taken for unchanged: a long record that grows at its ends is
 * followed in constant time. */
typedef void rec_member(void *arg, const char *path, const struct field *f, const void *m);
void rec_follow(const struct rec *r, void *before, const void *now, bool is_near,
                rec_member *differs, void *arg);
/* Calls `each` for every member that is set in item m of the field f, which is at `path`. */
void rec_each(const struct field *f, const void *m, const char *path, rec_member *each, void *arg);
void rec_value(const struct field *f, const void *m, struct str *out); /* one value, as rec_dump */
bool rec_is_empty(const struct rec *r, const void *p);                 /* nothing is set in it */
void rec_dump(const struct rec *r, const void *p,
              struct str *out); /* "path = value" a line, set members only */

/* An empty item appended to a list member; valid until the next one is. */
void *rec_append(const struct field *f, void *p);
/* Removes item i of a list member, with what it owns. */
void rec_remove(const struct field *f, void *p, size_t i);
size_t rec_count(const struct field *f, const void *p); /* of a list */
void *rec_item(const struct field *f, const void *p,
               size_t i); /* of a REC_LIST or REC_OPT; borrowed */
const struct field *rec_field(const struct rec *r, const char *name); /* NULL when there is none */
size_t field_size(const struct field *f); /* bytes at offset, without the count */

int words_find(const struct words *w, const char *text);  /* the value, -1 when unknown */
const char *words_name(const struct words *w, int value); /* NULL for unset or out of range */

/* Rows. The member's type is checked when compiling. */
#define REC_CHECK(cond) \
    (0 * sizeof(struct { \
         _Static_assert(cond, "member has another type than its row"); \
         int x_; \
     }))
#define REC_M(T, m) (((struct T *)0)->m)
#define REC_SAME(T, m, type) __builtin_types_compatible_p(__typeof__(REC_M(T, m)), type)
#define REC_ROW(T, m, k, type) #m, k, offsetof(struct T, m) + REC_CHECK(REC_SAME(T, m, type))
#define REC_COUNT(T, m) offsetof(struct T, n_##m) + REC_CHECK(REC_SAME(T, n_##m, size_t))

#define F_STR(T, m) \
    { \
        REC_ROW(T, m, REC_STR, char *), 0, NULL, NULL \
    }
#define F_TRI(T, m) \
    { \
        REC_ROW(T, m, REC_TRI, tri), 0, NULL, NULL \
    }
#define F_BOOL(T, m) \
    { \
        REC_ROW(T, m, REC_BOOL, bool), 0, NULL, NULL \
    }
#define F_NUM(T, m) \
    { \
        REC_ROW(T, m, REC_NUM, struct num), 0, NULL, NULL \
    }
#define F_MARK(T, m) \
    { \
        REC_ROW(T, m, REC_MARK, uint32_t), 0, NULL, NULL \
    }
#define F_ENUM(T, m, e) \
    { \
        REC_ROW(T, m, REC_ENUM, enum e), 0, NULL, &e##_words \
    }
#define F_UUID(T, m) \
    { \
        REC_ROW(T, m, REC_UUID, uint8_t[16]), 0, NULL, NULL \
    }
#define F_MAC(T, m) \
    { \
        REC_ROW(T, m, REC_MAC, struct mac), 0, NULL, NULL \
    }
#define F_STRS(T, m) \
    { \
        REC_ROW(T, m, REC_STRS, char **), REC_COUNT(T, m), NULL, NULL \
    }
#define F_U32S(T, m) \
    { \
        REC_ROW(T, m, REC_U32S, uint32_t *), REC_COUNT(T, m), NULL, NULL \
    }
#define F_ENUMS(T, m, e) \
    { \
        REC_ROW(T, m, REC_ENUMS, int *), REC_COUNT(T, m), NULL, &e##_words \
    }
#define F_SUB(T, m, S) \
    { \
        REC_ROW(T, m, REC_SUB, struct S), 0, &S##_rec, NULL \
    }
#define F_LIST(T, m, S) \
    { \
        REC_ROW(T, m, REC_LIST, struct S *), REC_COUNT(T, m), &S##_rec, NULL \
    }
#define F_OPT(T, m, S) \
    { \
        REC_ROW(T, m, REC_OPT, struct S *), 0, &S##_rec, NULL \
    }
