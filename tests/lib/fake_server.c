#include "fake_server.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fake server: %s\n", what);
    _exit(1);
}

void fake_start(struct fake_server *s, fake_script *script)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(s->folder, sizeof(s->folder), "/tmp/xvirt-test-XXXXXX");
    must(mkdtemp(s->folder), "no folder");
    snprintf(a.sun_path, sizeof(a.sun_path), "%s/sock", s->folder);
    snprintf(s->uri, sizeof(s->uri), "xen+unix:///system?socket=%s/sock", s->folder);
    int l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(l >= 0 && !bind(l, (struct sockaddr *)&a, sizeof(a)) && !listen(l, 1), "cannot listen");
    s->pid = fork();
    if (!s->pid) {
        alarm(20);
        int fd = accept(l, NULL, NULL);
        close(l);
        script(fd);
        close(fd);
        _exit(0);
    }
    close(l);
}

int fake_stop(struct fake_server *s)
{
    int status = -1;
    char path[80];
    waitpid(s->pid, &status, 0);
    snprintf(path, sizeof(path), "%s/sock", s->folder);
    unlink(path);
    rmdir(s->folder);
    return status;
}

static void read_all(int fd, uint8_t *p, size_t n)
{
    while (n) {
        ssize_t got = read(fd, p, n);
        must(got > 0, "the client went away");
        p += got;
        n -= (size_t)got;
    }
}

void fake_expect_frame(int fd, struct wire_header *ret, const uint8_t **ret_payload,
                       size_t *ret_len)
{
    static uint8_t frame[1 << 20];
    size_t size, at;
    read_all(fd, frame, 4);
    must(!wire_frame_length(frame, &size, NULL) && size <= sizeof(frame), "bad length");
    read_all(fd, frame + 4, size - 4);
    must(!wire_header_decode(frame, size, ret, &at, NULL), "bad header");
    if (ret_payload)
        *ret_payload = frame + at;
    if (ret_len)
        *ret_len = size - at;
}

struct wire_header fake_expect(int fd, int proc, const uint8_t **ret_payload, size_t *ret_len)
{
    struct wire_header h;
    do
        fake_expect_frame(fd, &h, ret_payload, ret_len);
    while (h.program == WIRE_PROGRAM_KEEPALIVE);
    must(h.program == WIRE_PROGRAM_REMOTE && h.type == WIRE_CALL && h.version == 1, "no call");
    if (h.proc != proc)
        fprintf(stderr, "fake server: %s instead of %s\n", wire_proc_name(h.program, h.proc),
                wire_proc_name(h.program, proc));
    must(h.proc == proc, "another call");
    return h;
}

static void send_all(int fd, struct str *s)
{
    must(!file_write_all(fd, s->p, s->len, NULL), "cannot send");
    str_clear(s);
}

void fake_send(int fd, const struct wire_header *h, const struct wire_type *t, const void *value)
{
    struct str s = {0};
    must(!wire_frame_add(&s, h, t, value, NULL), "cannot encode");
    send_all(fd, &s);
}

void fake_send_raw(int fd, const struct wire_header *h, const void *data, size_t len)
{
    struct str s = {0};
    wire_frame_add_raw(&s, h, data, len);
    send_all(fd, &s);
}

void fake_reply(int fd, const struct wire_header *call, const struct wire_type *t,
                const void *value)
{
    struct wire_header h = wire_reply_to(call);
    fake_send(fd, &h, t, value);
}

void fake_error(int fd, const struct wire_header *call, int code, const char *text)
{
    struct str s = {0};
    struct err e = {0};
    struct wire_header h = wire_reply_to(call);
    fail(&e, code, "%s", text);
    wire_frame_add_error(&s, &h, &e);
    send_all(fd, &s);
}

void fake_open(int fd)
{
    struct wire_header h = fake_expect(fd, WIRE_AUTH_LIST, NULL, NULL);
    int none = WIRE_AUTH_TYPE_NONE;
    struct wire_auth_list_ret list = {&none, 1};
    fake_reply(fd, &h, &wire_type_auth_list_ret, &list);
    h = fake_expect(fd, WIRE_CONNECT_OPEN, NULL, NULL);
    fake_reply(fd, &h, NULL, NULL);
}

void fake_close(int fd)
{
    struct wire_header h = fake_expect(fd, WIRE_CONNECT_CLOSE, NULL, NULL);
    fake_reply(fd, &h, NULL, NULL);
}
