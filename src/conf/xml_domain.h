/* libvirt's domain XML as tables. xml_domain.c is the root; the others are its parts. */
#pragma once
#include "conf/xml_row.h"

extern const struct xtable xml_domain_table; /* xml_domain.c */
enum { VENDOR_ID_MAX = 12 }; /* of CPUID: of a processor, of a hypervisor */

extern const struct xtable xml_os_table, xml_features_table, xml_cpu_table, xml_clock_table;
extern const struct xtable xml_cputune_table; /* xml_tune.c */
extern const struct xtable xml_devices_table; /* xml_devices.c */
extern const struct xtable xml_disk_table, xml_nic_table, xml_graphics_table, xml_hostdev_table;
extern const struct xtable xml_serial_table, xml_parallel_table, xml_console_table,
    xml_channel_table;
extern const struct xtable xml_tail_table;  /* the common end of devices; for struct device */
extern const struct xtable xml_extra_table; /* xml_extra.c: our part of <metadata> */

/* Insertion of the last item of the list among the others, as libvirt orders them. */
void xml_sort_disks(struct domain *d);
/* <vcpupin> can say it: a list of CPUs for a vCPU that the guest has. */
bool xml_pin_is_plain(const struct domain *d, const struct vcpu_pin *p);
/* Is that order the one they are in? */
bool xml_disks_are_sorted(const struct domain *d);

/* A console that shows a serial port holds nothing but its number. */
void xml_strip_consoles(struct domain *d);
/* What is printed for a console: itself, or the serial port that it shows. */
const struct chr *xml_console_source(const struct domain *d, const struct chr *console);

/* Writes <xvirt:domain> where there is something to say in it. */
bool xml_extra_write(struct conf_ctx *c, const struct domain *d);

tri xml_implied_nested(const struct domain *d); /* nested_hvm, as <cpu> implies it */
void xml_say_nested(struct domain *d);          /* the other way: <cpu> as nested_hvm wants it */
bool xml_can_say_feature(const struct cpu_feature *f);
