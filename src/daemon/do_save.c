/* A guest's state on disk: saved, restored, dumped. */
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"
#include "wire/param.h"

static int check_path(struct call *c, const char *path)
{
    if (path[0] == '/')
        return 0;
    return fail(&c->err, ERR_INVALID_ARG, "the path '%s' does not start at /", path);
}

/* --- save --- */

static int save(struct call *c, const struct wire_domain *dom, const char *to, const char *dxml,
                uint32_t flags)
{
    struct guest *g = call_guest(c, dom);
    CLEANUP_DOMAIN struct domain *changed = NULL;
    if (!g || check_path(c, to) || (dxml && !(changed = call_read_xml(c, dxml))))
        return CALL_FAILED;
    return guest_save(g, to, changed, flags, call_guest_done, c, &c->err) ? CALL_FAILED
                                                                          : CALL_LATER;
}

static int do_save(struct call *c)
{
    const struct wire_domain_save_args *args = c->args;
    return save(c, &args->dom, args->to, NULL, 0);
}

static int do_save_flags(struct call *c)
{
    const struct wire_domain_save_flags_args *args = c->args;
    return save(c, &args->dom, args->to, args->dxml, args->flags);
}

/* What the newer calls name instead of arguments. Xen's stream has one format. */
static int check_params(struct call *c, const struct wire_typed_param *p, size_t n,
                        const char **ret_file, const char **ret_dxml)
{
    static const struct wire_param_rule rules[] = {{"file", VIR_TYPED_PARAM_STRING},
                                                   {"dxml", VIR_TYPED_PARAM_STRING},
                                                   {"image_format", VIR_TYPED_PARAM_STRING},
                                                   {"parallel.channels", VIR_TYPED_PARAM_INT}};
    if (wire_params_check(p, n, rules, sizeof(rules) / sizeof(*rules), &c->err))
        return -1;
    const char *format = wire_param_string(p, n, "image_format");
    *ret_file = wire_param_string(p, n, "file");
    *ret_dxml = wire_param_string(p, n, "dxml");
    if (!*ret_file)
        return fail(&c->err, ERR_INVALID_ARG, "the parameter 'file' is missing");
    if (format && strcmp(format, "raw") != 0)
        return fail(&c->err, ERR_ARGUMENT_UNSUPPORTED,
                    "saved guests of Xen are of format raw, not '%s'", format);
    if (wire_param_find(p, n, "parallel.channels"))
        return fail(&c->err, ERR_ARGUMENT_UNSUPPORTED, "Xen saves a guest in one stream");
    return 0;
}

static int do_save_params(struct call *c)
{
    const struct wire_domain_save_params_args *args = c->args;
    const char *file, *dxml;
    if (check_params(c, args->params, args->n_params, &file, &dxml))
        return CALL_FAILED;
    return save(c, &args->dom, file, dxml, args->flags);
}

static int do_managed_save(struct call *c)
{
    const struct wire_domain_managed_save_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || guest_managed_save(g, args->flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_managed_save_remove(struct call *c)
{
    const struct wire_domain_managed_save_remove_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_managed_save_remove(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

/* --- restore --- */

static int restore(struct call *c, const char *from, const char *dxml, uint32_t flags)
{
    CLEANUP_DOMAIN struct domain *changed = NULL;
    if (check_path(c, from) || (dxml && !(changed = call_read_xml(c, dxml))))
        return CALL_FAILED;
    if (host_restore(c->daemon->host, from, changed, flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_restore(struct call *c)
{
    const struct wire_domain_restore_args *args = c->args;
    return restore(c, args->from, NULL, 0);
}

static int do_restore_flags(struct call *c)
{
    const struct wire_domain_restore_flags_args *args = c->args;
    return restore(c, args->from, args->dxml, args->flags);
}

static int do_restore_params(struct call *c)
{
    const struct wire_domain_restore_params_args *args = c->args;
    const char *file, *dxml;
    if (check_params(c, args->params, args->n_params, &file, &dxml))
        return CALL_FAILED;
    return restore(c, file, dxml, args->flags);
}

/* --- dump --- */

static int dump(struct call *c, const struct wire_domain *dom, const char *to, uint32_t flags)
{
    struct guest *g = call_guest(c, dom);
    if (!g || check_path(c, to) || guest_dump(g, to, flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_core_dump(struct call *c)
{
    const struct wire_domain_core_dump_args *args = c->args;
    return dump(c, &args->dom, args->to, args->flags);
}

static int do_core_dump_format(struct call *c)
{
    static const char *const formats[] = {"raw", "kdump-zlib", "kdump-lzo", "kdump-snappy",
                                          "win-dmp"};
    const struct wire_domain_core_dump_with_format_args *args = c->args;
    if (args->dumpformat >= sizeof(formats) / sizeof(*formats))
        return fail(&c->err, ERR_INVALID_ARG, "unknown dump format %u", args->dumpformat);
    if (args->dumpformat != VIR_DOMAIN_CORE_DUMP_FORMAT_RAW)
        return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                    "Xen dumps guests as ELF (format raw), not as %s", formats[args->dumpformat]);
    return dump(c, &args->dom, args->to, args->flags);
}

enum {
    SAVE_FLAGS = VIR_DOMAIN_SAVE_BYPASS_CACHE | VIR_DOMAIN_SAVE_RUNNING | VIR_DOMAIN_SAVE_PAUSED,
    DUMP_FLAGS = VIR_DUMP_CRASH | VIR_DUMP_LIVE | VIR_DUMP_BYPASS_CACHE | VIR_DUMP_RESET |
                 VIR_DUMP_MEMORY_ONLY
};

static const struct handler rows[] = {
    {WIRE_DOMAIN_SAVE, do_save},
    {WIRE_DOMAIN_SAVE_FLAGS, do_save_flags, SAVE_FLAGS},
    {WIRE_DOMAIN_SAVE_PARAMS, do_save_params, SAVE_FLAGS},
    {WIRE_DOMAIN_RESTORE, do_restore},
    {WIRE_DOMAIN_RESTORE_FLAGS, do_restore_flags, SAVE_FLAGS},
    {WIRE_DOMAIN_RESTORE_PARAMS, do_restore_params, SAVE_FLAGS},
    {WIRE_DOMAIN_MANAGED_SAVE, do_managed_save, SAVE_FLAGS},
    {WIRE_DOMAIN_MANAGED_SAVE_REMOVE, do_managed_save_remove},
    {WIRE_DOMAIN_CORE_DUMP, do_core_dump, DUMP_FLAGS},
    {WIRE_DOMAIN_CORE_DUMP_WITH_FORMAT, do_core_dump_format, DUMP_FLAGS},
};
const struct handlers do_save_handlers = HANDLERS(rows);
