/* Xen's own tests of its disk and vif languages: the texts through the xl reader and the JSON
 * writer, against the fields that libxlutil fills. */
#include "conf/json.h"
#include "corpus.h"

/* Several arguments are parsed one after the other into the same device, as if joined by commas. */
static char *guest_with(const char *key, const struct json *args)
{
    struct str s = {0};
    str_addf(&s, "name = \"t\"\nkernel = \"/k\"\nmemory = 64\n%s = [ \"", key);
    for (size_t i = 0; i < args->n_items; i++) {
        str_add(&s, i ? "," : "");
        for (const char *c = args->items[i].text ? args->items[i].text : ""; *c; c++) {
            if (*c == '"' || *c == '\\')
                str_addc(&s, '\\');
            str_addc(&s, *c);
        }
    }
    str_add(&s, "\" ]\n");
    return str_take(&s);
}

/* What libxl leaves out, and the fields that are said in every case here: removable always, discard
 * by its default since 4.6 only where it is asked for. */
static bool is_default(const struct json *v)
{
    static const char *const fields[] = {"removable", "discard_enable"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (str_eq(v->key, fields[i]))
            return true;
    return v->kind == JSON_NULL || v->kind == JSON_FALSE || str_eq(v->text, "0") ||
           str_eq(v->text, "unknown") || str_eq(v->text, "") ||
           str_eq(v->text, "00:00:00:00:00:00");
}

static const char *wrong_field(const struct json *expect, const struct json *device)
{
    for (size_t i = 0; i < expect->n_items; i++) {
        const struct json *want = &expect->items[i], *got = json_get(device, want->key);
        if (!is_default(want) && (!got || !str_eq(want->text, got->text)))
            return want->key;
    }
    return NULL;
}

static void check_case(struct run *run, const char *what, const char *key, const char *list,
                       const struct json *test)
{
    const struct json *ok = json_get(test, "ok"), *expect = json_get(test, "expect");
    CLEANUP_FREE char *text = guest_with(key, json_get(test, "args"));
    CLEANUP_FREE char *out = NULL;
    struct json doc = {0};
    struct err e = {0};
    int rc = corpus_convert(text, CONF_XL, CONF_RAW, CONF_JSON, CONF_SECURE, &out, &e);
    if (ok->kind == JSON_FALSE || rc) {
        if (!rc == (ok->kind == JSON_TRUE))
            corpus_passed(run, KIND_XL);
        else
            corpus_failed(run, KIND_XL, what, rc ? e.msg : "was read, and must be refused", NULL,
                          NULL);
        return;
    }
    const char *wrong = "no JSON";
    const struct json *devices;
    if (!json_parse(out, strlen(out), &doc, &e) && (devices = json_get(&doc, list)) &&
        devices->n_items)
        wrong = wrong_field(expect, &devices->items[0]);
    if (wrong)
        corpus_failed(run, KIND_XL, what, wrong, text, out);
    else
        corpus_passed(run, KIND_XL);
    json_clear(&doc);
}

void corpus_run_spec(struct run *run, const char *file)
{
    bool is_disk = strstr(file, "disk-parse"), is_vif = strstr(file, "vif-parse");
    struct json doc = {0};
    struct err e = {0};
    if (!is_disk && !is_vif) {
        corpus_skipped(run, KIND_XL); /* needs a host's CPUs */
        return;
    }
    CLEANUP_FREE char *text = corpus_read(run, file);
    if (json_parse(text, strlen(text), &doc, &e)) {
        fprintf(stderr, "corpus: %s: %s\n", file, e.msg);
        exit(2);
    }
    for (size_t i = 0; i < doc.n_items; i++) {
        CLEANUP_FREE char *what = mem_printf("%s spec %zu", file, i);
        if (!run->only || strstr(what, run->only))
            check_case(run, what, is_disk ? "disk" : "vif", is_disk ? "disks" : "nics",
                       &doc.items[i]);
    }
    json_clear(&doc);
}
