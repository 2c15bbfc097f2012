# Guests that lose what toolstacks note of them in xenstore: a name, the configuration, all of it. They run on, can be ended, and a
# daemon that starts then knows them again by what Xen itself has.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh nameless)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
only xen # it is Xen's own store
start_daemon
define tiny xv-one xv.tick=2
ok v start xv-one
id=$(domid_of xv-one)
console_see xv-one TICK

# its name
xenstore-rm "/local/domain/$id/name"
is_state xv-one 'running (booted)' || die "state: $(v list --all)"
ok v suspend xv-one
ok v resume xv-one
stop_daemon
start_daemon
known()
{
    [ "$(domid_of xv-one)" = "$id" ]
}
until_ok "$(patience)" known || die "it is not known any more: $(v list --all)"
is 'guests' xv-one "$(v list --all --name | grep -v Domain-0 | xargs)"

# what it was started with
rm -f /var/lib/xen/userdata-*."$id".*
stop_daemon
start_daemon
until_ok "$(patience)" known || die "it is not known any more: $(v list --all)"
ok v dominfo xv-one
ok v suspend xv-one
wait_state xv-one 'paused (user)'
ok v resume xv-one
ok v destroy xv-one
wait_state xv-one 'shut off (destroyed)'
ok v start xv-one
[ "$(domid_of xv-one)" != "$id" ] || die 'the same number'
ok v destroy xv-one

# one of others, without a definition here
printf 'name = "xv-two"\nkernel = "%s"\nmemory = 16\nextra = "xv.tick=2"\n' "$images/tiny" >"$TMP/two.cfg"
made+=(xv-two)
xl create -q "$TMP/two.cfg" || die 'xl create'
until_ok "$(patience)" is_state xv-two 'running (unknown)' || until_ok 30 is_state xv-two 'running (booted)' || die "state: $(state_of xv-two)"
uuid=$(v domuuid xv-two | head -n 1) id=$(domid_of xv-two)
xenstore-rm "/local/domain/$id/name"
stop_daemon
start_daemon
found()
{
    [ "$(v domid "$uuid" | head -n 1)" = "$id" ]
}
until_ok "$(patience)" found || die "a guest without a name is not shown: $(v list --all)"
ok v destroy "$uuid"
! xl list "$id" >/dev/null 2>&1 || die "it still runs: $(xl list)"
ok v undefine xv-one
stop_daemon
