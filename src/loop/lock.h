/* A mutual exclusion lock, for what a hypervisor implementation shares between the loop's thread
 * and its workers. Nobody else needs one. Held for microseconds, never across a wait. */
#pragma once

struct lock;
struct lock *lock_new(void);
void lock_free(struct lock *k); /* accepts NULL */
void lock_enter(struct lock *k);
void lock_leave(struct lock *k);
