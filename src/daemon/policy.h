/* Who may do what with which guest: lines of a file, the first that fits decides, and what no line
 * allows is denied. Plain values; no threads.
 *
 *     allow group:xen-admins *
 *     allow user:alice       domain.*                     web-*
 *     allow sasl:*@LAB.ORG   connect.*,domain.getattr,domain.read
 *     deny  any              domain.read_secure
 *
 * WHO is any, user:, group:, sasl: or x509: and a pattern, in quotes where it has blanks. WHAT are
 * patterns of OBJECT.RIGHT, as in libvirt's access control. WHICH is a pattern of a guest's (or
 * network's, pool's, ...) name or uuid; without it the line is for every object. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "daemon/identity.h"

enum { POLICY_BYTES_MAX = 1 << 20, POLICY_RULES_MAX = 10000 };

struct object;
struct policy;

struct policy *policy_parse(const char *filename, const char *text, struct err *e);
struct policy *policy_read(const char *path, struct err *e); /* NULL: *e names the line */
void policy_free(struct policy *p);                          /* accepts NULL */

/* WHICH is compared with the object's uuid, name and key (a volume's path, a MAC address), and with
 * PARENT/NAME (a volume's pool and name). id's names must have been read. */
bool policy_allows(const struct policy *p, const struct identity *id, const char *right,
                   const struct object *o);
/* Is there any object that it has the right on? */
bool policy_may_allow(const struct policy *p, const struct identity *id, const char *object,
                      const char *right);
