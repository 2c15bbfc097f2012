/* Serial ports of HVM guests, in the device model's words, its input devices and its sound card. */
#include "devices.h"

/* ---- serial ports ---- */

/* Words that stand alone. */
static const struct {
    const char *word;
    enum chr_type type;
} plain[] = {{"pty", CHR_PTY}, {"null", CHR_NULL}, {"vc", CHR_VC}, {"stdio", CHR_STDIO}};

static const struct {
    const char *prefix;
    enum chr_type type;
    bool telnet;
} prefixed[] = {
    {"file:", CHR_FILE, false}, {"pipe:", CHR_PIPE, false}, {"unix:", CHR_UNIX, false},
    {"tcp:", CHR_TCP, false},   {"telnet:", CHR_TCP, true}, {"udp:", CHR_UDP, false},
};

static const char *text_or_empty(const char *s)
{
    return s ? s : "";
}

/* The device model's word for a port; caller frees, NULL for what it cannot be. */
static char *chr_word(const struct chr *m)
{
    if (m->native)
        return mem_str(m->native);
    const char *server = m->listen == TRI_YES ? ",server,nowait" : "";
    switch ((int)m->type) {
    case 0:
    case CHR_PTY:
        return mem_str("pty");
    case CHR_NULL:
        return mem_str("null");
    case CHR_VC:
        return mem_str("vc");
    case CHR_STDIO:
        return mem_str("stdio");
    case CHR_DEV:
        return mem_str(m->path);
    case CHR_FILE:
        return mem_printf("file:%s", text_or_empty(m->path));
    case CHR_PIPE:
        return mem_printf("pipe:%s", text_or_empty(m->path));
    case CHR_UNIX:
        return mem_printf("unix:%s%s", text_or_empty(m->path), server);
    case CHR_TCP:
        return mem_printf("%s:%s:%s%s", m->telnet == TRI_YES ? "telnet" : "tcp",
                          text_or_empty(m->host), text_or_empty(m->service), server);
    case CHR_UDP:
        return mem_printf("udp:%s:%s@%s:%s", text_or_empty(m->host), text_or_empty(m->service),
                          text_or_empty(m->bind_host), m->bind_service ? m->bind_service : "0");
    default:
        return NULL;
    }
}

static void read_host_port(struct chr *m, const char *rest)
{
    size_t n = strcspn(rest, ",@");
    CLEANUP_FREE char *pair = mem_strn(rest, n);
    char *colon = strrchr(pair, ':');
    if (colon) {
        str_set(&m->service, colon + 1);
        *colon = 0;
        str_set(&m->host, pair);
    }
    if (strstr(rest + n, "server"))
        m->listen = TRI_YES;
    const char *bind = m->type == CHR_UDP && rest[n] == '@' ? strrchr(rest + n, ':') : NULL;
    if (bind && !str_eq(bind + 1, "0")) {
        m->bind_host = mem_strn(rest + n + 1, (size_t)(bind - rest) - n - 1);
        m->bind_service = mem_str(bind + 1);
    }
}

static void chr_read(const char *word, struct chr *m)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        if (str_eq(word, plain[i].word)) {
            m->type = plain[i].type;
            return;
        }
    for (size_t i = 0; i < sizeof(prefixed) / sizeof(*prefixed); i++) {
        if (!str_starts(word, prefixed[i].prefix))
            continue;
        const char *rest = word + strlen(prefixed[i].prefix);
        m->type = prefixed[i].type;
        m->telnet = prefixed[i].telnet ? TRI_YES : TRI_UNSET;
        if (m->type == CHR_TCP || m->type == CHR_UDP) {
            read_host_port(m, rest);
            return;
        }
        size_t n = m->type == CHR_UNIX ? strcspn(rest, ",") : strlen(rest);
        m->path = mem_strn(rest, n);
        if (strstr(rest + n, "server"))
            m->listen = TRI_YES;
        return;
    }
    m->type = CHR_DEV;
    str_set(&m->path, word);
}

/* Ports by number, holes filled with "none". */
int serials_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    enum { PORTS = 16 };
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    char *words[PORTS] = {NULL};
    size_t n = 0;
    int r = 0;
    if (d->n_parallels)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "parallel ports are not possible on Xen");
    for (size_t i = 0; i < d->n_serials && !r; i++) {
        int64_t port = num_or(d->serials[i].port, (int64_t)i);
        if (port < 0 || port >= PORTS || words[port])
            r = fail(e, ERR_CONFIG_UNSUPPORTED, "serial port %lld is not possible",
                     (long long)port);
        else if (!(words[port] = chr_word(&d->serials[i])))
            r = fail(e, ERR_CONFIG_UNSUPPORTED, "a serial port of type '%s' is not possible on Xen",
                     words_name(&chr_type_words, (int)d->serials[i].type));
        else if ((size_t)port >= n)
            n = (size_t)port + 1;
    }
    for (size_t i = 0; i < n; i++)
        if (!words[i])
            words[i] = mem_str("none");
    if (!r && n == 1)
        b->u.hvm.serial = take(words[0]);
    else if (!r)
        map_strs_write(words, n, &b->u.hvm.serial_list);
    for (size_t i = 0; i < PORTS; i++)
        free(words[i]);
    return r;
}

static void serial_add(struct domain *d, const char *word, int port)
{
    if (str_empty(word) || str_eq(word, "none"))
        return;
    struct chr *m = DOMAIN_ADD(d, serials);
    m->port = NUM(port);
    chr_read(word, m);
}

void serials_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    serial_add(to, b->u.hvm.serial, 0);
    int port = 0;
    for (char **s = b->u.hvm.serial_list; s && *s; s++)
        serial_add(to, *s, port++);
}

/* ---- input devices ---- */

static const struct {
    enum input_type type;
    const char *word;
} usb_inputs[] = {{INPUT_TABLET, "tablet"}, {INPUT_MOUSE, "mouse"}, {INPUT_KEYBOARD, "keyboard"}};

int inputs_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    char **words = NULL;
    size_t n = 0;
    for (size_t i = 0; i < d->n_inputs; i++)
        for (size_t k = 0; k < sizeof(usb_inputs) / sizeof(*usb_inputs); k++)
            if (d->inputs[i].bus == INPUT_BUS_USB && d->inputs[i].type == usb_inputs[k].type) {
                char *word = mem_str(usb_inputs[k].word);
                VEC_PUSH(words, n, word);
            }
    for (size_t i = 0; i < d->n_usb_devices; i++) {
        char *word = mem_str(d->usb_devices[i]);
        VEC_PUSH(words, n, word);
    }
    map_strs_write(words, n, &b->u.hvm.usbdevice_list);
    for (size_t i = 0; i < n; i++)
        free(words[i]);
    free(words);
    return 0;
}

static void usb_word_read(struct domain *d, const char *word)
{
    for (size_t k = 0; k < sizeof(usb_inputs) / sizeof(*usb_inputs); k++)
        if (str_eq(word, usb_inputs[k].word)) {
            struct input *in = DOMAIN_ADD(d, inputs);
            in->type = usb_inputs[k].type;
            in->bus = INPUT_BUS_USB;
            return;
        }
    char *copy = mem_str(word);
    VEC_PUSH(d->usb_devices, d->n_usb_devices, copy);
}

void inputs_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    if (!str_empty(b->u.hvm.usbdevice))
        usb_word_read(to, b->u.hvm.usbdevice);
    for (char **s = b->u.hvm.usbdevice_list; s && *s; s++)
        usb_word_read(to, *s);
}

/* ---- sound ---- */

int sound_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    struct str words = {0};
    for (size_t i = 0; i < d->n_sounds; i++) {
        const char *model = d->sounds[i].model;
        str_addf(&words, "%s%s", i ? "," : "", str_eq(model, "ich6") ? "hda" : model);
    }
    if (words.len)
        ((libxl_domain_config *)to)->b_info.u.hvm.soundhw = str_take(&words);
    return 0;
}

void sound_read(const struct map_env *env, const void *from, void *to)
{
    const char *words = ((const libxl_domain_config *)from)->b_info.u.hvm.soundhw;
    struct domain *d = to;
    for (const char *at = words ? words : ""; *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        CLEANUP_FREE char *word = mem_strn(at, n);
        if (n)
            DOMAIN_ADD(d, sounds)->model = mem_str(str_eq(word, "hda") ? "ich6" : word);
        at += n;
    }
}
