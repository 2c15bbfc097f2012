/* vfbs and vkbs. */
#include "base/vec.h"
#include "conf/json_rows.h"
#include "conf/xl_doc.h"

#define OUT(c) (&json_io(c)->out)
#define NODE(c) (json_io(c)->node)

/* ---- frame buffers and keyboards ---- */

static const struct row vfb_rows[] = {
    J_BACKEND(graphics),
    J_NUM("devid", graphics, devid, .min = -1, .max = INT32_MAX),
    J_HOOK("vnc", json_read_nothing, NULL, .sub = &json_vnc_table, .xml = "<graphics type='vnc'>"),
    J_HOOK("sdl", json_read_nothing, NULL, .sub = &json_sdl_table, .xml = "<graphics type='sdl'>"),
    J_STR("keymap", graphics, keymap, .xml = "<graphics keymap>"),
};
const struct row_table json_vfb_table = JSON_TABLE("vfbs.", vfb_rows);

/* An HVM guest's first display of a kind stands in b_info; libvirt and this program say it here
 * again. */
static struct graphics *said_before(struct domain *d, enum gfx_type type, size_t n)
{
    for (size_t i = 0; d->type == GUEST_HVM && i < n; i++)
        if (d->graphics[i].type == type)
            return &d->graphics[i];
    return NULL;
}

/* `n` displays came from b_info; each of them is found here once. */
static int read_vfb(struct conf_ctx *c, struct domain *d, const struct json *x, int64_t number,
                    size_t n, bool seen[GFX_DBUS + 1])
{
    static const enum gfx_type types[] = {GFX_VNC, GFX_SDL};
    int rc = 0;
    for (int i = 0; i < 2; i++) {
        const struct json *part = json_get(x, i ? "sdl" : "vnc");
        size_t before = d->n_graphics;
        if (!part || json_want(c, part->key, part, JSON_OBJECT))
            continue;
        rc |= json_read_display(c, part, types[i], TRI_UNSET, d);
        if (d->n_graphics == before)
            continue;
        struct graphics *g = said_before(d, types[i], n);
        if (!g || seen[types[i]])
            g = &d->graphics[before];
        else
            rec_remove(rec_field(&domain_rec, "graphics"), d, before);
        seen[types[i]] = true;
        if (d->type != GUEST_HVM)
            g->vfb = NUM(number);
        rc |= json_read_rows(c, &json_vfb_table, g, x);
        if (num_or(g->devid, -1) < 0)
            g->devid = (struct num){0};
    }
    return rc;
}

int json_read_vfbs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = NODE(c);
    bool seen[GFX_DBUS + 1] = {false};
    size_t n = d->n_graphics;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++)
        rc = read_vfb(c, d, &node->items[i], (int64_t)i, n, seen);
    xl_drop_plain_numbers(d);
    return rc;
}

static bool is_first(const struct domain *d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (d->graphics[i].type == d->graphics[n].type)
            return false;
    return true;
}

/* What becomes a frame buffer; an HVM guest's spice display is one that says nothing. */
static bool is_vfb(const struct domain *d, size_t i)
{
    enum gfx_type type = d->graphics[i].type;
    return type == GFX_VNC || type == GFX_SDL ||
           (type == GFX_SPICE && d->type == GUEST_HVM && is_first(d, i));
}

/* A PV guest's frame buffer can have a VNC and an SDL display. */
static bool are_one(const struct domain *d, size_t i)
{
    const struct graphics *a = &d->graphics[i], *b = a + 1;
    return d->type != GUEST_HVM && i + 1 < d->n_graphics && a->vfb.set && b->vfb.set &&
           a->vfb.v == b->vfb.v && a->type != b->type && is_vfb(d, i) && is_vfb(d, i + 1);
}

static size_t count_vfbs(const struct domain *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_graphics; i += 1 + are_one(d, i))
        n += is_vfb(d, i);
    return n;
}

/* `other` is the other kind of display of the same frame buffer, or NULL. */
static int write_vfb(struct conf_ctx *c, const struct graphics *g, const struct graphics *other)
{
    const char *keymap = c->wd->type == GUEST_HVM ? json_hvm_keymap(c->wd) : g->keymap;
    bool is_spice = g->type == GFX_SPICE;
    struct graphics rest = {0}; /* borrowed texts */
    if (!is_spice)
        rest = (struct graphics){
            .backend_domain = g->backend_domain, .devid = g->devid, .keymap = (char *)keymap};
    json_open(OUT(c), NULL, '{');
    int rc = json_write_rows(c, &json_vfb_table, &rest);
    if (!is_spice) {
        json_write_vnc(c, other && other->type == GFX_VNC ? other : g);
        json_write_sdl(c, other && other->type == GFX_SDL ? other : g);
    }
    json_close(OUT(c), '}');
    return rc;
}

/* In the order in which they are read: first those that b_info has. */
static int write_hvm_vfbs(struct conf_ctx *c, const struct domain *d)
{
    static const enum gfx_type types[] = {GFX_VNC, GFX_SDL, GFX_SPICE};
    int rc = 0;
    for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++)
        for (size_t i = 0; i < d->n_graphics; i++)
            if (d->graphics[i].type == types[k] && is_first(d, i))
                rc |= write_vfb(c, &d->graphics[i], NULL);
    for (size_t i = 0; i < d->n_graphics; i++)
        if (is_vfb(d, i) && !is_first(d, i))
            rc |= write_vfb(c, &d->graphics[i], NULL);
    return rc;
}

int json_write_vfbs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int rc = 0;
    for (size_t i = 0; i < d->n_graphics; i++)
        if (!is_vfb(d, i))
            conf_note(c, REPORT_LOST, "devices/graphics", (struct pos){0},
                      "libxl has no place for '%s'",
                      words_name(&gfx_type_words, (int)d->graphics[i].type));
    if (!count_vfbs(d))
        return 0;
    json_open(OUT(c), r->key, '[');
    if (d->type == GUEST_HVM)
        rc = write_hvm_vfbs(c, d);
    for (size_t i = 0; d->type != GUEST_HVM && i < d->n_graphics; i++) {
        const struct graphics *g = &d->graphics[i];
        bool is_pair = are_one(d, i);
        if (is_vfb(d, i))
            rc |= write_vfb(c, g, is_pair ? g + 1 : NULL);
        i += is_pair;
    }
    json_close(OUT(c), ']');
    return rc;
}

static const char *const vkb_names[] = {NULL, "qemu", "linux"};
static const struct words vkb_words = {vkb_names, 3};

static const struct row vkb_rows[] = {
    J_BACKEND(vkb),
    J_NUM("devid", vkb, devid, .min = -1, .max = INT32_MAX),
    J_KEEP_ENUM("backend_type", vkb, backend_type, vkb_backend, &vkb_words, .since = XEN(4, 12)),
    J_STR("unique_id", vkb, unique_id, .since = XEN(4, 12)),
    J_FLAG("feature_disable_keyboard", vkb, disable_keyboard, .since = XEN(4, 12)),
    J_FLAG("feature_disable_pointer", vkb, disable_pointer, .since = XEN(4, 12)),
    J_FLAG("feature_abs_pointer", vkb, abs_pointer, .since = XEN(4, 12)),
    J_FLAG("feature_raw_pointer", vkb, raw_pointer, .since = XEN(4, 12)),
    J_FLAG("feature_multi_touch", vkb, multi_touch, .since = XEN(4, 12)),
    J_NUM("width", vkb, width, .since = XEN(4, 12)),
    J_NUM("height", vkb, height, .since = XEN(4, 12)),
    J_NUM("multi_touch_width", vkb, multi_touch_width, .since = XEN(4, 12)),
    J_NUM("multi_touch_height", vkb, multi_touch_height, .since = XEN(4, 12)),
    J_NUM("multi_touch_num_contacts", vkb, multi_touch_contacts, .since = XEN(4, 12)),
};
const struct row_table json_vkb_table = JSON_TABLE("vkbs.", vkb_rows);

/* A keyboard that says nothing belongs to a display; those with words are the guest's own. */
int json_read_vkbs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = NODE(c);
    size_t plain = 0;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        struct vkb *k = DOMAIN_ADD(d, vkbs);
        rc = json_read_rows(c, r->sub, k, &node->items[i]);
        if (num_or(k->devid, -1) < 0)
            k->devid = (struct num){0};
        if (!rec_is_empty(&vkb_rec, k) || plain == count_vfbs(d))
            continue;
        plain++;
        d->n_vkbs--;
    }
    return rc;
}

int json_write_vkbs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int rc = 0;
    if (!count_vfbs(d) && !d->n_vkbs)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < count_vfbs(d); i++) {
        json_open(OUT(c), NULL, '{');
        json_close(OUT(c), '}');
    }
    for (size_t i = 0; i < d->n_vkbs; i++) {
        json_open(OUT(c), NULL, '{');
        rc |= json_write_rows(c, r->sub, &d->vkbs[i]);
        json_close(OUT(c), '}');
    }
    json_close(OUT(c), ']');
    return rc;
}
