/* <domainsnapshot>, libvirt's XML of a snapshot. Any thread. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include "model/snapshot.h"

enum { SNAPSHOT_DISKS_MAX = 1024 };

/* Caller frees *ret with snapshot_free. What it does not say stays unset. */
int snapshot_xml_read(const char *text, size_t len, struct snapshot **ret, struct err *e);
/* secure: with passwords. */
int snapshot_xml_write(const struct snapshot *s, bool secure, struct str *out, struct err *e);
