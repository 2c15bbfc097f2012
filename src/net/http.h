/* Just enough HTTP/1 to be scraped: a GET, an answer, the end. Loop thread only. */
#pragma once
#include "base/str.h"
#include "net/transport.h"

enum { HTTP_CLIENTS_MAX = 16, HTTP_REQUEST_MAX = 8192, HTTP_MS = 10000 };

struct loop;
struct http;

/* Fills body and names its type; false: there is no such page. `path` is without its query. */
typedef bool http_page_fn(void *arg, const char *path, struct str *body, const char **ret_type);

struct http *http_new(struct loop *l, http_page_fn *page, void *arg);
void http_free(struct http *h); /* closes what is open; accepts NULL */
/* Takes over t; closes it at once when HTTP_CLIENTS_MAX are being served. */
void http_serve(struct http *h, struct transport *t);
