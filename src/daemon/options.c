#include "daemon/options.h"

#include <getopt.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "daemon/config.h"

static const char usage[] =
    "usage: xvirtd [OPTION]...\n"
    "Manages the guests of this Xen host for virsh, xvirt and every other libvirt client.\n"
    "\n"
    "  --hypervisor NAME    libxl (a real Xen), sim (guests in memory) or auto\n"
    "  --sim-options TEXT   for the simulated host\n"
    "  --config FILE        instead of /etc/xvirt/xvirtd.conf\n"
    "  --run-dir DIR        sockets and what lives until the next boot\n"
    "  --state-dir DIR      saved guests\n"
    "  --config-dir DIR     definitions of guests\n"
    "  --private FD         serve one client on this descriptor, then end\n"
    "  --takeover-libvirt   use libvirt's folders and socket names, in virtxend's place\n"
    "  --listen             serve TLS and TCP as configured\n"
    "  --verbose            say more on stderr\n"
    "  --help-config        every key of the configuration; --help-libxl-config: of libxl.conf\n"
    "  --version, --help\n";

enum { PATH_BYTES = 4096 };

enum {
    OPT_HYPERVISOR = 1,
    OPT_SIM_OPTIONS,
    OPT_CONFIG,
    OPT_RUN_DIR,
    OPT_STATE_DIR,
    OPT_CONFIG_DIR,
    OPT_PRIVATE,
    OPT_TAKEOVER,
    OPT_LISTEN,
    OPT_VERBOSE,
    OPT_VERSION,
    OPT_HELP,
    OPT_HELP_CONFIG,
    OPT_HELP_LIBXL
};

static const struct option long_options[] = {
    {"hypervisor", required_argument, NULL, OPT_HYPERVISOR},
    {"sim-options", required_argument, NULL, OPT_SIM_OPTIONS},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"run-dir", required_argument, NULL, OPT_RUN_DIR},
    {"state-dir", required_argument, NULL, OPT_STATE_DIR},
    {"config-dir", required_argument, NULL, OPT_CONFIG_DIR},
    {"private", required_argument, NULL, OPT_PRIVATE},
    {"takeover-libvirt", no_argument, NULL, OPT_TAKEOVER},
    {"listen", no_argument, NULL, OPT_LISTEN},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {"help-config", no_argument, NULL, OPT_HELP_CONFIG},
    {"help-libxl-config", no_argument, NULL, OPT_HELP_LIBXL},
    {0},
};

static int parse_fd(const char *text, int *ret)
{
    uint32_t fd;
    if (!parse_u32(text, 10, 1 << 20, &fd)) {
        fprintf(stderr, "xvirtd: '%s' is no descriptor\n", text);
        return -1;
    }
    *ret = (int)fd;
    return 0;
}

static void print_config(enum config_file file)
{
    CLEANUP_STR struct str s = {0};
    config_reference(file, &s);
    fputs(str_get(&s), stdout);
}

/* Answers at once what only asks. */
static int answer(struct options *o, int opt)
{
    if (opt == OPT_VERSION)
        puts("xvirtd " XV_VERSION);
    else if (opt == OPT_HELP)
        fputs(usage, stdout);
    else
        print_config(opt == OPT_HELP_CONFIG ? CONFIG_XVIRTD : CONFIG_LIBXL);
    o->exits = true;
    return 0;
}

static int take_option(struct options *o, int opt)
{
    switch (opt) {
    case OPT_HYPERVISOR:
        o->hypervisor = optarg;
        return 0;
    case OPT_SIM_OPTIONS:
        o->sim_options = optarg;
        return 0;
    case OPT_CONFIG:
        o->config_file = optarg;
        return 0;
    case OPT_RUN_DIR:
        str_set(&o->run_dir, optarg);
        return 0;
    case OPT_STATE_DIR:
        str_set(&o->state_dir, optarg);
        return 0;
    case OPT_CONFIG_DIR:
        str_set(&o->config_dir, optarg);
        return 0;
    case OPT_PRIVATE:
        return parse_fd(optarg, &o->private_fd);
    case OPT_TAKEOVER:
        o->takeover_libvirt = true;
        return 0;
    case OPT_LISTEN:
        o->listens = true;
        return 0;
    case OPT_VERBOSE:
        o->verbose = true;
        return 0;
    case OPT_VERSION:
    case OPT_HELP:
    case OPT_HELP_CONFIG:
    case OPT_HELP_LIBXL:
        return answer(o, opt);
    default:
        fputs("Try 'xvirtd --help'.\n", stderr);
        return -1;
    }
}

int options_parse(struct options *o, int argc, char **argv)
{
    *o = (struct options){.hypervisor = "auto", .private_fd = -1};
    int opt;
    while (!o->exits && (opt = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if (take_option(o, opt))
            return -1;
    if (optind < argc) {
        fprintf(stderr, "xvirtd: unexpected '%s'\nTry 'xvirtd --help'.\n", argv[optind]);
        return -1;
    }
    if (!str_eq(o->hypervisor, "auto") && !str_eq(o->hypervisor, "libxl") &&
        !str_eq(o->hypervisor, "sim")) {
        fprintf(stderr, "xvirtd: --hypervisor is auto, libxl or sim, not '%s'\n", o->hypervisor);
        return -1;
    }
    return 0;
}

void options_clear(struct options *o)
{
    free(o->run_dir);
    free(o->state_dir);
    free(o->config_dir);
    free(o->libvirt_dir);
}

/* Where a user who is not root has things of a program: $NAME/PROGRAM, or under the home folder. */
static char *user_dir_of(const char *program, const char *name, const char *below_home)
{
    const char *dir = getenv(name), *home = getenv("HOME");
    if (!str_empty(dir))
        return mem_printf("%s/%s", dir, program);
    return mem_printf("%s/%s/%s", str_empty(home) ? "/tmp" : home, below_home, program);
}

static char *user_dir(const char *name, const char *below_home)
{
    return user_dir_of("xvirt", name, below_home);
}

char *options_config_file(const struct options *o)
{
    if (o->config_file)
        return mem_str(o->config_file);
    if (o->takeover_libvirt)
        return mem_str("/etc/libvirt/virtxend.conf");
    if (geteuid())
        return mem_printf("%s/xvirtd.conf", user_dir("XDG_CONFIG_HOME", ".config"));
    return mem_str("/etc/xvirt/xvirtd.conf");
}

char *options_libxl_file(const char *config_file)
{
    const char *slash = strrchr(config_file, '/');
    int n = slash ? (int)(slash + 1 - config_file) : 0;
    return mem_printf("%.*slibxl.conf", n, config_file);
}

static void dir_default(char **dir, char *otherwise)
{
    if (*dir)
        free(otherwise);
    else
        *dir = otherwise;
}

void options_dirs(struct options *o)
{
    o->libvirt_dir =
        geteuid() ? user_dir_of("libvirt", "XDG_RUNTIME_DIR", ".cache") : mem_str("/run/libvirt");
    if (o->takeover_libvirt) {
        dir_default(&o->run_dir, mem_str("/run/libvirt"));
        dir_default(&o->state_dir, mem_str("/var/lib/libvirt/libxl"));
        dir_default(&o->config_dir, mem_str("/etc/libvirt/libxl"));
    } else if (geteuid()) {
        dir_default(&o->run_dir, user_dir("XDG_RUNTIME_DIR", ".cache"));
        dir_default(&o->state_dir, user_dir("XDG_STATE_HOME", ".local/state"));
        dir_default(&o->config_dir, user_dir("XDG_CONFIG_HOME", ".config"));
    } else {
        dir_default(&o->run_dir, mem_str("/run/xvirt"));
        dir_default(&o->state_dir, mem_str("/var/lib/xvirt"));
        dir_default(&o->config_dir, mem_str("/etc/xvirt"));
    }
}

/* A dom0's Xen says control_d there. */
static bool is_dom0(void)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    return !file_read("/proc/xen/capabilities", PATH_BYTES, &text, &len, NULL) &&
           strstr(text, "control_d");
}

/* Run from a build folder, the module of that build is meant; else the installed one. */
static char *module_dir(void)
{
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    if (!slash)
        return NULL;
    *slash = '\0';
    char *dir = mem_printf("%s/../hv/libxl", exe);
    CLEANUP_FREE char *module = mem_printf("%s/hv-libxl.so", dir);
    if (!access(module, R_OK))
        return dir;
    free(dir);
    return NULL;
}

const struct hv_ops *options_driver(const struct options *o, struct err *e)
{
    bool sim = str_eq(o->hypervisor, "sim") || (str_eq(o->hypervisor, "auto") && !is_dom0());
    if (sim)
        return &hv_sim_ops;
    CLEANUP_FREE char *dir = module_dir();
    return hv_load_libxl(dir, e);
}
