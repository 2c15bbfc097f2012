/* The corpus runner (`make corpus`): converts every pair of files of PAIRS.csv in its directions
 * and compares with what is expected; then the real files and the probes, which have no expected
 * output of their own. Prints a table; exits 1 when something failed that tests/conf/deviations
 * does not list with a reason. */
#include "corpus.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "model/complete.h"

extern char **environ;

static const char *const kinds[N_KINDS] = {"xml", "xen-xl", "xen-xm", "xen-sxpr", "xen-json"};

static void usage(void)
{
    fprintf(stderr, "usage: corpus [-v] [--only TEXT] CORPUS DEVIATIONS\n"
                    "  -v           show differences\n"
                    "  --only TEXT  only the rows whose file name or format contains TEXT\n");
    exit(2);
}

char *corpus_read(const struct run *run, const char *name)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", run->corpus, name);
    char *text = NULL;
    size_t len;
    struct err e = {0};
    if (file_read(path, CONF_INPUT_MAX, &text, &len, &e)) {
        fprintf(stderr, "corpus: %s\n", e.msg);
        exit(2);
    }
    return text;
}

/* ---- results ---- */

static void show_diff(const char *expected, const char *got)
{
    char names[2][32] = {"/tmp/expected-XXXXXX", "/tmp/got-XXXXXX"};
    const char *texts[2] = {expected, got};
    for (int i = 0; i < 2; i++) {
        int fd = mkstemp(names[i]);
        if (fd < 0 || file_write_all(fd, texts[i], strlen(texts[i]), NULL))
            exit(2);
        close(fd);
    }
    char *argv[] = {(char *)"diff", (char *)"-u", names[0], names[1], NULL};
    pid_t pid;
    fflush(stdout);
    if (!posix_spawnp(&pid, "diff", NULL, NULL, argv, environ))
        waitpid(pid, NULL, 0);
    unlink(names[0]);
    unlink(names[1]);
}

void corpus_passed(struct run *run, enum kind kind)
{
    run->tally[kind].passed++;
}

static struct deviation *find_deviation(const struct run *run, const char *what)
{
    for (size_t i = 0; i < run->n_deviations; i++)
        if (str_eq(run->deviations[i].what, what))
            return &run->deviations[i];
    return NULL;
}

/* FNV-1a; of what is said in place of the expected. */
static uint32_t fingerprint(const char *why, const char *got)
{
    uint32_t h = 2166136261u;
    for (const char *p = why; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    for (const char *p = got ? got : ""; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    return h;
}

void corpus_failed(struct run *run, enum kind kind, const char *what, const char *why,
                   const char *expected, const char *got)
{
    struct deviation *known = find_deviation(run, what);
    char print[16];
    snprintf(print, sizeof(print), "%08x", fingerprint(why, got));
    if (known) {
        known->is_used = true;
        if (run->update && !str_eq(known->print, "-"))
            snprintf(known->print, sizeof(known->print), "%s", print);
    }
    if (known && (str_eq(known->print, "-") || str_eq(known->print, print))) {
        run->tally[kind].deviations++;
        return;
    }
    run->tally[kind].failed++;
    printf("FAIL %s %s: %s%s\n", kinds[kind], what, why,
           known ? " (a deviation, but another one than the list has: look, and UPDATE=1)" : "");
    if (run->verbose && expected)
        show_diff(expected, got);
}

void corpus_skipped(struct run *run, enum kind kind)
{
    run->tally[kind].skipped++;
}

/* ---- texts ---- */

char *corpus_join(const char *text)
{
    struct str s = {0};
    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == '\n')
            text++;
        else
            str_addc(&s, *text);
    }
    return str_take(&s);
}

static void mask(struct str *out, const char *text, const char *from, const char *to)
{
    const char *p;
    for (; (p = strstr(text, from)); text = p) {
        p += strlen(from);
        str_addn(out, text, (size_t)(p - text));
        const char *end = strpbrk(p, to);
        str_add(out, "RANDOM");
        p = end ? end : p + strlen(p);
    }
    str_add(out, text);
}

/* Uuids and hardware addresses that the input does not give are random. */
static char *mask_random(const char *input, const char *text)
{
    CLEANUP_STR struct str a = {0};
    struct str b = {0};
    if (strcasestr(input, "uuid"))
        str_add(&a, text);
    else
        mask(&a, text, "<uuid>", "<");
    if (strcasestr(input, "mac"))
        str_add(&b, str_get(&a));
    else
        mask(&b, str_get(&a), "<mac address='", "'");
    return str_take(&b);
}

/* What XML has no words for is carried in <metadata>, which libvirt's output cannot have. */
static char *without_carried(const char *xml)
{
    struct str s = {0};
    const char *p = strstr(xml, "\n  <metadata>\n    <xvirt:"), *end;
    if (p && (end = strstr(p, "\n  </metadata>\n"))) {
        str_addn(&s, xml, (size_t)(p - xml));
        xml = end + strlen("\n  </metadata>");
    }
    str_add(&s, xml);
    return str_take(&s);
}

/* ---- conversions ---- */

/* Whoever starts guests gives them the first free port; in libvirt's tests that is 5900. */
static void allocate_ports(struct domain *d)
{
    for (size_t i = 0; i < d->n_graphics; i++) {
        struct graphics *g = &d->graphics[i];
        if (g->autoport != TRI_YES)
            continue;
        g->port = NUM(5900);
        g->autoport = TRI_NO;
    }
}

int corpus_convert(const char *text, enum conf_format from, unsigned read_flags,
                   enum conf_format to, unsigned write_flags, char **ret, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    CLEANUP_STR struct str out = {0};
    /* what stands in the expected files for a folder of the build */
    static const struct domain_caps caps = {.ovmf = "/LIBXL_FIRMWARE_DIR/ovmf.bin"};
    struct conf_opts in = {.flags = read_flags, .caps = &caps}, w = {.flags = write_flags};
    if (conf_read(from, text, strlen(text), &in, &d, e))
        return wrap(e, "reading");
    if (to == CONF_JSON)
        allocate_ports(d);
    if (conf_write(to, d, &w, &out, e))
        return wrap(e, "writing");
    *ret = str_take(&out);
    return 0;
}

static char *with_newline(const char *text)
{
    size_t n = strlen(text);
    return n && text[n - 1] == '\n' ? mem_str(text) : mem_printf("%s\n", text);
}

/* A direction of a row: convert `input` and compare with the text of `expected`. */
struct step {
    enum kind kind;
    enum conf_format from, to;
    unsigned read_flags, write_flags;
    const char *input, *expected; /* file names */
    const char *direction;
};

/* Older releases print older XML (no arch, other implicit devices): what counts is that the
 * expected document says the same as ours, so it is read and written again. */
static bool same_when_rewritten(const struct step *s, const char *want, const char *got)
{
    CLEANUP_FREE char *again = NULL;
    struct err e = {0};
    unsigned flags = CONF_FOREIGN | (s->write_flags & CONF_INACTIVE);
    if (s->to != CONF_XML ||
        corpus_convert(want, CONF_XML, flags, CONF_XML, s->write_flags, &again, &e))
        return false;
    return str_eq(again, got);
}

static bool same(const struct step *s, const char *input, const char *want, const char *got)
{
    CLEANUP_FREE char *w = mask_random(input, want), *g = mask_random(input, got);
    if (s->to == CONF_JSON)
        return corpus_same_json(want, got);
    return str_eq(w, g) || (!getenv("STRICT") && same_when_rewritten(s, w, g));
}

static void run_step(struct run *run, const struct step *s)
{
    CLEANUP_FREE char *what = mem_printf("%s %s", s->expected, s->direction);
    if (run->only && !strstr(what, run->only) && !strstr(kinds[s->kind], run->only) &&
        !strstr(s->input, run->only))
        return;
    CLEANUP_FREE char *raw = corpus_read(run, s->input), *raw_want = corpus_read(run, s->expected);
    bool is_sxpr = s->kind == KIND_SXPR;
    CLEANUP_FREE char *input = is_sxpr ? corpus_join(raw) : mem_str(raw);
    CLEANUP_FREE char *joined = is_sxpr ? corpus_join(raw_want) : mem_str(raw_want);
    CLEANUP_FREE char *want = with_newline(joined);
    CLEANUP_FREE char *out = NULL;
    struct err e = {0};
    if (corpus_convert(input, s->from, s->read_flags, s->to, s->write_flags, &out, &e)) {
        corpus_failed(run, s->kind, what, e.msg, NULL, NULL);
        return;
    }
    CLEANUP_FREE char *plain = without_carried(out), *got = with_newline(plain);
    if (same(s, input, want, got))
        corpus_passed(run, s->kind);
    else
        corpus_failed(run, s->kind, what, "differs", want, got);
}

static void run_error(struct run *run, const char *file, unsigned flags)
{
    CLEANUP_FREE char *what = mem_printf("%s xml->error", file);
    if (run->only && !strstr(what, run->only))
        return;
    CLEANUP_FREE char *input = corpus_read(run, file), *out = NULL;
    struct err e = {0};
    if (corpus_convert(input, CONF_XML, flags, CONF_XML, flags, &out, &e))
        corpus_passed(run, KIND_XML);
    else
        corpus_failed(run, KIND_XML, what, "was read, and must be refused", NULL, NULL);
}

/* ---- PAIRS.csv ---- */

static void run_native(struct run *run, enum kind kind, enum conf_format format, const char *cfg,
                       const char *xml, const char *directions)
{
    bool both = str_eq(directions, "both");
    unsigned secure = CONF_INACTIVE | CONF_SECURE;
    if (both || str_eq(directions, "cfg->xml"))
        run_step(run, &(struct step){kind, format, CONF_XML, CONF_INACTIVE, secure, cfg, xml,
                                     "cfg->xml"});
    if (both || str_eq(directions, "xml->cfg"))
        run_step(run, &(struct step){kind, CONF_XML, format, CONF_INACTIVE, secure, xml, cfg,
                                     "xml->cfg"});
    if (str_eq(directions, "sexpr->xml"))
        run_step(run, &(struct step){kind, format, CONF_XML, 0, 0, cfg, xml, "sexpr->xml"});
    if (str_eq(directions, "xml->sexpr"))
        run_step(run, &(struct step){kind, CONF_XML, format, CONF_INACTIVE, secure, xml, cfg,
                                     "xml->sexpr"});
    if (str_eq(directions, "xml->json"))
        run_step(run, &(struct step){kind, CONF_XML, format, CONF_INACTIVE, secure, xml, cfg,
                                     "xml->json"});
    if (str_eq(directions, "none"))
        corpus_real_file(run, kind, format, cfg);
    if (str_eq(directions, "untested"))
        corpus_skipped(run, kind);
}

static void run_row(struct run *run, char *const *f)
{
    static const struct {
        const char *name;
        enum kind kind;
        enum conf_format format;
    } native[] = {{"xen-xl", KIND_XL, CONF_XL},
                  {"xen-xm", KIND_XM, CONF_XM},
                  {"xen-sxpr", KIND_SXPR, CONF_SXPR},
                  {"libxl-json", KIND_JSON, CONF_JSON}};
    for (size_t i = 0; i < sizeof(native) / sizeof(*native); i++)
        if (str_eq(f[0], native[i].name)) {
            run_native(run, native[i].kind, native[i].format, f[2], f[3], f[4]);
            return;
        }
    unsigned flags = CONF_FOREIGN | (strstr(f[5], "(inactive") ? CONF_INACTIVE : 0);
    if (str_eq(f[0], "xlu-spec"))
        corpus_run_spec(run, f[2]);
    else if (str_eq(f[4], "xml->error"))
        run_error(run, f[2], flags);
    else if (str_eq(f[4], "xml->xml"))
        run_step(run, &(struct step){KIND_XML, CONF_XML, CONF_XML, flags, flags | CONF_SECURE, f[2],
                                     f[3], "xml->xml"});
}

/* One field of a line; quoted fields may hold commas. Returns what follows it. */
static char *csv_field(char *p, char **ret)
{
    char *out = *ret = p;
    bool quoted = *p == '"';
    for (p += quoted; *p && (quoted || *p != ','); p++) {
        if (*p == '"' && quoted && p[1] != '"')
            quoted = false;
        else
            *out++ = *p == '"' ? *p++ : *p;
    }
    char *next = *p ? p + 1 : p;
    *out = 0;
    return next;
}

static void run_pairs(struct run *run)
{
    enum { FIELDS = 6 };
    CLEANUP_FREE char *text = corpus_read(run, "PAIRS.csv");
    char *save = NULL, *line = strtok_r(text, "\r\n", &save);
    while ((line = strtok_r(NULL, "\r\n", &save))) {
        char *f[FIELDS];
        for (int i = 0; i < FIELDS; i++)
            line = csv_field(line, &f[i]);
        run_row(run, f);
    }
}

/* ---- deviations ---- */
/* "NAME: reason" a line, and below "FILE DIRECTION FINGERPRINT NAME". */

static bool has_reason(const struct run *run, const char *name)
{
    for (size_t i = 0; i < run->n_reasons; i++)
        if (str_eq(run->reasons[i], name))
            return true;
    return false;
}

static void read_deviation(struct run *run, char *line)
{
    struct deviation d = {.what = line};
    char *name = strrchr(line, ' ');
    if (name)
        *name++ = '\0';
    char *print = strrchr(line, ' ');
    if (!name || !print || strlen(print) > 9 || !has_reason(run, name)) {
        fprintf(stderr, "corpus: deviation '%s': expected FILE DIRECTION FINGERPRINT REASON\n",
                line);
        exit(2);
    }
    *print++ = '\0';
    d.reason = name;
    snprintf(d.print, sizeof(d.print), "%s", print);
    VEC_PUSH(run->deviations, run->n_deviations, d);
}

static void read_deviations(struct run *run, const char *path)
{
    size_t len;
    struct err e = {0};
    if (file_read(path, 1 << 20, &run->deviations_text, &len, &e)) {
        fprintf(stderr, "corpus: %s\n", e.msg);
        exit(2);
    }
    char *save = NULL;
    for (char *line = strtok_r(run->deviations_text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        size_t n = strcspn(line, ": ");
        if (*line == '#' || (line[n] == ':' && line[n + 1] == ' ')) {
            str_addf(&run->head, "%s\n", line);
            line[n] = '\0';
            if (*line != '#')
                VEC_PUSH(run->reasons, run->n_reasons, line);
        } else {
            read_deviation(run, line);
        }
    }
}

static void update_deviations(struct run *run, const char *path)
{
    FILE *f = fopen(path, "w");
    for (size_t i = 0; i < run->n_deviations; i++)
        if (run->deviations[i].is_used)
            str_addf(&run->head, "%s %s %s\n", run->deviations[i].what, run->deviations[i].print,
                     run->deviations[i].reason);
    if (!f || fputs(str_get(&run->head), f) < 0 || fclose(f)) {
        fprintf(stderr, "corpus: cannot write %s\n", path);
        exit(2);
    }
}

/* A deviation that does not occur any more must be taken off the list. */
static int stale_deviations(const struct run *run)
{
    int n = 0;
    for (size_t i = 0; !run->only && i < run->n_deviations; i++)
        if (!run->deviations[i].is_used) {
            printf("FAIL deviation is not one any more: %s\n", run->deviations[i].what);
            n++;
        }
    return n;
}

static int print_table(const struct run *run)
{
    int failed = 0;
    printf("%-10s %8s %8s %11s %8s\n", "format", "passed", "failed", "deviations", "skipped");
    for (int k = 0; k < N_KINDS; k++) {
        const struct tally *t = &run->tally[k];
        printf("%-10s %8d %8d %11d %8d\n", kinds[k], t->passed, t->failed, t->deviations,
               t->skipped);
        failed += t->failed;
    }
    return failed;
}

int main(int argc, char **argv)
{
    struct run run = {0};
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (str_eq(argv[i], "-v"))
            run.verbose = true;
        else if (str_eq(argv[i], "--only") && i + 1 < argc)
            run.only = argv[++i];
        else
            usage();
    }
    if (argc - i != 2)
        usage();
    run.corpus = argv[i];
    run.update = getenv("UPDATE") && !run.only;
    read_deviations(&run, argv[i + 1]);
    run_pairs(&run);
    corpus_run_real(&run);
    corpus_run_probes(&run);
    if (run.update)
        update_deviations(&run, argv[i + 1]);
    int failed = (run.update ? 0 : stale_deviations(&run)) + print_table(&run);
    str_clear(&run.head);
    free(run.deviations);
    free(run.reasons);
    free(run.deviations_text);
    return failed ? 1 : 0;
}
