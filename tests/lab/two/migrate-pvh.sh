# A PVH guest moves live from one real Xen host to the other.
# time limit: 1200
. "$(dirname "$0")/lib.sh"

see=400
boot pvh-kernel xv-pvh
took 'PVH, live, direct' on a migrate --live xv-pvh "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pvh)"
is 'state at a' 'shut off (migrated)' "$(state_at a xv-pvh)"
alive_at b xv-pvh
ok on b destroy xv-pvh
stop_daemon
