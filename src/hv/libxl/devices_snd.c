/* Paravirtual sound cards (Xen 4.12 and later). */
#include "devices.h"

#ifdef LIBXL_HAVE_EXTENDED_VKB

static int params_lists_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct vsnd_params *m = from;
    libxl_vsnd_params *x = to;
    x->num_sample_rates = (int)m->n_sample_rates;
    x->sample_rates = mem_dup(m->sample_rates, m->n_sample_rates * sizeof(uint32_t));
    if (m->n_sample_formats)
        x->sample_formats = mem_new(m->n_sample_formats, sizeof(*x->sample_formats));
    for (size_t i = 0; i < m->n_sample_formats; i++) {
        x->num_sample_formats = (int)i + 1;
        if (libxl_vsnd_pcm_format_from_string(m->sample_formats[i], &x->sample_formats[i]))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "sound: unknown sample format '%s'",
                        m->sample_formats[i]);
    }
    return 0;
}

static void params_lists_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_vsnd_params *x = from;
    struct vsnd_params *m = to;
    m->n_sample_rates = (size_t)x->num_sample_rates;
    for (size_t i = 0; i < m->n_sample_rates; i++) {
        if (!i)
            m->sample_rates = mem_new(2 * m->n_sample_rates, sizeof(uint32_t));
        m->sample_rates[i] = x->sample_rates[i];
    }
    for (int i = 0; i < x->num_sample_formats; i++) {
        char *name = mem_str(libxl_vsnd_pcm_format_to_string(x->sample_formats[i]));
        VEC_PUSH(m->sample_formats, m->n_sample_formats, name);
    }
}

#define M struct vsnd_params
#define X libxl_vsnd_params
static const struct map_row params_rows[] = {
    L_HOOK(ON_ALL, "samples", params_lists),
    L_NUM(ON_ALL, "channels-min", channels_min, channels_min, 0),
    L_NUM(ON_ALL, "channels-max", channels_max, channels_max, 0),
    L_NUM(ON_ALL, "buffer-size", buffer_size, buffer_size, 0),
};
#undef M
#undef X
static const struct map_table params_table = {
    params_rows, sizeof(params_rows) / sizeof(*params_rows), sizeof(struct vsnd_params),
    sizeof(libxl_vsnd_params), NULL};

/* The parameters of a card, a PCM and a stream are the same struct within each. */
#define PARAMS_HOOK(name, ms, xs) \
    static int name##_params_write(const struct map_env *env, const void *from, void *to, \
                                   struct err *e) \
    { \
        return map_write(&params_table, env, &((const ms *)from)->params, &((xs *)to)->params, e); \
    } \
    static void name##_params_read(const struct map_env *env, const void *from, void *to) \
    { \
        map_read(&params_table, env, &((const xs *)from)->params, &((ms *)to)->params); \
    }
PARAMS_HOOK(stream, struct vsnd_stream, libxl_vsnd_stream)
PARAMS_HOOK(pcm, struct vsnd_pcm, libxl_vsnd_pcm)
PARAMS_HOOK(card, struct vsnd, libxl_device_vsnd)

static const struct map_pair stream_types[] = {
    {VSND_PLAYBACK, LIBXL_VSND_STREAM_TYPE_P},
    {VSND_CAPTURE, LIBXL_VSND_STREAM_TYPE_C},
};

#define M struct vsnd_stream
#define X libxl_vsnd_stream
static const struct map_row stream_rows[] = {
    L_STR(ON_ALL, "unique-id", id, unique_id),
    L_ENUM(ON_ALL, "type", type, type, stream_types, 0),
    L_HOOK(ON_ALL, "params", stream_params),
};
#undef M
#undef X
static void stream_init(void *x)
{
    libxl_vsnd_stream_init(x);
}
MAP_TABLE(stream, struct vsnd_stream, libxl_vsnd_stream);

#define M struct vsnd_pcm
#define X libxl_vsnd_pcm
#define num_streams num_vsnd_streams /* the names of these counts do not follow the arrays' */
#define num_pcms num_vsnd_pcms
static const struct map_row pcm_rows[] = {
    L_STR(ON_ALL, "name", name, name),
    L_LIST(ON_ALL, "stream", streams, streams, stream_table),
    L_HOOK(ON_ALL, "params", pcm_params),
};
#undef M
#undef X
static void pcm_init(void *x)
{
    libxl_vsnd_pcm_init(x);
}
MAP_TABLE(pcm, struct vsnd_pcm, libxl_vsnd_pcm);

#define M struct vsnd
#define X libxl_device_vsnd
static const struct map_row vsnd_rows[] = {
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_STR(ON_ALL, "short-name", short_name, short_name),
    L_STR(ON_ALL, "long-name", long_name, long_name),
    L_LIST(ON_ALL, "pcm", pcms, pcms, pcm_table),
    L_HOOK(ON_ALL, "params", card_params),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
};
#undef M
#undef X
static void vsnd_init(void *x)
{
    libxl_device_vsnd_init(x);
}
const struct map_table vsnd_table = {vsnd_rows, sizeof(vsnd_rows) / sizeof(*vsnd_rows),
                                     sizeof(struct vsnd), sizeof(libxl_device_vsnd), vsnd_init};
#endif
