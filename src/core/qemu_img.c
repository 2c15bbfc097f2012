#include "core/qemu_img.h"

#include <stdio.h>

#include "core/tool.h"
#include "core/volume.h"

enum { WORDS_MAX = 16 };

/* What it may be given; NULL is the end. */
struct words {
    const char *word[WORDS_MAX];
    size_t n;
};

static void add(struct words *w, const char *word)
{
    if (w->n < WORDS_MAX - 1)
        w->word[w->n++] = word;
}

int qemu_img_create(int fd, const struct volume_order *o, struct err *e)
{
    char size[24];
    struct words w = {0};
    snprintf(size, sizeof(size), "%llu", (unsigned long long)o->capacity);
    add(&w, "qemu-img");
    add(&w, "create");
    add(&w, "-q");
    add(&w, "-f");
    add(&w, o->format);
    if (o->backing) {
        add(&w, "-b");
        add(&w, o->backing);
        add(&w, "-F");
        add(&w, o->backing_format ? o->backing_format : "raw");
    }
    add(&w, "/dev/fd/3");
    add(&w, size);
    return tool_run_on(w.word, &fd, 1, NULL, NULL, e);
}

int qemu_img_convert(int from_fd, const char *from_format, int fd, const char *format,
                     struct err *e)
{
    struct words w = {.word = {"qemu-img", "convert", "-q", "-f", from_format, "-O", format,
                               "/dev/fd/3", "/dev/fd/4"},
                      .n = 9};
    return tool_run_on(w.word, (int[]){from_fd, fd}, 2, NULL, NULL, e);
}

int qemu_img_resize(int fd, const char *format, uint64_t capacity, bool shrinks, struct err *e)
{
    char size[24];
    snprintf(size, sizeof(size), "%llu", (unsigned long long)capacity);
    struct words w = {.word = {"qemu-img", "resize", "-q", "-f", format}, .n = 5};
    if (shrinks)
        add(&w, "--shrink");
    add(&w, "/dev/fd/3");
    add(&w, size);
    return tool_run_on(w.word, &fd, 1, NULL, NULL, e);
}
