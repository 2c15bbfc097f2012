# Looking after the daemon by virt-admin: servers, clients, limits, the log. Only root may.
. "$(dirname "$0")/lib/lib.sh"
only sim
command -v virt-admin >/dev/null || skip "no virt-admin"
chmod 711 "$TMP"
start_daemon
chmod 755 "$run"
admin()
{
    virt-admin -c "libvirtd:///system?socket=$run/libvirt-admin-sock" "$@"
}
has() # TEXT
{
    grep -qE -- "$1" "$TMP/out" || die "no '$1' in: $(cat "$TMP/out")"
}
is 'mode of the socket' 700 "$(stat -c %a "$run/libvirt-admin-sock")"
ok admin server-list
has 'virtxend' && has 'admin'
ok virt-admin -c "virtxend:///system?socket=$run/virtxend-admin-sock" server-list
ok admin version

# clients: a shell of virsh that stays
mkfifo "$TMP/in"
"$VIRSH" -r -c "xen:///system?socket=$run/libvirt-sock-ro" <"$TMP/in" >"$TMP/shell" 2>&1 &
shell=$!
exec 5>"$TMP/in"
echo 'list --all' >&5
until_ok 30 grep -q State "$TMP/shell" || die "no answer: $(cat "$TMP/shell")"
ok admin client-list virtxend
is 'clients' 1 "$(grep -c unix "$TMP/out")"
id=$(awk '/unix/ {print $1}' "$TMP/out")
ok admin client-info virtxend "$id"
has 'readonly *: yes' && has "unix_user_id *: $(id -u)" && has "unix_process_id *: $shell"
refused "no client with matching ID" admin client-info virtxend 9999
refused "no server with matching name" admin client-list nosuch
ok admin client-list admin
is 'administrators' 1 "$(grep -c unix "$TMP/out")"
ok admin client-disconnect virtxend "$id"
echo 'list --all' >&5
until_ok 30 grep -qi 'disconnected\|end of file\|closed' "$TMP/shell" || die "not disconnected: $(cat "$TMP/shell")"
echo quit >&5
exec 5>&-
wait $shell

# limits
ok admin server-clients-info virtxend
has 'nclients_max *: 5000' && has 'nclients_unauth_max *: 20' && has 'nclients *: 0'
ok admin server-clients-set virtxend --max-clients 100 --max-unauth-clients 10
ok admin server-clients-info virtxend
has 'nclients_max *: 100' && has 'nclients_unauth_max *: 10'
refused 'less than or equal|above' admin server-clients-set virtxend --max-clients 5 --max-unauth-clients 10
ok admin server-threadpool-info virtxend
has 'maxWorkers *: 20' && has 'freeWorkers *: 20' && has 'prioWorkers *: 5'
ok admin server-threadpool-set virtxend --max-workers 10 --priority-workers 3
ok admin server-threadpool-info virtxend
has 'maxWorkers *: 10' && has 'prioWorkers *: 3'
refused 'maxWorkers' admin server-threadpool-set virtxend --max-workers 1000
refused 'prioWorkers' admin server-threadpool-set virtxend --priority-workers 1000

# the log
ok admin daemon-log-outputs
has '(1|2|3):stderr'
ok admin daemon-log-outputs "1:file:$TMP/other.log 4:stderr"
ok admin daemon-log-filters "1:daemon.dispatch 4:core"
ok admin daemon-log-filters
has 'daemon.dispatch'
v dominfo nosuch >/dev/null 2>&1
until_ok 30 grep -q 'debug: DOMAIN_LOOKUP_BY_NAME: code 42' "$TMP/other.log" || die "nothing of it in the file: $(cat "$TMP/other.log")"
refused 'a log output is' admin daemon-log-outputs "7:nowhere"
refused 'not absolute' admin daemon-log-outputs "1:file:etc/passwd"
refused 'a log filter is' admin daemon-log-filters "loud"
ok admin daemon-log-filters "4:daemon"
: >"$TMP/other.log"
v dominfo nosuch >/dev/null 2>&1
! grep -q DOMAIN_LOOKUP "$TMP/other.log" || die "filtered, and there all the same: $(cat "$TMP/other.log")"
refused 'does not serve TLS' admin server-update-tls virtxend

# nobody else, even where the socket's mode would let them
if [ "$(id -u)" = 0 ]; then
    chmod 777 "$run/libvirt-admin-sock"
    ! setpriv --reuid=nobody --regid=nogroup --clear-groups virt-admin -c "libvirtd:///system?socket=$run/libvirt-admin-sock" \
        server-list >/dev/null 2>&1 || die "nobody may look after the daemon"
fi
# and the programs are not mixed up: a client's call there, an administrator's call here
python3 - "$run" <<'PY' || die "the programs are mixed up"
import socket, struct, sys
def ask(path, program, proc, payload=b''):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1] + path)
    s.sendall(struct.pack('>IIIiIII', 28 + len(payload), program, 1, proc, 0, 1, 0) + payload)
    n, = struct.unpack('>I', s.recv(4, socket.MSG_WAITALL))
    body = s.recv(n - 4, socket.MSG_WAITALL)
    return struct.unpack('>I', body[20:24])[0]
REMOTE, ADMIN = 0x20008086, 0x06900690
assert ask('/libvirt-admin-sock', ADMIN, 1, struct.pack('>I', 0)) == 0
assert ask('/libvirt-admin-sock', ADMIN, 1, struct.pack('>I', 1)) == 1    # an unknown flag
assert ask('/libvirt-admin-sock', ADMIN, 4, struct.pack('>II', 1, 0)) == 1  # not open
assert ask('/libvirt-admin-sock', ADMIN, 21) == 1
assert ask('/libvirt-admin-sock', REMOTE, 59) == 1
assert ask('/libvirt-sock', ADMIN, 1, struct.pack('>I', 0)) == 1
PY

# a daemon that nobody uses ends by itself when it is told to
ok admin daemon-timeout --timeout 1
for i in $(seq 100); do
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
done
! kill -0 "$daemon" 2>/dev/null || die "it is still there"
wait "$daemon" || die "it ended with $?"
daemon=
