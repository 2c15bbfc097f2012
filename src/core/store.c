/* What is on disk: definitions, autostart links, managed saves, and the journal of what is being
 * done. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "priv.h"

enum { DEFINITION_MAX = 4 << 20, NOTE_MAX = DEFINITION_MAX + PATH_MAX };

static int lock_dir(const char *dir, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/.lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    if (!flock(fd, LOCK_EX | LOCK_NB))
        return fd;
    close(fd);
    return fail(e, ERR_OPERATION_FAILED, "another xvirtd uses '%s'", dir);
}

static const struct {
    const char *sub;
    bool in_config;
    mode_t mode;
} folders[] = {{"", true, 0755},       {"/autostart", true, 0755}, {"/autostart-once", true, 0755},
               {"", false, 0755},      {"/save", false, 0700},     {"/dump", false, 0700},
               {"/jobs", false, 0700}, {"/snapshot", false, 0700}, {"/arrived", false, 0700}};

int store_open(struct host *h, struct err *e)
{
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        CLEANUP_FREE char *path =
            mem_printf("%s%s", folders[i].in_config ? h->config_dir : h->state_dir, folders[i].sub);
        if (file_make_dirs(path, folders[i].mode, e))
            return -1;
    }
    bool is_one = str_eq(h->config_dir, h->state_dir);
    h->locks[0] = lock_dir(h->state_dir, e);
    if (h->locks[0] >= 0 && !is_one)
        h->locks[1] = lock_dir(h->config_dir, e);
    return h->locks[0] < 0 || (!is_one && h->locks[1] < 0) ? -1 : 0;
}

void store_close(struct host *h)
{
    for (size_t i = 0; i < 2; i++) {
        close_fd(&h->locks[i]);
        h->locks[i] = -1;
    }
}

char *store_managed_path(const struct host *h, const char *name)
{
    return mem_printf("%s/save/%s.save", h->state_dir, name);
}

int store_drop_managed(const char *path, struct err *e)
{
    CLEANUP_FREE char *dir = mem_str(path);
    char *slash = strrchr(dir, '/');
    *slash = 0;
    return file_remove(dir, slash + 1, e);
}

char *store_dump_path(const struct host *h, const char *name)
{
    struct tm t;
    char when[32];
    time_t now = time(NULL);
    localtime_r(&now, &t);
    strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &t);
    return mem_printf("%s/dump/%s-%s", h->state_dir, name, when);
}

int store_write(struct host *h, const char *name, const char *xml, size_t len, struct err *e)
{
    CLEANUP_FREE char *file = mem_printf("%s.xml", name);
    return file_write_atomic(h->config_dir, file, xml, len, 0600, e);
}

int store_save(struct host *h, const struct domain *d, struct err *e)
{
    CLEANUP_FREE char *xml = NULL;
    size_t len;
    return text_write(d, false, &xml, &len, e) ? -1 : store_write(h, d->name, xml, len, e);
}

static bool exists(const char *path)
{
    struct stat s;
    return !lstat(path, &s);
}

static const char *const link_folders[AUTOSTART_LINKS] = {"autostart", "autostart-once"};

static int set_link(struct host *h, const char *folder, const char *name, bool on, struct err *e)
{
    CLEANUP_FREE char *dir = mem_printf("%s/%s", h->config_dir, folder);
    CLEANUP_FREE char *file = mem_printf("%s.xml", name);
    CLEANUP_FREE char *link = mem_printf("%s/%s", dir, file);
    CLEANUP_FREE char *target = mem_printf("../%s", file);
    if (!on)
        return exists(link) ? file_remove(dir, file, e) : 0;
    (void)unlink(link);
    if (symlink(target, link))
        return fail_errno(e, "cannot create link '%s'", link);
    CLEANUP_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) ? fail_errno(e, "cannot sync folder '%s'", dir) : 0;
}

int store_set_links(struct host *h, const char *name, unsigned links, unsigned on, struct err *e)
{
    for (unsigned i = 0; i < AUTOSTART_LINKS; i++)
        if (links >> i & 1 && set_link(h, link_folders[i], name, on >> i & 1, e))
            return -1;
    return 0;
}

static unsigned read_links(const struct host *h, const char *file)
{
    unsigned r = 0;
    for (unsigned i = 0; i < AUTOSTART_LINKS; i++) {
        CLEANUP_FREE char *link = mem_printf("%s/%s/%s", h->config_dir, link_folders[i], file);
        r |= (unsigned)exists(link) << i;
    }
    return r;
}

int store_remove(struct host *h, const char *name, struct err *e)
{
    CLEANUP_FREE char *file = mem_printf("%s.xml", name);
    int r = store_set_links(h, name, AUTOSTART_ALWAYS | AUTOSTART_ONCE, 0, e);
    return r ? r : file_remove(h->config_dir, file, e);
}

static int check_definition(struct host *h, const struct domain *d, const char *file, struct err *e)
{
    CLEANUP_FREE char *want = mem_printf("%s.xml", d->name);
    if (!guest_name_is_good(d->name, e))
        return -1;
    if (!str_eq(want, file))
        return fail(e, ERR_OPERATION_FAILED, "it defines '%s'", d->name);
    if (uuid_is_zero(d->uuid) || host_get_uuid(h, d->uuid))
        return fail(e, ERR_OPERATION_FAILED, "its uuid is zero or taken");
    return 0;
}

static int load_one(struct host *h, const char *file, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", h->config_dir, file), *text = NULL;
    CLEANUP_DOMAIN struct domain *d = NULL;
    size_t len;
    if (file_read(path, DEFINITION_MAX, &text, &len, e) || text_read(text, len, false, &d, e) ||
        check_definition(h, d, file, e))
        return -1;
    struct guest *g = guest_new(h, d->name, d->uuid);
    g->def = take(d);
    CLEANUP_FREE char *managed = store_managed_path(h, g->name);
    g->has_managed_save = exists(managed);
    g->autostart = read_links(h, file);
    snap_load(g);
    return 0;
}

/* A definition that cannot be read stays on disk for a person to look at. */
int store_load(struct host *h, struct err *e)
{
    DIR *dir = opendir(h->config_dir);
    if (!dir)
        return fail_errno(e, "cannot read folder '%s'", h->config_dir);
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        struct err why = {0};
        const char *file = entry->d_name;
        if (file[0] != '.' && str_ends(file, ".xml") && load_one(h, file, &why))
            host_log(h, LOG_ERROR, "'%s/%s' is not used: %s", h->config_dir, file, why.msg);
    }
    closedir(dir);
    return 0;
}

static char *note_path(const struct host *h, const uint8_t uuid[16])
{
    char text[UUID_TEXT];
    return mem_printf("%s/jobs/%s", h->state_dir, uuid_format(uuid, text));
}

/* Whole at any instant, but not synced: after a power cut there are no domains that it could be
 * about. */
void store_note(struct host *h, const uint8_t uuid[16], const char *what)
{
    CLEANUP_FREE char *path = note_path(h, uuid), *part = mem_printf("%s/jobs/.new", h->state_dir);
    CLEANUP_CLOSE int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct err e = {0};
    if (fd < 0 || file_write_all(fd, what, strlen(what), &e) || rename(part, path))
        host_log(h, LOG_ERROR, "cannot write '%s'", path);
}

void store_forget(struct host *h, const uint8_t uuid[16])
{
    CLEANUP_FREE char *path = note_path(h, uuid);
    (void)unlink(path);
}

char *store_noted(struct host *h, const uint8_t uuid[16])
{
    CLEANUP_FREE char *path = note_path(h, uuid);
    struct err e = {0};
    char *text = NULL;
    return file_read(path, NOTE_MAX, &text, NULL, &e) ? NULL : text;
}

static bool is_current(struct host *h, const char *file)
{
    uint8_t uuid[UUID_LEN];
    struct guest *g = uuid_parse(file, uuid) ? host_get_uuid(h, uuid) : NULL;
    return g && (g->is_sent || (g->job && g->job->kind->is_journaled));
}

/* A save whose guest is gone leaves its unfinished file to nobody; one that was to be undefined
 * with its domain has only lost the domain. */
static void drop_unfinished(struct host *h, const char *file)
{
    uint8_t uuid[UUID_LEN];
    CLEANUP_FREE char *note = uuid_parse(file, uuid) ? store_noted(h, uuid) : NULL;
    struct guest *g = note ? host_get_uuid(h, uuid) : NULL;
    if (note && str_starts(note, "save "))
        (void)image_is_whole(note + strlen("save "));
    if (g && g->def && g->domid == HV_DOMID_NONE && str_eq(note, NOTE_DESTROY_UNDEFINE))
        guest_undefine_gone(g);
}

void store_sweep(struct host *h)
{
    CLEANUP_FREE char *path = mem_printf("%s/jobs", h->state_dir);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    struct dirent *entry;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && !is_current(h, entry->d_name)) {
            drop_unfinished(h, entry->d_name);
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    closedir(dir);
}
