# A PV guest moves between two real Xen hosts, not live: direct, peer to peer and tunnelled, by virsh and by xvirt; renamed, changed
# and with its definition.
# time limit: 1500
. "$(dirname "$0")/lib.sh"

boot pv-kernel xv-pv
took 'direct' on a migrate xv-pv "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pv)"
is 'state at a' 'shut off (migrated)' "$(state_at a xv-pv)"
alive_at b xv-pv
took 'peer to peer, defined at a' on b migrate --p2p --persistent xv-pv "$(uri a)" "$back"
alive_at a xv-pv
is 'guests at b' Domain-0 "$(on b list --all --name | xargs)"
took 'tunnelled, the definition with it' on a migrate --p2p --tunnelled --persistent --undefinesource xv-pv "$(uri b)"
alive_at b xv-pv
refused 'not found|failed to get' on a dominfo xv-pv
ok on b dominfo xv-pv
grep -q 'Persistent: *yes' "$TMP/out" || die "it is not defined at b"

# by xvirt, under another name, and changed
ok on b dumpxml --migratable xv-pv
sed 's|<on_reboot>restart|<on_reboot>destroy|' "$TMP/out" >"$TMP/changed.xml"
took 'renamed, by xvirt' "$XVIRT" -c "$(uri b)" migrate --dname xv-moved --xml "$TMP/changed.xml" xv-pv "$(uri a)" "$back"
alive_at a xv-moved
is 'state at b' 'shut off (migrated)' "$(state_at b xv-pv)"
ok on a dumpxml xv-moved
grep -q '<on_reboot>destroy' "$TMP/out" || die "the changed XML has no effect"

ok on a destroy xv-moved
stop_daemon
