#include "conf/report.h"

#include "base/vec.h"

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

void report_add(struct report *r, enum report_status status, const char *key, const char *file,
                struct pos pos, const char *fmt, ...)
{
    struct str text = {0};
    va_list ap;
    if (!r)
        return;
    if (r->n_entries >= REPORT_ENTRIES_MAX) {
        r->n_dropped++;
        return;
    }
    if (fmt) {
        va_start(ap, fmt);
        char buffer[1024];
        vsnprintf(buffer, sizeof(buffer), fmt, ap);
        va_end(ap);
        str_add(&text, buffer);
    }
    struct report_entry entry = {status, mem_str(key), fmt ? str_take(&text) : NULL, mem_str(file),
                                 pos};
    VEC_PUSH(r->entries, r->n_entries, entry);
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
    free(r->entries);
    *r = (struct report){0};
}
