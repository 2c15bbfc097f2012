#include "params.h"

#include "base/str.h"
#include "client/client.h"
#include "wire/consts.h"
#include "wire/proc.h"

void params_clear(struct params *p)
{
    wire_params_free(p->p, p->n);
    *p = (struct params){0};
}

static void *member(const struct wire_type *t, void *at, const char *name)
{
    for (size_t i = 0; i < t->n_fields; i++)
        if (str_eq(t->fields[i].name, name))
            return (char *)at + t->fields[i].offset;
    return NULL;
}

static void put_number(const struct wire_type *t, void *args, const char *name, unsigned v)
{
    unsigned *at = member(t, args, name);
    if (at)
        *at = v;
}

/* The arguments that all these calls share; caller frees. */
static char *common(const struct wire_type *t, const struct wire_domain *about, const char *device,
                    unsigned flags)
{
    char *args = mem_new(1, t->size);
    if (about)
        *(struct wire_domain *)args = *about;
    if (device)
        *(const char **)(args + t->fields[1].offset) = device;
    put_number(t, args, "flags", flags);
    return args;
}

int params_get(struct ctl *c, int proc, const struct wire_domain *about, const char *device,
               unsigned flags, const char *what, struct params *ret, struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    if (client_has_feature(c->conn_, VIR_DRV_FEATURE_TYPED_PARAM_STRING))
        flags |= VIR_TYPED_PARAM_STRING_OKAY;
    CLEANUP_FREE char *args = common(p->args, about, device, flags);
    struct {
        struct params list;
        int nparams;
    } answer = {0}; /* the shape of every such reply */
    if (what)
        ctl_trying(c, "Unable to get number of %s", what);
    if (client_call(c->conn_, proc, args, &answer, e))
        return -1;
    params_clear(&answer.list);
    if (!answer.nparams)
        return 0;
    put_number(p->args, args, "nparams", (unsigned)answer.nparams);
    if (what)
        ctl_trying(c, "Unable to get %s", what);
    if (client_call(c->conn_, proc, args, &answer, e))
        return -1;
    *ret = answer.list;
    return 0;
}

int params_set(struct ctl *c, int proc, const struct wire_domain *about, const char *device,
               unsigned flags, const struct params *p, struct err *e)
{
    const struct wire_proc *row = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    CLEANUP_FREE char *args = common(row->args, about, device, flags);
    struct params *list = member(row->args, args, "params");
    *list = *p;
    return client_call(c->conn_, proc, args, NULL, e);
}

char *param_text(const struct wire_typed_param *p)
{
    const struct wire_typed_value *v = &p->value;
    switch (v->type) {
    case VIR_TYPED_PARAM_INT:
        return mem_printf("%d", v->i);
    case VIR_TYPED_PARAM_UINT:
        return mem_printf("%u", v->ui);
    case VIR_TYPED_PARAM_LLONG:
        return mem_printf("%lld", (long long)v->l);
    case VIR_TYPED_PARAM_ULLONG:
        return mem_printf("%llu", (unsigned long long)v->ul);
    case VIR_TYPED_PARAM_DOUBLE:
        return mem_printf("%f", v->d);
    case VIR_TYPED_PARAM_BOOLEAN:
        return mem_str(v->b ? "yes" : "no");
    default:
        return mem_str(v->s ? v->s : "");
    }
}

enum col_kind param_kind(const struct wire_typed_param *p)
{
    return p->value.type == VIR_TYPED_PARAM_STRING    ? COL_TEXT
           : p->value.type == VIR_TYPED_PARAM_BOOLEAN ? COL_BOOL
                                                      : COL_NUMBER;
}

bool param_add_text(struct params *p, const char *field, int type, const char *text)
{
    int64_t i = 0;
    uint64_t u = 0;
    double d = 0;
    switch (type) {
    case VIR_TYPED_PARAM_INT:
    case VIR_TYPED_PARAM_LLONG:
        if (!parse_i64(text, 10, type == VIR_TYPED_PARAM_INT ? INT32_MIN : INT64_MIN,
                       type == VIR_TYPED_PARAM_INT ? INT32_MAX : INT64_MAX, &i))
            return false;
        if (type == VIR_TYPED_PARAM_INT)
            wire_param_add_int(&p->p, &p->n, field, (int)i);
        else
            wire_param_add_hyper(&p->p, &p->n, field, i);
        return true;
    case VIR_TYPED_PARAM_UINT:
    case VIR_TYPED_PARAM_ULLONG:
        if (!parse_u64(text, 10, type == VIR_TYPED_PARAM_UINT ? UINT32_MAX : UINT64_MAX, &u))
            return false;
        if (type == VIR_TYPED_PARAM_UINT)
            wire_param_add_uint(&p->p, &p->n, field, (uint32_t)u);
        else
            wire_param_add_uhyper(&p->p, &p->n, field, u);
        return true;
    case VIR_TYPED_PARAM_DOUBLE:
        if (!parse_double(text, &d))
            return false;
        wire_param_add_double(&p->p, &p->n, field, d);
        return true;
    case VIR_TYPED_PARAM_BOOLEAN:
        wire_param_add_bool(&p->p, &p->n, field, str_eq(text, "1") || str_eq(text, "yes"));
        return true;
    default:
        wire_param_add_string(&p->p, &p->n, field, text);
        return true;
    }
}

void params_print(struct ctl *c, const struct params *p,
                  char *(*text)(const struct wire_typed_param *p))
{
    struct facts f = {0};
    for (size_t i = 0; i < p->n; i++) {
        CLEANUP_FREE char *value = c->json ? param_text(&p->p[i]) : text(&p->p[i]);
        if (!c->json)
            printf("%-15s: %s\n", p->p[i].field, value);
        else
            fact_add(&f, p->p[i].field, p->p[i].field, param_kind(&p->p[i]), value);
    }
    if (c->json)
        facts_print(c, &f, 0);
    facts_clear(&f);
}
