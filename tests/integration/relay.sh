# Storage, networks, node devices, interfaces, secrets and network filters are those of the host's libvirtd: calls, events and
# streams go through; rights are checked before; when it is started again, things go on; without it the host has none of them.
. "$(dirname "$0")/lib/lib.sh"
only sim
[ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null || skip "needs root and mount namespaces"
command -v libvirtd >/dev/null || [ -x /usr/sbin/libvirtd ] || skip "no libvirtd"
sockets=$TMP/libvirt other=
chmod 711 "$TMP"

start_other()
{
    "$here/libvirtd.sh" "$sockets" >>"$TMP/libvirtd.log" 2>&1 &
    other=$!
    until_ok 30 "$VIRSH" -c "storage:///system?socket=$sockets/libvirt-sock" pool-list >/dev/null ||
        skip "libvirtd does not start here: $(tail -n 3 "$TMP/libvirtd.log")"
}

stop_other()
{
    kill "$other" && wait "$other" 2>/dev/null
    rm -f "$sockets"/*
}
trap 'status=$?; kill $other 2>/dev/null; (exit $status); cleanup' EXIT
printf '%s\n' "relay_dir = \"$sockets\"" 'unix_sock_rw_perms = "0777"' "policy_file = \"$TMP/policy\"" \
    "audit_file = \"$TMP/audit\"" >"$TMP/conf"
echo 'allow user:root *' >"$TMP/policy"
start_daemon --config "$TMP/conf"
chmod 755 "$run"
ro()
{
    "$VIRSH" -r -c "xen:///system?socket=$run/libvirt-sock-ro" "$@"
}

# nobody is there
refused 'not supported by the connection driver' v net-list
refused 'not supported by the connection driver' v nodedev-list

start_other
ok v nodedev-list
grep -qx computer "$TMP/out" || die "no node devices: $(cat "$TMP/out")"
ok v iface-list --all
ok v nwfilter-list
ok v nodedev-dumpxml computer

# networks, with their events
stdbuf -oL "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" net-event --event lifecycle --loop >"$TMP/net-events" 2>&1 &
watcher=$!
cat >"$TMP/net.xml" <<'XML'
<network><name>xv-net</name><forward mode='bridge'/><bridge name='xv-none'/></network>
XML
see_net()
{
    v net-define "$TMP/net.xml" >/dev/null && v net-start xv-net >/dev/null && v net-destroy xv-net >/dev/null &&
        v net-undefine xv-net >/dev/null
    grep -q "network xv-net: Started" "$TMP/net-events"
}
until_ok 30 see_net || die "no events of networks: $(cat "$TMP/net-events")"
ok v net-define "$TMP/net.xml"
is 'networks' xv-net "$(v net-list --all --name | xargs)"
ok v net-info xv-net
# the library lets a read-only connection of virsh not even ask, so the daemon's word is in tests/unit; here what is seen
is 'networks for those who only read' xv-net "$(ro net-list --all --name | xargs)"
refused 'read only access' ro net-undefine xv-net
refused 'Network not found' v net-info nosuch

# a secret
cat >"$TMP/secret.xml" <<'XML'
<secret ephemeral='no' private='no'><uuid>5b7f3e7a-2c8e-4f0e-9f43-8a9c1a6f3b11</uuid><usage type='volume'><volume>/x</volume></usage></secret>
XML
ok v secret-define "$TMP/secret.xml"
ok v secret-set-value 5b7f3e7a-2c8e-4f0e-9f43-8a9c1a6f3b11 --base64 aGVsbG8= 
is 'the secret' aGVsbG8= "$(v secret-get-value 5b7f3e7a-2c8e-4f0e-9f43-8a9c1a6f3b11 | head -n 1)"
ok v secret-undefine 5b7f3e7a-2c8e-4f0e-9f43-8a9c1a6f3b11

# a pool and volumes, with streams both ways; one that has holes
mkdir "$TMP/pool"
ok v pool-create-as xv-pool dir --target "$TMP/pool"
ok v vol-create-as xv-pool big.img 40M
head -c 20000000 /dev/urandom >"$TMP/data"
ok v vol-upload --pool xv-pool big.img "$TMP/data"
ok v vol-download --pool xv-pool big.img "$TMP/back" --length 20000000
cmp "$TMP/data" "$TMP/back" || die "what came back is something else"
ok v vol-create-as xv-pool sparse.img 400M --allocation 0
ok v vol-download --sparse --pool xv-pool sparse.img "$TMP/sparse"
is 'size of a sparse volume' 419430400 "$(stat -c %s "$TMP/sparse")"
truncate -s 200M "$TMP/holes"
ok v vol-upload --sparse --pool xv-pool sparse.img "$TMP/holes"
# a download that is broken off, then everything else works on
timeout -s INT 0.3 "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" vol-download --pool xv-pool sparse.img "$TMP/cut" >/dev/null 2>&1
ok v vol-list xv-pool
ok v list

# on whose behalf, and what the audit says
audit_has()
{
    grep -qE "$1" "$TMP/audit" || die "the audit has no '$1': $(tail -n 3 "$TMP/audit")"
}
audit_has 'call=NETWORK_DEFINE_XML(_FLAGS)? uid=0 .* result=ok'
audit_has 'call=STORAGE_VOL_UPLOAD uid=0 .* result=ok'

# rights: denied here, before anything is asked there
cat >"$TMP/policy" <<'POLICY'
allow user:root *
allow user:nobody connect.*,storage_pool.*,domain.*
POLICY
kill -HUP "$daemon"
until_ok 30 grep -q 'configuration read again' "$log" || die "SIGHUP is not heard"
nobody()
{
    setpriv --reuid=nobody --regid=nogroup --clear-groups "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}
is 'networks that nobody may see' '' "$(nobody net-list --all --name | xargs)"
refused "access denied" nobody net-info xv-net
ok nobody pool-info xv-pool
refused 'access denied' nobody vol-download --pool xv-pool big.img "$TMP/back2"

# by name, too: one network of two, one pool of two, and of its volumes those that begin with b
sed 's/xv-net/xv-net2/; s/xv-none/xv-none2/' "$TMP/net.xml" >"$TMP/net2.xml"
ok v net-define "$TMP/net2.xml"
mkdir "$TMP/pool2"
ok v pool-create-as xv-pool2 dir --target "$TMP/pool2"
cat >"$TMP/policy" <<'POLICY'
allow user:root *
allow user:nobody connect.*,domain.*
allow user:nobody network.* xv-net
allow user:nobody storage_pool.* xv-pool
allow user:nobody storage_vol.* xv-pool/b*
POLICY
chmod 644 "$TMP"/*.xml
kill -HUP "$daemon"
until_ok 30 test "$(nobody net-list --all --name | xargs)" = xv-net || die "networks that nobody sees: $(nobody net-list --all --name)"
is 'networks' 'xv-net xv-net2' "$(v net-list --all --name | sort | xargs)"
is 'pools that nobody sees' xv-pool "$(nobody pool-list --name | xargs)"
is 'volumes that nobody sees' big.img "$(nobody vol-list xv-pool | sed -n '3,$p' | awk '{ print $1 }' | xargs)"
ok nobody net-info xv-net
refused 'access denied' nobody net-info xv-net2
refused 'access denied' nobody pool-info xv-pool2
refused 'failed to get vol' nobody vol-info --pool xv-pool sparse.img
ok nobody vol-info --pool xv-pool big.img
refused 'access denied' nobody net-define "$TMP/net2.xml"
ok nobody net-undefine xv-net
ok nobody net-define "$TMP/net.xml"
# a good name beside the uuid of another does not help, and numbers do not tell of what is hidden
py()
{
    setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/bin/python3 -c "
import libvirt, sys
libvirt.registerErrorHandler(lambda *a: None, None)
c = libvirt.open('xen:///system?socket=$run/libvirt-sock')
$1"
}
if /usr/bin/python3 -c 'import libvirt' 2>/dev/null; then
    is 'numbers' '1 1 1 1' "$(py 'print(c.numOfDefinedNetworks(), c.numOfStoragePools(), c.storagePoolLookupByName("xv-pool").numOfVolumes(), len(c.listDefinedNetworks()))')"
fi
uuid=$(v net-uuid xv-net2 | head -n 1)
refused 'Network not found|access denied|failed to get network' nobody net-destroy "$uuid"
stdbuf -oL setpriv --reuid=nobody --regid=nogroup --clear-groups "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" \
    net-event --event lifecycle --loop >"$TMP/nobody-events" 2>&1 &
listener=$!
poke_nets()
{
    for net in net2 net; do
        v net-undefine xv-$net >/dev/null
        v net-define "$TMP/$net.xml" >/dev/null
    done
    grep -q 'xv-net: Defined' "$TMP/nobody-events"
}
until_ok 30 poke_nets || die "nobody hears nothing: $(cat "$TMP/nobody-events")"
! grep -q xv-net2 "$TMP/nobody-events" || die "nobody hears of xv-net2"
kill $listener
v net-undefine xv-net2 >/dev/null
v pool-destroy xv-pool2 >/dev/null

# the other daemon is started again while a client listens: its next event comes through
: >"$TMP/net-events"
stop_other
refused 'not supported by the connection driver' v net-list
ok v list
start_other
until_ok 30 see_net || die "no events after the other daemon was started again: $(cat "$TMP/net-events")"
kill $watcher && wait $watcher 2>/dev/null
watcher=

# one connection of a client lives through that as well
mkfifo "$TMP/in"
"$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" <"$TMP/in" >"$TMP/shell" 2>&1 &
shell=$!
exec 5>"$TMP/in"
echo 'net-list --all --name' >&5
echo 'echo one' >&5
until_ok 30 grep -q one "$TMP/shell" || die "no answer: $(cat "$TMP/shell")"
stop_other
start_other
ok v net-define "$TMP/net.xml"
echo 'net-list --all --name' >&5
echo 'quit' >&5
exec 5>&-
wait $shell
grep -q xv-net "$TMP/shell" || die "the same connection does not see the new daemon: $(cat "$TMP/shell")"
stop_other
stop_daemon
