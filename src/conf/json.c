#include "json.h"

#include <inttypes.h>

#include "base/vec.h"

struct reader {
    const char *p, *end;
    int line;
    const char *line_start;
    size_t nodes;
    struct err *e;
};

void json_clear(struct json *v)
{
    for (size_t i = 0; i < v->n_items; i++)
        json_clear(&v->items[i]);
    free(v->items);
    free(v->key);
    free(v->text);
    *v = (struct json){0};
}

#define AT(r, format, ...) \
    fail((r)->e, ERR_XML_DETAIL, "line %d column %d: " format, (r)->line, \
         (int)((r)->p - (r)->line_start) + 1, ##__VA_ARGS__)

static void skip_blanks(struct reader *r)
{
    for (; r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n');
         r->p++) {
        if (*r->p == '\n') {
            r->line++;
            r->line_start = r->p + 1;
        }
    }
}

static int expected(struct reader *r, const char *what)
{
    if (r->p == r->end)
        return AT(r, "expected %s, found the end of the input", what);
    if ((unsigned char)*r->p < 0x20 || (unsigned char)*r->p > 0x7e)
        return AT(r, "expected %s, found byte 0x%02x", what, (unsigned char)*r->p);
    return AT(r, "expected %s, found '%c'", what, *r->p);
}

static int read_hex(struct reader *r, uint32_t *ret)
{
    char digits[5] = {0};
    if (r->end - r->p < 4)
        return expected(r, "four hexadecimal digits");
    memcpy(digits, r->p, 4);
    if (!parse_u32(digits, 16, 0xffff, ret))
        return expected(r, "four hexadecimal digits");
    r->p += 4;
    return 0;
}

static void add_utf8(struct str *s, uint32_t c)
{
    if (c < 0x80) {
        str_addc(s, (char)c);
        return;
    }
    if (c >= 0x10000) {
        str_addc(s, (char)(0xf0 | c >> 18));
        str_addc(s, (char)(0x80 | (c >> 12 & 0x3f)));
    } else if (c >= 0x800) {
        str_addc(s, (char)(0xe0 | c >> 12));
    } else {
        str_addc(s, (char)(0xc0 | c >> 6));
        str_addc(s, (char)(0x80 | (c & 0x3f)));
        return;
    }
    str_addc(s, (char)(0x80 | (c >> 6 & 0x3f)));
    str_addc(s, (char)(0x80 | (c & 0x3f)));
}

static int read_unicode(struct reader *r, struct str *s)
{
    uint32_t c, low;
    if (read_hex(r, &c))
        return -1;
    if (c >= 0xd800 && c < 0xdc00) { /* the first half of a pair */
        if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
            return expected(r, "the second half of a surrogate pair");
        r->p += 2;
        if (read_hex(r, &low))
            return -1;
        if (low < 0xdc00 || low > 0xdfff)
            return AT(r, "bad surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (!c || (c >= 0xdc00 && c < 0xe000)) {
        return AT(r, "character \\u%04x is not allowed", c);
    }
    add_utf8(s, c);
    return 0;
}

static int read_escape(struct reader *r, struct str *s)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    r->p++;
    const char *known = r->p < r->end && *r->p ? strchr(from, *r->p) : NULL;
    if (known) {
        str_addc(s, to[known - from]);
        r->p++;
        return 0;
    }
    if (r->p == r->end || *r->p != 'u')
        return expected(r, "an escape");
    r->p++;
    return read_unicode(r, s);
}

static int read_string(struct reader *r, char **ret)
{
    CLEANUP_STR struct str s = {0};
    if (r->p == r->end || *r->p != '"')
        return expected(r, "'\"'");
    for (r->p++; r->p < r->end && *r->p != '"';) {
        if (s.len >= JSON_TEXT_MAX)
            return AT(r, "a string is longer than %d bytes", JSON_TEXT_MAX);
        if (*r->p == '\\') {
            if (read_escape(r, &s))
                return -1;
        } else if ((unsigned char)*r->p < 0x20) {
            return expected(r, "a character or '\"'");
        } else {
            str_addc(&s, *r->p++);
        }
    }
    if (r->p == r->end)
        return expected(r, "'\"'");
    r->p++;
    *ret = str_take(&s);
    return 0;
}

static size_t digits(const char *p, const char *end)
{
    const char *start = p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return (size_t)(p - start);
}

static int read_number(struct reader *r, struct json *v)
{
    const char *start = r->p;
    size_t n;
    if (r->p < r->end && *r->p == '-')
        r->p++;
    if (!(n = digits(r->p, r->end)))
        return expected(r, "a value");
    if (n > 1 && *r->p == '0')
        return AT(r, "a number starts with 0");
    r->p += n;
    if (r->p < r->end && *r->p == '.') {
        if (!(n = digits(++r->p, r->end)))
            return expected(r, "a digit");
        r->p += n;
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
            r->p++;
        if (!(n = digits(r->p, r->end)))
            return expected(r, "a digit");
        r->p += n;
    }
    if (r->p - start > JSON_TEXT_MAX)
        return AT(r, "a number is longer than %d bytes", JSON_TEXT_MAX);
    v->kind = JSON_NUMBER;
    v->text = mem_strn(start, (size_t)(r->p - start));
    return 0;
}

static int read_value(struct reader *r, struct json *v, int depth);

static int read_member(struct reader *r, struct json *parent, int depth)
{
    CLEANUP_FREE char *key = NULL;
    skip_blanks(r);
    if (parent->kind == JSON_OBJECT) {
        if (parent->n_items >= JSON_MEMBERS_MAX)
            return AT(r, "an object has more than %d members", JSON_MEMBERS_MAX);
        if (read_string(r, &key))
            return -1;
        if (json_get(parent, key))
            return AT(r, "member '%.100s' is there twice", key);
        skip_blanks(r);
        if (r->p == r->end || *r->p != ':')
            return expected(r, "':'");
        r->p++;
    }
    VEC_PUSH(parent->items, parent->n_items, ((struct json){0}));
    struct json *item = &parent->items[parent->n_items - 1];
    item->key = take(key);
    return read_value(r, item, depth);
}

static int read_container(struct reader *r, struct json *v, int depth)
{
    char close = *r->p == '{' ? '}' : ']';
    v->kind = *r->p == '{' ? JSON_OBJECT : JSON_ARRAY;
    if (depth >= JSON_DEPTH_MAX)
        return AT(r, "nested more than %d deep", JSON_DEPTH_MAX);
    r->p++;
    skip_blanks(r);
    if (r->p < r->end && *r->p == close) {
        r->p++;
        return 0;
    }
    for (;;) {
        if (read_member(r, v, depth + 1))
            return -1;
        skip_blanks(r);
        if (r->p < r->end && *r->p == close)
            break;
        if (r->p == r->end || *r->p != ',')
            return expected(r, close == '}' ? "',' or '}'" : "',' or ']'");
        r->p++;
    }
    r->p++;
    return 0;
}

static bool read_word(struct reader *r, struct json *v)
{
    static const struct {
        const char *word;
        size_t len;
        enum json_kind kind;
    } words[] = {{"null", 4, JSON_NULL}, {"true", 4, JSON_TRUE}, {"false", 5, JSON_FALSE}};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if ((size_t)(r->end - r->p) < words[i].len || memcmp(r->p, words[i].word, words[i].len))
            continue;
        v->kind = words[i].kind;
        r->p += words[i].len;
        return true;
    }
    return false;
}

static int read_value(struct reader *r, struct json *v, int depth)
{
    skip_blanks(r);
    v->line = r->line;
    v->col = (int)(r->p - r->line_start) + 1;
    if (r->nodes++ >= JSON_NODES_MAX)
        return AT(r, "more than %d values", JSON_NODES_MAX);
    if (r->p == r->end)
        return expected(r, "a value");
    if (*r->p == '{' || *r->p == '[')
        return read_container(r, v, depth);
    if (*r->p == '"') {
        v->kind = JSON_STRING;
        return read_string(r, &v->text);
    }
    if (read_word(r, v))
        return 0;
    return read_number(r, v);
}

int json_parse(const char *text, size_t len, struct json *ret, struct err *e)
{
    struct json v = {0};
    struct reader r = {.p = text, .end = text + len, .line = 1, .line_start = text, .e = e};
    if (len > JSON_INPUT_MAX)
        return fail(e, ERR_XML_DETAIL, "the input is larger than %d bytes", JSON_INPUT_MAX);
    int rc = read_value(&r, &v, 0);
    skip_blanks(&r);
    if (!rc && r.p < r.end)
        rc = expected(&r, "the end of the input");
    if (rc)
        json_clear(&v);
    else
        *ret = v;
    return rc;
}

struct json *json_get(const struct json *object, const char *key)
{
    for (size_t i = 0; object && i < object->n_items; i++)
        if (str_eq(object->items[i].key, key))
            return &object->items[i];
    return NULL;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {"null",     "false",    "true",     "a number",
                                        "a string", "an array", "an object"};
    return names[kind];
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void add_string(struct str *s, const char *value)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    str_addc(s, '"');
    for (const char *c = value; *c; c++) {
        const char *run = c;
        while (is_plain(*c))
            c++;
        str_addn(s, run, (size_t)(c - run));
        if (!*c)
            break;
        const char *known = strchr(from, *c);
        if (known)
            str_addf(s, "\\%c", to[known - from]);
        else
            str_addf(s, "\\u%04x", (unsigned)*c);
    }
    str_addc(s, '"');
}

static void indent(struct json_out *o)
{
    static const char blanks[] = "                                                ";
    size_t n = 4 * (size_t)o->depth;
    for (; n >= sizeof(blanks); n -= sizeof(blanks) - 1)
        str_addn(o->text, blanks, sizeof(blanks) - 1);
    str_addn(o->text, blanks, n);
}

/* In front of every value: comma, line, blanks, key. */
static void start(struct json_out *o, const char *key)
{
    if (o->has_items)
        str_add(o->text, ",\n");
    o->has_items = true;
    indent(o);
    if (key) {
        add_string(o->text, key);
        str_add(o->text, ": ");
    }
}

void json_open(struct json_out *o, const char *key, char bracket)
{
    start(o, key);
    str_addc(o->text, bracket);
    str_addc(o->text, '\n');
    o->depth++;
    o->has_items = false;
}

void json_close(struct json_out *o, char bracket)
{
    o->depth--;
    str_addc(o->text, '\n'); /* an empty container has an empty line, as in xl's output */
    indent(o);
    str_addc(o->text, bracket);
    o->has_items = true;
}

void json_put_string(struct json_out *o, const char *key, const char *value)
{
    start(o, key);
    add_string(o->text, value);
}

void json_put_int(struct json_out *o, const char *key, int64_t value)
{
    start(o, key);
    str_addi(o->text, value, 10);
}

void json_put_uint(struct json_out *o, const char *key, uint64_t value)
{
    start(o, key);
    str_addf(o->text, "%" PRIu64, value);
}

void json_put_bool(struct json_out *o, const char *key, bool value)
{
    start(o, key);
    str_add(o->text, value ? "true" : "false");
}
