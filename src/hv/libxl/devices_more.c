/* Channels, and the devices that have nothing but rows. */
#include "devices.h"

#include "base/str.h"

/* ---- channels ---- */

static int channel_main_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct chr *m = from;
    libxl_device_channel *x = to;
    if (!m->name)
        return fail(e, ERR_XML_ERROR, "a channel has no name");
    if (m->target_type && !str_eq(m->target_type, "xen"))
        return fail(e, ERR_CONFIG_UNSUPPORTED,
                    "channel '%s': target type '%s' is not possible on Xen", m->name,
                    m->target_type);
    if (m->type != CHR_PTY && m->type != CHR_UNIX)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "channel '%s': type '%s' is not possible on Xen",
                    m->name, words_name(&chr_type_words, (int)m->type));
    bool is_pty = m->type == CHR_PTY;
    libxl_device_channel_init_connection(x, is_pty ? LIBXL_CHANNEL_CONNECTION_PTY
                                                   : LIBXL_CHANNEL_CONNECTION_SOCKET);
    if (!is_pty)
        x->u.socket.path = m->path ? mem_str(m->path)
                                   : mem_printf("/run/xen/channel-%s-%s.sock", env->guest, m->name);
    return 0;
}

static void channel_main_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_device_channel *x = from;
    struct chr *m = to;
    bool is_socket = x->connection == LIBXL_CHANNEL_CONNECTION_SOCKET;
    m->type = is_socket ? CHR_UNIX : CHR_PTY;
    str_set(&m->target_type, "xen");
    if (is_socket)
        str_set(&m->path, x->u.socket.path);
    if (is_socket)
        m->listen = TRI_YES;
}

#define M struct chr
#define X libxl_device_channel
static const struct map_row channel_rows[] = {
    L_HOOK(ON_ALL, "channel", channel_main),
    L_STR(ON_ALL, "name", name, name),
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
};
#undef M
#undef X
static void channel_init(void *x)
{
    libxl_device_channel_init(x);
}
TABLE(channel, struct chr, libxl_device_channel);

/* ---- those with nothing but rows ---- */

#define M struct vtpm
#define X libxl_device_vtpm
static const struct map_row vtpm_rows[] = {
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_UUID(ON_ALL, "uuid", uuid, uuid),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
};
#undef M
#undef X
static void vtpm_init(void *x)
{
    libxl_device_vtpm_init(x);
}
TABLE(vtpm, struct vtpm, libxl_device_vtpm);

#ifdef LIBXL_HAVE_P9S
#ifdef LIBXL_HAVE_XEN_9PFS
static const struct map_pair p9_types[] = {
    {P9_QEMU, LIBXL_P9_TYPE_QEMU},
    {P9_XEN_9PFSD, LIBXL_P9_TYPE_XEN_9PFSD},
};
#endif
#define M struct p9
#define X libxl_device_p9
static const struct map_row p9_rows[] = {
    L_STR(ON_ALL, "tag", tag, tag),
    L_STR(ON_ALL, "path", path, path),
    L_STR(ON_ALL, "security_model", security_model, security_model),
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
#ifdef LIBXL_HAVE_XEN_9PFS
    L_ENUM(ON_ALL, "type", type, type, p9_types, 0),
    L_NUM(ON_ALL, "max-files", max_files, max_files, 0),
    L_NUM(ON_ALL, "max-open-files", max_open_files, max_open_files, 0),
    L_NUM(ON_ALL, "max-space", max_space_mib, max_space, 0),
    L_FLAG(ON_ALL, "auto-delete", auto_delete, auto_delete, 0),
#else
    L_ABSENT("type", type),
    L_ABSENT("max-files", max_files),
    L_ABSENT("max-open-files", max_open_files),
    L_ABSENT("max-space", max_space_mib),
    L_ABSENT("auto-delete", auto_delete),
#endif
};
#undef M
#undef X
static void p9_init(void *x)
{
    libxl_device_p9_init(x);
}
TABLE(p9, struct p9, libxl_device_p9);
#endif

#ifdef LIBXL_HAVE_PVCALLS
#define M struct pvcalls
#define X libxl_device_pvcallsif
static const struct map_row pvcalls_rows[] = {
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
};
#undef M
#undef X
static void pvcalls_init(void *x)
{
    libxl_device_pvcallsif_init(x);
}
TABLE(pvcalls, struct pvcalls, libxl_device_pvcallsif);

#define M struct connector
#define X libxl_connector_param
static const struct map_row connector_rows[] = {
#ifdef LIBXL_HAVE_EXTENDED_VKB
    L_STR(ON_ALL, "id", id, unique_id),
#else
    L_STR(ON_ALL, "id", id, id),
#endif
    L_NUM(ON_ALL, "width", width, width, 0),
    L_NUM(ON_ALL, "height", height, height, 0),
};
#undef M
#undef X
static void connector_init(void *x)
{
    libxl_connector_param_init(x);
}
MAP_TABLE(connector, struct connector, libxl_connector_param);

#define M struct vdispl
#define X libxl_device_vdispl
static const struct map_row vdispl_rows[] = {
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_FLAG(ON_ALL, "be-alloc", be_alloc, be_alloc, 0),
    L_LIST(ON_ALL, "connectors", connectors, connectors, connector_table),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
};
#undef M
#undef X
static void vdispl_init(void *x)
{
    libxl_device_vdispl_init(x);
}
TABLE(vdispl, struct vdispl, libxl_device_vdispl);
#endif

#ifdef LIBXL_HAVE_EXTENDED_VKB
static const struct map_pair vkb_backends[] = {
    {VKB_QEMU, LIBXL_VKB_BACKEND_QEMU},
    {VKB_LINUX, LIBXL_VKB_BACKEND_LINUX},
};
#endif
#define M struct vkb
#define X libxl_device_vkb
static const struct map_row vkb_rows[] = {
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
#ifdef LIBXL_HAVE_EXTENDED_VKB
    L_STR(ON_ALL, "unique-id", unique_id, unique_id),
    L_ENUM(ON_ALL, "backend-type", backend_type, backend_type, vkb_backends, 0),
    L_FLAG(ON_ALL, "feature-disable-keyboard", disable_keyboard, feature_disable_keyboard, 0),
    L_FLAG(ON_ALL, "feature-disable-pointer", disable_pointer, feature_disable_pointer, 0),
    L_FLAG(ON_ALL, "feature-abs-pointer", abs_pointer, feature_abs_pointer, 0),
    L_FLAG(ON_ALL, "feature-raw-pointer", raw_pointer, feature_raw_pointer, 0),
    L_FLAG(ON_ALL, "feature-multi-touch", multi_touch, feature_multi_touch, 0),
    L_NUM(ON_ALL, "width", width, width, 0),
    L_NUM(ON_ALL, "height", height, height, 0),
    L_NUM(ON_ALL, "multi-touch-width", multi_touch_width, multi_touch_width, 0),
    L_NUM(ON_ALL, "multi-touch-height", multi_touch_height, multi_touch_height, 0),
    L_NUM(ON_ALL, "multi-touch-num-contacts", multi_touch_contacts, multi_touch_num_contacts, 0),
#else
    L_ABSENT("unique-id", unique_id),
    L_ABSENT("backend-type", backend_type),
#endif
};
#undef M
#undef X
static void vkb_init(void *x)
{
    libxl_device_vkb_init(x);
}
TABLE(vkb, struct vkb, libxl_device_vkb);

#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
static int transport_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct virtio *m = from;
    if (m->transport &&
        libxl_virtio_transport_from_string(m->transport, &((libxl_device_virtio *)to)->transport))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not know transport '%s'",
                    m->transport);
    return 0;
}

static void transport_read(const struct map_env *env, const void *from, void *to)
{
    libxl_virtio_transport transport = ((const libxl_device_virtio *)from)->transport;
    if (transport)
        str_set(&((struct virtio *)to)->transport, libxl_virtio_transport_to_string(transport));
}

#define M struct virtio
#define X libxl_device_virtio
static const struct map_row virtio_rows[] = {
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_STR(ON_ALL, "type", type, type),
    L_HOOK(ON_ALL, "transport", transport),
    L_BOOL(ON_ALL, "grant_usage", grant_usage, grant_usage),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
    L_NUM(ON_ALL, "irq", irq, irq, 0),
    L_NUM(ON_ALL, "base", base, base, 0),
};
#undef M
#undef X
static void virtio_init(void *x)
{
    libxl_device_virtio_init(x);
}
TABLE(virtio, struct virtio, libxl_device_virtio);
#endif
