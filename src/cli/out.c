#include "out.h"

#include <stdarg.h>
#include <wchar.h>

#include "base/str.h"
#include "base/vec.h"

static size_t shown_width(const char *s)
{
    wchar_t wide[1024];
    size_t n = mbstowcs(wide, s, sizeof(wide) / sizeof(*wide));
    if (n == (size_t)-1 || n == sizeof(wide) / sizeof(*wide))
        return strlen(s);
    int w = wcswidth(wide, n);
    return w < 0 ? strlen(s) : (size_t)w;
}

void table_add(struct table *t, const char *cell)
{
    VEC_PUSH(t->cells, t->n_cells, mem_str(cell));
}

void table_addf(struct table *t, const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;
    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        abort();
    va_end(ap);
    VEC_PUSH(t->cells, t->n_cells, s);
}

char *size_text(uint64_t bytes, int decimals)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double n = (double)bytes;
    size_t i = 0;
    for (; n >= 1024 && i < 6; i++)
        n /= 1024;
    return mem_printf("%.*f %s", decimals, n, units[i]);
}

void table_add_bytes(const struct ctl *c, struct table *t, bool known, uint64_t bytes)
{
    if (!known)
        table_add(t, c->json ? NULL : "-");
    else if (c->json)
        table_addf(t, "%llu", (unsigned long long)bytes);
    else
        VEC_PUSH(t->cells, t->n_cells, size_text(bytes, 2));
}

void table_clear(struct table *t)
{
    for (size_t i = 0; i < t->n_cells; i++)
        free(t->cells[i]);
    free(t->cells);
    *t = (struct table){0};
}

static void row_print(const struct table *t, const size_t *widths,
                      const char *(*cell)(const struct table *, size_t), size_t at)
{
    for (size_t k = 0; k < t->n_cols; k++) {
        const char *s = cell(t, at + k);
        printf(" %s", s);
        if (k + 1 < t->n_cols)
            printf("%*s", (int)(widths[k] - shown_width(s)) + 2, "");
    }
    putchar('\n');
}

static const char *cell_text(const struct table *t, size_t i)
{
    return t->cells[i] ? t->cells[i] : "";
}

static const char *cell_title(const struct table *t, size_t i)
{
    return t->cols[i].title;
}

void table_print(const struct ctl *c, const struct table *t)
{
    if (c->json) {
        json_table_print(t);
        return;
    }
    CLEANUP_FREE size_t *widths = mem_new(t->n_cols, sizeof(*widths));
    size_t total = 0;
    for (size_t k = 0; k < t->n_cols; k++) {
        widths[k] = c->quiet ? 0 : shown_width(t->cols[k].title);
        for (size_t i = k; i < t->n_cells; i += t->n_cols)
            if (shown_width(cell_text(t, i)) > widths[k])
                widths[k] = shown_width(cell_text(t, i));
        total += widths[k] + 3;
    }
    if (!c->quiet) {
        row_print(t, widths, cell_title, 0);
        while (total--)
            putchar('-');
        putchar('\n');
    }
    for (size_t i = 0; i < t->n_cells; i += t->n_cols)
        row_print(t, widths, cell_text, i);
}

void fact_add(struct facts *f, const char *title, const char *key, enum col_kind kind,
              const char *value)
{
    struct col col = {title, key, kind};
    VEC_PUSH(f->cols, f->n_cols, col);
    table_add(&f->table, value);
}

void fact_addf(struct facts *f, const char *title, const char *key, enum col_kind kind,
               const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;
    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        abort();
    va_end(ap);
    fact_add(f, title, key, kind, s);
    free(s);
}

void facts_print(const struct ctl *c, const struct facts *f, int width)
{
    if (c->json) {
        json_facts_print(f);
        return;
    }
    for (size_t i = 0; i < f->n_cols; i++) {
        CLEANUP_FREE char *title = mem_printf("%s:", f->cols[i].title);
        printf("%-*s%s\n", width, title, cell_text(&f->table, i));
    }
}

void facts_clear(struct facts *f)
{
    table_clear(&f->table);
    free(f->cols);
    *f = (struct facts){0};
}

void text_print(const struct ctl *c, const char *key, const char *text)
{
    if (c->json)
        json_text_print(key, text);
    else
        puts(text);
}

void done_print(const struct ctl *c, const char *fmt, ...)
{
    if (c->quiet || c->json)
        return;
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}
