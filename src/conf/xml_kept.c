/* What Xen has no use for is kept as it is read, but libvirt prints it in its own order, with its
 * own defaults and units, and refuses what it does not know: by the table in xml_shapes.c. */
#include <inttypes.h>

#include "base/uuid.h"
#include "base/vec.h"
#include "conf/xml_row.h"
#include "conf/xml_shapes.h"
#include "model/cpuset.h"

enum { PATH_LIMIT = 96 }; /* no row is longer */

static const char tail_order[] = "boot alias rom acpi address";

/* ---- the words of a row ---- */
struct word {
    const char *name, *def, *kind; /* def, kind: NULL when there is none */
    int n_name, n_def, n_kind;
    bool is_mandatory;
};

static bool next_word(const char **at, struct word *ret)
{
    const char *p = *at + strspn(*at, " "), *end = p + strcspn(p, " ");
    struct word w = {.name = p, .n_name = (int)strcspn(p, " !=:")};
    p += w.n_name;
    w.is_mandatory = *p == '!';
    p += w.is_mandatory;
    if (*p == '=') {
        w.def = p + 1;
        w.n_def = (int)strcspn(w.def, " :");
        p = w.def + w.n_def;
    }
    if (*p == ':') {
        w.kind = p + 1;
        w.n_kind = (int)(end - w.kind);
    }
    *at = end;
    *ret = w;
    return w.n_name > 0;
}

static bool word_is(const struct word *w, const char *name)
{
    return name && !strncmp(w->name, name, (size_t)w->n_name) && !name[w->n_name];
}

/* The place of a name in such a list; the count of its words when it is not in it. */
static size_t place_of(const char *list, const char *name)
{
    struct word w;
    size_t i = 0;
    for (; list && next_word(&list, &w) && !word_is(&w, name); i++)
        ;
    return i;
}

/* ---- values ---- */
static char *number_text(const char *kind, const char *value)
{
    int base = *kind == 'x' || *kind == 'X' ? 0 : *kind == 'o' ? 8 : 10;
    int width = strchr("#+-", *kind) ? 0 : kind[1] - '0';
    int64_t n, min = *kind == '-' ? INT32_MIN : *kind == '+';
    if (!parse_i64(value, base, min, INT64_MAX, &n))
        return NULL;
    switch (*kind) {
    case 'x':
        return mem_printf("0x%0*" PRIx64, width, (uint64_t)n);
    case 'X':
        return mem_printf("0x%0*" PRIX64, width, (uint64_t)n);
    case 'o':
        return mem_printf("%0*" PRIo64, width, (uint64_t)n);
    default:
        return mem_printf("%" PRId64, n);
    }
}

/* "2.0" as "2.00", "1.1" as "1.10". */
static char *version_text(const char *value)
{
    const char *dot = strchr(value, '.');
    CLEANUP_FREE char *major = dot ? mem_strn(value, (size_t)(dot - value)) : NULL;
    uint32_t a, b;
    if (!dot || !parse_u32(major, 10, 99, &a) || !parse_u32(dot + 1, 10, 99, &b))
        return NULL;
    return mem_printf("%" PRIu32 ".%02" PRIu32, a, dot[2] ? b : b * 10);
}

static char *uuid_plain(const char *value)
{
    uint8_t uuid[16];
    char text[UUID_TEXT];
    return uuid_parse(value, uuid) ? mem_str(uuid_format(uuid, text)) : NULL;
}

static bool kind_is(const char *kind, int n, const char *name)
{
    return !strncmp(kind, name, (size_t)n) && !name[n];
}

static bool is_number(const char *kind, int n)
{
    return n == 1 ? strchr("#+-", *kind) != NULL : n == 2 && strchr("xXo", *kind) && kind[1] < 'A';
}

static bool is_size(const char *kind, int n)
{
    return kind_is(kind, n, "kib") || kind_is(kind, n, "bytes");
}

/* The value as libvirt prints it, or NULL when it is none of this kind. Caller frees. */
static char *plain_value(const char *kind, int n, const char *value)
{
    if ((*kind == 'X' || kind_is(kind, n, "bcd")) && !strcmp(value, "-1"))
        return mem_str("");
    if (is_number(kind, n))
        return number_text(kind, value);
    if (kind_is(kind, n, "bcd"))
        return version_text(value);
    if (kind_is(kind, n, "cpus"))
        return cpuset_canonical(value);
    if (kind_is(kind, n, "uuid"))
        return uuid_plain(value);
    for (const char *p = kind; p < kind + n; p += strcspn(p, "| ") + 1)
        if (strcspn(p, "| ") == strlen(value) && !strncmp(p, value, strlen(value)))
            return mem_str(value);
    return NULL;
}

/* What the kind wants, for an error. */
static char *kind_wants(const char *kind, int n)
{
    if (is_number(kind, n) || is_size(kind, n))
        return mem_str("a number");
    if (kind_is(kind, n, "bcd"))
        return mem_str("a version such as 1.10");
    if (kind_is(kind, n, "cpus"))
        return mem_str("a set such as 0-3,^2");
    if (kind_is(kind, n, "uuid"))
        return mem_str("a uuid");
    char *text = mem_printf("known: %.*s", n, kind);
    for (char *p = text; *p; p++)
        if (*p == '|')
            *p = ' ';
    return text;
}

static const char *kind_of(const char *type, const char *model)
{
    return type ? type : model;
}

/* ---- checks ---- */
static int check_value(struct conf_ctx *c, const struct xml *x, const char *attr, const char *kind,
                       int n, const char *value)
{
    CLEANUP_FREE char *plain = NULL, *wants = NULL;
    struct num unused;
    if (is_size(kind, n))
        return xml_kib(c, x, value, xml_get(x, "unit"), &unused);
    plain = plain_value(kind, n, value);
    if (plain)
        return 0;
    wants = kind_wants(kind, n);
    return attr ? xml_error(c, x, "'%s' of <%s> has an unknown value '%s' (%s)", attr, x->name,
                            value, wants)
                : xml_error(c, x, "<%s> has an unknown value '%s' (%s)", x->name, value, wants);
}

static int check_attrs(struct conf_ctx *c, const struct xml *x, const struct shape *s)
{
    struct word w;
    int rc = 0;
    for (const char *p = s->attrs; p && next_word(&p, &w);) {
        CLEANUP_FREE char *name = mem_strn(w.name, (size_t)w.n_name);
        const char *value = xml_get(x, name);
        if (!value && w.is_mandatory)
            rc = xml_error(c, x, "<%s> has no '%s'", x->name, name);
        else if (value && w.kind && check_value(c, x, name, w.kind, w.n_kind, value))
            rc = -1;
    }
    for (const char *p = s->children; p && next_word(&p, &w);) {
        CLEANUP_FREE char *name = mem_strn(w.name, (size_t)w.n_name);
        if (w.is_mandatory && !xml_child(x, name))
            rc = xml_error(c, x, "<%s> has no <%s>", x->name, name);
    }
    if (s->text && *s->text != '=' && x->text &&
        check_value(c, x, NULL, s->text, (int)strlen(s->text), x->text))
        rc = -1;
    return rc;
}

static int check(struct conf_ctx *c, const struct xml *x, const char *path)
{
    const struct shape *s = shape_find(path, kind_of(xml_get(x, "type"), xml_get(x, "model")));
    int rc = s ? check_attrs(c, x, s) : 0;
    for (const struct xml *child = x->child; child; child = child->next) {
        CLEANUP_FREE char *below = child->name ? mem_printf("%s/%s", path, child->name) : NULL;
        if (below && strlen(below) < PATH_LIMIT && check(c, child, below))
            rc = -1;
    }
    return rc;
}

int xml_kept_check(struct conf_ctx *c, const struct xml *x, const char *at)
{
    CLEANUP_FREE char *path = mem_printf("%s%s%s", at, *at ? "/" : "", x->name);
    return xml_checks(c) && strlen(path) < PATH_LIMIT ? check(c, x, path) : 0;
}

/* ---- shape ---- */
static struct attr *attr_of(struct xnode *n, const char *name)
{
    for (size_t i = 0; i < n->n_attrs; i++)
        if (!strcmp(n->attrs[i].name, name))
            return &n->attrs[i];
    return NULL;
}

static const char *value_of(struct xnode *n, const char *name)
{
    const struct attr *a = attr_of(n, name);
    return a ? a->value : NULL;
}

static void put_attr(struct xnode *n, char *name, char *value) /* takes both over */
{
    struct attr *a = attr_of(n, name);
    if (a) {
        free(name);
        free(a->value);
        a->value = value;
        return;
    }
    a = DOMAIN_ADD(n, attrs);
    *a = (struct attr){name, value};
}

static void put_size(struct xnode *n, char **text, bool kib)
{
    const char *unit = value_of(n, "unit");
    int64_t bytes = xml_unit_bytes(unit ? unit : kib ? "KiB" : "bytes"), size;
    CLEANUP_FREE char *digits = NULL;
    if (!*text)
        return;
    const char *from = *text + strspn(*text, " \t\r\n");
    digits = mem_strn(from, strcspn(from, " \t\r\n"));
    if (!parse_i64(digits, 10, 0, INT64_MAX, &size) || __builtin_mul_overflow(size, bytes, &size))
        return;
    free(*text);
    *text = mem_printf("%" PRId64, kib ? size / 1024 + (size % 1024 != 0) : size);
    put_attr(n, mem_str("unit"), mem_str(kib ? "KiB" : "bytes"));
}

static void drop_attr(struct xnode *n, struct attr *a)
{
    free(a->name);
    free(a->value);
    memmove(a, a + 1, (size_t)(n->attrs + n->n_attrs - (a + 1)) * sizeof(*a));
    n->n_attrs--;
}

static void put_plain(const char *kind, int n, char **value)
{
    char *plain = *value ? plain_value(kind, n, *value) : NULL;
    if (plain) {
        free(*value);
        *value = plain;
    }
}

static void settle_attrs(struct xnode *n, const char *list, bool defaults)
{
    struct word w;
    for (const char *p = list; next_word(&p, &w);) {
        CLEANUP_FREE char *name = mem_strn(w.name, (size_t)w.n_name);
        if (w.def && defaults && !attr_of(n, name))
            put_attr(n, take(name), mem_strn(w.def, (size_t)w.n_def));
        struct attr *a = name ? attr_of(n, name) : NULL;
        if (a && w.kind && is_size(w.kind, w.n_kind))
            put_size(n, &a->value, kind_is(w.kind, w.n_kind, "kib"));
        else if (a && w.kind)
            put_plain(w.kind, w.n_kind, &a->value);
        a = a ? attr_of(n, name) : NULL; /* a unit may have come, and moved them */
        if (a && w.kind && a->value && !*a->value)
            drop_attr(n, a);
    }
    for (size_t i = 1; i < n->n_attrs; i++)
        for (size_t k = i;
             k && place_of(list, n->attrs[k].name) < place_of(list, n->attrs[k - 1].name); k--) {
            struct attr a = n->attrs[k];
            n->attrs[k] = n->attrs[k - 1];
            n->attrs[k - 1] = a;
        }
}

/* Those of the list, the rest, and then what every device ends with. */
static size_t child_place(struct xnode *n, const char *list, bool by_entry, bool is_device)
{
    const char *name = by_entry ? value_of(n, "name") : n->name;
    size_t n_list = place_of(list, NULL), n_tail = place_of(tail_order, NULL);
    size_t place = place_of(list, name), tail = place_of(tail_order, name);
    return is_device && place == n_list && tail < n_tail ? n_list + 1 + tail : place;
}

/* A node's place is looked up once: there may be many of them. */
static void sort_children(struct xnode *n, const char *list, bool by_entry, bool is_device)
{
    size_t n_places = place_of(list, NULL) + 1 + place_of(tail_order, NULL), k = 0;
    if (n->n_children < 2)
        return;
    size_t *places = mem_new(n->n_children, sizeof(*places));
    struct xnode *sorted = vec_room(NULL, 0, sizeof(*sorted));
    for (size_t i = 0; i < n->n_children; i++)
        places[i] = child_place(&n->children[i], list, by_entry, is_device);
    for (size_t place = 0; place < n_places; place++)
        for (size_t i = 0; i < n->n_children; i++)
            if (places[i] == place)
                VEC_PUSH(sorted, k, n->children[i]);
    free(places);
    free(n->children);
    n->children = sorted;
}

static void settle_text(struct xnode *n, const char *text)
{
    if (*text == '=' && !n->text && !n->n_children)
        n->text = mem_str(text + 1);
    else if (*text != '=' && is_size(text, (int)strlen(text)))
        put_size(n, &n->text, !strcmp(text, "kib"));
    else if (*text != '=')
        put_plain(text, (int)strlen(text), &n->text);
}

static void settle_chr(struct xnode *n)
{
    for (size_t i = 0; i < n->n_children; i++)
        if (str_eq(n->children[i].name, "protocol"))
            return;
    if (!str_eq(value_of(n, "type"), "tcp"))
        return;
    struct xnode *protocol = DOMAIN_ADD(n, children);
    protocol->name = mem_str("protocol");
    put_attr(protocol, mem_str("type"), mem_str("raw"));
}

static void settle(struct xnode *n, const char *path)
{
    const struct shape *s = shape_find(path, kind_of(value_of(n, "type"), value_of(n, "model")));
    const char *entries = shape_entries(path), *slash = strchr(path, '/');
    bool is_device = str_starts(path, "devices/") && !strchr(slash + 1, '/');
    if (n->text && !n->n_children && !n->text[strspn(n->text, " \t\r\n")]) {
        free(n->text);
        n->text = NULL;
    }
    if (s && s->text)
        settle_text(n, s->text);
    if (s && s->is_chr)
        settle_chr(n);
    if (s && s->attrs) /* <address type='pci'/> asks for any address */
        settle_attrs(n, s->attrs, strcmp(n->name, "address") || n->n_attrs > 1);
    if ((s && s->children) || is_device)
        sort_children(n, s && s->children ? s->children : "", false, is_device);
    if (entries)
        sort_children(n, entries, true, false);
    for (size_t i = 0; i < n->n_children; i++) {
        CLEANUP_FREE char *below =
            n->children[i].name ? mem_printf("%s/%s", path, n->children[i].name) : NULL;
        if (below && strlen(below) < PATH_LIMIT)
            settle(&n->children[i], below);
    }
}

void xml_kept_settle(struct xnode *n, const char *at)
{
    CLEANUP_FREE char *path = mem_printf("%s%s%s", at, *at ? "/" : "", n->name);
    if (strlen(path) < PATH_LIMIT)
        settle(n, path);
}
