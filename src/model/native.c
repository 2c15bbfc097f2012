#include "model/native.h"

#include "base/str.h"
#include "base/vec.h"

/* ---- Ceph images ---- */
static void add_escaped(struct str *s, const char *text)
{
    for (; text && *text; text++) {
        if (*text == ':' || *text == '\\')
            str_addc(s, '\\');
        str_addc(s, *text);
    }
}

char *native_rbd(const struct disk *k)
{
    struct str s = {0};
    str_add(&s, "rbd:");
    add_escaped(&s, k->source);
    if (k->source_snapshot)
        str_addf(&s, "@%s", k->source_snapshot);
    str_add(&s, ":auth_supported=none");
    for (size_t i = 0; i < k->n_hosts; i++) {
        const char *name = k->hosts[i].name ? k->hosts[i].name : "";
        bool is_v6 = strchr(name, ':') && *name != '[';
        str_add(&s, i ? "\\;" : ":mon_host=");
        str_add(&s, is_v6 ? "[" : "");
        add_escaped(&s, name);
        str_add(&s, is_v6 ? "]" : "");
        if (k->hosts[i].port)
            str_addf(&s, "\\:%s", k->hosts[i].port);
    }
    if (k->source_config) {
        str_add(&s, ":conf=");
        add_escaped(&s, k->source_config);
    }
    return str_take(&s);
}

static char *unescape(const char *s, size_t n)
{
    char *out = mem_strn(s, n), *to = out;
    for (const char *from = out; *from; from++) {
        if (*from == '\\' && from[1])
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return out;
}

/* The length up to an unescaped character of `stop`. */
static size_t until(const char *s, char stop)
{
    size_t n = 0;
    while (s[n] && s[n] != stop)
        n += s[n] == '\\' && s[n + 1] ? 2 : 1;
    return n;
}

static void add_hosts(struct disk *k, const char *list)
{
    while (*list) {
        size_t n = until(list, ';'); /* a separator is escaped once more than its colon */
        CLEANUP_FREE char *one = mem_strn(list, n);
        struct host_port h = {0};
        char *colon = strrchr(one, ':'), *bracket = strrchr(one, ']');
        if (colon && colon > bracket) {
            *colon = '\0';
            h.port = mem_str(colon + 1);
        }
        h.name = mem_str(one);
        VEC_PUSH(k->hosts, k->n_hosts, h);
        list += n + (list[n] != '\0');
    }
}

static bool add_option(struct disk *k, const char *option)
{
    if (!strcmp(option, "auth_supported=none"))
        return true;
    if (str_starts(option, "mon_host=")) {
        add_hosts(k, option + 9);
        return true;
    }
    if (str_starts(option, "conf=")) {
        str_set(&k->source_config, option + 5);
        return true;
    }
    return false;
}

static void clear_network(struct disk *k)
{
    for (size_t i = 0; i < k->n_hosts; i++)
        rec_clear(&host_port_rec, &k->hosts[i]);
    free(k->hosts);
    k->hosts = NULL;
    k->n_hosts = 0;
    str_set(&k->source_config, NULL);
}

void native_rbd_read(struct disk *k)
{
    if (!k->source || !str_starts(k->source, "rbd:"))
        return;
    const char *p = k->source + 4;
    size_t n = until(p, ':');
    CLEANUP_FREE char *image = unescape(p, n);
    for (p += n; *p; p += n) {
        n = until(++p, ':');
        CLEANUP_FREE char *option = unescape(p, n);
        if (!add_option(k, option)) {
            clear_network(k);
            return;
        }
    }
    char *at = strchr(image, '@');
    if (at) {
        *at = '\0';
        str_set(&k->source_snapshot, at + 1);
    }
    k->type = DISK_NETWORK;
    str_set(&k->protocol, "rbd");
    str_set(&k->source, image);
}

/* ---- bridges ---- */
char *native_bridge(const struct nic *n)
{
    struct str s = {0};
    bool is_trunk = n->vlan_trunk == TRI_YES || n->n_vlans > 1;
    str_add(&s, n->bridge);
    for (size_t i = 0; n->virtualport && i < n->n_vlans; i++)
        str_addf(&s, "%c%lld", is_trunk ? ':' : '.', (long long)n->vlans[i].id.v);
    return str_take(&s);
}

/* How long the tag after p's separator is; 0: none that Ethernet has. */
static size_t read_tag(const char *p, int64_t *id)
{
    size_t n = strspn(p + 1, "0123456789");
    CLEANUP_FREE char *one = mem_strn(p + 1, n);
    return parse_i64(one, 10, 0, 4095, id) ? n : 0;
}

/* Takes the tags off the bridge's name, if they are nothing else. */
static bool take_tags(struct nic *n, char *tags, char separator)
{
    CLEANUP_FREE struct vlan_tag *list = NULL;
    size_t n_list = 0, len = 0;
    int64_t id;
    for (const char *p = tags; *p; p += 1 + len) {
        len = *p == separator ? read_tag(p, &id) : 0;
        if (!len)
            return false;
        VEC_PUSH(list, n_list, ((struct vlan_tag){.id = NUM(id)}));
    }
    for (size_t i = 0; i < n_list; i++)
        VEC_PUSH(n->vlans, n->n_vlans, list[i]);
    *tags = '\0';
    return n_list > 0;
}

/* A dot may just be part of a Linux bridge's name: it means a VLAN with Open vSwitch's script
 * only. */
void native_bridge_read(struct nic *n)
{
    char *colon = strchr(n->bridge, ':'), *dot = strrchr(n->bridge, '.');
    if (n->script && !strstr(n->script, "openvswitch"))
        return;
    if (colon && take_tags(n, colon, ':'))
        n->vlan_trunk = TRI_YES;
    else if (!n->script)
        return;
    else if (dot)
        take_tags(n, dot, '.');
    str_set(&n->virtualport, "openvswitch");
}

/* ---- addresses ---- */
char *native_ips(const struct nic *n)
{
    struct str s = {0};
    for (size_t i = 0; i < n->n_ips; i++) {
        if (!n->ips[i].address)
            continue;
        str_addf(&s, "%s%s", s.len ? " " : "", n->ips[i].address);
        if (n->ips[i].prefix.set)
            str_addf(&s, "/%lld", (long long)n->ips[i].prefix.v);
    }
    return s.len ? str_take(&s) : NULL;
}

void native_ips_read(struct nic *n, const char *text)
{
    for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        struct ip ip = {.address = mem_strn(p, len)};
        char *slash = strchr(ip.address, '/');
        int64_t bits;
        if (slash && parse_i64(slash + 1, 10, 0, 128, &bits)) {
            ip.prefix = NUM(bits);
            *slash = '\0';
        }
        ip.family = mem_str(strchr(ip.address, ':') ? "ipv6" : "ipv4");
        VEC_PUSH(n->ips, n->n_ips, ip);
        p += len;
    }
}
