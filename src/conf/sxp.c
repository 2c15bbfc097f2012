#include "sxp.h"

#include "base/vec.h"

struct reader {
    const char *p, *end;
    int line, col;
    size_t nodes;
    struct sxp_doc *doc;
    struct err *e;
};

static void tree_clear(struct sxp *s)
{
    for (size_t i = 0; i < s->n_items; i++)
        tree_clear(&s->items[i]);
    free(s->items);
    free(s->text);
}

void sxp_clear(struct sxp_doc *doc)
{
    for (size_t i = 0; i < doc->n_items; i++)
        tree_clear(&doc->items[i]);
    free(doc->items);
    *doc = (struct sxp_doc){0};
}

#define AT(r, ...) fail((r)->e, ERR_XML_DETAIL, __VA_ARGS__)

static void step(struct reader *r)
{
    if (*r->p++ == '\n') {
        r->line++;
        r->col = 1;
    } else {
        r->col++;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static void skip_blanks(struct reader *r)
{
    for (; r->p < r->end; step(r)) {
        if (*r->p == '#')
            while (r->p + 1 < r->end && r->p[1] != '\n')
                step(r);
        else if (!is_blank(*r->p))
            return;
    }
}

static int add_text(struct reader *r, struct str *s, char c)
{
    if (!c)
        return AT(r, "line %d column %d: a NUL character is not allowed", r->line, r->col);
    if (s->len >= SXP_TEXT_MAX)
        return AT(r, "line %d column %d: a text is longer than %d bytes", r->line, r->col,
                  SXP_TEXT_MAX);
    str_addc(s, c);
    return 0;
}

/* Digits of \ooo and \xHH, at the first digit; at most `most` of them. */
static int read_code(struct reader *r, int base, int most, struct str *s)
{
    int value = 0, n = 0, d;
    for (; n < most && r->p < r->end && (d = hex_digit(*r->p)) >= 0 && d < base; n++) {
        value = value * base + d;
        step(r);
    }
    if (!n || value > 0xff)
        return AT(r, "line %d column %d: bad character code after a backslash", r->line, r->col);
    return add_text(r, s, (char)value);
}

/* After the backslash. An unknown escape keeps both characters, as Python's repr expects. */
static int read_escape(struct reader *r, struct str *s)
{
    static const char from[] = "abtnvfr\\'\"", to[] = "\a\b\t\n\v\f\r\\'\"";
    char c = *r->p;
    const char *known = c ? strchr(from, c) : NULL;
    if (c >= '0' && c <= '7')
        return read_code(r, 8, 3, s);
    step(r);
    if (c == 'x' && r->p < r->end && hex_digit(*r->p) >= 0)
        return read_code(r, 16, 2, s);
    if (known)
        return add_text(r, s, to[known - from]);
    return add_text(r, s, '\\') || add_text(r, s, c) ? -1 : 0;
}

static int read_string(struct reader *r, struct str *s)
{
    int line = r->line, col = r->col;
    char quote = *r->p, c;
    for (step(r); r->p < r->end && *r->p != quote;) {
        c = *r->p;
        int rc;
        if (c == '\\' && r->p + 1 < r->end) {
            step(r);
            rc = read_escape(r, s);
        } else {
            rc = add_text(r, s, c);
            step(r);
        }
        if (rc)
            return rc;
    }
    if (r->p == r->end)
        return AT(r, "line %d column %d: the text that starts here has no closing %c", line, col,
                  quote);
    step(r);
    return 0;
}

/* xend never printed more than letters, digits and .-_:/~ without quotes; libvirt did. */
static int read_atom(struct reader *r, struct str *s)
{
    for (; r->p < r->end && !is_blank(*r->p) && *r->p != '(' && *r->p != ')'; step(r))
        if (add_text(r, s, *r->p))
            return -1;
    return 0;
}

static int read_expr(struct reader *r, struct sxp *s, int depth);

static int read_list(struct reader *r, struct sxp *s, int depth)
{
    if (depth >= SXP_DEPTH_MAX)
        return AT(r, "line %d column %d: lists are nested more than %d deep", r->line, r->col,
                  SXP_DEPTH_MAX);
    step(r);
    for (skip_blanks(r); r->p < r->end && *r->p != ')'; skip_blanks(r)) {
        VEC_PUSH(s->items, s->n_items, ((struct sxp){0}));
        if (read_expr(r, &s->items[s->n_items - 1], depth + 1))
            return -1;
    }
    if (r->p < r->end) {
        step(r);
    } else if (!r->doc->unclosed_line) {
        r->doc->unclosed_line = s->line;
        r->doc->unclosed_col = s->col;
    }
    return 0;
}

static int read_expr(struct reader *r, struct sxp *s, int depth)
{
    CLEANUP_STR struct str text = {0};
    s->line = r->line;
    s->col = r->col;
    if (r->nodes++ >= SXP_NODES_MAX)
        return AT(r, "line %d column %d: more than %d words and lists", r->line, r->col,
                  SXP_NODES_MAX);
    if (*r->p == '(')
        return read_list(r, s, depth);
    if (*r->p == '\'' || *r->p == '"' ? read_string(r, &text) : read_atom(r, &text))
        return -1;
    s->text = str_take(&text);
    return 0;
}

/* Closing brackets at the end are a slip; in front of more text they mean that the lists are not
 * what they look like. */
static int read_stray(struct reader *r)
{
    if (!r->doc->stray_line) {
        r->doc->stray_line = r->line;
        r->doc->stray_col = r->col;
    }
    step(r);
    skip_blanks(r);
    if (r->p < r->end && *r->p != ')')
        return AT(r, "line %d column %d: ')' closes no list", r->doc->stray_line,
                  r->doc->stray_col);
    return 0;
}

static int read_all(struct reader *r)
{
    struct sxp_doc *d = r->doc;
    for (skip_blanks(r); r->p < r->end; skip_blanks(r)) {
        if (*r->p == ')') {
            if (read_stray(r))
                return -1;
            continue;
        }
        VEC_PUSH(d->items, d->n_items, ((struct sxp){0}));
        if (read_expr(r, &d->items[d->n_items - 1], 0))
            return -1;
    }
    return 0;
}

int sxp_parse(const char *text, size_t len, struct sxp_doc *ret, struct err *e)
{
    struct sxp_doc doc = {0};
    struct reader r = {.p = text, .end = text + len, .line = 1, .col = 1, .doc = &doc, .e = e};
    if (len > SXP_INPUT_MAX)
        return fail(e, ERR_XML_DETAIL, "the input is larger than %d bytes", SXP_INPUT_MAX);
    doc.has_bom = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3);
    r.p += doc.has_bom ? 3 : 0;
    if (read_all(&r)) {
        sxp_clear(&doc);
        return -1;
    }
    *ret = doc;
    return 0;
}

bool sxp_is(const struct sxp *s, const char *key)
{
    return s->n_items && str_eq(s->items[0].text, key);
}

static struct sxp *find_one(const struct sxp *s, const char *key, size_t len)
{
    for (size_t i = 0; i < s->n_items; i++) {
        struct sxp *item = &s->items[i];
        const char *name = item->n_items ? item->items[0].text : NULL;
        if (name && strlen(name) == len && !memcmp(name, key, len))
            return item;
    }
    return NULL;
}

struct sxp *sxp_find(const struct sxp *s, const char *path)
{
    struct sxp *found = NULL;
    for (const char *key = path; *key;) {
        size_t len = strcspn(key, "/");
        found = find_one(found ? found : s, key, len);
        if (!found)
            return NULL;
        key += len + (key[len] == '/');
    }
    return found;
}

const char *sxp_value(const struct sxp *s)
{
    return s && s->n_items > 1 ? s->items[1].text : NULL;
}

static void add_quoted(struct str *out, const char *text)
{
    str_addc(out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\\' || *c == '\'')
            str_addc(out, '\\');
        str_addc(out, *c);
    }
    str_addc(out, '\'');
}

void sxp_put_text(struct str *out, const char *key, const char *value)
{
    str_addf(out, "(%s ", key);
    add_quoted(out, value);
    str_addc(out, ')');
}

/* Safe bare for both readers: no blank, bracket, quote, backslash or comment sign. */
static bool is_bare(const char *word)
{
    for (const char *c = word; *c; c++)
        if (is_blank(*c) || strchr("()'\"\\#{}<>[];", *c) || (unsigned char)*c < 0x20)
            return false;
    return *word;
}

void sxp_add_word(struct str *out, const char *word)
{
    if (is_bare(word))
        str_add(out, word);
    else
        add_quoted(out, word);
}

void sxp_put_word(struct str *out, const char *key, const char *value)
{
    str_addf(out, "(%s ", key);
    sxp_add_word(out, value);
    str_addc(out, ')');
}

void sxp_put_number(struct str *out, const char *key, long long value)
{
    str_addf(out, "(%s %lld)", key, value);
}
