/* What the words of xl and of libxl can say about a disk. */
#pragma once
#include "conf/row.h"

/* Whether `who` (xl, libxl) can have it at all, or an error that says why not: another disk, or
 * none, would be another guest. */
int disk_check_sayable(struct conf_ctx *c, const struct disk *k, const char *who);
/* libxl's word for a format that libvirt knows, or NULL. */
const char *disk_format_word(const char *format);
