/* The inside of core/, for core/ alone. Everything is the loop thread's, but work functions and
 * what a job hands to them. */
#pragma once
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "core/claim.h"
#include "core/host.h"
#include "core/word.h"
#include "loop/loop.h"

enum { NO_DOMID = -1 };

/* ---- events ---- */
struct event_listener {
    struct events *owner;
    event_fn *fn;
    void *arg;
    bool is_dead; /* freed when nobody walks the list */
};

/* What is on its way to the disk (ledger.h). */
struct ledger {
    struct entry *first, *end;
    uint64_t queued, written; /* numbers of the last ones */
    struct held *held;
    size_t n_held;
};

struct queued_event;
struct events {
    struct loop *loop;
    const struct ledger *ledger;
    struct queued_event *queue;
    size_t n_queue;
    struct event_listener **listeners;
    size_t n_listeners;
    bool is_posted, is_telling, is_closed;
    void (*idle)(void *arg); /* called when the queue has been told */
    void *arg;
};
void events_open(struct events *ev, struct loop *l, const struct ledger *ledger,
                 void (*idle)(void *arg), void *arg);
void events_close(struct events *ev); /* what is queued is not told any more */
/* Takes over ev->name and ev->text. */
void events_add(struct events *ev, struct event e);
void events_poke(struct events *ev); /* something was written: some may be told now */
/* Those that tell of a definition that could not be written, in this change. */
void events_drop(struct events *ev, const uint8_t uuid[16], uint64_t change);

/* ---- the host ---- */
struct host {
    struct loop *loop;
    const struct hv_ops *ops;
    struct hv *hv;
    char *config_dir, *state_dir;
    void (*log)(int level, const char *text);
    int locks[2];
    struct hash by_uuid, by_name, by_domid;
    struct guest **order; /* all by name; NULL: to be made when it is asked for */
    struct events events;
    struct ledger ledger;
    struct job **jobs; /* all, of all guests */
    size_t n_jobs;
    struct adoption **adoptions;
    size_t n_adoptions;
    uint64_t deadline_ms;        /* what a job may take; 0: as long as it needs */
    struct autostart *autostart; /* under way, or NULL */
    unsigned autostart_parallel;
    size_t n_holds;  /* workers that know the host, beside the jobs */
    bool is_closing; /* freed when no worker and no event knows it any more */
};
__attribute__((format(printf, 3, 4))) void host_log(struct host *h, int level, const char *fmt,
                                                    ...);
void host_free_closed(void *host);    /* when nothing holds it any more */
void host_lose_order(struct host *h); /* a guest came, went or changed its name */
struct guest *host_get_uuid(struct host *h, const uint8_t uuid[16]); /* NULL when there is none */
struct guest *host_get_name(struct host *h, const char *name);
struct guest *host_get_domid(struct host *h, uint32_t domid);

/* The guest that a configuration is about, or NULL for a new one; an error when name and uuid do
 * not agree. A missing uuid is made. */
int host_match(struct host *h, struct domain *d, struct guest **ret, struct err *e);
int guest_check_inactive(const struct guest *g, struct err *e);

/* ---- guests ---- */
/* What a guest can go through; state.c says what each means. */
enum change {
    CHANGE_BOOTED,
    CHANGE_BOOTED_PAUSED,
    CHANGE_RESTORED,
    CHANGE_RESTORED_PAUSED,
    CHANGE_ADOPTED,
    CHANGE_ADOPTED_PAUSED,
    CHANGE_SUSPENDED,
    CHANGE_RESUMED,
    CHANGE_SAVE_FAILED,
    CHANGE_STOPPING,
    CHANGE_SHUT_DOWN,
    CHANGE_DESTROYED,
    CHANGE_CRASHED,
    CHANGE_CRASHED_KEPT,
    CHANGE_STOPPED_KEPT,
    CHANGE_SAVED,
    CHANGE_FAILED,
    CHANGE_ASLEEP,
    CHANGE_AWAKE,
    CHANGE_SENT,
    CHANGE_TAKEN_BACK,
    CHANGE_MIGRATED,
    CHANGE_ARRIVED,
    CHANGE_ARRIVED_PAUSED,
    CHANGE_ARRIVED_RUNNING,
    CHANGE_DUMPING,
    CHANGE_DUMPED,
    CHANGE_SNAPPED,
    CHANGE_UNSNAPPED,
    CHANGE_UNSNAPPED_PAUSED,
    CHANGES
};

/* Links to a guest's definition, in folders of their own: it starts by itself. */
enum autostart_link { AUTOSTART_ALWAYS = 1, AUTOSTART_ONCE = 2, AUTOSTART_LINKS = 2 };

struct guest {
    struct host *host;
    char *name;
    uint8_t uuid[16];
    struct domain *def;   /* what is stored; NULL: it vanishes when it stops */
    struct domain *live;  /* what runs */
    struct domain *again; /* what a guest without definition is restarted from */
    uint32_t domid;       /* HV_DOMID_NONE: nothing runs */
    enum guest_state state;
    int reason;
    unsigned autostart; /* enum autostart_link */
    bool has_managed_save;
    bool is_foreign;  /* another toolstack started it and looks after it */
    bool is_arriving; /* and builds it still: no events yet */
    bool is_sent; /* to another host, which may run it; suspended here until that is confirmed */
    struct outgoing *outgoing;  /* it is being sent to another host, or about to be */
    char *sent_to, *sent_token; /* struct migrate_terms */
    bool sent_undefines;
    uint64_t migrate_speed; /* bytes per second; 0: no limit */
    struct incoming *incoming;
    bool is_ending;      /* has stopped; what follows is under way */
    enum change gone_as; /* what it goes through when the domain vanishes */
    uint64_t looked_ms;  /* when its state was last compared with Xen's */
    bool is_forgotten;   /* out of the host's tables; freed with its last job */
    struct job *job;     /* the one that owns it */
    struct job *next;    /* a destroy that waits for it to end */
    size_t n_jobs;       /* also those that a destroy has overtaken */
    /* a guest that ends again soon after its start is restarted later and later */
    struct loop_timer *restart;
    bool is_restarting; /* the timer runs */
    unsigned n_quick;
    uint64_t started_ms;
    struct claims claims;            /* disks that it writes to */
    struct snaps *snaps;             /* snap.c; NULL: none */
    struct guest_job_info *last_job; /* that clients know, and that has ended */
};

/* A guest that leaves for another host, from its beginning to its confirmation. */
struct outgoing {
    int fd; /* to hear on, when all has been sent; -1: none */
    struct loop_fd *watch;
    struct loop_timer *timer;
    enum word word;
    bool has_words;    /* the other daemon is one of ours */
    bool is_over;      /* no more words come */
    bool is_deciding;  /* they are waited for */
    bool is_cancelled; /* that is what the one who confirms it thinks */
    bool undefine;
    guest_done *done; /* of the confirmation */
    void *arg;
};

/* A guest that is expected from another host, from its preparation to its finish. */
struct incoming {
    struct domain *config, *persist;
    int words; /* to speak on; -1: nobody listens */
    bool has_come, is_finishing, is_cancelled, is_paused, persists;
    struct err err;
    guest_done *done; /* of the finish */
    void *arg;
};

struct guest *guest_new(struct host *h, const char *name, const uint8_t uuid[16]);
/* Out of the tables if it is neither defined nor running nor about to be. */
void guest_release(struct guest *g);
/* One of n_jobs knows it no more; the last one frees a guest that is out of the tables. */
void guest_drop(struct guest *g);
void guest_free(struct guest *g);
void guest_set_name(struct guest *g, const char *name);
void guest_set_domid(struct guest *g, uint32_t domid);
void guest_set_live(struct guest *g, struct domain *d); /* takes over d */
void guest_refresh_live(struct guest *g);
int guest_check_job(const struct guest *g, struct err *e);  /* no job owns it */
int guest_check_idle(const struct guest *g, struct err *e); /* nor is it being migrated */
bool guest_name_is_good(const char *name, struct err *e);

/* ---- state.c: states, and the events of changes ---- */
void guest_change(struct guest *g, enum change c);
void guest_note_state(struct guest *g);                      /* for our own restart */
bool guest_has_reason(const struct guest *g, enum change c); /* is it in that state through it? */
void guest_event(struct guest *g, enum event_id id, int type, int detail);
void guest_tell_balloon(struct guest *g, uint64_t kib);
void guest_read_state(struct guest *g, const struct hv_info *i); /* after a restart of ours */
bool guest_is_running(const struct guest *g);
/* Does the state allow the operation? */
enum guest_op {
    OP_START,
    OP_SHUTDOWN,
    OP_DESTROY,
    OP_SUSPEND,
    OP_RESUME,
    OP_SAVE,
    OP_DUMP,
    OP_LIVE,
    OPS
};
int guest_allows(const struct guest *g, enum guest_op op, struct err *e);
int guest_check_free(const struct guest *g, enum guest_op op,
                     struct err *e); /* and no worker has it */

/* ---- jobs ---- */
struct job;
struct job_kind {
    const char *name; /* "start", as a user reads it after "is busy with" */
    int operation;    /* virDomainJobOperation, or 0 */
    loop_fn *look;    /* worker, before all else: what the claims of the job are; may be NULL */
    loop_fn *work;    /* BUILD: runs in a worker with the job; NULL: WAIT */
    int (*begin)(struct job *j, struct err *e); /* WAIT: starts it on the loop */
    void (*end)(struct job *j);                 /* on the loop, before the waiters are told */
    bool can_join;                              /* a second one shares the first one's result */
    bool keeps_note;                            /* its end says itself what the journal is to say */
    bool is_journaled; /* noted on disk, for a restart in the middle of it */
};

enum image_start { IMAGE_UNSAID, IMAGE_RUNNING, IMAGE_PAUSED }; /* what it is to be restored as */

struct waiter {
    guest_done *done;
    void *arg;
};

struct job {
    struct hv_wait wait; /* first: the hypervisor hands it back */
    const struct job_kind *kind;
    struct host *host;
    struct guest *guest;
    uint32_t domid; /* of the guest when it began, or what was made */
    struct waiter *waiters;
    size_t n_waiters;
    struct hv_progress progress;
    uint64_t started_ms;
    struct loop_timer *deadline; /* or NULL */
    bool is_late;
    bool is_looking;
    struct claims claims; /* what the guest is to have for it */
    bool is_part;         /* of something larger, which is told of as a whole */
    bool was_owner;       /* of its guest, until it ended */
    struct err err;
    /* inputs and outputs of the kinds */
    struct domain *config;
    char *xml;
    size_t xml_len;
    char *path;
    int fd;
    enum change change; /* what the guest goes through when it has succeeded */
    bool is_paused, is_restart, is_managed, is_live, undefines;
    bool skips_cache;
    enum image_start start;
    unsigned dump_how;     /* enum guest_dump */
    struct snapwork *snap; /* borrowed: what it is a step of */
    struct domain *swap;   /* disks that take the place of the image's */
    struct domain *lent;   /* loan.c: returned when a WAIT job has ended, before its end... */
    bool lends;            /* ... if it has failed */
    struct err unreturned; /* why that failed */
    struct domain *missing; /* disks that it starts without, as they were */
    char *drops;           /* a managed save that is not used: it goes before */
    bool has_dropped;
    bool is_snapshot; /* the guest comes back from its snapshot */
    int reason;       /* of the guest's state, before */
    bool reboot, acpi;
    bool in_config; /* change the definition too */
    uint32_t number, index;
    struct hv_device device;
};
struct job *job_new(struct guest *g, const struct job_kind *kind, guest_done *done, void *arg);
/* Takes over j. On failure it is freed and its waiters are not told. */
int job_run(struct job *j, struct err *e);
void job_end(struct job *j); /* by its callbacks */
void job_free(struct job *j);
void job_info(const struct job *j, struct guest_job_info *ret);
int job_give_up(struct guest *g, struct err *e); /* a WAIT job; it ends as Xen lets it */
void job_abort(struct job *j);                   /* a BUILD job; it ends in its own time */
/* What the guest's jobs of this kind wait for has come about another way: they end as Xen lets
 * them, those who wait are told now. */
void job_answer_early(struct guest *g, const struct job_kind *kind);
/* Its waiters are told that the daemon stops; what it does goes on or not. */
void job_leave(struct job *j);
/* Tells later in this turn that what was asked for is done; always 0. */
int guest_tell_later(struct guest *g, guest_done *done, void *arg);
bool job_join(struct guest *g, const struct job_kind *kind, guest_done *done, void *arg);

/* ---- start.c, stop.c, save.c ---- */
/* What to build a guest from. config NULL, or path: a saved image; the worker reads it. */
struct build {
    struct domain *config; /* taken over */
    int fd;                /* an image, behind its XML; taken over; 0 or less: none */
    const char *path;
    bool is_paused, is_managed, is_restart, skips_cache;
    struct domain *swap; /* taken over: its disks take the place of the image's */
    const char *drops;   /* a managed save that is not used */
    bool is_snapshot;
    enum image_start start; /* of an image; unsaid: as the image says */
};
int guest_build(struct guest *g, struct build *b, guest_done *done, void *arg, struct err *e);
extern const struct job_kind job_start, job_restore, job_shutdown, job_destroy, job_save, job_dump;
/* How an image of g is to be restored later (g NULL: only as `how` says). */
int save_start(const struct guest *g, unsigned how, enum image_start *ret, struct err *e);
int save_write(struct job *j); /* worker: to j->path, whole or not at all */
/* abi.c: would the guest itself notice the change from old to new? Then it is an error. */
int abi_check(const struct domain *old, const struct domain *new, struct err *e);
void guest_stopped(struct guest *g, enum hv_reason reason); /* by itself; it still exists */
void guest_gone(struct guest *g, enum change c);            /* it does not exist any more */
void guest_restart_later(struct guest *g);
void guest_stop_restart(struct guest *g);
void guest_revive(struct guest *g); /* one that a save has left suspended */
/* Ends the domain, past whatever waits for it; the waiters of heir_of (NULL: none) are told then.
 */
int guest_end(struct guest *g, enum change c, bool is_restart, struct job *heir_of, struct err *e);
/* Now, and what <on_reboot> says follows. */
int guest_end_reset(struct guest *g, struct job *heir_of, struct err *e);
/* The same, and its definition goes with it. Nothing else is under way. */
int guest_end_undefining(struct guest *g, enum change c, struct err *e);
void guest_undefine_gone(struct guest *g);

/* ---- loan.c: managed PCI devices of the host, to be given back ---- */
/* All that it has, or the one; as a guest that has nothing else; NULL: none. Caller frees. */
struct domain *loan_all(const struct domain *of);
struct domain *loan_one(const struct domain *of, const struct hv_device *d);
void loan_return(const struct host *h, const struct domain *lent, struct err *e); /* worker */
void guest_return_loans(struct guest *g, struct domain *lent); /* takes over lent, may be NULL */

/* ---- missing.c ---- */
int job_leave_out(struct job *j, bool is_boot); /* worker; its error is the job's */
void job_tell_missing(const struct job *j);     /* once it has started */

/* ---- migrate.c, incoming.c ---- */
extern const struct job_kind job_send, job_receive;
extern const struct job_kind job_sleep;
int guest_take_back(struct guest *g, guest_done *done, void *arg, struct err *e);
void guest_outgoing_free(struct guest *g);
void guest_outgoing_gone(struct guest *g);
void guest_migrate_progress(int fd, const struct guest *g, struct guest_job_info *ret);
void guest_incoming_free(struct guest *g);
/* The last daemon had promised to run it. */
void guest_keep_promise(struct guest *g, const char *note);
/* The last daemon had sent it. */
void guest_read_terms(struct guest *g, const char *note);
void verdict_set(struct host *h, const uint8_t uuid[16], enum word w); /* where one is open */
void verdict_settle_all(struct host *h); /* what the last daemon had not decided */

/* ---- autostart.c ---- */
void autostart_open(struct host *h); /* it ends by itself */
void autostart_close(struct host *h);

/* ---- snapshots (snap_priv.h has the rest) ---- */
void snaps_free(struct snaps **of);
void snap_load(struct guest *g);
void snapwork_conclude(struct guest *g); /* what the last daemon left under way */
bool guest_is_in_snapshot(const struct guest *g);
size_t guest_snapshot_count(const struct guest *g);

/* ---- image.c: saved guests; all slow but image_part ---- */
struct image_head {
    const char *xml;
    size_t xml_len;
    enum image_start start;
};
int image_create(const char *path, const struct image_head *head,
                 struct err *e);       /* the descriptor */
char *image_part(const char *path);    /* what it is called until it is whole; caller frees */
bool image_is_whole(const char *path); /* if not, its unfinished file is removed */
struct image {
    struct domain *config;
    int fd; /* behind the configuration */
    enum image_start start;
    bool is_foreign; /* xl's: its XML cannot be replaced */
};
int image_open(const char *path, struct image *ret, struct err *e);
void image_close(struct image *i);
void image_drop_cache(int fd);

/* ---- reconcile.c ---- */
int host_reconcile(struct host *h, struct err *e); /* at the start */
void host_adopt(struct host *h, uint32_t domid, bool is_silent);
void host_adoptions_close(struct host *h);
void guest_look(struct guest *g); /* compares its state with Xen's */
extern const struct hv_events host_hv_events;

/* ---- store.c ---- */
int store_open(struct host *h, struct err *e); /* makes the folders, takes the locks */
void store_close(struct host *h);
int store_load(struct host *h, struct err *e); /* makes a guest of each definition */
/* For workers alone, as they write at once; ledger.h has what the loop uses. */
int store_write(struct host *h, const char *name, const char *xml, size_t len, struct err *e);
int store_save(struct host *h, const struct domain *d, struct err *e);
int store_remove(struct host *h, const char *name, struct err *e);
/* Of those in links, the ones that are on are made, the others go. */
int store_set_links(struct host *h, const char *name, unsigned links, unsigned on, struct err *e);
char *store_managed_path(const struct host *h, const char *name); /* caller frees */
int store_drop_managed(const char *path, struct err *e); /* any thread; none there is fine */
char *store_dump_path(const struct host *h, const char *name);
/* The journal: what is being done with a guest while it is. */
#define NOTE_DESTROY_UNDEFINE "destroy undefine"
void store_note(struct host *h, const uint8_t uuid[16], const char *what);
void store_forget(struct host *h, const uint8_t uuid[16]);
char *store_noted(struct host *h, const uint8_t uuid[16]); /* NULL: nothing; caller frees */
void store_sweep(struct host *h);                          /* forgets what no job of now is about */

/* ---- text.c: guests as XML ---- */
int text_write(const struct domain *d, bool is_live, char **ret, size_t *ret_len, struct err *e);
int text_read(const char *text, size_t len, bool is_live, struct domain **ret, struct err *e);
