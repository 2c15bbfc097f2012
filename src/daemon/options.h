/* xvirtd's command line, and the folders that follow from it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "hv/hv.h"

struct options {
    const char *hypervisor; /* auto, libxl, sim */
    const char *sim_options;
    const char *config_file;
    char *run_dir, *state_dir, *config_dir; /* NULL until options_dirs */
    char *libvirt_dir; /* where other daemons of libvirt's family have their sockets */
    int private_fd;    /* -1: none */
    bool takeover_libvirt, listens, verbose;
    bool exits; /* --help and --version have been answered */
};

/* Fills o; a mistake is a message and -1. */
int options_parse(struct options *o, int argc, char **argv);
void options_clear(struct options *o);
/* The file to read before the folders are known. Caller frees with free. */
char *options_config_file(const struct options *o);
/* libxl.conf in the same folder. Caller frees with free. */
char *options_libxl_file(const char *config_file);
void options_dirs(struct options *o);
/* The driver that --hypervisor names; auto: the real one in a dom0. */
const struct hv_ops *options_driver(const struct options *o, struct err *e);
