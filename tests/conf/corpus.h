/* Shared by the files of the corpus runner. */
#pragma once
#include "conf/conf.h"

enum kind { KIND_XML, KIND_XL, KIND_XM, KIND_SXPR, KIND_JSON, N_KINDS };

struct tally {
    int passed, failed, deviations, skipped;
};

struct deviation {
    const char *what, *reason;
    char print[16]; /* of what comes out in place of the expected; "-": it holds chance */
    bool is_used;
};

struct run {
    const char *corpus, *only;
    bool verbose, update;
    struct tally tally[N_KINDS];
    struct deviation *deviations;
    size_t n_deviations;
    char *deviations_text;
    char **reasons; /* names; borrowed */
    size_t n_reasons;
    struct str head; /* of the list: the reasons */
};

void corpus_passed(struct run *run, enum kind kind);
void corpus_failed(struct run *run, enum kind kind, const char *what, const char *why,
                   const char *expected, const char *got);
void corpus_skipped(struct run *run, enum kind kind);
char *corpus_read(const struct run *run, const char *name); /* caller frees */
char *corpus_join(const char *text); /* without backslash and newline; caller frees */
/* Reads and writes; caller frees *ret. */
int corpus_convert(const char *text, enum conf_format from, unsigned read_flags,
                   enum conf_format to, unsigned write_flags, char **ret, struct err *e);
/* As libxl sees them: order, defaults and outdated places do not count. */
bool corpus_same_json(const char *want, const char *got);

/* corpus_real.c */
void corpus_real_file(struct run *run, enum kind kind, enum conf_format format, const char *file);
void corpus_run_real(struct run *run);
void corpus_run_probes(struct run *run);

/* corpus_spec.c */
void corpus_run_spec(struct run *run, const char *file);
