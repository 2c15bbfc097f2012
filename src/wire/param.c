#include "wire/param.h"

#include <assert.h>
#include <string.h>

#include "base/vec.h"
#include "wire/consts.h"

static const char *const type_names[] = {
    [VIR_TYPED_PARAM_INT] = "int",       [VIR_TYPED_PARAM_UINT] = "unsigned int",
    [VIR_TYPED_PARAM_LLONG] = "hyper",   [VIR_TYPED_PARAM_ULLONG] = "unsigned hyper",
    [VIR_TYPED_PARAM_DOUBLE] = "double", [VIR_TYPED_PARAM_BOOLEAN] = "boolean",
    [VIR_TYPED_PARAM_STRING] = "string",
};

static void add(struct wire_typed_param **p, size_t *n, const char *field,
                struct wire_typed_value v)
{
    assert(strlen(field) <= WIRE_PARAM_FIELD_MAX);
    struct wire_typed_param one = {mem_str(field), v};
    VEC_PUSH(*p, *n, one);
}

void wire_param_add_int(struct wire_typed_param **p, size_t *n, const char *field, int v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_INT, .i = v});
}

void wire_param_add_uint(struct wire_typed_param **p, size_t *n, const char *field, uint32_t v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_UINT, .ui = v});
}

void wire_param_add_hyper(struct wire_typed_param **p, size_t *n, const char *field, int64_t v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_LLONG, .l = v});
}

void wire_param_add_uhyper(struct wire_typed_param **p, size_t *n, const char *field, uint64_t v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_ULLONG, .ul = v});
}

void wire_param_add_double(struct wire_typed_param **p, size_t *n, const char *field, double v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_DOUBLE, .d = v});
}

void wire_param_add_bool(struct wire_typed_param **p, size_t *n, const char *field, bool v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_BOOLEAN, .b = v});
}

void wire_param_add_string(struct wire_typed_param **p, size_t *n, const char *field, const char *v)
{
    add(p, n, field, (struct wire_typed_value){VIR_TYPED_PARAM_STRING, .s = mem_str(v)});
}

void wire_params_cut(struct wire_typed_param *p, size_t *n, size_t keep)
{
    while (*n > keep)
        wire_clear(&wire_type_typed_param, &p[--*n]);
}

void wire_params_free(struct wire_typed_param *p, size_t n)
{
    wire_params_cut(p, &n, 0);
    free(p);
}

void wire_params_drop_strings(struct wire_typed_param *p, size_t *n)
{
    for (size_t i = *n; i-- > 0;) {
        if (p[i].value.type != VIR_TYPED_PARAM_STRING)
            continue;
        wire_clear(&wire_type_typed_param, &p[i]);
        VEC_REMOVE(p, *n, i);
    }
}

const struct wire_typed_param *wire_param_find(const struct wire_typed_param *p, size_t n,
                                               const char *field)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(p[i].field, field))
            return &p[i];
    return NULL;
}

const char *wire_param_string(const struct wire_typed_param *p, size_t n, const char *field)
{
    const struct wire_typed_param *one = wire_param_find(p, n, field);
    return one && one->value.type == VIR_TYPED_PARAM_STRING ? one->value.s : NULL;
}

bool wire_param_u64(const struct wire_typed_param *p, size_t n, const char *field, uint64_t *ret)
{
    const struct wire_typed_param *one = wire_param_find(p, n, field);
    int64_t v = -1;
    if (!one)
        return false;
    if (one->value.type == VIR_TYPED_PARAM_ULLONG) {
        *ret = one->value.ul;
        return true;
    }
    if (one->value.type == VIR_TYPED_PARAM_INT || one->value.type == VIR_TYPED_PARAM_BOOLEAN)
        v = one->value.i;
    else if (one->value.type == VIR_TYPED_PARAM_UINT)
        v = one->value.ui;
    else if (one->value.type == VIR_TYPED_PARAM_LLONG)
        v = one->value.l;
    if (v < 0)
        return false;
    *ret = (uint64_t)v;
    return true;
}

static const struct wire_param_rule *rule_find(const struct wire_param_rule *rules, size_t n,
                                               const char *field)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(rules[i].field, field))
            return &rules[i];
    return NULL;
}

int wire_params_check(const struct wire_typed_param *p, size_t n,
                      const struct wire_param_rule *rules, size_t n_rules, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        const struct wire_param_rule *rule = rule_find(rules, n_rules, p[i].field);
        if (!rule)
            return fail(e, ERR_ARGUMENT_UNSUPPORTED, "parameter '%.79s' is not supported",
                        p[i].field);
        if (p[i].value.type != rule->type)
            return fail(e, ERR_INVALID_ARG, "parameter '%s' must be of type %s, not %s", p[i].field,
                        type_names[rule->type], type_names[p[i].value.type]);
        if (!rule->many && wire_param_find(p, i, p[i].field))
            return fail(e, ERR_INVALID_ARG, "parameter '%s' is given twice", p[i].field);
    }
    return 0;
}
