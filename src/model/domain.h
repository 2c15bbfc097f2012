/* struct domain: what a guest should be. It can hold everything that xl.cfg, xm, S-expressions,
 * libvirt's XML and libxl_domain_config can say about a guest, each fact once. A plain record:
 * built, checked, then only replaced. Sizes are in KiB where the name ends in _kib. Unset is: 0 for
 * enums and tri, .set == false for numbers, NULL for texts, and the empty list. Ranges of CPUs are
 * text: "0,2-3" (see cpuset.h), or xl's "all", "nodes:1", "all,^0". Members that one format alone
 * has stand under its name. */
#pragma once
#include "base/vec.h"
#include "rec.h"

/* Each enum X has its spellings in X_words; those of the lists here, in order, 0 being unset. */
#define DOMAIN_ENUMS(E) \
    E(guest_type, GUEST_PV = 1, GUEST_HVM, GUEST_PVH) \
    E(lifecycle, LIFE_DESTROY = 1, LIFE_RESTART, LIFE_RENAME_RESTART, LIFE_PRESERVE, \
      LIFE_COREDUMP_DESTROY, LIFE_COREDUMP_RESTART, LIFE_SOFT_RESET) \
    E(bios, BIOS_ROMBIOS = 1, BIOS_SEABIOS, BIOS_OVMF) \
    E(loader_type, LOADER_ROM = 1, LOADER_PFLASH) \
    E(boot_device, BOOT_FD = 1, BOOT_HD, BOOT_CDROM, BOOT_NETWORK) \
    E(passthrough, PASSTHROUGH_DEFAULT = 1, PASSTHROUGH_DISABLED, PASSTHROUGH_ENABLED, \
      PASSTHROUGH_SYNC_PT, PASSTHROUGH_SHARE_PT) \
    E(clock_offset, CLOCK_UTC = 1, CLOCK_LOCALTIME, CLOCK_VARIABLE, CLOCK_TIMEZONE, \
      CLOCK_ABSOLUTE) \
    E(timer_name, TIMER_PLATFORM = 1, TIMER_PIT, TIMER_RTC, TIMER_HPET, TIMER_TSC, TIMER_KVMCLOCK, \
      TIMER_HYPERVCLOCK, TIMER_ARMVTIMER) \
    E(tsc_mode, TSC_AUTO = 1, TSC_NATIVE, TSC_EMULATE, TSC_PARAVIRT, TSC_SMPSAFE) \
    E(timer_mode, TIMER_MODE_DELAY_FOR_MISSED_TICKS = 1, TIMER_MODE_NO_DELAY_FOR_MISSED_TICKS, \
      TIMER_MODE_NO_MISSED_TICKS_PENDING, TIMER_MODE_ONE_MISSED_TICK_PENDING) \
    E(cpu_mode, CPU_CUSTOM = 1, CPU_HOST_MODEL, CPU_HOST_PASSTHROUGH, CPU_MAXIMUM) \
    E(cpu_policy, CPU_FORCE = 1, CPU_REQUIRE, CPU_OPTIONAL, CPU_DISABLE, CPU_FORBID, CPU_KEEP, \
      CPU_SAVE, CPU_VALUE) \
    E(altp2m, ALTP2M_DISABLED = 1, ALTP2M_MIXED, ALTP2M_EXTERNAL, ALTP2M_LIMITED) \
    E(vendor_device, VENDOR_DEVICE_NONE = 1, VENDOR_DEVICE_XENSERVER) \
    E(gfx_passthru, GFX_PASSTHRU_DEFAULT = 1, GFX_PASSTHRU_IGD) \
    E(hdtype, HDTYPE_IDE = 1, HDTYPE_AHCI) \
    E(dm_version, DM_QEMU_XEN_TRADITIONAL = 1, DM_QEMU_XEN, DM_NONE) \
    E(rdm_strategy, RDM_IGNORE = 1, RDM_HOST) \
    E(rdm_policy, RDM_STRICT = 1, RDM_RELAXED) \
    E(gic_version, GIC_DEFAULT = 1, GIC_V2, GIC_V3) \
    E(vuart, VUART_NONE = 1, VUART_SBSA) \
    E(tee, TEE_NONE = 1, TEE_OPTEE, TEE_FFA) \
    E(arm_sci, ARM_SCI_NONE = 1, ARM_SCI_SMC) \
    E(scheduler, SCHED_UNKNOWN = 1, SCHED_SEDF, SCHED_CREDIT, SCHED_CREDIT2, SCHED_ARINC653, \
      SCHED_RTDS, SCHED_NULL) \
    E(disk_type, DISK_FILE = 1, DISK_BLOCK, DISK_DIR, DISK_NETWORK, DISK_VOLUME, DISK_NVME, \
      DISK_VHOSTUSER, DISK_VHOSTVDPA) \
    E(disk_device, DISK_DISK = 1, DISK_CDROM, DISK_FLOPPY, DISK_LUN) \
    E(disk_bus, BUS_IDE = 1, BUS_FDC, BUS_SCSI, BUS_VIRTIO, BUS_XEN, BUS_USB, BUS_UML, BUS_SATA, \
      BUS_SD, BUS_NVME) \
    E(disk_spec, DISK_SPEC_XEN = 1, DISK_SPEC_VIRTIO) \
    E(disk_transport, DISK_TRANSPORT_MMIO = 1) \
    E(nic_type, NIC_USER = 1, NIC_ETHERNET, NIC_VHOSTUSER, NIC_SERVER, NIC_CLIENT, NIC_MCAST, \
      NIC_UDP, NIC_NETWORK, NIC_BRIDGE, NIC_INTERNAL, NIC_DIRECT, NIC_HOSTDEV, NIC_VDPA, NIC_NULL, \
      NIC_VDS) \
    E(nic_kind, NIC_IOEMU = 1, NIC_VIF) \
    E(chr_type, CHR_NULL = 1, CHR_VC, CHR_PTY, CHR_DEV, CHR_FILE, CHR_PIPE, CHR_STDIO, CHR_UDP, \
      CHR_TCP, CHR_UNIX, CHR_SPICEVMC, CHR_SPICEPORT, CHR_NMDM, CHR_QEMU_VDAGENT, CHR_DBUS) \
    E(chr_target, CHR_TARGET_NONE = 1, CHR_TARGET_SERIAL, CHR_TARGET_XEN, CHR_TARGET_UML, \
      CHR_TARGET_VIRTIO, CHR_TARGET_LXC, CHR_TARGET_OPENVZ, CHR_TARGET_SCLP, CHR_TARGET_SCLPLM) \
    E(gfx_type, GFX_SDL = 1, GFX_VNC, GFX_RDP, GFX_DESKTOP, GFX_SPICE, GFX_EGL_HEADLESS, GFX_DBUS) \
    E(listen_type, LISTEN_ADDRESS = 1, LISTEN_NETWORK, LISTEN_SOCKET, LISTEN_NONE) \
    E(mouse_mode, MOUSE_CLIENT = 1, MOUSE_SERVER) \
    E(video_type, VIDEO_DEFAULT = 1, VIDEO_VGA, VIDEO_CIRRUS, VIDEO_VMVGA, VIDEO_XEN, VIDEO_VBOX, \
      VIDEO_QXL, VIDEO_PARALLELS, VIDEO_VIRTIO, VIDEO_GOP, VIDEO_NONE, VIDEO_BOCHS, VIDEO_RAMFB) \
    E(input_type, INPUT_MOUSE = 1, INPUT_TABLET, INPUT_KEYBOARD, INPUT_PASSTHROUGH, INPUT_EVDEV) \
    E(input_bus, INPUT_BUS_PS2 = 1, INPUT_BUS_USB, INPUT_BUS_XEN, INPUT_BUS_PARALLELS, \
      INPUT_BUS_VIRTIO, INPUT_BUS_NONE) \
    E(controller_type, CTL_IDE = 1, CTL_FDC, CTL_SCSI, CTL_SATA, CTL_VIRTIO_SERIAL, CTL_CCID, \
      CTL_USB, CTL_PCI, CTL_XENBUS, CTL_ISA, CTL_NVME) \
    E(usb_type, USB_AUTO = 1, USB_PV, USB_DEVICEMODEL, USB_QUSB) \
    E(hostdev_type, HOSTDEV_PCI = 1, HOSTDEV_USB) \
    E(address_type, ADDRESS_PCI = 1, ADDRESS_DRIVE, ADDRESS_VIRTIO_SERIAL, ADDRESS_CCID, \
      ADDRESS_USB, ADDRESS_SPAPR_VIO, ADDRESS_VIRTIO_S390, ADDRESS_CCW, ADDRESS_VIRTIO_MMIO, \
      ADDRESS_ISA, ADDRESS_DIMM, ADDRESS_UNASSIGNED) \
    E(seclabel_type, SECLABEL_DYNAMIC = 1, SECLABEL_STATIC, SECLABEL_NONE) \
    E(vkb_backend, VKB_QEMU = 1, VKB_LINUX) \
    E(p9_type, P9_QEMU = 1, P9_XEN_9PFSD) \
    E(vsnd_stream_type, VSND_PLAYBACK = 1, VSND_CAPTURE) \
    E(host_stop, HOST_STOP_SAVE = 1, HOST_STOP_SHUTDOWN, HOST_STOP_DESTROY, HOST_STOP_IGNORE) \
    E(xend_start, XEND_START_IGNORE = 1, XEND_START_START) \
    E(xend_stop, XEND_STOP_IGNORE = 1, XEND_STOP_SHUTDOWN, XEND_STOP_SUSPEND) \
    E(xend_restart, XEND_RESTART_ONREBOOT = 1, XEND_RESTART_ALWAYS, XEND_RESTART_NEVER)

#define DOMAIN_ENUM(name, ...) \
    enum name { __VA_ARGS__ }; \
    extern const struct words name##_words;
DOMAIN_ENUMS(DOMAIN_ENUM)

/* ---- XML that is kept ---- */
struct attr {
    char *name, *value;
};

/* A piece of XML. An element has a name; a piece of text has none and only `text`. */
struct xnode {
    char *name, *text;
    struct attr *attrs;
    size_t n_attrs;
    struct xnode *children;
    size_t n_children;
};

/* An element (node.name "x") or attribute (node.name "@x", node.text its value) that no member
 * stands for. `at` is its parent below the record that keeps it: "" or "cputune" or "driver". */
struct kept {
    char *at;
    struct xnode node;
};

/* ---- what many devices have ---- */
struct address {
    enum address_type type;
    struct num domain, bus, slot, function; /* pci; usb uses bus */
    tri multifunction;
    struct num controller, target, unit; /* drive; virtio-serial: controller, bus and port */
    char *port;                          /* usb "1.2", virtio-serial "3" */
    struct num iobase, irq;              /* isa */
    struct attr *attrs;                  /* of the other types */
    size_t n_attrs;
};

struct device { /* the common tail */
    struct num boot_order;
    char *alias;
    struct num acpi_index;
    struct address address;
    struct kept *kept;
    size_t n_kept;
    uint32_t origin; /* its number in the text it was read from; 0: none (conf/prov.h) */
};

struct host_port {
    char *name, *port, *transport, *socket;
};

struct disk {
    enum disk_type type;
    enum disk_device device;
    char *driver; /* libvirt's name: qemu (qdisk), tap, tap2, phy, file, standalone, or xm's own
                     word */
    char *format; /* raw qcow qcow2 qed vhd empty ... */
    char *cache, *io, *discard; /* discard: ignore, unmap */
    char *source;               /* path, or image name of a network disk; "" is said, NULL is not */
    char *protocol;             /* network: rbd, nbd ... */
    struct host_port *hosts;
    size_t n_hosts;
    char *source_snapshot, *source_config;
    char *startup_policy;
    char *pool, *volume;
    struct num source_index;
    char *target; /* hda, xvda1, d0p0, 51712 */
    enum disk_bus bus;
    tri removable;
    char *tray;
    tri readonly, shareable, transient;
    char *backend_domain;
    char *serial, *wwn, *vendor, *product;
    struct device dev;
    /* libxl */
    char *script;
    tri direct_io_safe, trusted;
    enum disk_spec specification;
    enum disk_transport transport;
    struct num irq, base;
    tri grant_usage;
    tri colo;
    char *colo_host, *colo_export, *active_disk, *hidden_disk;
    struct num colo_port;
    /* xend */
    tri bootable;
    char *xend_protocol, *xend_uuid, *xend_driver, *xend_vdi;
};

struct ip {
    char *address, *family, *peer;
    struct num prefix;
};

struct vlan_tag {
    struct num id;
    char *native_mode;
};

struct bandwidth { /* KiB/s, burst KiB */
    struct num average, peak, floor, burst;
};

/* xl's colo_* words, in the order of libxl_device_nic; every table of them is made from this. */
#define NIC_COLO(X) \
    X(sock_mirror_id) \
    X(sock_mirror_ip) \
    X(sock_mirror_port) \
    X(sock_compare_pri_in_id) \
    X(sock_compare_pri_in_ip) \
    X(sock_compare_pri_in_port) \
    X(sock_compare_sec_in_id) \
    X(sock_compare_sec_in_ip) \
    X(sock_compare_sec_in_port) \
    X(sock_compare_notify_id) \
    X(sock_compare_notify_ip) \
    X(sock_compare_notify_port) \
    X(sock_redirector0_id) \
    X(sock_redirector0_ip) \
    X(sock_redirector0_port) \
    X(sock_redirector1_id) \
    X(sock_redirector1_ip) \
    X(sock_redirector1_port) \
    X(sock_redirector2_id) \
    X(sock_redirector2_ip) \
    X(sock_redirector2_port) \
    X(filter_mirror_queue) \
    X(filter_mirror_outdev) \
    X(filter_redirector0_queue) \
    X(filter_redirector0_indev) \
    X(filter_redirector0_outdev) \
    X(filter_redirector1_queue) \
    X(filter_redirector1_indev) \
    X(filter_redirector1_outdev) \
    X(compare_pri_in) \
    X(compare_sec_in) \
    X(compare_out) \
    X(compare_notify_dev) \
    X(sock_sec_redirector0_id) \
    X(sock_sec_redirector0_ip) \
    X(sock_sec_redirector0_port) \
    X(sock_sec_redirector1_id) \
    X(sock_sec_redirector1_ip) \
    X(sock_sec_redirector1_port) \
    X(filter_sec_redirector0_queue) \
    X(filter_sec_redirector0_indev) \
    X(filter_sec_redirector0_outdev) \
    X(filter_sec_redirector1_queue) \
    X(filter_sec_redirector1_indev) \
    X(filter_sec_redirector1_outdev) \
    X(filter_sec_rewriter0_queue) \
    X(checkpoint_host) \
    X(checkpoint_port)
#define NIC_COLO_MEMBER(m) char *m;
struct nic_colo {
    NIC_COLO(NIC_COLO_MEMBER)
};

struct nic {
    enum nic_type type;
    struct mac mac;
    char *mac_type;
    tri mac_check;
    char *bridge, *network, *portgroup, *portid;
    char *source_dev, *source_mode; /* direct and others */
    char *source_address;           /* server, client, mcast, udp */
    struct num source_port;
    tri vlan_trunk;
    struct vlan_tag *vlans;
    size_t n_vlans;
    char *virtualport; /* openvswitch ...; parameters are kept */
    struct bandwidth in, out;
    char *rate; /* libxl: a rate that `out` cannot say, as "RATE[@INTERVAL]" */
    struct ip *ips, *source_ips; /* the guest's and, on the host's side, <source>'s */
    size_t n_ips, n_source_ips;
    char *script, *downscript;
    char *backend_domain;
    char *ifname;
    char *guest_dev;
    char *model; /* rtl8139, e1000, netfront ... */
    char *link_state;
    struct num mtu;
    char *filter; /* filterref */
    struct device dev;
    /* libxl */
    enum nic_kind kind; /* type=vif|ioemu, where the model does not say it */
    char *gatewaydev, *forwarddev, *vlan, *accel;
    struct num devid;
    tri trusted;
    struct nic_colo *colo;
    /* xend */
    char *xend_policy, *xend_label, *xend_uuid;
};

struct chr { /* serial, parallel, console, channel */
    enum chr_type type;
    char *path;                     /* dev, file, pipe, unix; pty: of a running guest */
    tri append;                     /* file */
    tri listen;                     /* tcp, unix: mode='bind' */
    char *host, *service;           /* tcp; udp: connect */
    char *bind_host, *bind_service; /* udp */
    tri tls;
    tri telnet; /* tcp protocol */
    tri reconnect;
    struct num reconnect_timeout;
    char *channel; /* spiceport, nmdm master */
    char *slave;
    char *log_file;
    tri log_append;
    enum chr_target target; /* console */
    char *target_type;      /* serial, channel: isa-serial, xen, virtio ... */
    char *target_model;
    struct num port;
    char *name;                         /* channel */
    char *state;                        /* channel of a running guest */
    char *target_address, *target_port; /* guestfwd */
    struct device dev;
    /* libxl */
    char *backend_domain;
    struct num devid;
    char *native; /* serial, parallel: QEMU's text, where the members above do not say all of it */
    /* xend */
    char *xend_protocol, *xend_location, *xend_uuid;
};

struct listen {
    enum listen_type type;
    char *address, *network, *socket;
    tri from_config, auto_address;
};

struct gfx_channel {
    char *name, *mode;
};

struct graphics {
    enum gfx_type type;
    struct num port, tls_port, websocket; /* port: 5900 + display for VNC */
    tri autoport;
    struct listen *listens;
    size_t n_listens;
    char *keymap;
    char *passwd, *passwd_valid_to, *connected;
    char *share_policy;
    tri power_control;
    char *display, *xauth;                    /* sdl */
    tri fullscreen, replace_user, multi_user; /* sdl, rdp */
    char *username;
    tri gl; /* opengl */
    char *rendernode;
    /* spice */
    char *default_mode, *image_compression, *jpeg_compression, *zlib_compression, *streaming;
    tri playback_compression;
    struct gfx_channel *channels;
    size_t n_channels;
    enum mouse_mode mouse;
    tri clipboard, file_transfer;
    tri ticketing; /* no: spicedisable_ticketing */
    tri vdagent;   /* where mouse and clipboard do not imply it */
    struct num usb_redirection;
    tri p2p; /* dbus */
    char *address_dbus;
    struct kept *kept;
    size_t n_kept;
    /* libxl */
    struct num vfb; /* the vfb list's item it came from; unset: top-level keys */
    char *backend_domain;
    struct num devid;
    /* xend */
    char *xend_uuid, *xend_location, *xend_videoram, *xend_other_config, *xend_serial,
        *xend_monitor;
    char *xend_vncconsole;
};

/* The first of the list is the primary one. */
struct video {
    enum video_type type;
    struct num vram_kib, ram_kib, vram64_kib, vgamem_kib, heads;
    tri blob;
    struct device dev;
};

struct input {
    enum input_type type;
    enum input_bus bus;
    char *model, *source_dev, *source_evdev;
    struct device dev;
};

struct sound {
    char *model; /* ich6, es1370, ac97, sb16, pcspk ... */
    struct device dev;
};

struct controller {
    enum controller_type type;
    struct num index;
    char *model;
    struct num ports, vectors;
    struct device dev;
    /* usb, libxl */
    enum usb_type usb_type; /* with usb_version it is the model qusb1 or qusb2 */
    struct num usb_version;
    char *backend_domain;
};

struct hostdev {
    enum hostdev_type type;
    tri managed;
    char *driver, *startup_policy;
    /* pci source */
    struct num domain, bus, slot, function;
    tri all_functions; /* BB:SS.* */
    char *name;        /* of an assignable device */
    tri permissive, msitranslate, power_mgmt, seize;
    enum rdm_policy rdm_policy;
    struct num vslot; /* where the guest shall see it; dev.address for libvirt */
    /* usb source */
    struct num vendor, product, usb_bus, usb_device;
    struct num usb_controller, usb_port; /* in the guest */
    struct device dev;
    /* xend */
    char *xend_key, *xend_uuid, *xend_state;
};

struct memballoon {
    char *model; /* xen, none ... */
    struct num stats_period;
    tri autodeflate, free_page_reporting;
    struct device dev;
};

struct vtpm {
    char *backend_domain;
    uint8_t uuid[16];
    struct num devid;
    char *xend_instance;
};

struct p9 {
    char *tag, *path, *security_model, *backend_domain;
    enum p9_type type;
    struct num max_files, max_open_files, max_space_mib;
    tri auto_delete;
    struct num devid;
};

struct pvcalls {
    char *backend_domain;
    struct num devid;
};

struct vkb {
    char *backend_domain, *unique_id;
    enum vkb_backend backend_type;
    tri disable_keyboard, disable_pointer, abs_pointer, raw_pointer, multi_touch;
    struct num width, height, multi_touch_width, multi_touch_height, multi_touch_contacts;
    struct num devid;
};

struct connector {
    char *id;
    struct num width, height;
};

struct vdispl {
    char *backend_domain;
    tri be_alloc;
    struct connector *connectors;
    size_t n_connectors;
    struct num devid;
};

struct vsnd_params {
    uint32_t *sample_rates;
    size_t n_sample_rates;
    char **sample_formats;
    size_t n_sample_formats;
    struct num channels_min, channels_max, buffer_size;
};

struct vsnd_stream {
    char *id;
    enum vsnd_stream_type type;
    struct vsnd_params params;
};

struct vsnd_pcm {
    char *name;
    struct vsnd_params params;
    struct vsnd_stream *streams;
    size_t n_streams;
};

struct vsnd {
    char *backend_domain, *short_name, *long_name;
    struct vsnd_params params;
    struct vsnd_pcm *pcms;
    size_t n_pcms;
    struct num devid;
};

struct virtio {
    char *backend_domain, *type, *transport;
    tri grant_usage;
    struct num devid, irq, base;
};

struct vscsi { /* xm */
    char *pdev, *vdev, *backend_domain;
    tri feature_host; /* the guest sees the host's whole tree */
};

struct vusb { /* xm */
    struct num version, ports;
    char **devices; /* by port; "" where none */
    size_t n_devices;
};

struct vcpu_pin {
    struct num vcpu;
    char *hard, *soft;
};

struct numa_cell {
    struct num id, memory_kib, pnode;
    char *cpus;
    uint32_t *distances; /* to cell 0, 1, ...; 0 where unsaid */
    size_t n_distances;
    struct kept *kept;
    size_t n_kept;
};

struct cpu_feature {
    char *name; /* libvirt's word, or libxl's where libvirt has none */
    enum cpu_policy policy;
    char *value; /* CPU_VALUE: family=6 and the like */
};

struct cpuid_leaf { /* xl's list form */
    char *leaf, *subleaf, *eax, *ebx, *ecx, *edx;
};

struct cpu {
    enum cpu_mode mode;
    char *match, *check, *model, *fallback, *vendor_id, *vendor;
    tri migratable;
    struct num sockets, dies, clusters, cores, threads;
    struct cpu_feature *features;
    size_t n_features;
    struct numa_cell *cells;
    size_t n_cells;
    struct cpuid_leaf *leaves; /* cpuid = [ ... ] */
    size_t n_leaves;
    struct cpuid_leaf *check_leaves; /* xm's cpuid_check */
    size_t n_check_leaves;
};

struct sched {
    enum scheduler kind;
    struct num weight; /* <cputune><shares> */
    struct num cap, period, slice, latency, budget;
    tri extratime;
};

struct timer {
    enum timer_name name;
    tri present;
    char *tickpolicy, *track;
    struct num frequency;
    enum tsc_mode mode;
    struct kept *kept;
    size_t n_kept;
};

struct clock {
    enum clock_offset offset;
    tri adjustment_reset;    /* adjustment='reset' */
    struct num adjustment_s; /* variable: rtc_timeoffset */
    enum clock_offset basis; /* variable: utc or localtime */
    char *timezone;
    struct num start_s;
    struct timer *timers;
    size_t n_timers;
};

struct hyperv {
    char *name; /* relaxed, vapic, stimer ... */
    tri state;
    struct num retries; /* spinlocks */
    char *value;        /* vendor_id */
    tri direct, extended;
};

struct loader {
    char *path; /* rom: hvmloader; pflash: the firmware image (system_firmware) */
    enum loader_type type;
    tri readonly, secure, stateless;
    char *format;
};

struct os {
    char *firmware; /* libvirt's automatic choice: efi, bios */
    char *arch, *machine;
    struct loader loader;
    enum bios bios;        /* xl's bios=, where the loader does not say it */
    char *hvmloader;       /* firmware_override beside a pflash loader */
    char *native_firmware; /* xl's firmware= for what is no HVM guest's BIOS: pvgrub32, pvgrub64 */
    char *kernel, *initrd, *cmdline;
    char *root, *extra; /* pieces of the command line, where they were said apart */
    char *device_tree, *shim;
    char *acpi_table, *acpi_table_type; /* acpi_firmware */
    char *smbios_firmware;
    int *boot; /* enum boot_device */
    size_t n_boot;
};

struct features {
    tri acpi, apic, pae, hap, viridian, privnet;
    tri apic_eoi;
    char *hyperv_mode; /* custom, passthrough */
    struct hyperv *hyperv;
    size_t n_hyperv;
    char **viridian_groups; /* xl's list: base, !freq, all */
    size_t n_viridian_groups;
    tri e820_host;
    enum passthrough passthrough;
};

struct seclabel {
    enum seclabel_type type;
    char *model;
    tri relabel;
    char *label, *imagelabel, *baselabel;
};

struct ioport_range {
    struct num first, last;
};

struct iomem_range { /* page frames */
    struct num start, count, gfn;
};

struct xm { /* what only xend knew */
    tri memory_sharing, superpages, s3_integrity, suppress_spurious_page_faults;
    tri isa, monitor, expose_host_uuid, extended_power_mgmt, vncconsole, vncviewer;
    struct num target, machine_address_size, vhpt, nics;
    struct num vcpu_avail; /* the mask, where it is not the low bits */
    struct num cpu;        /* pin of vCPU 0 */
    char *guest_os_type, *monitor_path, *bootentry, *features;
    char *ip, *gateway, *netmask, *hostname, *interface, *dhcp, *nfs_server, *nfs_root;
    char **access_control;
    size_t n_access_control;
    tri blkif, netif;
    char *vkbd_backend; /* domain that serves a PV guest's keyboard */
    enum xend_start on_start;
    enum xend_stop on_stop;
    enum xend_restart restart;
    struct vscsi *vscsis;
    size_t n_vscsis;
    struct vusb *vusbs;
    size_t n_vusbs;
    char **vif2;
    size_t n_vif2;
    char *security, *security_label;     /* an S-expression's, as text */
    char *start_time, *cpu_time, *state; /* of a running guest */
    struct num online_vcpus, status, store_mfn, console_mfn;
    char *notes, *pci;
};

struct domain {
    /* identity */
    char *virt_type; /* a document of another hypervisor's guest: qemu, kvm ...; NULL: xen */
    enum guest_type type;
    struct num id; /* of a running guest */
    char *name;
    uint8_t uuid[16];
    char *title, *description;
    char *genid;            /* <genid>; "" asks for a new one */
    tri ms_vm_genid;        /* xl: generate or none */
    struct xnode *metadata; /* the children of <metadata> but ours */
    size_t n_metadata;
    uint32_t empty_metadata; /* 1: <metadata/> stands there with nothing in it */
    char *pool;

    /* memory and CPUs */
    struct num memory_max_kib; /* <memory>, maxmem */
    struct num memory_kib;     /* <currentMemory>, memory */
    struct num hotplug_max_kib, hotplug_slots;
    tri dump_core;
    struct num vcpus_max, vcpus;
    char *vcpu_placement;
    char *cpus; /* all vCPUs: <vcpu cpuset>, cpus= */
    char *cpus_soft;
    struct vcpu_pin *pins;
    size_t n_pins;
    struct sched sched;
    struct cpu cpu;
    tri nested_hvm;
    tri numa_placement;
    struct num shadow_memory_kib, iommu_memory_kib, video_memory_kib;

    struct os os;
    char *bootloader;      /* "" is said: the default one */
    char *bootloader_args; /* as text, as libvirt and xm have it */
    char **bootloader_arg_list;
    size_t n_bootloader_arg_list;
    tri bootloader_restrict;
    char *bootloader_user;
    struct features features;
    struct clock clock;

    enum lifecycle on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset;
    struct num autostart_order, autostart_delay; /* among the guests of the host; seconds */
    enum host_stop host_stop;                    /* what becomes of it when the host stops */
    char *on_lockfailure;
    tri acpi_s3, acpi_s4; /* <pm> */

    /* devices that XML has; each list in file order */
    char *emulator;
    struct disk *disks;
    size_t n_disks;
    struct controller *controllers;
    size_t n_controllers;
    struct nic *nics;
    size_t n_nics;
    struct chr *serials, *parallels, *consoles, *channels;
    size_t n_serials, n_parallels, n_consoles, n_channels;
    struct input *inputs;
    size_t n_inputs;
    struct graphics *graphics;
    size_t n_graphics;
    struct sound *sounds;
    size_t n_sounds;
    struct video *videos;
    size_t n_videos;
    struct hostdev *hostdevs;
    size_t n_hostdevs;
    struct memballoon *memballoon;
    struct seclabel *seclabels;
    size_t n_seclabels;
    struct kept *kept; /* at "" and "devices" and "cputune" ... */
    size_t n_kept;
    char **dm_args; /* xen:commandline, device_model_args */
    size_t n_dm_args;

    /* libxl, beyond libvirt's XML */
    tri vnc, sdl, spice; /* no: said to be off; a device in `graphics` is on */
    tri nographic;
    struct num max_grant_frames, max_maptrack_frames, max_grant_version, max_event_channels;
    tri disable_migrate, driver_domain, xend_suspend_evtchn_compat, claim_mode, run_hotplug_scripts;
    struct num vmtrace_buf_kib;
    tri vpmu;
    struct num xenstore_feature_mask;
    char **xenstore_quota;
    size_t n_xenstore_quota;
    struct attr *smbios; /* name, value in order */
    size_t n_smbios;
    tri oos, acpi_laptop_slate, nx, vpt_align, xen_platform_pci, xen_platform_pci_bar_uc, hvm_pirq,
        msr_relaxed;
    tri vkb_device, usb;
    struct num usb_version;
    char **usb_devices; /* usbdevice words that are no <input> */
    size_t n_usb_devices;
    enum altp2m altp2m;
    tri altp2m_hvm;
    struct num altp2m_count;
    char **mca_caps;
    size_t n_mca_caps;
    enum timer_mode timer_mode;
    struct num mmio_hole_kib;
    enum vendor_device vendor_device;
    tri gfx_passthru;
    enum gfx_passthru gfx_passthru_kind;
    enum hdtype hdtype;
    tri pvshim;
    char *pvshim_path, *pvshim_cmdline, *pvshim_extra;
    tri pvh_v1;                            /* xl's pvh=, until 4.8 */
    char *init_seclabel, *seclabel_native; /* where <seclabel> does not say it */
    enum dm_version dm_version;
    char *dm_user;
    tri dm_restrict;
    char **dm_args_pv, **dm_args_hvm;
    size_t n_dm_args_pv, n_dm_args_hvm;
    tri dm_stubdomain;
    char *dm_stubdomain_seclabel, *stubdomain_kernel, *stubdomain_cmdline, *stubdomain_ramdisk;
    struct num stubdomain_memory_kib;
    tri pci_permissive, pci_msitranslate, pci_seize,
        pci_power_mgmt; /* defaults for all pci devices */
    enum rdm_strategy rdm_strategy;
    enum rdm_policy rdm_policy;
    struct num rdm_mem_boundary_kib;
    char **dtdevs;
    size_t n_dtdevs;
    struct ioport_range *ioports;
    size_t n_ioports;
    struct iomem_range *iomem;
    size_t n_iomem;
    uint32_t *irqs;
    size_t n_irqs;
    char **llc_colors;
    size_t n_llc_colors;
    struct attr *xsdata, *platformdata;
    size_t n_xsdata, n_platformdata;
    char *blkdev_start;
    struct num ssidref, slack_memory_kib;

    enum gic_version gic_version;
    enum vuart vuart;
    char *sve; /* bits, or "hw" */
    enum tee tee;
    struct num nr_spis;
    tri trap_unmapped_accesses;
    enum arm_sci arm_sci;

    struct vtpm *vtpms;
    size_t n_vtpms;
    struct p9 *p9s;
    size_t n_p9s;
    struct pvcalls *pvcalls;
    size_t n_pvcalls;
    struct vkb *vkbs;
    size_t n_vkbs;
    struct vdispl *vdispls;
    size_t n_vdispls;
    struct vsnd *vsnds;
    size_t n_vsnds;
    struct virtio *virtios;
    size_t n_virtios;

    struct xm xm;
};

extern const struct rec domain_rec;
/* Each struct above has its table, NAME_rec. */
extern const struct rec attr_rec, xnode_rec, kept_rec, address_rec, device_rec, host_port_rec,
    disk_rec, ip_rec, vlan_tag_rec, bandwidth_rec, nic_colo_rec, nic_rec, chr_rec, listen_rec,
    gfx_channel_rec, graphics_rec, video_rec, input_rec, sound_rec, controller_rec, hostdev_rec,
    memballoon_rec, vtpm_rec, p9_rec, pvcalls_rec, vkb_rec, connector_rec, vdispl_rec,
    vsnd_params_rec, vsnd_stream_rec, vsnd_pcm_rec, vsnd_rec, virtio_rec, vscsi_rec, vusb_rec,
    vcpu_pin_rec, numa_cell_rec, cpu_feature_rec, cpuid_leaf_rec, cpu_rec, sched_rec, timer_rec,
    clock_rec, hyperv_rec, loader_rec, os_rec, features_rec, seclabel_rec, ioport_range_rec,
    iomem_range_rec, xm_rec;

struct domain *domain_new(void);
void domain_free(struct domain *d);                 /* NULL is fine */
struct domain *domain_copy(const struct domain *d); /* caller frees with domain_free */
bool domain_equal(const struct domain *a, const struct domain *b,
                  struct str *path); /* see rec_equal */
static inline void domain_autofree(struct domain **d)
{
    domain_free(*d);
}
#define CLEANUP_DOMAIN CLEANUP(domain_autofree)

/* The CPUs of one vCPU alone; NULL: nothing is said of it. */
const char *domain_pin(const struct domain *d, int64_t vcpu, bool is_soft);
/* The same, or what all vcpus have. */
const char *domain_cpus(const struct domain *d, int64_t vcpu, bool is_soft);
/* The one there is, or an empty one more. */
struct vcpu_pin *domain_pin_add(struct domain *d, int64_t vcpu);

/* Appends an empty item: struct disk *k = DOMAIN_ADD(d, disks); valid until the next one is added.
 */
#define DOMAIN_ADD(d, list) \
    ((d)->list = vec_room((d)->list, (d)->n_##list, sizeof(*(d)->list)), \
     memset(&(d)->list[(d)->n_##list], 0, sizeof(*(d)->list)), &(d)->list[(d)->n_##list++])
