#include "model/floppy.h"

#include <string.h>

#include "base/str.h"
#include "base/vec.h"

static const char drive[] = "-drive", prefix[] = "if=floppy,index=";
static const char key_format[] = ",format=", key_readonly[] = ",readonly=on", key_file[] = ",file=";

/* A comma inside a value is doubled. Caller frees. */
static char *to_arg(const struct disk *k)
{
    struct str s = {0};
    str_addf(&s, "%s%d%s%s%s%s", prefix, str_eq(k->target, "fdb"), key_format,
             k->format ? k->format : "raw", k->readonly == TRI_YES ? key_readonly : "", key_file);
    for (const char *p = k->source; *p; p++)
        str_addf(&s, *p == ',' ? ",," : "%c", *p);
    return str_take(&s);
}

/* Moves on behind a word that is there. */
static bool skip(const char **p, const char *word)
{
    if (!str_starts(*p, word))
        return false;
    *p += strlen(word);
    return true;
}

static char *file_name(const char *p)
{
    struct str s = {0};
    for (; *p && (*p != ',' || p[1] == ','); p += *p == ',' ? 2 : 1)
        str_addc(&s, *p);
    if (!*p && s.len)
        return str_take(&s);
    str_clear(&s);
    return NULL;
}

/* Reads what to_arg writes and nothing else. The disk's texts are the caller's. */
static bool from_arg(const char *p, struct disk *k)
{
    if (!skip(&p, prefix) || (*p != '0' && *p != '1'))
        return false;
    const char *target = *p++ == '0' ? "fda" : "fdb";
    if (!skip(&p, key_format))
        return false;
    const char *format = p;
    p += strcspn(p, ",");
    size_t n_format = (size_t)(p - format);
    bool is_readonly = skip(&p, key_readonly);
    char *file = skip(&p, key_file) ? file_name(p) : NULL;
    if (!file)
        return false;
    *k = (struct disk){.type = str_starts(file, "/dev/") ? DISK_BLOCK : DISK_FILE,
                       .device = DISK_FLOPPY,
                       .driver = mem_str("qemu"),
                       .format = mem_strn(format, n_format),
                       .source = file,
                       .target = mem_str(target),
                       .bus = BUS_FDC,
                       .readonly = is_readonly ? TRI_YES : TRI_UNSET};
    return true;
}

/* Do the arguments say all of it? Addresses follow from the name. */
static bool fits(const struct disk *k)
{
    struct disk back, plain = *k;
    if (k->device != DISK_FLOPPY || str_empty(k->source) || !k->target || k->dev.boot_order.set)
        return false;
    CLEANUP_FREE char *arg = to_arg(k);
    if (!from_arg(arg, &back))
        return false;
    plain.dev = (struct device){0};
    plain.driver = back.driver; /* QEMU it is */
    plain.format = k->format ? k->format : back.format;
    bool same = rec_equal(&disk_rec, &plain, &back, NULL);
    rec_clear(&disk_rec, &back);
    return same;
}

struct domain *domain_floppies_to_args(const struct domain *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_disks; i++)
        n += fits(&d->disks[i]);
    if (!n || d->type != GUEST_HVM)
        return NULL;
    struct domain *copy = domain_copy(d);
    for (size_t i = 0; i < copy->n_disks;) {
        struct disk *k = &copy->disks[i];
        if (!fits(k)) {
            i++;
            continue;
        }
        VEC_PUSH(copy->dm_args_hvm, copy->n_dm_args_hvm, mem_str(drive));
        VEC_PUSH(copy->dm_args_hvm, copy->n_dm_args_hvm, to_arg(k));
        rec_remove(rec_field(&domain_rec, "disks"), copy, i);
    }
    return copy;
}

void domain_floppies_from_args(struct domain *d)
{
    struct disk found;
    for (size_t i = 0; d->type == GUEST_HVM && i + 1 < d->n_dm_args_hvm;) {
        char **arg = &d->dm_args_hvm[i];
        if (!str_eq(arg[0], drive) || !from_arg(arg[1], &found)) {
            i++;
            continue;
        }
        *DOMAIN_ADD(d, disks) = found;
        free(arg[0]);
        free(arg[1]);
        d->n_dm_args_hvm -= 2;
        memmove(arg, arg + 2, (d->n_dm_args_hvm - i) * sizeof(*arg));
    }
}
