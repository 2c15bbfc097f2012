# Guests move between two real Xen hosts: PV and PVH, live and not, direct, peer to peer and tunnelled, by virsh and by xvirt. Live PV
# guests need a hypervisor with shadow paging; one without refuses.
# time limit: 3500
. "$(dirname "$0")/lib.sh"

# --- PV, not live ---
boot pv-kernel xv-pv
took 'PV, not live, direct' on a migrate xv-pv "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pv)"
is 'state at a' 'shut off (migrated)' "$(state_at a xv-pv)"
alive_at b xv-pv
took 'PV, not live, by xvirt' "$XVIRT" -c "$(uri b)" migrate xv-pv "$(uri a)" "$back"
alive_at a xv-pv

# --- PV, live ---
if on a migrate --live xv-pv "$(uri b)" "$data" >"$TMP/out" 2>"$TMP/err"; then
    alive_at b xv-pv
    echo "PV, live, direct: moved"
    took 'PV, live, peer to peer' on b migrate --live --p2p xv-pv "$(uri a)" "$back"
    alive_at a xv-pv
    took 'PV, live, tunnelled' on a migrate --live --p2p --tunnelled xv-pv "$(uri b)"
    alive_at b xv-pv
    took 'PV, live, by xvirt' "$XVIRT" -c "$(uri b)" migrate --live xv-pv "$(uri a)" "$back"
    alive_at a xv-pv
else
    echo "PV, live: $(cat "$TMP/err")"
    grep -q 'shadow paging' "$TMP/err" || die "a refused live migration does not say why"
    stays xv-pv 'PV, live, refused'
fi

# --- peer to peer, tunnelled ---
took 'PV, not live, peer to peer' on a migrate --p2p xv-pv "$(uri b)" "$data"
alive_at b xv-pv
took 'PV, not live, tunnelled' on b migrate --p2p --tunnelled --persistent --undefinesource xv-pv "$(uri a)"
alive_at a xv-pv

ok on a destroy xv-pv

# --- PVH, live ---
see=400
boot pvh-kernel xv-pvh
took 'PVH, live, direct' on a migrate --live xv-pvh "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pvh)"
alive_at b xv-pvh
ok on b destroy xv-pvh
stop_daemon
