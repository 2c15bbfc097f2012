# xvirt against Debian's libvirtd as a host's own, in /run/libvirt: through ssh and Debian's virt-ssh-helper, and past polkit.
# /run is the test's own: it runs in a mount namespace.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
[ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null || skip "needs root and mount namespaces"
[ -n "${XV_OWN_RUN:-}" ] || XV_OWN_RUN=1 exec unshare --mount bash "$0"
. "$(dirname "$0")/lib/remote.sh"
command -v libvirtd >/dev/null || skip "no libvirtd"
command -v virt-ssh-helper >/dev/null || skip "no virt-ssh-helper"
chmod 711 "$TMP"
mount -t tmpfs none /run
mkdir -p /run/libvirt "$TMP/libvirt"
mount --bind "$TMP/libvirt" /run/libvirt
uri="test+unix:///default?socket=/run/libvirt/libvirt-sock" other=

start_other() # AUTHENTICATION
{
    LIBVIRTD_AUTH=$1 "$here/libvirtd.sh" "$TMP/libvirt" >>"$TMP/libvirtd.log" 2>&1 &
    other=$!
    until_ok 20 "$VIRSH" -c "$uri" list >/dev/null || skip "libvirtd does not start here: $(tail -n 3 "$TMP/libvirtd.log")"
}

stop_other()
{
    kill "$other" && wait "$other" 2>/dev/null
    rm -f /run/libvirt/*
}

. "$here/sshd.sh"
start_sshd
trap 'status=$?; kill $sshd $other 2>/dev/null; (exit $status); cleanup' EXIT
start_other none
near=$("$XVIRT" -c "$uri" list --all)
[[ $near == *test*running* ]] || die "xvirt: $near"
for client in "$XVIRT" "$VIRSH"; do
    for proxy in '' '&proxy=native'; do
        is "what $client lists through ssh" "$near" \
            "$("$client" -c "test+ssh://root@127.0.0.1:$ssh_port/default?command=$ssh_command$proxy" list --all 2>&1)"
    done
    ok "$client" -r -c "test+ssh://root@127.0.0.1:$ssh_port/default?command=$ssh_command&proxy=native" dominfo test
done
stop_other

# polkit: the authority is asked by libvirtd, and its answer is what the client tells
. "$here/polkit.sh"
trap 'status=$?; kill $sshd $other $bus $authority 2>/dev/null; (exit $status); cleanup' EXIT
start_other polkit
echo yes >"$TMP/answer"
is 'what nobody lists with leave' "$near" "$(as_nobody "$XVIRT" -c "$uri" list --all 2>&1)"
grep -q "^org.libvirt.unix.manage unix-process uid=$(id -u nobody) " "$TMP/asked" || die "asked so: $(cat "$TMP/asked")"
ok as_nobody "$XVIRT" -c "$uri&auth=polkit" list
echo no >"$TMP/answer"
refused 'authentication failed|denied' as_nobody "$XVIRT" -c "$uri" list
echo dismissed >"$TMP/answer"
refused 'cancelled' as_nobody "$XVIRT" -c "$uri" list
echo challenge >"$TMP/answer"
refused 'polkit agent|authentication' as_nobody "$XVIRT" -c "$uri" list
stop_other
