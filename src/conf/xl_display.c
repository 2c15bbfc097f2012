/* Displays: the keys vnc..., sdl..., spice..., and the items of vfb. */
#include "base/vec.h"
#include "conf/xl_doc.h"

enum { VNC_PORT = 5900 };

/* ---- keys to members ---- */
static void add_listen(struct graphics *g, char **address)
{
    if (*address)
        *DOMAIN_ADD(g, listens) =
            (struct listen){.type = LISTEN_ADDRESS, .address = take(*address)};
}

/* vncdisplay is where the search for a free port begins, unless vncunused=0; libvirt takes it for
 * the port in a vfb, and so does everybody who writes one. */
static void settle_port(struct conf_ctx *c, struct graphics *g, const struct xl_display *w,
                        bool is_vfb)
{
    tri is_auto = w->vncunused;
    if (!is_auto)
        is_auto = is_vfb && w->vncdisplay.set ? TRI_NO : TRI_YES;
    g->autoport = is_auto;
    if (is_auto == TRI_NO)
        g->port = NUM(VNC_PORT + num_or(w->vncdisplay, 0));
    else if (num_or(w->vncdisplay, 0))
        conf_note(c, REPORT_LOST, "vncdisplay", xl_pos(c, "vncdisplay"),
                  "%lld: where the search for a free port begins", (long long)w->vncdisplay.v);
}

static void settle_vnc(struct conf_ctx *c, struct domain *d, struct xl_display *w, struct num vfb)
{
    struct graphics *g = DOMAIN_ADD(d, graphics);
    g->type = GFX_VNC;
    g->vfb = vfb;
    settle_port(c, g, w, vfb.set);
    add_listen(g, &w->vnclisten);
    g->passwd = take(w->vncpasswd);
    g->keymap = take(w->keymap);
    g->xend_videoram = take(w->videoram);
    g->xend_serial = take(w->serial);
    g->xend_monitor = take(w->monitor);
}

static void settle_sdl(struct domain *d, struct xl_display *w, struct num vfb)
{
    struct graphics *g = DOMAIN_ADD(d, graphics);
    g->type = GFX_SDL;
    g->vfb = vfb;
    g->display = take(w->display);
    g->xauth = take(w->xauthority);
    g->gl = w->opengl;
    if (w->keymap)
        g->keymap = take(w->keymap);
}

void xl_settle_display(struct conf_ctx *c, struct domain *d, struct xl_display *w, struct num vfb)
{
    bool is_sdl = w->sdl == TRI_YES || str_eq(w->type, "sdl");
    bool is_vnc = w->vnc == TRI_YES || str_eq(w->type, "vnc");
    if (vfb.set && !w->vnc && !str_eq(w->type, "sdl"))
        is_vnc = true;
    if (is_vnc && !(str_eq(w->type, "sdl") && w->vnc != TRI_YES))
        settle_vnc(c, d, w, vfb);
    if (is_sdl)
        settle_sdl(d, w, vfb);
    if (vfb.set && !is_vnc && !is_sdl)
        conf_note(c, REPORT_LOST, "vfb", xl_pos(c, "vfb"), "a display that nobody can see");
}

void xl_settle_spice(struct xl_doc *x)
{
    struct xl_spice *s = &x->spice;
    struct graphics *g = DOMAIN_ADD(&x->d, graphics);
    g->type = GFX_SPICE;
    if (num_or(s->port, 0) > 0)
        g->port = s->port;
    if (num_or(s->tls_port, 0) > 0)
        g->tls_port = s->tls_port;
    g->autoport = g->port.set || g->tls_port.set ? TRI_NO : TRI_YES;
    add_listen(g, &s->host);
    g->passwd = take(s->passwd);
    if (g->passwd)
        g->ticketing = s->disable_ticketing == TRI_YES ? TRI_NO : TRI_YES;
    else if (s->disable_ticketing == TRI_NO)
        g->ticketing = TRI_YES;
    if (s->agent_mouse)
        g->mouse = s->agent_mouse == TRI_YES ? MOUSE_CLIENT : MOUSE_SERVER;
    g->clipboard = s->clipboard;
    if (g->mouse != MOUSE_CLIENT && g->clipboard != TRI_YES)
        g->vdagent = s->vdagent;
    else if (s->vdagent == TRI_NO)
        g->vdagent = TRI_NO;
    g->usb_redirection = s->usbredirection;
    g->image_compression = take(s->image_compression);
    g->streaming = take(s->streaming);
    if (x->display.vnc != TRI_YES && x->display.sdl != TRI_YES)
        g->keymap = take(x->display.keymap);
}

/* ---- members to keys ---- */
static const char *address_of(const struct graphics *g)
{
    return g->n_listens ? g->listens[0].address : NULL;
}

void xl_spread_display(const struct graphics *g, struct xl_display *w)
{
    if (g->type == GFX_SDL) {
        w->sdl = TRI_YES;
        w->display = g->display;
        w->xauthority = g->xauth;
        w->opengl = g->gl;
        w->keymap = w->keymap ? w->keymap : g->keymap;
        return;
    }
    w->vnc = TRI_YES;
    if (g->autoport == TRI_YES || !g->port.set)
        w->vncunused = TRI_YES;
    else {
        w->vncunused = TRI_NO;
        w->vncdisplay = NUM(g->port.v - VNC_PORT);
    }
    w->vnclisten = (char *)address_of(g);
    w->vncpasswd = g->passwd;
    w->keymap = g->keymap;
    w->videoram = g->xend_videoram;
    w->serial = g->xend_serial;
    w->monitor = g->xend_monitor;
}

void xl_spread_spice(const struct graphics *g, struct xl_spice *s)
{
    s->host = (char *)address_of(g);
    s->port = NUM(num_or(g->port, 0));
    s->tls_port = NUM(num_or(g->tls_port, 0));
    s->disable_ticketing =
        g->ticketing == TRI_NO || (!g->passwd && !g->ticketing) ? TRI_YES : TRI_NO;
    s->passwd = g->passwd;
    if (g->mouse)
        s->agent_mouse = g->mouse == MOUSE_CLIENT ? TRI_YES : TRI_NO;
    s->vdagent = g->vdagent;
    if (!s->vdagent && (g->mouse == MOUSE_CLIENT || g->clipboard == TRI_YES))
        s->vdagent = TRI_YES;
    s->clipboard = g->clipboard;
    s->usbredirection = g->usb_redirection;
    s->image_compression = g->image_compression;
    s->streaming = g->streaming;
}

/* ---- vfb ---- */
static const struct row vfb_rows[] = {
    R_STR("type", xl_display, type, .type = "vnc|sdl", .xml = "<graphics type>",
          .doc = "xend's word for what it is; xl passes it over"),
    R_TRI("vnc", xl_display, vnc, .type = "0|1", .dflt = "1", .xml = "<graphics type='vnc'>",
          .doc = "a VNC display"),
    R_TRI("sdl", xl_display, sdl, .type = "0|1", .dflt = "0", .xml = "<graphics type='sdl'>",
          .doc = "an SDL window"),
    R_TRI("vncunused", xl_display, vncunused, .type = "0|1", .dflt = "1",
          .xml = "<graphics autoport>", .doc = "search for a free port"),
    R_NUM("vncdisplay", xl_display, vncdisplay, .base = 10, .type = "number", .dflt = "0",
          .xml = "<graphics port>", .doc = "port - 5900"),
    R_STR("vnclisten", xl_display, vnclisten, .type = "address", .dflt = "127.0.0.1",
          .xml = "<graphics listen>", .doc = "address to listen on"),
    R_STR("vncpasswd", xl_display, vncpasswd, .type = "text", .xml = "<graphics passwd>",
          .doc = "password"),
    R_STR("keymap", xl_display, keymap, .type = "text", .xml = "<graphics keymap>",
          .doc = "layout of the keyboard"),
    R_TRI("opengl", xl_display, opengl, .type = "0|1", .xml = "<gl enable>",
          .doc = "OpenGL in SDL"),
    R_STR("display", xl_display, display, .type = "text", .xml = "<graphics display>",
          .doc = "X display of SDL"),
    R_STR("xauthority", xl_display, xauthority, .type = "path", .xml = "<graphics xauth>",
          .doc = "X authority file of SDL"),
    R_STR("videoram", xl_display, videoram, .type = "MiB", .xml = "metadata",
          .doc = "xm: video memory"),
    R_STR("serial", xl_display, serial, .type = "text", .xml = "metadata",
          .doc = "xm: serial port"),
    R_STR("monitor", xl_display, monitor, .type = "text", .xml = "metadata",
          .doc = "xm: QEMU's monitor"),
};
const struct row_table xl_display_table = {"vfb.", vfb_rows, sizeof(vfb_rows) / sizeof(*vfb_rows)};

static void display_clear(struct xl_display *w)
{
    char **const texts[] = {&w->type,    &w->vnclisten,  &w->vncpasswd, &w->keymap,
                            &w->display, &w->xauthority, &w->videoram,  &w->serial,
                            &w->monitor, &w->location};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free(*texts[i]);
}

static int read_one_vfb(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct xl_doc *x = rec;
    struct xl_display w = {0};
    int64_t number = 0;
    for (size_t i = 0; i < x->d.n_graphics; i++)
        if (num_or(x->d.graphics[i].vfb, -1) >= number)
            number = x->d.graphics[i].vfb.v + 1;
    int rc = spec_read(c, &xl_display_table, &w, v, SPEC_IGNORE);
    if (!rc)
        xl_settle_display(c, &x->d, &w, NUM(number));
    display_clear(&w);
    return rc;
}

void xl_drop_plain_numbers(struct domain *d)
{
    for (size_t i = 0; i < d->n_graphics; i++)
        if (num_or(d->graphics[i].vfb, -1) != (int64_t)i)
            return;
    for (size_t i = 0; i < d->n_graphics; i++)
        d->graphics[i].vfb = (struct num){0};
}

int xl_read_vfb(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    int rc = xl_each(c, r, rec, v, read_one_vfb);
    xl_drop_plain_numbers(rec);
    return rc;
}

static void write_vfb_item(struct conf_ctx *c, const struct xl_display *w)
{
    struct xl_display shown = *w;
    bool is_both = w->vnc == TRI_YES && w->sdl == TRI_YES;
    if (!is_both)
        shown.type = w->sdl == TRI_YES ? "sdl" : "vnc";
    if (!is_both && w->vnc == TRI_YES)
        shown.vnc = TRI_UNSET;
    if (!is_both && w->sdl == TRI_YES) { /* xl does not know the word type */
        shown.vnc = cfg_out(c)->dialect == CFG_XL ? TRI_NO : TRI_UNSET;
        shown.sdl = cfg_out(c)->dialect == CFG_XL ? TRI_YES : TRI_UNSET;
    }
    spec_write(c, &xl_display_table, &shown);
    spec_item(c);
}

/* Displays without a number of their own are an item each. */
int xl_write_vfb(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->type == GUEST_HVM)
        return 0;
    cfg_list_begin(cfg_out(c), r->key);
    for (size_t i = 0; i < d->n_graphics; i++) {
        const struct graphics *g = &d->graphics[i];
        struct xl_display w = {0};
        if (g->type != GFX_VNC && g->type != GFX_SDL) {
            conf_note(c, REPORT_LOST, "vfb", xl_pos(c, "vfb"), "a display of type '%s'",
                      words_name(&gfx_type_words, (int)g->type));
            continue;
        }
        xl_spread_display(g, &w);
        while (g->vfb.set && i + 1 < d->n_graphics && d->graphics[i + 1].vfb.set &&
               d->graphics[i + 1].vfb.v == g->vfb.v)
            xl_spread_display(&d->graphics[++i], &w);
        write_vfb_item(c, &w);
    }
    cfg_list_end(cfg_out(c));
    return 0;
}

/* ---- the keys of an HVM guest ---- */
static void put_tri(struct conf_ctx *c, const char *key, tri t)
{
    if (t)
        cfg_put_raw(cfg_out(c), key, t == TRI_YES ? "1" : "0");
}

static void put_num(struct conf_ctx *c, const char *key, struct num n)
{
    char text[32];
    snprintf(text, sizeof(text), "%lld", (long long)n.v);
    if (n.set)
        cfg_put_raw(cfg_out(c), key, text);
}

static void put_text(struct conf_ctx *c, const char *key, const char *text)
{
    if (text)
        cfg_put_text(cfg_out(c), key, text);
}

static bool has_type(const struct domain *d, enum gfx_type type)
{
    for (size_t i = 0; i < d->n_graphics; i++)
        if (d->graphics[i].type == type)
            return true;
    return false;
}

/* The row "sdl" writes all of them, in libvirt's order. */
int xl_write_display(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct xl_doc *x = rec;
    const struct xl_display *w = &x->display;
    bool is_on = w->vnc == TRI_YES || w->sdl == TRI_YES;
    if (x->d.type != GUEST_HVM)
        return 0;
    if (!is_on) {
        put_tri(c, "vnc", has_type(&x->d, GFX_SPICE) ? TRI_UNSET : w->vnc);
        return 0;
    }
    put_tri(c, "sdl", w->sdl == TRI_YES ? TRI_YES : TRI_NO);
    put_tri(c, "vnc", w->vnc == TRI_YES ? TRI_YES : TRI_NO);
    if (w->vnc == TRI_YES) {
        put_tri(c, "vncunused", w->vncunused);
        put_num(c, "vncdisplay", w->vncdisplay);
        put_text(c, "vnclisten", w->vnclisten);
        put_text(c, "vncpasswd", w->vncpasswd);
        put_text(c, "keymap", w->keymap);
    }
    put_text(c, "display", w->display);
    put_text(c, "xauthority", w->xauthority);
    if (w->vnc != TRI_YES)
        put_text(c, "keymap", w->keymap);
    put_tri(c, "opengl", w->opengl);
    return 0;
}

/* The row "spice" writes all of them. */
int xl_write_spice(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct xl_doc *x = rec;
    const struct xl_spice *s = &x->spice;
    bool is_alone = x->display.vnc != TRI_YES && x->display.sdl != TRI_YES;
    if (!has_type(&x->d, GFX_SPICE))
        return 0;
    if (is_alone) {
        put_tri(c, "sdl", TRI_NO);
        put_tri(c, "vnc", TRI_NO);
    }
    put_tri(c, "spice", TRI_YES);
    put_text(c, "spicehost", s->host);
    put_num(c, "spiceport", s->port);
    put_num(c, "spicetls_port", s->tls_port);
    put_tri(c, "spicedisable_ticketing", s->disable_ticketing);
    put_text(c, "spicepasswd", s->passwd);
    put_tri(c, "spiceagent_mouse", s->agent_mouse);
    if (s->agent_mouse == TRI_YES || s->clipboard != TRI_YES)
        put_tri(c, "spicevdagent", s->vdagent);
    if (s->clipboard == TRI_YES || c->o->flags & CONF_RAW)
        put_tri(c, "spice_clipboard_sharing", s->clipboard);
    if (s->agent_mouse != TRI_YES && s->clipboard == TRI_YES)
        put_tri(c, "spicevdagent", s->vdagent);
    put_num(c, "spiceusbredirection", s->usbredirection);
    put_text(c, "spice_image_compression", s->image_compression);
    put_text(c, "spice_streaming_video", s->streaming);
    for (size_t i = 0; i < x->d.n_graphics; i++)
        if (x->d.graphics[i].type == GFX_SPICE)
            put_text(c, "keymap", is_alone ? x->d.graphics[i].keymap : NULL);
    return 0;
}
