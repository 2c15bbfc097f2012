/* Typed parameters: named values of one of seven types (VIR_TYPED_PARAM_*), as an array and its
 * count. */
#pragma once
#include "wire/remote.h"

enum { WIRE_PARAM_FIELD_MAX = 79 }; /* bytes of a name */

/* Each appends to an array that was zero, built by these functions, or decoded. Names and strings
 * are copied. */
void wire_param_add_int(struct wire_typed_param **p, size_t *n, const char *field, int v);
void wire_param_add_uint(struct wire_typed_param **p, size_t *n, const char *field, uint32_t v);
void wire_param_add_hyper(struct wire_typed_param **p, size_t *n, const char *field, int64_t v);
void wire_param_add_uhyper(struct wire_typed_param **p, size_t *n, const char *field, uint64_t v);
void wire_param_add_double(struct wire_typed_param **p, size_t *n, const char *field, double v);
void wire_param_add_bool(struct wire_typed_param **p, size_t *n, const char *field, bool v);
void wire_param_add_string(struct wire_typed_param **p, size_t *n, const char *field,
                           const char *v);

/* Frees the array, or all of it behind the first `keep` (a reply cut to what the caller asked for).
 */
void wire_params_free(struct wire_typed_param *p, size_t n);
void wire_params_cut(struct wire_typed_param *p, size_t *n, size_t keep);
void wire_params_drop_strings(struct wire_typed_param *p,
                              size_t *n); /* for callers without STRING_OKAY */

/* The first of that name, or NULL; borrowed. */
const struct wire_typed_param *wire_param_find(const struct wire_typed_param *p, size_t n,
                                               const char *field);
const char *wire_param_string(const struct wire_typed_param *p, size_t n,
                              const char *field); /* NULL when absent or no string */
bool wire_param_u64(const struct wire_typed_param *p, size_t n, const char *field,
                    uint64_t *ret); /* any whole number >= 0 */

struct wire_param_rule {
    const char *field;
    int type;  /* VIR_TYPED_PARAM_* */
    bool many; /* may be given more than once */
};

/* What a setting call checks: an unknown name is ERR_ARGUMENT_UNSUPPORTED, a wrong type or a second
 * one ERR_INVALID_ARG. */
int wire_params_check(const struct wire_typed_param *p, size_t n,
                      const struct wire_param_rule *rules, size_t n_rules, struct err *e);
