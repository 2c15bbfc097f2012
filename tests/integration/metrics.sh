# GET /metrics: OpenMetrics of the host, the guests and the daemon; over TCP on loopback and a unix socket; and its price.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh metrics)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "metrics_listen = \"127.0.0.1:$port\"" >"$TMP/conf"
start_daemon --config "$TMP/conf"
define pv-kernel 'xv-web'
define pv-kernel 'xv-off'
ok v start xv-web
python3 "$here/metrics.py" "127.0.0.1:$port" || die "the page is wrong"
ok v destroy xv-web
ok v undefine xv-web
ok v undefine xv-off
stop_daemon
echo "metrics_listen = \"$run/metrics\"" >"$TMP/conf"
start_daemon --config "$TMP/conf"
ok curl -sf --unix-socket "$run/metrics" http://localhost/metrics
tail -n 1 "$TMP/out" | grep -qx '# EOF' || die "over a unix socket: $(tail -n 1 "$TMP/out")"
stop_daemon
# every address of the network is none of this page's business
echo 'metrics_listen = "0.0.0.0:9177"' >"$TMP/conf"
! timeout 10 "$XVIRTD" --hypervisor sim --config "$TMP/conf" --run-dir "$TMP/run3" --state-dir "$TMP/s" --config-dir "$TMP/c" 2>"$TMP/err" ||
    die "metrics_listen = 0.0.0.0 was accepted"
grep -q 'metrics_listen is' "$TMP/err" || die "it says: $(cat "$TMP/err")"
