/* Displays: the words vnc, sdl and spice, in b_info and in vfbs. */
#include "base/vec.h"
#include "conf/json_rows.h"

#define OUT(c) (&json_io(c)->out)

enum { VNC_PORT = 5900 };

static const struct json *node_of(struct conf_ctx *c)
{
    return json_io(c)->node;
}

static const struct graphics *first_graphics(const struct domain *d, enum gfx_type type)
{
    for (size_t i = 0; i < d->n_graphics; i++)
        if (d->graphics[i].type == type)
            return &d->graphics[i];
    return NULL;
}

static const char *listen_address(const struct graphics *g)
{
    for (size_t i = 0; i < g->n_listens; i++)
        if (g->listens[i].type == LISTEN_ADDRESS && !str_empty(g->listens[i].address))
            return g->listens[i].address;
    return NULL;
}

static void put_text(struct conf_ctx *c, const char *key, const char *text)
{
    if (text)
        json_put_string(OUT(c), key, text);
}

static void put_passwd(struct conf_ctx *c, const struct graphics *g)
{
    if (c->o->flags & CONF_SECURE)
        put_text(c, "passwd", g->passwd);
}

int json_write_vnc(struct conf_ctx *c, const struct graphics *g)
{
    json_open(OUT(c), "vnc", '{');
    json_put_tri(c, "enable", g && g->type == GFX_VNC ? TRI_YES : TRI_NO);
    if (g && g->type == GFX_VNC) {
        bool is_auto = g->autoport == TRI_YES || !g->port.set || g->port.v < VNC_PORT;
        put_text(c, "listen", listen_address(g));
        put_passwd(c, g);
        if (!is_auto && g->port.v > VNC_PORT)
            json_put_int(OUT(c), "display", g->port.v - VNC_PORT);
        json_put_tri(c, "findunused", is_auto ? TRI_YES : TRI_NO);
    }
    json_close(OUT(c), '}');
    return 0;
}

int json_write_sdl(struct conf_ctx *c, const struct graphics *g)
{
    json_open(OUT(c), "sdl", '{');
    json_put_tri(c, "enable", g && g->type == GFX_SDL ? TRI_YES : TRI_NO);
    if (g && g->type == GFX_SDL) {
        json_put_tri(c, "opengl", g->gl);
        put_text(c, "display", g->display);
        put_text(c, "xauthority", g->xauth);
    }
    json_close(OUT(c), '}');
    return 0;
}

int json_write_hvm_vnc(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return json_write_vnc(c, first_graphics(rec, GFX_VNC));
}

int json_write_hvm_sdl(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return json_write_sdl(c, first_graphics(rec, GFX_SDL));
}

static void put_spice(struct conf_ctx *c, const struct graphics *g)
{
    bool has_passwd = !str_empty(g->passwd) && g->ticketing != TRI_NO;
    tri clipboard = g->clipboard, vdagent = g->vdagent ? g->vdagent : clipboard;
    json_put_tri(c, "enable", TRI_YES);
    if (num_or(g->port, -1) > 0)
        json_put_int(OUT(c), "port", g->port.v);
    if (num_or(g->tls_port, -1) > 0)
        json_put_int(OUT(c), "tls_port", g->tls_port.v);
    put_text(c, "host", listen_address(g));
    json_put_tri(c, "disable_ticketing", has_passwd ? TRI_NO : TRI_YES);
    if (has_passwd)
        put_passwd(c, g);
    json_put_tri(c, "agent_mouse", g->mouse == MOUSE_SERVER ? TRI_NO : TRI_YES);
    json_put_tri(c, "vdagent", vdagent);
    json_put_tri(c, "clipboard_sharing", clipboard);
    if (num_or(g->usb_redirection, 0))
        json_put_int(OUT(c), "usbredirection", g->usb_redirection.v);
    put_text(c, "image_compression", g->image_compression);
    put_text(c, "streaming_video", g->streaming);
}

int json_write_hvm_spice(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct graphics *g = first_graphics(rec, GFX_SPICE);
    json_open(OUT(c), r->key, '{');
    if (g)
        put_spice(c, g);
    json_close(OUT(c), '}');
    return 0;
}

static void add_listen(struct graphics *g, const char *address)
{
    if (address)
        VEC_PUSH(g->listens, g->n_listens,
                 ((struct listen){.type = LISTEN_ADDRESS, .address = mem_str(address)}));
}

/* ---- reading displays: words that stand for a graphics device ---- */

struct display { /* the rows' record */
    struct graphics g;
    tri enable, findunused, agent_mouse, disable_ticketing;
    char *listen;
    struct num display;
};

static const struct row vnc_rows[] = {
    J_DEFBOOL("enable", display, enable, .xml = "<graphics type='vnc'>"),
    J_STR("listen", display, listen, .xml = "<listen>"),
    J_STR("passwd", display, g.passwd, .flags = ROW_SECRET, .xml = "<graphics passwd>"),
    R_NUM("display", display, display, .max = 65535 - VNC_PORT, .xml = "<graphics port>"),
    J_DEFBOOL("findunused", display, findunused, .xml = "<graphics autoport>"),
};
const struct row_table json_vnc_table = JSON_TABLE("vnc.", vnc_rows);

static const struct row sdl_rows[] = {
    J_DEFBOOL("enable", display, enable, .xml = "<graphics type='sdl'>"),
    J_DEFBOOL("opengl", display, g.gl, .xml = "<gl>"),
    J_STR("display", display, g.display, .xml = "<graphics display>"),
    J_STR("xauthority", display, g.xauth, .xml = "<graphics xauth>"),
};
const struct row_table json_sdl_table = JSON_TABLE("sdl.", sdl_rows);

static const struct row spice_rows[] = {
    J_DEFBOOL("enable", display, enable, .xml = "<graphics type='spice'>"),
    R_NUM("port", display, g.port, .max = 65535, .xml = "<graphics port>"),
    R_NUM("tls_port", display, g.tls_port, .max = 65535, .xml = "<graphics tlsPort>"),
    J_STR("host", display, listen, .xml = "<listen>"),
    J_DEFBOOL("disable_ticketing", display, disable_ticketing),
    J_STR("passwd", display, g.passwd, .flags = ROW_SECRET, .xml = "<graphics passwd>"),
    J_DEFBOOL("agent_mouse", display, agent_mouse, .xml = "<mouse mode>"),
    J_DEFBOOL("vdagent", display, g.vdagent),
    J_DEFBOOL("clipboard_sharing", display, g.clipboard, .xml = "<clipboard copypaste>"),
    J_NUM("usbredirection", display, g.usb_redirection),
    J_STR("image_compression", display, g.image_compression, .xml = "<image compression>"),
    J_STR("streaming_video", display, g.streaming, .xml = "<streaming mode>"),
};
const struct row_table json_spice_table = JSON_TABLE("b_info.type.hvm.spice.", spice_rows);

static void settle_vnc(struct display *x)
{
    struct graphics *g = &x->g;
    g->autoport = x->findunused == TRI_NO ? TRI_NO : TRI_YES;
    if (g->autoport == TRI_NO || num_or(x->display, 0))
        g->port = NUM(num_or(x->display, 0) + VNC_PORT);
}

static void settle_spice(struct display *x)
{
    struct graphics *g = &x->g;
    g->autoport = num_or(g->port, 0) || num_or(g->tls_port, 0) ? TRI_NO : TRI_YES;
    if (x->agent_mouse)
        g->mouse = x->agent_mouse == TRI_YES ? MOUSE_CLIENT : MOUSE_SERVER;
    if (x->disable_ticketing == TRI_YES && !str_empty(g->passwd))
        g->ticketing = TRI_NO;
    if (g->vdagent == g->clipboard)
        g->vdagent = TRI_UNSET;
}

int json_read_display(struct conf_ctx *c, const struct json *object, enum gfx_type type, tri dflt,
                      struct domain *d)
{
    const struct row_table *t = type == GFX_VNC   ? &json_vnc_table
                                : type == GFX_SDL ? &json_sdl_table
                                                  : &json_spice_table;
    struct display x = {0};
    int rc = json_read_rows(c, t, &x, object);
    tri on = x.enable ? x.enable : dflt;
    add_listen(&x.g, x.listen);
    free(x.listen);
    x.g.type = type;
    if (rc || on != TRI_YES) {
        rec_clear(&graphics_rec, &x.g);
        return rc;
    }
    if (type == GFX_VNC)
        settle_vnc(&x);
    else if (type == GFX_SPICE)
        settle_spice(&x);
    VEC_PUSH(d->graphics, d->n_graphics, x.g);
    return 0;
}

int json_read_hvm_display(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    enum gfx_type type = (enum gfx_type)words_find(&gfx_type_words, r->key);
    struct domain *d = rec;
    size_t before = d->n_graphics;
    if (json_want(c, r->key, node_of(c), JSON_OBJECT) ||
        json_read_display(c, node_of(c), type, TRI_UNSET, rec))
        return -1;
    if (type == GFX_VNC && d->n_graphics == before && json_get(node_of(c), "enable"))
        d->vnc = TRI_NO; /* see json_finish_hvm */
    return 0;
}

void json_settle_keymap(const struct json *hvm, struct domain *d)
{
    const struct json *keymap = json_get(hvm, "keymap");
    for (size_t i = 0; keymap && keymap->text && i < d->n_graphics; i++)
        str_set(&d->graphics[i].keymap, keymap->text);
}

/* One for all displays: the first that is said. */
const char *json_hvm_keymap(const struct domain *d)
{
    for (size_t i = 0; i < d->n_graphics; i++)
        if (!str_empty(d->graphics[i].keymap))
            return d->graphics[i].keymap;
    return NULL;
}

int json_write_keymap(struct conf_ctx *c, const struct row *r, const void *rec)
{
    put_text(c, r->key, json_hvm_keymap(rec));
    return 0;
}

/* No picture at all, in libvirt's words: neither graphics nor video. xl's vnc=0 leaves the card. */
static bool is_blind(const struct domain *d)
{
    bool has_card = d->vnc == TRI_NO && d->nographic != TRI_YES;
    return !d->n_videos && !has_card && !first_graphics(d, GFX_VNC) &&
           !first_graphics(d, GFX_SDL) && !first_graphics(d, GFX_SPICE);
}

int json_write_nographic(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    tri off = d->nographic;
    if (!off && is_blind(d))
        off = TRI_YES;
    json_put_tri(c, r->key, off);
    return 0;
}

int json_read_nographic(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    d->nographic = json_want_tri(c, r->key, node_of(c));
    return 0;
}

static const char *const vga_names[VIDEO_NONE + 1] = {
    [VIDEO_VGA] = "std", [VIDEO_CIRRUS] = "cirrus", [VIDEO_QXL] = "qxl", [VIDEO_NONE] = "none"};
static const struct words vga_words = {vga_names, VIDEO_NONE + 1};

static const struct row vga_rows[] = {
    J_PART("kind", .type = "none|std|cirrus|qxl", .xml = "<video><model type>"),
};
const struct row_table json_vga_table = JSON_TABLE("b_info.type.hvm.vga.", vga_rows);

int json_read_vga(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *kind = json_get(node_of(c), "kind");
    const char *text = kind ? json_want_text(c, "vga.kind", kind) : NULL;
    if (!text || str_eq(text, "unknown"))
        return 0;
    int type = words_find(&vga_words, text);
    if (type < 0)
        return conf_error(c, json_pos(kind), "'vga.kind' has an unknown value '%s'", text);
    DOMAIN_ADD(d, videos)->type = (enum video_type)type;
    return 0;
}

int json_write_vga(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    const char *kind = is_blind(d) ? "none" : NULL;
    if (d->n_videos && d->videos[0].type > VIDEO_DEFAULT) {
        kind = words_name(&vga_words, (int)d->videos[0].type);
        if (!kind)
            return conf_error(c, (struct pos){0}, "Xen's HVM guests have no video '%s'",
                              words_name(&video_type_words, (int)d->videos[0].type));
    }
    json_open(OUT(c), r->key, '{');
    put_text(c, "kind", kind);
    json_close(OUT(c), '}');
    return 0;
}
