/* The inside of snapshots: their files, their disks, and what is done with them one after another.
 * On the loop where nothing else is said. */
#pragma once
#include "model/snapshot.h"
#include "priv.h"
#include "snap.h"

/* ---- snap_disk.c: worker ---- */
struct snap_disk {           /* all borrowed */
    const struct disk *disk; /* as it is (make), or was (the others) */
    enum snap_place place;
    const char *name; /* of the snapshot */
    const char *file; /* external: what the guest goes on in */
    bool reuses;      /* the file is the user's */
    bool is_again;    /* a first attempt may have done it */
    struct hv_progress *progress;
};
int snap_disk_check(const struct snap_disk *x, struct err *e); /* can it be made? */
int snap_disk_make(const struct snap_disk *x, struct err *e);
int snap_disk_unmake(const struct snap_disk *x, struct err *e); /* be it half; nothing is fine */
int snap_disk_can_revert(const struct snap_disk *x, struct err *e);
int snap_disk_revert(const struct snap_disk *x, struct err *e);
int snap_disk_delete(const struct snap_disk *x, struct err *e); /* nothing is fine */
bool snap_disk_needs_off(const struct snap_disk *x);            /* any thread */
/* The file that an image stands over, or NULL; caller frees. */
int snap_disk_backing(const char *path, char **ret, struct hv_progress *p, struct err *e);
int snap_disk_commit(const char *path, struct hv_progress *p, struct err *e); /* into that */
int snap_disk_rebase(const char *path, const char *backing, const char *format,
                     struct hv_progress *p, struct err *e);

/* ---- snap_store.c: a folder a guest; any thread unless it has a guest ---- */
#define SNAP_MAKING ".making"          /* the snapshot that the note is about */
#define SNAP_MEMORY ".memory"          /* of a guest that is not to be kept */
char *snap_dir(const struct guest *g); /* caller frees */
char *snap_file(const char *dir, const char *name, const char *ending); /* caller frees */
int snap_read(const char *path, struct snapshot **ret, struct err *e);
int snap_write(const char *dir, const struct snapshot *s, const char *file, struct err *e);
int snap_write_current(const char *dir, const char *name, struct err *e); /* NULL: none */
int snap_note(const char *dir, const char *what, const char *name, unsigned bits, struct err *e);
void snap_unnote(const char *dir);
char *snap_noted(const char *dir); /* NULL: nothing; caller frees */
void snap_remove_dir(const char *dir);

/* ---- snap.c: the list ---- */
struct snaps {
    struct snapshot **items;
    size_t n_items;
    char *current;         /* the name of one of them, or NULL */
    struct snapwork *work; /* under way, or NULL */
};
struct snapshot *snaps_find(const struct guest *g, const char *name);
void snaps_put(struct guest *g, struct snapshot *s); /* takes over; replaces one of that name */
void snaps_drop(struct guest *g, const char *name);
bool snapshot_name_is_good(const char *name, struct err *e);

/* ---- snap_work.c: the steps of what is done ---- */
/* first: looks whether it is possible, notes it, saves the guest. Then the guest is destroyed, if
 * it has to be off. second: does it, and makes it last. Then (loop) apply, and the guest goes on.
 */
struct snapwork;
struct snap_steps {
    struct job_kind first, second, undo;
    void (*apply)(struct snapwork *w); /* loop, when second has succeeded */
};
extern const struct snap_steps snap_make, snap_revert, snap_delete;
/* Bits of a note; with the wire's flags above them. */
enum { NOTE_WAS_UP = 1, NOTE_WAS_PAUSED = 2, NOTE_GOES_ON = 4, NOTE_STARTS = 8, NOTE_FLAGS = 8 };

struct snapwork {
    const struct snap_steps *steps;
    struct host *host;
    struct guest *guest;
    struct snapshot *snap;  /* own; its domain has the disks as they were before */
    struct domain *def;     /* own: the definition after it; NULL: as it is */
    struct snapshot **more; /* own: other snapshots as they are after it */
    size_t n_more;
    char **files; /* own: where else the disks' contents may be */
    size_t n_files;
    char *dir, *memory; /* own; memory: file of the guest's memory, or NULL */
    char *current;      /* own: the current snapshot after it */
    char *managed;      /* own: where a guest's next start goes on from */
    char **merged;      /* own: files that are part of others now */
    size_t n_merged;
    char *xml; /* own: what the guest is saved with */
    size_t xml_len;
    unsigned flags; /* the wire's */
    bool was_up, was_paused;
    bool is_live; /* it runs while most of its memory is saved */
    bool stops;   /* the guest is off while its disks are looked after */
    bool goes_on; /* it runs again from its memory */
    bool starts;  /* it is started afresh */
    bool is_again, is_undone;
    guest_done *done;
    void *arg;
    struct err err;
};
struct snapwork *snapwork_new(struct guest *g, const struct snap_steps *steps, struct snapshot *s,
                              guest_done *done, void *arg);
void snapwork_free(struct snapwork *w);
int snapwork_run(struct snapwork *w, struct err *e); /* freed, and done not called, on failure */
/* Workers: */
unsigned snapwork_bits(const struct snapwork *w);
/* Does it with each disk that takes part, until one fails. */
typedef int disk_step(const struct snap_disk *x, struct err *e);
int snapwork_disks(struct snapwork *w, disk_step *fn, struct hv_progress *p, struct err *e);
/* What outlasts us: the other snapshots, the current one, the definition. */
int snapwork_keep(struct snapwork *w, struct err *e);
/* How the guest goes on is noted; where it does not, the note goes. */
int snapwork_next(struct snapwork *w, struct err *e);
void snapwork_end_first(struct job *j);

/* Any thread. */
struct disk *snap_disk_of(const struct domain *d, const char *target); /* NULL: none */
/* The definition with the files that the guest goes on in; NULL when it stays as it is. */
struct domain *snap_new_def(const struct domain *def, const struct snapshot *s);

/* After a restart of ours: from the second step on, the undoing, the bringing back alone, nothing.
 */
void snapwork_again(struct snapwork *w);
void snapwork_undo(struct snapwork *w);
void snapwork_back(struct snapwork *w);
void snapwork_done(struct snapwork *w);
void snap_make_settle(struct snapwork *w); /* what follows from its snapshot and flags */
void snap_revert_settle(struct snapwork *w);
