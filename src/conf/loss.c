#include "conf/loss.h"

#include "base/uuid.h"

static bool is_set(const struct field *f, const void *m)
{
    switch (f->kind) {
    case REC_STR:
        return *(char *const *)m != NULL;
    case REC_TRI:
        return *(const tri *)m != TRI_UNSET;
    case REC_NUM:
        return ((const struct num *)m)->set;
    case REC_ENUM:
        return *(const int *)m != 0;
    case REC_MAC:
        return ((const struct mac *)m)->set;
    case REC_UUID:
        return !uuid_is_zero(m);
    case REC_BOOL:
    case REC_STRS:
    case REC_U32S:
    case REC_ENUMS:
    case REC_SUB:
    case REC_LIST:
    case REC_OPT:
        return true;
    }
    return true;
}

static void note_kept(struct conf_ctx *c, const struct kept *k)
{
    CLEANUP_STR struct str key = {0};
    const char *name = k->node.name ? k->node.name : "";
    str_addf(&key, "%s%s%s", k->at, *k->at && *name != '@' ? "/" : "", name);
    conf_note(c, REPORT_LOST, str_get(&key), (struct pos){0}, "has no place there");
}

static void on_difference(void *arg, const char *path, const struct field *f, const void *a,
                          const void *b)
{
    struct conf_ctx *c = arg;
    CLEANUP_STR struct str had = {0}, has = {0};
    bool is_plain = !f->sub, is_secret = !strcmp(f->name, "passwd");
    if (!a || (is_plain && !is_set(f, a)))
        return; /* says more, a default for instance */
    if (!strcmp(path, "id") || (is_secret && !(c->o->flags & CONF_SECURE)))
        return;
    if (f->sub == &kept_rec) {
        note_kept(c, a);
        return;
    }
    if (!is_plain) {
        conf_note(c, REPORT_LOST, path, (struct pos){0}, "has no place there");
        return;
    }
    if (is_secret)
        str_add(&had, "the password");
    else
        rec_value(f, a, &had);
    if (b && !is_secret && is_set(f, b))
        rec_value(f, b, &has);
    if (b && is_set(f, b))
        conf_note(c, REPORT_APPROXIMATED, path, (struct pos){0}, "%s becomes %s", str_get(&had),
                  is_secret ? "another" : str_get(&has));
    else
        conf_note(c, REPORT_LOST, path, (struct pos){0}, "%s", str_get(&had));
}

void loss_note(struct conf_ctx *c, enum conf_format format, const struct domain *d,
               const char *text, size_t len)
{
    struct conf_opts o = {.flags = c->o->flags & ~(unsigned)CONF_RAW, .caps = c->o->caps};
    struct domain *again = NULL;
    struct err e = {0};
    if (conf_read(format, text, len, &o, &again, &e)) {
        conf_note(c, REPORT_WARNING, d->name ? d->name : "guest", (struct pos){0},
                  "what was written is not read back: %s", e.msg);
        return;
    }
    rec_diff(&domain_rec, d, again, on_difference, c);
    domain_free(again);
}
