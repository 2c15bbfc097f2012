#include <assert.h>
#include <inttypes.h>

#include "conf/xml.h"

/* Bytes of the UTF-8 character at s, 0 when it is none. */
static int utf8_len(const unsigned char *s)
{
    int n = s[0] < 0x80   ? 1
            : s[0] < 0xc2 ? 0
            : s[0] < 0xe0 ? 2
            : s[0] < 0xf0 ? 3
            : s[0] < 0xf5 ? 4
                          : 0;
    for (int i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    if (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe)
        return 0; /* U+FFFE and U+FFFF are no XML */
    return n;
}

bool xml_is_text(const char *text)
{
    for (int n = 1; text && *text; text += n)
        if (!(n = utf8_len((const unsigned char *)text)))
            return false;
    return true;
}

static const char *entity(unsigned char c, bool in_attr, bool is_foreign)
{
    if (is_foreign && (c == '\'' || (c == '"' && !in_attr)))
        return NULL;
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\'':
        return "&apos;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#13;";
    case '\n':
        return in_attr ? "&#10;" : NULL;
    case '\t':
        return in_attr ? "&#9;" : NULL;
    }
    return NULL;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != '>' && c != '\'' && c != '"';
}

/* libxml2 gives the code of such a character, but in attributes only. */
static void add_code(struct xml_out *w, const unsigned char *s, int n)
{
    unsigned code = s[0] & (0xff >> (n + 1));
    for (int i = 1; i < n; i++)
        code = code << 6 | (s[i] & 0x3f);
    str_addf(w->s, "&#x%X;", code);
}

static void escape(struct xml_out *w, const char *text, bool in_attr)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        const unsigned char *from = s;
        while (is_plain(*s))
            s++;
        str_addn(w->s, (const char *)from, (size_t)(s - from));
        if (!*s)
            return;
        const char *known = entity(*s, in_attr, w->is_foreign);
        int n = utf8_len(s);
        if (known)
            str_add(w->s, known);
        else if (!n)
            w->is_bad = true;
        else if (*s < 0x20 && *s != '\n' && *s != '\t')
            w->is_cut = true;
        else if (n > 1 && in_attr && w->is_foreign)
            add_code(w, s, n);
        else
            str_addn(w->s, (const char *)s, (size_t)n);
        s += n ? n : 1;
    }
}

static bool is_inline(const struct xml_out *w, int level)
{
    return w->inline_from && level >= w->inline_from;
}

static void indent(struct xml_out *w, int depth)
{
    static const char blanks[] = "                                                                "
                                 "                                                                "
                                 "                                ";
    str_addn(w->s, blanks, (size_t)depth * 2);
}

static void show(struct xml_out *w, int i)
{
    if (w->levels[i].state != LEVEL_CLOSED)
        return;
    if (i > 0) {
        struct xml_level *up = &w->levels[i - 1];
        show(w, i - 1);
        assert(up->state != LEVEL_TEXT || is_inline(w, i));
        if (up->state == LEVEL_TAG)
            str_add(w->s, is_inline(w, i) ? ">" : ">\n");
        up->state = LEVEL_CHILDREN;
    }
    if (!is_inline(w, i))
        indent(w, i);
    str_addc(w->s, '<');
    str_add(w->s, w->levels[i].prefix);
    str_add(w->s, w->levels[i].name);
    w->levels[i].state = LEVEL_TAG;
}

void xml_out_open(struct xml_out *w, const char *name)
{
    assert(w->depth < XML_OUT_DEPTH);
    w->levels[w->depth++] = (struct xml_level){w->prefix ? w->prefix : "", name, LEVEL_CLOSED};
}

void xml_out_show(struct xml_out *w)
{
    show(w, w->depth - 1);
}

void xml_out_block(struct xml_out *w)
{
    struct xml_level *level = &w->levels[w->depth - 1];
    show(w, w->depth - 1);
    if (level->state == LEVEL_TAG)
        str_addn(w->s, ">\n", 2);
    level->state = LEVEL_CHILDREN;
}

void xml_out_attr(struct xml_out *w, const char *name, const char *value)
{
    show(w, w->depth - 1);
    assert(w->levels[w->depth - 1].state == LEVEL_TAG);
    str_addc(w->s, ' ');
    str_add(w->s, name);
    char quote = w->is_foreign ? '"' : '\'';
    str_addc(w->s, '=');
    str_addc(w->s, quote);
    escape(w, value, true);
    str_addc(w->s, quote);
}

void xml_out_attrf(struct xml_out *w, const char *name, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    xml_out_attr(w, name, text);
}

void xml_out_number(struct xml_out *w, const char *name, int64_t n, int width)
{
    if (width)
        xml_out_attrf(w, name, "0x%0*" PRIx64, width, (uint64_t)n);
    else
        xml_out_attrf(w, name, "%" PRId64, n);
}

void xml_out_text(struct xml_out *w, const char *text)
{
    struct xml_level *level = &w->levels[w->depth - 1];
    show(w, w->depth - 1);
    assert(level->state != LEVEL_CHILDREN || is_inline(w, w->depth));
    if (level->state == LEVEL_TAG)
        str_addc(w->s, '>');
    level->state = LEVEL_TEXT;
    escape(w, text, false);
}

/* What is inside CDATA cannot hold its end. */
static void add_cdata(struct xml_out *w, const char *text)
{
    for (const char *end; (end = strstr(text, "]]>")); text = end + 2) {
        str_addn(w->s, text, (size_t)(end + 2 - text));
        str_add(w->s, "]]><![CDATA[");
    }
    str_add(w->s, text);
}

void xml_out_special(struct xml_out *w, const char *name, const char *text)
{
    struct xml_level *up = &w->levels[w->depth - 1];
    bool inside = is_inline(w, w->depth), is_cdata = !strcmp(name, XML_CDATA);
    show(w, w->depth - 1);
    if (up->state == LEVEL_TAG)
        str_add(w->s, inside ? ">" : ">\n");
    up->state = LEVEL_CHILDREN;
    if (!inside)
        indent(w, w->depth);
    str_addf(w->s, "<%s", name);
    if (is_cdata)
        add_cdata(w, text);
    else if (*name == '?')
        str_addf(w->s, "%s%s", *text ? " " : "", text);
    else
        str_add(w->s, text);
    str_add(w->s, is_cdata ? "]]>" : *name == '?' ? "?>" : "-->");
    if (!inside)
        str_addc(w->s, '\n');
}

void xml_out_inline(struct xml_out *w)
{
    show(w, w->depth - 1);
    if (!w->inline_from)
        w->inline_from = w->depth;
}

static void end_tag(struct xml_out *w, const struct xml_level *level)
{
    str_addn(w->s, "</", 2);
    str_add(w->s, level->prefix);
    str_add(w->s, level->name);
    str_addc(w->s, '>');
}

void xml_out_close(struct xml_out *w)
{
    struct xml_level *level = &w->levels[--w->depth];
    bool inside = is_inline(w, w->depth + 1);
    switch (level->state) {
    case LEVEL_CLOSED:
        return;
    case LEVEL_TAG:
        str_addn(w->s, "/>", 2);
        break;
    case LEVEL_CHILDREN:
        if (!inside)
            indent(w, w->depth);
        end_tag(w, level);
        break;
    case LEVEL_TEXT:
        end_tag(w, level);
        break;
    }
    if (w->inline_from == w->depth + 1)
        w->inline_from = 0;
    if (!is_inline(w, w->depth))
        str_addc(w->s, '\n');
}

void xml_out_element(struct xml_out *w, const char *name, const char *text)
{
    xml_out_open(w, name);
    xml_out_text(w, text);
    xml_out_close(w);
}

void xml_out_tree(struct xml_out *w, const struct xml *x)
{
    xml_out_open(w, x->name);
    xml_out_show(w);
    for (size_t i = 0; i < x->n_attrs; i++)
        xml_out_attr(w, x->attrs[i].name, x->attrs[i].value);
    if (!x->child && x->text && *x->text)
        xml_out_text(w, x->text);
    for (const struct xml *k = x->child; k; k = k->next)
        if (k->name)
            xml_out_tree(w, k);
        else
            xml_out_text(w, k->text);
    xml_out_close(w);
}
