#include "client/settings.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { CONF_MAX = 1 << 20 };

static const char fallback[] = "xen:///system";

/* Blanks, line ends and comments. */
static const char *skip(const char *s)
{
    for (;;) {
        while (isspace((unsigned char)*s) || *s == ',')
            s++;
        if (*s != '#')
            return s;
        s += strcspn(s, "\n");
    }
}

/* What follows "key =" at the start of a line; NULL when the key is not there. */
static const char *find_key(const char *conf, const char *key)
{
    size_t n = strlen(key);
    for (const char *s = conf; *s; s += strcspn(s, "\n"), s += *s != 0) {
        const char *word = s + strspn(s, " \t");
        if (strncmp(word, key, n))
            continue;
        word += n + strspn(word + n, " \t");
        if (*word == '=')
            return skip(word + 1);
    }
    return NULL;
}

/* A quoted string at *at; moves behind it. Caller frees; NULL when there is none. */
static char *take_string(const char **at)
{
    const char *s = *at;
    char quote = *s;
    if (quote != '"' && quote != '\'')
        return NULL;
    const char *end = strchr(s + 1, quote);
    if (!end || memchr(s, '\n', (size_t)(end - s)))
        return NULL;
    *at = skip(end + 1);
    return mem_strn(s + 1, (size_t)(end - s - 1));
}

char *settings_default(const char *conf)
{
    const char *s = find_key(conf, "uri_default");
    return s ? take_string(&s) : NULL;
}

char *settings_alias(const char *conf, const char *name)
{
    const char *s = find_key(conf, "uri_aliases");
    size_t n = strlen(name);
    if (!s || *s != '[')
        return NULL;
    s = skip(s + 1);
    for (char *row; (row = take_string(&s)); free(row)) {
        if (strncmp(row, name, n) || row[n] != '=')
            continue;
        char *uri = mem_str(row + n + 1);
        free(row);
        return uri;
    }
    return NULL;
}

/* The text of the user's libvirt.conf, or the system's; "" when there is none. Caller frees. */
static int read_conf(char **ret, struct err *e)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    CLEANUP_FREE char *own = !str_empty(config)
                                 ? mem_printf("%s/libvirt/libvirt.conf", config)
                                 : mem_printf("%s/.config/libvirt/libvirt.conf", home ? home : "");
    const char *paths[] = {own, "/etc/libvirt/libvirt.conf"};
    size_t len;
    for (size_t i = 0; i < 2; i++)
        if (!access(paths[i], R_OK))
            return file_read(paths[i], CONF_MAX, ret, &len, e);
    *ret = mem_str("");
    return 0;
}

static bool is_alias(const char *text)
{
    return text[strspn(text,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")] == 0;
}

char *settings_uri(const char *text, struct err *e)
{
    CLEANUP_FREE char *conf = NULL, *chosen = NULL;
    if (str_empty(text))
        text = getenv("XVIRT_DEFAULT_URI");
    if (str_empty(text))
        text = getenv("LIBVIRT_DEFAULT_URI");
    if (!str_empty(text) && !is_alias(text))
        return mem_str(text);
    if (read_conf(&conf, e))
        return NULL;
    if (str_empty(text)) {
        chosen = settings_default(conf);
        text = chosen ? chosen : fallback;
    }
    char *uri = is_alias(text) ? settings_alias(conf, text) : mem_str(text);
    if (!uri)
        fail(e, ERR_INVALID_ARG, "'%s' is no URI, and libvirt.conf has no alias of that name",
             text);
    return uri;
}
