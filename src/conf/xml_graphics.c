/* <graphics>. */
#include "base/vec.h"
#include "conf/xml_domain.h"

#define TYPE_IS(name, condition) \
    static bool name(const void *rec) \
    { \
        enum gfx_type t = ((const struct graphics *)rec)->type; \
        return condition; \
    }
TYPE_IS(is_vnc, t == GFX_VNC)
TYPE_IS(is_spice, t == GFX_SPICE)
TYPE_IS(is_sdl, t == GFX_SDL)
TYPE_IS(is_rdp, t == GFX_RDP)
TYPE_IS(is_dbus, t == GFX_DBUS)
TYPE_IS(has_port, t == GFX_VNC || t == GFX_SPICE || t == GFX_RDP)
TYPE_IS(has_listen, t == GFX_VNC || t == GFX_SPICE || t == GFX_RDP)
TYPE_IS(has_password, t == GFX_VNC || t == GFX_SPICE)
TYPE_IS(has_display, t == GFX_SDL || t == GFX_DESKTOP)

/* ---- what is not in rows: type, ports, listens ---- */
static int read_nothing(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return 0;
}

static void write_nothing(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
}

static void write_type(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct graphics *g = rec;
    xml_out_attr(w, "type", words_name(&gfx_type_words, g->type));
}

static const struct listen *first(const struct graphics *g)
{
    return g->n_listens ? &g->listens[0] : NULL;
}

static bool has_socket(const struct graphics *g)
{
    return g->type == GFX_VNC && first(g) && first(g)->type == LISTEN_SOCKET && first(g)->socket;
}

static void write_port(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct graphics *g = rec;
    bool is_auto = g->autoport == TRI_YES, active = !xml_of(c)->inactive;
    if (has_socket(g)) {
        xml_out_attr(w, "socket", first(g)->socket);
        return;
    }
    if (first(g) && (first(g)->type == LISTEN_NONE || first(g)->type == LISTEN_SOCKET))
        return;
    if (num_or(g->port, 0) && (g->type == GFX_SPICE || !is_auto || active))
        xml_out_attrf(w, "port", "%lld", (long long)g->port.v);
    else if (is_auto && g->type != GFX_SPICE)
        xml_out_attr(w, "port", g->type == GFX_RDP ? "0" : "-1");
    if (g->type == GFX_SPICE && num_or(g->tls_port, 0))
        xml_out_attrf(w, "tlsPort", "%lld", (long long)g->tls_port.v);
    if (g->type != GFX_RDP || is_auto)
        xml_out_attr(w, "autoport", is_auto ? "yes" : "no");
    if (g->websocket.set)
        xml_out_attrf(w, "websocket", "%lld", (long long)g->websocket.v);
}

static void write_listen_attr(struct conf_ctx *c, const struct xrow *r, const void *rec,
                              struct xml_out *w)
{
    const struct listen *l = first(rec);
    if (!l || !l->address || l->type == LISTEN_SOCKET || l->type == LISTEN_NONE)
        return;
    if (l->type == LISTEN_NETWORK && xml_of(c)->inactive)
        return;
    xml_out_attr(w, "listen", l->address);
}

static void write_listens(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
    static const struct listen any = {.type = LISTEN_ADDRESS};
    const struct graphics *g = rec;
    for (size_t i = 0; i < (g->n_listens ? g->n_listens : 1); i++) {
        const struct listen *l = g->n_listens ? &g->listens[i] : &any;
        bool network = l->type == LISTEN_NETWORK;
        xml_out_open(w, "listen");
        xml_out_attr(w, "type", words_name(&listen_type_words, l->type));
        if (l->address && (l->type == LISTEN_ADDRESS || (network && !xml_of(c)->inactive)))
            xml_out_attr(w, "address", l->address);
        if (network && l->network)
            xml_out_attr(w, "network", l->network);
        if (l->type == LISTEN_SOCKET && l->socket)
            xml_out_attr(w, "socket", l->socket);
        xml_out_close(w);
    }
}

static int read_listen(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct graphics *g = rec;
    struct listen *l = DOMAIN_ADD(g, listens);
    const char *type;
    int kind = 0;
    if (xml_mandatory(c, x, "type", &type) || xml_enum(c, x, "type", &listen_type_words, &kind))
        return -1;
    l->type = kind;
    if (kind == LISTEN_ADDRESS || (kind == LISTEN_NETWORK && !xml_of(c)->inactive))
        xml_str(x, "address", &l->address);
    if (str_empty(l->address))
        str_set(&l->address, NULL);
    if (kind == LISTEN_NETWORK) {
        xml_str(x, "network", &l->network);
        if (str_empty(l->network))
            return xml_error(c, x, "<listen type='network'> has no 'network'");
    }
    if (kind == LISTEN_SOCKET)
        xml_str(x, "socket", &l->socket);
    return 0;
}

/* The old attribute and the first element must agree. */
static int tie_listen(struct conf_ctx *c, struct graphics *g, const struct xml *x)
{
    const char *address = xml_get(x, "listen");
    if (str_empty(address))
        return 0;
    if (!g->n_listens)
        DOMAIN_ADD(g, listens)->type = LISTEN_ADDRESS;
    struct listen *l = &g->listens[0];
    if (l->type == LISTEN_ADDRESS && l->address && strcmp(l->address, address))
        return xml_error(c, x, "'listen' of <graphics> is '%s', but its first <listen> says '%s'",
                         address, l->address);
    if (l->type == LISTEN_ADDRESS && !l->address)
        l->address = mem_str(address);
    return 0;
}

static int tie_socket(struct conf_ctx *c, struct graphics *g, const struct xml *x)
{
    const char *socket = g->type == GFX_VNC ? xml_get(x, "socket") : NULL;
    if (str_empty(socket))
        return 0;
    if (!g->n_listens)
        DOMAIN_ADD(g, listens)->type = LISTEN_SOCKET;
    struct listen *l = &g->listens[0];
    if (l->type == LISTEN_SOCKET && l->socket && strcmp(l->socket, socket))
        return xml_error(c, x, "'socket' of <graphics> is '%s', but its first <listen> says '%s'",
                         socket, l->socket);
    rec_clear(&listen_rec, l);
    l->type = LISTEN_SOCKET;
    l->socket = mem_str(socket);
    return 0;
}

/* ---- ports ---- */
static void drop_zero(struct num *n)
{
    if (n->set && n->v == 0)
        *n = (struct num){0};
}

static void vnc_ports(struct conf_ctx *c, struct graphics *g, const struct xml *x)
{
    if (!g->port.set && !g->autoport)
        g->autoport = TRI_YES;
    if (g->port.set && g->port.v == -1) {
        g->autoport = TRI_YES;
        g->port = (struct num){0};
    }
    if (g->autoport == TRI_YES && xml_of(c)->inactive)
        g->port = (struct num){0};
    drop_zero(&g->port);
    if (!g->autoport)
        g->autoport = TRI_NO;
}

static void spice_ports(struct conf_ctx *c, struct graphics *g)
{
    if (g->port.set && g->port.v == -1 && g->tls_port.set && g->tls_port.v == -1) {
        g->autoport = TRI_YES;
        g->port = g->tls_port = (struct num){0};
    }
    if (g->autoport == TRI_YES && xml_of(c)->inactive)
        g->port = g->tls_port = (struct num){0};
    drop_zero(&g->port);
    drop_zero(&g->tls_port);
    if (!g->autoport)
        g->autoport = TRI_NO;
}

static int begin_graphics(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct graphics *g = rec;
    const char *text;
    int type = 0;
    if (xml_mandatory(c, x, "type", &text) || xml_enum(c, x, "type", &gfx_type_words, &type))
        return -1;
    g->type = type;
    return 0;
}

static int read_ports(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct graphics *g = rec;
    if (!has_port(g))
        return 0;
    if (xml_num(c, x, "port", 10, -1, 65535, &g->port))
        return -1;
    xml_claim(c, x, "port");
    if (xml_num(c, x, "websocket", 10, -1, 65535, &g->websocket))
        return -1;
    xml_claim(c, x, "websocket");
    if (xml_tri(c, x, "autoport", "yes", "no", &g->autoport))
        return -1;
    xml_claim(c, x, "autoport");
    if (g->type == GFX_SPICE && xml_num(c, x, "tlsPort", 10, -1, 65535, &g->tls_port))
        return -1;
    xml_claim(c, x, "tlsPort");
    if (g->type == GFX_VNC && xml_get(x, "socket") && !xml_get(x, "port"))
        g->autoport = g->autoport ? g->autoport : TRI_NO;
    if (g->type == GFX_SPICE)
        spice_ports(c, g);
    else
        vnc_ports(c, g, x);
    xml_claim(c, x, "port");
    return 0;
}

#define SPICE_CHANNELS \
    "main", "display", "inputs", "cursor", "playback", "record", "smartcard", "usbredir"

static int channel_place(const struct gfx_channel *k)
{
    static const char *const names[] = {SPICE_CHANNELS};
    int i = 0;
    while (i < (int)(sizeof(names) / sizeof(*names)) && strcmp(names[i], k->name))
        i++;
    return i;
}

/* One a name, in libvirt's order; any is what a channel is without a word. */
static void settle_channels(struct graphics *g)
{
    const struct field *f = rec_field(&graphics_rec, "channels");
    for (size_t i = g->n_channels; i-- > 0;)
        if (str_eq(g->channels[i].mode, "any"))
            rec_remove(f, g, i);
    for (size_t i = 1; i < g->n_channels; i++)
        for (size_t k = i; k && channel_place(&g->channels[k]) < channel_place(&g->channels[k - 1]);
             k--) {
            struct gfx_channel one = g->channels[k];
            g->channels[k] = g->channels[k - 1];
            g->channels[k - 1] = one;
        }
    for (size_t i = g->n_channels; i-- > 1;)
        if (channel_place(&g->channels[i]) == channel_place(&g->channels[i - 1]))
            rec_remove(f, g, i - 1);
}

static bool is_fullscreen(const void *rec)
{
    return ((const struct graphics *)rec)->fullscreen == TRI_YES;
}

static int read_graphics(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct graphics *g = rec;
    if (read_ports(c, g, x))
        return -1;
    if (has_listen(g) && tie_listen(c, g, x))
        return -1;
    xml_claim(c, x, "listen");
    if (has_listen(g) && tie_socket(c, g, x))
        return -1;
    xml_claim(c, x, "socket");
    if (g->n_listens == 1 && g->listens[0].type == LISTEN_ADDRESS && !g->listens[0].address)
        rec_remove(rec_field(&graphics_rec, "listens"), g, 0);
    if (has_socket(g)) {
        g->autoport = TRI_NO;
        g->port = (struct num){0};
    }
    if (!g->passwd) {
        str_set(&g->passwd_valid_to, NULL);
        str_set(&g->connected, NULL);
    }
    settle_channels(g);
    if (g->passwd && g->type == GFX_SPICE)
        g->ticketing = TRI_YES;
    return 0;
}

/* ---- spice ---- */
static const struct xrow channel_rows[] = {
    XA_STR("name", gfx_channel, name, .when = XW_MANDATORY, ONEOF(SPICE_CHANNELS)),
    XA_STR("mode", gfx_channel, mode, .when = XW_MANDATORY, ONEOF("any", "secure", "insecure")),
};
static const struct xtable channel_table = {XTABLE(channel_rows), XITEM(gfx_channel)};

#define ONE(table, ...) \
    static const struct xrow table##_rows[] = {__VA_ARGS__}; \
    static const struct xtable table = {XTABLE(table##_rows)};
#define MUST .when = XW_MANDATORY
ONE(image_table, XA_STR("compression", graphics, image_compression, MUST,
                        ONEOF("auto_glz", "auto_lz", "quic", "glz", "lz", "off")))
ONE(jpeg_table,
    XA_STR("compression", graphics, jpeg_compression, MUST, ONEOF("auto", "never", "always")))
ONE(zlib_table,
    XA_STR("compression", graphics, zlib_compression, MUST, ONEOF("auto", "never", "always")))
ONE(playback_table, XA_ON("compression", graphics, playback_compression, MUST))
ONE(streaming_table, XA_STR("mode", graphics, streaming, MUST, ONEOF("filter", "all", "off")))
ONE(mouse_table, XA_ENUM("mode", graphics, mouse, mouse_mode, MUST))
ONE(clipboard_table, XA_YES("copypaste", graphics, clipboard, MUST))
ONE(files_table, XA_YES("enable", graphics, file_transfer, MUST))
static const struct xrow gl_rows[] = {
    XA_YES("enable", graphics, gl),
    XA_STR("rendernode", graphics, rendernode),
};
static const struct xtable gl_table = {XTABLE(gl_rows)};

static const struct xrow graphics_rows[] = {
    XH_ATTR("type", read_nothing, write_type),
    XH_ATTR("port", read_nothing, write_port, .only = has_port),
    XH_ATTR("tlsPort", read_nothing, write_nothing, .only = is_spice),
    XH_ATTR("autoport", read_nothing, write_nothing, .only = has_port),
    XH_ATTR("websocket", read_nothing, write_nothing, .only = is_vnc),
    XH_ATTR("socket", read_nothing, write_nothing, .only = is_vnc),
    XA_STR("username", graphics, username, .only = is_rdp),
    XA_YES("replaceUser", graphics, replace_user, .only = is_rdp),
    XA_YES("multiUser", graphics, multi_user, .only = is_rdp),
    XA_YES("p2p", graphics, p2p, .only = is_dbus),
    XA_STR("address", graphics, address_dbus, .only = is_dbus),
    XA_STR("display", graphics, display, .only = has_display),
    XA_STR("xauth", graphics, xauth, .only = is_sdl),
    XA_YES("fullscreen", graphics, fullscreen, .only = has_display, .shown = is_fullscreen),
    XH_ATTR("listen", read_nothing, write_listen_attr, .only = has_listen),
    XA_STR("keymap", graphics, keymap, .only = has_password),
    XA_STR("sharePolicy", graphics, share_policy, .only = is_vnc,
           ONEOF("allow-exclusive", "force-shared", "ignore")),
    XA_YES("powerControl", graphics, power_control, .only = is_vnc),
    XA_STR("defaultMode", graphics, default_mode, .only = is_spice,
           ONEOF("any", "secure", "insecure")),
    XA_STR("passwd", graphics, passwd, .only = has_password, .when = XW_SECURE),
    XA_STR("passwdValidTo", graphics, passwd_valid_to, .only = has_password, .when = XW_SECURE),
    XA_STR("connected", graphics, connected, .only = has_password,
           ONEOF("keep", "fail", "disconnect")),
    XH("listen", read_listen, write_listens, .only = has_listen),
    XL("channel", graphics, channels, gfx_channel, channel_table, .only = is_spice),
    XE("image", image_table, .only = is_spice),
    XE("jpeg", jpeg_table, .only = is_spice),
    XE("zlib", zlib_table, .only = is_spice),
    XE("playback", playback_table, .only = is_spice),
    XE("streaming", streaming_table, .only = is_spice),
    XE("mouse", mouse_table, .only = is_spice),
    XE("clipboard", clipboard_table, .only = is_spice),
    XE("filetransfer", files_table, .only = is_spice),
    XE("gl", gl_table),
    XK("audio"),
};
const struct xtable xml_graphics_table = {XTABLE(graphics_rows), XITEM(graphics),
                                          XKEPT(graphics, kept), .before = begin_graphics,
                                          .after = read_graphics};
