# xvirt and virsh side by side against this daemon: the same words bring the same text. (tests/cli does so against libvirtd.)
. "$(dirname "$0")/lib/lib.sh"
only sim # what is compared is text; guests of a real host change between two calls
start_daemon
define pv-kernel xv-on
define hvm-bios xv-off
ok v start xv-on
SAME_URI="xen:///system?socket=$run/libvirt-sock" SAME_DIR=$TMP "$here/../../cli/sim.sh" "$XVIRT" >"$TMP/same" 2>&1
status=$?
grep -a -A 30 '^not ok' "$TMP/same"
[ $status = 0 ] || die "$(grep -a -c '^not ok' "$TMP/same") command lines differ"
echo "$(grep -a -c '^ok' "$TMP/same") command lines are the same"
ok v destroy xv-on
stop_daemon
