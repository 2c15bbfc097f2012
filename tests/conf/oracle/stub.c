/* Preloaded into the real xl, so that `xl -N create FILE` reads and prints a configuration on a
 * machine without Xen: a host of eight CPUs on two nodes that can do everything. */
#include <libxl.h>
#include <stdlib.h>

void *xc_interface_open(void *logger, void *dombuild, unsigned flags)
{
    return calloc(1, 4096);
}
int xc_interface_close(void *h)
{
    return 0;
}
void *xs_open(unsigned long flags)
{
    return calloc(1, 4096);
}
void xs_close(void *h)
{
}
int xc_version(void *h, int cmd, void *arg)
{
    return 0;
}

const libxl_version_info *libxl_get_version_info(libxl_ctx *ctx)
{
    static char none[] = "";
    static libxl_version_info v = {
        .xen_version_major = 4, .xen_version_minor = 17, .pagesize = 4096};
    v.xen_version_extra = v.capabilities = v.commandline = none;
    return &v;
}
int libxl_get_max_cpus(libxl_ctx *ctx)
{
    return 8;
}
int libxl_get_online_cpus(libxl_ctx *ctx)
{
    return 8;
}
int libxl_get_max_nodes(libxl_ctx *ctx)
{
    return 2;
}
int libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *p)
{
    libxl_physinfo_init(p);
    p->nr_cpus = 8;
    return 0;
}
int libxl_cpupoolid_is_valid(libxl_ctx *ctx, uint32_t id)
{
    return 1;
}
int libxl_cpu_bitmap_alloc(libxl_ctx *ctx, libxl_bitmap *map, int n)
{
    return libxl_bitmap_alloc(ctx, map, n > 0 ? n : 8);
}
int libxl_node_bitmap_alloc(libxl_ctx *ctx, libxl_bitmap *map, int n)
{
    return libxl_bitmap_alloc(ctx, map, n > 0 ? n : 2);
}
libxl_cputopology *libxl_get_cpu_topology(libxl_ctx *ctx, int *ret_n)
{
    libxl_cputopology *t = calloc(8, sizeof(*t));
    for (unsigned i = 0; i < 8; i++) {
        t[i].core = i;
        t[i].node = i / 4;
    }
    *ret_n = 8;
    return t;
}
