#include "conf/report.h"

#include "base/vec.h"
#include "conf/conf.h"
#include "conf/prov.h"

const char *report_status_name(enum report_status status)
{
    switch (status) {
    case REPORT_CONVERTED:
        return "converted";
    case REPORT_APPROXIMATED:
        return "approximated";
    case REPORT_LOST:
        return "lost";
    case REPORT_WARNING:
        return "warning";
    }
    return "?";
}

long report_add(struct report *r, enum report_status status, const char *key, const char *file,
                struct pos pos, const char *fmt, ...)
{
    struct str text = {0};
    va_list ap;
    if (!r)
        return -1;
    if (r->n_entries >= REPORT_ENTRIES_MAX) {
        r->n_dropped++;
        return -1;
    }
    if (fmt) {
        va_start(ap, fmt);
        char buffer[1024];
        vsnprintf(buffer, sizeof(buffer), fmt, ap);
        va_end(ap);
        str_add(&text, buffer);
    }
    struct report_entry entry = {.status = status,
                                 .key = mem_str(key),
                                 .text = fmt ? str_take(&text) : NULL,
                                 .file = mem_str(file),
                                 .pos = pos};
    VEC_PUSH(r->entries, r->n_entries, entry);
    return (long)r->n_entries - 1;
}

/* ---- who said what ---- */

void report_claim(struct report *r, struct domain *d, long entry)
{
    if (!r || !d)
        return;
    if (!r->n_provs || r->provs[r->n_provs - 1].owner != d)
        VEC_PUSH(r->provs, r->n_provs, ((struct prov){.owner = d}));
    size_t n = prov_claim(&r->provs[r->n_provs - 1], d, entry);
    if (entry >= 0)
        r->entries[entry].n_members += n;
}

void report_read(struct report *r, const struct domains *list, size_t first_prov, bool only_keys)
{
    if (!r)
        return;
    bool all = r->n_provs - first_prov == list->n_items;
    for (size_t i = first_prov; i < r->n_provs; i++) {
        r->provs[i].owner = all ? list->items[i - first_prov] : NULL;
        r->provs[i].only_keys = only_keys;
        if (all)
            prov_claim(&r->provs[i], list->items[i - first_prov], PROV_NO_KEY);
    }
}

const struct prov *report_prov(const struct report *r, const struct domain *d)
{
    for (size_t i = 0; i < r->n_provs; i++)
        if (r->provs[i].owner == d && r->provs[i].n_keys <= PROV_KEYS_MAX)
            return &r->provs[i];
    return NULL;
}

enum { LOSS_TEXT_MAX = 500 };

void report_lose(struct report *r, size_t entry, enum report_status status, const char *path,
                 const char *text)
{
    struct report_entry *x = &r->entries[entry];
    bool one = x->n_members <= 1;
    const char *inner = strstr(path, "].");
    path = inner ? inner + 2 : path;
    x->n_lost++;
    x->is_near |= status == REPORT_APPROXIMATED;
    if (x->text && strlen(x->text) > LOSS_TEXT_MAX)
        return;
    char *all = mem_printf("%s%s%s%s%s", x->text ? x->text : "", x->text ? "; " : "",
                           one ? "" : path, one ? "" : ": ", text);
    free(x->text);
    x->text = all;
}

void report_lose_all(struct report *r, size_t entry, const char *text)
{
    struct report_entry *x = &r->entries[entry];
    x->n_lost = x->n_members ? x->n_members : 1;
    str_set(&x->text, text);
}

static void drop_entry(struct report *r, size_t i)
{
    free(r->entries[i].key);
    free(r->entries[i].text);
    free(r->entries[i].file);
    VEC_REMOVE(r->entries, r->n_entries, i);
}

void report_settle(struct report *r, size_t first, size_t end, bool has_keys)
{
    for (size_t i = end; has_keys && i-- > first;)
        if (!r->entries[i].pos.line && r->entries[i].status != REPORT_WARNING)
            drop_entry(r, i);
    for (size_t i = 0; i < r->n_entries; i++) {
        struct report_entry *x = &r->entries[i];
        const struct report_entry *head = i ? x - 1 : NULL;
        if (x->n_lost)
            x->status = x->is_near || x->n_lost < x->n_members ? REPORT_APPROXIMATED : REPORT_LOST;
        if (x->follows && head && head->n_lost && !x->n_lost) {
            x->status = head->status;
            x->n_lost = head->n_lost;
            str_set(&x->text, head->text);
        }
    }
}

size_t report_count(const struct report *r, enum report_status status)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_entries; i++)
        n += r->entries[i].status == status;
    return n;
}

void report_text(const struct report *r, struct str *out)
{
    for (size_t i = 0; i < r->n_entries; i++) {
        const struct report_entry *x = &r->entries[i];
        if (x->file)
            str_addf(out, "%s:", x->file);
        if (x->pos.line)
            str_addf(out, "%d:%d:", x->pos.line, x->pos.col);
        if (x->file || x->pos.line)
            str_addc(out, ' ');
        str_addf(out, "%s: %s", x->key, report_status_name(x->status));
        if (x->text)
            str_addf(out, ": %s", x->text);
        str_addc(out, '\n');
    }
}

static void json_text(const char *name, const char *text, struct str *out)
{
    if (!text)
        return;
    str_addf(out, ", \"%s\": \"", name);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_addf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            str_addf(out, "\\u%04x", (unsigned)*text);
        else
            str_addc(out, *text);
    }
    str_addc(out, '"');
}

void report_json(const struct report *r, struct str *out)
{
    str_add(out, "[");
    for (size_t i = 0; i < r->n_entries; i++) {
        const struct report_entry *x = &r->entries[i];
        str_addf(out, "%s\n  { \"status\": \"%s\"", i ? "," : "", report_status_name(x->status));
        json_text("key", x->key, out);
        json_text("text", x->text, out);
        json_text("file", x->file, out);
        if (x->pos.line)
            str_addf(out, ", \"line\": %d, \"column\": %d", x->pos.line, x->pos.col);
        str_add(out, " }");
    }
    str_add(out, r->n_entries ? "\n]\n" : "]\n");
}

void report_clear(struct report *r)
{
    for (size_t i = 0; i < r->n_entries; i++) {
        free(r->entries[i].key);
        free(r->entries[i].text);
        free(r->entries[i].file);
    }
    for (size_t i = 0; i < r->n_provs; i++)
        prov_clear(&r->provs[i]);
    free(r->provs);
    free(r->entries);
    *r = (struct report){0};
}
