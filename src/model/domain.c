#include "domain.h"

#include "base/mem.h"

/* The spellings, in the order of the enums. Formats that spell a value differently have words of
 * their own. */
#define WORDS(e, ...) \
    static const char *const e##_names[] = {NULL, __VA_ARGS__}; \
    const struct words e##_words = {e##_names, sizeof(e##_names) / sizeof(*e##_names)};

WORDS(guest_type, "pv", "hvm", "pvh")
WORDS(lifecycle, "destroy", "restart", "rename-restart", "preserve", "coredump-destroy",
      "coredump-restart", "soft-reset")
WORDS(bios, "rombios", "seabios", "ovmf")
WORDS(loader_type, "rom", "pflash")
WORDS(boot_device, "fd", "hd", "cdrom", "network")
WORDS(passthrough, "default", "disabled", "enabled", "sync_pt", "share_pt")
WORDS(clock_offset, "utc", "localtime", "variable", "timezone", "absolute")
WORDS(timer_name, "platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer")
WORDS(tsc_mode, "auto", "native", "emulate", "paravirt", "smpsafe")
WORDS(timer_mode, "delay_for_missed_ticks", "no_delay_for_missed_ticks", "no_missed_ticks_pending",
      "one_missed_tick_pending")
WORDS(cpu_mode, "custom", "host-model", "host-passthrough", "maximum")
WORDS(cpu_policy, "force", "require", "optional", "disable", "forbid", "keep", "save", "value")
WORDS(altp2m, "disabled", "mixed", "external", "limited")
WORDS(vendor_device, "none", "xenserver")
WORDS(gfx_passthru, "default", "igd")
WORDS(hdtype, "ide", "ahci")
WORDS(dm_version, "qemu-xen-traditional", "qemu-xen", "none")
WORDS(rdm_strategy, "ignore", "host")
WORDS(rdm_policy, "strict", "relaxed")
WORDS(gic_version, "default", "v2", "v3")
WORDS(vuart, "none", "sbsa_uart")
WORDS(tee, "none", "optee", "ffa")
WORDS(arm_sci, "none", "scmi_smc")
WORDS(scheduler, "unknown", "sedf", "credit", "credit2", "arinc653", "rtds", "null")
WORDS(disk_type, "file", "block", "dir", "network", "volume", "nvme", "vhostuser", "vhostvdpa")
WORDS(disk_device, "disk", "cdrom", "floppy", "lun")
WORDS(disk_bus, "ide", "fdc", "scsi", "virtio", "xen", "usb", "uml", "sata", "sd", "nvme")
WORDS(disk_spec, "xen", "virtio")
WORDS(disk_transport, "mmio")
WORDS(nic_type, "user", "ethernet", "vhostuser", "server", "client", "mcast", "udp", "network",
      "bridge", "internal", "direct", "hostdev", "vdpa", "null", "vds")
WORDS(nic_kind, "ioemu", "vif")
WORDS(chr_type, "null", "vc", "pty", "dev", "file", "pipe", "stdio", "udp", "tcp", "unix",
      "spicevmc", "spiceport", "nmdm", "qemu-vdagent", "dbus")
WORDS(chr_target, "none", "serial", "xen", "uml", "virtio", "lxc", "openvz", "sclp", "sclplm")
WORDS(gfx_type, "sdl", "vnc", "rdp", "desktop", "spice", "egl-headless", "dbus")
WORDS(listen_type, "address", "network", "socket", "none")
WORDS(mouse_mode, "client", "server")
WORDS(video_type, "default", "vga", "cirrus", "vmvga", "xen", "vbox", "qxl", "parallels", "virtio",
      "gop", "none", "bochs", "ramfb")
WORDS(input_type, "mouse", "tablet", "keyboard", "passthrough", "evdev")
WORDS(input_bus, "ps2", "usb", "xen", "parallels", "virtio", "none")
WORDS(controller_type, "ide", "fdc", "scsi", "sata", "virtio-serial", "ccid", "usb", "pci",
      "xenbus", "isa", "nvme")
WORDS(usb_type, "auto", "pv", "devicemodel", "qusb")
WORDS(hostdev_type, "pci", "usb")
WORDS(address_type, "pci", "drive", "virtio-serial", "ccid", "usb", "spapr-vio", "virtio-s390",
      "ccw", "virtio-mmio", "isa", "dimm", "unassigned")
WORDS(seclabel_type, "dynamic", "static", "none")
WORDS(vkb_backend, "qemu", "linux")
WORDS(p9_type, "qemu", "xen_9pfsd")
WORDS(vsnd_stream_type, "playback", "capture")
WORDS(host_stop, "save", "shutdown", "destroy", "ignore")
WORDS(xend_start, "ignore", "start")
WORDS(xend_stop, "ignore", "shutdown", "suspend")
WORDS(xend_restart, "onreboot", "always", "never")

/* The rows: every member of every struct, in order. */
#define REC(T) \
    const struct rec T##_rec = {#T, sizeof(struct T), T##_fields, \
                                sizeof(T##_fields) / sizeof(*T##_fields)};

// clang-format off
static const struct field attr_fields[] = {
    F_STR(attr, name), F_STR(attr, value),
};
REC(attr)

static const struct field xnode_fields[] = {
    F_STR(xnode, name), F_STR(xnode, text), F_LIST(xnode, attrs, attr),
    F_LIST(xnode, children, xnode),
};
REC(xnode)

static const struct field kept_fields[] = {
    F_STR(kept, at), F_SUB(kept, node, xnode),
};
REC(kept)

static const struct field address_fields[] = {
    F_ENUM(address, type, address_type), F_NUM(address, domain), F_NUM(address, bus),
    F_NUM(address, slot), F_NUM(address, function), F_TRI(address, multifunction),
    F_NUM(address, controller), F_NUM(address, target), F_NUM(address, unit),
    F_STR(address, port), F_NUM(address, iobase), F_NUM(address, irq),
    F_LIST(address, attrs, attr),
};
REC(address)

static const struct field device_fields[] = {
    F_NUM(device, boot_order), F_STR(device, alias), F_NUM(device, acpi_index),
    F_SUB(device, address, address), F_LIST(device, kept, kept), F_MARK(device, origin),
};
REC(device)

static const struct field host_port_fields[] = {
    F_STR(host_port, name), F_STR(host_port, port), F_STR(host_port, transport),
    F_STR(host_port, socket),
};
REC(host_port)

static const struct field disk_fields[] = {
    F_ENUM(disk, type, disk_type), F_ENUM(disk, device, disk_device), F_STR(disk, driver),
    F_STR(disk, format), F_STR(disk, cache), F_STR(disk, io), F_STR(disk, discard),
    F_STR(disk, source), F_STR(disk, protocol), F_LIST(disk, hosts, host_port),
    F_STR(disk, source_snapshot), F_STR(disk, source_config), F_STR(disk, startup_policy),
    F_STR(disk, pool), F_STR(disk, volume), F_NUM(disk, source_index), F_STR(disk, target),
    F_ENUM(disk, bus, disk_bus), F_TRI(disk, removable), F_STR(disk, tray), F_TRI(disk, readonly),
    F_TRI(disk, shareable), F_TRI(disk, transient), F_STR(disk, backend_domain),
    F_STR(disk, serial), F_STR(disk, wwn), F_STR(disk, vendor), F_STR(disk, product),
    F_SUB(disk, dev, device), F_STR(disk, script), F_TRI(disk, direct_io_safe),
    F_TRI(disk, trusted), F_ENUM(disk, specification, disk_spec),
    F_ENUM(disk, transport, disk_transport), F_NUM(disk, irq), F_NUM(disk, base),
    F_TRI(disk, grant_usage), F_TRI(disk, colo), F_STR(disk, colo_host), F_STR(disk, colo_export),
    F_STR(disk, active_disk), F_STR(disk, hidden_disk), F_NUM(disk, colo_port),
    F_TRI(disk, bootable), F_STR(disk, xend_protocol), F_STR(disk, xend_uuid),
    F_STR(disk, xend_driver), F_STR(disk, xend_vdi),
};
REC(disk)

static const struct field ip_fields[] = {
    F_STR(ip, address), F_STR(ip, family), F_STR(ip, peer), F_NUM(ip, prefix),
};
REC(ip)

static const struct field vlan_tag_fields[] = {
    F_NUM(vlan_tag, id), F_STR(vlan_tag, native_mode),
};
REC(vlan_tag)

static const struct field bandwidth_fields[] = {
    F_NUM(bandwidth, average), F_NUM(bandwidth, peak), F_NUM(bandwidth, floor),
    F_NUM(bandwidth, burst),
};
REC(bandwidth)

#define NIC_COLO_FIELD(m) F_STR(nic_colo, m),
static const struct field nic_colo_fields[] = {NIC_COLO(NIC_COLO_FIELD)};
REC(nic_colo)

static const struct field nic_fields[] = {
    F_ENUM(nic, type, nic_type), F_MAC(nic, mac), F_STR(nic, mac_type), F_TRI(nic, mac_check),
    F_STR(nic, bridge), F_STR(nic, network), F_STR(nic, portgroup), F_STR(nic, portid),
    F_STR(nic, source_dev), F_STR(nic, source_mode), F_STR(nic, source_address),
    F_NUM(nic, source_port), F_TRI(nic, vlan_trunk), F_LIST(nic, vlans, vlan_tag),
    F_STR(nic, virtualport), F_SUB(nic, in, bandwidth), F_SUB(nic, out, bandwidth),
    F_STR(nic, rate), F_LIST(nic, ips, ip), F_LIST(nic, source_ips, ip), F_STR(nic, script), F_STR(nic, downscript),
    F_STR(nic, backend_domain), F_STR(nic, ifname), F_STR(nic, guest_dev), F_STR(nic, model),
    F_STR(nic, link_state), F_NUM(nic, mtu), F_STR(nic, filter), F_SUB(nic, dev, device),
    F_ENUM(nic, kind, nic_kind), F_STR(nic, gatewaydev), F_STR(nic, forwarddev), F_STR(nic, vlan),
    F_STR(nic, accel), F_NUM(nic, devid), F_TRI(nic, trusted), F_OPT(nic, colo, nic_colo),
    F_STR(nic, xend_policy), F_STR(nic, xend_label), F_STR(nic, xend_uuid),
};
REC(nic)

static const struct field chr_fields[] = {
    F_ENUM(chr, type, chr_type), F_STR(chr, path), F_TRI(chr, append), F_TRI(chr, listen),
    F_STR(chr, host), F_STR(chr, service), F_STR(chr, bind_host), F_STR(chr, bind_service),
    F_TRI(chr, tls), F_TRI(chr, telnet), F_TRI(chr, reconnect), F_NUM(chr, reconnect_timeout),
    F_STR(chr, channel), F_STR(chr, slave), F_STR(chr, log_file), F_TRI(chr, log_append),
    F_ENUM(chr, target, chr_target), F_STR(chr, target_type), F_STR(chr, target_model),
    F_NUM(chr, port), F_STR(chr, name), F_STR(chr, state), F_STR(chr, target_address),
    F_STR(chr, target_port), F_SUB(chr, dev, device), F_STR(chr, backend_domain),
    F_NUM(chr, devid), F_STR(chr, native), F_STR(chr, xend_protocol), F_STR(chr, xend_location),
    F_STR(chr, xend_uuid),
};
REC(chr)

static const struct field listen_fields[] = {
    F_ENUM(listen, type, listen_type), F_STR(listen, address), F_STR(listen, network),
    F_STR(listen, socket), F_TRI(listen, from_config), F_TRI(listen, auto_address),
};
REC(listen)

static const struct field gfx_channel_fields[] = {
    F_STR(gfx_channel, name), F_STR(gfx_channel, mode),
};
REC(gfx_channel)

static const struct field graphics_fields[] = {
    F_ENUM(graphics, type, gfx_type), F_NUM(graphics, port), F_NUM(graphics, tls_port),
    F_NUM(graphics, websocket), F_TRI(graphics, autoport), F_LIST(graphics, listens, listen),
    F_STR(graphics, keymap), F_STR(graphics, passwd), F_STR(graphics, passwd_valid_to),
    F_STR(graphics, connected), F_STR(graphics, share_policy), F_TRI(graphics, power_control),
    F_STR(graphics, display), F_STR(graphics, xauth), F_TRI(graphics, fullscreen),
    F_TRI(graphics, replace_user), F_TRI(graphics, multi_user), F_STR(graphics, username),
    F_TRI(graphics, gl), F_STR(graphics, rendernode), F_STR(graphics, default_mode),
    F_STR(graphics, image_compression), F_STR(graphics, jpeg_compression),
    F_STR(graphics, zlib_compression), F_STR(graphics, streaming),
    F_TRI(graphics, playback_compression), F_LIST(graphics, channels, gfx_channel),
    F_ENUM(graphics, mouse, mouse_mode), F_TRI(graphics, clipboard),
    F_TRI(graphics, file_transfer), F_TRI(graphics, ticketing), F_TRI(graphics, vdagent),
    F_NUM(graphics, usb_redirection), F_TRI(graphics, p2p), F_STR(graphics, address_dbus),
    F_LIST(graphics, kept, kept), F_NUM(graphics, vfb), F_STR(graphics, backend_domain),
    F_NUM(graphics, devid), F_STR(graphics, xend_uuid), F_STR(graphics, xend_location),
    F_STR(graphics, xend_videoram), F_STR(graphics, xend_other_config),
    F_STR(graphics, xend_serial), F_STR(graphics, xend_monitor), F_STR(graphics, xend_vncconsole),
};
REC(graphics)

static const struct field video_fields[] = {
    F_ENUM(video, type, video_type), F_NUM(video, vram_kib), F_NUM(video, ram_kib),
    F_NUM(video, vram64_kib), F_NUM(video, vgamem_kib), F_NUM(video, heads), F_TRI(video, blob),
    F_SUB(video, dev, device),
};
REC(video)

static const struct field input_fields[] = {
    F_ENUM(input, type, input_type), F_ENUM(input, bus, input_bus), F_STR(input, model),
    F_STR(input, source_dev), F_STR(input, source_evdev), F_SUB(input, dev, device),
};
REC(input)

static const struct field sound_fields[] = {
    F_STR(sound, model), F_SUB(sound, dev, device),
};
REC(sound)

static const struct field controller_fields[] = {
    F_ENUM(controller, type, controller_type), F_NUM(controller, index), F_STR(controller, model),
    F_NUM(controller, ports), F_NUM(controller, vectors), F_SUB(controller, dev, device),
    F_ENUM(controller, usb_type, usb_type), F_NUM(controller, usb_version),
    F_STR(controller, backend_domain),
};
REC(controller)

static const struct field hostdev_fields[] = {
    F_ENUM(hostdev, type, hostdev_type), F_TRI(hostdev, managed), F_STR(hostdev, driver),
    F_STR(hostdev, startup_policy), F_NUM(hostdev, domain), F_NUM(hostdev, bus),
    F_NUM(hostdev, slot), F_NUM(hostdev, function), F_TRI(hostdev, all_functions),
    F_STR(hostdev, name), F_TRI(hostdev, permissive), F_TRI(hostdev, msitranslate),
    F_TRI(hostdev, power_mgmt), F_TRI(hostdev, seize), F_ENUM(hostdev, rdm_policy, rdm_policy),
    F_NUM(hostdev, vslot), F_NUM(hostdev, vendor), F_NUM(hostdev, product),
    F_NUM(hostdev, usb_bus), F_NUM(hostdev, usb_device), F_NUM(hostdev, usb_controller),
    F_NUM(hostdev, usb_port), F_SUB(hostdev, dev, device), F_STR(hostdev, xend_key),
    F_STR(hostdev, xend_uuid), F_STR(hostdev, xend_state),
};
REC(hostdev)

static const struct field memballoon_fields[] = {
    F_STR(memballoon, model), F_NUM(memballoon, stats_period), F_TRI(memballoon, autodeflate),
    F_TRI(memballoon, free_page_reporting), F_SUB(memballoon, dev, device),
};
REC(memballoon)

static const struct field vtpm_fields[] = {
    F_STR(vtpm, backend_domain), F_UUID(vtpm, uuid), F_NUM(vtpm, devid),
    F_STR(vtpm, xend_instance),
};
REC(vtpm)

static const struct field p9_fields[] = {
    F_STR(p9, tag), F_STR(p9, path), F_STR(p9, security_model), F_STR(p9, backend_domain),
    F_ENUM(p9, type, p9_type), F_NUM(p9, max_files), F_NUM(p9, max_open_files),
    F_NUM(p9, max_space_mib), F_TRI(p9, auto_delete), F_NUM(p9, devid),
};
REC(p9)

static const struct field pvcalls_fields[] = {
    F_STR(pvcalls, backend_domain), F_NUM(pvcalls, devid),
};
REC(pvcalls)

static const struct field vkb_fields[] = {
    F_STR(vkb, backend_domain), F_STR(vkb, unique_id), F_ENUM(vkb, backend_type, vkb_backend),
    F_TRI(vkb, disable_keyboard), F_TRI(vkb, disable_pointer), F_TRI(vkb, abs_pointer),
    F_TRI(vkb, raw_pointer), F_TRI(vkb, multi_touch), F_NUM(vkb, width), F_NUM(vkb, height),
    F_NUM(vkb, multi_touch_width), F_NUM(vkb, multi_touch_height),
    F_NUM(vkb, multi_touch_contacts), F_NUM(vkb, devid),
};
REC(vkb)

static const struct field connector_fields[] = {
    F_STR(connector, id), F_NUM(connector, width), F_NUM(connector, height),
};
REC(connector)

static const struct field vdispl_fields[] = {
    F_STR(vdispl, backend_domain), F_TRI(vdispl, be_alloc), F_LIST(vdispl, connectors, connector),
    F_NUM(vdispl, devid),
};
REC(vdispl)

static const struct field vsnd_params_fields[] = {
    F_U32S(vsnd_params, sample_rates), F_STRS(vsnd_params, sample_formats),
    F_NUM(vsnd_params, channels_min), F_NUM(vsnd_params, channels_max),
    F_NUM(vsnd_params, buffer_size),
};
REC(vsnd_params)

static const struct field vsnd_stream_fields[] = {
    F_STR(vsnd_stream, id), F_ENUM(vsnd_stream, type, vsnd_stream_type),
    F_SUB(vsnd_stream, params, vsnd_params),
};
REC(vsnd_stream)

static const struct field vsnd_pcm_fields[] = {
    F_STR(vsnd_pcm, name), F_SUB(vsnd_pcm, params, vsnd_params),
    F_LIST(vsnd_pcm, streams, vsnd_stream),
};
REC(vsnd_pcm)

static const struct field vsnd_fields[] = {
    F_STR(vsnd, backend_domain), F_STR(vsnd, short_name), F_STR(vsnd, long_name),
    F_SUB(vsnd, params, vsnd_params), F_LIST(vsnd, pcms, vsnd_pcm), F_NUM(vsnd, devid),
};
REC(vsnd)

static const struct field virtio_fields[] = {
    F_STR(virtio, backend_domain), F_STR(virtio, type), F_STR(virtio, transport),
    F_TRI(virtio, grant_usage), F_NUM(virtio, devid), F_NUM(virtio, irq), F_NUM(virtio, base),
};
REC(virtio)

static const struct field vscsi_fields[] = {
    F_STR(vscsi, pdev), F_STR(vscsi, vdev), F_STR(vscsi, backend_domain), F_TRI(vscsi, feature_host),
};
REC(vscsi)

static const struct field vusb_fields[] = {
    F_NUM(vusb, version), F_NUM(vusb, ports), F_STRS(vusb, devices),
};
REC(vusb)

static const struct field vcpu_pin_fields[] = {
    F_NUM(vcpu_pin, vcpu), F_STR(vcpu_pin, hard), F_STR(vcpu_pin, soft),
};
REC(vcpu_pin)

static const struct field numa_cell_fields[] = {
    F_NUM(numa_cell, id), F_NUM(numa_cell, memory_kib), F_NUM(numa_cell, pnode),
    F_STR(numa_cell, cpus), F_U32S(numa_cell, distances), F_LIST(numa_cell, kept, kept),
};
REC(numa_cell)

static const struct field cpu_feature_fields[] = {
    F_STR(cpu_feature, name), F_ENUM(cpu_feature, policy, cpu_policy), F_STR(cpu_feature, value),
};
REC(cpu_feature)

static const struct field cpuid_leaf_fields[] = {
    F_STR(cpuid_leaf, leaf), F_STR(cpuid_leaf, subleaf), F_STR(cpuid_leaf, eax),
    F_STR(cpuid_leaf, ebx), F_STR(cpuid_leaf, ecx), F_STR(cpuid_leaf, edx),
};
REC(cpuid_leaf)

static const struct field cpu_fields[] = {
    F_ENUM(cpu, mode, cpu_mode), F_STR(cpu, match), F_STR(cpu, check), F_STR(cpu, model),
    F_STR(cpu, fallback), F_STR(cpu, vendor_id), F_STR(cpu, vendor), F_TRI(cpu, migratable),
    F_NUM(cpu, sockets), F_NUM(cpu, dies), F_NUM(cpu, clusters), F_NUM(cpu, cores),
    F_NUM(cpu, threads), F_LIST(cpu, features, cpu_feature), F_LIST(cpu, cells, numa_cell),
    F_LIST(cpu, leaves, cpuid_leaf), F_LIST(cpu, check_leaves, cpuid_leaf),
};
REC(cpu)

static const struct field sched_fields[] = {
    F_ENUM(sched, kind, scheduler), F_NUM(sched, weight), F_NUM(sched, cap), F_NUM(sched, period),
    F_NUM(sched, slice), F_NUM(sched, latency), F_NUM(sched, budget), F_TRI(sched, extratime),
};
REC(sched)

static const struct field timer_fields[] = {
    F_ENUM(timer, name, timer_name), F_TRI(timer, present), F_STR(timer, tickpolicy),
    F_STR(timer, track), F_NUM(timer, frequency), F_ENUM(timer, mode, tsc_mode),
    F_LIST(timer, kept, kept),
};
REC(timer)

static const struct field clock_fields[] = {
    F_ENUM(clock, offset, clock_offset), F_TRI(clock, adjustment_reset),
    F_NUM(clock, adjustment_s), F_ENUM(clock, basis, clock_offset), F_STR(clock, timezone),
    F_NUM(clock, start_s), F_LIST(clock, timers, timer),
};
REC(clock)

static const struct field hyperv_fields[] = {
    F_STR(hyperv, name), F_TRI(hyperv, state), F_NUM(hyperv, retries), F_STR(hyperv, value),
    F_TRI(hyperv, direct), F_TRI(hyperv, extended),
};
REC(hyperv)

static const struct field loader_fields[] = {
    F_STR(loader, path), F_ENUM(loader, type, loader_type), F_TRI(loader, readonly),
    F_TRI(loader, secure), F_TRI(loader, stateless), F_STR(loader, format),
};
REC(loader)

static const struct field os_fields[] = {
    F_STR(os, firmware), F_STR(os, arch), F_STR(os, machine), F_SUB(os, loader, loader),
    F_ENUM(os, bios, bios), F_STR(os, hvmloader), F_STR(os, native_firmware), F_STR(os, kernel),
    F_STR(os, initrd), F_STR(os, cmdline), F_STR(os, root), F_STR(os, extra),
    F_STR(os, device_tree), F_STR(os, shim), F_STR(os, acpi_table), F_STR(os, acpi_table_type),
    F_STR(os, smbios_firmware), F_ENUMS(os, boot, boot_device),
};
REC(os)

static const struct field features_fields[] = {
    F_TRI(features, acpi), F_TRI(features, apic), F_TRI(features, pae), F_TRI(features, hap),
    F_TRI(features, viridian), F_TRI(features, privnet), F_TRI(features, apic_eoi),
    F_STR(features, hyperv_mode), F_LIST(features, hyperv, hyperv),
    F_STRS(features, viridian_groups), F_TRI(features, e820_host),
    F_ENUM(features, passthrough, passthrough),
};
REC(features)

static const struct field seclabel_fields[] = {
    F_ENUM(seclabel, type, seclabel_type), F_STR(seclabel, model), F_TRI(seclabel, relabel),
    F_STR(seclabel, label), F_STR(seclabel, imagelabel), F_STR(seclabel, baselabel),
};
REC(seclabel)

static const struct field ioport_range_fields[] = {
    F_NUM(ioport_range, first), F_NUM(ioport_range, last),
};
REC(ioport_range)

static const struct field iomem_range_fields[] = {
    F_NUM(iomem_range, start), F_NUM(iomem_range, count), F_NUM(iomem_range, gfn),
};
REC(iomem_range)

static const struct field xm_fields[] = {
    F_TRI(xm, memory_sharing), F_TRI(xm, superpages), F_TRI(xm, s3_integrity),
    F_TRI(xm, suppress_spurious_page_faults), F_TRI(xm, isa), F_TRI(xm, monitor),
    F_TRI(xm, expose_host_uuid), F_TRI(xm, extended_power_mgmt), F_TRI(xm, vncconsole),
    F_TRI(xm, vncviewer), F_NUM(xm, target), F_NUM(xm, machine_address_size), F_NUM(xm, vhpt),
    F_NUM(xm, nics), F_NUM(xm, vcpu_avail), F_NUM(xm, cpu), F_STR(xm, guest_os_type),
    F_STR(xm, monitor_path), F_STR(xm, bootentry), F_STR(xm, features), F_STR(xm, ip),
    F_STR(xm, gateway), F_STR(xm, netmask), F_STR(xm, hostname), F_STR(xm, interface),
    F_STR(xm, dhcp), F_STR(xm, nfs_server), F_STR(xm, nfs_root), F_STRS(xm, access_control),
    F_TRI(xm, blkif), F_TRI(xm, netif), F_STR(xm, vkbd_backend), F_ENUM(xm, on_start, xend_start),
    F_ENUM(xm, on_stop, xend_stop), F_ENUM(xm, restart, xend_restart), F_LIST(xm, vscsis, vscsi),
    F_LIST(xm, vusbs, vusb), F_STRS(xm, vif2), F_STR(xm, security), F_STR(xm, security_label),
    F_STR(xm, start_time), F_STR(xm, cpu_time), F_STR(xm, state), F_NUM(xm, online_vcpus),
    F_NUM(xm, status), F_NUM(xm, store_mfn), F_NUM(xm, console_mfn), F_STR(xm, notes),
    F_STR(xm, pci),
};
REC(xm)

static const struct field domain_fields[] = {
    F_STR(domain, virt_type), F_ENUM(domain, type, guest_type), F_NUM(domain, id),
    F_STR(domain, name), F_UUID(domain, uuid), F_STR(domain, title), F_STR(domain, description),
    F_STR(domain, genid), F_TRI(domain, ms_vm_genid), F_LIST(domain, metadata, xnode),
    F_MARK(domain, empty_metadata),
    F_STR(domain, pool), F_NUM(domain, memory_max_kib), F_NUM(domain, memory_kib),
    F_NUM(domain, hotplug_max_kib), F_NUM(domain, hotplug_slots), F_TRI(domain, dump_core),
    F_NUM(domain, vcpus_max), F_NUM(domain, vcpus), F_STR(domain, vcpu_placement),
    F_STR(domain, cpus), F_STR(domain, cpus_soft), F_LIST(domain, pins, vcpu_pin),
    F_SUB(domain, sched, sched), F_SUB(domain, cpu, cpu), F_TRI(domain, nested_hvm),
    F_TRI(domain, numa_placement), F_NUM(domain, shadow_memory_kib),
    F_NUM(domain, iommu_memory_kib), F_NUM(domain, video_memory_kib), F_SUB(domain, os, os),
    F_STR(domain, bootloader), F_STR(domain, bootloader_args),
    F_STRS(domain, bootloader_arg_list), F_TRI(domain, bootloader_restrict),
    F_STR(domain, bootloader_user), F_SUB(domain, features, features),
    F_SUB(domain, clock, clock), F_ENUM(domain, on_poweroff, lifecycle),
    F_ENUM(domain, on_reboot, lifecycle), F_ENUM(domain, on_crash, lifecycle),
    F_ENUM(domain, on_watchdog, lifecycle), F_ENUM(domain, on_soft_reset, lifecycle),
    F_NUM(domain, autostart_order), F_NUM(domain, autostart_delay),
    F_ENUM(domain, host_stop, host_stop),
    F_STR(domain, on_lockfailure), F_TRI(domain, acpi_s3), F_TRI(domain, acpi_s4),
    F_STR(domain, emulator), F_LIST(domain, disks, disk), F_LIST(domain, controllers, controller),
    F_LIST(domain, nics, nic), F_LIST(domain, serials, chr), F_LIST(domain, parallels, chr),
    F_LIST(domain, consoles, chr), F_LIST(domain, channels, chr), F_LIST(domain, inputs, input),
    F_LIST(domain, graphics, graphics), F_LIST(domain, sounds, sound),
    F_LIST(domain, videos, video), F_LIST(domain, hostdevs, hostdev),
    F_OPT(domain, memballoon, memballoon), F_LIST(domain, seclabels, seclabel),
    F_LIST(domain, kept, kept), F_STRS(domain, dm_args), F_TRI(domain, vnc), F_TRI(domain, sdl),
    F_TRI(domain, spice), F_TRI(domain, nographic), F_NUM(domain, max_grant_frames),
    F_NUM(domain, max_maptrack_frames), F_NUM(domain, max_grant_version),
    F_NUM(domain, max_event_channels), F_TRI(domain, disable_migrate),
    F_TRI(domain, driver_domain), F_TRI(domain, xend_suspend_evtchn_compat),
    F_TRI(domain, claim_mode), F_TRI(domain, run_hotplug_scripts), F_NUM(domain, vmtrace_buf_kib),
    F_TRI(domain, vpmu), F_NUM(domain, xenstore_feature_mask), F_STRS(domain, xenstore_quota),
    F_LIST(domain, smbios, attr), F_TRI(domain, oos), F_TRI(domain, acpi_laptop_slate),
    F_TRI(domain, nx), F_TRI(domain, vpt_align), F_TRI(domain, xen_platform_pci),
    F_TRI(domain, xen_platform_pci_bar_uc), F_TRI(domain, hvm_pirq), F_TRI(domain, msr_relaxed),
    F_TRI(domain, vkb_device), F_TRI(domain, usb), F_NUM(domain, usb_version),
    F_STRS(domain, usb_devices), F_ENUM(domain, altp2m, altp2m), F_TRI(domain, altp2m_hvm),
    F_NUM(domain, altp2m_count), F_STRS(domain, mca_caps), F_ENUM(domain, timer_mode, timer_mode),
    F_NUM(domain, mmio_hole_kib), F_ENUM(domain, vendor_device, vendor_device),
    F_TRI(domain, gfx_passthru), F_ENUM(domain, gfx_passthru_kind, gfx_passthru),
    F_ENUM(domain, hdtype, hdtype), F_TRI(domain, pvshim), F_STR(domain, pvshim_path),
    F_STR(domain, pvshim_cmdline), F_STR(domain, pvshim_extra), F_TRI(domain, pvh_v1),
    F_STR(domain, init_seclabel), F_STR(domain, seclabel_native),
    F_ENUM(domain, dm_version, dm_version), F_STR(domain, dm_user), F_TRI(domain, dm_restrict),
    F_STRS(domain, dm_args_pv), F_STRS(domain, dm_args_hvm), F_TRI(domain, dm_stubdomain),
    F_STR(domain, dm_stubdomain_seclabel), F_STR(domain, stubdomain_kernel),
    F_STR(domain, stubdomain_cmdline), F_STR(domain, stubdomain_ramdisk),
    F_NUM(domain, stubdomain_memory_kib), F_TRI(domain, pci_permissive),
    F_TRI(domain, pci_msitranslate), F_TRI(domain, pci_seize), F_TRI(domain, pci_power_mgmt),
    F_ENUM(domain, rdm_strategy, rdm_strategy), F_ENUM(domain, rdm_policy, rdm_policy),
    F_NUM(domain, rdm_mem_boundary_kib), F_STRS(domain, dtdevs),
    F_LIST(domain, ioports, ioport_range), F_LIST(domain, iomem, iomem_range),
    F_U32S(domain, irqs), F_STRS(domain, llc_colors), F_LIST(domain, xsdata, attr),
    F_LIST(domain, platformdata, attr), F_STR(domain, blkdev_start), F_NUM(domain, ssidref),
    F_NUM(domain, slack_memory_kib), F_ENUM(domain, gic_version, gic_version),
    F_ENUM(domain, vuart, vuart), F_STR(domain, sve), F_ENUM(domain, tee, tee),
    F_NUM(domain, nr_spis), F_TRI(domain, trap_unmapped_accesses),
    F_ENUM(domain, arm_sci, arm_sci), F_LIST(domain, vtpms, vtpm), F_LIST(domain, p9s, p9),
    F_LIST(domain, pvcalls, pvcalls), F_LIST(domain, vkbs, vkb), F_LIST(domain, vdispls, vdispl),
    F_LIST(domain, vsnds, vsnd), F_LIST(domain, virtios, virtio), F_SUB(domain, xm, xm),
};
REC(domain)
// clang-format on

struct domain *domain_new(void)
{
    return NEW(struct domain);
}

void domain_free(struct domain *d)
{
    if (!d)
        return;
    rec_clear(&domain_rec, d);
    free(d);
}

struct domain *domain_copy(const struct domain *d)
{
    struct domain *copy = NEW(struct domain);
    rec_copy(&domain_rec, copy, d);
    return copy;
}

bool domain_equal(const struct domain *a, const struct domain *b, struct str *path)
{
    return rec_equal(&domain_rec, a, b, path);
}

const char *domain_pin(const struct domain *d, int64_t vcpu, bool is_soft)
{
    for (size_t i = 0; i < d->n_pins; i++)
        if (d->pins[i].vcpu.v == vcpu)
            return is_soft ? d->pins[i].soft : d->pins[i].hard;
    return NULL;
}

const char *domain_cpus(const struct domain *d, int64_t vcpu, bool is_soft)
{
    const char *own = domain_pin(d, vcpu, is_soft);
    return own ? own : is_soft ? d->cpus_soft : d->cpus;
}

struct vcpu_pin *domain_pin_add(struct domain *d, int64_t vcpu)
{
    for (size_t i = 0; i < d->n_pins; i++)
        if (d->pins[i].vcpu.v == vcpu)
            return &d->pins[i];
    struct vcpu_pin *p = DOMAIN_ADD(d, pins);
    p->vcpu = NUM(vcpu);
    return p;
}
