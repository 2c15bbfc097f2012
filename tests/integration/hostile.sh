# Clients that mean no good: thousands of them, slow ones, deaf ones; others are served meanwhile, and memory and descriptors
# stay bounded. Prints its figures.
# time limit: 120
. "$(dirname "$0")/lib/lib.sh"
only sim
printf '%s\n' 'max_anonymous_clients = 20' 'max_clients = 12000' >"$TMP/conf"
start_daemon --config "$TMP/conf"
define pv-kernel xv-web
ok v start xv-web
python3 "$here/hostile.py" "$run/libvirt-sock" "$daemon" || die "see above"
ok v list
ok v destroy xv-web
ok v undefine xv-web
stop_daemon
