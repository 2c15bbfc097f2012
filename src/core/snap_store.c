/* Snapshots on disk: a folder a guest (by uuid), in it NAME.xml, NAME.mem where the guest's memory
 * is kept, .current, and .note with .making while something is under way. */
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "conf/snapshot_xml.h"
#include "snap_priv.h"

enum { SNAPSHOT_XML_MAX = 8 << 20 };
#define CURRENT ".current"
#define NOTE ".note"

char *snap_dir(const struct guest *g)
{
    char text[UUID_TEXT];
    return mem_printf("%s/snapshot/%s", g->host->state_dir, uuid_format(g->uuid, text));
}

char *snap_file(const char *dir, const char *name, const char *ending)
{
    return mem_printf("%s/%s%s", dir, name, ending);
}

int snap_read(const char *path, struct snapshot **ret, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    return file_read(path, SNAPSHOT_XML_MAX, &text, &len, e) || snapshot_xml_read(text, len, ret, e)
               ? -1
               : 0;
}

int snap_write(const char *dir, const struct snapshot *s, const char *file, struct err *e)
{
    CLEANUP_STR struct str xml = {0};
    CLEANUP_FREE char *own = mem_printf("%s.xml", s->name);
    return snapshot_xml_write(s, true, &xml, e) ||
                   file_write_atomic(dir, file ? file : own, str_get(&xml), xml.len, 0600, e)
               ? -1
               : 0;
}

int snap_write_current(const char *dir, const char *name, struct err *e)
{
    return name ? file_write_atomic(dir, CURRENT, name, strlen(name), 0600, e)
                : file_remove(dir, CURRENT, e);
}

int snap_note(const char *dir, const char *what, const char *name, unsigned bits, struct err *e)
{
    CLEANUP_FREE char *text = mem_printf("%s %u %s", what, bits, name ? name : "");
    return file_write_atomic(dir, NOTE, text, strlen(text), 0600, e);
}

void snap_unnote(const char *dir)
{
    struct err e = {0};
    (void)file_remove(dir, NOTE, &e);
    (void)file_remove(dir, SNAP_MAKING, &e);
    (void)file_remove(dir, SNAP_MEMORY, &e);
}

char *snap_noted(const char *dir)
{
    CLEANUP_FREE char *path = snap_file(dir, NOTE, "");
    char *text = NULL;
    struct err e = {0};
    return file_read(path, NAME_MAX + 64, &text, NULL, &e) ? NULL : text;
}

static void load_one(struct guest *g, const char *dir, const char *file)
{
    CLEANUP_FREE char *path = snap_file(dir, file, "");
    struct snapshot *s = NULL;
    struct err e = {0};
    if (!snap_read(path, &s, &e)) {
        CLEANUP_FREE char *own = mem_printf("%s.xml", s->name ? s->name : "");
        if (snapshot_name_is_good(s->name, &e) && str_eq(own, file)) {
            snaps_put(g, s);
            return;
        }
        snapshot_free(s);
        fail(&e, ERR_XML_ERROR, "it has another name");
    }
    host_log(g->host, LOG_ERROR, "'%s' is not used: %s", path, e.msg);
}

void snap_load(struct guest *g)
{
    CLEANUP_FREE char *dir = snap_dir(g);
    CLEANUP_FREE char *path = snap_file(dir, CURRENT, "");
    DIR *d = opendir(dir);
    struct dirent *entry;
    struct err e = {0};
    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.' && str_ends(entry->d_name, ".xml"))
            load_one(g, dir, entry->d_name);
    if (!d)
        return;
    closedir(d);
    char *current = NULL;
    if (!file_read(path, NAME_MAX, &current, NULL, &e) && snaps_find(g, current))
        g->snaps->current = take(current);
    free(current);
}

/* Also memory whose snapshot nobody knows any more. */
void snap_remove_dir(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d && (entry = readdir(d)))
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            (void)unlinkat(dirfd(d), entry->d_name, 0);
    if (d)
        closedir(d);
    (void)rmdir(dir);
}
