/* Comparing two libxl_domain_config texts for what they mean. */
#include "conf/json.h"
#include "corpus.h"

/* An object without members says nothing, wherever it stands. */
static bool is_nothing(const struct json *v)
{
    if (v->kind != JSON_OBJECT && v->kind != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < v->n_items; i++)
        if (v->kind == JSON_ARRAY || !is_nothing(&v->items[i]))
            return false;
    return true;
}

static bool same_value(const struct json *a, const struct json *b);

static bool all_in(const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < a->n_items; i++) {
        const struct json *other = json_get(b, a->items[i].key);
        if (other ? !same_value(&a->items[i], other) : !is_nothing(&a->items[i]))
            return false;
    }
    return true;
}

static bool same_value(const struct json *a, const struct json *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSON_OBJECT)
        return all_in(a, b) && all_in(b, a);
    if (a->kind != JSON_ARRAY)
        return str_eq(a->text, b->text);
    if (a->n_items != b->n_items)
        return false;
    for (size_t i = 0; i < a->n_items; i++)
        if (!same_value(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* Takes object[key] out; an empty struct when it is not there. */
static struct json take_out(struct json *object, const char *key)
{
    struct json *v = json_get(object, key), found = {0};
    if (!v)
        return found;
    found = *v;
    memmove(v, v + 1, (size_t)(object->items + object->n_items - v - 1) * sizeof(*v));
    object->n_items--;
    return found;
}

static void move(struct json *from, struct json *to, const char *key)
{
    struct json *old = json_get(to, key);
    struct json v = take_out(from, key);
    if (!v.key)
        return;
    if (old) {
        json_clear(&v);
        return;
    }
    to->items = mem_grow(to->items, to->n_items + 1, sizeof(*to->items));
    to->items[to->n_items++] = v;
}

/* libxl copies outdated places to the new ones before it looks. The shadow memory is a function of
 * the host, which the tests of libvirt fake. */
static void normalise(struct json *config)
{
    static const char *const hvm[] = {"apic", "acpi", "nested_hvm", "timer_mode"};
    static const char *const pv[] = {"kernel", "ramdisk", "cmdline", "bootloader",
                                     "bootloader_args"};
    static const char *const lists[] = {"vfbs", "vkbs"};
    struct json *b_info = json_get(config, "b_info"), *type, *list;
    if (!b_info)
        return;
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; (list = json_get(config, lists[i])) && k < list->n_items; k++) {
            struct json devid = take_out(&list->items[k], "devid"); /* -1, which is none */
            json_clear(&devid);
        }
    struct json shadow = take_out(b_info, "shadow_memkb");
    json_clear(&shadow);
    for (size_t i = 0; (type = json_get(b_info, "type.hvm")) && i < sizeof(hvm) / sizeof(*hvm); i++)
        move(type, b_info, hvm[i]);
    for (size_t i = 0; (type = json_get(b_info, "type.pv")) && i < sizeof(pv) / sizeof(*pv); i++)
        move(type, b_info, pv[i]);
}

bool corpus_same_json(const char *want, const char *got)
{
    struct json a = {0}, b = {0};
    struct err e = {0};
    bool ok = !json_parse(want, strlen(want), &a, &e) && !json_parse(got, strlen(got), &b, &e);
    if (ok) {
        normalise(&a);
        normalise(&b);
        ok = same_value(&a, &b);
    }
    json_clear(&a);
    json_clear(&b);
    return ok;
}
