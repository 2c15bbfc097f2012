/* Guests in files: save, restore, managed save, dump; with progress. */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/xml.h"
#include "edit.h"
#include "lookup.h"
#include "out.h"
#include "progress.h"
#include "thin.h"
#include "wire/consts.h"

#define SAVE_BITS \
    {"bypass-cache", VIR_DOMAIN_SAVE_BYPASS_CACHE}, {"running", VIR_DOMAIN_SAVE_RUNNING}, \
    { \
        "paused", VIR_DOMAIN_SAVE_PAUSED \
    }
static const struct flag_bit save_bits[] = {SAVE_BITS};

static int run_save(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE char *to = opts_absolute(arg_str(a, "file")), *xml = NULL;
    if (opts_exclude(a, "running", "paused", e) || lookup_domain(c, a, BY_ANY, &d, e) ||
        opts_file(a, "xml", &xml, e))
        return -1;
    ctl_trying(c, "Failed to save domain '%s' to %s", d.name, to);
    unsigned flags = FLAGS_OF(a, save_bits);
    struct progress p = {"Save", &d, d.name, arg_has(a, "verbose")};
    struct wire_domain_save_flags_args args = {d, to, xml, flags};
    struct wire_domain_save_args plain = {d, to};
    if (flags || xml ? progress_call(c, &p, WIRE_DOMAIN_SAVE_FLAGS, &args, NULL, e)
                     : progress_call(c, &p, WIRE_DOMAIN_SAVE, &plain, NULL, e))
        return -1;
    done_print(c, "\nDomain '%s' saved to %s", d.name, arg_str(a, "file"));
    return 0;
}

/* The name of the guest in a saved file, for its progress; NULL when it cannot be told. */
static char *name_in_file(struct ctl *c, const char *file)
{
    struct wire_domain_save_image_get_xml_desc_ret r;
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (!isatty(2) || c->quiet || c->json ||
        call_domain_save_image_get_xml_desc(
            c->conn_, &(struct wire_domain_save_image_get_xml_desc_args){(char *)file, 0}, &r,
            NULL))
        return NULL;
    int bad = xml_parse(r.xml, strlen(r.xml), NULL, &doc, NULL);
    free(r.xml);
    const struct xml *name = bad ? NULL : xml_child(doc.root, "name");
    return name ? mem_str(name->text) : NULL;
}

static int run_restore(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {SAVE_BITS, {"reset-nvram", VIR_DOMAIN_SAVE_RESET_NVRAM}};
    CLEANUP_FREE char *from = opts_absolute(arg_str(a, "file")), *xml = NULL;
    if (opts_exclude(a, "running", "paused", e))
        return -1;
    ctl_trying(c, "Failed to restore domain from %s", from);
    if (opts_file(a, "xml", &xml, e) || !ctl_conn(c, e))
        return -1;
    CLEANUP_FREE char *name = name_in_file(c, from);
    unsigned flags = FLAGS_OF(a, bits);
    struct progress p = {"Restore", NULL, name, false};
    struct wire_domain_restore_flags_args args = {from, xml, flags};
    if (flags || xml ? progress_call(c, &p, WIRE_DOMAIN_RESTORE_FLAGS, &args, NULL, e)
                     : progress_call(c, &p, WIRE_DOMAIN_RESTORE,
                                     &(struct wire_domain_restore_args){from}, NULL, e))
        return -1;
    done_print(c, "Domain restored from %s", arg_str(a, "file"));
    return 0;
}

static int run_managedsave(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (opts_exclude(a, "running", "paused", e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to save domain '%s' state", d.name);
    struct progress p = {"Managedsave", &d, d.name, arg_has(a, "verbose")};
    struct wire_domain_managed_save_args args = {d, FLAGS_OF(a, save_bits)};
    if (progress_call(c, &p, WIRE_DOMAIN_MANAGED_SAVE, &args, NULL, e))
        return -1;
    done_print(c, "\nDomain '%s' state saved by libvirt", d.name); /* scripts look for that */
    return 0;
}

static int run_managedsave_remove(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct wire_domain_has_managed_save_image_ret has;
    ctl_trying(c, "Failed to check for domain managed save image");
    if (call_domain_has_managed_save_image(
            c->conn_, &(struct wire_domain_has_managed_save_image_args){d, 0}, &has, e))
        return -1;
    if (!has.result) {
        done_print(c, "Domain '%s' has no manage save image; removal skipped", d.name);
        c->bare = true;
        return 0;
    }
    ctl_trying(c, "Failed to remove managed save image for domain '%s'", d.name);
    if (call_domain_managed_save_remove(c->conn_,
                                        &(struct wire_domain_managed_save_remove_args){d, 0}, e))
        return -1;
    done_print(c, "Removed managedsave image for domain '%s'", d.name);
    c->bare = true;
    return 0;
}

/* ---- dump ---- */

static int dump_format(const struct args *a, unsigned *ret, struct err *e)
{
    static const char *const words[] = {"elf", "kdump-zlib", "kdump-lzo", "kdump-snappy",
                                        "win-dmp"};
    const char *word = arg_str(a, "format");
    if (word && !arg_has(a, "memory-only"))
        return fail(e, ERR_INVALID_ARG, "--format only works with --memory-only");
    for (*ret = 0; word && *ret < 5; ++*ret)
        if (str_eq(words[*ret], word))
            return 0;
    return word ? fail(e, ERR_INVALID_ARG,
                       "format '%s' is not supported, expecting 'kdump-zlib', 'kdump-lzo', "
                       "'kdump-snappy', 'win-dmp' or 'elf'",
                       word)
                : 0;
}

static int run_dump(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"live", VIR_DUMP_LIVE},
                                           {"crash", VIR_DUMP_CRASH},
                                           {"bypass-cache", VIR_DUMP_BYPASS_CACHE},
                                           {"reset", VIR_DUMP_RESET},
                                           {"memory-only", VIR_DUMP_MEMORY_ONLY}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE char *to = opts_absolute(arg_str(a, "file"));
    unsigned format, flags = FLAGS_OF(a, bits);
    if (dump_format(a, &format, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to core dump domain '%s' to %s", d.name, to);
    struct progress p = {"Dump", &d, d.name, arg_has(a, "verbose")};
    struct wire_domain_core_dump_args plain = {d, to, flags};
    struct wire_domain_core_dump_with_format_args args = {d, to, format, flags};
    if (format ? progress_call(c, &p, WIRE_DOMAIN_CORE_DUMP_WITH_FORMAT, &args, NULL, e)
               : progress_call(c, &p, WIRE_DOMAIN_CORE_DUMP, &plain, NULL, e))
        return -1;
    done_print(c, "\nDomain '%s' dumped to %s", d.name, arg_str(a, "file"));
    return 0;
}

/* ---- a picture ---- */

static char *picture_name(const struct args *a, const char *guest, const char *mime)
{
    static const struct {
        const char *mime, *end;
    } ends[] = {{"image/png", ".png"}, {"image/x-portable-pixmap", ".ppm"}};
    const char *end = "";
    if (arg_str(a, "file"))
        return mem_str(arg_str(a, "file"));
    for (size_t i = 0; i < 2; i++)
        if (str_eq(ends[i].mime, mime))
            end = ends[i].end;
    time_t now = time(NULL);
    struct tm tm;
    char date[32];
    localtime_r(&now, &tm);
    strftime(date, sizeof(date), "%Y-%m-%d-%H:%M:%S", &tm);
    CLEANUP_FREE char *safe = mem_str(guest);
    for (char *p = safe; *p; p++)
        if (*p == '/')
            *p = '_';
    return mem_printf("%s-%s%s", safe, date, end);
}

static int stream_to_file(struct client_stream *s, const char *path, struct err *e)
{
    char piece[65536];
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail_errno(e, "cannot create '%s'", path);
    for (;;) {
        long n = client_stream_recv(s, piece, sizeof(piece), -1, NULL, e);
        if (n <= 0)
            return n < 0 ? -1 : 0;
        if (file_write_all(fd, piece, (size_t)n, e))
            return -1;
    }
}

static int run_screenshot(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint64_t screen = 0;
    struct wire_domain_screenshot_ret r = {0};
    if (arg_u64(a, "screen", &screen, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (screen > UINT32_MAX)
        return fail(e, ERR_INVALID_ARG, "there is no screen '%s'", arg_str(a, "screen"));
    ctl_trying(c, "could not take a screenshot of %s", d.name);
    struct wire_domain_screenshot_args args = {d, (unsigned)screen, 0};
    struct client_stream *s = client_stream_open(c->conn_, WIRE_DOMAIN_SCREENSHOT, &args, &r, e);
    if (!s)
        return -1;
    CLEANUP_FREE char *mime = r.mime, *file = picture_name(a, d.name, mime ? mime : "");
    if (stream_to_file(s, file, e)) {
        client_stream_abort(s, NULL);
        return -1;
    }
    if (client_stream_finish(s, e))
        return -1;
    done_print(c, "Screenshot saved to %s, with type of %s", file, mime ? mime : "");
    c->bare = true;
    return 0;
}

#define STATE_BITS BITS({"running", VIR_DOMAIN_SAVE_RUNNING}, {"paused", VIR_DOMAIN_SAVE_PAUSED})
#define OPT_STATE \
    FLAG("running", "it will run when it is restored"), \
        FLAG("paused", "it will be paused when it is restored")
#define OPT_BYPASS FLAG("bypass-cache", "keep it out of the file system's cache")
#define OPT_VERBOSE FLAG("verbose", "show the progress")
#define SAVED_FILE NEED("file", WHAT_FILE, "file with a saved domain")

extern const struct cmd cmds_saved[];
const struct cmd cmds_saved[] = {
    {"dump", GROUP_DOMAIN, "write a domain's memory to a file, to look into it",
     "The file is written on the daemon's host.",
     OPTS(OPT_DOMAIN_ACTIVE, NEED("file", WHAT_FILE, "where to"),
          FLAG("live", "do not pause it meanwhile"), FLAG("crash", "crash it afterwards"),
          OPT_BYPASS, FLAG("reset", "reset it afterwards"), OPT_VERBOSE,
          FLAG("memory-only", "memory and CPUs alone, for tools such as crash"),
          MAY("format", WHAT_TEXT, "elf, kdump-zlib, kdump-lzo, kdump-snappy or win-dmp")),
     run_dump},
    {"managedsave", GROUP_DOMAIN, "save a domain where its next start finds it", NULL,
     OPTS(OPT_DOMAIN_ACTIVE, OPT_BYPASS, OPT_STATE, OPT_VERBOSE), run_managedsave},
    {"managedsave-define", GROUP_DOMAIN, "replace the XML of a managed save", NULL,
     OPTS(OPT_DOMAIN, NEED("xml", WHAT_FILE, "file with the new XML"), OPT_STATE),
     THIN(.proc = WIRE_DOMAIN_MANAGED_SAVE_DEFINE_XML, .object = OBJ_DOMAIN,
          .trying = "Failed to update {} XML configuration",
          .done = "Managed save state file of domain '{}' updated.",
          .fills = FILLS({"xml", "dxml", FILL_FILE}), .bits = STATE_BITS)},
    {"managedsave-dumpxml", GROUP_DOMAIN, "XML of a managed save", NULL,
     OPTS(OPT_DOMAIN, FLAG("security-info", "with secrets"), OPT_XPATH),
     THIN(.proc = WIRE_DOMAIN_MANAGED_SAVE_GET_XML_DESC, .object = OBJ_DOMAIN, .key = "xml",
          .bits = BITS({"security-info", VIR_DOMAIN_SAVE_IMAGE_XML_SECURE}))},
    {"managedsave-edit", GROUP_DOMAIN, "edit the XML of a managed save", NULL,
     OPTS(OPT_DOMAIN, OPT_STATE),
     EDIT(.object = OBJ_DOMAIN, .get = WIRE_DOMAIN_MANAGED_SAVE_GET_XML_DESC,
          .get_flags = VIR_DOMAIN_SAVE_IMAGE_XML_SECURE, .set = WIRE_DOMAIN_MANAGED_SAVE_DEFINE_XML,
          .bits = STATE_BITS, .title = "Managed save image of domain '{}' XML configuration")},
    {"managedsave-remove", GROUP_DOMAIN, "throw a managed save away", NULL, OPTS(OPT_DOMAIN),
     run_managedsave_remove},
    {"restore", GROUP_DOMAIN, "restore a domain from a file", NULL,
     OPTS(NEED("file", WHAT_FILE, "the file, on the daemon's host"), OPT_BYPASS,
          MAY("xml", WHAT_FILE, "file with changed XML"), OPT_STATE,
          FLAG("reset-nvram", "start with fresh firmware variables")),
     run_restore},
    {"save", GROUP_DOMAIN, "save a domain to a file",
     "The domain stops; the file is written on the daemon's host.",
     OPTS(OPT_DOMAIN_ACTIVE, NEED("file", WHAT_FILE, "where to"), OPT_BYPASS,
          MAY("xml", WHAT_FILE, "file with XML to restore it with"), OPT_STATE, OPT_VERBOSE),
     run_save},
    {"save-image-define", GROUP_DOMAIN, "replace the XML of a saved domain", NULL,
     OPTS(SAVED_FILE, NEED("xml", WHAT_FILE, "file with the new XML"), OPT_STATE),
     THIN(.proc = WIRE_DOMAIN_SAVE_IMAGE_DEFINE_XML, .trying = "Failed to update {file}",
          .done = "State file {file} updated.",
          .fills = FILLS({"file", "file", FILL_PATH}, {"xml", "dxml", FILL_FILE}),
          .bits = STATE_BITS)},
    {"save-image-dumpxml", GROUP_DOMAIN, "XML of a saved domain", NULL,
     OPTS(SAVED_FILE, FLAG("security-info", "with secrets"), OPT_XPATH),
     THIN(.proc = WIRE_DOMAIN_SAVE_IMAGE_GET_XML_DESC, .key = "xml",
          .fills = FILLS({"file", "file", FILL_PATH}),
          .bits = BITS({"security-info", VIR_DOMAIN_SAVE_IMAGE_XML_SECURE}))},
    {"save-image-edit", GROUP_DOMAIN, "edit the XML of a saved domain", NULL,
     OPTS(SAVED_FILE, OPT_STATE),
     EDIT(.get = WIRE_DOMAIN_SAVE_IMAGE_GET_XML_DESC, .get_flags = VIR_DOMAIN_SAVE_IMAGE_XML_SECURE,
          .set = WIRE_DOMAIN_SAVE_IMAGE_DEFINE_XML, .bits = STATE_BITS,
          .title = "Saved image {} XML configuration")},
    {"screenshot", GROUP_DOMAIN, "take a picture of a domain's screen", NULL,
     OPTS(OPT_DOMAIN_ACTIVE, MAY("file", WHAT_FILE, "where to"), MAY_NUM("screen", "which screen")),
     run_screenshot},
    {0},
};
