/* What became of the guests that other hosts have sent, kept on disk until those hosts know: a
 * source whose daemon and client have died asks for it later. One file a guest. */
#include <dirent.h>
#include <sys/stat.h>

#include "base/vec.h"
#include "migrate.h"
#include "priv.h"

enum { VERDICT_MAX = 128 };

static char *dir_of(const struct host *h)
{
    return mem_printf("%s/arrived", h->state_dir);
}

/* Synced at once: what was promised must be known after a power cut too. */
static int keep(struct host *h, const struct verdict *v, struct err *e)
{
    CLEANUP_FREE char *dir = dir_of(h);
    CLEANUP_FREE char *text = mem_printf("%c %d %s\n", word_letter(v->word), v->port, v->token);
    char name[UUID_TEXT];
    return file_write_atomic(dir, uuid_format(v->uuid, name), text, strlen(text), 0600, e);
}

int host_verdict_open(struct host *h, const struct verdict *v, struct err *e)
{
    return keep(h, v, e);
}

void host_verdict_close(struct host *h, const uint8_t uuid[16])
{
    CLEANUP_FREE char *dir = dir_of(h);
    char name[UUID_TEXT];
    struct err e = {0};
    if (file_remove(dir, uuid_format(uuid, name), &e))
        host_log(h, LOG_ERROR, "%s", e.msg);
}

bool host_verdict_find(struct host *h, const uint8_t uuid[16], struct verdict *ret)
{
    CLEANUP_FREE char *dir = dir_of(h), *text = NULL;
    char name[UUID_TEXT], letter;
    struct verdict v = {0};
    struct err e = {0};
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, uuid_format(uuid, name));
    if (file_read(path, VERDICT_MAX, &text, NULL, &e) ||
        sscanf(text, "%c %d %32[0-9a-f]", &letter, &v.port, v.token) != 3)
        return false;
    struct stat s;
    memcpy(v.uuid, uuid, UUID_LEN);
    v.word = word_of_letter(letter);
    v.since_s = stat(path, &s) ? 0 : (int64_t)s.st_mtime;
    *ret = v;
    return true;
}

size_t host_verdicts(struct host *h, struct verdict **ret)
{
    CLEANUP_FREE char *path = dir_of(h);
    struct verdict v;
    struct dirent *entry;
    size_t n = 0;
    DIR *dir = opendir(path);
    *ret = NULL;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && uuid_parse(entry->d_name, v.uuid) &&
            host_verdict_find(h, v.uuid, &v))
            VEC_PUSH(*ret, n, v);
    if (dir)
        closedir(dir);
    return n;
}

void verdict_set(struct host *h, const uint8_t uuid[16], enum word w)
{
    struct verdict v;
    struct err e = {0};
    if (!host_verdict_find(h, uuid, &v) || v.word == w)
        return;
    v.word = w;
    if (keep(h, &v, &e))
        host_log(h, LOG_ERROR, "%s", e.msg);
}

/* What was promised may have run, whatever is left of it now; nothing else has. */
void verdict_settle_all(struct host *h)
{
    struct verdict *all;
    size_t n = host_verdicts(h, &all);
    for (size_t i = 0; i < n; i++) {
        CLEANUP_FREE char *note = store_noted(h, all[i].uuid);
        if (all[i].word == WORD_NONE)
            verdict_set(h, all[i].uuid,
                        note && str_starts(note, "accepted ") ? WORD_DONE : WORD_FAILED);
    }
    free(all);
}
