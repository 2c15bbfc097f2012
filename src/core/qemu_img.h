/* qemu-img, for formats that only it can write. It gets descriptors and no names, so that what it
 * opens is what was checked; no other descriptor of ours. Blocks: for workers. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct volume_order;

int qemu_img_create(int fd, const struct volume_order *o, struct err *e);
int qemu_img_convert(int from_fd, const char *from_format, int fd, const char *format,
                     struct err *e);
int qemu_img_resize(int fd, const char *format, uint64_t capacity, bool shrinks, struct err *e);
