/* Names and metadata. */
#include <stdio.h>

#include "affect.h"
#include "conf/xml_row.h"
#include "ledger.h"

enum { METADATA_MAX = 1 << 20 };

/* ---- names ---- */
static int check_rename(const struct guest *g, const char *name, struct err *e)
{
    if (guest_check_idle(g, e))
        return -1;
    if (guest_is_active(g) || g->is_restarting)
        return fail(e, ERR_OPERATION_INVALID, "domain has to be inactive to be renamed");
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "cannot rename a transient domain");
    if (!guest_name_is_good(name, e))
        return -1;
    return host_get_name(g->host, name)
               ? fail(e, ERR_OPERATION_INVALID, "domain with name '%s' already exists", name)
               : 0;
}

int guest_rename(struct guest *g, const char *name, struct err *e)
{
    if (check_rename(g, name, e))
        return -1;
    CLEANUP_DOMAIN struct domain *d = domain_copy(g->def);
    str_set(&d->name, name);
    const struct store_change c = {.save = d,
                                   .remove = g->name,
                                   .links = g->autostart,
                                   .on = g->autostart,
                                   .managed_to = name};
    if (store_change(g->host, g, &c, e))
        return -1;
    guest_event(g, EVENT_LIFECYCLE, 1, 1);
    domain_free(g->def);
    g->def = take(d);
    guest_set_name(g, name);
    guest_event(g, EVENT_LIFECYCLE, 0, 2);
    return 0;
}

/* ---- metadata: an element a namespace ---- */
static const char *namespace_of(const struct xnode *n)
{
    const char *colon = n->name ? strchr(n->name, ':') : NULL;
    CLEANUP_FREE char *want =
        colon ? mem_printf("xmlns:%.*s", (int)(colon - n->name), n->name) : mem_str("xmlns");
    for (size_t i = 0; i < n->n_attrs; i++)
        if (str_eq(n->attrs[i].name, want))
            return n->attrs[i].value;
    return NULL;
}

static struct xnode *find_element(const struct domain *d, const char *uri)
{
    for (size_t i = 0; i < d->n_metadata; i++)
        if (str_eq(namespace_of(&d->metadata[i]), uri))
            return &d->metadata[i];
    return NULL;
}

/* "key:name" for elements without a prefix, or back. */
static void set_prefix(struct xnode *n, const char *key, bool on)
{
    char *colon = n->name ? strchr(n->name, ':') : NULL;
    size_t len = strlen(key);
    if (n->name && on && !colon) {
        char *with = mem_printf("%s:%s", key, n->name);
        free(n->name);
        n->name = with;
    } else if (colon && !on && (size_t)(colon - n->name) == len && !memcmp(n->name, key, len)) {
        char *without = mem_str(colon + 1);
        free(n->name);
        n->name = without;
    }
    for (size_t i = 0; i < n->n_children; i++)
        set_prefix(&n->children[i], key, on);
}

static void drop_namespace(struct xnode *n, const char *uri)
{
    for (size_t i = n->n_attrs; i--;)
        if (str_starts(n->attrs[i].name, "xmlns") && str_eq(n->attrs[i].value, uri)) {
            free(n->attrs[i].name);
            free(n->attrs[i].value);
            VEC_REMOVE(n->attrs, n->n_attrs, i);
        }
}

static char *element_text(const struct xnode *from, const char *uri)
{
    struct xnode n;
    CLEANUP_STR struct str s = {0};
    struct xml_out w = {.s = &s};
    rec_copy(&xnode_rec, &n, from);
    const char *colon = strchr(n.name, ':');
    CLEANUP_FREE char *key = colon ? mem_strn(n.name, (size_t)(colon - n.name)) : NULL;
    if (key)
        set_prefix(&n, key, false);
    drop_namespace(&n, uri);
    xnode_write(&n, &w);
    rec_clear(&xnode_rec, &n);
    while (s.len && s.p[s.len - 1] == '\n')
        str_cut(&s, s.len - 1);
    return str_take(&s);
}

int guest_metadata(struct guest *g, enum guest_metadata type, const char *uri, unsigned affect,
                   char **ret, struct err *e)
{
    const struct domain *d = affect_source(g, affect, e);
    if (!d)
        return -1;
    const struct xnode *n = type == METADATA_ELEMENT && uri ? find_element(d, uri) : NULL;
    char *text = NULL;
    if (type == METADATA_DESCRIPTION)
        text = mem_str(d->description);
    else if (type == METADATA_TITLE)
        text = mem_str(d->title);
    else if (n)
        text = element_text(n, uri);
    if (!text)
        return fail(e, ERR_NO_DOMAIN_METADATA, "requested metadata element is not present");
    *ret = text;
    return 0;
}

static void remove_element(struct domain *d, const char *uri)
{
    struct xnode *n = find_element(d, uri);
    const struct field *f = rec_field(&domain_rec, "metadata");
    if (n)
        rec_remove(f, d, (size_t)(n - d->metadata));
}

static int add_element(struct domain *d, const struct edit *x, const char *uri, struct err *e)
{
    struct xml_doc doc;
    if (xml_parse(x->text, strlen(x->text), NULL, &doc, e))
        return -1;
    struct xnode *n = DOMAIN_ADD(d, metadata);
    xnode_from_xml(n, doc.root);
    xml_clear(&doc);
    drop_namespace(n, uri);
    set_prefix(n, x->key, true);
    struct attr *a = DOMAIN_ADD(n, attrs);
    *a = (struct attr){mem_printf("xmlns:%s", x->key), mem_str(uri)};
    return 0;
}

/* x: index is the type, value the uri. */
static int apply_metadata(struct domain *d, const struct edit *x, struct err *e)
{
    if (x->index == METADATA_DESCRIPTION)
        str_set(&d->description, x->text);
    else if (x->index == METADATA_TITLE)
        str_set(&d->title, x->text);
    else {
        remove_element(d, x->value);
        return x->text ? add_element(d, x, x->value, e) : 0;
    }
    return 0;
}

static int check_metadata(enum guest_metadata type, const char *text, const char *key,
                          const char *uri, struct err *e)
{
    if (type > METADATA_ELEMENT)
        return fail(e, ERR_INVALID_ARG, "unknown metadata type %d", (int)type);
    if (text && strlen(text) > METADATA_MAX)
        return fail(e, ERR_INVALID_ARG, "metadata is too long");
    if (type == METADATA_TITLE && text && strchr(text, '\n'))
        return fail(e, ERR_INVALID_ARG, "a title has one line");
    if (type == METADATA_ELEMENT && (str_empty(uri) || (text && str_empty(key))))
        return fail(e, ERR_INVALID_ARG, "a metadata element needs a key and a uri");
    return 0;
}

int guest_set_metadata(struct guest *g, enum guest_metadata type, const char *text, const char *key,
                       const char *uri, unsigned affect, struct err *e)
{
    struct affect a;
    struct edit x = {
        .apply = apply_metadata, .index = type, .text = text, .key = key, .value = uri};
    if (check_metadata(type, text, key, uri, e) || affect_resolve(g, affect, &a, e) ||
        guest_edit(g, a, &x, e))
        return -1;
    struct event ev = {.id = EVENT_METADATA_CHANGE,
                       .name = mem_str(g->name),
                       .domid = guest_domid(g),
                       .type = (int)type,
                       .text = mem_str(type == METADATA_ELEMENT ? uri : NULL)};
    memcpy(ev.uuid, g->uuid, UUID_LEN);
    events_add(&g->host->events, ev);
    return 0;
}
