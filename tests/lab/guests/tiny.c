/* A PV guest of a few KiB for tests that need many guests or quick ones: it is up at once, in 16
   MiB. Its marker, its ticks and the words on its command line are those of the Linux guest (see
   init), with these differences: it has no devices, a stubborn one does not even take a request
   from xenstore, and it cannot be saved. Freestanding; the numbers and layouts are those of Xen's
   public headers (xen.h, sched.h, event_channel.h, io/). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE = 4096, STACK = 8192 };
enum { CALL_UPDATE_VA_MAPPING = 14, CALL_SCHED_OP = 29, CALL_EVENT_CHANNEL_OP = 32 };
enum { EVENT_SEND = 4, SCHED_SHUTDOWN = 2, SCHED_POLL = 3 };
enum { DOWN_POWEROFF = 0, DOWN_REBOOT = 1, DOWN_CRASH = 3 };
enum { XS_READ = 2, XS_WATCH = 4, XS_WRITE = 11, XS_WATCH_EVENT = 15 };
enum { ASKED_NAME = 1, ASKED_SHUTDOWN = 2 };
static const uint64_t second_ns = 1000000000;

struct start_info {
    char magic[32];
    uint64_t nr_pages, shared_info;
    uint32_t flags;
    uint64_t store_mfn;
    uint32_t store_port;
    uint64_t console_mfn;
    uint32_t console_port;
    uint64_t pt_base, nr_pt_frames, mfn_list, mod_start, mod_len;
    char cmd_line[1024];
};

struct time_info {
    uint32_t version, pad;
    uint64_t tsc, system_ns;
    uint32_t multiplier;
    int8_t shift;
};

struct console_page {
    char in[1024], out[2048];
    uint32_t in_cons, in_prod, out_cons, out_prod;
};

struct store_page {
    char req[1024], rsp[1024];
    uint32_t req_cons, req_prod, rsp_cons, rsp_prod;
};

struct message {
    uint32_t type, id, transaction, length;
    char body[256];
};

static char stack[STACK] __attribute__((aligned(16), used));
static char shared[PAGE] __attribute__((aligned(PAGE)));
static uint64_t frames[PAGE / 8] __attribute__((aligned(PAGE)));
static uint64_t frame_lists[PAGE / 8] __attribute__((aligned(PAGE)));
static struct start_info *start;
static struct console_page *console;
static struct store_page *store;
static bool is_stubborn;

/* Where Xen's builder begins: rsi holds the start_info page. */
__asm__(".globl _start\n"
        "_start: cld\n"
        "lea stack+8192(%rip), %rsp\n"
        "mov %rsi, %rdi\n"
        "call tiny_main\n"
        ".pushsection .note.xen, \"a\", @note\n"
        ".macro note type, text:vararg\n"
        ".balign 4\n.long 4, 2f-1f, \\type\n.asciz \"Xen\"\n1: \\text\n2: .balign 4\n"
        ".endm\n"
        "note 6, .asciz \"xvirt-tiny\"\n"
        "note 5, .asciz \"xen-3.0\"\n"
        "note 8, .asciz \"generic\"\n"
        "note 9, .asciz \"yes\"\n"
        "note 3, .quad 0\n"
        "note 4, .quad 0\n"
        "note 1, .quad _start\n"
        ".popsection\n");

static long hypercall(long number, uint64_t a, uint64_t b, uint64_t c)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
                     : "0"(number)
                     : "rcx", "r11", "memory");
    return result;
}

static void notify(uint32_t port)
{
    hypercall(CALL_EVENT_CHANNEL_OP, EVENT_SEND, (uint64_t)&port, 0);
}

static void barrier(void)
{
    __asm__ volatile("mfence" ::: "memory");
}

static uint32_t load(const uint32_t *p)
{
    return *(const volatile uint32_t *)p;
}

static uint64_t now_ns(void)
{
    const volatile struct time_info *t = (void *)(shared + 32);
    uint32_t version, low, high;
    uint64_t delta, base;

    do {
        version = t->version;
        barrier();
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
        delta = ((uint64_t)high << 32 | low) - t->tsc;
        delta = t->shift < 0 ? delta >> -t->shift : delta << t->shift;
        base = t->system_ns + (uint64_t)(((__uint128_t)delta * t->multiplier) >> 32);
        barrier();
    } while ((version & 1) != 0 || version != t->version);
    return base;
}

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0')
        n++;
    return n;
}

static bool starts_with(const char *s, const char *prefix)
{
    while (*prefix != '\0' && *s == *prefix)
        s++, prefix++;
    return *prefix == '\0';
}

static void print(const char *s)
{
    for (; *s != '\0'; s++) {
        while (load(&console->out_prod) - load(&console->out_cons) >= sizeof console->out)
            notify(start->console_port);
        console->out[console->out_prod % sizeof console->out] = *s;
        barrier();
        console->out_prod++;
    }
    notify(start->console_port);
}

static void print_number(uint64_t n)
{
    char digits[24] = {0};
    size_t at = sizeof digits - 1;

    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    print(digits + at);
}

/* The text after "xv.KEY" on the command line, or NULL. */
static const char *word(const char *key)
{
    const char *s;

    for (s = start->cmd_line; *s != '\0'; s++)
        if (starts_with(s, "xv.") && starts_with(s + 3, key))
            return s + 3 + length(key);
    return NULL;
}

/* The time in seconds that the command line gives KEY, as a length, or 0. */
static uint64_t word_ns(const char *key)
{
    const char *s = word(key);
    uint64_t n = 0;

    for (; s != NULL && *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (uint64_t)(*s - '0');
    return n * second_ns;
}

static void go_down(uint32_t reason)
{
    static const char *const names[] = {"DOWN poweroff", "DOWN reboot", "", "CRASH"};

    print("XVIRT-GUEST-");
    print(names[reason]);
    print("\r\n");
    hypercall(CALL_SCHED_OP, SCHED_SHUTDOWN, (uint64_t)&reason, 0);
}

static void obey(const char *request)
{
    if (starts_with(request, "poweroff") || starts_with(request, "halt"))
        go_down(DOWN_POWEROFF);
    else if (starts_with(request, "reboot"))
        go_down(DOWN_REBOOT);
    else if (starts_with(request, "crash"))
        go_down(DOWN_CRASH);
}

static void store_put(const void *data, size_t size)
{
    const char *bytes = data;
    size_t i;

    for (i = 0; i < size; i++)
        store->req[(store->req_prod + i) % sizeof store->req] = bytes[i];
    barrier();
    store->req_prod += (uint32_t)size;
}

static void store_ask(uint32_t type, uint32_t id, const char *body, size_t size)
{
    const uint32_t header[4] = {type, id, 0, (uint32_t)size};

    store_put(header, sizeof header);
    store_put(body, size);
    notify(start->store_port);
}

/* Takes over a whole message from xenstore, if there is one. */
static bool store_take(struct message *m)
{
    uint32_t ready = load(&store->rsp_prod) - store->rsp_cons, i;
    char *to = (char *)m;

    barrier();
    if (ready < offsetof(struct message, body))
        return false;
    for (i = 0; i < offsetof(struct message, body); i++)
        to[i] = store->rsp[(store->rsp_cons + i) % sizeof store->rsp];
    if (m->length >= sizeof m->body || ready < i + m->length)
        return false;
    for (; i < offsetof(struct message, body) + m->length; i++)
        to[i] = store->rsp[(store->rsp_cons + i) % sizeof store->rsp];
    to[i] = '\0';
    barrier();
    store->rsp_cons += i;
    notify(start->store_port);
    return true;
}

static void shutdown_asked(const char *request)
{
    static const char path[] = "control/shutdown";

    if (request[0] == '\0')
        return;
    if (is_stubborn) {
        print("XVIRT-GUEST-IGNORES ");
        print(request);
        print("\r\n");
        return;
    }
    store_ask(XS_WRITE, 0, path, sizeof path);
    obey(request);
}

static void handle_store(void)
{
    static const char path[] = "control/shutdown";
    struct message m;

    while (store_take(&m)) {
        if (m.type == XS_WATCH_EVENT) {
            store_ask(XS_READ, ASKED_SHUTDOWN, path, sizeof path);
        } else if (m.type == XS_READ && m.id == ASKED_SHUTDOWN) {
            shutdown_asked(m.body);
        } else if (m.type == XS_READ && m.id == ASKED_NAME) {
            print("XVIRT-GUEST-UP name=");
            print(m.body);
            print(" net= disk=\r\n");
        }
    }
}

static void handle_console(void)
{
    static char line[80];
    static size_t used;

    while (console->in_cons != load(&console->in_prod)) {
        char c = console->in[console->in_cons % sizeof console->in];

        barrier();
        console->in_cons++;
        if (c != '\r' && c != '\n') {
            if (used < sizeof line - 1)
                line[used++] = c;
            continue;
        }
        line[used] = '\0';
        used = 0;
        print("XVIRT-GUEST-ECHO ");
        print(line);
        print("\r\n");
        obey(line);
    }
    notify(start->console_port);
}

/* Sleeps until a page's other side has something, or until the time; 0 is never. */
static void wait_until(uint64_t ns)
{
    uint64_t *pending = (uint64_t *)(shared + 2048);
    uint32_t ports[2] = {start->console_port, start->store_port};
    struct {
        uint32_t *ports;
        uint32_t count;
        uint64_t timeout;
    } poll = {ports, 2, ns};
    int i;

    hypercall(CALL_SCHED_OP, SCHED_POLL, (uint64_t)&poll, 0);
    for (i = 0; i < 2; i++)
        __atomic_fetch_and(&pending[ports[i] / 64], ~(1ull << ports[i] % 64), __ATOMIC_SEQ_CST);
}

static uint64_t frame_of(const void *at)
{
    return ((const uint64_t *)start->mfn_list)[(uint64_t)at / PAGE];
}

/* Where the table of its memory is: a core dump wants to know. */
static void tell_memory(void)
{
    uint64_t *max_pfn = (uint64_t *)(shared + 3088), *lists = (uint64_t *)(shared + 3096), i;

    for (i = 0; i * PAGE < start->nr_pages * 8 && i < PAGE / 8; i++)
        frames[i] = frame_of((const char *)start->mfn_list + i * PAGE);
    frame_lists[0] = frame_of(frames);
    *lists = frame_of(frame_lists);
    *max_pfn = start->nr_pages;
}

/* The pages of the console and of xenstore follow start_info in the memory that the builder maps.
 */
static void set_up(struct start_info *si)
{
    static const char watch[] = "control/shutdown\0w";

    start = si;
    store = (struct store_page *)((char *)si + PAGE);
    console = (struct console_page *)((char *)si + 2 * PAGE);
    hypercall(CALL_UPDATE_VA_MAPPING, (uint64_t)shared, si->shared_info | 0x67, 2);
    tell_memory();
    is_stubborn = word("stubborn") != NULL;
    store_ask(XS_READ, ASKED_NAME, "name", 5);
    store_ask(XS_WATCH, 0, watch, sizeof watch);
}

__attribute__((used)) void tiny_main(struct start_info *si)
{
    static const struct {
        const char *key;
        uint32_t reason;
    } acts[] = {{"poweroff=", DOWN_POWEROFF}, {"reboot=", DOWN_REBOOT}, {"crash=", DOWN_CRASH}};
    uint64_t begun, tick_ns, next = 0, ticks = 0;
    bool has_clock = word("tick=0") == NULL;
    size_t i;

    set_up(si);
    begun = now_ns();
    tick_ns = word_ns("tick=") != 0 ? word_ns("tick=") : 2 * second_ns;
    for (i = 0; i < sizeof acts / sizeof *acts; i++)
        if (word(acts[i].key) != NULL)
            tick_ns = second_ns, has_clock = true;
    for (;;) {
        if (has_clock && next <= now_ns())
            next = now_ns() + tick_ns;
        wait_until(next);
        handle_store();
        handle_console();
        if (!has_clock || now_ns() < next)
            continue;
        for (i = 0; i < sizeof acts / sizeof *acts; i++)
            if (word(acts[i].key) != NULL && now_ns() - begun >= word_ns(acts[i].key))
                go_down(acts[i].reason);
        if (word("tick=0") == NULL) {
            print("XVIRT-GUEST-TICK ");
            print_number(++ticks);
            print(" cpus=1\r\n");
        }
    }
}
