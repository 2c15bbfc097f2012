# A PV guest with a disk and a network card moves between two real Xen hosts; what its destination lacks is told before anything is
# sent, and it stays.
# time limit: 1500
. "$(dirname "$0")/lib.sh"

bare='' guest_xml pv-kernel xv-dev xv.tick=2 | sed 's|<graphics[^>]*/>||' >"$TMP/dev.xml"
ok on a define "$TMP/dev.xml"
made+=(xv-dev)
ok on a start xv-dev
see_at a xv-dev "$up"
ok on a dumpxml --migratable xv-dev
sed 's|/blank.img|/gone.img|' "$TMP/out" >"$TMP/gone.xml"
sed "s|bridge='xenbr0'|bridge='nosuch0'|" "$TMP/out" >"$TMP/nonet.xml"
refused "cannot open '.*/gone.img' on the destination" on a migrate --p2p --xml "$TMP/gone.xml" xv-dev "$(uri b)" "$data"
refused 'nosuch0' on a migrate --p2p --xml "$TMP/nonet.xml" xv-dev "$(uri b)" "$data"
stays xv-dev 'refused twice'
took 'with a disk and a card' on a migrate xv-dev "$(uri b)" "$data"
alive_at b xv-dev
ok on b domblkstat xv-dev xvda
ok on b domiflist xv-dev
interface=$(awk '$3 == "xenbr0" { print $1 }' "$TMP/out")
[ -n "$interface" ] || die "no card of xv-dev at b: $(cat "$TMP/out")"
ok on b domifstat xv-dev "$interface"
until_ok 60 test ! -e /sys/class/net/"$interface" || die "$interface is still at a"
is 'loop devices of a' '' "$(losetup -a)"
ok on b destroy xv-dev
stop_daemon
