#include "conf/disk.h"

/* QEMU calls the same format vpc, and libvirt wrote xvhd; an iso is as raw. */
static const struct {
    const char *format, *word;
} formats[] = {{"raw", "raw"}, {"qcow", "qcow"}, {"qcow2", "qcow2"}, {"vhd", "vhd"},
               {"qed", "qed"}, {"vpc", "vhd"},   {"xvhd", "vhd"},    {"iso", "raw"}};

const char *disk_format_word(const char *format)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
        if (str_eq(format, formats[i].format))
            return formats[i].word;
    return NULL;
}

static bool is_type_known(const struct disk *k)
{
    return !k->type || k->type == DISK_FILE || k->type == DISK_BLOCK ||
           (k->type == DISK_NETWORK && str_eq(k->protocol, "rbd"));
}

int disk_check_sayable(struct conf_ctx *c, const struct disk *k, const char *who)
{
    const char *target = k->target ? k->target : "?";
    const char *protocol = k->type == DISK_NETWORK && k->protocol ? k->protocol : "";
    if (!is_type_known(k))
        return conf_error(c, (struct pos){0}, "disk '%s': %s has no source of type '%s%s%s'",
                          target, who, words_name(&disk_type_words, (int)k->type),
                          *protocol ? " " : "", protocol);
    if (k->format && !disk_format_word(k->format))
        return conf_error(c, (struct pos){0},
                          "disk '%s': %s has no format '%s' (raw, qcow, qcow2, vhd and qed)",
                          target, who, k->format);
    if (str_empty(k->source) && k->device != DISK_CDROM)
        return conf_error(c, (struct pos){0}, "disk '%s': %s has no empty disk but a CD-ROM",
                          target, who);
    return 0;
}
