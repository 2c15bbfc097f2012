/* How a guest starts: kernel, boot loader, firmware, order of devices. */
#include <unistd.h>

#include "config.h"

#include "model/complete.h"

#define BUILD(x) (&((libxl_domain_config *)(x))->b_info)
#define BUILT(x) (&((const libxl_domain_config *)(x))->b_info)

/* ---- kernel and its command line ---- */

static char *command_line(const struct os *os)
{
    if (os->cmdline || (!os->root && !os->extra))
        return mem_str(os->cmdline);
    if (!os->root)
        return mem_str(os->extra);
    return mem_printf("root=%s%s%s", os->root, os->extra ? " " : "", os->extra ? os->extra : "");
}

/* pvgrub64: a kernel that comes with Xen. Where, differs by distribution; NULL when nowhere. */
static char *shipped_kernel(const char *word)
{
    static const char *const dirs[] = {"/usr/lib/xen/boot", "/usr/libexec/xen/boot",
                                       "/usr/lib64/xen/boot", "/usr/local/lib/xen/boot"};
    for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
        char *path = mem_printf("%s/%s.bin", dirs[i], word);
        if (!access(path, R_OK))
            return path;
        free(path);
    }
    return NULL;
}

int kernel_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct os *os = &((const struct domain *)from)->os;
    libxl_domain_build_info *b = BUILD(to);
    const char *firmware = os->native_firmware;
    if (os->kernel)
        b->kernel = mem_str(os->kernel);
    else if (firmware && !(env->type & ON_HVM) && !(b->kernel = shipped_kernel(firmware)))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "firmware '%s' is not installed", firmware);
    b->cmdline = command_line(os);
    return 0;
}

void kernel_read(const struct map_env *env, const void *from, void *to)
{
    struct os *os = &((struct domain *)to)->os;
    str_set(&os->kernel, BUILT(from)->kernel);
    str_set(&os->cmdline, BUILT(from)->cmdline);
}

/* ---- boot loader ---- */

#ifdef LIBXL_HAVE_BUILDINFO_BOOTLOADER
#define LOADER(b) (&(b)->bootloader)
#define LOADER_ARGS(b) (&(b)->bootloader_args)
#define LOADER_ON ON_ALL
#else
#define LOADER(b) (&(b)->u.pv.bootloader)
#define LOADER_ARGS(b) (&(b)->u.pv.bootloader_args)
#define LOADER_ON ON_PV
#endif

static void args_write(const struct domain *d, libxl_string_list *x)
{
    if (d->n_bootloader_arg_list) {
        map_strs_write(d->bootloader_arg_list, d->n_bootloader_arg_list, x);
        return;
    }
    char **words = NULL;
    size_t n = 0;
    for (const char *at = d->bootloader_args ? d->bootloader_args : ""; *at;) {
        size_t len = strcspn(at, " \t\n");
        if (len) {
            char *word = mem_strn(at, len);
            VEC_PUSH(words, n, word);
        }
        at += len + (at[len] != 0);
    }
    map_strs_write(words, n, x);
    for (size_t i = 0; i < n; i++)
        free(words[i]);
    free(words);
}

/* A PV guest with neither kernel nor boot loader starts by pygrub. */
int bootloader_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = BUILD(to);
    bool by_default = (env->type & ON_PV) && !b->kernel;
    if (!d->bootloader && !by_default)
        return 0;
    if (env->type & ON_HVM)
        return str_empty(d->bootloader)
                   ? 0
                   : fail(e, ERR_CONFIG_UNSUPPORTED, "an HVM guest has no boot loader on the host");
    if (!(env->type & LOADER_ON))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen has boot loaders for PV guests only");
    *LOADER(b) = mem_str(str_empty(d->bootloader) ? "pygrub" : d->bootloader);
    args_write(d, LOADER_ARGS(b));
    return 0;
}

void bootloader_read(const struct map_env *env, const void *from, void *to)
{
    struct domain *d = to;
    if (!(env->type & LOADER_ON))
        return;
    str_set(&d->bootloader, *LOADER(BUILT(from)));
    for (char **s = *LOADER_ARGS(BUILT(from)); s && *s; s++) {
        char *copy = mem_str(*s);
        VEC_PUSH(d->bootloader_arg_list, d->n_bootloader_arg_list, copy);
    }
}

/* ---- firmware of HVM guests ---- */

static libxl_bios_type bios_type(enum bios bios)
{
    switch (bios) {
    case BIOS_ROMBIOS:
        return LIBXL_BIOS_TYPE_ROMBIOS;
    case BIOS_SEABIOS:
        return LIBXL_BIOS_TYPE_SEABIOS;
    case BIOS_OVMF:
        return LIBXL_BIOS_TYPE_OVMF;
    }
    return LIBXL_BIOS_TYPE_UNKNOWN;
}

static bool is_hvmloader(const char *path)
{
    return path && str_ends(path, "hvmloader");
}

/* A pflash loader, or "efi", is OVMF and its image; a rom loader replaces hvmloader, unless it is
 * one. */
int firmware_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct os *os = &((const struct domain *)from)->os;
    libxl_domain_build_info *b = BUILD(to);
    bool pflash = os->loader.type == LOADER_PFLASH;
    if (os->loader.secure == TRI_YES)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "secure boot is not possible on Xen");
    b->u.hvm.bios = bios_type(os->bios);
    if (!os->bios && (pflash || str_eq(os->firmware, "efi")))
        b->u.hvm.bios = LIBXL_BIOS_TYPE_OVMF;
    const char *loader = os->hvmloader ? os->hvmloader : pflash ? NULL : os->loader.path;
    if (loader && (os->hvmloader || !is_hvmloader(loader)))
        b->u.hvm.firmware = mem_str(loader);
    bool is_usual = str_eq(os->loader.path, caps_ovmf(NULL)); /* or where libxl has its own */
    if (!pflash || str_empty(os->loader.path) || (is_usual && access(os->loader.path, R_OK)))
        return 0;
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SYSTEM_FIRMWARE
    b->u.hvm.system_firmware = mem_str(os->loader.path);
    return 0;
#else
    return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not take a path of the BIOS");
#endif
}

void firmware_read(const struct map_env *env, const void *from, void *to)
{
    struct os *os = &((struct domain *)to)->os;
    const libxl_domain_build_info *b = BUILT(from);
    str_set(&os->hvmloader, b->u.hvm.firmware);
    switch (b->u.hvm.bios) {
    case LIBXL_BIOS_TYPE_ROMBIOS:
        os->bios = BIOS_ROMBIOS;
        break;
    case LIBXL_BIOS_TYPE_SEABIOS:
        os->bios = BIOS_SEABIOS;
        break;
    case LIBXL_BIOS_TYPE_OVMF:
        os->bios = BIOS_OVMF;
        break;
    default:
        break;
    }
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SYSTEM_FIRMWARE
    if (b->u.hvm.system_firmware) {
        os->loader.type = LOADER_PFLASH;
        os->loader.readonly = TRI_YES;
        str_set(&os->loader.path, b->u.hvm.system_firmware);
    }
#endif
}

/* ---- order ---- */

static const struct {
    enum boot_device m;
    char letter;
} letters[] = {{BOOT_FD, 'a'}, {BOOT_HD, 'c'}, {BOOT_CDROM, 'd'}, {BOOT_NETWORK, 'n'}};

static char letter_of(enum boot_device device)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
        if (letters[i].m == device)
            return letters[i].letter;
    return 0;
}

struct ordered {
    int64_t order;
    char letter;
};

static void order_put(struct ordered *list, size_t *n, struct num order, char letter)
{
    enum { MAX = 64 };
    if (!order.set || *n == MAX)
        return;
    size_t at = (*n)++;
    for (; at && list[at - 1].order > order.v; at--)
        list[at] = list[at - 1];
    list[at] = (struct ordered){order.v, letter};
}

/* Orders of single devices become an order of their kinds: libxl has no more. */
static void order_of_devices(const struct domain *d, struct str *s)
{
    struct ordered list[64];
    size_t n = 0;
    for (size_t i = 0; i < d->n_disks; i++)
        order_put(list, &n, d->disks[i].dev.boot_order,
                  d->disks[i].device == DISK_CDROM    ? 'd'
                  : d->disks[i].device == DISK_FLOPPY ? 'a'
                                                      : 'c');
    for (size_t i = 0; i < d->n_nics; i++)
        order_put(list, &n, d->nics[i].dev.boot_order, 'n');
    for (size_t i = 0; i < n; i++)
        if (!memchr(str_get(s), list[i].letter, s->len))
            str_addc(s, list[i].letter);
}

int boot_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    struct str s = {0};
    for (size_t i = 0; i < d->os.n_boot; i++) {
        char letter = letter_of((enum boot_device)d->os.boot[i]);
        if (letter)
            str_addc(&s, letter);
    }
    if (!s.len)
        order_of_devices(d, &s);
    if (s.len)
        BUILD(to)->u.hvm.boot = str_take(&s);
    return 0;
}

void boot_read(const struct map_env *env, const void *from, void *to)
{
    struct os *os = &((struct domain *)to)->os;
    for (const char *at = BUILT(from)->u.hvm.boot; at && *at; at++)
        for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
            if (letters[i].letter == *at)
                VEC_PUSH(os->boot, os->n_boot, (int)letters[i].m);
}
