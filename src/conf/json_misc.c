/* vtpms, p9s, pvcallsifs, vdispls, vsnds, virtios: devices that libvirt's XML has no word for. */
#include "base/vec.h"
#include "conf/json_rows.h"

#define BACKEND(T) J_BACKEND(T), R_NUM("devid", T, devid)

static const struct row vtpm_rows[] = {
    BACKEND(vtpm),
    R_UUID("uuid", vtpm, uuid),
};
const struct row_table json_vtpm_table = JSON_TABLE("vtpms.", vtpm_rows);

static const struct row p9_rows[] = {
    BACKEND(p9),
    J_STR("tag", p9, tag),
    J_STR("path", p9, path),
    J_STR("security_model", p9, security_model),
    J_KEEP_ENUM("type", p9, type, p9_type, &p9_type_words, .since = XEN(4, 19)),
    J_NUM("max_space", p9, max_space_mib, .since = XEN(4, 19)),
    J_NUM("max_files", p9, max_files, .since = XEN(4, 19)),
    J_NUM("max_open_files", p9, max_open_files, .since = XEN(4, 19)),
    J_FLAG("auto_delete", p9, auto_delete, .since = XEN(4, 19)),
};
const struct row_table json_p9_table = JSON_TABLE("p9s.", p9_rows);

static const struct row pvcalls_rows[] = {
    BACKEND(pvcalls),
};
const struct row_table json_pvcalls_table = JSON_TABLE("pvcallsifs.", pvcalls_rows);

/* The connector's name was "id" in Xen 4.10 and 4.11. */
static int read_id(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct connector *k = rec;
    const char *text = json_want_text(c, r->key, json_io(c)->node);
    str_set(&k->id, text);
    return text ? 0 : -1;
}

static int write_id(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct connector *k = rec;
    if (k->id)
        json_put_string(&json_io(c)->out, r->key, k->id);
    return 0;
}

static const struct row connector_rows[] = {
    J_HOOK("unique_id", read_id, write_id, .since = XEN(4, 12), .flags = JSON_OLDER,
           .type = "text"),
    J_HOOK("id", read_id, write_id, .until = XEN(4, 11), .type = "text"),
    J_NUM("width", connector, width),
    J_NUM("height", connector, height),
};
static const struct row_table connector_table = JSON_TABLE("vdispls.connectors.", connector_rows);

static const struct row vdispl_rows[] = {
    BACKEND(vdispl),
    J_FLAG("be_alloc", vdispl, be_alloc),
    J_LIST("connectors", vdispl, connectors, connector, connector_table),
};
const struct row_table json_vdispl_table = JSON_TABLE("vdispls.", vdispl_rows);

static int read_formats(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    struct vsnd_params *p = rec;
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const char *text = json_want_text(c, r->key, &node->items[i]);
        if (!text)
            return -1;
        VEC_PUSH(p->sample_formats, p->n_sample_formats, mem_str(text));
    }
    return rc;
}

static int write_formats(struct conf_ctx *c, const struct row *r, const void *rec)
{
    struct json_out *out = &json_io(c)->out;
    const struct vsnd_params *p = rec;
    if (!p->n_sample_formats)
        return 0;
    json_open(out, r->key, '[');
    for (size_t i = 0; i < p->n_sample_formats; i++)
        json_put_string(out, NULL, p->sample_formats[i]);
    json_close(out, ']');
    return 0;
}

static const struct row params_rows[] = {
    R_U32S("sample_rates", vsnd_params, sample_rates, n_sample_rates, .base = 10),
    J_HOOK("sample_formats", read_formats, write_formats, .type = "list"),
    J_NUM("channels_min", vsnd_params, channels_min),
    J_NUM("channels_max", vsnd_params, channels_max),
    J_NUM("buffer_size", vsnd_params, buffer_size),
};
static const struct row_table params_table = JSON_TABLE("vsnds.params.", params_rows);

static int read_params(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    if (json_want(c, r->key, node, JSON_OBJECT))
        return -1;
    return json_read_rows(c, r->sub, row_at(r, rec), node);
}

static int write_params(struct conf_ctx *c, const struct row *r, const void *rec)
{
    json_open(&json_io(c)->out, r->key, '{');
    int rc = json_write_rows(c, r->sub, row_at(r, rec));
    json_close(&json_io(c)->out, '}');
    return rc;
}

#define PARAMS(T) \
    J_HOOK("params", read_params, write_params, .offset = offsetof(struct T, params), \
           .sub = &params_table)

static const char *const stream_names[] = {NULL, "p", "c"};
static const struct words stream_words = {stream_names, 3};

static const struct row stream_rows[] = {
    J_STR("unique_id", vsnd_stream, id),
    J_KEEP_ENUM("type", vsnd_stream, type, vsnd_stream_type, &stream_words),
    PARAMS(vsnd_stream),
};
static const struct row_table stream_table = JSON_TABLE("vsnds.pcms.streams.", stream_rows);

static const struct row pcm_rows[] = {
    J_STR("name", vsnd_pcm, name),
    PARAMS(vsnd_pcm),
    J_LIST("streams", vsnd_pcm, streams, vsnd_stream, stream_table),
};
static const struct row_table pcm_table = JSON_TABLE("vsnds.pcms.", pcm_rows);

static const struct row vsnd_rows[] = {
    BACKEND(vsnd),
    J_STR("short_name", vsnd, short_name),
    J_STR("long_name", vsnd, long_name),
    PARAMS(vsnd),
    J_LIST("pcms", vsnd, pcms, vsnd_pcm, pcm_table),
};
const struct row_table json_vsnd_table = JSON_TABLE("vsnds.", vsnd_rows);

static const struct row virtio_rows[] = {
    BACKEND(virtio),
    J_STR("type", virtio, type),
    J_STR("transport", virtio, transport),
    J_DEFBOOL("grant_usage", virtio, grant_usage),
    J_NUM("irq", virtio, irq),
    J_NUM("base", virtio, base),
};
const struct row_table json_virtio_table = JSON_TABLE("virtios.", virtio_rows);
