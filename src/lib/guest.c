#include "base/mem.h"
#include "client/calls.h"
#include "client/find.h"
#include "lib.h"
#include "wire/consts.h"

/* Borrowed members. */
static struct wire_domain handle(const struct xvirt_guest *g)
{
    struct wire_domain d = {.name = g->name, .id = g->id};
    memcpy(d.uuid, g->uuid, sizeof(d.uuid));
    return d;
}

/* A guest of the wire is the caller's from now on; ret may be NULL. */
static void take_guest(struct wire_domain *from, struct xvirt_guest *ret)
{
    if (ret) {
        *ret = (struct xvirt_guest){.name = take(from->name), .id = from->id};
        memcpy(ret->uuid, from->uuid, sizeof(ret->uuid));
    }
    wire_clear(&wire_type_domain, from);
}

void xvirt_guest_clear(struct xvirt_guest *g)
{
    free(take(g->name));
}

void xvirt_guests_free(struct xvirt_guest *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        xvirt_guest_clear(&list[i]);
    free(list);
}

/* ---- which ---- */
int xvirt_list(struct xvirt_conn *c, unsigned which, struct xvirt_guest **ret, size_t *n,
               struct xvirt_error *e)
{
    struct wire_connect_list_all_domains_args args = {.need_results = 1, .flags = which};
    struct wire_connect_list_all_domains_ret r;
    struct err why = {0};
    if (call_connect_list_all_domains(c->client, &args, &r, &why))
        return lib_told(&why, e, -1);
    *n = r.n_domains;
    *ret = mem_new(*n + 1, sizeof(**ret));
    for (size_t i = 0; i < *n; i++)
        take_guest(&r.domains[i], &(*ret)[i]);
    free(r.domains);
    return 0;
}

int xvirt_find(struct xvirt_conn *c, const char *what, struct xvirt_guest *ret,
               struct xvirt_error *e)
{
    struct wire_domain d;
    struct err why = {0};
    if (client_find_domain(c->client, what, BY_ANY, &d, &why))
        return lib_told(&why, e, -1);
    take_guest(&d, ret);
    return 0;
}

/* ---- what it is ---- */
int xvirt_info(struct xvirt_conn *c, const struct xvirt_guest *g, struct xvirt_info *ret,
               struct xvirt_error *e)
{
    struct wire_domain_get_info_ret r;
    struct err why = {0};
    if (call_domain_get_info(c->client, &(struct wire_domain_get_info_args){handle(g)}, &r, &why))
        return lib_told(&why, e, -1);
    *ret = (struct xvirt_info){.state = r.state,
                               .vcpus = r.nrVirtCpu,
                               .memory_kib = r.memory,
                               .max_memory_kib = r.maxMem,
                               .cpu_time_ns = r.cpuTime};
    return 0;
}

char *xvirt_xml(struct xvirt_conn *c, const struct xvirt_guest *g, unsigned flags,
                struct xvirt_error *e)
{
    struct wire_domain_get_xml_desc_ret r;
    struct err why = {0};
    if (call_domain_get_xml_desc(
            c->client, &(struct wire_domain_get_xml_desc_args){handle(g), flags}, &r, &why)) {
        lib_told(&why, e, -1);
        return NULL;
    }
    return r.xml;
}
_Static_assert((int)XVIRT_WITH_PASSWORDS == (int)VIR_DOMAIN_XML_SECURE &&
                   (int)XVIRT_DEFINED == (int)VIR_DOMAIN_XML_INACTIVE &&
                   (int)XVIRT_ACTIVE == (int)VIR_CONNECT_LIST_DOMAINS_ACTIVE &&
                   (int)XVIRT_INACTIVE == (int)VIR_CONNECT_LIST_DOMAINS_INACTIVE,
               "flags are the wire's");

/* ---- what is done with it ---- */
int xvirt_define(struct xvirt_conn *c, const char *xml, struct xvirt_guest *ret,
                 struct xvirt_error *e)
{
    struct wire_domain_define_xml_ret r;
    struct err why = {0};
    if (call_domain_define_xml(c->client, &(struct wire_domain_define_xml_args){(char *)xml}, &r,
                               &why))
        return lib_told(&why, e, -1);
    take_guest(&r.dom, ret);
    return 0;
}

int xvirt_create(struct xvirt_conn *c, const char *xml, struct xvirt_guest *ret,
                 struct xvirt_error *e)
{
    struct wire_domain_create_xml_ret r;
    struct err why = {0};
    if (call_domain_create_xml(c->client, &(struct wire_domain_create_xml_args){(char *)xml, 0}, &r,
                               &why))
        return lib_told(&why, e, -1);
    take_guest(&r.dom, ret);
    return 0;
}

/* A call with a guest, perhaps with more, and without an answer. */
#define ACTION(fn, call, ...) \
    int xvirt_##fn(struct xvirt_conn *c, const struct xvirt_guest *g, struct xvirt_error *e) \
    { \
        struct err why = {0}; \
        return call_domain_##call( \
                   c->client, &(struct wire_domain_##call##_args){handle(g), ##__VA_ARGS__}, &why) \
                   ? lib_told(&why, e, -1) \
                   : 0; \
    }
ACTION(undefine, undefine)
ACTION(start, create)
ACTION(shutdown, shutdown)
ACTION(reboot, reboot, 0)
ACTION(destroy, destroy)
ACTION(suspend, suspend)
ACTION(resume, resume)

int xvirt_save(struct xvirt_conn *c, const struct xvirt_guest *g, const char *path,
               struct xvirt_error *e)
{
    struct err why = {0};
    return call_domain_save(c->client, &(struct wire_domain_save_args){handle(g), (char *)path},
                            &why)
               ? lib_told(&why, e, -1)
               : 0;
}

int xvirt_restore(struct xvirt_conn *c, const char *path, struct xvirt_error *e)
{
    struct err why = {0};
    return call_domain_restore(c->client, &(struct wire_domain_restore_args){(char *)path}, &why)
               ? lib_told(&why, e, -1)
               : 0;
}
