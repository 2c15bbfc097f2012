# An HVM guest, with its device model and disk, moves between two real Xen hosts: live, tunnelled, and not live.
# time limit: 1200
. "$(dirname "$0")/lib.sh"

says=$up
boot hvm-bios xv-hvm
took 'live, direct' on a migrate --live xv-hvm "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-hvm)"
is 'state at a' 'shut off (migrated)' "$(state_at a xv-hvm)"
alive_at b xv-hvm
took 'live, tunnelled' on b migrate --live --p2p --tunnelled xv-hvm "$(uri a)"
alive_at a xv-hvm
took 'not live, peer to peer' on a migrate --p2p xv-hvm "$(uri b)" "$data"
alive_at b xv-hvm
ok on b destroy xv-hvm
stop_daemon
