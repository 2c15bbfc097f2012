#include "scripts.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

enum { SCRIPT_LIMIT_MS = 40000, PROC_TEXT_MAX = 256 * 1024 };

/* Who waits for a domain's scripts; the domid is that of the scripts. */
struct scripts_waiter {
    struct scripts_waiter *next;
    struct hv *hv;
    uint32_t domid;
    loop_fn *fn;
    void *arg;
    struct loop_timer *limit;
};

struct script {
    struct script *next;
    struct hv *hv;
    uint32_t domid;
    int fd; /* of the process: readable when it has ended */
    struct loop_fd *watch;
};

/* ---- whose are they ---- */

/* The text of a file of a process: words, each with a NUL behind it; one more NUL at the end. */
static char *proc_words(const char *pid, const char *name, size_t *ret_len)
{
    char *text = NULL;
    CLEANUP_FREE char *path = mem_printf("/proc/%s/%s", pid, name);
    return file_read(path, PROC_TEXT_MAX, &text, ret_len, NULL) ? NULL : text;
}

static const char *word_starting(const char *text, size_t len, const char *prefix)
{
    for (const char *w = text; w < text + len; w += strlen(w) + 1)
        if (str_starts(w, prefix))
            return w;
    return NULL;
}

/* Scripts are given what they are to do; what they have started goes on for other reasons. */
static bool is_hotplug(const char *pid)
{
    static const char *const orders[] = {"add", "remove", "online", "offline"};
    size_t len = 0;
    CLEANUP_FREE char *text = proc_words(pid, "cmdline", &len);
    for (const char *w = text; w && w < text + len; w += strlen(w) + 1)
        for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
            if (str_eq(w, orders[i]))
                return true;
    return false;
}

/* XENBUS_PATH=backend/vbd/5/51712: 5 */
static bool script_domid(const char *pid, uint32_t *ret)
{
    static const char folder[] = "backend/";
    size_t len = 0;
    CLEANUP_FREE char *text = proc_words(pid, "environ", &len);
    const char *path = text ? word_starting(text, len, "XENBUS_PATH=") : NULL;
    const char *kind = path ? strstr(path, folder) : NULL;
    const char *id = kind ? strchr(kind + sizeof(folder) - 1, '/') : NULL;
    if (!id)
        return false;
    CLEANUP_FREE char *word = mem_strn(id + 1, strcspn(id + 1, "/"));
    return parse_u32(word, 10, UINT16_MAX, ret) && is_hotplug(pid);
}

/* ---- their ends ---- */

static void script_drop(struct script *s)
{
    struct script **at = &s->hv->scripts;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    loop_fd_close(s->watch);
    close(s->fd);
    free(s);
}

static bool has_script(const struct hv *h, uint32_t domid)
{
    for (const struct script *s = h->scripts; s; s = s->next)
        if (s->domid == domid)
            return true;
    return false;
}

static void waiter_drop(struct scripts_waiter *w)
{
    struct scripts_waiter **at = &w->hv->waiters;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    loop_timer_close(w->limit);
    free(w);
}

static void waiter_go(void *arg)
{
    struct scripts_waiter *w = arg;
    loop_defer(w->hv->loop, w->fn, w->arg);
    waiter_drop(w);
}

static void on_script_end(void *arg, int events)
{
    struct script *s = arg;
    struct hv *h = s->hv;
    uint32_t domid = s->domid;
    script_drop(s);
    if (has_script(h, domid))
        return;
    for (struct scripts_waiter *w = h->waiters, *next; w; w = next) {
        next = w->next;
        if (w->domid == domid)
            waiter_go(w);
    }
}

bool scripts_wait(struct hv *h, uint32_t domid, loop_fn *fn, void *arg)
{
    if (!has_script(h, domid))
        return false;
    struct scripts_waiter *w = NEW(struct scripts_waiter);
    *w = (struct scripts_waiter){.next = h->waiters, .hv = h, .domid = domid, .fn = fn, .arg = arg};
    w->limit = loop_timer_open(h->loop, waiter_go, w);
    loop_timer_start(w->limit, SCRIPT_LIMIT_MS, 0);
    h->waiters = w;
    return true;
}

/* ---- which there are ---- */

static void script_note(struct hv *h, const char *name, uint32_t domid)
{
    uint32_t pid = 0;
    struct err e = {0};
    int fd = -1;
#ifdef SYS_pidfd_open /* Linux 5.3; an older one does not wait */
    if (parse_u32(name, 10, INT32_MAX, &pid))
        fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
#endif
    if (fd < 0)
        return;
    struct script *s = NEW(struct script);
    *s = (struct script){.next = h->scripts, .hv = h, .domid = domid, .fd = fd};
    s->watch = loop_fd_open(h->loop, fd, LOOP_READ, on_script_end, s, &e);
    h->scripts = s;
    if (!s->watch)
        script_drop(s);
}

void scripts_open(struct hv *h)
{
    DIR *dir = opendir("/proc");
    uint32_t domid;
    for (const struct dirent *d; dir && (d = readdir(dir));)
        if (d->d_name[0] >= '1' && d->d_name[0] <= '9' && script_domid(d->d_name, &domid))
            script_note(h, d->d_name, domid);
    if (dir)
        closedir(dir);
}

void scripts_close(struct hv *h)
{
    while (h->scripts)
        script_drop(h->scripts);
    while (h->waiters)
        waiter_drop(h->waiters);
}
