#include "daemon/lease.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "conf/json.h"

enum { FILE_MAX = 4 << 20, LEASES_MAX = 16384, MAC_BYTES = 6, FILES_MAX = 256 };

void leases_free(struct lease *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(l[i].address);
        free(l[i].hostname);
    }
    free(l);
}

int lease_parse_mac(const char *text, uint8_t ret[6])
{
    unsigned b[MAC_BYTES];
    char rest;
    if (!text || sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
                        &rest) != MAC_BYTES)
        return -1;
    for (int i = 0; i < MAC_BYTES; i++)
        ret[i] = (uint8_t)b[i];
    return 0;
}

static bool is_address(const char *text)
{
    uint8_t to[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, to) == 1 || inet_pton(AF_INET6, text, to) == 1;
}

static void add(struct lease **l, size_t *n, const char *mac, const char *address,
                const char *hostname, const char *expires)
{
    struct lease x = {0};
    uint64_t until;
    if (*n == LEASES_MAX || !address || !is_address(address) || lease_parse_mac(mac, x.mac))
        return;
    if (expires && parse_u64(expires, 10, INT64_MAX, &until) && until &&
        until < (uint64_t)time(NULL))
        return;
    x.address = mem_str(address);
    x.hostname = hostname && *hostname && !str_eq(hostname, "*") ? mem_str(hostname) : NULL;
    VEC_PUSH(*l, *n, x);
}

/* [ { "ip-address": "192.168.122.5", "mac-address": "52:...", "expiry-time": 1 } ] */
static void read_status(const char *text, size_t len, struct lease **l, size_t *n)
{
    struct json doc = {0};
    struct err e;
    if (json_parse(text, len, &doc, &e))
        return;
    for (size_t i = 0; doc.kind == JSON_ARRAY && i < doc.n_items; i++) {
        static const char *const keys[] = {"mac-address", "ip-address", "hostname", "expiry-time"};
        const char *values[4];
        for (size_t k = 0; k < 4; k++) {
            const struct json *v =
                doc.items[i].kind == JSON_OBJECT ? json_get(&doc.items[i], keys[k]) : NULL;
            values[k] = v ? v->text : NULL;
        }
        add(l, n, values[0], values[1], values[2], values[3]);
    }
    json_clear(&doc);
}

/* "EXPIRES MAC ADDRESS HOSTNAME CLIENT-ID" a line */
static void read_leases(char *text, struct lease **l, size_t *n)
{
    for (char *line; (line = strsep(&text, "\n"));) {
        const char *words[4] = {0};
        for (size_t i = 0; i < 4 && line; i++)
            words[i] = strsep(&line, " ");
        add(l, n, words[1], words[2], words[3], words[0]);
    }
}

static int is_lease_file(const struct dirent *x)
{
    return str_ends(x->d_name, ".status") || str_ends(x->d_name, "dnsmasq.leases");
}

/* In the order of their names, so that answers do not change from call to call. */
static void read_dir(const char *dir, struct lease **l, size_t *n)
{
    struct dirent **names = NULL;
    int n_names = scandir(dir, &names, is_lease_file, alphasort);
    for (int i = 0; i < n_names; i++) {
        CLEANUP_FREE struct dirent *x = names[i];
        CLEANUP_FREE char *path = mem_printf("%s/%s", dir, x->d_name), *text = NULL;
        size_t len;
        if (i >= FILES_MAX || file_read(path, FILE_MAX, &text, &len, NULL))
            continue;
        if (str_ends(x->d_name, ".status"))
            read_status(text, len, l, n);
        else
            read_leases(text, l, n);
    }
    free(names);
}

static uint32_t prefix_of(uint32_t mask)
{
    return (uint32_t)__builtin_popcount(mask);
}

/* The network that the host itself has an address in. */
static void fill_prefixes(struct lease *l, size_t n)
{
    struct ifaddrs *all = NULL;
    if (!n || getifaddrs(&all))
        return;
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        if (!i->ifa_addr || !i->ifa_netmask || i->ifa_addr->sa_family != AF_INET)
            continue;
        uint32_t own = ((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr.s_addr;
        uint32_t mask = ((const struct sockaddr_in *)(const void *)i->ifa_netmask)->sin_addr.s_addr;
        for (size_t k = 0; k < n; k++) {
            uint32_t its;
            if (inet_pton(AF_INET, l[k].address, &its) == 1 && (its & mask) == (own & mask))
                l[k].prefix = prefix_of(mask);
        }
    }
    freeifaddrs(all);
}

void leases_read(const char *dirs, struct lease **ret, size_t *ret_n)
{
    CLEANUP_FREE char *copy = mem_str(dirs);
    char *rest = copy, *dir;
    *ret = NULL;
    *ret_n = 0;
    while (rest && (dir = strsep(&rest, ":")))
        if (*dir)
            read_dir(dir, ret, ret_n);
    fill_prefixes(*ret, *ret_n);
}
