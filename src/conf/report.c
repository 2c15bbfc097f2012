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

enum { TEXT_MAX = 500 }; /* an entry's, beyond which nothing is added */

static void add_text(struct report_entry *x, const char *text)
{
    if (!text || (x->text && (strlen(x->text) > TEXT_MAX || strstr(x->text, text))))
        return;
    char *all = mem_printf("%s%s%s", x->text ? x->text : "", x->text ? "; " : "", text);
    free(x->text);
    x->text = all;
}

/* A key of which some was read is not lost as a whole. */
static void near_loss(struct report_entry *x)
{
    if (x->status == REPORT_LOST && x->n_members)
        x->status = REPORT_APPROXIMATED;
}

static void merge(struct report_entry *x, enum report_status status, const char *text)
{
    static const int weight[] = {
        [REPORT_CONVERTED] = 0, [REPORT_WARNING] = 1, [REPORT_APPROXIMATED] = 2, [REPORT_LOST] = 3};
    if (weight[status] > weight[x->status])
        x->status = status;
    add_text(x, text);
    near_loss(x);
}

static long add_entry(struct report *r, const struct report_entry *new)
{
    if (r->n_entries >= REPORT_ENTRIES_MAX) {
        r->n_dropped++;
        return -1;
    }
    struct report_entry entry = *new;
    entry.key = mem_str(new->key);
    entry.text = mem_str(new->text);
    entry.file = mem_str(new->file);
    VEC_PUSH(r->entries, r->n_entries, entry);
    return (long)r->n_entries - 1;
}

long report_add(struct report *r, enum report_status status, const char *key, const char *file,
                struct pos pos, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    if (!r)
        return -1;
    if (fmt) {
        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
    }
    struct report_entry new = {.status = status,
                               .key = (char *)key,
                               .text = fmt ? text : NULL,
                               .file = (char *)file,
                               .pos = pos};
    if (!pos.line)
        return add_entry(r, &new);
    CLEANUP_STR struct str place = {0};
    str_addf(&place, "%d:%d:%s", pos.line, pos.col, key);
    long entry = (long)(intptr_t)hash_get(&r->places, place.p, place.len) - 1;
    if (entry >= 0) {
        merge(&r->entries[entry], status, new.text);
    } else {
        entry = add_entry(r, &new);
        hash_put(&r->places, place.p, place.len, (void *)(intptr_t)(entry + 1));
    }
    return entry;
}

/* ---- who said what ---- */

void report_claim(struct report *r, struct domain *d, long entry)
{
    if (!r || !d)
        return;
    if (!r->n_provs || r->provs[r->n_provs - 1].owner != d)
        VEC_PUSH(r->provs, r->n_provs, ((struct prov){.owner = d}));
    struct prov *p = &r->provs[r->n_provs - 1];
    if (entry < 0 && p->n_keys > PROV_EXACT_KEYS)
        return; /* a look at the whole guest after each element of a long text takes minutes */
    size_t n = prov_claim(p, d, entry);
    if (entry < 0)
        return;
    r->entries[entry].n_members += n;
    near_loss(&r->entries[entry]);
}

static void note_change(void *arg, long entry, const struct field *f, const void *m)
{
    struct report *r = arg;
    const struct rec one = {f->name, 0, f, 1};
    CLEANUP_STR struct str text = {0};
    bool is_value = f->kind == REC_TRI || f->kind == REC_NUM; /* words say a thing in two ways */
    if (r->entries[entry].status != REPORT_CONVERTED || !is_value ||
        rec_is_empty(&one, (const char *)m - f->offset))
        return; /* said better already, or said in another place now */
    str_add(&text, "becomes ");
    rec_value(f, m, &text);
    merge(&r->entries[entry], REPORT_APPROXIMATED, str_get(&text));
}

void report_changes(struct report *r, const struct domain *d)
{
    for (size_t i = 0; r && i < r->n_provs; i++)
        if (r->provs[i].owner == d)
            prov_changes(&r->provs[i], d, note_change, r);
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
            prov_end(&r->provs[i], list->items[i - first_prov], note_change, r);
    }
}

const struct prov *report_prov(const struct report *r, const struct domain *d)
{
    for (size_t i = 0; i < r->n_provs; i++)
        if (r->provs[i].owner == d)
            return &r->provs[i];
    return NULL;
}

void report_lose(struct report *r, size_t entry, enum report_status status, const char *path,
                 const char *text)
{
    struct report_entry *x = &r->entries[entry];
    bool one = x->n_members <= 1;
    const char *inner = strstr(path, "].");
    path = inner ? inner + 2 : path;
    x->n_lost++;
    x->is_near |= status == REPORT_APPROXIMATED;
    CLEANUP_FREE char *all = mem_printf("%s%s%s", one ? "" : path, one ? "" : ": ", text);
    add_text(x, all);
}

void report_lose_all(struct report *r, size_t entry, const char *text)
{
    struct report_entry *x = &r->entries[entry];
    x->n_lost = x->n_members ? x->n_members : 1;
    str_set(&x->text, text);
}

/* Entries without a place of [first, end), which is behind all that keys and guests refer to. */
static void drop_placeless(struct report *r, size_t first, size_t end)
{
    size_t to = first;
    for (size_t i = first; i < r->n_entries; i++) {
        struct report_entry *x = &r->entries[i];
        if (i >= end || x->pos.line || x->status == REPORT_WARNING) {
            r->entries[to++] = *x;
            continue;
        }
        free(x->key);
        free(x->text);
        free(x->file);
    }
    r->n_entries = to;
}

void report_settle(struct report *r, size_t first, size_t end, bool has_keys)
{
    if (has_keys)
        drop_placeless(r, first, end);
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

static int by_place(const void *a, const void *b)
{
    const struct report_entry *x = *(const struct report_entry *const *)a,
                              *y = *(const struct report_entry *const *)b;
    if (!x->pos.line != !y->pos.line)
        return x->pos.line ? -1 : 1;
    if (x->pos.line != y->pos.line)
        return x->pos.line < y->pos.line ? -1 : 1;
    if (x->pos.col != y->pos.col)
        return x->pos.col < y->pos.col ? -1 : 1;
    return x < y ? -1 : x > y;
}

const struct report_entry **report_order(const struct report *r)
{
    const struct report_entry **list = mem_new(r->n_entries + 1, sizeof(*list));
    for (size_t i = 0; i < r->n_entries; i++)
        list[i] = &r->entries[i];
    qsort(list, r->n_entries, sizeof(*list), by_place);
    return list;
}

void report_line(const struct report_entry *x, struct str *out)
{
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

static const char beyond[] = "further keys are not listed";

void report_text(const struct report *r, struct str *out)
{
    CLEANUP_FREE const struct report_entry **list = report_order(r);
    for (size_t i = 0; i < r->n_entries; i++)
        report_line(list[i], out);
    if (r->n_dropped)
        str_addf(out, "%zu %s\n", r->n_dropped, beyond);
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
    CLEANUP_FREE const struct report_entry **list = report_order(r);
    str_add(out, "[");
    for (size_t i = 0; i < r->n_entries; i++) {
        const struct report_entry *x = list[i];
        str_addf(out, "%s\n  { \"status\": \"%s\"", i ? "," : "", report_status_name(x->status));
        json_text("key", x->key, out);
        json_text("text", x->text, out);
        json_text("file", x->file, out);
        if (x->pos.line)
            str_addf(out, ", \"line\": %d, \"column\": %d", x->pos.line, x->pos.col);
        str_add(out, " }");
    }
    if (r->n_dropped)
        str_addf(out, ",\n  { \"status\": \"%s\", \"text\": \"%zu %s\" }",
                 report_status_name(REPORT_WARNING), r->n_dropped, beyond);
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
    hash_clear(&r->places);
    free(r->provs);
    free(r->entries);
    *r = (struct report){0};
}
