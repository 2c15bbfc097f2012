#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "client/auth.h"

enum { AUTHFILE_MAX = 1 << 20 };

/* Copies the next line without blanks at its ends; NULL at the end. Caller frees. */
static char *next_line(const char **at)
{
    const char *s = *at;
    if (!*s)
        return NULL;
    size_t n = strcspn(s, "\n");
    *at = s + n + (s[n] != 0);
    while (n && isspace((unsigned char)*s)) {
        s++;
        n--;
    }
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    return mem_strn(s, n);
}

/* The value of key in [section]; caller frees; NULL when absent. */
static char *ini_get(const char *text, const char *section, const char *key)
{
    CLEANUP_FREE char *head = mem_printf("[%s]", section);
    bool inside = false;
    for (char *line; (line = next_line(&text)); free(line)) {
        if (line[0] == '[') {
            inside = str_eq(line, head);
            continue;
        }
        size_t n = strcspn(line, "=");
        if (!inside || line[0] == '#' || !line[n])
            continue;
        char *value = line + n + 1;
        while (n && isspace((unsigned char)line[n - 1]))
            n--;
        while (isspace((unsigned char)*value))
            value++;
        if (n == strlen(key) && !memcmp(line, key, n)) {
            value = mem_str(value);
            free(line);
            return value;
        }
    }
    return NULL;
}

char *authfile_find(const char *text, const char *service, const char *host, const char *key)
{
    const char *hosts[] = {host ? host : "localhost", "default"};
    for (size_t i = 0; i < 2; i++) {
        CLEANUP_FREE char *auth = mem_printf("auth-%s-%s", service, hosts[i]);
        CLEANUP_FREE char *name = ini_get(text, auth, "credentials");
        if (!name)
            continue;
        CLEANUP_FREE char *section = mem_printf("credentials-%s", name);
        return ini_get(text, section, key);
    }
    return NULL;
}

/* The file to look into; caller frees; NULL when there is none. */
static char *find_file(const struct uri *u)
{
    const char *named = uri_param(u, "authfile"), *env = getenv("LIBVIRT_AUTH_FILE");
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (named || !str_empty(env))
        return mem_str(named ? named : env);
    CLEANUP_FREE char *own = !str_empty(config)
                                 ? mem_printf("%s/libvirt/auth.conf", config)
                                 : mem_printf("%s/.config/libvirt/auth.conf", home ? home : "");
    if (!access(own, R_OK))
        return take(own);
    return access("/etc/libvirt/auth.conf", R_OK) ? NULL : mem_str("/etc/libvirt/auth.conf");
}

int authfile_get(const struct uri *u, const char *service, const char *host, const char *key,
                 char **ret, struct err *e)
{
    CLEANUP_FREE char *path = find_file(u), *text = NULL;
    size_t len;
    *ret = NULL;
    if (!path)
        return 0;
    if (file_read(path, AUTHFILE_MAX, &text, &len, e))
        return -1;
    *ret = authfile_find(text, service, host, key);
    explicit_bzero(text, len);
    return 0;
}
