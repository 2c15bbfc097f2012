/* "mem=16G,cpus=8,persist=DIR,..." */
#include "sim_priv.h"

enum { OPTIONS_MAX = 4096 };

enum option_kind { OPT_SIZE, OPT_COUNT, OPT_TEXT, OPT_FLAG };

static const struct option {
    const char *name;
    enum option_kind kind;
    size_t offset;
    const char *doc;
} options[] = {
    {"mem", OPT_SIZE, offsetof(struct sim_options, mem_kib), "memory of the host: 16G, 512M"},
    {"dom0", OPT_SIZE, offsetof(struct sim_options, dom0_kib), "memory of domain 0"},
    {"cpus", OPT_COUNT, offsetof(struct sim_options, cpus), "CPUs of the host"},
    {"boot", OPT_COUNT, offsetof(struct sim_options, boot_ms), "ms until a guest says it is up"},
    {"ack", OPT_COUNT, offsetof(struct sim_options, ack_ms), "ms until a guest takes a request"},
    {"down", OPT_COUNT, offsetof(struct sim_options, down_ms), "ms that shutting down takes it"},
    {"timeout", OPT_COUNT, offsetof(struct sim_options, timeout_ms), "ms until a request fails"},
    {"persist", OPT_TEXT, offsetof(struct sim_options, persist),
     "folder that keeps the guests running while the daemon is away"},
    {"control", OPT_TEXT, offsetof(struct sim_options, control), "path of the control socket"},
    {"script", OPT_TEXT, offsetof(struct sim_options, script), "file of control commands"},
    {"xen", OPT_TEXT, offsetof(struct sim_options, xen), "its version: 4.17"},
    {"cpu", OPT_TEXT, offsetof(struct sim_options, cpu), "the first word of its CPU's features"},
    {"noshadow", OPT_FLAG, offsetof(struct sim_options, no_shadow), "built without shadow paging"},
    {"files", OPT_FLAG, offsetof(struct sim_options, check_files), "disks and kernels must exist"},
};

static bool read_size(const char *text, uint64_t *ret_kib)
{
    CLEANUP_FREE char *digits = mem_str(text);
    size_t n = strlen(digits);
    uint64_t unit = 1;
    if (n && strchr("KMGT", digits[n - 1])) {
        unit = (uint64_t)1 << 10 * (strchr("KMGT", digits[n - 1]) - "KMGT");
        digits[n - 1] = 0;
    }
    return parse_u64(digits, 10, UINT64_MAX / unit, ret_kib) && (*ret_kib *= unit) <= INT64_MAX;
}

static bool set(struct sim_options *o, const struct option *row, const char *value)
{
    void *to = (char *)o + row->offset;
    switch (row->kind) {
    case OPT_SIZE:
        return read_size(value, to);
    case OPT_COUNT:
        return parse_u64(value, 10, 1 << 30, to);
    case OPT_TEXT:
        str_set(to, value);
        return *value;
    case OPT_FLAG:
        *(bool *)to = str_eq(value, "check") || str_eq(value, "yes") || str_eq(value, "1");
        return true;
    }
    return false;
}

static int read_one(struct sim_options *o, char *word, struct err *e)
{
    char *value = strchr(word, '=');
    if (value)
        *value++ = 0;
    for (size_t i = 0; value && i < sizeof(options) / sizeof(*options); i++)
        if (str_eq(options[i].name, word))
            return set(o, &options[i], value)
                       ? 0
                       : fail(e, ERR_INVALID_ARG, "option '%s' (%s): bad value '%s'", word,
                              options[i].doc, value);
    return fail(e, ERR_INVALID_ARG, "the simulated host has no option '%s'", word);
}

int sim_options_read(const char *text, struct sim_options *o, struct err *e)
{
    *o = (struct sim_options){.mem_kib = 16 << 20,
                              .dom0_kib = 1 << 20,
                              .cpus = 4,
                              .boot_ms = 20,
                              .ack_ms = 20,
                              .down_ms = 100,
                              .timeout_ms = 60000};
    if (text && strlen(text) > OPTIONS_MAX)
        return fail(e, ERR_INVALID_ARG, "options are longer than %d bytes", OPTIONS_MAX);
    CLEANUP_FREE char *copy = mem_str(text ? text : "");
    char *rest = copy, *word;
    while ((word = strsep(&rest, ",")))
        if (*word && read_one(o, word, e))
            return -1;
    return o->cpus && o->cpus <= 4096
               ? 0
               : fail(e, ERR_INVALID_ARG, "option 'cpus': 1 to 4096 are possible");
}

void sim_options_clear(struct sim_options *o)
{
    free(o->persist);
    free(o->control);
    free(o->script);
    free(o->xen);
    free(o->cpu);
    *o = (struct sim_options){0};
}
