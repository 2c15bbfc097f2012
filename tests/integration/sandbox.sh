# What the daemon has given up, it and what it starts; and what children get of its descriptors: none.
. "$(dirname "$0")/lib/lib.sh"
status_of() # FILE FIELD
{
    awk -v f="$2:" '$1 == f {print $2}' "$1"
}
given_up() # STATUS-FILE: as of a process that has
{
    is 'new privileges' 1 "$(status_of "$1" NoNewPrivs)"
    is 'filter of system calls' 2 "$(status_of "$1" Seccomp)"
    python3 - "$(status_of "$1" CapBnd)" "$(status_of "$1" CapEff)" <<'PY' || die "capabilities of $1"
import sys
# to boot, set the clock and wake alarms, write the kernel's log, change security modules and audit, load programs into the kernel, ...
dropped = (22, 25, 35, 34, 33, 32, 30, 37, 28, 20, 26, 36, 9, 38, 39, 40)
for word in sys.argv[1:]:
    left = [n for n in dropped if int(word, 16) >> n & 1]
    assert not left, (word, left)
PY
}
if [ "$HV" = sim ]; then
    # the first program that it starts itself tells what it was given
    mkdir "$TMP/bin"
    cat >"$TMP/bin/qemu-img" <<SH
#!/bin/sh
cat /proc/self/status >"$TMP/child-status"
ls -l /proc/\$\$/fd >"$TMP/child-fds"
env >"$TMP/child-env"
python3 -c 'import os, ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.swapoff(b"/nosuch"), ctypes.get_errno())' >"$TMP/child-calls"
exit 0
SH
    chmod +x "$TMP/bin/qemu-img"
    export PATH=$TMP/bin:$PATH SECRET=tiger
fi
start_daemon
given_up "/proc/$daemon/status"
kind=tiny
[ "$HV" = xen ] || kind=pv-kernel
define $kind xv-box
ok v start xv-box
# descriptors of every kind are open now: sockets, clients, a console, timers, xenstore; each of them closes on exec
mkfifo "$TMP/in"
"$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" event --all --loop >"$TMP/events" 2>&1 &
watcher=$!
until_ok 30 eval "[ \$(ls /proc/$daemon/fd | wc -l) -gt 8 ]"
checked=0
for info in /proc/"$daemon"/fdinfo/*; do
    fd=${info##*/}
    flags=$(status_of "$info" flags 2>/dev/null) || continue
    [ "$fd" -gt 2 ] && [ -n "$flags" ] || continue
    checked=$((checked + 1))
    [ $((0$flags & 02000000)) != 0 ] || die "descriptor $fd ($(readlink "/proc/$daemon/fd/$fd")) would be a child's"
done
[ $checked -gt 8 ] || die "only $checked descriptors"
if [ "$HV" = sim ]; then
    mkdir "$TMP/pool"
    ok v pool-create-as xv-pool dir --target "$TMP/pool"
    ok v vol-create-as xv-pool x.qcow2 1M --format qcow2
    given_up "$TMP/child-status"
    # what the shell has opened itself is its script (10 or 255) and a copy of its output (11), what ls lists is 0, 1, 2 and the image at 3
    extra=$(awk '/->/ {print $9, $11}' "$TMP/child-fds" | grep -vE "^(0 /dev/null|1 .*|2 /memfd:qemu-img|3 $TMP/pool/x.qcow2|(10|255) $TMP/bin/qemu-img|11 pipe:\[[0-9]+\])$")
    is 'descriptors of a child' '' "$extra"
    ! grep -q SECRET "$TMP/child-env" || die "the environment is a child's"
    is 'swapoff in a child' '-1 1' "$(cat "$TMP/child-calls")"
    ok v pool-destroy xv-pool
fi
kill $watcher && wait $watcher 2>/dev/null
watcher=
ok v destroy xv-box
ok v undefine xv-box
stop_daemon
