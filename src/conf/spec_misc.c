/* The smaller devices: comma lists by rows alone. */
#include "base/vec.h"
#include "conf/spec.h"

#define TABLE(name, prefix) \
    const struct row_table spec_##name##_table = {prefix, name##_rows, \
                                                  sizeof(name##_rows) / sizeof(*name##_rows)};

/* ---- usbctrl, usbdev ---- */
static const struct row usbctrl_rows[] = {
    R_ENUM("type", controller, usb_type, usb_type, .since = XEN(4, 7),
           .type = "auto|pv|devicemodel|qusb", .dflt = "auto",
           .xml = "<controller model='qusb1|qusb2'>", .doc = "kind of controller"),
    R_NUM("version", controller, usb_version, .since = XEN(4, 7), .base = 10, .type = "1|2|3",
          .dflt = "2", .xml = "<controller model='qusb1|qusb2'>", .doc = "USB version"),
    R_NUM("ports", controller, ports, .since = XEN(4, 7), .base = 10, .type = "1 to 16",
          .dflt = "8", .xml = "<controller ports>", .doc = "number of ports"),
};
TABLE(usbctrl, "usbctrl.")

static int read_usbdev_type(struct conf_ctx *c, const struct row *r, void *rec,
                            const struct value *v)
{
    if (str_eq(v->text, "hostdev"))
        return 0;
    return conf_error(c, v->pos, "'%s': expected type=hostdev", v->text ? v->text : "");
}

static const struct row usbdev_rows[] = {
    R_HOOK("type", read_usbdev_type, NULL, .since = XEN(4, 7), .type = "hostdev", .dflt = "hostdev",
           .xml = "<hostdev type='usb'>", .doc = "kind of device"),
    R_NUM("hostbus", hostdev, usb_bus, .since = XEN(4, 7), .type = "number", .xml = "<address bus>",
          .doc = "bus on the host"),
    R_NUM("hostaddr", hostdev, usb_device, .since = XEN(4, 7), .type = "number",
          .xml = "<address device>", .doc = "address on that bus"),
    R_NUM("controller", hostdev, usb_controller, .since = XEN(4, 7), .base = 10, .type = "number",
          .xml = "metadata", .doc = "the guest's controller"),
    R_NUM("port", hostdev, usb_port, .since = XEN(4, 7), .base = 10, .type = "number",
          .xml = "metadata", .doc = "port of that controller"),
};
TABLE(usbdev, "usbdev.")

/* ---- channel ---- */
static int read_connection(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    struct chr *chr = rec;
    if (str_eq(v->text, "pty"))
        chr->type = CHR_PTY;
    else if (str_eq(v->text, "socket")) {
        chr->type = CHR_UNIX;
        chr->listen = TRI_YES;
    } else
        return conf_error(c, v->pos, "'%s': expected connection=pty or connection=socket",
                          v->text ? v->text : "");
    return 0;
}

static int write_connection(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct chr *chr = rec;
    if (chr->type == CHR_PTY)
        spec_put(c, r->key, "pty");
    else if (chr->type == CHR_UNIX)
        spec_put(c, r->key, "socket");
    return 0;
}

static const struct row channel_rows[] = {
    R_HOOK("connection", read_connection, write_connection, .type = "pty|socket",
           .xml = "<channel type>", .doc = "what the host's end is; mandatory"),
    R_STR("path", chr, path, .type = "path", .xml = "<source path>", .doc = "of the socket"),
    R_STR("name", chr, name, .type = "text", .xml = "<target name>",
          .doc = "name in the guest; mandatory"),
    R_STR("backend", chr, backend_domain, .type = "domain", .dflt = "0", .xml = "metadata",
          .doc = "domain that serves the channel"),
};
TABLE(channel, "channel.")

/* ---- vtpm, p9, pvcalls ---- */
static const struct row vtpm_rows[] = {
    R_STR("backend", vtpm, backend_domain, .flags = SPEC_MUST, .type = "domain", .xml = "metadata",
          .doc = "domain that runs the vTPM; mandatory"),
    R_UUID("uuid", vtpm, uuid, .type = "uuid", .xml = "metadata", .doc = "of the vTPM"),
};
TABLE(vtpm, "vtpm.")

static const struct row p9_rows[] = {
    R_STR("tag", p9, tag, .since = XEN(4, 9), .flags = SPEC_MUST, .type = "text", .xml = "metadata",
          .doc = "name to mount it by; mandatory"),
    R_STR("path", p9, path, .since = XEN(4, 9), .flags = SPEC_MUST, .type = "path",
          .xml = "metadata", .doc = "folder on the host; mandatory"),
    R_STR("security_model", p9, security_model, .since = XEN(4, 9), .flags = SPEC_MUST,
          .type = "none", .xml = "metadata", .doc = "how owners are kept; mandatory"),
    R_STR("backend", p9, backend_domain, .since = XEN(4, 9), .type = "domain", .dflt = "0",
          .xml = "metadata", .doc = "domain that serves it"),
    R_ENUM("type", p9, type, p9_type, .since = XEN(4, 19), .type = "qemu|xen_9pfsd", .dflt = "qemu",
           .xml = "metadata", .doc = "what serves it"),
    R_NUM("max-files", p9, max_files, .since = XEN(4, 19), .type = "number", .xml = "metadata",
          .doc = "limit of files (xen_9pfsd)"),
    R_NUM("max-open-files", p9, max_open_files, .since = XEN(4, 19), .type = "number",
          .xml = "metadata", .doc = "limit of open files (xen_9pfsd)"),
    R_NUM("max-space", p9, max_space_mib, .since = XEN(4, 19), .type = "MiB", .xml = "metadata",
          .doc = "limit of space (xen_9pfsd)"),
    R_TRI("auto-delete", p9, auto_delete, .since = XEN(4, 19), .type = "0|1", .xml = "metadata",
          .doc = "delete old files where space runs out (xen_9pfsd)"),
};
TABLE(p9, "p9.")

static const struct row pvcalls_rows[] = {
    R_STR("backend", pvcalls, backend_domain, .since = XEN(4, 11), .type = "domain", .dflt = "0",
          .xml = "metadata", .doc = "domain that serves the calls"),
};
TABLE(pvcalls, "pvcalls.")

/* ---- vkb ---- */
static const struct row vkb_rows[] = {
    R_STR("backend", vkb, backend_domain, .since = XEN(4, 12), .type = "domain", .dflt = "0",
          .xml = "metadata", .doc = "domain that serves it"),
    R_ENUM("backend-type", vkb, backend_type, vkb_backend, .since = XEN(4, 12), .flags = SPEC_MUST,
           .type = "qemu|linux", .xml = "metadata", .doc = "what serves it; mandatory"),
    R_STR("unique-id", vkb, unique_id, .since = XEN(4, 12), .type = "text", .xml = "metadata",
          .doc = "which device of the backend"),
    R_TRI("feature-disable-keyboard", vkb, disable_keyboard, .since = XEN(4, 12), .type = "0|1",
          .xml = "metadata", .doc = "no keyboard"),
    R_TRI("feature-disable-pointer", vkb, disable_pointer, .since = XEN(4, 12), .type = "0|1",
          .xml = "metadata", .doc = "no pointer"),
    R_TRI("feature-abs-pointer", vkb, abs_pointer, .since = XEN(4, 12), .type = "0|1",
          .xml = "metadata", .doc = "absolute coordinates"),
    R_TRI("feature-raw-pointer", vkb, raw_pointer, .since = XEN(4, 12), .type = "0|1",
          .xml = "metadata", .doc = "unscaled coordinates"),
    R_TRI("feature-multi-touch", vkb, multi_touch, .since = XEN(4, 12), .type = "0|1",
          .xml = "metadata", .doc = "multi-touch"),
    R_NUM("multi-touch-width", vkb, multi_touch_width, .since = XEN(4, 12), .type = "pixels",
          .xml = "metadata", .doc = "of the touch area"),
    R_NUM("multi-touch-height", vkb, multi_touch_height, .since = XEN(4, 12), .type = "pixels",
          .xml = "metadata", .doc = "of the touch area"),
    R_NUM("multi-touch-num-contacts", vkb, multi_touch_contacts, .since = XEN(4, 12),
          .type = "number", .xml = "metadata", .doc = "touches at a time"),
    R_NUM("width", vkb, width, .since = XEN(4, 12), .type = "pixels", .xml = "metadata",
          .doc = "of the pointer's area"),
    R_NUM("height", vkb, height, .since = XEN(4, 12), .type = "pixels", .xml = "metadata",
          .doc = "of the pointer's area"),
};
TABLE(vkb, "vkb.")

/* ---- vdispl ---- */
/* ID:WIDTHxHEIGHT, cut up in place */
static bool read_connector(char *text, struct connector *ret)
{
    char *colon = strrchr(text, ':'), *by = colon ? strchr(colon, 'x') : NULL;
    int64_t width, height;
    if (!by)
        return false;
    *colon = *by = '\0';
    if (!parse_i64(colon + 1, 10, 0, INT32_MAX, &width) ||
        !parse_i64(by + 1, 10, 0, INT32_MAX, &height))
        return false;
    *ret = (struct connector){mem_str(text), NUM(width), NUM(height)};
    return true;
}

static int read_connectors(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    struct vdispl *d = rec;
    CLEANUP_FREE char *copy = mem_str(v->text ? v->text : "");
    char *save = NULL;
    for (char *p = strtok_r(copy, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
        struct connector k;
        if (!read_connector(p, &k))
            return conf_error(c, v->pos, "'%s': expected connectors=ID:WIDTHxHEIGHT;...",
                              v->text ? v->text : "");
        VEC_PUSH(d->connectors, d->n_connectors, k);
    }
    return 0;
}

static int write_connectors(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct vdispl *d = rec;
    CLEANUP_STR struct str s = {0};
    for (size_t i = 0; i < d->n_connectors; i++)
        str_addf(&s, "%s%s:%lldx%lld", s.len ? ";" : "",
                 d->connectors[i].id ? d->connectors[i].id : "",
                 (long long)d->connectors[i].width.v, (long long)d->connectors[i].height.v);
    if (s.len)
        spec_put(c, r->key, s.p);
    return 0;
}

static const struct row vdispl_rows[] = {
    R_STR("backend", vdispl, backend_domain, .since = XEN(4, 10), .type = "domain", .dflt = "0",
          .xml = "metadata", .doc = "domain that serves it"),
    R_TRI("be-alloc", vdispl, be_alloc, .since = XEN(4, 10), .type = "0|1", .dflt = "0",
          .xml = "metadata", .doc = "the backend allocates the buffers"),
    R_HOOK("connectors", read_connectors, write_connectors, .since = XEN(4, 10),
           .type = "ID:WIDTHxHEIGHT;...", .xml = "metadata", .doc = "the displays"),
};
TABLE(vdispl, "vdispl.")

/* ---- vsnd: lists of texts that begin with CARD, PCM or STREAM ---- */
static bool add_u32(const char *text, uint32_t **p, size_t *n)
{
    uint32_t rate;
    if (!parse_u32(text, 10, UINT32_MAX, &rate))
        return false;
    VEC_PUSH(*p, *n, rate);
    return true;
}

/* n;n;n or fmt;fmt */
static int read_series(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    struct vsnd_params *m = (void *)((char *)rec + r->offset);
    bool is_rate = strstr(r->key, "rates");
    struct value text = {VALUE_NUMBER, v->text ? v->text : "", NULL, 0, v->pos};
    spec_open(&x, &text);
    while (spec_next(&x, ';', &p)) {
        if (!is_rate)
            VEC_PUSH(m->sample_formats, m->n_sample_formats, mem_str(p.key));
        else if (!add_u32(p.key, &m->sample_rates, &m->n_sample_rates))
            return conf_error(c, p.pos, "'%s': expected sample rates as n;n;n", p.key);
    }
    return 0;
}

static int write_series(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct vsnd_params *m = (const void *)((const char *)rec + r->offset);
    CLEANUP_STR struct str s = {0};
    bool is_rate = strstr(r->key, "rates");
    for (size_t i = 0; i < (is_rate ? m->n_sample_rates : m->n_sample_formats); i++) {
        str_add(&s, i ? ";" : "");
        if (is_rate)
            str_addf(&s, "%u", m->sample_rates[i]);
        else
            str_add(&s, m->sample_formats[i]);
    }
    if (s.len)
        spec_put(c, r->key, s.p);
    return 0;
}

#define SERIES(k, T, what) \
    { \
        .key = k, .kind = ROW_HOOK, .read = read_series, .write = write_series, \
        ROW_AT(T, params, struct vsnd_params), .since = XEN(4, 12), .type = "values, ';' between", \
        .xml = "metadata", .doc = what \
    }
#define PARAM(k, T, m, what) \
    R_NUM(k, T, params.m, .base = 10, .since = XEN(4, 12), .type = "number", .xml = "metadata", \
          .doc = what)
#define PARAMS(T) \
    SERIES("sample-rates", T, "sample rates in Hz"), \
        SERIES("sample-formats", T, "sample formats"), \
        PARAM("channels-min", T, channels_min, "fewest channels"), \
        PARAM("channels-max", T, channels_max, "most channels"), \
        PARAM("buffer-size", T, buffer_size, "bytes of the buffer")
#define VSND_STR(k, T, m, what) \
    R_STR(k, T, m, .since = XEN(4, 12), .type = "text", .xml = "metadata", .doc = what)

static const struct row vsnd_card_rows[] = {
    VSND_STR("backend", vsnd, backend_domain, "domain that serves it"),
    VSND_STR("short-name", vsnd, short_name, "name of the card"),
    VSND_STR("long-name", vsnd, long_name, "long name of the card"),
    PARAMS(vsnd),
};
TABLE(vsnd_card, "vsnd.card.")

static const struct row vsnd_pcm_rows[] = {
    VSND_STR("name", vsnd_pcm, name, "name of the PCM device"),
    PARAMS(vsnd_pcm),
};
TABLE(vsnd_pcm, "vsnd.pcm.")

static int read_stream_type(struct conf_ctx *c, const struct row *r, void *rec,
                            const struct value *v)
{
    struct vsnd_stream *s = rec;
    if (!strcasecmp(v->text ? v->text : "", "p"))
        s->type = VSND_PLAYBACK;
    else if (!strcasecmp(v->text ? v->text : "", "c"))
        s->type = VSND_CAPTURE;
    else
        return conf_error(c, v->pos, "'%s': expected type=p or type=c", v->text ? v->text : "");
    return 0;
}

static int write_stream_type(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct vsnd_stream *s = rec;
    if (s->type)
        spec_put(c, r->key, s->type == VSND_PLAYBACK ? "p" : "c");
    return 0;
}

static const struct row vsnd_stream_rows[] = {
    VSND_STR("unique-id", vsnd_stream, id, "which stream of the backend"),
    R_STR("id", vsnd_stream, id, .flags = ROW_READ_ONLY, .since = XEN(4, 12), .type = "text",
          .doc = "the manual's name for unique-id"),
    R_HOOK("type", read_stream_type, write_stream_type, .since = XEN(4, 12), .type = "p|c",
           .xml = "metadata", .doc = "playback or capture"),
    PARAMS(vsnd_stream),
};
TABLE(vsnd_stream, "vsnd.stream.")

/* ---- virtio ---- */
static const struct row virtio_rows[] = {
    R_STR("backend", virtio, backend_domain, .since = XEN(4, 18), .type = "domain", .dflt = "0",
          .xml = "metadata", .doc = "domain that serves it"),
    R_STR("type", virtio, type, .since = XEN(4, 18), .type = "virtio,deviceN or a device tree name",
          .xml = "metadata", .doc = "kind of device"),
    R_STR("transport", virtio, transport, .since = XEN(4, 18), .type = "mmio", .xml = "metadata",
          .doc = "how the guest reaches it"),
    R_TRI("grant_usage", virtio, grant_usage, .since = XEN(4, 18), .type = "0|1", .xml = "metadata",
          .doc = "use grants"),
};
TABLE(virtio, "virtio.")
