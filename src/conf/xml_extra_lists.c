/* Devices and lists that libvirt's XML has not, in <xvirt:domain>. */
#include "conf/xml_extra.h"

static const struct xrow attr_rows[] = {A_STR("name", attr, name), A_STR("value", attr, value)};
const struct xtable xml_attr_table = {XTABLE(attr_rows), XITEM(attr)};
static const struct xrow cpuid_leaf_rows[] = {
    A_STR("leaf", cpuid_leaf, leaf), A_STR("subleaf", cpuid_leaf, subleaf),
    A_STR("eax", cpuid_leaf, eax),   A_STR("ebx", cpuid_leaf, ebx),
    A_STR("ecx", cpuid_leaf, ecx),   A_STR("edx", cpuid_leaf, edx),
};
const struct xtable xml_cpuid_leaf_table = {XTABLE(cpuid_leaf_rows), XITEM(cpuid_leaf)};
static const struct xrow ioport_range_rows[] = {A_NUM("first", ioport_range, first),
                                                A_NUM("last", ioport_range, last)};
const struct xtable xml_ioport_range_table = {XTABLE(ioport_range_rows), XITEM(ioport_range)};
static const struct xrow iomem_range_rows[] = {A_NUM("start", iomem_range, start),
                                               A_NUM("count", iomem_range, count),
                                               A_NUM("gfn", iomem_range, gfn)};
const struct xtable xml_iomem_range_table = {XTABLE(iomem_range_rows), XITEM(iomem_range)};
static const struct xrow vtpm_rows[] = {
    A_STR("backend", vtpm, backend_domain),
    {.place = X_ATTR, .r = R_UUID("uuid", vtpm, uuid)},
    A_NUM("devid", vtpm, devid),
    A_STR("xend_instance", vtpm, xend_instance),
};
const struct xtable xml_vtpm_table = {XTABLE(vtpm_rows), XITEM(vtpm)};
static const struct xrow p9_rows[] = {
    A_STR("tag", p9, tag),
    A_STR("path", p9, path),
    A_STR("security_model", p9, security_model),
    A_STR("backend", p9, backend_domain),
    A_ENUM("type", p9, type, p9_type),
    A_NUM("max-files", p9, max_files),
    A_NUM("max-open-files", p9, max_open_files),
    A_NUM("max-space", p9, max_space_mib),
    A_TRI("auto-delete", p9, auto_delete),
    A_NUM("devid", p9, devid),
};
const struct xtable xml_p9_table = {XTABLE(p9_rows), XITEM(p9)};
static const struct xrow pvcalls_rows[] = {A_STR("backend", pvcalls, backend_domain),
                                           A_NUM("devid", pvcalls, devid)};
const struct xtable xml_pvcalls_table = {XTABLE(pvcalls_rows), XITEM(pvcalls)};
static const struct xrow vkb_rows[] = {
    A_STR("backend", vkb, backend_domain),
    A_STR("unique-id", vkb, unique_id),
    A_ENUM("backend-type", vkb, backend_type, vkb_backend),
    A_TRI("feature-disable-keyboard", vkb, disable_keyboard),
    A_TRI("feature-disable-pointer", vkb, disable_pointer),
    A_TRI("feature-abs-pointer", vkb, abs_pointer),
    A_TRI("feature-raw-pointer", vkb, raw_pointer),
    A_TRI("feature-multi-touch", vkb, multi_touch),
    A_NUM("width", vkb, width),
    A_NUM("height", vkb, height),
    A_NUM("multi-touch-width", vkb, multi_touch_width),
    A_NUM("multi-touch-height", vkb, multi_touch_height),
    A_NUM("multi-touch-num-contacts", vkb, multi_touch_contacts),
    A_NUM("devid", vkb, devid),
};
const struct xtable xml_vkb_table = {XTABLE(vkb_rows), XITEM(vkb)};
static const struct xrow connector_rows[] = {
    A_STR("id", connector, id),
    A_NUM("width", connector, width),
    A_NUM("height", connector, height),
};
static const struct xtable connector_table = {XTABLE(connector_rows), XITEM(connector)};
static const struct xrow vdispl_rows[] = {
    A_STR("backend", vdispl, backend_domain),
    A_TRI("be-alloc", vdispl, be_alloc),
    A_NUM("devid", vdispl, devid),
    XL("connector", vdispl, connectors, connector, connector_table),
};
const struct xtable xml_vdispl_table = {XTABLE(vdispl_rows), XITEM(vdispl)};
static const struct xrow vsnd_params_rows[] = {
    A_NUM("channels-min", vsnd_params, channels_min),
    A_NUM("channels-max", vsnd_params, channels_max),
    A_NUM("buffer-size", vsnd_params, buffer_size),
    E_U32S("sample-rate", vsnd_params, sample_rates),
    E_STRS("sample-format", vsnd_params, sample_formats),
};
static const struct xtable vsnd_params_table = {XTABLE(vsnd_params_rows), XITEM(vsnd_params)};
static const struct xrow vsnd_stream_rows[] = {
    A_STR("unique-id", vsnd_stream, id),
    A_ENUM("type", vsnd_stream, type, vsnd_stream_type),
    XE_AT("params", vsnd_stream, params, vsnd_params, vsnd_params_table),
};
static const struct xtable vsnd_stream_table = {XTABLE(vsnd_stream_rows), XITEM(vsnd_stream)};
static const struct xrow vsnd_pcm_rows[] = {
    A_STR("name", vsnd_pcm, name),
    XE_AT("params", vsnd_pcm, params, vsnd_params, vsnd_params_table),
    XL("stream", vsnd_pcm, streams, vsnd_stream, vsnd_stream_table),
};
static const struct xtable vsnd_pcm_table = {XTABLE(vsnd_pcm_rows), XITEM(vsnd_pcm)};
static const struct xrow vsnd_rows[] = {
    A_STR("backend", vsnd, backend_domain),
    A_STR("short-name", vsnd, short_name),
    A_STR("long-name", vsnd, long_name),
    A_NUM("devid", vsnd, devid),
    XE_AT("params", vsnd, params, vsnd_params, vsnd_params_table),
    XL("pcm", vsnd, pcms, vsnd_pcm, vsnd_pcm_table),
};
const struct xtable xml_vsnd_table = {XTABLE(vsnd_rows), XITEM(vsnd)};
static const struct xrow virtio_rows[] = {
    A_STR("backend", virtio, backend_domain),
    A_STR("type", virtio, type),
    A_STR("transport", virtio, transport),
    A_TRI("grant_usage", virtio, grant_usage),
    A_NUM("devid", virtio, devid),
    A_NUM("irq", virtio, irq),
    A_NUM("base", virtio, base),
};
const struct xtable xml_virtio_table = {XTABLE(virtio_rows), XITEM(virtio)};
static const struct xrow vscsi_rows[] = {
    A_STR("pdev", vscsi, pdev),
    A_STR("vdev", vscsi, vdev),
    A_STR("backend", vscsi, backend_domain),
    A_TRI("feature_host", vscsi, feature_host),
};
const struct xtable xml_vscsi_table = {XTABLE(vscsi_rows), XITEM(vscsi)};
static const struct xrow vusb_rows[] = {
    A_NUM("version", vusb, version),
    A_NUM("ports", vusb, ports),
    E_STRS("port", vusb, devices),
};
const struct xtable xml_vusb_table = {XTABLE(vusb_rows), XITEM(vusb)};
