#include "edit.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "client/client.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/proc.h"

extern char **environ;

enum { TEXT_MAX = 4 << 20 };

/* Runs the editor on the file and waits for its end. The editor may be a command with arguments, so
 * a shell reads it. */
static int editor_run(const char *path, struct err *e)
{
    const char *editor = getenv("VISUAL");
    if (str_empty(editor))
        editor = getenv("EDITOR");
    if (str_empty(editor))
        editor = "vi";
    CLEANUP_FREE char *line = mem_printf("%s \"$1\"", editor);
    char *argv[] = {"sh", "-c", line, "sh", (char *)path, NULL};
    pid_t pid;
    int status;
    errno = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
    if (errno)
        return fail_errno(e, "cannot start the editor '%s'", editor);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail_errno(e, "cannot wait for the editor '%s'", editor);
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return 0;
    return fail(e, ERR_OPERATION_FAILED, "the editor '%s' ended with status %d", editor,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static int write_temporary(const char *text, char *path, struct err *e)
{
    CLEANUP_CLOSE int fd = mkostemps(path, 4, O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot make a temporary file");
    return file_write_all(fd, text, strlen(text), e);
}

int edit_text(const char *text, char **ret, struct err *e)
{
    const char *folder = getenv("TMPDIR");
    CLEANUP_FREE char *path = mem_printf("%s/xvirtXXXXXX.xml", str_empty(folder) ? "/tmp" : folder);
    CLEANUP_FREE char *now = NULL;
    if (write_temporary(text, path, e))
        return -1;
    int r = editor_run(path, e);
    if (!r)
        r = file_read(path, TEXT_MAX, &now, NULL, e);
    unlink(path);
    if (r)
        return -1;
    *ret = str_eq(now, text) ? NULL : take(now);
    return 0;
}

static const struct wire_field *find(const struct wire_type *t, const char *name)
{
    for (size_t i = 0; t && i < t->n_fields; i++)
        if (str_eq(t->fields[i].name, name))
            return &t->fields[i];
    return NULL;
}

static void put_flags(const struct wire_type *t, char *args, unsigned flags)
{
    const struct wire_field *f = find(t, "flags");
    if (f)
        *(unsigned *)(args + f->offset) = flags;
}

/* The first of the arguments: the thing's handle, or the path of a saved guest. */
static void put_first(const struct wire_type *t, char *args, const struct object_handle *o,
                      char *const *path)
{
    if (o->kind && (t->fields[0].type == object_type(o->kind) || o->kind == OBJ_NODEDEV))
        memcpy(args, o->bytes, object_type(o->kind)->size);
    else if (str_eq(t->fields[0].name, "file"))
        *(char **)(args + t->fields[0].offset) = *path;
}

struct editing {
    const struct edit *how;
    struct object_handle object;
    char *path;
};

static int fetch(struct ctl *c, const struct editing *x, char **ret, struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, x->how->get);
    CLEANUP_FREE char *args = mem_new(1, p->args->size);
    put_first(p->args, args, &x->object, &x->path);
    put_flags(p->args, args, x->how->get_flags);
    if (!client_call(c->conn_, p->nr, args, ret, e)) /* the text is all that it answers */
        return 0;
    if (e->code != ERR_INVALID_ARG || !x->how->get_flags)
        return -1;
    put_flags(p->args, args, 0); /* a host that knows no such flag keeps one XML alone */
    return client_call(c->conn_, p->nr, args, ret, e);
}

static int store_by(struct ctl *c, const struct editing *x, int proc, unsigned flags,
                    const char *text, struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    CLEANUP_FREE char *args = mem_new(1, p->args->size);
    CLEANUP_FREE char *ret = p->ret ? mem_new(1, p->ret->size) : NULL;
    const struct wire_field *f = find(p->args, "xml");
    if (!f)
        f = find(p->args, "dxml");
    put_first(p->args, args, &x->object, &x->path);
    *(const char **)(args + f->offset) = text;
    put_flags(p->args, args, flags);
    if (client_call(c->conn_, p->nr, args, ret, e))
        return -1;
    if (ret)
        wire_clear(p->ret, ret);
    return 0;
}

static int store(struct ctl *c, const struct args *a, const struct editing *x, const char *text,
                 struct err *e)
{
    const struct edit *how = x->how;
    unsigned flags = how->unless && arg_has(a, how->unless) ? 0 : how->set_flags;
    for (const struct flag_bit *b = how->bits; b && b->name; b++)
        flags |= arg_has(a, b->name) ? b->bit : 0;
    if (!flags && how->set_plain)
        return store_by(c, x, how->set_plain, 0, text, e);
    if (!store_by(c, x, how->set, flags, text, e))
        return 0;
    bool is_unknown = e->code == ERR_NO_SUPPORT || e->code == ERR_INVALID_ARG;
    return how->set_plain && is_unknown ? store_by(c, x, how->set_plain, 0, text, e) : -1;
}

/* What was refused goes through the editor again when somebody can say so. */
static bool try_again(const struct err *e)
{
    char answer[16];
    if (!isatty(0))
        return false;
    fprintf(stderr, "error: %s\nFailed. Try again? [y,n]: ", e->msg);
    return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int edit_all(struct ctl *c, const struct args *a, const struct editing *x, const char *name,
                    struct err *e)
{
    CLEANUP_FREE char *text = NULL, *title = thin_words(x->how->title, a, name);
    CLEANUP_FREE char *was = NULL, *now = NULL;
    if (fetch(c, x, &was, e))
        return -1;
    text = mem_str(was);
    for (;;) {
        if (edit_text(text, &now, e))
            return -1;
        if (!now || str_eq(now, was)) {
            done_print(c, "%s not changed.", title);
            return 0;
        }
        if (!store(c, a, x, now, e))
            break;
        if (!try_again(e))
            return -1;
        free(text);
        text = take(now);
    }
    done_print(c, "%s edited.", title);
    return 0;
}

int edit_run(struct ctl *c, const struct args *a, struct err *e)
{
    struct editing x = {.how = a->cmd->how};
    if (x.how->object ? object_lookup(c, a, x.how->object, 0, &x.object, e) : !ctl_conn(c, e))
        return -1;
    x.path = x.how->object ? NULL : opts_absolute(arg_str(a, "file"));
    CLEANUP_FREE char *name =
        x.how->object ? object_name(x.how->object, x.object.bytes) : mem_str(x.path);
    int r = edit_all(c, a, &x, name, e);
    free(x.path);
    object_drop(&x.object);
    return r;
}
