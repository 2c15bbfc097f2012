# A bus of its own with a polkit authority on it. This one is ours (polkitd.py): its answers are in $TMP/answer and $TMP/rules, what it was
# asked in $TMP/asked. With authority=system it is the system's polkitd, which sees other folders than the rest of the system does: its
# rules are in $TMP/rules.d, its actions in $TMP/actions.
[ "$(id -u)" = 0 ] || skip "root is not asked, so a second user is needed"
command -v dbus-daemon >/dev/null || skip "no dbus-daemon"
[ "${authority:-}" = system ] || /usr/bin/python3 -c 'import gi; gi.require_version("Gio", "2.0")' 2>/dev/null || skip "no python3-gi"
[ -e "$(dirname "$XVIRTD")/daemon-polkit.so" ] || skip "built without libsystemd"
chmod 711 "$TMP"
cat >"$TMP/bus.conf" <<CONF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path=$TMP/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>
CONF
dbus-daemon --config-file="$TMP/bus.conf" --nofork --nopidfile 2>"$TMP/bus.log" &
bus=$!
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$TMP/bus
until_ok 30 test -S "$TMP/bus" || die "no bus: $(cat "$TMP/bus.log")"
if [ "${authority:-}" = system ]; then
    mkdir "$TMP/rules.d" "$TMP/actions" "$TMP/no-rules.d"
    unshare --mount sh -c 'mount --bind "$1/rules.d" /etc/polkit-1/rules.d && mount --bind "$1/no-rules.d" /usr/share/polkit-1/rules.d &&
        mount --bind "$1/actions" /usr/share/polkit-1/actions && exec "$2"' sh "$TMP" "$polkitd" >"$TMP/polkitd.log" 2>&1 &
    ready="Acquired the name"
else
    /usr/bin/python3 "$here/polkitd.py" "$TMP" >"$TMP/polkitd.log" 2>&1 &
    ready=ready
fi
authority=$!
trap 'status=$?; kill $bus $authority 2>/dev/null; (exit $status); cleanup' EXIT
until_ok 30 grep -q "$ready" "$TMP/polkitd.log" || die "no authority: $(cat "$TMP/polkitd.log")"
as_nobody()
{
    setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
}
