/* What is shown: VNC, SDL and SPICE of HVM guests, framebuffers of the others, the graphics card.
 */
#include "devices.h"

enum { VNC_BASE = 5900 };

static const char *listen_of(const struct graphics *g)
{
    for (size_t i = 0; i < g->n_listens; i++)
        if (g->listens[i].address)
            return g->listens[i].address;
    return NULL;
}

/* A fixed port is 5900 + display; otherwise libxl looks for a free one. */
static int vnc_write(const struct graphics *g, libxl_vnc_info *x, struct err *e)
{
    bool fixed = g->autoport != TRI_YES && g->port.set && g->port.v > 0;
    libxl_defbool_set(&x->enable, true);
    libxl_defbool_set(&x->findunused, !fixed);
    if (fixed && (g->port.v < VNC_BASE || g->port.v > 65535))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "VNC port %lld is not possible (%d or more)",
                    (long long)g->port.v, VNC_BASE);
    x->display = fixed ? (int)g->port.v - VNC_BASE : 0;
    const char *address = listen_of(g);
    x->listen = address ? mem_str(address) : NULL;
    x->passwd = mem_str(g->passwd);
    return 0;
}

static void vnc_read(const libxl_vnc_info *x, struct graphics *g)
{
    g->type = GFX_VNC;
    bool fixed = x->findunused.val < 0;
    g->autoport = fixed ? TRI_NO : TRI_YES;
    if (fixed)
        g->port = NUM(VNC_BASE + x->display);
    if (!str_empty(x->listen)) {
        struct listen *l = DOMAIN_ADD(g, listens);
        l->type = LISTEN_ADDRESS;
        const char *colon = strrchr(x->listen, ':'); /* xl's "address:display" */
        size_t n = colon && !strchr(x->listen, '[') && strchr(x->listen, ':') == colon
                       ? (size_t)(colon - x->listen)
                       : strlen(x->listen);
        l->address = mem_strn(x->listen, n);
    }
    str_set(&g->passwd, x->passwd);
}

static void sdl_write(const struct graphics *g, libxl_sdl_info *x)
{
    libxl_defbool_set(&x->enable, true);
    map_bool_write(g->gl, &x->opengl);
    x->display = mem_str(g->display);
    x->xauthority = mem_str(g->xauth);
}

static void sdl_read(const libxl_sdl_info *x, struct graphics *g)
{
    g->type = GFX_SDL;
    g->gl = map_bool_read(&x->opengl);
    str_set(&g->display, x->display);
    str_set(&g->xauth, x->xauthority);
}

static void spice_write(const struct graphics *g, libxl_spice_info *x)
{
    libxl_defbool_set(&x->enable, true);
    if (g->port.set && g->port.v > 0)
        x->port = (int)g->port.v;
    if (g->tls_port.set && g->tls_port.v > 0)
        x->tls_port = (int)g->tls_port.v;
    const char *address = listen_of(g);
    x->host = mem_str(address ? address : "127.0.0.1");
    bool open = g->ticketing == TRI_NO || str_empty(g->passwd);
    libxl_defbool_set(&x->disable_ticketing, open);
    if (!open)
        x->passwd = mem_str(g->passwd);
    libxl_defbool_set(&x->agent_mouse, g->mouse != MOUSE_SERVER);
    map_bool_write(g->clipboard, &x->clipboard_sharing);
    map_bool_write(g->vdagent != TRI_UNSET ? g->vdagent : g->clipboard, &x->vdagent);
    x->usbredirection = (int)num_or(g->usb_redirection, 0);
    x->image_compression = mem_str(g->image_compression);
    x->streaming_video = mem_str(g->streaming);
}

static void spice_read(const libxl_spice_info *x, struct graphics *g)
{
    g->type = GFX_SPICE;
    if (x->port)
        g->port = NUM(x->port);
    if (x->tls_port)
        g->tls_port = NUM(x->tls_port);
    if (!str_empty(x->host)) {
        struct listen *l = DOMAIN_ADD(g, listens);
        l->type = LISTEN_ADDRESS;
        l->address = mem_str(x->host);
    }
    str_set(&g->passwd, x->passwd);
    g->ticketing = x->disable_ticketing.val > 0 ? TRI_NO : TRI_UNSET;
    if (x->agent_mouse.val)
        g->mouse = x->agent_mouse.val > 0 ? MOUSE_CLIENT : MOUSE_SERVER;
    g->vdagent = map_bool_read(&x->vdagent);
    g->clipboard = map_bool_read(&x->clipboard_sharing);
    if (x->usbredirection)
        g->usb_redirection = NUM(x->usbredirection);
    str_set(&g->image_compression, x->image_compression);
    str_set(&g->streaming, x->streaming_video);
}

static bool is_blind(const struct domain *d)
{
    bool has_card = d->vnc == TRI_NO && d->nographic != TRI_YES; /* only VNC was said to be off */
    for (size_t i = 0; i < d->n_graphics; i++)
        if (d->graphics[i].type == GFX_VNC || d->graphics[i].type == GFX_SDL ||
            d->graphics[i].type == GFX_SPICE)
            return false;
    return !d->n_videos && !has_card;
}

/* libxl takes one of each kind for an HVM guest. */
static int hvm_write(const struct domain *d, libxl_domain_build_info *b, struct err *e)
{
    bool vnc = false, sdl = false, spice = false;
    for (size_t i = d->n_graphics; i-- > 0;) {
        const struct graphics *g = &d->graphics[i];
        bool *has = g->type == GFX_VNC ? &vnc : g->type == GFX_SDL ? &sdl : &spice;
        if (*has)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "more than one display of type '%s'",
                        words_name(&gfx_type_words, (int)g->type));
        *has = true;
        switch (g->type) {
        case GFX_VNC:
            if (vnc_write(g, &b->u.hvm.vnc, e))
                return -1;
            break;
        case GFX_SDL:
            sdl_write(g, &b->u.hvm.sdl);
            break;
        case GFX_SPICE:
            spice_write(g, &b->u.hvm.spice);
            break;
        default:
            return fail(e, ERR_CONFIG_UNSUPPORTED, "graphics of type '%s' are not possible on Xen",
                        words_name(&gfx_type_words, (int)g->type));
        }
        if (g->keymap)
            str_set(&b->u.hvm.keymap, g->keymap);
    }
    if (!vnc) /* libxl's own default is on */
        libxl_defbool_set(&b->u.hvm.vnc.enable, d->vnc == TRI_YES);
    if (!sdl)
        libxl_defbool_set(&b->u.hvm.sdl.enable, d->sdl == TRI_YES);
    map_bool_write(d->nographic  ? d->nographic
                   : is_blind(d) ? TRI_YES
                                 : TRI_UNSET,
                   &b->u.hvm.nographic);
    return 0;
}

static void vfb_init(void *x)
{
    libxl_device_vfb_init(x);
}

static void vkb_init(void *x)
{
    libxl_device_vkb_init(x);
}

/* A framebuffer each, with its keyboard and mouse; HVM guests have them beside qemu's card, for
 * drivers that know them. */
static int vfbs_write(const struct domain *d, libxl_domain_config *x, struct err *e)
{
    for (size_t i = 0; i < d->n_graphics; i++) {
        const struct graphics *g = &d->graphics[i];
        map_array_add((void **)&x->vkbs, &x->num_vkbs, sizeof(libxl_device_vkb), vkb_init);
        if (d->type == GUEST_HVM && g->type != GFX_VNC && g->type != GFX_SDL)
            continue; /* SPICE has no framebuffer */
        libxl_device_vfb *vfb =
            map_array_add((void **)&x->vfbs, &x->num_vfbs, sizeof(*vfb), vfb_init);
        vfb->keymap = mem_str(g->keymap);
        vfb->backend_domname = mem_str(g->backend_domain);
        if (g->devid.set)
            vfb->devid = (int)g->devid.v;
        libxl_defbool_set(&vfb->vnc.enable, g->type == GFX_VNC);
        libxl_defbool_set(&vfb->sdl.enable, g->type == GFX_SDL);
        if (g->type == GFX_VNC && vnc_write(g, &vfb->vnc, e))
            return -1;
        if (g->type == GFX_SDL)
            sdl_write(g, &vfb->sdl);
        if (g->type != GFX_VNC && g->type != GFX_SDL)
            return fail(e, ERR_CONFIG_UNSUPPORTED,
                        "graphics of type '%s' are not possible in a guest of this type",
                        words_name(&gfx_type_words, (int)g->type));
    }
    return 0;
}

int gfx_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    libxl_domain_config *x = to;
    if ((env->type & ON_HVM) && hvm_write(from, &x->b_info, e))
        return -1;
    return vfbs_write(from, x, e);
}

static void vfbs_read(const libxl_domain_config *x, struct domain *d)
{
    for (int i = 0; i < x->num_vfbs; i++) {
        const libxl_device_vfb *vfb = &x->vfbs[i];
        struct graphics *g = DOMAIN_ADD(d, graphics);
        if (vfb->sdl.enable.val > 0)
            sdl_read(&vfb->sdl, g);
        else
            vnc_read(&vfb->vnc, g);
        str_set(&g->keymap, vfb->keymap);
        str_set(&g->backend_domain, vfb->backend_domname);
        g->vfb = NUM(i);
    }
}

void gfx_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_config *x = from;
    const libxl_domain_build_info *b = &x->b_info;
    struct domain *d = to;
    if (!(env->type & ON_HVM)) {
        vfbs_read(x, d);
        return;
    }
    bool headless = b->u.hvm.nographic.val > 0;
    if (b->u.hvm.vnc.enable.val >= 0 && !headless) {
        struct graphics *g = DOMAIN_ADD(d, graphics);
        vnc_read(&b->u.hvm.vnc, g);
        str_set(&g->keymap, b->u.hvm.keymap);
    }
    if (b->u.hvm.sdl.enable.val > 0)
        sdl_read(&b->u.hvm.sdl, DOMAIN_ADD(d, graphics));
    if (b->u.hvm.spice.enable.val > 0)
        spice_read(&b->u.hvm.spice, DOMAIN_ADD(d, graphics));
    if (headless)
        d->nographic = TRI_YES;
}

/* ---- the card ---- */

static const struct {
    enum video_type m;
    libxl_vga_interface_type x;
} cards[] = {
    {VIDEO_CIRRUS, LIBXL_VGA_INTERFACE_TYPE_CIRRUS}, {VIDEO_VGA, LIBXL_VGA_INTERFACE_TYPE_STD},
    {VIDEO_XEN, LIBXL_VGA_INTERFACE_TYPE_STD},       {VIDEO_QXL, LIBXL_VGA_INTERFACE_TYPE_QXL},
    {VIDEO_NONE, LIBXL_VGA_INTERFACE_TYPE_NONE},
};

int video_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    const struct video *v = d->n_videos ? &d->videos[0] : NULL;
    struct num kib = d->video_memory_kib.set || !v ? d->video_memory_kib : v->vram_kib;
    if (kib.set && kib.v > 0)
        b->video_memkb = (uint64_t)kib.v;
    if (is_blind(d))
        b->u.hvm.vga.kind = LIBXL_VGA_INTERFACE_TYPE_NONE;
    if (!v || v->type == VIDEO_DEFAULT || !v->type)
        return 0;
    for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++)
        if (cards[i].m == v->type) {
            b->u.hvm.vga.kind = cards[i].x;
            return 0;
        }
    return fail(e, ERR_CONFIG_UNSUPPORTED, "video of type '%s' is not possible on Xen",
                words_name(&video_type_words, (int)v->type));
}

void video_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    struct domain *d = to;
    libxl_vga_interface_type kind = b->u.hvm.vga.kind;
    if (kind == LIBXL_VGA_INTERFACE_TYPE_NONE)
        return;
    struct video *v = DOMAIN_ADD(d, videos);
    v->type = VIDEO_CIRRUS;
    for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++)
        if (cards[i].x == kind) {
            v->type = cards[i].m;
            break;
        }
    v->heads = NUM(1);
    if (b->video_memkb != LIBXL_MEMKB_DEFAULT)
        v->vram_kib = NUM(b->video_memkb);
}
