/* Secrets: passwords and keys that the host keeps for guests' storage. */
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "tty.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

enum { VALUE_MAX = 65536 }; /* of the protocol */

static const char *usage_word(int type)
{
    static const char *const words[] = {"none", "volume", "ceph", "iscsi", "tls", "vtpm"};
    return type >= 0 && type < 6 ? words[type] : "unknown";
}

static int run_secret_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"UUID", "uuid", COL_TEXT}, {"Usage", "usage", COL_TEXT}};
    static const struct flag_bit bits[] = {{"ephemeral", VIR_CONNECT_LIST_SECRETS_EPHEMERAL},
                                           {"no-ephemeral", VIR_CONNECT_LIST_SECRETS_NO_EPHEMERAL},
                                           {"private", VIR_CONNECT_LIST_SECRETS_PRIVATE},
                                           {"no-private", VIR_CONNECT_LIST_SECRETS_NO_PRIVATE}};
    CLEANUP_OBJECTS struct objects all = {0};
    ctl_trying(c, "Failed to list secrets");
    if (objects_list(c, OBJ_SECRET, FLAGS_OF(a, bits), &all, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 2};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_secret *s = (const struct wire_secret *)all.items[i];
        char uuid[UUID_TEXT];
        table_add(&t, uuid_format(s->uuid, uuid));
        if (s->usageType)
            table_addf(&t, "%s %s", usage_word(s->usageType), s->usageID);
        else
            table_add(&t, "Unused");
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *base64(const uint8_t *p, size_t n)
{
    struct str out = {0};
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0);
        str_addc(&out, letters[v >> 18]);
        str_addc(&out, letters[v >> 12 & 63]);
        str_addc(&out, i + 1 < n ? letters[v >> 6 & 63] : '=');
        str_addc(&out, i + 2 < n ? letters[v & 63] : '=');
    }
    return str_take(&out);
}

/* false where it is no base64. */
static bool unbase64(const char *s, struct str *out)
{
    uint32_t v = 0;
    int bits = 0;
    for (; *s && *s != '='; s++) {
        const char *at = strchr(letters, *s);
        if (!at)
            return false;
        v = v << 6 | (uint32_t)(at - letters);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            str_addc(out, (char)(v >> bits & 0xff));
        }
    }
    return !s[strspn(s, "=")];
}

static int run_get_value(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_secret_get_value_args args = {0};
    struct wire_secret_get_value_ret r;
    if (object_lookup(c, a, OBJ_SECRET, 0, &o, e))
        return -1;
    args.secret = *(struct wire_secret *)o.bytes;
    if (call_secret_get_value(c->conn_, &args, &r, e))
        return -1;
    CLEANUP_FREE char *text = base64(r.value, r.n_value);
    if (arg_has(a, "plain"))
        fwrite(r.value, 1, r.n_value, stdout);
    else
        text_print(c, "base64", text);
    c->bare = arg_has(a, "plain");
    wire_clear(&wire_type_secret_get_value_ret, &r);
    return 0;
}

/* The value as it is to be kept, from the command line, a file or the terminal. */
static int value_read(const struct args *a, struct str *ret, struct err *e)
{
    const char *given = arg_str(a, "base64");
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    if (arg_has(a, "interactive")) {
        if (!isatty(0))
            return fail(e, ERR_INVALID_ARG, "--interactive needs a terminal");
        text = tty_ask("Enter new value for secret", false);
        str_add(ret, text ? text : "");
        return 0;
    }
    if (arg_str(a, "file")) {
        if (file_read(arg_str(a, "file"), VALUE_MAX, &text, &len, e))
            return -1;
        if (arg_has(a, "plain")) {
            str_addn(ret, text, len);
            return 0;
        }
        given = text;
    }
    if (!given)
        return fail(e, ERR_INVALID_ARG, "Input secret value is missing");
    CLEANUP_FREE char *word = mem_strn(given, strcspn(given, " \t\r\n"));
    if (!unbase64(word, ret))
        return fail(e, ERR_INVALID_ARG, "Failed to decode secret value: it is no base64");
    return 0;
}

static int run_set_value(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    CLEANUP_STR struct str value = {0};
    struct wire_secret_set_value_args args = {0};
    if (object_lookup(c, a, OBJ_SECRET, 0, &o, e) || opts_exclude(a, "file", "base64", e) ||
        value_read(a, &value, e))
        return -1;
    args.secret = *(struct wire_secret *)o.bytes;
    args.value = (uint8_t *)value.p;
    args.n_value = value.len;
    ctl_trying(c, "Failed to set secret value");
    if (call_secret_set_value(c->conn_, &args, e))
        return -1;
    done_print(c, "Secret value set");
    return 0;
}

#define SECRET NEED("secret", WHAT_TEXT, "secret uuid")

extern const struct cmd cmds_secret[];
const struct cmd cmds_secret[] = {
    {"secret-define", GROUP_SECRET, "define a secret, or change a defined one", NULL,
     OPTS(NEED("file", WHAT_FILE, "file with the secret's XML"), OPT_VALIDATE),
     THIN(.proc = WIRE_SECRET_DEFINE_XML, .object = OBJ_SECRET,
          .trying = "Failed to set attributes from {file}", .done = "Secret {} created",
          .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"secret-dumpxml", GROUP_SECRET, "a secret's XML, without its value", NULL,
     OPTS(SECRET, OPT_XPATH),
     THIN(.proc = WIRE_SECRET_GET_XML_DESC, .object = OBJ_SECRET, .key = "xml")},
    {"secret-get-value", GROUP_SECRET, "a secret's value", NULL,
     OPTS(SECRET, FLAG("plain", "as it is, not in base64")), run_get_value},
    {"secret-list", GROUP_SECRET, "list secrets", NULL,
     OPTS(FLAG("ephemeral", "ones that are kept in memory alone"),
          FLAG("no-ephemeral", "ones that are kept on disk"),
          FLAG("private", "ones that no client may read"),
          FLAG("no-private", "ones that clients may read")),
     run_secret_list},
    {"secret-set-value", GROUP_SECRET, "give a secret its value", NULL,
     OPTS(SECRET, NAMED("file", WHAT_FILE, "file with the value"),
          FLAG("plain", "the file holds it as it is, not in base64"),
          FLAG("interactive", "ask for it on the terminal"),
          MAY("base64", WHAT_TEXT, "the value in base64 (others see it in the list of processes)")),
     run_set_value},
    {"secret-undefine", GROUP_SECRET, "delete a secret", NULL, OPTS(SECRET),
     THIN(.proc = WIRE_SECRET_UNDEFINE, .object = OBJ_SECRET,
          .trying = "Failed to delete secret {}", .done = "Secret {} deleted")},
    {0},
};
