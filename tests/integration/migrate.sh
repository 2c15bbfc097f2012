# Guests move between two hosts: direct, peer to peer, tunnelled; by virsh and by xvirt; renamed, changed, refused.
. "$(dirname "$0")/lib/lib.sh"
only sim # two hosts: tests/lab/two.sh has them on Xen
. "$here/two.sh"
up a
up b
watch_at a
watch_at b
here_uri=tcp://127.0.0.1

boot() # HOST NAME [create]: running and defined, or only running
{
    guest_xml pv-kernel "$2" >"$TMP/$2.xml"
    if [ "${3:-}" = create ]; then ok on "$1" create "$TMP/$2.xml"; else ok on "$1" define "$TMP/$2.xml" && ok on "$1" start "$2"; fi
    until_ok 50 grep -q "'$2': Started" "$TMP/$1/events" || die "$2 has not started"
    : >"$TMP/a/events"
    : >"$TMP/b/events"
}

# move FROM TO GUEST WORD...: by the client of this round
move()
{
    local client=$VIRSH
    [ "$by" = xvirt ] && client=$XVIRT
    ok "$client" -c "$(local_uri "$1")" migrate "$3" "${@:4}"
}

for by in virsh xvirt; do
    name=xv-$by
    boot a "$name"
    # there, the definition stays
    move a b "$name" "$(local_uri b)" "$here_uri" --live
    expect_only b "$name"
    is 'state at b' 'running (migrated)' "$(state_at b "$name")"
    is 'state at a' 'shut off (migrated)' "$(state_at a "$name")"
    expect_events a "$name" 'Suspended Migrated;Stopped Migrated;'
    expect_events b "$name" 'Started Migrated;Resumed Migrated;'
    # and back by its own daemon, defined there and not here any more; what is defined at a is replaced
    move b a "$name" "$(tcp_uri a)" "$here_uri" --live --p2p --persistent
    expect_only a "$name"
    expect_events b "$name" 'Suspended Migrated;Stopped Migrated;'
    expect_events a "$name" 'Started Migrated;Resumed Migrated;Defined Updated;'
    refused 'not found|failed to get' on b dominfo "$name"
    move a b "$name" "$(tcp_uri b)" --live --p2p --tunnelled --persistent --undefinesource
    expect_only b "$name"
    expect_events a "$name" 'Suspended Migrated;Stopped Migrated;Undefined Removed;'
    expect_events b "$name" 'Started Migrated;Resumed Migrated;Defined Added;'
    refused 'not found|failed to get' on a dominfo "$name"
    ok on b dominfo "$name"
    grep -q 'Persistent: *yes' "$TMP/out" || die "it is not defined at b"
    # not live, left paused, under another name
    move b a "$name" "$(local_uri a)" "$here_uri" --suspend --dname "$name-2"
    is 'state at a' 'paused (user)' "$(state_at a "$name-2")"
    expect_events a "$name-2" 'Started Migrated;Suspended Paused;'
    ok on a resume "$name-2"
    ok on a destroy "$name-2"
    ok on b undefine "$name"
    # a guest that is paused stays so
    boot a "$name" create
    ok on a suspend "$name"
    move a b "$name" "$(tcp_uri b)" "$here_uri" --live --p2p
    is 'state at b' 'paused (user)' "$(state_at b "$name")"
    ok on b destroy "$name"
    # changed on the way
    boot a "$name" create
    ok on a dumpxml --migratable "$name"
    sed 's|<on_reboot>restart|<on_reboot>destroy|' "$TMP/out" >"$TMP/changed.xml"
    move a b "$name" "$(local_uri b)" "$here_uri" --live --xml "$TMP/changed.xml"
    ok on b dumpxml "$name"
    grep -q '<on_reboot>destroy' "$TMP/out" || die "the changed XML has no effect"
    ok on b destroy "$name"
done

# what cannot be: nothing changes on either side
boot a xv-stay
refused 'localhost|same host|reach' hasty a migrate --live --p2p xv-stay "$(local_uri b)"
refused 'not known|transport' "$XVIRT" -c "$(local_uri a)" migrate --p2p xv-stay "xen+ext://127.0.0.1/system"
refused "parameter 'command'" "$XVIRT" -c "$(local_uri a)" migrate --p2p xv-stay "xen+ssh://127.0.0.1/system?command=/bin/true"
# what no Xen does is refused by its name
never() # WHAT WORD...
{
    refused "$1 is not supported" hasty a migrate "${@:2}" xv-stay "$(local_uri b)" "$here_uri"
    refused "$1 is not supported in a migration" "$XVIRT" -c "$(local_uri a)" migrate "${@:2}" xv-stay "$(local_uri b)" "$here_uri"
}
never 'copying the disks' --live --copy-storage-all
never 'copying the disks' --live --copy-storage-inc
never 'offline migration' --offline --persistent
never compression --live --compressed
never auto-convergence --live --auto-converge
never RDMA --live --rdma-pin-all
never post-copy --live --postcopy
never 'TLS for the data' --live --tls
never 'more than one connection' --live --parallel
never 'zero-copy sending' --live --zerocopy
refused 'only tcp://' hasty a migrate --live xv-stay "$(local_uri b)" rdma://127.0.0.1
refused 'another domain|identifier' hasty a migrate --live --xml "$TMP/nobody.xml" xv-stay "$(local_uri b)" "$here_uri"
guest_xml pv-kernel xv-stay | sed 's|<name>.*</name>|&<uuid>00000000-0000-4000-8000-000000000001</uuid>|' >"$TMP/twin.xml"
ok on b define "$TMP/twin.xml"
refused 'already exists' hasty a migrate --live xv-stay "$(local_uri b)" "$here_uri"
ok on b undefine xv-stay
refused 'the host itself|not possible|not running' hasty a migrate --live Domain-0 "$(local_uri b)" "$here_uri"
expect_only a xv-stay

guest_xml tiny xv-bound | sed 's|<memory unit|<metadata><xvirt:domain xmlns:xvirt="https://xvirt.org/schemas/domain/1.0"><xvirt:nomigrate state="on"/></xvirt:domain></metadata>\n&|' \
    >"$TMP/bound.xml"
ok on a create "$TMP/bound.xml"
refused 'not to be migrated' hasty a migrate --live xv-bound "$(local_uri b)" "$here_uri"
ok on a destroy xv-bound

# the same storage on both sides, or none
truncate -s 1M "$TMP/one.img"
truncate -s 2M "$TMP/two.img"
guest_xml pv-kernel xv-disk | sed "s|$images/blank.img|$TMP/one.img|" >"$TMP/disk.xml"
ok on a create "$TMP/disk.xml"
ok on a dumpxml --migratable xv-disk
sed "s|$TMP/one.img|$TMP/gone.img|" "$TMP/out" >"$TMP/gone.xml"
sed "s|$TMP/one.img|$TMP/two.img|" "$TMP/out" >"$TMP/two.xml"
refused "cannot open '$TMP/gone.img' on the destination" hasty a migrate --live --xml "$TMP/gone.xml" xv-disk "$(local_uri b)" "$here_uri"
refused 'not the same storage' hasty a migrate --live --xml "$TMP/two.xml" xv-disk "$(local_uri b)" "$here_uri"
expect_only a xv-disk
ok on a migrate --live --unsafe --xml "$TMP/two.xml" xv-disk "$(local_uri b)" "$here_uri"
expect_only b xv-disk

# what the destination lacks is told before anything is sent, and nothing is left there
lacking() # TEXT GUEST
{
    refused "$1" hasty a migrate --live "$2" "$(local_uri b)" "$here_uri"
    expect_only a "$2"
    refused 'not found|failed to get' on b dominfo "$2"
}
mem_kib=14680064 guest_xml tiny xv-large >"$TMP/large.xml"
ok on a create "$TMP/large.xml"
mem_kib=4194304 guest_xml tiny xv-here >"$TMP/here.xml"
ok on b create "$TMP/here.xml"
lacking 'cannot take in domain .xv-large.: not enough free memory' xv-large
ok on b destroy xv-here
ok on a destroy xv-large
bridge=xenbr0 guest_xml pv-kernel xv-net >"$TMP/net.xml"
ok on a create "$TMP/net.xml"
ok on a dumpxml --migratable xv-net
sed "s|bridge='xenbr0'|bridge='nosuch0'|" "$TMP/out" >"$TMP/nonet.xml"
refused "cannot take in domain 'xv-net'.*nosuch0" hasty a migrate --live --xml "$TMP/nonet.xml" xv-net "$(local_uri b)" "$here_uri"
expect_only a xv-net
ok on a destroy xv-net
down b
sim_options=cpu=1f,xen=4.15 up b
lacking "Xen 4.15 is older than the source's, 4.17" xv-stay
down b
sim_options=cpu=1f up b
lacking "processor lacks what the source's has: .*sse2" xv-stay
ok on a migrate --live --unsafe xv-stay "$(local_uri b)" "$here_uri"
expect_only b xv-stay
ok on b migrate --live xv-stay "$(local_uri a)" "$here_uri"
expect_only a xv-stay
down b
up b
down a
sim_options=noshadow=yes up a
refused 'built without shadow paging' hasty a migrate --live xv-stay "$(local_uri b)" "$here_uri"
refused 'built without shadow paging' hasty a migrate --live --p2p xv-stay "$(tcp_uri b)" "$here_uri"
ok on a migrate xv-stay "$(local_uri b)" "$here_uri"
expect_only b xv-stay
ok on b migrate --live xv-stay "$(local_uri a)" "$here_uri"
down a
up a
expect_only a xv-stay

# the definition that it gets there
ok on a dumpxml --inactive xv-stay
sed 's|<on_crash>destroy|<on_crash>preserve|' "$TMP/out" >"$TMP/kept.xml"
ok on a migrate --live --persistent --persistent-xml "$TMP/kept.xml" xv-stay "$(local_uri b)" "$here_uri"
ok on b dumpxml --inactive xv-stay
grep -q '<on_crash>preserve' "$TMP/out" || die "the persistent XML has no effect"
ok on b migrate --live --undefinesource xv-stay "$(local_uri a)" "$here_uri"
expect_only a xv-stay

# how fast
ok on a migrate-setspeed xv-stay 64
ok on a migrate-getspeed xv-stay
is speed 64 "$(head -n 1 "$TMP/out")"
ok "$XVIRT" -c "$(local_uri a)" migrate-setspeed xv-stay 32
ok "$XVIRT" -c "$(local_uri a)" migrate-getspeed xv-stay
is speed 32 "$(head -n 1 "$TMP/out")"
refused 'no limit for the downtime' hasty a migrate-setmaxdowntime xv-stay 100
refused 'no limit for the downtime' "$XVIRT" -c "$(local_uri a)" migrate-setmaxdowntime xv-stay 100

# while it moves: it runs, has a job with progress, nobody else changes it; and it can be stopped
sim a delay save 4000
"$XVIRT" -c "$(local_uri a)" migrate --live --verbose xv-stay "$(local_uri b)" "$here_uri" >"$TMP/moving" 2>&1 &
moving=$!
has_job()
{
    on a domjobinfo xv-stay | grep -qE 'Data processed: *[1-9]'
}
until_ok 30 has_job || die "no job is seen: $(on a domjobinfo xv-stay)"
is 'state at a' 'running (migrated)' "$(state_at a xv-stay)"
refused "busy with 'migrate'" on a save xv-stay "$TMP/image"
ok on a domjobabort xv-stay
! wait "$moving" || die "an aborted migration succeeds"
grep -q 'abort' "$TMP/moving" || die "what was aborted says: $(cat "$TMP/moving")"
expect_only a xv-stay
refused 'not found|failed to get' on b dominfo xv-stay
# a guest cannot be suspended in the middle: that is said, and it moves all the same
sim a delay save 2500
ok "$XVIRT" -c "$(local_uri a)" migrate --live --timeout 1 xv-stay "$(local_uri b)" "$here_uri"
grep -q 'not suspended after the timeout' "$TMP/err" || die "the timeout says: $(cat "$TMP/err")"
expect_only b xv-stay
down a
down b
