# virt-manager in a window that nobody sees: it opens the host and a guest's details. The picture of it is kept beside the log.
. "$(dirname "$0")/lib/lib.sh"
only sim
for tool in virt-manager Xvfb xdotool import dbus-run-session; do
    command -v $tool >/dev/null || skip "no $tool"
done
export HOME=$TMP/home XDG_RUNTIME_DIR=$TMP/xdg GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
screen= manager=
trap 'status=$?; kill $manager $screen 2>/dev/null; (exit $status); cleanup' EXIT
start_daemon
define pv-kernel xv-web
ok v start xv-web
exec 6>"$TMP/display" # Xvfb writes its number there
Xvfb -displayfd 6 -screen 0 1280x900x24 >"$TMP/xvfb" 2>&1 &
screen=$!
until_ok 30 test -s "$TMP/display" || die "no display: $(cat "$TMP/xvfb")"
DISPLAY=:$(cat "$TMP/display")
export DISPLAY
# a process group of its own, so that all of it ends
setsid dbus-run-session -- virt-manager --no-fork --debug --connect "xen:///system?socket=$run/libvirt-sock" \
    --show-domain-editor xv-web >"$TMP/manager" 2>&1 &
manager=-$!
until_ok 60 xdotool search --onlyvisible --name 'xv-web' >/dev/null || die "no window: $(tail -n 20 "$TMP/manager")"
until_ok 30 grep -q 'Showing VM details' "$TMP/manager" || die "no details: $(tail -n 20 "$TMP/manager")"
sleep 1 # until it is drawn
import -window root "$TMP/virt-manager.png" || die "no picture"
[ -z "${OUT:-}" ] || cp "$TMP/virt-manager.png" "$OUT/"
# it follows what happens
ok v suspend xv-web
until_ok 30 grep -q 'lifecycle event: domain=xv-web.*event=VIR_DOMAIN_EVENT_SUSPENDED\|event: domain=xv-web' "$TMP/manager" ||
    die "it does not hear of events: $(tail -n 20 "$TMP/manager")"
# what it could not do is named in its log; these it says of every host that has no such drivers, and of Domain-0
grep -E 'Traceback|libvirtError|Error ' "$TMP/manager" |
    grep -vE 'Failed to set fd limit|registering (network|storage pool|node device) events|initializing libvirt state for <vmmDomain name=Domain-0|Traceback|RuntimeError: Can.t track Domain-0' >"$TMP/errors"
[ ! -s "$TMP/errors" ] || die "$(cat "$TMP/errors")"
kill -- $manager
manager=
ok v destroy xv-web
ok v undefine xv-web
stop_daemon
