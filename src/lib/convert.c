#include "base/str.h"
#include "conf/conf.h"
#include "lib.h"
#include "version.h"

_Static_assert((int)XVIRT_XML == (int)CONF_XML && (int)XVIRT_XL == (int)CONF_XL &&
                   (int)XVIRT_XM == (int)CONF_XM && (int)XVIRT_SXPR == (int)CONF_SXPR &&
                   (int)XVIRT_JSON == (int)CONF_JSON,
               "formats have the same numbers");
_Static_assert((int)XVIRT_CONVERTED == (int)REPORT_CONVERTED &&
                   (int)XVIRT_APPROXIMATED == (int)REPORT_APPROXIMATED &&
                   (int)XVIRT_LOST == (int)REPORT_LOST && (int)XVIRT_WARNING == (int)REPORT_WARNING,
               "fates have the same numbers");
_Static_assert(sizeof(((struct xvirt_error *)0)->message) == ERR_MSG_MAX, "a message fits");

struct xvirt_report {
    struct report r;
    const struct report_entry **order;
};

const char *xvirt_version(void)
{
    return XVIRT_VERSION;
}

int lib_told(const struct err *from, struct xvirt_error *to, int rc)
{
    if (to) {
        to->code = from->code;
        memcpy(to->message, from->msg, sizeof(to->message));
    }
    return rc;
}

enum xvirt_format xvirt_format_find(const char *name)
{
    return name ? (enum xvirt_format)conf_format_find(name) : 0;
}

const char *xvirt_format_name(enum xvirt_format format)
{
    return format >= XVIRT_XML && format <= XVIRT_JSON ? conf_format_name((enum conf_format)format)
                                                       : NULL;
}

/* ---- reports ---- */
size_t xvirt_report_count(const struct xvirt_report *r)
{
    return r ? r->r.n_entries : 0;
}

struct xvirt_key xvirt_report_key(const struct xvirt_report *r, size_t i)
{
    if (i >= xvirt_report_count(r))
        return (struct xvirt_key){0};
    const struct report_entry *x = r->order[i];
    return (struct xvirt_key){.fate = (enum xvirt_fate)x->status,
                              .key = x->key,
                              .text = x->text,
                              .file = x->file,
                              .line = x->pos.line,
                              .column = x->pos.col};
}

static char *report_as(const struct xvirt_report *r,
                       void (*write)(const struct report *r, struct str *out))
{
    static const struct report empty;
    struct str out = {0};
    write(r ? &r->r : &empty, &out);
    return str_take(&out);
}

char *xvirt_report_text(const struct xvirt_report *r)
{
    return report_as(r, report_text);
}

char *xvirt_report_json(const struct xvirt_report *r)
{
    return report_as(r, report_json);
}

void xvirt_report_free(struct xvirt_report *r)
{
    if (!r)
        return;
    report_clear(&r->r);
    free(r->order);
    free(r);
}

/* ---- conversions ---- */
struct conversion {
    enum conf_format from, to;
    struct conf_opts in, out;
    bool is_strict, is_one;
};

static int begin(struct conversion *x, enum xvirt_format from, enum xvirt_format to,
                 const struct xvirt_conversion *how, struct err *e)
{
    static const struct xvirt_conversion plain;
    const struct xvirt_conversion *h = how ? how : &plain;
    if (h->flags & ~(unsigned)(XVIRT_NO_PASSWORDS | XVIRT_STRICT))
        return fail(e, ERR_INVALID_ARG, "unknown flags 0x%x of a conversion", h->flags);
    if (!xvirt_format_name(from) || !xvirt_format_name(to))
        return fail(e, ERR_INVALID_ARG, "unknown format %d",
                    (int)(xvirt_format_name(from) ? to : from));
    unsigned secure = h->flags & XVIRT_NO_PASSWORDS ? 0 : CONF_SECURE;
    *x = (struct conversion){
        .from = (enum conf_format)from,
        .to = (enum conf_format)to,
        .in = {.flags = CONF_INACTIVE, .filename = h->filename},
        .out = {.flags = CONF_INACTIVE | secure, .filename = h->filename, .xen = h->xen},
        .is_strict = h->flags & XVIRT_STRICT};
    return 0;
}

static int check_losses(const struct conversion *x, struct err *e)
{
    if (!x->is_strict)
        return 0;
    size_t n =
        report_count(x->in.report, REPORT_LOST) + report_count(x->in.report, REPORT_APPROXIMATED);
    return n ? fail(e, ERR_CONFIG_UNSUPPORTED, "%zu %s would be lost or changed", n,
                    n == 1 ? "key" : "keys")
             : 0;
}

/* All guests of the text, one after another: the losses of all are known before fn gets the
 * first. */
static int convert_all(const struct conversion *x, const char *text, size_t len, xvirt_each_fn *fn,
                       void *arg, struct err *e)
{
    CLEANUP(domains_clear) struct domains all = {0};
    if (conf_read_all(x->from, text, len, &x->in, &all, e))
        return -1;
    if (x->is_one && all.n_items != 1)
        return fail(e, ERR_XML_ERROR, "expected one guest, found %zu", all.n_items);
    char **texts = mem_new(all.n_items + 1, sizeof(*texts));
    int rc = 0;
    for (size_t i = 0; !rc && i < all.n_items; i++) {
        CLEANUP_STR struct str out = {0};
        rc = conf_write(x->to, all.items[i], &x->out, &out, e);
        texts[i] = str_take(&out);
    }
    rc = rc ? rc : check_losses(x, e);
    for (size_t i = 0; i < all.n_items; i++) {
        rc = rc ? rc : fn(arg, all.items[i]->name ? all.items[i]->name : "", texts[i]);
        free(texts[i]);
    }
    free(texts);
    return rc;
}

static int convert(struct conversion *x, const char *text, size_t len, xvirt_each_fn *fn, void *arg,
                   struct xvirt_report **report, struct err *e)
{
    struct xvirt_report *r = NEW(struct xvirt_report);
    if (report || x->is_strict)
        x->in.report = x->out.report = &r->r;
    int rc = convert_all(x, text, len, fn, arg, e);
    r->order = report_order(&r->r);
    if (report && r->r.n_entries)
        *report = r;
    else
        xvirt_report_free(r);
    return rc;
}

int xvirt_convert_each(enum xvirt_format from, const char *text, size_t len, enum xvirt_format to,
                       const struct xvirt_conversion *how, xvirt_each_fn *fn, void *arg,
                       struct xvirt_report **report, struct xvirt_error *e)
{
    struct conversion x;
    struct err why = {0};
    if (report)
        *report = NULL;
    int rc = begin(&x, from, to, how, &why) ? -1 : convert(&x, text, len, fn, arg, report, &why);
    return why.code ? lib_told(&why, e, rc) : rc;
}

static int take_one(void *arg, const char *name, const char *text)
{
    *(char **)arg = mem_str(text);
    return 0;
}

char *xvirt_convert(enum xvirt_format from, const char *text, size_t len, enum xvirt_format to,
                    const struct xvirt_conversion *how, struct xvirt_report **report,
                    struct xvirt_error *e)
{
    struct conversion x;
    struct err why = {0};
    char *ret = NULL;
    if (report)
        *report = NULL;
    if (begin(&x, from, to, how, &why))
        return lib_told(&why, e, 0), NULL;
    x.is_one = true;
    if (convert(&x, text, len, take_one, &ret, report, &why))
        lib_told(&why, e, 0);
    return ret;
}
