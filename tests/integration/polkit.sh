# polkit: asked about the right process and action, and its answers passed on. The authority is one of ours (lib/polkitd.py) on
# a bus of its own; it grants what $TMP/answer says.
. "$(dirname "$0")/lib/lib.sh"
only sim
. "$here/polkit.sh"
printf '%s\n' 'unix_sock_rw_perms = "0777"' 'auth_unix_rw = "polkit"' 'auth_unix_ro = "polkit"' >"$TMP/conf"
start_daemon --config "$TMP/conf"
chmod 755 "$TMP/run"
rw="xen:///system?socket=$run/libvirt-sock" ro="xen:///system?socket=$run/libvirt-sock-ro"
# root came in without a question (start_daemon has connected)
[ ! -s "$TMP/asked" ] || die "polkit was asked about root: $(cat "$TMP/asked")"
echo yes >"$TMP/answer"
ok as_nobody "$VIRSH" -c "$rw" list
ok as_nobody "$XVIRT" -c "$rw" list
grep -q "^org.libvirt.unix.manage unix-process uid=$(id -u nobody) pid=alive start-time=right flags=1$" "$TMP/asked" ||
    die "asked so: $(cat "$TMP/asked")"
: >"$TMP/asked"
ok as_nobody "$VIRSH" -r -c "$ro" list
grep -q '^org.libvirt.unix.monitor ' "$TMP/asked" || die "asked so: $(cat "$TMP/asked")"
echo no >"$TMP/answer"
refused 'authentication failed: access denied by policy' as_nobody "$XVIRT" -c "$rw" list
refused 'authentication failed|access denied' as_nobody "$VIRSH" -c "$rw" list
echo dismissed >"$TMP/answer"
refused 'cancelled' as_nobody "$XVIRT" -c "$rw" list
echo challenge >"$TMP/answer"
refused 'no polkit agent' as_nobody "$XVIRT" -c "$rw" list
# one that thinks for long holds nobody else
echo slow >"$TMP/answer"
as_nobody "$XVIRT" -c "$rw" list >/dev/null 2>&1 &
slow=$!
until_ok 30 grep -q slow "$TMP/polkitd.log" || die "the slow question was not asked"
ok v list
kill $slow 2>/dev/null
# without polkit nobody but root gets in
kill $authority $bus
wait $authority $bus 2>/dev/null
refused 'authentication failed|cannot' as_nobody "$XVIRT" -c "$rw" list
ok v list
stop_daemon
