/* <serial>, <parallel>, <console> and <channel>. */
#include "conf/xml_domain.h"

/* ---- source and protocol ---- */
static enum chr_type type_of(const void *rec)
{
    return ((const struct chr *)rec)->type;
}

static bool has_path(const void *rec)
{
    enum chr_type t = type_of(rec);
    return t == CHR_DEV || t == CHR_FILE || t == CHR_PIPE || t == CHR_UNIX || t == CHR_PTY;
}

static bool is_pty(const void *rec)
{
    return type_of(rec) == CHR_PTY;
}

static bool is_no_pty(const void *rec)
{
    return type_of(rec) != CHR_PTY;
}

static bool is_file(const void *rec)
{
    return type_of(rec) == CHR_FILE;
}

static bool is_unix(const void *rec)
{
    return type_of(rec) == CHR_UNIX;
}

static bool is_tcp(const void *rec)
{
    return type_of(rec) == CHR_TCP;
}

static bool is_udp(const void *rec)
{
    return type_of(rec) == CHR_UDP;
}

static bool has_channel(const void *rec)
{
    return type_of(rec) == CHR_SPICEPORT || type_of(rec) == CHR_DBUS;
}

static bool is_nmdm(const void *rec)
{
    return type_of(rec) == CHR_NMDM;
}

static bool is_vdagent(const void *rec)
{
    return type_of(rec) == CHR_QEMU_VDAGENT;
}

static bool is_path_said(const void *rec)
{
    return ((const struct chr *)rec)->path != NULL;
}

static int read_mode(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return xml_tri(c, x, "mode", "bind", "connect", &((struct chr *)rec)->listen);
}

static void write_mode(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct chr *k = rec;
    bool connects = k->listen == TRI_NO || (k->type == CHR_TCP && !k->listen);
    xml_out_attr(w, "mode", connects ? "connect" : "bind");
}

/* Whoever does not say how a socket is opened connects to it. */
static int settle_mode(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    if (k->reconnect == TRI_YES && !k->reconnect_timeout.set)
        return xml_error(c, xml_child(x, "reconnect"), "<reconnect> has no 'timeout'");
    if (!k->reconnect)
        k->reconnect_timeout = (struct num){0};
    if ((k->type == CHR_UNIX || k->type == CHR_TCP) && !k->listen)
        k->listen = TRI_NO;
    if (k->reconnect && k->listen == TRI_YES)
        return xml_error(c, xml_child(x, "reconnect"), "<reconnect> is only for mode='connect'");
    return 0;
}

static const struct xrow reconnect_rows[] = {
    XA_YES("enabled", chr, reconnect),
    XA_INT("timeout", chr, reconnect_timeout, 0, UINT32_MAX),
};
static const struct xtable reconnect_table = {XTABLE(reconnect_rows)};

static const struct xrow path_rows[] = {
    XH_ATTR("mode", read_mode, write_mode, .only = is_unix, .shown = is_path_said),
    XA_STR("path", chr, path, .when = XW_ACTIVE, .only = is_pty),
    XA_STR("path", chr, path, .only = is_no_pty),
    XA_ON("append", chr, append, .only = is_file),
    XK_LIST("seclabel", .only = is_no_pty, .shown = is_path_said),
    XE("reconnect", reconnect_table, .only = is_unix, .shown = is_path_said),
};
static const struct xtable path_table = {XTABLE(path_rows), .after = settle_mode};

static const struct xrow tcp_rows[] = {
    XH_ATTR("mode", read_mode, write_mode),
    XA_STR("host", chr, host, .when = XW_MANDATORY),
    XA_STR("service", chr, service, .when = XW_MANDATORY),
    XA_YES("tls", chr, tls),
    XE("reconnect", reconnect_table),
};
static const struct xtable tcp_table = {XTABLE(tcp_rows), .after = settle_mode};

static const struct xrow channel_source_rows[] = {XA_STR("channel", chr, channel)};
static const struct xtable channel_source_table = {XTABLE(channel_source_rows)};
static const struct xrow nmdm_rows[] = {
    XA_STR("master", chr, channel),
    XA_STR("slave", chr, slave),
};
static const struct xtable nmdm_table = {XTABLE(nmdm_rows)};

/* One <source> an end. */
static int read_udp(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    tri bind = TRI_NO;
    if (xml_tri(c, x, "mode", "bind", "connect", &bind))
        return -1;
    char **host = bind == TRI_YES ? &k->bind_host : &k->host;
    char **service = bind == TRI_YES ? &k->bind_service : &k->service;
    if (*host || *service)
        return xml_error(c, x, "two <source mode='%s'> for a UDP device",
                         bind == TRI_YES ? "bind" : "connect");
    xml_str(x, "host", host);
    xml_str(x, "service", service);
    for (struct xml *child = x->child; child; child = child->next)
        xml_lose(c, child, "means nothing here");
    return 0;
}

static void write_udp_end(struct xml_out *w, const char *mode, const char *host,
                          const char *service)
{
    if (!host && !service)
        return;
    xml_out_open(w, "source");
    xml_out_attr(w, "mode", mode);
    if (host)
        xml_out_attr(w, "host", host);
    if (service)
        xml_out_attr(w, "service", service);
    xml_out_close(w);
}

static void write_udp(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct chr *k = rec;
    write_udp_end(w, "bind", k->bind_host, k->bind_service);
    write_udp_end(w, "connect", k->host, k->service);
}

static int read_protocol(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return xml_tri(c, x, "type", "telnet", "raw", &((struct chr *)rec)->telnet);
}

static void write_protocol(struct conf_ctx *c, const struct xrow *r, const void *rec,
                           struct xml_out *w)
{
    xml_out_open(w, "protocol");
    xml_out_attr(w, "type", ((const struct chr *)rec)->telnet == TRI_YES ? "telnet" : "raw");
    xml_out_close(w);
}

/* ---- what the four have in common ---- */
static int check_once(struct conf_ctx *c, const struct xml *x, const char *name)
{
    bool seen = false;
    for (const struct xml *child = x->child; child; child = child->next) {
        if (!str_eq(child->name, name))
            continue;
        if (seen)
            return xml_error(c, child, "only one <%s> is allowed in a <%s>", name, x->name);
        seen = true;
    }
    return 0;
}

static int begin_chr(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    int type = CHR_PTY;
    if (xml_enum(c, x, "type", &chr_type_words, &type))
        return -1;
    k->type = type;
    if (k->type != CHR_UDP && check_once(c, x, "source"))
        return -1;
    return check_once(c, x, "protocol") || check_once(c, x, "log") ? -1 : 0;
}

/* A console that will be a serial device which the document has, too. */
static bool is_shadow(const struct chr *k, const struct xml *x)
{
    return !strcmp(x->name, "console") && k->target == CHR_TARGET_SERIAL &&
           xml_child(x->parent, "serial");
}

static int read_chr(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    bool needs_path = k->type == CHR_DEV || k->type == CHR_FILE || k->type == CHR_PIPE;
    if (is_shadow(k, x)) /* what it says is the serial device's, later */
        return 0;
    if (needs_path && str_empty(k->path))
        return xml_error(c, x, "<%s type='%s'> has no <source path=''>", x->name,
                         words_name(&chr_type_words, k->type));
    if (!k->log_file)
        k->log_append = TRI_UNSET;
    if (!k->target_type && !strcmp(x->name, "channel"))
        return xml_error(c, x, "a <channel> has no <target type=''>");
    if (k->type == CHR_UNIX && str_empty(k->path) && strcmp(x->name, "channel"))
        return xml_error(c, x, "<%s type='unix'> has no <source path=''>", x->name);
    if (k->type == CHR_TCP && !k->telnet)
        k->telnet = TRI_NO;
    if (k->type == CHR_TCP && !k->host)
        return xml_error(c, x, "<%s type='tcp'> has no <source host=''>", x->name);
    if (k->type == CHR_UDP && !k->service)
        return xml_error(c, x, "<%s type='udp'> has no <source mode='connect' service=''>",
                         x->name);
    return 0;
}

static int read_type(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return 0; /* begin_chr has */
}

static void write_type(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct chr *k = rec;
    xml_out_attr(w, "type", words_name(&chr_type_words, k->type ? k->type : CHR_PTY));
}

static const struct xrow log_rows[] = {
    XA_STR("file", chr, log_file),
    XA_ON("append", chr, log_append),
};
static const struct xtable log_table = {XTABLE(log_rows)};

static const struct xrow source_rows[] = {
    XE("source", path_table, .only = has_path),
    XE("source", tcp_table, .only = is_tcp),
    XH("source", read_udp, write_udp, .only = is_udp),
    XE("source", channel_source_table, .only = has_channel),
    XE("source", nmdm_table, .only = is_nmdm),
    XK("source", .only = is_vdagent),
    XH("protocol", read_protocol, write_protocol, .only = is_tcp),
    XE("log", log_table),
};
static const struct xtable source_table = {XTABLE(source_rows)};

#define SOURCE \
    { \
        .place = X_INLINE, .r = {.key = ""}, .sub = &source_table \
    }

/* ---- serial, parallel, channel ---- */
static const struct xrow model_rows[] = {XA_STR("name", chr, target_model)};
static const struct xtable model_table = {XTABLE(model_rows)};
static const struct xrow serial_target_rows[] = {
    XA_STR("type", chr, target_type,
           ONEOF("none", "isa-serial", "usb-serial", "pci-serial", "spapr-vio-serial",
                 "platform-serial", "sclp-serial", "system-serial", "isa-debug")),
    XA_INT("port", chr, port, 0, INT32_MAX),
    XE("model", model_table),
};
static const struct xtable serial_target_table = {XTABLE(serial_target_rows)};
static const struct xrow serial_rows[] = {
    XH_ATTR("type", read_type, write_type),
    SOURCE,
    XE("target", serial_target_table),
    XI_AT(chr, dev, device, xml_tail_table),
};
const struct xtable xml_serial_table = {XTABLE(serial_rows), XITEM(chr), XKEPT_DEV(chr),
                                        .before = begin_chr, .after = read_chr};
const struct xtable xml_parallel_table = {XTABLE(serial_rows), XITEM(chr), XKEPT_DEV(chr),
                                          .before = begin_chr, .after = read_chr};

static const struct xrow channel_target_rows[] = {
    XA_STR("type", chr, target_type, .when = XW_MANDATORY,
           ONEOF("none", "guestfwd", "virtio", "xen")),
    XA_STR("name", chr, name),
    XA_STR("state", chr, state, .when = XW_ACTIVE),
    XA_STR("address", chr, target_address),
    XA_STR("port", chr, target_port),
};
static const struct xtable channel_target_table = {XTABLE(channel_target_rows)};
static const struct xrow channel_rows[] = {
    XH_ATTR("type", read_type, write_type),
    SOURCE,
    XE("target", channel_target_table),
    XI_AT(chr, dev, device, xml_tail_table),
};
const struct xtable xml_channel_table = {XTABLE(channel_rows), XITEM(chr), XKEPT_DEV(chr),
                                         .before = begin_chr, .after = read_chr};

/* ---- console ---- */
static int read_tty(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    if (!xml_of(c)->inactive && k->type == CHR_PTY && !k->path)
        xml_str(x, "tty", &k->path);
    return 0;
}

static void write_tty(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct chr *k = rec;
    if (k->type == CHR_PTY && k->path && !xml_of(c)->inactive && num_or(k->port, 0) == 0)
        xml_out_attr(w, "tty", k->path);
}

static const struct xrow console_target_rows[] = {
    XA_ENUM("type", chr, target, chr_target),
    XA_INT("port", chr, port, 0, INT32_MAX),
};
static const struct xtable console_target_table = {XTABLE(console_target_rows)};
static const struct xrow console_rows[] = {
    XH_ATTR("type", read_type, write_type), XH_ATTR("tty", read_tty, write_tty),     SOURCE,
    XE("target", console_target_table),     XI_AT(chr, dev, device, xml_tail_table),
};
const struct xtable xml_console_table = {XTABLE(console_rows), XITEM(chr), XKEPT_DEV(chr),
                                         .before = begin_chr, .after = read_chr};

static const struct chr *shown_serial(const struct domain *d, const struct chr *console)
{
    if (d->type != GUEST_HVM || console->target != CHR_TARGET_SERIAL)
        return NULL;
    for (size_t i = 0; i < d->n_serials; i++)
        if (num_or(d->serials[i].port, (int64_t)i) == num_or(console->port, 0))
            return &d->serials[i];
    return NULL;
}

const struct chr *xml_console_source(const struct domain *d, const struct chr *console)
{
    const struct chr *serial = shown_serial(d, console);
    return serial ? serial : console;
}

void xml_strip_consoles(struct domain *d)
{
    for (size_t i = 0; i < d->n_consoles; i++) {
        struct chr *k = &d->consoles[i];
        struct num port = k->port;
        if (!shown_serial(d, k))
            continue;
        rec_clear(&chr_rec, k);
        k->target = CHR_TARGET_SERIAL;
        k->port = port;
    }
}
