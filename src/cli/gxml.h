/* The XML of a guest as a tree, for commands that look at its devices. */
#pragma once
#include "cmd.h"
#include "conf/xml.h"

struct wire_domain;

/* Caller clears with xml_clear. */
int gxml_get(struct ctl *c, const struct wire_domain *d, unsigned flags, struct xml_doc *ret,
             struct err *e);
/* The first device called `name` of a guest, and the next of the same name behind one. */
const struct xml *gxml_device(const struct xml_doc *doc, const char *name);
const struct xml *gxml_next(const struct xml *x);
/* An attribute of a child: gxml_value(disk, "target", "dev"); NULL when absent. */
const char *gxml_value(const struct xml *x, const char *child, const char *attr);
/* What a disk's source names: a file, device, folder, or volume. NULL: none. */
const char *gxml_disk_source(const struct xml *disk);
/* The disk whose target or source this is; the interface with this MAC or this name in the host. */
const struct xml *gxml_disk(const struct xml_doc *doc, const char *which);
const struct xml *gxml_nic(const struct xml_doc *doc, const char *which);
