#include "model/diskname.h"

static const struct {
    const char *prefix;
    enum disk_bus bus;
} prefixes[] = {{"fd", BUS_FDC},  {"hd", BUS_IDE},  {"vd", BUS_VIRTIO},
                {"sd", BUS_SCSI}, {"xvd", BUS_XEN}, {"ubd", BUS_UML}};

int disk_number(const char *target)
{
    for (size_t i = 0; target && i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        if (!str_starts(target, prefixes[i].prefix))
            continue;
        const char *p = target + strlen(prefixes[i].prefix);
        int n = 0;
        if (*p < 'a' || *p > 'z')
            return -1;
        for (; *p >= 'a' && *p <= 'z' && n < 1 << 20; p++)
            n = n * 26 + (*p - 'a') + 1;
        if (p[strspn(p, "0123456789")])
            return -1;
        return n - 1;
    }
    return -1;
}

enum disk_bus disk_bus_of(const char *target, enum disk_device device)
{
    if (device == DISK_FLOPPY)
        return BUS_FDC;
    for (size_t i = 1; target && i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (str_starts(target, prefixes[i].prefix))
            return prefixes[i].bus;
    return BUS_IDE;
}
