/* What a saved guest cannot be restored with: changes that the guest itself would notice. */
#include "priv.h"

/* Members of struct domain that it sees, without numbers; a list without a member stands for how
 * many there are. What begins with one of them counts too. */
static const char *const seen[] = {
    "type",           "memory_max_kib",
    "vcpus_max",      "os.firmware",
    "features.",      "nested_hvm",
    "disks",          "disks.target",
    "disks.bus",      "disks.device",
    "disks.readonly", "nics",
    "nics.mac",       "nics.model",
    "controllers",    "hostdevs",
    "serials",        "parallels",
    "channels",       "sounds",
    "sounds.model",   "videos",
    "videos.type",    "inputs",
    "vtpms",          "p9s",
    "vkbs",           "vdispls",
    "vsnds",          "clock.offset",
};

/* "disks[1].target" -> "disks.target"; `bare` has room for all of path. */
static void without_numbers(const char *path, char *bare)
{
    for (; *path; path++) {
        if (*path == '[')
            path += strcspn(path, "]");
        else
            *bare++ = *path;
    }
    *bare = 0;
}

static bool is_seen(const char *path)
{
    CLEANUP_FREE char *bare = mem_str(path);
    without_numbers(path, bare);
    for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++)
        if (str_eq(bare, seen[i]) || (str_ends(seen[i], ".") && str_starts(bare, seen[i])))
            return true;
    return false;
}

struct search {
    struct str *out;
};

static void differs(void *arg, const char *path, const struct field *f, const void *a,
                    const void *b)
{
    struct search *s = arg;
    if (s->out->len || !is_seen(path))
        return;
    str_addf(s->out, "%s", path);
    if (!a || !b) {
        str_addf(s->out, " (%s)", a ? "taken away" : "added");
        return;
    }
    str_addf(s->out, " (");
    rec_value(f, a, s->out);
    str_addf(s->out, " -> ");
    rec_value(f, b, s->out);
    str_addf(s->out, ")");
}

int abi_check(const struct domain *old, const struct domain *new, struct err *e)
{
    CLEANUP_STR struct str what = {0};
    struct search s = {&what};
    if (!uuid_eq(old->uuid, new->uuid))
        return fail(e, ERR_OPERATION_FAILED, "the changed XML has another uuid");
    if (!str_eq(old->name, new->name)) /* saving is no way to rename */
        return fail(e, ERR_CONFIG_UNSUPPORTED, "the changed XML has another name, '%s' for '%s'",
                    new->name, old->name);
    rec_diff(&domain_rec, old, new, differs, &s);
    return what.len ? fail(e, ERR_CONFIG_UNSUPPORTED,
                           "the changed XML changes what the guest sees: %s", str_get(&what))
                    : 0;
}
