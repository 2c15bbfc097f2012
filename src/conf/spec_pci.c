/* pci: [DDDD:]BB:SS.F[@VSLOT][,option=value...]; F may be '*'. From Xen 4.15 on also bdf=, vslot=
 * and name=. */
#include "conf/spec.h"

enum { VSLOT_MAX = 0x1f };

static bool hex(const char *s, size_t n, int64_t max, struct num *ret)
{
    CLEANUP_FREE char *text = mem_strn(s, n);
    int64_t v;
    if (!n || n > 4 || strspn(text, "0123456789abcdefABCDEF") != n ||
        !parse_i64(text, 16, 0, max, &v))
        return false;
    *ret = NUM(v);
    return true;
}

static bool parse_function(const char *s, struct hostdev *h)
{
    if (strcmp(s, "*"))
        return hex(s, strlen(s), 7, &h->function);
    h->all_functions = TRI_YES;
    h->function = NUM(0);
    return true;
}

/* Numbers are hexadecimal throughout. */
static bool parse_address(char *s, struct hostdev *h)
{
    char *at = strchr(s, '@'), *dot;
    if (at) {
        *at++ = '\0';
        at += str_starts(at, "0x") ? 2 : 0;
        if (!hex(at, strlen(at), VSLOT_MAX, &h->vslot))
            return false;
    }
    size_t first = strcspn(s, ":");
    if (!s[first])
        return false;
    size_t second = strcspn(s + first + 1, ":.");
    h->domain = NUM(0);
    if (s[first + 1 + second] == ':') {
        if (!hex(s, first, 0xffff, &h->domain))
            return false;
        s += first + 1;
        first = second;
    }
    dot = strchr(s, '.');
    return hex(s, first, 0xff, &h->bus) && dot && dot > s + first &&
           hex(s + first + 1, (size_t)(dot - s) - first - 1, 0x1f, &h->slot) &&
           parse_function(dot + 1, h);
}

static int read_bdf(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    CLEANUP_FREE char *copy = mem_str(v->text ? v->text : "");
    if (parse_address(copy, rec))
        return 0;
    return conf_error(c, v->pos,
                      "'%s': expected a PCI device as [DDDD:]BB:SS.F[@VSLOT], VSLOT at most 1f",
                      v->text ? v->text : "");
}

static int read_vslot(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const char *text = v->text ? v->text : "";
    const char *digits = text + (str_starts(text, "0x") ? 2 : 0);
    if (hex(digits, strlen(digits), VSLOT_MAX, &((struct hostdev *)rec)->vslot))
        return 0;
    return conf_error(c, v->pos, "'%s': expected a slot in hexadecimal, at most 1f", text);
}

#define OPTION(k, what, ...) R_TRI(#k, hostdev, k, .type = "0|1", .doc = what, __VA_ARGS__)
static bool has_vslot(struct conf_ctx *c, const struct hostdev *h)
{
    if (num_or(h->vslot, 0) <= VSLOT_MAX)
        return h->vslot.set;
    spec_note(c, &spec_pci_table, "vslot", REPORT_LOST, (struct pos){0}, "a slot beyond 1f");
    return false;
}

/* With the address it stands behind that. */
static int write_vslot(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct hostdev *h = rec;
    if (!h->bus.set && has_vslot(c, h))
        spec_putf(c, r->key, "%x", (unsigned)h->vslot.v);
    return 0;
}

static const struct row rows[] = {
    R_HOOK("bdf", read_bdf, NULL, .since = XEN(4, 15), .type = "[DDDD:]BB:SS.F",
           .xml = "<source><address>", .doc = "the device; also as the first word"),
    R_HOOK("vslot", read_vslot, write_vslot, .since = XEN(4, 15), .type = "hex", .xml = "metadata",
           .doc = "slot that the guest sees; also behind @"),
    R_STR("name", hostdev, name, .since = XEN(4, 15), .type = "text", .xml = "metadata",
          .doc = "name of an assignable device, in place of bdf"),
    OPTION(permissive, "let the guest write the whole configuration space",
           .xml = "<source writeFiltering='no'>"),
    OPTION(msitranslate, "translate MSI to INTx", .xml = "metadata"),
    OPTION(power_mgmt, "let the guest manage the device's power", .xml = "metadata"),
    OPTION(seize, "make the device assignable by itself", .xml = "metadata"),
    R_ENUM("rdm_policy", hostdev, rdm_policy, rdm_policy, .type = "strict|relaxed",
           .xml = "metadata", .doc = "reserved device memory of this device"),
};
const struct row_table spec_pci_table = {"pci.", rows, sizeof(rows) / sizeof(*rows)};

int spec_read_pci(struct conf_ctx *c, const struct value *v, struct hostdev *ret)
{
    CLEANUP_FREE char *copy = mem_str(v->text);
    size_t n = strcspn(copy, ",");
    struct value rest = {VALUE_STRING, "", NULL, 0, v->pos};
    ret->type = HOSTDEV_PCI;
    if (!memchr(copy, '=', n)) {
        rest.text = copy[n] ? copy + n + 1 : "";
        rest.pos.col += copy[n] ? (int)n + 1 : 0;
        copy[n] = '\0';
        struct value bdf = {VALUE_STRING, copy + strspn(copy, " \t"), NULL, 0, v->pos};
        bdf.pos.col += v->kind == VALUE_STRING; /* behind the quote */
        if (read_bdf(c, &rows[0], ret, &bdf))
            return -1;
        spec_note(c, &spec_pci_table, "bdf", REPORT_CONVERTED, bdf.pos, NULL);
    } else {
        rest.text = copy;
    }
    if (spec_read(c, &spec_pci_table, ret, &rest, SPEC_TRIM))
        return -1;
    if (ret->bus.set && ret->name && !(c->o->flags & CONF_RAW))
        return conf_error(c, v->pos, "'%s': both an address and a name of the device", v->text);
    if (!ret->bus.set && !ret->name)
        return conf_error(c, v->pos, "'%s': expected a PCI device as [DDDD:]BB:SS.F", v->text);
    return 0;
}

int spec_write_pci(struct conf_ctx *c, const struct hostdev *h)
{
    struct str *s = &cfg_out(c)->item;
    if (h->bus.set) {
        str_addf(s, "%04x:%02x:%02x.", (unsigned)h->domain.v, (unsigned)h->bus.v,
                 (unsigned)h->slot.v);
        str_addf(s, h->all_functions == TRI_YES ? "*" : "%x", (unsigned)h->function.v);
        if (has_vslot(c, h))
            str_addf(s, "@%x", (unsigned)h->vslot.v);
    }
    if (h->managed == TRI_YES && h->seize != TRI_YES)
        conf_note(c, REPORT_LOST, "pci.managed", (struct pos){0},
                  "xl detaches no devices from their drivers by itself; see seize=1");
    return spec_write(c, &spec_pci_table, h);
}
