#include "daemon/hostcaps.h"

#include <unistd.h>

#include "base/str.h"
#include "core/host.h"
#include "daemon/config.h"

/* The first of the places that is there, else the first. */
static void find_file(const char *const *places, size_t n, char ret[HOSTCAPS_PATH])
{
    size_t i = 0;
    while (i < n && access(places[i], F_OK))
        i++;
    snprintf(ret, HOSTCAPS_PATH, "%s", places[i < n ? i : 0]);
}

static void find_firmware(const struct hv_host *h, const char *name, char ret[HOSTCAPS_PATH])
{
    char own[HOSTCAPS_PATH], plain[HOSTCAPS_PATH], exec[HOSTCAPS_PATH];
    snprintf(own, sizeof(own), "/usr/lib/xen-%u.%u/boot/%s", h->xen_major, h->xen_minor, name);
    snprintf(plain, sizeof(plain), "/usr/lib/xen/boot/%s", name);
    snprintf(exec, sizeof(exec), "/usr/libexec/xen/boot/%s", name);
    const char *const places[] = {own, plain, exec};
    find_file(places, sizeof(places) / sizeof(*places), ret);
}

static void find_emulator(char ret[HOSTCAPS_PATH])
{
    static const char *const places[] = {
        "/usr/lib/xen/bin/qemu-system-i386", "/usr/libexec/xen/bin/qemu-system-i386",
        "/usr/libexec/xen-qemu-system-i386", /* Debian's */
        "/usr/bin/qemu-system-i386", "/usr/bin/qemu-system-x86_64"};
    find_file(places, sizeof(places) / sizeof(*places), ret);
}

/* Xen names what it can run: "xen-3.0-x86_64 hvm-3.0-x86_32p ..."; says it nothing, all. */
static bool runs(const struct hv_host *h, const char *word)
{
    return !h->capabilities || strstr(h->capabilities, word);
}

int hostcaps_fill(struct hostcaps *hc, struct host *host, const struct config *c, struct err *e)
{
    struct hv_host h = {0};
    if (host_ops(host)->host(host_hv(host), &h, e))
        return -1;
    find_firmware(&h, "hvmloader", hc->loader);
    find_emulator(hc->emulator);
    if (c->libxl_firmwares.n)
        snprintf(hc->ovmf, sizeof(hc->ovmf), "%s", c->libxl_firmwares.items[0]);
    else
        find_firmware(&h, "ovmf.bin", hc->ovmf);
    hc->caps = (struct domain_caps){.arch = "x86_64",
                                    .loader = hc->loader,
                                    .ovmf = hc->ovmf,
                                    .emulator = hc->emulator,
                                    .no_pv = !runs(&h, "xen-3.0-x86_64"),
                                    .no_hvm = !runs(&h, "hvm-3.0-x86_64"),
                                    .no_pvh = !runs(&h, "hvm-3.0-x86_64"),
                                    .is_strict = true};
    hc->xen_major = h.xen_major;
    hc->xen_minor = h.xen_minor;
    cpu_of_host(&h, &hc->cpu);
    hc->no_shadow = !h.has_shadow;
    hv_host_clear(&h);
    return 0;
}
