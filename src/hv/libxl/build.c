/* The operations that take long, on a worker, each with a libxl context of its own: create and
 * restore, save, resume, and reading a domain's real configuration. */
#include "xl.h"

#include "base/uuid.h"

/* libxl removes what it could not build, but not what it was asked to abort. */
static void build_undo(struct op *o, uint32_t domid)
{
    struct capture said = o->log.here; /* the reason is what came before */
    if (domid != HV_DOMID_NONE)
        libxl_domain_destroy(o->ctx, domid, NULL);
    o->log.here = said;
}

/* libxl's own creation; the domain is left paused. *ret_domid is set whenever there is one. */
static int build_domain(struct op *o, const struct hv_create *c, libxl_domain_config *dc,
                        struct hv_progress *p, uint32_t *ret_domid)
{
    int rc;
    if (c->restore_fd < 0) {
        rc = libxl_domain_create_new(o->ctx, dc, ret_domid, &op_how, NULL);
    } else {
        libxl_domain_restore_params params;
        libxl_domain_restore_params_init(&params);
        params.stream_version = 2; /* the initial 1 is the format from before 4.6 */
        rc = xl_restore(o->ctx, dc, ret_domid, c->restore_fd, &params, &op_how);
        if (!rc)
            rc = op_wait(o, p);
        libxl_domain_restore_params_dispose(&params);
        return rc;
    }
    return rc ? rc : op_wait(o, p);
}

static void forbid_nested(libxl_domain_config *dc)
{
#ifdef LIBXL_HAVE_BUILDINFO_NESTED_HVM
    libxl_defbool_set(&dc->b_info.nested_hvm, false);
#else
    if (dc->c_info.type == LIBXL_DOMAIN_TYPE_HVM)
        libxl_defbool_set(&dc->b_info.u.hvm.nested_hvm, false);
#endif
}

static int create_in(struct hv *h, struct op *o, const struct hv_create *c, libxl_domain_config *dc,
                     struct hv_progress *p, uint32_t *ret_domid, struct err *e)
{
    struct promise promise;
    uint32_t domid = HV_DOMID_NONE;
    if (xl_config_fill(o->ctx, c->config, dc, e))
        return -1;
    if (h->no_nested)
        forbid_nested(dc);
    if (memory_promise(h, o, dc, &promise, e))
        return -1;
    int rc = build_domain(o, c, dc, p, &domid);
    bool is_left = !rc || rc == ERROR_ABORTED;
    if (!rc && c->userdata)
        rc = libxl_userdata_store(o->ctx, domid, HV_USERDATA_XML, (const uint8_t *)c->userdata,
                                  (int)c->userdata_len);
    memory_release(h, &promise);
    if (!rc) {
        *ret_domid = domid;
        return 0;
    }
    if (is_left)
        build_undo(o, domid);
    return xl_fail(e, rc, &o->log.here, c->config->name, "%s", "");
}

int build_create(struct hv *h, const struct hv_create *c, struct hv_progress *p,
                 uint32_t *ret_domid, struct err *e)
{
    struct op o;
    if (op_open(h, p, &o, e))
        return -1;
    libxl_domain_config dc;
    libxl_domain_config_init(&dc);
    int r = create_in(h, &o, c, &dc, p, ret_domid, e);
    libxl_domain_config_dispose(&dc);
    op_close(&o);
    return r;
}

int build_config(struct hv *h, uint32_t domid, struct domain **ret, struct err *e)
{
    struct op o;
    if (op_open(h, NULL, &o, e))
        return -1;
    libxl_domain_config dc;
    libxl_domain_config_init(&dc);
    int rc = xl_retrieve(o.ctx, domid, &dc), r = -1;
    if (rc) {
        xl_fail(e, rc, &o.log.here, NULL, "cannot read the configuration of domain %u", domid);
    } else {
        struct domain *d = domain_new();
        r = xl_config_read(o.ctx, &dc, d, e);
        if (r)
            domain_free(d);
        else
            *ret = d;
    }
    libxl_domain_config_dispose(&dc);
    op_close(&o);
    return r;
}

int build_save(struct hv *h, uint32_t domid, int fd, bool live, struct hv_progress *p,
               struct err *e)
{
    struct op o;
    if (op_open(h, p, &o, e))
        return -1;
    int rc = libxl_domain_suspend(o.ctx, domid, fd, live ? LIBXL_SUSPEND_LIVE : 0, &op_how);
    if (!rc)
        rc = op_wait(&o, p);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "cannot save domain %u", domid);
    op_close(&o);
    return rc ? -1 : 0;
}

#ifdef LIBXL_HAVE_SOFT_RESET /* 4.7 */
int build_soft_reset(struct hv *h, uint32_t domid, struct err *e)
{
    struct op o;
    if (op_open(h, NULL, &o, e))
        return -1;
    libxl_domain_config dc;
    libxl_domain_config_init(&dc);
    int rc = xl_retrieve(o.ctx, domid, &dc);
    if (!rc)
        rc = libxl_domain_soft_reset(o.ctx, &dc, domid, &op_how, NULL);
    if (!rc)
        rc = op_wait(&o, NULL);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "cannot reset domain %u", domid);
    libxl_domain_config_dispose(&dc);
    op_close(&o);
    return rc ? -1 : 0;
}
#else
int build_soft_reset(struct hv *h, uint32_t domid, struct err *e)
{
    return fail(e, ERR_OPERATION_UNSUPPORTED, "this Xen has no soft reset");
}
#endif

int build_resume(struct hv *h, uint32_t domid, struct err *e)
{
    struct op o;
    if (op_open(h, NULL, &o, e))
        return -1;
    int rc = libxl_domain_resume(o.ctx, domid, 1, NULL);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "cannot resume domain %u", domid);
    op_close(&o);
    return rc ? -1 : 0;
}

int build_dump(struct hv *h, uint32_t domid, const char *path, struct hv_progress *p, struct err *e)
{
    struct op o;
    if (op_open(h, p, &o, e))
        return -1;
    int rc = libxl_domain_core_dump(o.ctx, domid, path, &op_how);
    if (!rc)
        rc = op_wait(&o, p);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "cannot dump domain %u to '%s'", domid, path);
    op_close(&o);
    return rc ? -1 : 0;
}
