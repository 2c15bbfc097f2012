/* Guests by what a user typed. */
#pragma once
#include "client/client.h"

enum { BY_ID = 1, BY_UUID = 2, BY_NAME = 4, BY_ANY = 7 };

/* Tried as id, uuid, name, in virsh's order. Caller clears *ret by wire_type_domain. */
int client_find_domain(struct client *c, const char *text, int by, struct wire_domain *ret,
                       struct err *e);
