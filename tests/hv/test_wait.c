/* What libxl does with devices of the host (unbind, bind, reset) holds its caller: the loop is not
 * that caller. libxl and the driver's other files are played here. */
#include "hv/libxl/devices.h"
#include "hv/libxl/more.h"
#include "hv/libxl/scripts.h"
#include "unit/test.h"

static struct {
    struct loop *loop;
    const char *pci_backend;
    int on_loop, elsewhere, rc;
    bool is_kept, is_done;
    struct err e;
} play;

/* ---- libxl ---- */

static int called(void)
{
    if (loop_is_here(play.loop))
        play.on_loop++;
    else
        play.elsewhere++;
    return play.rc;
}

int libxl_ctx_alloc(libxl_ctx **ret, int version, unsigned flags, xentoollog_logger *logger)
{
    static char it;
    *ret = (libxl_ctx *)(void *)&it;
    return 0;
}

int libxl_ctx_free(libxl_ctx *ctx)
{
    return 0;
}

void libxl_event_register_callbacks(libxl_ctx *ctx, const libxl_event_hooks *hooks, void *user)
{
}

void libxl_childproc_setmode(libxl_ctx *ctx, const libxl_childproc_hooks *hooks, void *user)
{
}

int libxl_event_check(libxl_ctx *ctx, libxl_event **ret, uint64_t mask,
                      libxl_event_predicate *predicate, void *user)
{
    static libxl_event over = {.type = LIBXL_EVENT_TYPE_OPERATION_COMPLETE};
    *ret = &over;
    return 0;
}

void libxl_event_free(libxl_ctx *ctx, libxl_event *event)
{
}

int libxl_device_pci_add(libxl_ctx *ctx, uint32_t domid, libxl_device_pci *pci,
                         const libxl_asyncop_how *how)
{
    return called();
}

int libxl_device_pci_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_pci *pci,
                            const libxl_asyncop_how *how)
{
    return called();
}

int libxl_domain_destroy(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *how)
{
    return called();
}

libxl_device_pci *libxl_device_pci_list(libxl_ctx *ctx, uint32_t domid, int *n)
{
    *n = 0;
    return NULL;
}

/* ---- the driver's other files ---- */

bool pci_is_among(libxl_device_pci *list, int n, const struct hv_pci *d)
{
    return play.is_kept;
}

int device_take(libxl_ctx *ctx, const struct hv_device *d, int type, struct xl_device *ret,
                struct err *e)
{
    ret->kind = d->kind;
    libxl_device_pci_init(&ret->pci);
    return 0;
}

void device_dispose(struct xl_device *x)
{
}

int info_get(struct hv *h, uint32_t domid, struct hv_info *ret, struct err *e)
{
    *ret = (struct hv_info){.type = GUEST_PV};
    return 0;
}

char *xenstore_read(struct hv *h, const char *fmt, ...)
{
    return mem_str(play.pci_backend);
}

char *backend_read(struct hv *h, uint32_t domid, const char *kind, uint32_t devid, const char *node)
{
    return NULL;
}

bool scripts_wait(struct hv *h, uint32_t domid, loop_fn *fn, void *arg)
{
    return false;
}

void domain_set_run(struct hv *h, uint32_t domid, bool runs)
{
}

int ops_answer(struct hv *h, uint32_t domid, int rc, const char *what, struct err *e)
{
    return rc ? fail(e, ERR_OPERATION_FAILED, "%s", what) : 0;
}

/* ---- the tests ---- */

static void on_log(void *arg, int level, const char *text)
{
}

static void on_done(struct hv_wait *w, const struct err *e)
{
    play.e = *e;
    play.is_done = true;
}

enum operation { ATTACH, DETACH, DESTROY };

static void run(enum operation what)
{
    struct err e = {0};
    struct hostdev dev = {.type = HOSTDEV_PCI};
    struct hv_device d = {HV_HOSTDEV, &dev};
    struct hv_wait w = {.done = on_done};
    struct hv hv = {.events.log = on_log};
    play.loop = hv.loop = loop_new(&e);
    play.is_done = false;
    assert_int_equal(what == ATTACH   ? wait_attach(&hv, 5, &d, &w, &e)
                     : what == DETACH ? wait_detach(&hv, 5, &d, &w, &e)
                                      : wait_destroy(&hv, 5, &w, &e),
                     0);
    assert_null(hv.starting);
    assert_false(play.is_done); /* never from inside the call that starts it */
    if (play.on_loop)
        return loop_free(hv.loop);
    assert_true(loop_run_until(hv.loop, &play.is_done, 10000));
    assert_null(hv.waits);
    loop_free(hv.loop);
}

static int given_a_host(void **state)
{
    memset(&play, 0, sizeof(play));
    return 0;
}

static void test_attach_and_detach_are_a_workers(void **state)
{
    run(ATTACH);
    run(DETACH);
    assert_int_equal(play.on_loop, 0);
    assert_int_equal(play.elsewhere, 2);
    assert_int_equal(play.e.code, 0);
}

static void test_a_failure_is_told(void **state)
{
    play.rc = ERROR_TIMEDOUT;
    run(ATTACH);
    assert_int_equal(play.e.code, ERR_OPERATION_TIMEOUT);
}

static void test_a_device_that_stays_is_told(void **state)
{
    play.is_kept = true;
    run(DETACH);
    assert_int_equal(play.e.code, ERR_OPERATION_TIMEOUT);
    assert_non_null(strstr(play.e.msg, "has not let go"));
}

/* libxl resets the devices of a guest that it destroys */
static void test_destroy_is_a_workers_where_there_are_devices(void **state)
{
    play.pci_backend = "1";
    run(DESTROY);
    assert_int_equal(play.elsewhere, 1);
    assert_int_equal(play.on_loop, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_attach_and_detach_are_a_workers, given_a_host),
        cmocka_unit_test_setup(test_a_failure_is_told, given_a_host),
        cmocka_unit_test_setup(test_a_device_that_stays_is_told, given_a_host),
        cmocka_unit_test_setup(test_destroy_is_a_workers_where_there_are_devices, given_a_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
