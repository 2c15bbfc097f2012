/* xvirtd's configuration: `key = value` lines in the syntax of libvirtd.conf, with virtxend.conf's
 * names and defaults. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"

enum { CONFIG_BYTES_MAX = 1 << 20, CONFIG_LIST_MAX = 1000 };

struct config_list {
    char **items;
    size_t n;
    bool is_set; /* an empty list says something else than none */
};

/* Which file a key stands in: ours, or the one with the names of libvirt's libxl.conf. */
enum config_file { CONFIG_XVIRTD, CONFIG_LIBXL };

struct config {
    /* sockets */
    char *relay_dir;
    char *unix_sock_dir, *unix_sock_group, *unix_sock_ro_perms, *unix_sock_rw_perms,
        *unix_sock_admin_perms;
    /* who may do what */
    char *auth_unix_ro, *auth_unix_rw, *auth_tcp, *auth_tls;
    struct config_list access_drivers, sasl_allowed_username_list, tls_allowed_dn_list;
    char *policy_file, *audit_file;
    /* other hosts */
    bool listen_tls, listen_tcp, tls_no_sanity_certificate, tls_no_verify_certificate, mdns_adv;
    char *listen_addr, *tls_port, *tcp_port, *key_file, *cert_file, *ca_file, *crl_file,
        *tls_priority, *mdns_name, *metrics_listen;
    uint32_t tcp_min_ssf, auth_timeout;
    /* limits */
    uint32_t max_clients, max_queued_clients, max_anonymous_clients, min_workers, max_workers,
        prio_workers, max_client_requests;
    uint32_t admin_min_workers, admin_max_workers, admin_max_clients, admin_max_queued_clients,
        admin_max_client_requests, admin_keepalive_count;
    int32_t admin_keepalive_interval;
    bool keepalive_required, admin_keepalive_required;
    int32_t keepalive_interval;
    uint32_t keepalive_count;
    /* logging */
    uint32_t log_level;
    char *log_filters, *log_outputs;
    uint32_t audit_level;
    bool audit_logging;
    /* the rest */
    char *host_uuid, *host_uuid_source;
    uint8_t host_id[UUID_LEN]; /* what they come to (hostid.h); zero: what the firmware says */
    uint32_t ovs_timeout;
    /* ours */
    bool takeover_libvirt, autostart;
    char *lease_dirs;
    /* libxl.conf */
    int32_t libxl_autoballoon, libxl_keepalive_interval;
    uint32_t libxl_keepalive_count;
    bool libxl_nested_hvm;
    struct config_list libxl_firmwares;
    char *libxl_lock_manager;
    uint32_t job_timeout, autostart_parallel;
    bool console_log;
    uint32_t console_log_max_kib, console_log_backups;
    struct config_list idle; /* keys that were given and have no effect: a line for each */
};

void config_default(struct config *c); /* fills in; clear with config_clear */
void config_clear(struct config *c);
/* Sets what the text says. Every mistake is named, "FILE:LINE: ...", a line each; the values that
 * are right are set all the same. */
int config_parse(struct config *c, enum config_file file, const char *filename, const char *text,
                 struct err *e);
/* A file that is not there is fine unless `must_exist`. */
int config_read(struct config *c, enum config_file file, const char *path, bool must_exist,
                struct err *e);
/* "0770" as a mode. */
bool config_mode(const char *text, unsigned *ret);
/* Every key of the file with its default, commented out, behind a line of what it does. */
struct str;
void config_reference(enum config_file file, struct str *out);
