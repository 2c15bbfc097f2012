#include "conf/cfg_out.h"

/* xl: backslash escapes in both kinds of quotes. */
static void quote_xl(const char *s, struct str *out)
{
    static const char from[] = "\\\a\b\f\n\r\t\v", to[] = "\\abfnrtv";
    char quote = strchr(s, '"') && !strchr(s, '\'') ? '\'' : '"';
    str_addc(out, quote);
    for (; *s; s++) {
        size_t plain = strcspn(s, "\\\a\b\f\n\r\t\v\"'");
        str_addn(out, s, plain);
        s += plain;
        if (!*s)
            break;
        const char *at = strchr(from, *s);
        if (at || *s == quote)
            str_addc(out, '\\');
        str_addc(out, at ? to[at - from] : *s);
    }
    str_addc(out, quote);
}

/* Python takes a backslash as an escape only before certain characters; libvirt never does. Where
 * both can be served, they are. */
static void add_python(const char *s, bool is_long, struct str *out)
{
    if (!is_long && !strpbrk(s, "\\\r")) {
        str_add(out, s);
        return;
    }
    for (; *s; s++) {
        bool is_escape = *s == '\\' && (!s[1] || strchr("\\'\"abfnrtvx01234567\n", s[1]));
        bool is_quote = is_long && *s == '"' && (!s[1] || s[1] == '"');
        if (is_escape || is_quote)
            str_addc(out, '\\');
        if (*s == '\r')
            str_add(out, "\\r"); /* a reader of text files would drop it */
        else
            str_addc(out, *s);
    }
}

static void quote_xm(const char *s, struct str *out)
{
    const char *quote = strchr(s, '\n')    ? "\"\"\""
                        : !strchr(s, '"')  ? "\""
                        : !strchr(s, '\'') ? "'"
                                           : "\"\"\"";
    str_add(out, quote);
    add_python(s, quote[1], out);
    str_add(out, quote);
}

static void cfg_quote(enum cfg_dialect dialect, const char *text, struct str *out)
{
    if (dialect == CFG_XL)
        quote_xl(text, out);
    else
        quote_xm(text, out);
}

void cfg_put_text(struct cfg_out *o, const char *key, const char *text)
{
    str_add(o->out, key);
    str_add(o->out, " = ");
    cfg_quote(o->dialect, text, o->out);
    str_addc(o->out, '\n');
}

/* xl cannot read a sign outside of quotes. */
void cfg_put_raw(struct cfg_out *o, const char *key, const char *number)
{
    if (*number == '-' && o->dialect == CFG_XL)
        cfg_put_text(o, key, number);
    else
        str_addf(o->out, "%s = %s\n", key, number);
}

void cfg_list_begin(struct cfg_out *o, const char *key)
{
    o->key = key;
    o->n_items = 0;
    o->n_inner = -1;
}

static void begin_item(struct cfg_out *o)
{
    if (o->n_inner >= 0)
        str_add(o->out, o->n_inner++ ? ", " : "");
    else if (o->n_items++)
        str_add(o->out, ", ");
    else
        str_addf(o->out, "%s = [ ", o->key);
}

void cfg_list_text(struct cfg_out *o, const char *text)
{
    begin_item(o);
    cfg_quote(o->dialect, text, o->out);
}

void cfg_list_end(struct cfg_out *o)
{
    if (o->n_items)
        str_add(o->out, " ]\n");
    o->key = NULL;
}

void cfg_sub_begin(struct cfg_out *o)
{
    begin_item(o);
    str_add(o->out, "[ ");
    o->n_inner = 0;
}

void cfg_sub_end(struct cfg_out *o)
{
    str_add(o->out, " ]");
    o->n_inner = -1;
}

static void put_list(struct conf_ctx *c, const struct row *r, const void *rec)
{
    CLEANUP_STR struct str text = {0};
    cfg_list_begin(cfg_out(c), r->key);
    for (size_t i = 0; i < row_count(r, rec); i++) {
        str_cut(&text, 0);
        row_text(r, rec, i, &text);
        cfg_list_text(cfg_out(c), str_get(&text));
    }
    cfg_list_end(cfg_out(c));
}

/* A number that the reader would refuse. */
static bool is_out_of_range(struct conf_ctx *c, const struct row *r, const char *text)
{
    int64_t n;
    if (r->kind != ROW_NUM || (!r->min && !r->max) ||
        !parse_i64(text, 10, INT64_MIN, INT64_MAX, &n) || (n >= r->min && n <= r->max))
        return false;
    conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "%s is not from %lld to %lld", text,
              (long long)r->min, (long long)r->max);
    return true;
}

int cfg_put_row(struct conf_ctx *c, const struct row *r, const void *rec)
{
    CLEANUP_STR struct str text = {0};
    if (r->write || r->kind == ROW_HOOK)
        return r->write ? r->write(c, r, rec) : 0;
    if (!row_is_set(r, rec) || r->flags & ROW_READ_ONLY)
        return 0;
    if (r->kind == ROW_STRS || r->kind == ROW_U32S)
        put_list(c, r, rec);
    else if (row_text(r, rec, 0, &text) && !is_out_of_range(c, r, str_get(&text)))
        (row_is_number(r) ? cfg_put_raw : cfg_put_text)(cfg_out(c), r->key, str_get(&text));
    return 0;
}
