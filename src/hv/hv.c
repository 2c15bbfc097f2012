#include "hv.h"

#include <dirent.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/module.h"
#include "base/str.h"

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

/* "4.17" of the hypervisor below us; false where there is none. */
static bool running_xen(char version[16])
{
    CLEANUP_FREE char *major = NULL, *minor = NULL;
    size_t len;
    if (file_read("/sys/hypervisor/version/major", 8, &major, &len, NULL) ||
        file_read("/sys/hypervisor/version/minor", 8, &minor, &len, NULL))
        return false;
    major[strcspn(major, "\n")] = minor[strcspn(minor, "\n")] = 0;
    return (size_t)snprintf(version, 16, "%s.%s", major, minor) < 16;
}

/* It stays loaded as every module does: libxl leaves threads' keys and handlers behind. */
static const struct hv_ops *load(const char *dir, const char *name, struct err *e)
{
    return module_load(dir, NULL, name, "xvirt_hv_ops", HV_ABI, "the driver for Xen", e);
}

/* Any hv-libxl-VERSION.so that loads: the libxl of another release is not there to load it with. */
static const struct hv_ops *load_any(const char *dir)
{
    const struct hv_ops *ops = NULL;
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d && !ops && (entry = readdir(d)))
        if (str_starts(entry->d_name, "hv-libxl-") && str_ends(entry->d_name, ".so"))
            ops = load(dir, entry->d_name, NULL);
    if (d)
        closedir(d);
    return ops;
}

/* The module of the running release first, where there are several. */
const struct hv_ops *hv_load_libxl(const char *dir, struct err *e)
{
    char version[16];
    const struct hv_ops *ops = NULL;
    if (!dir)
        dir = XV_LIBEXEC;
    if (running_xen(version)) {
        CLEANUP_FREE char *name = mem_printf("hv-libxl-%s.so", version);
        ops = load(dir, name, NULL);
    }
    if (!ops)
        ops = load(dir, "hv-libxl.so", e);
    return ops ? ops : load_any(dir);
}
