/* qemu-img, for formats that only it can write. It gets descriptors and no names, so that what it
 * opens is what was checked; no other descriptor of ours. Blocks: for workers. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct volume_order;
struct volume_chain;

int qemu_img_create(int fd, const struct volume_order *o, struct err *e);
/* It reads this chain and nothing else, whatever the images' headers say. */
int qemu_img_convert(const struct volume_chain *from, int fd, const char *format, struct err *e);
int qemu_img_resize(const struct volume_chain *c, uint64_t capacity, bool shrinks, struct err *e);
