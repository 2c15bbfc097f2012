#include "conf/chr.h"

#include "conf/row.h"

static const struct chr_word {
    const char *word;
    enum chr_type type;
    bool has_rest; /* the word ends in a colon and something follows */
    tri telnet;
} words[] = {
    {"null", CHR_NULL, false, TRI_UNSET}, {"vc", CHR_VC, false, TRI_UNSET},
    {"pty", CHR_PTY, false, TRI_UNSET},   {"stdio", CHR_STDIO, false, TRI_UNSET},
    {"file:", CHR_FILE, true, TRI_UNSET}, {"pipe:", CHR_PIPE, true, TRI_UNSET},
    {"tcp:", CHR_TCP, true, TRI_NO},      {"telnet:", CHR_TCP, true, TRI_YES},
    {"udp:", CHR_UDP, true, TRI_UNSET},   {"unix:", CHR_UNIX, true, TRI_UNSET},
    {"/", CHR_DEV, true, TRI_UNSET},
};

static const struct chr_word *find_word(const char *text)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (words[i].has_rest ? str_starts(text, words[i].word) : str_eq(text, words[i].word))
            return &words[i];
    return NULL;
}

static char *part(const char *from, const char *to)
{
    return to > from ? mem_strn(from, (size_t)(to - from)) : NULL;
}

/* The colon in front of the port: the last one before `end`, outside of an IPv6 address in
 * brackets. */
static const char *port_colon(const char *text, const char *end)
{
    const char *colon = NULL, *bracket = memchr(text, ']', (size_t)(end - text));
    for (const char *p = bracket ? bracket : text; p < end; p++)
        if (*p == ':')
            colon = p;
    return colon;
}

static int bad(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
               const char *form)
{
    return conf_error(c, pos, "'%s' must look like '%s', not '%s'", key, form, text);
}

/* HOST:PORT[,options], after tcp: or telnet: */
static int parse_tcp(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
                     struct chr *ret)
{
    const char *end = text + strcspn(text, ","), *colon = port_colon(text, end);
    if (!colon || colon + 1 == end)
        return bad(c, pos, key, text, "HOST:PORT[,server]");
    ret->host = part(text, colon);
    ret->service = part(colon + 1, end);
    ret->listen = strstr(end, ",server") ? TRI_YES : TRI_NO;
    return 0;
}

static int parse_udp(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
                     struct chr *ret)
{
    const char *end = text + strcspn(text, "@"), *colon = port_colon(text, end);
    if (!colon || colon + 1 == end)
        return bad(c, pos, key, text, "[HOST]:PORT[@[BINDHOST]:BINDPORT]");
    ret->host = part(text, colon);
    ret->service = part(colon + 1, end);
    if (!*end)
        return 0;
    const char *bind = end + 1, *bind_end = bind + strlen(bind);
    colon = port_colon(bind, bind_end);
    if (!colon)
        return bad(c, pos, key, text, "[HOST]:PORT[@[BINDHOST]:BINDPORT]");
    ret->bind_host = part(bind, colon);
    if (strcmp(colon + 1, "0")) /* port 0: any, which is what no bind address means */
        ret->bind_service = part(colon + 1, bind_end);
    return 0;
}

static int parse_rest(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
                      const char *rest, struct chr *ret)
{
    const char *comma;
    switch (ret->type) {
    case CHR_TCP:
        return parse_tcp(c, pos, key, rest, ret);
    case CHR_UDP:
        return parse_udp(c, pos, key, rest, ret);
    case CHR_UNIX:
        comma = rest + strcspn(rest, ",");
        ret->path = part(rest, comma);
        ret->listen = strstr(comma, ",server") ? TRI_YES : TRI_NO;
        break;
    case CHR_DEV:
        ret->path = mem_str(text);
        break;
    default:
        ret->path = part(rest, rest + strlen(rest));
    }
    return ret->path ? 0 : bad(c, pos, key, text, "WORD:PATH");
}

static int parse_words(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
                       struct chr *ret)
{
    const struct chr_word *w = find_word(text);
    if (!w) {
        ret->type = CHR_NULL;
        return 0;
    }
    ret->type = w->type;
    ret->telnet = w->telnet;
    return w->has_rest ? parse_rest(c, pos, key, text, text + strlen(w->word), ret) : 0;
}

static void format_udp(const struct chr *chr, struct str *out)
{
    str_addf(out, "udp:%s:%s@%s:%s", chr->host ? chr->host : "", chr->service ? chr->service : "",
             chr->bind_host ? chr->bind_host : "", chr->bind_service ? chr->bind_service : "0");
}

static int format_words(struct conf_ctx *c, const char *key, const struct chr *chr, struct str *out)
{
    const char *server = chr->listen == TRI_YES ? ",server,nowait" : "";
    const char *path = chr->path ? chr->path : "";
    switch (chr->type) {
    case CHR_NULL:
    case CHR_VC:
    case CHR_PTY:
    case CHR_STDIO:
        str_add(out, words_name(&chr_type_words, (int)chr->type));
        return 0;
    case CHR_DEV:
        str_add(out, path);
        return 0;
    case CHR_FILE:
    case CHR_PIPE:
        str_addf(out, "%s:%s", words_name(&chr_type_words, (int)chr->type), path);
        return 0;
    case CHR_TCP:
        str_addf(out, "%s:%s:%s%s", chr->telnet == TRI_YES ? "telnet" : "tcp",
                 chr->host ? chr->host : "", chr->service ? chr->service : "", server);
        return 0;
    case CHR_UDP:
        format_udp(chr, out);
        return 0;
    case CHR_UNIX:
        str_addf(out, "unix:%s%s", path, server);
        return 0;
    case CHR_SPICEVMC:
    case CHR_SPICEPORT:
    case CHR_NMDM:
    case CHR_QEMU_VDAGENT:
    case CHR_DBUS:
        break;
    }
    const char *word = words_name(&chr_type_words, (int)chr->type);
    return conf_error(c, (struct pos){0}, "'%s' cannot be a device of type '%s'", key,
                      word ? word : "none");
}

/* Options that QEMU knows and the model has no member for (nodelay, a server that waits, kinds of
 * devices beyond XML's) stay in chr->native. */
int chr_parse(struct conf_ctx *c, struct pos pos, const char *key, const char *text,
              struct chr *ret)
{
    CLEANUP_STR struct str again = {0};
    if (!*text)
        return conf_error(c, pos, "'%s' names no device", key);
    if (parse_words(c, pos, key, text, ret) || format_words(c, key, ret, &again))
        return -1;
    if (str_eq(str_get(&again), text) || ret->type == CHR_UDP)
        return 0;
    str_set(&ret->native, text);
    if (!find_word(text))
        conf_note(c, REPORT_APPROXIMATED, key, pos,
                  "'%s' is a device of QEMU's that XML has no word for; it says null, and the text "
                  "is kept in metadata",
                  text);
    return 0;
}

/* Does the kept text still mean what the members say? They may have been edited. */
static bool is_still_so(const struct chr *chr)
{
    static const struct conf_opts silent = {0};
    struct conf_ctx c = {.o = &silent};
    struct chr said = {0};
    CLEANUP_STR struct str was = {0}, is = {0};
    bool same = !parse_words(&c, (struct pos){0}, "", chr->native, &said) &&
                !format_words(&c, "", &said, &was) && !format_words(&c, "", chr, &is) &&
                str_eq(str_get(&was), str_get(&is));
    rec_clear(&chr_rec, &said);
    return same;
}

int chr_format(struct conf_ctx *c, const char *key, const struct chr *chr, struct str *out)
{
    if (!chr->native || !is_still_so(chr))
        return format_words(c, key, chr, out);
    str_add(out, chr->native);
    return 0;
}
