#include "xl.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { LINE_MAX_ = 1024, LOG_TAIL_MAX = 65536 };

void capture_reset(struct capture *c)
{
    c->len = c->n_lines = 0;
    c->text[0] = 0;
}

/* Appends a line unless it is there already or there is no room: the first errors are the reason,
 * what follows is its wake. A hotplug script's own words come after the news of its end, and say
 * more. */
static void capture_add(struct capture *c, const char *line)
{
    static const char script[] = "script: ";
    if (str_starts(line, script)) {
        line += sizeof(script) - 1;
        if (strstr(c->text, "exited with error status"))
            capture_reset(c);
    }
    size_t n = strlen(line);
    if (!n || c->n_lines >= CAPTURE_LINES || c->len + n + 3 > sizeof(c->text) ||
        (c->len && strstr(c->text, line)))
        return;
    c->n_lines++;
    if (c->len) {
        memcpy(c->text + c->len, "; ", 2);
        c->len += 2;
    }
    for (size_t i = 0; i <= n; i++)
        c->text[c->len + i] = line[i] == '\n' ? ' ' : line[i];
    c->len += n;
}

/* One step over what tells a programmer where a line comes from: "panic: ", "libxl_create.c:12:f:
 * ", "xc_dom_find_loader: ". */
static const char *skip_place(const char *line)
{
    const char *blank = strchr(line, ' ');
    if (!blank || blank == line || blank[-1] != ':')
        return line;
    size_t n = (size_t)(blank - line);
    bool is_place =
        memmem(line, n, ".c:", 3) || str_starts(line, "panic: ") || str_starts(line, "xc_");
    return is_place ? blank + 1 : line;
}

/* "libxl_create.c:12:func: Domain 5:text" -> "text", with the domid it names. */
static const char *clean(const char *line, uint32_t *ret_domid)
{
    *ret_domid = HV_DOMID_NONE;
    for (const char *next; (next = skip_place(line)) != line;)
        line = next;
    if (!str_starts(line, "Domain "))
        return line;
    char digits[12] = {0};
    const char *colon = strchr(line, ':');
    size_t n = colon ? (size_t)(colon - line) - 7 : 0;
    if (!n || n >= sizeof(digits))
        return line;
    memcpy(digits, line + 7, n);
    if (!parse_u32(digits, 10, UINT32_MAX - 1, ret_domid))
        return line;
    line = colon + 1;
    return line + (*line == ' ');
}

/* Not every line says whose it is: the one's that is being started, or, of what libxl's descriptors
 * and children bring later, the one device's that comes or goes. */
static struct capture *capture_nameless(struct xl_log *log)
{
    struct wait *only = log->hv->starting;
    for (struct wait *w = log->is_turn ? log->hv->waits : NULL; w; w = w->next)
        if (w->has_device) {
            if (only)
                return &log->here;
            only = w;
        }
    return only ? &only->said : &log->here;
}

static struct capture *capture_for(struct xl_log *log, uint32_t domid)
{
    if (!log->is_loops)
        return &log->here;
    if (domid == HV_DOMID_NONE)
        return capture_nameless(log);
    for (struct wait *w = log->hv->waits; w; w = w->next)
        if (w->domid == domid)
            return &w->said;
    return &log->here;
}

static const int daemon_levels[XTL_NUM_LEVELS] = {
    [XTL_DEBUG] = LOG_DEBUG, [XTL_VERBOSE] = LOG_DEBUG,  [XTL_DETAIL] = LOG_DEBUG,
    [XTL_INFO] = LOG_INFO,   [XTL_NOTICE] = LOG_INFO,    [XTL_WARN] = LOG_WARN,
    [XTL_ERROR] = LOG_ERROR, [XTL_CRITICAL] = LOG_ERROR,
};

/* Takes no lock and allocates nothing: libxl also calls it in children that it forks from a
 * program with threads. */
__attribute__((format(printf, 5, 0))) static void on_message(struct xentoollog_logger *vt,
                                                             xentoollog_level level, int errnoval,
                                                             const char *context,
                                                             const char *format, va_list al)
{
    struct xl_log *log = (struct xl_log *)vt;
    if (level <= XTL_NONE || level >= XTL_NUM_LEVELS || level == XTL_PROGRESS)
        return;
    bool is_chatter = level == XTL_DEBUG && context && !str_eq(context, "libxl") &&
                      !str_eq(context, "xc"); /* the caches of xencall and the like */
    if (is_chatter)
        return;
    char line[LINE_MAX_];
    int n = vsnprintf(line, sizeof(line), format, al);
    if (n < 0)
        return;
    size_t used = (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;
    while (used && line[used - 1] == '\n')
        line[--used] = 0;
    if (errnoval > 0) {
        char text[128];
        snprintf(line + used, sizeof(line) - used, ": %s",
                 strerror_r(errnoval, text, sizeof(text)));
    }
    int daemon_level = daemon_levels[level];
    if (level >= XTL_ERROR) {
        uint32_t domid;
        const char *text = clean(line, &domid);
        struct capture *c = capture_for(log, domid);
        capture_add(c, text);
        if (c != &log->here || !log->is_loops)
            daemon_level = LOG_INFO; /* who asked is told */
    }
    char whole[LINE_MAX_ + 32];
    snprintf(whole, sizeof(whole), "%s: %s", context ? context : "libxl", line);
    log->hv->events.log(log->hv->arg, daemon_level, whole);
}

/* libxl reports how far a save or a restore is in pages of a pass; done of total as it says. */
static void on_progress(struct xentoollog_logger *vt, const char *context, const char *doing,
                        int percent, unsigned long done, unsigned long total)
{
    struct xl_log *log = (struct xl_log *)vt;
    if (!log->progress || !total)
        return;
    __atomic_store_n(&log->progress->total, (uint64_t)total * 4096, __ATOMIC_RELAXED);
    __atomic_store_n(&log->progress->done, (uint64_t)done * 4096, __ATOMIC_RELAXED);
}

static void on_destroy(struct xentoollog_logger *vt)
{
}

void xl_log_init(struct xl_log *log, struct hv *hv)
{
    *log = (struct xl_log){.vt = {on_message, on_progress, on_destroy}, .hv = hv};
}

/* What a line of libxl's often means to the person who reads it. */
static const struct {
    const char *said, *hint;
} hints[] = {
    {"because of timeout",
     "the hotplug script did not end in time: this host is very busy, or what it waits for hangs"},
    {"libxl__wait_for_backend", "the backend did not come up"},
    {"Could not find bridge", "the bridge does not exist"},
    {"mounted in a guest domain", "the disk image is locked: another guest uses it"},
    {"mounted in the privileged domain", "the disk is in use by this host itself"},
    {"hotplug scripts need", "the hotplug scripts are not installed"},
    {"block add", "the block hotplug script refused the disk: is it in use by another guest?"},
    {"failed to free memory", "not enough free memory"},
    {"too large (", "the guest has too little memory for its kernel and ramdisk"},
    {"Out of memory", "not enough free memory"},
    {"xc_domain_populate_physmap", "not enough free memory"},
    {"Could not allocate memory for HVM guest", "not enough free memory"},
    {"xc_domain_create", "not enough memory, or this host cannot run this type of guest"},
    {"no loader found", "the kernel is not one that Xen can start in this type of guest"},
    {"xc_dom_kernel_file", "the kernel or ramdisk could not be read"},
    {"HVM guest requested but not supported",
     "this host has no hardware virtualization for guests"},
    {"bootloader failed", "no boot loader configuration was found on the guest's first disk"},
    {"Failed to get \"write\" lock", "the disk image is locked: another guest uses it"},
    {"xc_assign_device failed: Operation not supported",
     "the domain was started without the means for PCI devices: it needs a device from the start, "
     "or <features><xen><passthrough state='on'/></xen></features>"},
    {"Failed to connect to QMP socket", "the domain has no device model, or one that has ended"},
    {"failed to quarantine", "this host has no IOMMU that Xen uses"},
    {"device model did not start", "see the device model's log"},
    {"(0 = Success): Internal error; Restore failed", "the saved guest ends too early"},
    {"page table walk", "it has not run since it was restored: Xen saves it again once it has"},
};

static const char *hint_for(const char *said)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
        if (strstr(said, hints[i].said))
            return hints[i].hint;
    return NULL;
}

/* The last line of a log that libxl's children wrote; caller frees, NULL if there is none. */
static char *last_line(const char *path)
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    CLEANUP_FREE char *text = mem_new(LOG_TAIL_MAX + 1, 1);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    ssize_t n = size < 0
                    ? -1
                    : pread(fd, text, LOG_TAIL_MAX, size > LOG_TAIL_MAX ? size - LOG_TAIL_MAX : 0);
    if (n <= 0)
        return NULL;
    size_t len = strnlen(text, (size_t)n);
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = 0;
    const char *nl = strrchr(text, '\n');
    const char *line = nl ? nl + 1 : text;
    return *line ? mem_str(line) : NULL;
}

/* The device model and the boot loader tell their reasons to files only. */
static char *child_said(const char *said, const char *guest)
{
    static const char marker[] = "consult logfile ";
    const char *at = strstr(said, marker);
    if (at) {
        at += sizeof(marker) - 1;
        CLEANUP_FREE char *path = mem_strn(at, strcspn(at, "; :"));
        return last_line(path);
    }
    if (!guest || (!strstr(said, "device model") && !strstr(said, "Device model")))
        return NULL;
    CLEANUP_FREE char *path = mem_printf("/var/log/xen/qemu-dm-%s.log", guest);
    return last_line(path);
}

static int code_of(int rc)
{
    switch (rc) {
    case ERROR_DOMAIN_NOTFOUND:
        return ERR_NO_DOMAIN;
    case ERROR_ABORTED:
        return ERR_OPERATION_ABORTED;
    case ERROR_TIMEDOUT:
    case ERROR_GUEST_TIMEDOUT:
        return ERR_OPERATION_TIMEOUT;
    case ERROR_NOPARAVIRT:
        return ERR_OPERATION_UNSUPPORTED;
    case ERROR_NOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_OPERATION_FAILED;
    }
}

static const char *rc_text(int rc)
{
    switch (rc) {
    case ERROR_DOMAIN_NOTFOUND:
        return "no such domain";
    case ERROR_ABORTED:
        return "aborted";
    case ERROR_TIMEDOUT:
    case ERROR_GUEST_TIMEDOUT:
        return "the guest did not answer in time";
    case ERROR_NOPARAVIRT:
        return "the guest has no paravirtual drivers to take the request";
    case ERROR_NOMEM:
        return "out of memory";
    case ERROR_INVAL:
        return "libxl refuses the arguments";
    default:
        return "libxl gives no reason";
    }
}

int xl_fail(struct err *e, int rc, const struct capture *said, const char *guest, const char *fmt,
            ...)
{
    char what[256];
    va_list al;
    va_start(al, fmt);
    vsnprintf(what, sizeof(what), fmt, al);
    va_end(al);
    const char *text = said && said->len ? said->text : rc_text(rc);
    CLEANUP_FREE char *child = child_said(text, guest);
    const char *hint = child ? hint_for(child) : NULL;
    if (!hint)
        hint = hint_for(text);
    return fail(e, code_of(rc), "%s%s%s%s%s%s%s%s", what, *what ? ": " : "", text,
                child ? "; it said: " : "", child ? child : "", hint ? " (" : "", hint ? hint : "",
                hint ? ")" : "");
}
