/* undefine, and what a guest leaves behind: saved state, firmware variables, volumes. */
#include "base/str.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "gxml.h"
#include "lookup.h"
#include "object.h"
#include "opts.h"
#include "out.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

struct volume {
    char *target, *path;
    struct wire_storage_vol vol;
};
struct volumes {
    struct volume *items;
    size_t n;
};

static void volumes_clear(struct volumes *v)
{
    for (size_t i = 0; i < v->n; i++) {
        free(v->items[i].target);
        free(v->items[i].path);
        wire_clear(&wire_type_storage_vol, &v->items[i].vol);
    }
    free(v->items);
}

/* A disk whose volume no pool has stays, and that is said. */
static void add_disk(struct ctl *c, const struct xml *disk, struct volumes *ret)
{
    const char *target = gxml_value(disk, "target", "dev"), *path = gxml_disk_source(disk);
    struct wire_storage_vol_lookup_by_path_ret r;
    if (!path || !target)
        return;
    if (call_storage_vol_lookup_by_path(
            c->conn_, &(struct wire_storage_vol_lookup_by_path_args){(char *)path}, &r, NULL)) {
        fprintf(stderr,
                "error: Storage volume '%s'(%s) is not managed by libvirt. Remove it manually.\n\n",
                target, path);
        return;
    }
    struct volume v = {mem_str(target), mem_str(path), r.vol};
    VEC_PUSH(ret->items, ret->n, v);
}

static int add_named(struct ctl *c, const struct xml_doc *doc, const char *list,
                     struct volumes *ret, struct err *e)
{
    while (!str_empty(list)) {
        size_t len = strcspn(list, ",");
        CLEANUP_FREE char *name = mem_strn(list, len);
        const struct xml *disk = gxml_disk(doc, name);
        if (!disk)
            return fail(e, ERR_INVALID_ARG, "Volume '%s' was not found in domain's definition.\n",
                        name);
        add_disk(c, disk, ret);
        list += len + (list[len] == ',');
    }
    return 0;
}

static int find_volumes(struct ctl *c, const struct args *a, const struct wire_domain *d,
                        struct volumes *ret, struct err *e)
{
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    bool all = arg_has(a, "remove-all-storage");
    if (!all && !arg_str(a, "storage"))
        return 0;
    if (d->id >= 0)
        return fail(e, ERR_OPERATION_INVALID,
                    "Storage volume deletion is supported only on stopped domains");
    if (gxml_get(c, d, VIR_DOMAIN_XML_INACTIVE, &doc, e))
        return -1;
    if (!all)
        return add_named(c, &doc, arg_str(a, "storage"), ret, e);
    for (const struct xml *x = gxml_device(&doc, "disk"); x; x = gxml_next(x))
        add_disk(c, x, ret);
    return 0;
}

static int remove_volume(struct ctl *c, const struct args *a, const struct volume *v, struct err *e)
{
    static const struct flag_bit bits[] = {
        {"delete-storage-volume-snapshots", VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS}};
    if (arg_has(a, "wipe-storage")) {
        if (!c->json)
            printf("Wiping volume '%s'(%s) ... ", v->target, v->path);
        ctl_trying(c, "Failed! Volume not removed.");
        if (call_storage_vol_wipe(c->conn_, &(struct wire_storage_vol_wipe_args){v->vol, 0}, e))
            return -1;
        done_print(c, "Done.");
    }
    ctl_trying(c, "Failed to remove storage volume '%s'(%s)", v->target, v->path);
    if (call_storage_vol_delete(
            c->conn_, &(struct wire_storage_vol_delete_args){v->vol, FLAGS_OF(a, bits)}, e))
        return -1;
    done_print(c, "Volume '%s'(%s) removed.", v->target, v->path);
    return 0;
}

static int check_words(const struct args *a, struct err *e)
{
    bool some = arg_str(a, "storage"), all = arg_has(a, "remove-all-storage");
    if (some && all)
        return fail(e, ERR_INVALID_ARG, "Specified both --storage and --remove-all-storage");
    if (arg_has(a, "delete-storage-volume-snapshots") && !all)
        return fail(e, ERR_INVALID_ARG,
                    "Option --remove-all-storage is required by option "
                    "--delete-storage-volume-snapshots");
    if (arg_has(a, "wipe-storage") && !some && !all)
        return fail(e, ERR_INVALID_ARG,
                    "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'");
    return opts_exclude(a, "nvram", "keep-nvram", e) || opts_exclude(a, "tpm", "keep-tpm", e) ? -1
                                                                                              : 0;
}

static const struct flag_bit undefine_bits[] = {
    {"managed-save", VIR_DOMAIN_UNDEFINE_MANAGED_SAVE},
    {"snapshots-metadata", VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA},
    {"checkpoints-metadata", VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA},
    {"nvram", VIR_DOMAIN_UNDEFINE_NVRAM},
    {"keep-nvram", VIR_DOMAIN_UNDEFINE_KEEP_NVRAM},
    {"tpm", VIR_DOMAIN_UNDEFINE_TPM},
    {"keep-tpm", VIR_DOMAIN_UNDEFINE_KEEP_TPM}};

/* What is saved would go with the definition, so it must be meant. */
static int check_saved(struct ctl *c, const struct args *a, const struct wire_domain *d,
                       struct err *e)
{
    struct wire_domain_has_managed_save_image_ret saved = {0};
    if (arg_has(a, "managed-save") || d->id >= 0)
        return 0;
    if (!call_domain_has_managed_save_image(
            c->conn_, &(struct wire_domain_has_managed_save_image_args){*d, 0}, &saved, NULL) &&
        saved.result)
        return fail(e, ERR_OPERATION_INVALID,
                    "Refusing to undefine while domain managed save image exists; "
                    "add --managed-save to remove it as well");
    return 0;
}

static int run_undefine(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct volumes CLEANUP(volumes_clear) volumes = {0};
    if (check_words(a, e) || lookup_domain(c, a, BY_ANY, &d, e) ||
        find_volumes(c, a, &d, &volumes, e))
        return -1;
    ctl_trying(c, "Failed to undefine domain '%s'", d.name);
    if (check_saved(c, a, &d, e) ||
        call_domain_undefine_flags(
            c->conn_, &(struct wire_domain_undefine_flags_args){d, FLAGS_OF(a, undefine_bits)}, e))
        return -1;
    done_print(c, "Domain '%s' has been undefined", d.name);
    for (size_t i = 0; i < volumes.n; i++)
        if (remove_volume(c, a, &volumes.items[i], e))
            return -1;
    return 0;
}

extern const struct cmd cmds_undefine[];
const struct cmd cmds_undefine[] = {
    {"undefine", GROUP_DOMAIN, "undefine a domain",
     "A domain that runs goes on, and is gone when it stops.",
     OPTS(OPT_DOMAIN, FLAG("managed-save", "its managed save as well"),
          MAY("storage", WHAT_TEXT, "these disks' volumes as well: targets or paths, with commas"),
          FLAG("remove-all-storage", "all its disks' volumes as well"),
          FLAG("delete-storage-volume-snapshots", "and the volumes' snapshots"),
          FLAG("wipe-storage", "overwrite the volumes first"),
          FLAG("snapshots-metadata", "what is known of its snapshots as well"),
          FLAG("checkpoints-metadata", "what is known of its checkpoints as well"),
          FLAG("nvram", "its firmware variables as well"),
          FLAG("keep-nvram", "keep its firmware variables"), FLAG("tpm", "its TPM as well"),
          FLAG("keep-tpm", "keep its TPM")),
     run_undefine},
    {0},
};
