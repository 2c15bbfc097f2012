#include "daemon/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/object.h"

enum who { WHO_ANY, WHO_USER, WHO_GROUP, WHO_SASL, WHO_X509, N_WHO };
enum { RIGHT_BYTES = 128, WORDS_MAX = 4 };

static const char *const who_names[N_WHO] = {"any", "user", "group", "sasl", "x509"};

struct rule {
    bool allows;
    enum who who;
    char *pattern; /* of WHO; NULL for any */
    char **what;
    size_t n_what;
    char *which; /* NULL: every object */
};

struct policy {
    struct rule *rules;
    size_t n_rules;
};

static void rule_clear(struct rule *r)
{
    free(r->pattern);
    free(r->which);
    for (size_t i = 0; i < r->n_what; i++)
        free(r->what[i]);
    free(r->what);
}

void policy_free(struct policy *p)
{
    for (size_t i = 0; p && i < p->n_rules; i++)
        rule_clear(&p->rules[i]);
    if (p)
        free(p->rules);
    free(p);
}

/* --- reading --- */

/* Splits a line at blanks outside of quotes, which are taken away. Returns the number of words,
 * WORDS_MAX + 1 when there are more, -1 when a quote does not end. */
static int split(char *line, char *words[WORDS_MAX])
{
    int n = 0;
    for (char *p = line;;) {
        p += strspn(p, " \t\r");
        if (!*p || *p == '#')
            return n;
        if (n == WORDS_MAX)
            return WORDS_MAX + 1;
        char *out = p;
        words[n++] = out;
        bool quoted = false;
        for (; *p && (quoted || !strchr(" \t\r", *p)); p++) {
            if (*p == '"')
                quoted = !quoted;
            else
                *out++ = *p;
        }
        if (quoted)
            return -1;
        bool at_end = !*p;
        *out = '\0';
        p += !at_end;
    }
}

static int parse_who(const char *word, struct rule *r, struct err *e)
{
    size_t n = strcspn(word, ":");
    for (r->who = 0; r->who < N_WHO; r->who++)
        if (strlen(who_names[r->who]) == n && !strncmp(word, who_names[r->who], n))
            break;
    bool has_pattern = word[n] == ':' && word[n + 1];
    if (r->who == N_WHO || has_pattern != (r->who != WHO_ANY))
        return fail(e, ERR_CONFIG_UNSUPPORTED,
                    "'%s' is none of any, user:NAME, group:NAME, sasl:NAME, x509:NAME", word);
    if (has_pattern)
        r->pattern = mem_str(word + n + 1);
    return 0;
}

static int parse_what(char *word, struct rule *r, struct err *e)
{
    for (char *p = word, *next; p; p = next) {
        next = strchr(p, ',');
        if (next)
            *next++ = '\0';
        if (!*p || (!strchr(p, '.') && !str_eq(p, "*")))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "'%s' is no OBJECT.RIGHT", p);
        VEC_PUSH(r->what, r->n_what, mem_str(p));
    }
    return 0;
}

static int parse_line(char *line, struct policy *p, struct err *e)
{
    char *words[WORDS_MAX];
    int n = split(line, words);
    struct rule r = {0};
    if (!n)
        return 0;
    if (n < 3 || n > WORDS_MAX || p->n_rules == POLICY_RULES_MAX)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a line is 'allow|deny WHO WHAT [WHICH]'");
    r.allows = str_eq(words[0], "allow");
    if (!r.allows && !str_eq(words[0], "deny"))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "'%s' is neither allow nor deny", words[0]);
    if (parse_who(words[1], &r, e) || parse_what(words[2], &r, e)) {
        rule_clear(&r);
        return -1;
    }
    if (n == 4)
        r.which = mem_str(words[3]);
    VEC_PUSH(p->rules, p->n_rules, r);
    return 0;
}

struct policy *policy_parse(const char *filename, const char *text, struct err *e)
{
    struct policy *p = NEW(struct policy);
    CLEANUP_FREE char *copy = mem_str(text);
    int number = 1;
    for (char *line = copy, *next; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (parse_line(line, p, e)) {
            wrap(e, "%s:%d", filename, number);
            policy_free(p);
            return NULL;
        }
    }
    return p;
}

struct policy *policy_read(const char *path, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    return file_read(path, POLICY_BYTES_MAX, &text, &len, e) ? NULL : policy_parse(path, text, e);
}

/* --- deciding --- */

static bool fits(const char *pattern, const char *text)
{
    return text && str_glob(pattern, text);
}

static bool who_fits(const struct rule *r, const struct identity *id)
{
    switch (r->who) {
    case WHO_ANY:
        return true;
    case WHO_USER:
        return fits(r->pattern, id->user);
    case WHO_GROUP:
        for (size_t i = 0; i < id->n_groups; i++)
            if (fits(r->pattern, id->groups[i]))
                return true;
        return false;
    case WHO_SASL:
        return fits(r->pattern, id->sasl_user);
    case WHO_X509:
        return fits(r->pattern, id->x509_name);
    case N_WHO:
        break;
    }
    return false;
}

static bool what_fits(const struct rule *r, const char *object, const char *right)
{
    char text[RIGHT_BYTES];
    snprintf(text, sizeof(text), "%s.%s", object, right);
    for (size_t i = 0; i < r->n_what; i++)
        if (str_glob(r->what[i], text))
            return true;
    return false;
}

static bool which_fits(const struct rule *r, const struct object *o)
{
    if (!r->which || fits(r->which, o->name) || fits(r->which, o->key) ||
        (*o->uuid && fits(r->which, o->uuid)))
        return true;
    CLEANUP_FREE char *path =
        o->parent ? mem_printf("%s/%s", o->parent, o->name ? o->name : "") : NULL;
    return fits(r->which, path);
}

bool policy_allows(const struct policy *p, const struct identity *id, const char *right,
                   const struct object *o)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct rule *r = &p->rules[i];
        if (who_fits(r, id) && what_fits(r, o->type, right) && which_fits(r, o))
            return r->allows;
    }
    return false;
}

/* A line that denies some objects may leave others to the lines after it. */
bool policy_may_allow(const struct policy *p, const struct identity *id, const char *object,
                      const char *right)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct rule *r = &p->rules[i];
        if (who_fits(r, id) && what_fits(r, object, right) && (r->allows || !r->which))
            return r->allows;
    }
    return false;
}
