/* Whole hosts: the configurations that xl, xend and libvirt's Xen driver left in folders become
 * defined guests. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/conf.h"
#include "opts.h"
#include "out.h"
#include "wire/consts.h"

enum { FILES_MAX = 10000 };

/* One guest found. */
struct found {
    char *path, *real; /* real: without links, to know it again */
    struct domain *d;  /* NULL with trouble */
    enum conf_format format;
    char *name, *trouble; /* trouble: why it cannot be imported */
    bool autostart;
    bool has_uuid; /* said by the file, not made up */
    bool *has_mac; /* of each interface */
    size_t lost;
};

struct import {
    struct found *items;
    size_t n;
    char **autostart; /* real paths that an auto folder links to */
    size_t n_autostart;
};

static void import_clear(struct import *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct found *f = &m->items[i];
        free(f->path);
        free(f->real);
        domain_free(f->d);
        free(f->has_mac);
        free(f->name);
        free(f->trouble);
    }
    for (size_t i = 0; i < m->n_autostart; i++)
        free(m->autostart[i]);
    free(m->items);
    free(m->autostart);
}

/* ---- what a file is ---- */

/* By what it holds: XML, an S-expression, JSON; else a configuration of xl, or of xm if only that
 * reads it. */
static enum conf_format guess(const char *path, const char *text)
{
    const char *p = text + strspn(text, " \t\r\n");
    if (*p == '<')
        return CONF_XML;
    if (*p == '(')
        return CONF_SXPR;
    if (*p == '{' || (*p == '[' && str_ends(path, ".json")))
        return CONF_JSON;
    return CONF_XL;
}

static int read_as(enum conf_format format, const char *path, const char *text, size_t len,
                   unsigned flags, struct domains *all, struct report *r, struct err *e)
{
    struct conf_opts o = {.flags = CONF_INACTIVE | flags, .filename = path, .report = r};
    return conf_read_all(format, text, len, &o, all, e);
}

static int write_xml(const struct domain *d, struct report *r, struct str *xml, struct err *e)
{
    struct conf_opts o = {.flags = CONF_INACTIVE | CONF_SECURE, .report = r};
    return conf_write(CONF_XML, d, &o, xml, e);
}

static void add_trouble(struct import *m, const char *path, enum conf_format format,
                        const char *why)
{
    struct found bad = {.path = mem_str(path),
                        .real = realpath(path, NULL),
                        .format = format,
                        .trouble = mem_str(why)};
    VEC_PUSH(m->items, m->n, bad);
}

/* `said` is the guest as its file has it: nothing made up for it. */
static void add_guest(struct import *m, const char *path, enum conf_format format,
                      const struct domain *d, const struct domain *said, struct report *r)
{
    struct found f = {.path = mem_str(path),
                      .real = realpath(path, NULL),
                      .format = format,
                      .name = mem_str(d->name)};
    struct err e = {0};
    CLEANUP_STR struct str xml = {0};
    if (write_xml(d, r, &xml, &e))
        f.trouble = mem_str(e.msg);
    else
        f.d = domain_copy(d);
    f.has_uuid = !said || !uuid_is_zero(said->uuid);
    f.has_mac = mem_new(d->n_nics + 1, sizeof(*f.has_mac));
    for (size_t i = 0; i < d->n_nics; i++)
        f.has_mac[i] = !said || (i < said->n_nics && said->nics[i].mac.set);
    f.lost = report_count(r, REPORT_LOST) + report_count(r, REPORT_APPROXIMATED);
    VEC_PUSH(m->items, m->n, f);
}

static void read_one(struct import *m, const char *path)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    struct err e = {0}, other = {0};
    CLEANUP(report_clear) struct report r = {0};
    CLEANUP(domains_clear) struct domains all = {0}, said = {0};
    if (file_read(path, CONF_INPUT_MAX, &text, &len, &e)) {
        add_trouble(m, path, 0, e.msg);
        return;
    }
    enum conf_format format = guess(path, text);
    int failed = read_as(format, path, text, len, 0, &all, &r, &e);
    if (failed && format == CONF_XL) {
        report_clear(&r);
        if (!(failed = read_as(CONF_XM, path, text, len, 0, &all, &r, &other)))
            format = CONF_XM;
    }
    if (failed) {
        add_trouble(m, path, format, e.msg);
        return;
    }
    read_as(format, path, text, len, CONF_RAW, &said, NULL, &other);
    for (size_t i = 0; i < all.n_items; i++)
        add_guest(m, path, format, all.items[i], i < said.n_items ? said.items[i] : NULL, &r);
}

/* ---- folders ---- */

static bool is_guest_file(const char *name)
{
    static const char *const endings[] = {".cfg", ".xml", ".sxp",  ".sxpr",
                                          ".hvm", ".pv",  ".json", ".conf"};
    static const char *const others[] = {
        "xl.conf",    "xend-config.sxp", "xend-pci-permissive.sxp", "xend-pci-quirks.sxp",
        "libxl.conf", "oxenstored.conf"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (str_eq(name, others[i]))
            return false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (str_ends(name, endings[i]))
            return true;
    return str_eq(name, "config.sxp");
}

enum { DEPTH_MAX = 2, DEPTH_AUTO }; /* how deep a folder is; one whose guests start with the host */

static int scan(struct import *m, const char *dir, int depth, struct err *e);

/* Is it a folder of guests that start with the host? */
static bool is_auto(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    CLEANUP_FREE char *dir = mem_strn(path, n);
    const char *slash = strrchr(dir, '/'), *name = slash ? slash + 1 : dir;
    return str_eq(name, "auto") || str_eq(name, "autostart");
}

/* xend keeps each guest in a folder named by its uuid; auto and autostart hold links. */
static int scan_folder(struct import *m, const char *path, const char *name, int depth,
                       struct err *e)
{
    uint8_t uuid[UUID_LEN];
    if (depth >= DEPTH_MAX || (!is_auto(name) && !uuid_parse(name, uuid)))
        return 0;
    return scan(m, path, is_auto(name) ? DEPTH_AUTO : depth + 1, e);
}

static bool is_read(const struct import *m, const char *real)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->items[i].real, real))
            return true;
    return false;
}

/* A file comes once, however many folders have it or a link to it. */
static int scan_file(struct import *m, const char *path, int depth, struct err *e)
{
    CLEANUP_FREE char *real = realpath(path, NULL);
    if (real && depth == DEPTH_AUTO)
        VEC_PUSH(m->autostart, m->n_autostart, mem_str(real));
    if (real && is_read(m, real))
        return 0;
    if (m->n >= FILES_MAX)
        return fail(e, ERR_OVERFLOW, "more than %d files, with '%s'", FILES_MAX, path);
    if (real)
        read_one(m, depth == DEPTH_AUTO ? real : path);
    else
        add_trouble(m, path, 0, "the link leads to no file");
    return 0;
}

static int scan_entry(struct import *m, const char *dir, const char *name, int depth, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, name);
    struct stat st;
    if (name[0] == '.')
        return 0;
    if (stat(path, &st))
        st.st_mode = S_IFREG; /* told as trouble */
    if (S_ISDIR(st.st_mode))
        return scan_folder(m, path, name, depth, e);
    if (!S_ISREG(st.st_mode) || (depth != DEPTH_AUTO && !is_guest_file(name)))
        return 0;
    return scan_file(m, path, depth, e);
}

static int scan(struct import *m, const char *dir, int depth, struct err *e)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, NULL, alphasort), r = 0;
    if (n < 0)
        return fail_errno(e, "cannot read folder '%s'", dir);
    for (int i = 0; i < n; i++) {
        if (!r)
            r = scan_entry(m, dir, names[i]->d_name, depth, e);
        free(names[i]);
    }
    free(names);
    return r;
}

static bool same_uuid(const struct found *a, const struct found *b)
{
    return a->d && b->d && a->has_uuid && b->has_uuid &&
           !memcmp(a->d->uuid, b->d->uuid, sizeof(a->d->uuid));
}

static void add_clash(struct found *f, const struct found *other, const char *what,
                      const char *way_out)
{
    if (!f->trouble)
        f->trouble =
            mem_printf("'%s' defines a guest of the same %s: %s", other->path, what, way_out);
}

/* Files that define one name or one uuid: all of them are told, none is taken. */
static void mark_clashes(struct import *m)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->n; k++) {
            struct found *f = &m->items[i];
            const struct found *other = &m->items[k];
            if (i == k || !f->name || !other->name)
                continue;
            if (str_eq(f->name, other->name))
                add_clash(f, other, "name", "rename one of them, or move its file away");
            else if (same_uuid(f, other))
                add_clash(f, other, "uuid", "take uuid out of one of them, or move its file away");
        }
}

static void mark(struct import *m)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; m->items[i].real && k < m->n_autostart; k++)
            m->items[i].autostart |= str_eq(m->items[i].real, m->autostart[k]);
    mark_clashes(m);
}

/* ---- what to do, and doing it ---- */

static void plan_print(const struct ctl *c, const struct import *m)
{
    static const struct col cols[] = {
        {"Name", "name", COL_TEXT},           {"Format", "format", COL_TEXT},
        {"Autostart", "autostart", COL_BOOL}, {"Changed keys", "changed", COL_NUMBER},
        {"File", "file", COL_TEXT},           {"Trouble", "trouble", COL_TEXT}};
    struct table t = {.cols = cols, .n_cols = sizeof(cols) / sizeof(*cols)};
    for (size_t i = 0; i < m->n; i++) {
        const struct found *f = &m->items[i];
        table_add(&t, f->name);
        table_add(&t, f->format ? conf_format_name(f->format) : NULL);
        table_add(&t, f->autostart ? "yes" : "no");
        table_addf(&t, "%zu", f->lost);
        table_add(&t, f->path);
        table_add(&t, f->trouble);
    }
    table_print(c, &t);
    table_clear(&t);
}

/* The guest of that name as the host has it; NULL: there is none. */
static struct domain *host_guest(struct client *conn, const char *name)
{
    struct wire_domain_lookup_by_name_ret found;
    struct wire_domain_get_xml_desc_ret xml;
    struct conf_opts o = {.flags = CONF_INACTIVE};
    struct domain *d = NULL;
    struct err e = {0};
    if (call_domain_lookup_by_name(conn, &(struct wire_domain_lookup_by_name_args){(char *)name},
                                   &found, &e))
        return NULL;
    struct wire_domain_get_xml_desc_args args = {found.dom,
                                                 VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE};
    if (!call_domain_get_xml_desc(conn, &args, &xml, &e)) {
        conf_read(CONF_XML, xml.xml, strlen(xml.xml), &o, &d, &e);
        free(xml.xml);
    }
    wire_clear(&wire_type_domain, &found.dom);
    return d;
}

/* What was made up for the file is as it was made up before. */
static void keep_made_up(struct found *f, const struct domain *host)
{
    if (!f->has_uuid)
        memcpy(f->d->uuid, host->uuid, sizeof(host->uuid));
    for (size_t i = 0; i < f->d->n_nics && i < host->n_nics; i++)
        if (!f->has_mac[i])
            f->d->nics[i].mac = host->nics[i].mac;
}

/* Does the host's guest say the same? */
static bool is_defined(const struct domain *host, const char *xml)
{
    struct conf_opts o = {.flags = CONF_INACTIVE};
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct err e = {0};
    return !conf_read(CONF_XML, xml, strlen(xml), &o, &d, &e) && domain_equal(d, host, NULL);
}

static int set_autostart(struct client *conn, const struct found *f, struct err *e)
{
    struct wire_domain dom = {.name = f->name, .id = -1};
    memcpy(dom.uuid, f->d->uuid, sizeof(dom.uuid));
    return call_domain_set_autostart(conn, &(struct wire_domain_set_autostart_args){dom, 1}, e);
}

static int define_xml(struct client *conn, const struct found *f, char *xml, struct err *e)
{
    struct wire_domain_define_xml_ret r;
    if (call_domain_define_xml(conn, &(struct wire_domain_define_xml_args){xml}, &r, e))
        return wrap(e, "'%s'", f->path);
    wire_clear(&wire_type_domain, &r.dom);
    return 0;
}

static int define_one(struct ctl *c, struct client *conn, struct found *f, struct err *e)
{
    CLEANUP_DOMAIN struct domain *host = host_guest(conn, f->name);
    CLEANUP_STR struct str xml = {0};
    if (host)
        keep_made_up(f, host);
    if (write_xml(f->d, NULL, &xml, e))
        return -1;
    bool is_same = host && is_defined(host, xml.p);
    if ((!is_same && define_xml(conn, f, xml.p, e)) || (f->autostart && set_autostart(conn, f, e)))
        return -1;
    done_print(c,
               is_same ? "Domain '%s' is defined as %s has it%s" : "Domain '%s' defined from %s%s",
               f->name, f->path, f->autostart ? ", to start with the host" : "");
    return 0;
}

static int define_all(struct ctl *c, struct import *m, struct err *e)
{
    struct client *conn = ctl_conn(c, e);
    size_t troubles = 0;
    if (!conn)
        return -1;
    for (size_t i = 0; i < m->n; i++) {
        struct err one = {0};
        if (!m->items[i].trouble && !define_one(c, conn, &m->items[i], &one))
            continue;
        troubles++;
        fprintf(stderr, "error: %s: %s\n", m->items[i].path,
                m->items[i].trouble ? m->items[i].trouble : one.msg);
    }
    return troubles ? fail(e, ERR_OPERATION_FAILED, "%zu of %zu guests were not imported", troubles,
                           m->n)
                    : 0;
}

static int run_import(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP(import_clear) struct import m = {0};
    for (size_t i = 0; i < a->n_more; i++)
        if (scan(&m, a->more[i], is_auto(a->more[i]) ? DEPTH_AUTO : 0, e))
            return -1;
    if (!m.n)
        return fail(e, ERR_INVALID_ARG, "no configuration of a guest was found");
    mark(&m);
    plan_print(c, &m);
    if (arg_has(a, "dry-run"))
        return 0;
    return define_all(c, &m, e);
}

extern const struct cmd cmds_import[];
const struct cmd cmds_import[] = {
    {"import", GROUP_CONVERT, "define all guests that folders of configurations hold",
     "Reads /etc/xen (*.cfg and auto/), xend's managed domains (/var/lib/xend/domains) and "
     "libvirt's /etc/libvirt/libxl (and\n    autostart/), "
     "shows what will be done, and defines every guest, autostart included.",
     OPTS(FLAG("dry-run", "show what would be done, and do nothing"),
          {"dir", OPT_ARGV, OPT_REQUIRED, WHAT_FILE, "folders to read"}),
     run_import},
    {0},
};
