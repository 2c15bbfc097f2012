# The core dump of an HVM guest. libxc tries each page up to the guest's last, which lies just below 4 GiB however small the guest is:
# a million system calls, some seconds on a machine, many minutes on an emulated one.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh dump-hvm)
# time limit: 1700
. "$(dirname "$0")/lib/lib.sh"
only xen # dump has simulated guests
start_daemon
mem_kib=16384 bare=1 define hvm-bios xv-hvm
ok v start xv-hvm
see=240 console_see xv-hvm "$up"
ok v dump xv-hvm "$TMP/core"
is 'the first bytes' 7f454c46 "$(head -c 4 "$TMP/core" | od -An -tx1 | tr -d ' ')"
[ "$(stat -c %s "$TMP/core")" -gt 1048576 ] || die "hardly anything in the core: $(ls -l "$TMP/core")"
case $(state_of xv-hvm) in running*) ;; *) die "after the dump: $(state_of xv-hvm)" ;; esac
see=240 console_see xv-hvm "$up" 'still there' 'ECHO still there'
ok v destroy xv-hvm
stop_daemon
