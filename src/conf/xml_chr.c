/* <serial>, <parallel>, <console> and <channel>. */
#include "conf/xml_domain.h"

/* ---- source and protocol ---- */
static int read_reconnect(struct conf_ctx *c, const struct xml *source, struct chr *k)
{
    const struct xml *x = xml_child(source, "reconnect");
    if (!x)
        return 0;
    if (k->listen == TRI_YES)
        return xml_error(c, x, "<reconnect> is only for mode='connect'");
    return xml_tri(c, x, "enabled", "yes", "no", &k->reconnect) ||
                   xml_num(c, x, "timeout", 10, 0, UINT32_MAX, &k->reconnect_timeout)
               ? -1
               : 0;
}

static int read_mode(struct conf_ctx *c, const struct xml *x, struct chr *k)
{
    k->listen = TRI_NO;
    return xml_tri(c, x, "mode", "bind", "connect", &k->listen);
}

static int read_tcp(struct conf_ctx *c, const struct xml *x, struct chr *k)
{
    if (k->host || k->service)
        return xml_error(c, x, "only one <source> is allowed for a TCP device");
    if (read_mode(c, x, k))
        return -1;
    xml_str(x, "host", &k->host);
    xml_str(x, "service", &k->service);
    if (xml_tri(c, x, "tls", "yes", "no", &k->tls) || read_reconnect(c, x, k))
        return -1;
    if (!k->host)
        return xml_error(c, x, "the <source> of a TCP device has no 'host'");
    return k->service ? 0 : xml_error(c, x, "the <source> of a TCP device has no 'service'");
}

static int read_udp(struct conf_ctx *c, const struct xml *x, struct chr *k)
{
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
    return 0;
}

/* Of the file; no other part of <source> is an element that is dropped. */
static void lose_label(struct conf_ctx *c, const struct xml *x)
{
    struct xml *label = (struct xml *)xml_child(x, "seclabel");
    if (!label)
        return;
    conf_note(c, REPORT_LOST, "devices/source/seclabel", label->pos,
              "the label of a character device's file");
    label->noted = true;
    for (size_t i = 0; i < label->n_attrs; i++)
        label->attrs[i].used = true;
}

static int read_source(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    lose_label(c, x);
    switch (k->type) {
    case CHR_TCP:
        return read_tcp(c, x, k);
    case CHR_UDP:
        return read_udp(c, x, k);
    case CHR_UNIX:
        xml_str(x, "path", &k->path);
        return read_mode(c, x, k) || read_reconnect(c, x, k) ? -1 : 0;
    case CHR_PTY:
        if (!xml_of(c)->inactive)
            xml_str(x, "path", &k->path);
        return 0;
    case CHR_DEV:
    case CHR_FILE:
    case CHR_PIPE:
        xml_str(x, "path", &k->path);
        return xml_tri(c, x, "append", "on", "off", &k->append);
    case CHR_SPICEPORT:
    case CHR_DBUS:
        xml_str(x, "channel", &k->channel);
        return 0;
    case CHR_NMDM:
        xml_str(x, "master", &k->channel);
        xml_str(x, "slave", &k->slave);
        return 0;
    case CHR_NULL:
    case CHR_VC:
    case CHR_STDIO:
    case CHR_SPICEVMC:
    case CHR_QEMU_VDAGENT:
        return 0;
    }
    return 0;
}

static void write_optional(struct xml_out *w, const char *name, const char *value)
{
    if (value)
        xml_out_attr(w, name, value);
}

static void write_reconnect(struct xml_out *w, const struct chr *k)
{
    if (!k->reconnect)
        return;
    xml_out_open(w, "reconnect");
    xml_out_attr(w, "enabled", k->reconnect == TRI_YES ? "yes" : "no");
    if (k->reconnect_timeout.set)
        xml_out_attrf(w, "timeout", "%lld", (long long)k->reconnect_timeout.v);
    xml_out_close(w);
}

static void write_tcp(struct xml_out *w, const struct chr *k)
{
    xml_out_open(w, "source");
    xml_out_attr(w, "mode", k->listen == TRI_YES ? "bind" : "connect");
    write_optional(w, "host", k->host);
    write_optional(w, "service", k->service);
    if (k->tls)
        xml_out_attr(w, "tls", k->tls == TRI_YES ? "yes" : "no");
    write_reconnect(w, k);
    xml_out_close(w);
    xml_out_open(w, "protocol");
    xml_out_attr(w, "type", k->telnet == TRI_YES ? "telnet" : "raw");
    xml_out_close(w);
}

static void write_udp_end(struct xml_out *w, const char *mode, const char *host,
                          const char *service)
{
    if (!host && !service)
        return;
    xml_out_open(w, "source");
    xml_out_attr(w, "mode", mode);
    write_optional(w, "host", host);
    write_optional(w, "service", service);
    xml_out_close(w);
}

static void write_path(struct conf_ctx *c, struct xml_out *w, const struct chr *k)
{
    if (!k->path || (k->type == CHR_PTY && xml_of(c)->inactive))
        return;
    xml_out_open(w, "source");
    if (k->type == CHR_UNIX)
        xml_out_attr(w, "mode", k->listen == TRI_NO ? "connect" : "bind");
    xml_out_attr(w, "path", k->path);
    if (k->append && k->type == CHR_FILE)
        xml_out_attr(w, "append", k->append == TRI_YES ? "on" : "off");
    if (k->type == CHR_UNIX)
        write_reconnect(w, k);
    xml_out_close(w);
}

static void write_source(struct conf_ctx *c, const struct xrow *r, const void *rec,
                         struct xml_out *w)
{
    const struct chr *k = rec;
    switch (k->type) {
    case CHR_TCP:
        write_tcp(w, k);
        return;
    case CHR_UDP:
        write_udp_end(w, "bind", k->bind_host, k->bind_service);
        write_udp_end(w, "connect", k->host, k->service);
        return;
    case CHR_PTY:
    case CHR_DEV:
    case CHR_FILE:
    case CHR_PIPE:
    case CHR_UNIX:
        write_path(c, w, k);
        return;
    case CHR_SPICEPORT:
    case CHR_DBUS:
    case CHR_NMDM:
        xml_out_open(w, "source");
        write_optional(w, k->type == CHR_NMDM ? "master" : "channel", k->channel);
        write_optional(w, "slave", k->type == CHR_NMDM ? k->slave : NULL);
        xml_out_close(w);
        return;
    case CHR_NULL:
    case CHR_VC:
    case CHR_STDIO:
    case CHR_SPICEVMC:
    case CHR_QEMU_VDAGENT:
        return;
    }
}

static int read_protocol(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    if (k->type != CHR_TCP)
        return 0;
    return xml_tri(c, x, "type", "telnet", "raw", &k->telnet);
}

static void write_nothing(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
}

/* ---- what the four have in common ---- */
static int begin_chr(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    int type = CHR_PTY;
    if (xml_enum(c, x, "type", &chr_type_words, &type))
        return -1;
    k->type = type;
    return 0;
}

static int read_chr(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct chr *k = rec;
    bool needs_path = k->type == CHR_DEV || k->type == CHR_FILE || k->type == CHR_PIPE;
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
    XH("source", read_source, write_source),
    XH("protocol", read_protocol, write_nothing),
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
