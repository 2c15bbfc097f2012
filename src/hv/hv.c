#include "hv.h"

#include <dlfcn.h>

#include "base/mem.h"

#ifndef XV_LIBEXEC
#define XV_LIBEXEC "/usr/lib/xvirt"
#endif

void hv_vcpus_free(struct hv_vcpu *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(v[i].hard);
        free(v[i].soft);
    }
    free(v);
}

void hv_host_clear(struct hv_host *h)
{
    for (size_t i = 0; i < h->n_nodes; i++)
        free(h->nodes[i].distances);
    free(h->arch);
    free(h->cpu_model);
    free(h->cpus);
    free(h->nodes);
    free(h->xen_extra);
    free(h->capabilities);
    free(h->commandline);
    free(h->scheduler);
    *h = (struct hv_host){0};
}

/* The module stays loaded until the program ends: libxl leaves threads' keys and handlers behind.
 */
const struct hv_ops *hv_load_libxl(const char *dir, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/hv-libxl.so", dir ? dir : XV_LIBEXEC);
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        fail(e, ERR_NO_SUPPORT, "cannot load the driver for Xen: %s", dlerror());
        return NULL;
    }
    const struct hv_ops *ops = dlsym(module, "xvirt_hv_ops");
    if (!ops || ops->abi != HV_ABI) {
        fail(e, ERR_NO_SUPPORT, "'%s' belongs to another build of xvirt", path);
        return NULL;
    }
    return ops;
}
