# Progress of long calls, as people see it (a terminal) and as scripts do (--verbose); ^C aborts the job and leaves the guest well.
. "$(dirname "$0")/lib/lib.sh"
only sim # whose saves take as long as the test says
start_daemon
define pv-kernel xv-save
ok v start xv-save
simctl delay save 2500
uri="xen:///system?socket=$run/libvirt-sock"
ok "$XVIRT" -c "$uri" save xv-save "$TMP/image" --verbose
grep -qE 'Save: \[ *[0-9]+ %\]' "$TMP/err" && grep -q 'Save: \[100 %\]' "$TMP/err" || die "no progress: $(cat "$TMP/err")"
ok v restore "$TMP/image"

# terminal COMMAND...: with a terminal as stderr; what came there goes to $TMP/seen
terminal()
{
    python3 - "$TMP/seen" "$@" <<'PY'
import os, pty, sys, time, signal
seen, words = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(words[0], words)
out = b''
start = time.time()
sent = False
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    out += got
    if 'INTERRUPT' in os.environ and b'%' in out and not sent:
        os.write(fd, b'\x03')
        sent = True
open(seen, 'wb').write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
}
terminal "$XVIRT" -c "$uri" managedsave xv-save || die "managedsave: $(cat "$TMP/seen")"
grep -qE 'Managedsave: \[#* *\] +[0-9]+ %  [0-9.]+ [KMG]?i?B of ' "$TMP/seen" || die "no bar: $(cat "$TMP/seen")"
ok v start xv-save
terminal "$XVIRT" -q -c "$uri" dump xv-save "$TMP/core" || die "dump: $(cat "$TMP/seen")"
! grep -q '%' "$TMP/seen" || die "a bar in quiet mode: $(cat "$TMP/seen")"
simctl delay save 20000
SECONDS=0
! INTERRUPT=1 terminal "$XVIRT" -c "$uri" save xv-save "$TMP/never" || die "it was not aborted"
[ $SECONDS -lt 15 ] || die "the abort took $SECONDS s"
grep -q 'Failed to save' "$TMP/seen" || die "^C: $(cat "$TMP/seen")"
simctl delay save 0
wait_state xv-save 'running (save canceled)'
# hints are for terminals
! terminal "$XVIRT" -c "$uri" domnifo xv-save || die "domnifo is no command"
grep -q "did you mean 'dominfo'" "$TMP/seen" || die "no hint: $(cat "$TMP/seen")"
refused 'unknown command' "$XVIRT" -c "$uri" domnifo xv-save
! grep -q hint "$TMP/err" || die "a hint for a script: $(cat "$TMP/err")"
ok v destroy xv-save
stop_daemon
