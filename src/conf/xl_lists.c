/* Hooks of the keys that hold lists or little languages. */
#include "base/vec.h"
#include "conf/chr.h"
#include "conf/xl_doc.h"
#include "conf/xml_domain.h"
#include "model/diskname.h"

static struct cfg_out *out(struct conf_ctx *c)
{
    return cfg_out(c);
}

/* ---- a list whose items are texts: one function reads an item, one writes it ---- */
static int read_disk(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct disk *k = DOMAIN_ADD(d, disks);
    int rc = out(c)->dialect == CFG_XM ? spec_read_xm_disk(c, v, k) : spec_read_disk(c, v, k);
    if (rc)
        return rc;
    if (str_starts(k->target, "fd"))
        k->device = DISK_FLOPPY;
    k->bus = d->type != GUEST_HVM || str_starts(k->target, "xvd") || disk_number(k->target) < 0
                 ? BUS_XEN
             : str_starts(k->target, "sd") ? BUS_SCSI
                                           : BUS_IDE;
    if (k->device == DISK_FLOPPY)
        k->bus = BUS_FDC;
    if (!(c->o->flags & CONF_RAW))
        xml_sort_disks(d); /* the order that XML would give them */
    return 0;
}

int xl_read_disks(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_disk);
}

int xl_write_disks(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int rc = 0;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_disks; i++) {
        const struct disk *k = &d->disks[i];
        bool is_xm = out(c)->dialect == CFG_XM;
        if (is_xm && k->device == DISK_FLOPPY && d->type == GUEST_HVM)
            continue; /* the keys fda and fdb */
        if (!is_xm && k->device == DISK_FLOPPY && str_empty(k->source))
            continue; /* a drive with nothing in it, which xl does not have */
        rc |= is_xm ? spec_write_xm_disk(c, k) : spec_write_disk(c, k);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return rc;
}

static int read_nic(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    return spec_read_nic(c, v, DOMAIN_ADD(d, nics));
}

int xl_read_nics(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_nic);
}

int xl_write_nics(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_nics; i++) {
        spec_write_nic(c, &d->nics[i]);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

static int read_pci(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    return spec_read_pci(c, v, DOMAIN_ADD(d, hostdevs));
}

int xl_read_pci(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_pci);
}

int xl_write_pci(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_hostdevs; i++)
        if (d->hostdevs[i].type == HOSTDEV_PCI) {
            spec_write_pci(c, &d->hostdevs[i]);
            spec_item(c);
        }
    cfg_list_end(out(c));
    return 0;
}

/* ---- USB ---- */
static int read_usbctrl(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t index = 0;
    for (size_t i = 0; i < d->n_controllers; i++)
        index += d->controllers[i].type == CTL_USB;
    struct controller *k = DOMAIN_ADD(d, controllers);
    k->type = CTL_USB;
    k->index = NUM(index);
    return spec_read(c, &spec_usbctrl_table, k, v, SPEC_TRIM);
}

int xl_read_usbctrl(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_usbctrl);
}

int xl_write_usbctrl(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_controllers; i++) {
        const struct controller *k = &d->controllers[i];
        if (k->type != CTL_USB)
            continue;
        if (k->model)
            conf_note(c, REPORT_LOST, "usbctrl.type", (struct pos){0},
                      "xl has no USB controller of the model '%s'", k->model);
        spec_write(c, &spec_usbctrl_table, k);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

static int read_usbdev(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct hostdev *h = DOMAIN_ADD(d, hostdevs);
    h->type = HOSTDEV_USB;
    if (spec_read(c, &spec_usbdev_table, h, v, SPEC_TRIM))
        return -1;
    if (!h->usb_bus.set || !h->usb_device.set)
        return conf_error(c, v->pos, "'%s': expected hostbus= and hostaddr=", v->text);
    return 0;
}

int xl_read_usbdev(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_usbdev);
}

int xl_write_usbdev(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        const struct hostdev *h = &d->hostdevs[i];
        if (h->type != HOSTDEV_USB)
            continue;
        if (!h->usb_bus.set) {
            conf_note(c, REPORT_LOST, "usbdev", (struct pos){0},
                      "xl names USB devices by bus and address, not by vendor and product");
            continue;
        }
        spec_write(c, &spec_usbdev_table, h);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

/* usbdevice: tablet, mouse and keyboard are inputs, host:... and others words of QEMU's */
static int read_usb_word(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int type = words_find(&input_type_words, v->text);
    if (type >= INPUT_MOUSE && type <= INPUT_KEYBOARD) {
        struct input *k = DOMAIN_ADD(d, inputs);
        k->type = type;
        k->bus = INPUT_BUS_USB;
    } else if (*v->text)
        VEC_PUSH(d->usb_devices, d->n_usb_devices, mem_str(v->text));
    return 0;
}

int xl_read_usbdevice(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_usb_word);
}

static bool is_usb_word(const struct input *k)
{
    return k->bus == INPUT_BUS_USB && k->type >= INPUT_MOUSE && k->type <= INPUT_KEYBOARD;
}

/* usb = 1 stands in front of it. */
int xl_write_usbdevice(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    CLEANUP_FREE const char **words = mem_new(d->n_inputs + d->n_usb_devices + 1, sizeof(*words));
    size_t n = 0;
    for (size_t i = 0; i < d->n_inputs; i++)
        if (is_usb_word(&d->inputs[i]))
            words[n++] = words_name(&input_type_words, (int)d->inputs[i].type);
    for (size_t i = 0; i < d->n_usb_devices; i++)
        words[n++] = d->usb_devices[i];
    if (d->usb || n)
        cfg_put_raw(out(c), "usb", d->usb == TRI_NO ? "0" : "1");
    if (n == 1)
        cfg_put_text(out(c), r->key, words[0]);
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; n > 1 && i < n; i++)
        cfg_list_text(out(c), words[i]);
    cfg_list_end(out(c));
    return 0;
}

/* ---- serial and parallel ports: "none" is a hole ---- */
static struct chr *add_port(struct domain *d, const struct row *r)
{
    return *r->key == 's' ? DOMAIN_ADD(d, serials) : DOMAIN_ADD(d, parallels);
}

static int read_port(struct conf_ctx *c, const struct row *r, struct domain *d,
                     const struct value *v, int64_t number)
{
    if (!v->text)
        return conf_error(c, v->pos, "'%s' wants texts", r->key);
    if (!*v->text || !strcmp(v->text, "none"))
        return 0;
    struct chr *k = add_port(d, r);
    k->port = NUM(number);
    return chr_parse(c, v->pos, r->key, v->text, k);
}

int xl_read_ports(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    int rc = 0;
    if (v->kind != VALUE_LIST)
        return read_port(c, r, rec, v, 0);
    for (size_t i = 0; i < v->n_items; i++)
        rc |= read_port(c, r, rec, &v->items[i], (int64_t)i);
    return rc;
}

static const struct chr *port_at(const struct chr *list, size_t n, int64_t port)
{
    for (size_t i = 0; i < n; i++)
        if (num_or(list[i].port, (int64_t)i) == port)
            return &list[i];
    return NULL;
}

static int write_port_list(struct conf_ctx *c, const struct row *r, const struct chr *list,
                           size_t n, int64_t last)
{
    int rc = 0;
    cfg_list_begin(out(c), r->key);
    for (int64_t port = 0; port <= last; port++) {
        CLEANUP_STR struct str s = {0};
        const struct chr *k = port_at(list, n, port);
        if (!k)
            str_add(&s, "none");
        else
            rc |= chr_format(c, r->key, k, &s);
        cfg_list_text(out(c), str_get(&s));
    }
    cfg_list_end(out(c));
    return rc;
}

enum { PORTS_MAX = 64 }; /* of a kind; QEMU has four */

/* libvirt says "none" where an HVM guest has no port. */
int xl_write_ports(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_serial = *r->key == 's';
    const struct chr *list = is_serial ? d->serials : d->parallels;
    size_t n = is_serial ? d->n_serials : d->n_parallels;
    CLEANUP_STR struct str s = {0};
    int64_t last = 0;
    if (d->type != GUEST_HVM)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (num_or(list[i].port, (int64_t)i) > last)
            last = num_or(list[i].port, (int64_t)i);
    if (last >= PORTS_MAX)
        return conf_error(c, (struct pos){0}, "'%s' has port %lld; at most %d fit", r->key,
                          (long long)last, PORTS_MAX);
    if (last)
        return write_port_list(c, r, list, n, last);
    if (!n && c->o->flags & CONF_RAW)
        return 0;
    if (!n)
        str_add(&s, "none");
    else if (chr_format(c, r->key, port_at(list, n, 0), &s))
        return -1;
    cfg_put_text(out(c), r->key, str_get(&s));
    return 0;
}

/* ---- channels ---- */
static int read_channel(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct chr *k = DOMAIN_ADD(d, channels);
    str_set(&k->target_type, "xen");
    if (spec_read(c, &spec_channel_table, k, v, SPEC_TRIM | SPEC_LOSE))
        return -1;
    if (!k->type)
        return conf_error(c, v->pos, "'%s': expected connection=pty or connection=socket", v->text);
    if (c->o->flags & CONF_RAW)
        return 0;
    if (k->type == CHR_UNIX && str_empty(k->path))
        return conf_error(c, v->pos, "'%s': connection=socket needs path=", v->text);
    if (k->type == CHR_PTY && k->path) {
        conf_note(c, REPORT_WARNING, "channel", v->pos,
                  "a pty's path is found out, not said: '%s' counts for nothing, as in xl",
                  k->path);
        str_set(&k->path, NULL);
    }
    return 0;
}

int xl_read_channels(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_channel);
}

int xl_write_channels(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_channels; i++) {
        const struct chr *k = &d->channels[i];
        if (k->type != CHR_PTY && k->type != CHR_UNIX) {
            const char *word = words_name(&chr_type_words, (int)k->type);
            conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "a channel of type '%s'",
                      word ? word : "none");
            continue;
        }
        spec_write(c, &spec_channel_table, k);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

/* ---- devices by rows alone ---- */
#define SIMPLE(name, list, T, table, flags) \
    static int read_one_##name(struct conf_ctx *c, void *rec, const struct value *v) \
    { \
        struct domain *d = rec; \
        return spec_read(c, &table, DOMAIN_ADD(d, list), v, flags); \
    } \
    int xl_read_##name(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v) \
    { \
        return xl_each(c, r, rec, v, read_one_##name); \
    } \
    int xl_write_##name(struct conf_ctx *c, const struct row *r, const void *rec) \
    { \
        const struct domain *d = rec; \
        cfg_list_begin(out(c), r->key); \
        for (size_t i = 0; i < d->n_##list; i++) { \
            spec_write(c, &table, &d->list[i]); \
            spec_item(c); \
        } \
        cfg_list_end(out(c)); \
        return 0; \
    }
SIMPLE(vtpm, vtpms, vtpm, spec_vtpm_table, SPEC_TRIM)
SIMPLE(p9, p9s, p9, spec_p9_table, SPEC_TRIM)
SIMPLE(pvcalls, pvcalls, pvcalls, spec_pvcalls_table, SPEC_TRIM)
SIMPLE(vdispl, vdispls, vdispl, spec_vdispl_table, SPEC_TRIM)
SIMPLE(vkb, vkbs, vkb, spec_vkb_table, SPEC_TRIM)

/* ---- virtio: a type that begins with "virtio" takes the next part too (type=virtio,device22) ----
 */
enum { HIDDEN_COMMA = '\x1f' };

static int read_virtio(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct virtio *k = DOMAIN_ADD(d, virtios);
    CLEANUP_FREE char *text = mem_str(v->text);
    struct value hidden = *v;
    char *type = strstr(text, "type=virtio"), *comma = type ? strchr(type, ',') : NULL;
    if (comma)
        *comma = HIDDEN_COMMA;
    hidden.text = text;
    int rc = spec_read(c, &spec_virtio_table, k, &hidden, SPEC_TRIM | SPEC_LOSE);
    comma = k->type ? strchr(k->type, HIDDEN_COMMA) : NULL;
    if (comma)
        *comma = ',';
    return rc;
}

int xl_read_virtio(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_virtio);
}

int xl_write_virtio(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_virtios; i++) {
        struct virtio k = d->virtios[i];
        bool is_odd = k.type && strchr(k.type, ',') && str_starts(k.type, "virtio");
        if (is_odd) { /* past the check for commas */
            str_addf(&out(c)->item, "type=%s", k.type);
            k.type = NULL;
        }
        spec_write(c, &spec_virtio_table, &k);
        spec_item(c);
    }
    cfg_list_end(out(c));
    return 0;
}

/* ---- vsnd: a list of texts a card; each begins with CARD, PCM or STREAM ---- */
static int read_sound_part(struct conf_ctx *c, struct vsnd *card, const struct value *v)
{
    CLEANUP_FREE char *word =
        mem_strn(v->text ? v->text : "", strcspn(v->text ? v->text : "", ","));
    size_t n = strlen(word);
    while (n && word[n - 1] == ' ')
        word[--n] = '\0';
    const char *comma = v->text ? strchr(v->text, ',') : NULL;
    struct value rest = {VALUE_STRING, comma ? comma + 1 : "", NULL, 0, v->pos};
    rest.pos.col += comma ? (int)(comma - v->text) + 1 : 0;
    struct vsnd_pcm *pcm = card->n_pcms ? &card->pcms[card->n_pcms - 1] : NULL;
    if (!strcasecmp(word, "card"))
        return spec_read(c, &spec_vsnd_card_table, card, &rest, SPEC_TRIM);
    if (!strcasecmp(word, "pcm"))
        return spec_read(c, &spec_vsnd_pcm_table, DOMAIN_ADD(card, pcms), &rest, SPEC_TRIM);
    if (strcasecmp(word, "stream") || !pcm)
        return conf_error(c, v->pos, "'%s': expected CARD, PCM or (behind a PCM) STREAM", word);
    return spec_read(c, &spec_vsnd_stream_table, DOMAIN_ADD(pcm, streams), &rest, SPEC_TRIM);
}

int xl_read_vsnd(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int rc = 0;
    if (v->kind != VALUE_LIST)
        return conf_error(c, v->pos, "'%s' wants a list of lists", r->key);
    for (size_t i = 0; i < v->n_items; i++) {
        const struct value *card = &v->items[i];
        struct vsnd *to = DOMAIN_ADD(d, vsnds);
        if (card->kind != VALUE_LIST)
            rc |= read_sound_part(c, to, card);
        for (size_t k = 0; card->kind == VALUE_LIST && k < card->n_items; k++)
            rc |= read_sound_part(c, to, &card->items[k]);
    }
    return rc;
}

static void write_sound_part(struct conf_ctx *c, const char *word, const struct row_table *t,
                             const void *rec)
{
    str_add(&out(c)->item, word);
    spec_write(c, t, rec);
    spec_item(c);
}

int xl_write_vsnd(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(out(c), r->key);
    for (size_t i = 0; i < d->n_vsnds; i++) {
        const struct vsnd *card = &d->vsnds[i];
        cfg_sub_begin(out(c));
        write_sound_part(c, "CARD", &spec_vsnd_card_table, card);
        for (size_t k = 0; k < card->n_pcms; k++) {
            write_sound_part(c, "PCM", &spec_vsnd_pcm_table, &card->pcms[k]);
            for (size_t j = 0; j < card->pcms[k].n_streams; j++)
                write_sound_part(c, "STREAM", &spec_vsnd_stream_table, &card->pcms[k].streams[j]);
        }
        cfg_sub_end(out(c));
    }
    cfg_list_end(out(c));
    return 0;
}
