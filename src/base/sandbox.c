#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A sanitizer's look for leaks at the end is by ptrace. */
#if defined(__SANITIZE_ADDRESS__)
#define XV_LEAK_CHECK
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XV_LEAK_CHECK
#endif
#endif

enum {
    X32_BIT = 0x40000000, /* calls of another table, by the same number of machine */
    HEAD = 5,             /* instructions before the list, and behind it */
    TAIL = 2,
};

/* Linux 5.8 and 5.9 have them; the headers here may be older. */
enum { NEW_PERFMON = 38, NEW_BPF = 39, NEW_CHECKPOINT_RESTORE = 40 };

/* The list is the same as in the unit files (CapabilityBoundingSet), for hosts without systemd. */
static const int dropped[] = {
    CAP_SYS_BOOT,        CAP_SYS_TIME,     CAP_WAKE_ALARM,     CAP_SYSLOG,
    CAP_MAC_ADMIN,       CAP_MAC_OVERRIDE, CAP_AUDIT_CONTROL,  CAP_AUDIT_READ,
    CAP_LEASE,           CAP_SYS_PACCT,    CAP_SYS_TTY_CONFIG, CAP_BLOCK_SUSPEND,
    CAP_LINUX_IMMUTABLE, NEW_PERFMON,      NEW_BPF,            NEW_CHECKPOINT_RESTORE,
};

/* A list of what is refused, not of what is allowed: scripts and device models are other people's
 * programs and call what they like. Modules may be loaded (block scripts do), namespaces made
 * (dm_restrict), devices mapped (PCI). */
static const uint32_t refused[] = {
    /* the machine as a whole: its end, its kernel, its clock, its swap, its name for accounting */
    SYS_reboot,
    SYS_kexec_load,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
/* other processes' memory, and a look into the kernel */
#ifndef XV_LEAK_CHECK
    SYS_ptrace,
#endif
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_perf_event_open,
    SYS_bpf,
    SYS_syslog,
#ifdef SYS_userfaultfd
    SYS_userfaultfd,
#endif
    SYS_lookup_dcookie,
    /* files by numbers, past the folders that they lie in */
    SYS_open_by_handle_at,
    /* calls that nobody has used for years */
    SYS_nfsservctl,
    SYS_quotactl,
#ifdef SYS_uselib
    SYS_uselib,
    SYS_ustat,
    SYS_sysfs,
    SYS__sysctl,
#endif
};
enum { N_REFUSED = sizeof(refused) / sizeof(*refused) };

#if defined(__x86_64__)
static const uint32_t machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t machine = AUDIT_ARCH_AARCH64;
#else
static const uint32_t machine = 0; /* not known: nothing is filtered */
#endif

/* The number must be of this machine's own table, and not on the list. */
static int filter_calls(struct err *e)
{
    struct sock_filter code[HEAD + N_REFUSED + TAIL];
    size_t n = 0, refuse = HEAD + N_REFUSED + TAIL - 1;
    const uint32_t arch = offsetof(struct seccomp_data, arch);
    const uint32_t nr = offsetof(struct seccomp_data, nr);
    if (!machine)
        return 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arch);
    code[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 0,
                                           (uint8_t)(refuse - n - 1));
    n++;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, nr);
    code[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT,
                                           (uint8_t)(refuse - n - 1), 0);
    n++;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, nr);
    for (size_t i = 0; i < N_REFUSED; i++, n++)
        code[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i],
                                               (uint8_t)(refuse - n - 1), 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
                                             SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
    const struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)
               ? fail_errno(e, "cannot filter system calls")
               : 0;
}

static int drop_capabilities(struct err *e)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
        if (prctl(PR_CAPBSET_READ, dropped[i]) == 1 && prctl(PR_CAPBSET_DROP, dropped[i]) &&
            errno != EPERM) /* without the right to drop it there is nothing to inherit either */
            return fail_errno(e, "cannot drop capability %d", dropped[i]);
    if (syscall(SYS_capget, &head, data))
        return fail_errno(e, "cannot read capabilities");
    for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++) {
        uint32_t bit = UINT32_C(1) << (dropped[i] % 32);
        struct __user_cap_data_struct *d = &data[dropped[i] / 32];
        d->effective &= ~bit;
        d->permitted &= ~bit;
        d->inheritable &= ~bit;
    }
    return syscall(SYS_capset, &head, data) ? fail_errno(e, "cannot set capabilities") : 0;
}

/* What our parent left open is no child's of ours. Older kernels cannot: our own descriptors are
 * opened so that they close, anyway. */
static void close_on_exec(void)
{
#ifdef SYS_close_range
    enum { CLOSE_ON_EXEC = 1 << 2 };
    (void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_ON_EXEC);
#endif
}

int sandbox_enter(struct err *e)
{
    close_on_exec();
    int r = drop_capabilities(e);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return fail_errno(e, "cannot give up new privileges");
    return filter_calls(r ? NULL : e) || r ? -1 : 0;
}
