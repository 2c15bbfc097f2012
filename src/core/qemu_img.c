#include "core/qemu_img.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/tool.h"
#include "core/volume.h"
#include "core/volume_chain.h"

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

static bool has_backing(const char *format)
{
    return str_eq(format, "qcow2") || str_eq(format, "qed");
}

/* The chain in qemu's words: each image with its driver and its descriptor, below one another. */
static void add_chain(struct str *out, const struct volume_chain *c)
{
    size_t depth = 0;
    str_add(out, "json:");
    for (size_t i = 0; i < c->n; i++) {
        str_addf(out,
                 "{\"driver\":\"%s\",\"file\":{\"driver\":\"file\",\"filename\":\"/dev/fd/%d\"}",
                 str_eq(c->formats[i], "iso") ? "raw" : c->formats[i], TOOL_FIRST_FD + (int)i);
        depth++;
        if (has_backing(c->formats[i]))
            str_add(out, i + 1 < c->n ? ",\"backing\":" : ",\"backing\":null");
    }
    while (depth--)
        str_add(out, "}");
}

int qemu_img_convert(const struct volume_chain *from, int fd, const char *format, struct err *e)
{
    int fds[VOLUME_CHAIN_MAX + 1];
    struct str source = {0};
    CLEANUP_FREE char *target = mem_printf("/dev/fd/%d", TOOL_FIRST_FD + (int)from->n);
    add_chain(&source, from);
    memcpy(fds, from->fds, from->n * sizeof(*fds));
    fds[from->n] = fd;
    struct words w = {.word = {"qemu-img", "convert", "-q", "-O", format, str_get(&source), target},
                      .n = 7};
    int r = tool_run_on(w.word, fds, from->n + 1, NULL, NULL, e);
    str_clear(&source);
    return r;
}

int qemu_img_resize(const struct volume_chain *c, uint64_t capacity, bool shrinks, struct err *e)
{
    char size[24];
    struct str image = {0};
    struct words w = {.word = {"qemu-img", "resize", "-q"}, .n = 3};
    snprintf(size, sizeof(size), "%llu", (unsigned long long)capacity);
    add_chain(&image, c);
    if (shrinks)
        add(&w, "--shrink");
    add(&w, str_get(&image));
    add(&w, size);
    int r = tool_run_on(w.word, c->fds, c->n, NULL, NULL, e);
    str_clear(&image);
    return r;
}
