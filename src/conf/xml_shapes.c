/* The shapes of what is kept: rows for xml_kept.c. */
#include "conf/xml_shapes.h"

#include <stddef.h>
#include <string.h>

#define VIRTIO "iommu:on|off ats:on|off packed:on|off page_per_vq:on|off"
#define ON ":on|off"
#define YES ":yes|no"
#define SCHEDULERS "batch|idle|fifo|rr"
#define CHR "mode:connect|bind host service path append" ON " tls"

static const struct shape shapes[] = {
    /* ---- addresses: those of devices that are members are read by rows ---- */
    {"source/address", "domain=0x0000:x4 bus=0x00:x2 slot=0x00:x2 function=0x0:x1"},
    {"*/address", "type bus:# target:# unit:#"},
    {"*/address[pci]",
     "type domain=0x0000:x4 bus=0x00:x2 slot=0x00:x2 function=0x0:x1 multifunction" ON},
    {"*/address[drive]", "type controller=0:# bus=0:# target=0:# unit=0:#"},
    {"*/address[usb]", "type bus:# port"},
    {"*/address[ccid]", "type controller:# slot:#"},
    {"*/address[virtio-serial]", "type controller:# bus:# port:#"},
    {"*/address[isa]", "type iobase irq"},
    {"*/address[spapr-vio]", "type reg:x8"},
    {"*/address[dimm]", "type slot:# base"},
    {"*/address[ccw]", "type cssid ssid devno"},
    /* ---- the guest ---- */
    {"blkiotune", .children = "weight device"},
    {"blkiotune/weight", .text = "#"},
    {"blkiotune/device",
     .children = "path! weight read_iops_sec write_iops_sec read_bytes_sec write_bytes_sec"},
    {"memtune", .children = "hard_limit soft_limit min_guarantee swap_hard_limit"},
    {"memtune/hard_limit", .text = "kib"},
    {"memtune/soft_limit", .text = "kib"},
    {"memtune/min_guarantee", .text = "kib"},
    {"memtune/swap_hard_limit", .text = "kib"},
    {"memoryBacking", .children = "hugepages nosharepages locked source access allocation discard"},
    {"memoryBacking/hugepages/page", "size!:kib unit nodeset:cpus"},
    {"memoryBacking/source", "type!:file|anonymous|memfd"},
    {"memoryBacking/access", "mode!:shared|private"},
    {"memoryBacking/allocation", "mode:immediate|ondemand threads:#"},
    {"iothreads", .text = "#"},
    {"iothreadids/iothread", "id!:+ thread_pool_min:# thread_pool_max:#"},
    {"defaultiothread", "thread_pool_min:# thread_pool_max:#"},
    {"numatune", .children = "memory memnode"},
    {"numatune/memory", "mode=strict:strict|preferred|interleave|restrictive nodeset:cpus "
                        "placement:static|auto"},
    {"numatune/memnode", "cellid!:# mode=strict:strict|preferred|interleave|restrictive "
                         "nodeset!:cpus"},
    {"resource", .children = "partition fibrechannel"},
    {"resource/fibrechannel", "appid!"},
    {"cpu/cache", "level:# mode!:emulate|passthrough|disable"},
    {"cpu/maxphysaddr", "mode!:emulate|passthrough bits:#"},
    {"cputune/period", .text = "#"},
    {"cputune/quota", .text = "-"},
    {"cputune/global_period", .text = "#"},
    {"cputune/global_quota", .text = "-"},
    {"cputune/emulator_period", .text = "#"},
    {"cputune/emulator_quota", .text = "-"},
    {"cputune/iothread_period", .text = "#"},
    {"cputune/iothread_quota", .text = "-"},
    {"cputune/emulatorpin", "cpuset!:cpus"},
    {"cputune/emulatorsched", "scheduler!:" SCHEDULERS " priority:-"},
    {"cputune/vcpusched", "vcpus scheduler!:" SCHEDULERS " priority:-"},
    {"cputune/iothreadsched", "iothreads scheduler!:" SCHEDULERS " priority:-"},
    {"cputune/cachetune", "vcpus! id"},
    {"cputune/cachetune/cache", "id!:# level!:# type!:both|code|data size!:kib unit"},
    {"cputune/cachetune/monitor", "level!:# vcpus!:cpus"},
    {"cputune/memorytune", "vcpus!"},
    {"cputune/memorytune/node", "id!:# bandwidth!:#"},
    {"cputune/iothreadpin", "iothread!:# cpuset!:cpus"},
    {"sysinfo", "type!:smbios|fwcfg", .children = "bios system baseBoard chassis oemStrings entry"},
    {"perf/event", "name! enabled!" YES},
    {"os/bootmenu", "enable" YES " timeout:#"},
    {"os/bios", "useserial" YES " rebootTimeout:-"},
    {"os/smbios", "mode!:emulate|host|sysinfo"},
    {"features/kvm", .children = "hidden hint-dedicated poll-control pv-ipi dirty-ring"},
    {"features/kvm/hidden", "state!" ON},
    {"features/kvm/hint-dedicated", "state!" ON},
    {"features/kvm/poll-control", "state!" ON},
    {"features/kvm/pv-ipi", "state!" ON},
    {"features/kvm/dirty-ring", "state!" ON " size:#"},
    {"features/pvspinlock", "state!" ON},
    {"features/pmu", "state=on" ON},
    {"features/vmport", "state!" ON},
    {"features/vmcoreinfo", "state=on" ON},
    {"features/smm", "state=on" ON},
    {"features/smm/tseg", "unit=MiB"},
    {"features/ioapic", "driver!:kvm|qemu"},
    {"features/msrs", "unknown!:ignore|fault"},
    {"features/gic", "version"},
    {"features/capabilities", "policy=default:default|allow|deny"},
    {"keywrap/cipher", "name!:aes|dea state!" ON},
    {"launchSecurity", "type!:sev|sev-snp|s390-pv|tdx"},
    {"launchSecurity[sev]", "type kernelHashes" YES,
     .children = "cbitpos reducedPhysBits policy! dhCert session"},
    {"launchSecurity/policy", .text = "x4"},
    /* ---- parts of devices that have members ---- */
    {"blockio", "logical_block_size:# physical_block_size:# discard_granularity:#"},
    {"geometry", "cyls:# heads:# secs:# trans:auto|none|lba"},
    {"virtualport/parameters", "managerid:# typeid:# typeidversion:# instanceid:uuid "
                               "interfaceid:uuid profileid"},
    {"driver",
     "name txmode ioeventfd event_idx queues:# cmd_per_lun:# max_sectors:# iothread "
     "rx_queue_size:# tx_queue_size:# rss rss_hash_report " VIRTIO,
     .children = "host guest"},
    {"driver/host", "csum" ON " gso" ON " tso4" ON " tso6" ON " ecn" ON " ufo" ON " mrg_rxbuf" ON},
    {"driver/guest", "csum" ON " tso4" ON " tso6" ON " ecn" ON " ufo" ON},
    {"driver/metadata_cache/max_size", .text = "bytes"},
    {"source/local", "address port:#"},
    {"source/auth", "username!"},
    {"auth", "username!"},
    {"auth/secret", "type! usage uuid"},
    {"source/reconnect", "enabled" YES " timeout:#"},
    {"backend", "type tap vhost"},
    {"teaming", "type!:persistent|transient persistent"},
    {"port", "isolated" YES},
    {"route", "family address netmask prefix:# gateway metric:#"},
    {"rom", "enabled" YES " bar" ON " file"},
    {"codec", "type!:duplex|micro|output"},
    {"audio", "id!:#"},
    {"target", "chassisNr:# chassis:# port busNr:# index hotplug" ON " memReserve"},
    {"model", "name!"},
    {"master", "startport!:#"},
    {"pcihole64", .text = "kib"},
    {"model/acceleration", "accel3d" YES " accel2d" YES " rendernode"},
    {"model/resolution", "x!:# y!:#"},
    {"iotune", .children = "total_bytes_sec read_bytes_sec write_bytes_sec total_iops_sec "
                           "read_iops_sec write_iops_sec total_bytes_sec_max read_bytes_sec_max "
                           "write_bytes_sec_max total_iops_sec_max read_iops_sec_max "
                           "write_iops_sec_max size_iops_sec group_name "
                           "total_bytes_sec_max_length read_bytes_sec_max_length "
                           "write_bytes_sec_max_length total_iops_sec_max_length "
                           "read_iops_sec_max_length write_iops_sec_max_length"},
    {"encryption", "format! engine"},
    {"encryption/secret", "type! usage uuid"},
    {"source/encryption", "format! engine"},
    {"source/encryption/secret", "type! usage uuid"},
    {"source/seclabel", "model labelskip relabel" YES},
    {"source/reservations", "managed!" YES},
    /* ---- devices that are kept ---- */
    {"devices/lease", .children = "lockspace key! target!"},
    {"devices/lease/target", "path! offset:#"},
    {"devices/filesystem",
     "type=mount:mount|block|file|template|ram|bind|volume "
     "accessmode=passthrough:passthrough|mapped|squash "
     "model:virtio|virtio-transitional|virtio-non-transitional multidevs:default|remap|forbid|warn "
     "fmode:o4 dmode:o4",
     .children = "driver binary idmap source target! readonly space_hard_limit space_soft_limit"},
    {"devices/filesystem/driver", "type format name wrpolicy:immediate queue:# " VIRTIO},
    {"devices/filesystem/binary", "path xattr" ON,
     .children = "cache sandbox lock openfiles thread_pool"},
    {"devices/filesystem/binary/lock", "posix" ON " flock" ON},
    {"devices/filesystem/source", "file dev dir socket name usage units pool volume"},
    {"devices/filesystem/space_hard_limit", .text = "bytes"},
    {"devices/filesystem/space_soft_limit", .text = "bytes"},
    {"devices/smartcard", "mode!:host|host-certificates|passthrough type",
     .children = "certificate database source protocol log", .is_chr = true},
    {"devices/smartcard/source", CHR},
    {"devices/tpm", "model:tpm-tis|tpm-crb|tpm-spapr|tpm-spapr-proxy", .children = "backend!"},
    {"devices/tpm/backend", "type!:passthrough|emulator|external version persistent_state" YES,
     .children = "device encryption active_pcr_banks source profile"},
    {"devices/tpm/backend/source", "type mode path"},
    {"devices/tpm/backend/active_pcr_banks", .children = "sha1 sha256 sha384 sha512"},
    {"devices/redirdev", "bus=usb:usb type!", .children = "source protocol log", .is_chr = true},
    {"devices/redirdev/source", CHR},
    {"devices/redirfilter/usbdev", "class:X2 vendor:X4 product:X4 version:bcd allow!" YES},
    {"devices/hub", "type!:usb"},
    {"devices/watchdog", "model!:i6300esb|ib700|diag288|itco "
                         "action=reset:reset|shutdown|poweroff|pause|dump|none|inject-nmi"},
    {"devices/rng", "model!:virtio|virtio-transitional|virtio-non-transitional",
     .children = "rate backend! driver"},
    {"devices/rng/rate", "bytes!:# period:#"},
    {"devices/rng/backend", "model!:random|egd|builtin type", .children = "source protocol",
     .is_chr = true},
    {"devices/rng/backend[random]", "model", .text = "=/dev/random"},
    {"devices/rng/backend/source", CHR},
    {"devices/rng/driver", VIRTIO},
    {"devices/panic", "model:isa|pseries|hyperv|s390|pvpanic"},
    {"devices/shmem", "name! role:master|peer", .children = "model server size msi"},
    {"devices/shmem/model", "type!:ivshmem|ivshmem-plain|ivshmem-doorbell"},
    {"devices/shmem/msi", "vectors:# ioeventfd" ON},
    {"devices/memory", "model!:dimm|nvdimm|virtio-pmem|virtio-mem|sgx-epc access discard",
     .children = "uuid source target"},
    {"devices/memory/target", .children = "size node label block requested current"},
    {"devices/memory/target/size", "unit", .text = "kib"},
    {"devices/crypto", "model!:virtio type!:qemu", .children = "backend! driver"},
    {"devices/iommu", "model!:intel|smmuv3|virtio|amd", .children = "driver"},
    {"devices/iommu/driver", "intremap" ON " caching_mode" ON " eim" ON " iotlb" ON " aw_bits:#"},
    {"devices/vsock", "model:virtio|virtio-transitional|virtio-non-transitional",
     .children = "cid driver"},
    {"devices/vsock/cid", "auto" YES " address:#"},
    {"devices/audio",
     "id!:+ type!:none|alsa|coreaudio|jack|oss|pulseaudio|sdl|spice|file|dbus|pipewire"},
    {"devices/hostdev", "mode=subsystem type managed=no sgio rawio model display" ON " ramfb" ON},
    {"devices/hostdev/source", "protocol name wwpn"},
};

/* What is told apart by its name, and is printed in this order: entries of <sysinfo>, events. */
static const struct {
    const char *path, *names;
} entries[] = {
    {"sysinfo/bios", "vendor version date release"},
    {"sysinfo/system", "manufacturer product version serial uuid sku family"},
    {"sysinfo/baseBoard", "manufacturer product version serial asset location"},
    {"sysinfo/chassis", "manufacturer version serial asset sku"},
    {"perf", "cmt mbmt mbml cpu_cycles instructions cache_references cache_misses "
             "branch_instructions branch_misses bus_cycles stalled_cycles_frontend "
             "stalled_cycles_backend ref_cpu_cycles cpu_clock task_clock page_faults "
             "context_switches cpu_migrations page_faults_min page_faults_maj alignment_faults "
             "emulation_faults"},
};

static bool path_is(const char *row, const char *path, const char *kind)
{
    size_t n = strcspn(row, "["), k = strlen(path);
    const char *tail = strrchr(path, '/');
    if (row[0] == '*') {
        row++, n--;
        path = tail ? tail : path;
        k = strlen(path);
    }
    if (!kind != !row[n])
        return false;
    return n == k && !memcmp(row, path, n) &&
           (!kind ||
            (!strncmp(row + n + 1, kind, strlen(kind)) && row[n + 1 + strlen(kind)] == ']'));
}

const struct shape *shape_find(const char *path, const char *kind)
{
    for (size_t i = 0; kind && i < sizeof(shapes) / sizeof(*shapes); i++)
        if (path_is(shapes[i].path, path, kind))
            return &shapes[i];
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        if (path_is(shapes[i].path, path, NULL))
            return &shapes[i];
    return NULL;
}

const char *shape_entries(const char *path)
{
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
        if (!strcmp(entries[i].path, path))
            return entries[i].names;
    return NULL;
}
