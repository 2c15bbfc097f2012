#include "conf/conf.h"

#include "base/vec.h"
#include "conf/codec.h"
#include "conf/loss.h"
#include "conf/prov.h"
#include "model/check.h"
#include "model/complete.h"
#include "model/floppy.h"

static const struct codec *const codecs[] = {
    &xml_codec, &xl_codec, &xm_codec, &sxp_codec, &json_codec, NULL, /* ends the table */
};

const struct codec *codec_find(enum conf_format format)
{
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->format == format)
            return codecs[i];
    return NULL;
}

enum conf_format conf_format_find(const char *name)
{
    for (size_t i = 0; codecs[i]; i++)
        if (str_eq(codecs[i]->name, name) || (name && str_eq(codecs[i]->alias, name)))
            return codecs[i]->format;
    return 0;
}

const char *conf_format_name(enum conf_format format)
{
    const struct codec *codec = codec_find(format);
    return codec ? codec->name : NULL;
}

void domains_add(struct domains *list, struct domain *d)
{
    VEC_PUSH(list->items, list->n_items, d);
}

void domains_clear(struct domains *list)
{
    for (size_t i = 0; i < list->n_items; i++)
        domain_free(list->items[i]);
    free(list->items);
    *list = (struct domains){0};
}

static int read_all(const struct codec *codec, struct conf_ctx *c, const char *text, size_t len,
                    struct domains *list)
{
    struct pos none = {0};
    if (len > CONF_INPUT_MAX)
        return conf_error(c, none, "the input is larger than %d bytes", CONF_INPUT_MAX);
    if (codec->read(c, text ? text : "", len, list) || c->n_errors)
        return -1;
    if (list->n_items > CONF_DOMAINS_MAX)
        return conf_error(c, none, "more than %d guests", CONF_DOMAINS_MAX);
    for (size_t i = 0; codec->is_libxl && i < list->n_items; i++)
        domain_floppies_from_args(list->items[i]);
    return 0;
}

/* The place of the key that said what is wrong, where the report knows it. */
static void wrong_guest(struct conf_ctx *c, const struct domain *d, const struct err *why)
{
    struct report *r = c->o->report;
    const struct prov *prov = r && why->about[0] ? report_prov(r, d) : NULL;
    long entry = prov ? prov_find(prov, d, why->about) : PROV_NO_KEY;
    conf_error(c, entry >= 0 ? r->entries[entry].pos : (struct pos){0}, "%s", why->msg);
    if (!c->e)
        return;
    c->e->code = why->code;
    memcpy(c->e->about, why->about, sizeof(why->about));
}

/* Every guest of the list, made whole and checked. */
static int complete(struct conf_ctx *c, struct domains *list)
{
    unsigned flags = c->codec->format == CONF_XML ? 0 : COMPLETE_NATIVE;
    struct err e = {0};
    for (size_t i = 0, n = 0; i < list->n_items; i++) {
        struct domain *d = list->items[i];
        if (domain_complete(d, c->o->caps, flags, &e)) {
            wrong_guest(c, d, &e);
            continue;
        }
        report_changes(c->o->report, d);
        while ((n = domain_check_from(d, c->o->caps, n, &e)))
            wrong_guest(c, d, &e);
    }
    return c->n_errors ? -1 : 0;
}

static int read_complete(const struct codec *codec, const char *text, size_t len,
                         const struct conf_opts *o, struct domains *ret, struct err *e)
{
    struct conf_ctx c = {.o = o, .e = e, .codec = codec};
    struct domains list = {0};
    size_t n_provs = o->report ? o->report->n_provs : 0;
    int rc = read_all(codec, &c, text, len, &list);
    report_read(o->report, &list, n_provs, codec->format == CONF_XML);
    if (rc || (!(o->flags & CONF_RAW) && complete(&c, &list))) {
        domains_clear(&list);
        return -1;
    }
    *ret = list;
    return 0;
}

/* Where a thing was said is known to those who keep a report. When it turns out to be needed, the
 * text is read once more with one. */
static int read_again(const struct codec *codec, const char *text, size_t len,
                      const struct conf_opts *o, struct domains *ret, struct err *e)
{
    struct report r = {0};
    struct conf_opts with = *o;
    with.report = &r;
    int rc = read_complete(codec, text, len, &with, ret, e);
    report_clear(&r);
    return rc;
}

int conf_read_all(enum conf_format format, const char *text, size_t len, const struct conf_opts *o,
                  struct domains *ret, struct err *e)
{
    static const struct conf_opts plain;
    const struct codec *codec = codec_find(format);
    o = o ? o : &plain;
    if (!codec)
        return fail(e, ERR_INVALID_ARG, "unknown configuration format %d", (int)format);
    int rc = read_complete(codec, text, len, o, ret, e);
    return rc && e && e->about[0] && !o->report ? read_again(codec, text, len, o, ret, e) : rc;
}

int conf_read(enum conf_format format, const char *text, size_t len, const struct conf_opts *o,
              struct domain **ret, struct err *e)
{
    struct domains list = {0};
    if (conf_read_all(format, text, len, o, &list, e))
        return -1;
    int rc = 0;
    if (list.n_items == 1)
        *ret = take(list.items[0]);
    else
        rc = fail(e, ERR_XML_ERROR, "expected one guest, found %zu", list.n_items);
    domains_clear(&list);
    return rc;
}

int conf_validate(const char *xml, size_t len, struct err *e)
{
    struct report r = {0};
    struct conf_opts o = {.flags = CONF_RAW | CONF_FOREIGN | CONF_INACTIVE, .report = &r};
    CLEANUP_STR struct str text = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    int rc = conf_read(CONF_XML, xml, len, &o, &d, e), n = 0;
    for (size_t i = 0; !rc && i < r.n_entries; i++) {
        const struct report_entry *x = &r.entries[i];
        if (x->status == REPORT_LOST && n++ < CONF_ERRORS_MAX)
            str_addf(&text, "%sline %d:%d: %s: %s", n > 1 ? "\n" : "", x->pos.line, x->pos.col,
                     x->key, x->text);
    }
    report_clear(&r);
    if (n)
        rc = fail(e, ERR_XML_INVALID_SCHEMA, "the document is not valid: %s", str_get(&text));
    return rc;
}

int conf_write(enum conf_format format, const struct domain *d, const struct conf_opts *o,
               struct str *out, struct err *e)
{
    static const struct conf_opts plain;
    const struct codec *codec = codec_find(format);
    if (!codec)
        return fail(e, ERR_INVALID_ARG, "unknown configuration format %d", (int)format);
    CLEANUP_DOMAIN struct domain *copy = codec->is_libxl ? domain_floppies_to_args(d) : NULL;
    struct conf_ctx c = {.o = o ? o : &plain, .e = e, .wd = copy ? copy : d, .codec = codec};
    size_t from = out->len, n_notes = c.o->report ? c.o->report->n_entries : 0;
    if (codec->write(&c, c.wd, out) || c.n_errors)
        return -1;
    if (c.o->report)
        loss_note(&c, format, d, out->p + from, out->len - from, n_notes);
    return 0;
}
