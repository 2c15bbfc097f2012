/* xen-json: libxl_domain_config as `xl list -l` and `xl create -N` print it, one row a field. */
#include "base/vec.h"
#include "conf/json_rows.h"
#include "conf/xml_domain.h"

static const char *const life_names[] = {
    NULL,       "destroy",          "restart",          "restart_rename",
    "preserve", "coredump_destroy", "coredump_restart", "soft_reset"};
static const struct words life_words = {life_names, 8};

/* ---- c_info ---- */

static const char *static_label(const struct domain *d)
{
    for (size_t i = 0; i < d->n_seclabels; i++)
        if (d->seclabels[i].type == SECLABEL_STATIC && d->seclabels[i].label)
            return d->seclabels[i].label;
    return d->seclabel_native;
}

/* With init_seclabel the guest starts with that one and gets the other when it is built. */
int json_write_label(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_exec = str_eq(r->key, "exec_ssid_label");
    const char *label = is_exec == (d->init_seclabel != NULL) ? static_label(d) : d->init_seclabel;
    if (is_exec && !d->init_seclabel)
        label = NULL;
    if (label)
        json_put_string(&json_io(c)->out, r->key, label);
    return 0;
}

int json_read_label(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const char *text = json_want_text(c, r->key, json_io(c)->node);
    if (!text)
        return -1;
    if (str_eq(r->key, "exec_ssid_label")) {
        free(d->init_seclabel);
        d->init_seclabel = d->seclabel_native; /* c_info comes first */
        d->seclabel_native = NULL;
    }
    str_set(&d->seclabel_native, text);
    return 0;
}

static int read_domid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t id;
    if (json_want_int(c, r->key, json_io(c)->node, 0, UINT32_MAX, &id))
        return -1;
    if (id < 0x7ff0) /* above are names for no domain and the like */
        d->id = NUM(id);
    return 0;
}

static int read_poolid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int64_t id;
    if (json_want_int(c, r->key, json_io(c)->node, 0, UINT32_MAX, &id))
        return -1;
    if (!d->pool && id)
        d->pool = mem_printf("%lld", (long long)id);
    return 0;
}

static const struct row create_rows[] = {
    J_KEEP_ENUM("type", domain, type, guest_type, &guest_type_words, .xml = "<os><type>"),
    J_DEFBOOL("hap", domain, features.hap, .xml = "<hap/>"),
    J_DEFBOOL("oos", domain, oos),
    J_NUM("ssidref", domain, ssidref),
    J_HOOK("ssid_label", json_read_label, json_write_label, .type = "text", .xml = "<seclabel>"),
    J_STR("name", domain, name, .xml = "<name>"),
    J_HOOK("domid", read_domid, NULL, .since = XEN(4, 14), .type = "number", .xml = "<domain id>"),
    R_UUID("uuid", domain, uuid, .xml = "<uuid>"),
    J_HOOK("xsdata", json_read_attrs, json_write_attrs, .offset = offsetof(struct domain, xsdata),
           .count_offset = offsetof(struct domain, n_xsdata), .type = "object"),
    J_HOOK("platformdata", json_read_attrs, json_write_attrs,
           .offset = offsetof(struct domain, platformdata),
           .count_offset = offsetof(struct domain, n_platformdata), .type = "object"),
    J_HOOK("poolid", read_poolid, NULL, .type = "number"),
    J_STR("pool_name", domain, pool),
    J_DEFBOOL("run_hotplug_scripts", domain, run_hotplug_scripts),
    J_DEFBOOL("driver_domain", domain, driver_domain),
    J_ENUM("passthrough", domain, features.passthrough, passthrough, &passthrough_words, "default",
           .since = XEN(4, 13), .xml = "<xen><passthrough>"),
    J_DEFBOOL("xend_suspend_evtchn_compat", domain, xend_suspend_evtchn_compat,
              .since = XEN(4, 14)),
    J_DEFBOOL("pvh", domain, pvh_v1, .until = XEN(4, 8)),
};
static const struct row_table create_table = JSON_TABLE("c_info.", create_rows);

/* ---- device lists without hooks, the whole ---- */

static int read_dtdevs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    struct domain *d = rec;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const struct json *path = json_get(&node->items[i], "path");
        const char *text = path ? json_want_text(c, "path", path) : NULL;
        if (!text)
            return path ? -1 : conf_error(c, json_pos(&node->items[i]), "a dtdev needs a 'path'");
        VEC_PUSH(d->dtdevs, d->n_dtdevs, mem_str(text));
        json_note_fields(c, r->sub, &node->items[i], NULL);
    }
    return rc;
}

static const struct row dtdev_rows[] = {
    J_PART("path", .type = "path"),
};
static const struct row_table dtdev_table = JSON_TABLE("dtdevs.", dtdev_rows);

static int write_dtdevs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    struct json_out *out = &json_io(c)->out;
    if (!d->n_dtdevs)
        return 0;
    json_open(out, r->key, '[');
    for (size_t i = 0; i < d->n_dtdevs; i++) {
        json_open(out, NULL, '{');
        json_put_string(out, "path", d->dtdevs[i]);
        json_close(out, '}');
    }
    json_close(out, ']');
    return 0;
}

/* A list whose reader looks at the whole afterwards. */
#define LIST_HOOK(k, m, I, rd, table, ...) \
    { \
        .key = k, .kind = ROW_HOOK, .read = rd, .write = json_write_list, \
        .offset = offsetof(struct domain, m), .count_offset = offsetof(struct domain, n_##m), \
        .item = &I##_rec, .sub = &(table), __VA_ARGS__ \
    }
#define LIFE(k, m) J_ENUM(k, domain, m, lifecycle, &life_words, "destroy", .xml = "<" k ">")

static const struct row config_rows[] = {
    J_OBJECT("c_info", create_table),
    J_OBJECT("b_info", json_build_table),
    LIST_HOOK("disks", disks, disk, json_read_disks, json_disk_table, .xml = "<disk>"),
    LIST_HOOK("nics", nics, nic, json_read_nics, json_nic_table, .xml = "<interface>"),
    J_HOOK("pcidevs", json_read_pcidevs, json_write_pcidevs, .sub = &json_pci_table,
           .xml = "<hostdev>"),
    R_IGNORE("rdms", "libxl computes them"),
    J_HOOK("dtdevs", read_dtdevs, write_dtdevs, .sub = &dtdev_table, .type = "list"),
    J_HOOK("vfbs", json_read_vfbs, json_write_vfbs, .sub = &json_vfb_table, .xml = "<graphics>"),
    J_HOOK("vkbs", json_read_vkbs, json_write_vkbs, .sub = &json_vkb_table),
    J_LIST("virtios", domain, virtios, virtio, json_virtio_table, .since = XEN(4, 18)),
    J_LIST("vtpms", domain, vtpms, vtpm, json_vtpm_table),
    J_LIST("p9s", domain, p9s, p9, json_p9_table, .since = XEN(4, 10)),
    J_LIST("pvcallsifs", domain, pvcalls, pvcalls, json_pvcalls_table, .since = XEN(4, 11)),
    J_LIST("vdispls", domain, vdispls, vdispl, json_vdispl_table, .since = XEN(4, 10)),
    J_LIST("vsnds", domain, vsnds, vsnd, json_vsnd_table, .since = XEN(4, 12)),
    J_HOOK("channels", json_read_channels, json_write_channels, .sub = &json_channel_table, .type = "list", .xml = "<channel>"),
    J_HOOK("usbctrls", json_read_usbctrls, json_write_usbctrls, .sub = &json_usbctrl_table, .since = XEN(4, 7), .type = "list",
           .xml = "<controller type='usb'>"),
    J_HOOK("usbdevs", json_read_usbdevs, json_write_usbdevs, .sub = &json_usbdev_table, .since = XEN(4, 7), .type = "list",
           .xml = "<hostdev type='usb'>"),
    LIFE("on_poweroff", on_poweroff),
    LIFE("on_reboot", on_reboot),
    LIFE("on_watchdog", on_watchdog),
    LIFE("on_crash", on_crash),
    J_ENUM("on_soft_reset", domain, on_soft_reset, lifecycle, &life_words, "destroy",
           .since = XEN(4, 7)),
};
static const struct row_table config_table = JSON_TABLE("", config_rows);

/* ---- the codec ---- */

/* libxl leaves out what has its initial value; these have one that is not "unset". */
static void finish(struct conf_ctx *c, struct domain *d)
{
    enum lifecycle *const all[] = {&d->on_poweroff, &d->on_reboot, &d->on_watchdog, &d->on_crash,
                                   &d->on_soft_reset};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (!*all[i])
            *all[i] = LIFE_DESTROY;
    if (!d->vcpus_max.set)
        d->vcpus_max = d->vcpus;
    if (!d->clock.offset)
        d->clock.offset = CLOCK_UTC;
    if (!(c->o->flags & CONF_RAW))
        xml_say_nested(d);
    if (d->type == GUEST_HVM)
        json_finish_hvm(c, d);
    else
        d->clock.adjustment_reset = TRI_YES;
}

static int read_config(struct conf_ctx *c, const struct json *config, const struct json *domid,
                       struct domains *ret)
{
    struct domain *d = domain_new();
    const struct json *c_info = json_get(config, "c_info");
    domains_add(ret, d);
    c->d = d;
    if (json_want(c, "config", config, JSON_OBJECT))
        return -1;
    if (!c_info)
        return conf_error(c, json_pos(config),
                          "this is no libxl_domain_config: it has no 'c_info'");
    int64_t id;
    if (domid && !json_want_int(c, "domid", domid, 0, UINT32_MAX, &id))
        d->id = NUM(id);
    const struct json *type = c_info ? json_get(c_info, "type") : NULL;
    int known = type && type->kind == JSON_STRING ? words_find(&guest_type_words, type->text) : -1;
    d->type = known > 0 ? (enum guest_type)known : 0; /* the rest depends on it */
    int rc = json_read_rows(c, &config_table, d, config);
    if (!rc && !d->type)
        rc = conf_error(c, json_pos(c_info), "'c_info' has no 'type'");
    if (!rc && str_empty(d->name))
        rc = conf_error(c, json_pos(c_info), "'c_info' has no 'name'");
    finish(c, d);
    if (c->o->flags & CONF_INACTIVE)
        d->id = (struct num){0};
    return rc;
}

/* `xl list -l` wraps each: {"domid": 5, "config": {...}} */
static int read_one(struct conf_ctx *c, const struct json *v, struct domains *ret)
{
    static const struct row rows[] = {J_PART("domid"), J_PART("config", .sub = &config_table)};
    static const struct row_table table = JSON_TABLE("", rows);
    const struct json *config = json_get(v, "config");
    if (!config)
        return read_config(c, v, NULL, ret);
    int rc = read_config(c, config, json_get(v, "domid"), ret);
    json_note_rest(c, &table, v, config);
    return rc;
}

static int json_codec_read(struct conf_ctx *c, const char *text, size_t len, struct domains *ret)
{
    struct json_io io = {0};
    struct json doc = {0};
    struct err e = {0};
    int rc = 0;
    c->format = &io;
    if (json_parse(text, len, &doc, &e))
        return conf_error(c, (struct pos){0}, "%s", e.msg);
    if (doc.kind == JSON_ARRAY)
        for (size_t i = 0; i < doc.n_items && i <= CONF_DOMAINS_MAX; i++)
            rc |= read_one(c, &doc.items[i], ret);
    else
        rc = read_one(c, &doc, ret);
    json_clear(&doc);
    return rc;
}

static int json_codec_write(struct conf_ctx *c, const struct domain *d, struct str *out)
{
    struct json_io io = {.out = {.text = out}};
    c->format = &io;
    json_open(&io.out, NULL, '{');
    int rc = json_write_rows(c, &config_table, d);
    json_close(&io.out, '}');
    str_addc(out, '\n');
    return rc;
}

static const struct row_table *const tables[] = {
    &config_table,       &create_table,    &json_build_table,  &json_sched_table,
    &json_iomem_table,   &json_pv_table,   &json_pvh_table,    &json_hvm_table,
    &json_vnc_table,     &json_sdl_table,  &json_spice_table,  &json_rdm_table,
    &json_smbios_table,  &json_arm_table,  &json_x86_table,    &json_disk_table,
    &json_nic_table,     &json_pci_table,  &json_vfb_table,    &json_vkb_table,
    &json_usbctrl_table, &json_usbdev_table, &json_usbhost_table, &json_channel_table,
    &json_socket_table, &dtdev_table, &json_ioports_table, &json_vnuma_table, &json_cpuid_table,
    &json_vga_table, &json_vtpm_table, &json_p9_table,     &json_pvcalls_table,
    &json_vdispl_table,  &json_vsnd_table, &json_virtio_table, NULL,
};

const struct codec json_codec = {
    .format = CONF_JSON,
    .name = "xen-json",
    .read = json_codec_read,
    .write = json_codec_write,
    .tables = tables,
    .is_libxl = true,
};
