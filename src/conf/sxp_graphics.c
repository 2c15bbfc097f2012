/* Graphics: (device (vfb ...)), and the same words inside (image (hvm ...)). */
#include "base/vec.h"
#include "conf/sxp_rows.h"

enum { VNC_PORT = 5900 };

static const char *value(const struct sxp *list, const char *key)
{
    const char *text = sxp_value(sxp_find(list, key));
    return str_empty(text) ? NULL : text;
}

static void add_listen(struct graphics *g, const char *address)
{
    if (address)
        VEC_PUSH(g->listens, g->n_listens,
                 ((struct listen){.type = LISTEN_ADDRESS, .address = mem_str(address)}));
}

static int read_vnc(struct conf_ctx *c, struct graphics *g, const struct sxp *list)
{
    const char *display = value(list, "vncdisplay");
    uint32_t n;
    if (display) {
        if (!parse_u32(display, 10, 65535, &n))
            return conf_error(c, sxp_pos(sxp_find(list, "vncdisplay")),
                              "'vncdisplay' is not a number from 0 to 65535: '%s'", display);
        g->port = NUM(n < VNC_PORT ? n + VNC_PORT : n);
    }
    bool is_auto = sxp_is_yes(value(list, "vncunused")) || !display;
    g->autoport = is_auto ? TRI_YES : TRI_NO;
    add_listen(g, value(list, "vnclisten"));
    str_set(&g->passwd, value(list, "vncpasswd"));
    return 0;
}

static void read_sdl(struct graphics *g, const struct sxp *list)
{
    str_set(&g->display, value(list, "display"));
    str_set(&g->xauth, value(list, "xauthority"));
    if (value(list, "opengl"))
        g->gl = sxp_is_yes(value(list, "opengl")) ? TRI_YES : TRI_NO;
}

/* "type" says it; older ones have (vnc 1) or (sdl 1). */
static enum gfx_type kind_of(const struct sxp *list)
{
    const char *type = value(list, "type");
    if (type)
        return str_eq(type, "vnc") ? GFX_VNC : str_eq(type, "sdl") ? GFX_SDL : 0;
    if (sxp_is_yes(value(list, "vnc")))
        return GFX_VNC;
    if (sxp_is_yes(value(list, "sdl")))
        return GFX_SDL;
    return sxp_find(list, "vnc") ? GFX_VNC : sxp_find(list, "sdl") ? GFX_SDL : 0;
}

/* Words that one kind of display alone looks at. */
static const struct {
    const char *key;
    enum gfx_type type;
} words[] = {
    {"vncunused", GFX_VNC},
    {"vncdisplay", GFX_VNC},
    {"vnclisten", GFX_VNC},
    {"vncpasswd", GFX_VNC},
    {"sdl", GFX_SDL},
    {"display", GFX_SDL},
    {"xauthority", GFX_SDL},
    {"opengl", GFX_SDL},
    {"spicehost", GFX_SPICE},
    {"spiceport", GFX_SPICE},
    {"spicetls_port", GFX_SPICE},
    {"spice_disable_ticketing", GFX_SPICE},
    {"spicepasswd", GFX_SPICE},
    {"spiceagent_mouse", GFX_SPICE},
};

/* `shown` are the bits of the types that there are. The words of an image count only without a vfb;
 * xend printed them in both places. */
static void note_unused(struct conf_ctx *c, const char *prefix, const struct sxp *list,
                        const struct sxp *vfb, unsigned shown)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        const struct sxp *item = sxp_find(list, words[i].key);
        bool is_used = shown >> words[i].type & 1;
        if (!item || !sxp_is_yes(sxp_value(item)) || (is_used && str_eq(words[i].key, "sdl")))
            continue;
        CLEANUP_FREE char *key = mem_printf("%s%s", prefix, words[i].key);
        const char *type = words_name(&gfx_type_words, (int)words[i].type);
        if (vfb && words[i].type != GFX_SPICE &&
            !str_eq(sxp_value(sxp_find(vfb, words[i].key)), sxp_value(item)))
            conf_note(c, REPORT_LOST, key, sxp_pos(item), "the vfb device counts");
        else if (!is_used && !vfb)
            conf_note(c, REPORT_WARNING, key, sxp_pos(item), "has no effect without %s", type);
    }
    const struct sxp *unused = sxp_find(list, "vncunused");
    if (shown >> GFX_VNC & 1 && unused && str_eq(sxp_value(unused), "0") &&
        !value(list, "vncdisplay")) {
        CLEANUP_FREE char *key = mem_printf("%svncunused", prefix);
        conf_note(c, REPORT_APPROXIMATED, key, sxp_pos(unused),
                  "no vncdisplay is said: a free port is taken");
    }
}

static int read_words(struct conf_ctx *c, struct graphics *g, const struct sxp *list)
{
    str_set(&g->keymap, value(list, "keymap"));
    if (g->type == GFX_VNC)
        return read_vnc(c, g, list);
    read_sdl(g, list);
    return 0;
}

int sxp_read_vfb(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    enum gfx_type type = kind_of(list);
    if (!type)
        return conf_error(c, sxp_pos(list), "a vfb needs (type vnc) or (type sdl)");
    struct graphics *g = DOMAIN_ADD(d, graphics);
    g->type = type;
    int rc = sxp_read_rows(c, &sxp_vfb_table, g, list, 1);
    note_unused(c, sxp_vfb_table.prefix, list, NULL, 1u << type);
    return read_words(c, g, list) | rc;
}

static int read_spice(struct conf_ctx *c, struct domain *d, const struct sxp *image)
{
    static const struct {
        const char *key;
        size_t offset;
    } ports[] = {{"spiceport", offsetof(struct graphics, port)},
                 {"spicetls_port", offsetof(struct graphics, tls_port)}};
    struct graphics *g = DOMAIN_ADD(d, graphics);
    g->type = GFX_SPICE;
    g->autoport = TRI_NO;
    for (size_t i = 0; i < 2; i++) {
        const char *text = value(image, ports[i].key);
        uint32_t n;
        if (text && !parse_u32(text, 10, 65535, &n))
            return conf_error(c, sxp_pos(sxp_find(image, ports[i].key)),
                              "'%s' is not a port number: '%s'", ports[i].key, text);
        if (text)
            *(struct num *)(void *)((char *)g + ports[i].offset) = NUM(n);
    }
    add_listen(g, value(image, "spicehost"));
    str_set(&g->passwd, value(image, "spicepasswd"));
    if (sxp_is_yes(value(image, "spice_disable_ticketing")))
        g->ticketing = TRI_NO;
    if (value(image, "spiceagent_mouse"))
        g->mouse = sxp_is_yes(value(image, "spiceagent_mouse")) ? MOUSE_CLIENT : MOUSE_SERVER;
    return 0;
}

int sxp_read_image_graphics(struct conf_ctx *c, struct domain *d, const struct sxp *image,
                            const struct sxp *vfb)
{
    enum gfx_type type = sxp_is_yes(value(image, "vnc"))   ? GFX_VNC
                         : sxp_is_yes(value(image, "sdl")) ? GFX_SDL
                                                           : 0;
    bool is_spice = sxp_is_yes(value(image, "spice"));
    int rc = 0;
    note_unused(c, "image/", image, vfb,
                (type && !vfb ? 1u << type : 0) | (is_spice ? 1u << GFX_SPICE : 0));
    if (type && !vfb) {
        struct graphics *g = DOMAIN_ADD(d, graphics);
        g->type = type;
        rc = read_words(c, g, image);
    }
    return is_spice ? read_spice(c, d, image) | rc : rc;
}

static const char *listen_address(const struct graphics *g)
{
    for (size_t i = 0; i < g->n_listens; i++)
        if (g->listens[i].type == LISTEN_ADDRESS && !str_empty(g->listens[i].address))
            return g->listens[i].address;
    return NULL;
}

static void put_text(struct str *out, const char *key, const char *text)
{
    if (!str_empty(text))
        sxp_put_text(out, key, text);
}

static void write_passwd(struct conf_ctx *c, const char *key, const struct graphics *g)
{
    if (c->o->flags & CONF_SECURE)
        put_text(sxp_io(c)->out, key, g->passwd);
}

static void write_vnc(struct conf_ctx *c, const struct graphics *g)
{
    struct str *out = sxp_io(c)->out;
    bool is_auto = g->autoport == TRI_YES || !g->port.set || g->port.v < VNC_PORT;
    sxp_put_number(out, "vncunused", is_auto);
    if (!is_auto)
        sxp_put_number(out, "vncdisplay", g->port.v - VNC_PORT);
    put_text(out, "vnclisten", listen_address(g));
    write_passwd(c, "vncpasswd", g);
    put_text(out, "keymap", g->keymap);
}

static void write_sdl(struct conf_ctx *c, const struct graphics *g)
{
    struct str *out = sxp_io(c)->out;
    put_text(out, "display", g->display);
    put_text(out, "xauthority", g->xauth);
    put_text(out, "keymap", g->keymap);
    if (g->gl)
        sxp_put_number(out, "opengl", g->gl == TRI_YES);
}

static void write_spice(struct conf_ctx *c, const struct graphics *g)
{
    struct str *out = sxp_io(c)->out;
    sxp_put_number(out, "spice", 1);
    put_text(out, "spicehost", listen_address(g));
    if (num_or(g->port, -1) >= 0)
        sxp_put_number(out, "spiceport", g->port.v);
    if (num_or(g->tls_port, -1) >= 0)
        sxp_put_number(out, "spicetls_port", g->tls_port.v);
    if (g->ticketing == TRI_NO)
        sxp_put_number(out, "spice_disable_ticketing", 1);
    write_passwd(c, "spicepasswd", g);
    if (g->mouse)
        sxp_put_number(out, "spiceagent_mouse", g->mouse == MOUSE_CLIENT);
}

static bool has_words(const struct graphics *g)
{
    return g->type == GFX_VNC || g->type == GFX_SDL;
}

/* One device of an HVM guest stands in the image; more of them, and what only a vfb can say, need
 * vfb devices. */
static bool needs_vfb(struct conf_ctx *c, const struct domain *d)
{
    struct sxp_io *io = sxp_io(c);
    CLEANUP_STR struct str extra = {0};
    struct str *out = io->out;
    size_t n = 0;
    io->out = &extra;
    for (size_t i = 0; i < d->n_graphics; i++) {
        if (!has_words(&d->graphics[i]))
            continue;
        n++;
        sxp_write_rows(c, &sxp_vfb_table, &d->graphics[i]);
    }
    io->out = out;
    return n && (d->type != GUEST_HVM || n > 1 || extra.len);
}

static void write_here(struct conf_ctx *c, const struct graphics *g)
{
    sxp_put_number(sxp_io(c)->out, words_name(&gfx_type_words, (int)g->type), 1);
    if (g->type == GFX_VNC)
        write_vnc(c, g);
    else
        write_sdl(c, g);
}

int sxp_write_image_graphics(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_here = d->type == GUEST_HVM && !needs_vfb(c, d);
    const struct graphics *spice = NULL;
    for (size_t i = 0; d->type == GUEST_HVM && i < d->n_graphics; i++) {
        const struct graphics *g = &d->graphics[i];
        if (has_words(g) && is_here)
            write_here(c, g);
        else if (g->type == GFX_SPICE && !spice)
            spice = g;
        else if (!has_words(g))
            conf_note(c, REPORT_LOST, "devices/graphics", (struct pos){0},
                      "xend has no place for '%s'", words_name(&gfx_type_words, (int)g->type));
    }
    if (spice)
        write_spice(c, spice);
    return 0;
}

static int write_vfb(struct conf_ctx *c, const struct graphics *g)
{
    struct str *out = sxp_io(c)->out;
    str_addf(out, "(device (vfb (type %s)", words_name(&gfx_type_words, (int)g->type));
    if (g->type == GFX_VNC)
        write_vnc(c, g);
    else
        write_sdl(c, g);
    int rc = sxp_write_rows(c, &sxp_vfb_table, g);
    str_add(out, "))");
    return rc;
}

int sxp_write_vfbs(struct conf_ctx *c, const struct domain *d)
{
    int rc = 0;
    if (!needs_vfb(c, d))
        return 0;
    if (d->type != GUEST_HVM && !d->xm.vkbd_backend)
        str_add(sxp_io(c)->out, "(device (vkbd))");
    for (size_t i = 0; i < d->n_graphics; i++)
        if (has_words(&d->graphics[i]))
            rc |= write_vfb(c, &d->graphics[i]);
    return rc;
}

#define WORD(k, what) \
    R_HOOK(k, sxp_read_nothing, NULL, .flags = ROW_READ_ONLY, .doc = what, .xml = "<graphics>")

static const struct row vfb_rows[] = {
    WORD("type", "vnc or sdl"),
    WORD("vnc", "VNC server"),
    WORD("sdl", "a window on the host"),
    WORD("vncunused", "take a free port"),
    WORD("vncdisplay", "port less 5900"),
    WORD("vnclisten", "address"),
    WORD("vncpasswd", "password"),
    WORD("keymap", "keyboard layout"),
    WORD("display", "X display"),
    WORD("xauthority", "X credentials"),
    WORD("opengl", "OpenGL in the window"),
    R_STR("backend", graphics, backend_domain, .flags = SXP_DROP, .dflt = "0",
          .doc = "domain that serves it"),
    R_STR("uuid", graphics, xend_uuid, .doc = "xend's own"),
    R_STR("location", graphics, xend_location, .doc = "live: address and port"),
    R_STR("videoram", graphics, xend_videoram, .doc = "video memory"),
    R_STR("other_config", graphics, xend_other_config, .doc = "xend's own"),
    R_STR("serial", graphics, xend_serial, .doc = "xend's own"),
    R_STR("monitor", graphics, xend_monitor, .doc = "xend's own"),
    R_STR("vncconsole", graphics, xend_vncconsole, .doc = "start a VNC viewer"),
};
const struct row_table sxp_vfb_table = SXP_TABLE("device/vfb/", vfb_rows);
