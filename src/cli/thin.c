#include "thin.h"

#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "client/client.h"
#include "conf/xpath.h"
#include "lookup.h"
#include "out.h"
#include "wire/proc.h"

char *thin_words(const char *text, const struct args *a, const char *name)
{
    struct str out = {0};
    for (const char *p = text; *p; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            str_addc(&out, *p);
            continue;
        }
        CLEANUP_FREE char *option = mem_strn(p + 1, (size_t)(end - p - 1));
        const char *value = *option ? arg_str(a, option) : name;
        str_add(&out, value ? value : "");
        p = end;
    }
    return str_take(&out);
}

static const struct wire_field *field_named(const struct wire_type *t, const char *name)
{
    for (size_t i = 0; t && i < t->n_fields; i++)
        if (str_eq(t->fields[i].name, name))
            return &t->fields[i];
    abort(); /* a row names a member that its call lacks */
}

/* What is freed when the call is over. */
struct texts {
    char **items;
    size_t n;
};

static int number_fill(const struct args *a, const struct fill *f, const struct wire_field *w,
                       char *at, struct err *e)
{
    uint64_t v = 0;
    int r = f->how == FILL_NUM ? arg_u64(a, f->option, &v, e)
                               : opts_size(a, f->option, f->how == FILL_KIB ? 1024 : 1, &v, e);
    if (r)
        return -1;
    if (f->how == FILL_KIB)
        v /= 1024;
    bool is_wide = w->kind == WIRE_K_HYPER || w->kind == WIRE_K_UHYPER;
    if (!is_wide && v > INT32_MAX)
        return fail(e, ERR_INVALID_ARG,
                    "numeric value '%s' for <%s> option is malformed or out of range",
                    arg_str(a, f->option), f->option);
    if (is_wide)
        *(uint64_t *)at = v;
    else
        *(uint32_t *)at = (uint32_t)v;
    return 0;
}

static int fill_one(const struct args *a, const struct fill *f, const struct wire_type *type,
                    char *args, struct texts *kept, struct err *e)
{
    const struct wire_field *w = field_named(type, f->field);
    char *at = args + w->offset, *text = NULL;
    if (f->how >= FILL_NUM)
        return number_fill(a, f, w, at, e);
    if (f->how == FILL_FILE && opts_file(a, f->option, &text, e))
        return -1;
    if (f->how == FILL_PATH)
        text = opts_absolute(arg_str(a, f->option));
    *(const char **)at = text ? text : arg_str(a, f->option);
    if (text)
        VEC_PUSH(kept->items, kept->n, text);
    return 0;
}

/* The bit that the word of an option stands for. */
static int word_flag(const struct args *a, const struct thin *t, unsigned *flags, struct err *e)
{
    const char *word = t->words.option ? arg_str(a, t->words.option) : NULL;
    if (!word)
        return 0;
    for (size_t i = 0; i < 3 && t->words.names[i]; i++)
        if (str_eq(t->words.names[i], word)) {
            *flags |= 1U << i;
            return 0;
        }
    return fail(e, ERR_INVALID_ARG, "Unknown data source '%s'", word);
}

static int fill_flags(const struct args *a, const struct thin *t, const struct wire_type *type,
                      char *args, struct err *e)
{
    unsigned flags = t->always, affect = 0;
    for (const struct flag_bit *b = t->bits; b && b->name; b++)
        flags |= arg_has(a, b->name) ? b->bit : 0;
    if ((t->affect && opts_affect(a, &affect, e)) || word_flag(a, t, &flags, e))
        return -1;
    if (flags | affect)
        *(unsigned *)(args + field_named(type, "flags")->offset) = flags | affect;
    if (t->mark.field)
        *(int *)(args + field_named(type, t->mark.field)->offset) =
            !(t->mark.if_given && arg_has(a, t->mark.if_given));
    return 0;
}

static int fill_all(const struct args *a, const struct thin *t, const struct wire_type *type,
                    char *args, struct texts *kept, struct err *e)
{
    for (const struct fill *f = t->fills; f && f->option; f++)
        if (arg_str(a, f->option) && fill_one(a, f, type, args, kept, e))
            return -1;
    return fill_flags(a, t, type, args, e);
}

int thin_print_xml(struct ctl *c, const struct args *a, const char *key, const char *text,
                   struct err *e)
{
    CLEANUP_STR struct str found = {0};
    bool has_xpath = false;
    for (const struct opt *o = a->cmd->opts; o && o->name; o++)
        has_xpath |= str_eq(o->name, "xpath");
    if (has_xpath && arg_str(a, "xpath")) {
        if (xpath_find(text, arg_str(a, "xpath"), arg_has(a, "wrap"), &found, e))
            return -1;
        text = str_get(&found);
    }
    if (c->json)
        json_text_print(key, text);
    else
        printf("%s%s", text, str_ends(text, "\n") ? "" : "\n");
    return 0;
}

/* The name of the thing that the answer holds. */
static char *name_in(enum object kind, const struct wire_type *type, const char *ret)
{
    for (size_t i = 0; type && kind && i < type->n_fields; i++)
        if (type->fields[i].type == object_type(kind) && type->fields[i].shape == WIRE_S_ONE)
            return object_name(kind, ret + type->fields[i].offset);
    return NULL;
}

/* A command is about a thing when its call wants the handle first (a node device's is its name). */
static bool is_about(const struct args *a, const struct thin *t, const struct wire_type *args)
{
    const struct wire_field *f = args && args->n_fields ? &args->fields[0] : NULL;
    return t->object && f &&
           (f->type == object_type(t->object) ||
            (t->object == OBJ_NODEDEV && str_eq(f->name, "name")));
}

static bool has_field(int proc, const char *name)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    for (size_t i = 0; p && i < p->args->n_fields; i++)
        if (str_eq(p->args->fields[i].name, name))
            return true;
    return false;
}

/* An older server may lack the call that takes flags, or more. */
static int proc_of(const struct args *a, const struct thin *t)
{
    for (const struct flag_bit *b = t->bits; b && b->name; b++)
        if (arg_has(a, b->name))
            return t->proc;
    for (const struct fill *f = t->fills; f && f->option; f++)
        if (arg_str(a, f->option) && !has_field(t->plain, f->field))
            return t->proc;
    return t->plain ? t->plain : t->proc;
}

static int call(struct ctl *c, const struct args *a, const struct wire_proc *p, const char *args,
                const char *name, struct err *e)
{
    const struct thin *t = a->cmd->how;
    CLEANUP_FREE char *ret = p->ret ? mem_new(1, p->ret->size) : NULL;
    if (client_call(c->conn_, p->nr, args, ret, e))
        return -1;
    CLEANUP_FREE char *made = name_in(t->made ? t->made : t->object, p->ret, ret);
    int r = 0;
    if (t->key && t->line && !c->json)
        puts(*(char **)(ret + p->ret->fields[0].offset));
    else if (t->key)
        r = thin_print_xml(c, a, t->key, *(char **)(ret + p->ret->fields[0].offset), e);
    else if (t->done) {
        bool undo = t->undone && arg_has(a, t->mark.if_given);
        CLEANUP_FREE char *text = thin_words(undo ? t->undone : t->done, a, made ? made : name);
        done_print(c, "%s", text);
    }
    c->bare = t->bare;
    if (p->ret)
        wire_clear(p->ret, ret);
    return r;
}

int thin_run(struct ctl *c, const struct args *a, struct err *e)
{
    const struct thin *t = a->cmd->how;
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc_of(a, t));
    CLEANUP_OBJECT struct object_handle o = {0};
    CLEANUP_FREE char *args = p->args ? mem_new(1, p->args->size) : NULL;
    struct texts kept = {0};
    bool about = is_about(a, t, p->args);
    if (about ? object_lookup(c, a, t->object, 0, &o, e) : !ctl_conn(c, e))
        return -1;
    CLEANUP_FREE char *name = about ? object_name(t->object, o.bytes) : NULL;
    if (about)
        memcpy(args, o.bytes, object_type(t->object)->size);
    int r = args ? fill_all(a, t, p->args, args, &kept, e) : 0;
    if (!r && t->trying) {
        CLEANUP_FREE char *text = thin_words(t->trying, a, name);
        ctl_trying(c, "%s", text);
    }
    if (!r)
        r = call(c, a, p, args, name, e);
    for (size_t i = 0; i < kept.n; i++)
        free(kept.items[i]);
    free(kept.items);
    return r;
}

int thin_object_run(struct ctl *c, const struct args *a, struct err *e)
{
    const struct thin_object *t = a->cmd->how;
    const struct wire_type *type = object_type(t->kind);
    CLEANUP_OBJECT struct object_handle o = {0};
    char uuid[UUID_TEXT];
    if (object_lookup(c, a, t->kind, t->ways, &o, e))
        return -1;
    const struct wire_field *f = field_named(type, t->key);
    const char *at = o.bytes + f->offset;
    text_print(c, t->key,
               f->kind == WIRE_K_STRING ? *(char *const *)at
                                        : uuid_format((const uint8_t *)at, uuid));
    return 0;
}
