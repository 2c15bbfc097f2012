/* The document that both readers of configuration files fill. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"
#include "conf/cfg.h"

void cfg_note(struct cfg *c, enum cfg_note_level level, struct pos pos, const char *fmt, ...)
{
    c->n_errors += level == CFG_ERROR;
    if (c->n_notes >= CFG_NOTES_MAX)
        return;
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    struct cfg_note n = {.level = level, .pos = pos};
    n.text = arena_strn(&c->arena, text, strlen(text));
    VEC_PUSH(c->notes, c->n_notes, n);
}

bool cfg_count(struct cfg *c, struct pos pos)
{
    if (c->n_values++ < CFG_VALUES_MAX)
        return true;
    cfg_note(c, CFG_ERROR, pos, "more than %d values in one file", CFG_VALUES_MAX);
    return false;
}

/* As VEC_PUSH: full at every power of two. */
void cfg_push(struct cfg *c, struct value *list, const struct value *item)
{
    size_t n = list->n_items;
    if (!(n & (n - 1))) {
        struct value *more = arena_new(&c->arena, (n ? n * 2 : 1) * sizeof(*more));
        if (n)
            memcpy(more, list->items, n * sizeof(*more));
        list->items = more;
    }
    list->items[list->n_items++] = *item;
}

bool cfg_text_add(struct cfg *c, struct cfg_setting *s, const char *text)
{
    size_t len = strlen(s->value.text), n = strlen(text);
    if (len + n > CFG_TEXT_MAX) {
        cfg_note(c, CFG_ERROR, s->pos, "'%s' gets longer than %d bytes", s->name, CFG_TEXT_MAX);
        return false;
    }
    if (len + n + 1 > s->cap) { /* doubling keeps a long row of += cheap */
        s->cap = (len + n + 1) * 2;
        char *more = arena_new(&c->arena, s->cap);
        memcpy(more, s->value.text, len);
        s->value.text = more;
    }
    memcpy((char *)s->value.text + len, text, n + 1);
    return true;
}

const char *cfg_excerpt(const char *s, size_t n, char buf[CFG_EXCERPT])
{
    enum { SHOWN = 40 };
    size_t m = 0;
    while (m < n && m < SHOWN && s[m] != '\n')
        m++;
    while (m && m < n && ((unsigned char)s[m] & 0xc0) == 0x80)
        m--; /* no half character */
    for (size_t i = 0; i < m; i++)
        buf[i] = (unsigned char)s[i] < ' ' || s[i] == 0x7f ? '?' : s[i];
    snprintf(buf + m, 4, "%s", m < n && s[m] != '\n' ? "..." : "");
    return buf;
}

static size_t slot_of(const struct cfg *c, const char *name)
{
    size_t mask = c->n_slots - 1;
    size_t i = hash_bytes(name, strlen(name)) & mask;
    while (c->slots[i] && strcmp(c->settings[c->slots[i] - 1].name, name))
        i = (i + 1) & mask;
    return i;
}

static void slots_grow(struct cfg *c)
{
    size_t n = c->n_slots ? c->n_slots * 2 : 128;
    free(c->slots);
    c->slots = mem_new(n, sizeof(*c->slots));
    c->n_slots = n;
    for (size_t i = 0; i < c->n_settings; i++)
        c->slots[slot_of(c, c->settings[i].name)] = (uint32_t)i + 1;
}

struct cfg_setting *cfg_find(const struct cfg *c, const char *name)
{
    if (!c->n_slots)
        return NULL;
    uint32_t at = c->slots[slot_of(c, name)];
    return at ? &c->settings[at - 1] : NULL;
}

bool cfg_set(struct cfg *c, const char *name, struct pos pos, const struct value *value)
{
    if (c->n_settings >= CFG_SETTINGS_MAX) {
        cfg_note(c, CFG_ERROR, pos, "more than %d settings in one file", CFG_SETTINGS_MAX);
        return false;
    }
    if (c->n_settings * 2 >= c->n_slots)
        slots_grow(c);
    size_t slot = slot_of(c, name);
    if (c->slots[slot])
        c->settings[c->slots[slot] - 1].is_shadowed = true;
    struct cfg_setting s = {.name = name, .pos = pos, .value = *value};
    VEC_PUSH(c->settings, c->n_settings, s);
    c->slots[slot] = (uint32_t)c->n_settings;
    return true;
}

void cfg_clear(struct cfg *c)
{
    arena_clear(&c->arena);
    free(c->settings);
    free(c->notes);
    free(c->slots);
    *c = (struct cfg){0};
}
