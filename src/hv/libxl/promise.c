/* What guests that are being built may still take of the free memory. */
#include "xl.h"

/* Xen has told of the domain since its shadow was taken: that comes before its first page. */
static uint64_t open_kib(const struct promise *p, const libxl_dominfo *doms, int n)
{
    for (int i = 0; i < n; i++) {
        const libxl_dominfo *d = &doms[i];
        uint64_t has_kib = d->current_memkb;
        if (d->dying || !has_kib ||
            memcmp(libxl_uuid_bytearray_const(&d->uuid), p->uuid, sizeof(p->uuid)))
            continue;
        has_kib += p->shadow_kib;
        return p->need_kib > has_kib ? p->need_kib - has_kib : 0;
    }
    return p->need_kib;
}

uint64_t promises_open_kib(const struct promise *first, const libxl_dominfo *doms, int n)
{
    uint64_t kib = 0;
    for (const struct promise *p = first; p; p = p->next)
        kib += open_kib(p, doms, n);
    return kib;
}
