# A PV guest moves live between two real Xen hosts: direct, peer to peer and tunnelled, by virsh and by xvirt; what becomes of it is
# told on the way. It needs a hypervisor with shadow paging; one without refuses, and the guest stays.
# time limit: 1500
. "$(dirname "$0")/lib.sh"

boot pv-kernel xv-pv
if ! on a migrate --live xv-pv "$(uri b)" "$data" >"$TMP/out" 2>"$TMP/err"; then
    echo "refused: $(cat "$TMP/err")"
    grep -q 'shadow paging' "$TMP/err" || die "a refused live migration does not say why"
    stays xv-pv refused
    ok on a destroy xv-pv
    stop_daemon
    exit 0
fi
alive_at b xv-pv
echo 'direct: moved'
took 'peer to peer' on b migrate --live --p2p xv-pv "$(uri a)" "$back"
alive_at a xv-pv
took 'tunnelled' on a migrate --live --p2p --tunnelled xv-pv "$(uri b)"
alive_at b xv-pv
took 'by xvirt' "$XVIRT" -c "$(uri b)" migrate --live xv-pv "$(uri a)" "$back"
alive_at a xv-pv
ok on a destroy xv-pv
stop_daemon
