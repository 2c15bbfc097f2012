# ssh: a real sshd on loopback with keys of its own; the other end by virt-ssh-helper (ours) and by nc.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
for tool in sshd ssh ssh-keygen nc; do
    command -v $tool >/dev/null || skip "no $tool"
done
[ "$(id -u)" = 0 ] || skip "sshd needs root to log somebody in"
helper=${SSH_HELPER:-$(dirname "$XVIRT")/virt-ssh-helper}
[ -x "$helper" ] || skip "no virt-ssh-helper of ours"
read -r port <<<"$(free_ports 1)"
mkdir -p "$TMP/ssh" "$TMP/bin" /run/sshd
ok ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/host"
ok ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/user"
cp "$TMP/ssh/user.pub" "$TMP/ssh/allowed"
cat >"$TMP/ssh/sshd" <<CONF
Port $port
ListenAddress 127.0.0.1
HostKey $TMP/ssh/host
AuthorizedKeysFile $TMP/ssh/allowed
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
SetEnv PATH=$TMP/bin:/usr/bin:/bin
CONF
cat >"$TMP/ssh/config" <<CONF
UserKnownHostsFile $TMP/ssh/known
IdentityFile $TMP/ssh/user
IdentitiesOnly yes
LogLevel ERROR
CONF
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$TMP/ssh/host.pub")" >"$TMP/ssh/known"
printf '#!/bin/sh\nexec ssh -F %s "$@"\n' "$TMP/ssh/config" >"$TMP/ssh/ssh"
chmod +x "$TMP/ssh/ssh"
"$(command -v sshd)" -D -e -f "$TMP/ssh/sshd" 2>"$TMP/ssh/log" &
sshd=$!
trap 'status=$?; kill $sshd 2>/dev/null; (exit $status); cleanup' EXIT
until_ok 10 python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" || die "no sshd: $(cat "$TMP/ssh/log")"

start_daemon
one_guest
base="xen+ssh://root@127.0.0.1:$port/system?command=$TMP/ssh/ssh"
# nc: the way of hosts without the helper, and of clients that name a socket
SECONDS=0
lists "$base&socket=$run/libvirt-sock"
echo "took $SECONDS s by nc"
lists "$base&socket=$run/libvirt-sock&proxy=netcat"
# the helper; the daemon of this test is not where the host's own would be
cat >"$TMP/bin/virt-ssh-helper" <<HELPER
#!/bin/sh
echo "\$*" >>$TMP/bin/calls
for last; do :; done
[ "\$1" = -r ] && exec $helper -r "\$last?socket=$run/libvirt-sock-ro"
exec $helper "\$last?socket=$run/libvirt-sock"
HELPER
chmod +x "$TMP/bin/virt-ssh-helper"
SECONDS=0
lists "$base"
echo "took $SECONDS s by the helper"
lists "$base&proxy=native"
is 'calls of the helper' 4 "$(wc -l <"$TMP/bin/calls")"
# read-only goes to the other socket
ok "$XVIRT" -r -c "$base" list --all
grep -q -- '^-r xen:///system$' "$TMP/bin/calls" || die "the helper was called so: $(cat "$TMP/bin/calls")"
refused 'read only' "$VIRSH" -r -c "$base" undefine xv-far
# what is missing is said
refused '.' "$XVIRT" -c "xen+ssh://root@127.0.0.1:$port/system?command=$TMP/ssh/ssh&socket=$TMP/nothing" list
refused '127.0.0.1' "$helper" 'xen+tls://127.0.0.1/system'
# much data through it, both ways
python3 - >"$TMP/big.xml" <<'PY'
print("<domain type='xen'><name>xv-big</name><description>%s</description><memory>65536</memory>"
      "<os><type>linux</type><kernel>/k</kernel></os></domain>" % ("x" * 400000))
PY
made+=(xv-big)
for client in "$VIRSH" "$XVIRT"; do
    ok "$client" -c "$base" define "$TMP/big.xml"
    ok "$client" -c "$base" dumpxml xv-big
    [ "$(wc -c <"$TMP/out")" -gt 400000 ] || die "$client: only $(wc -c <"$TMP/out") bytes came"
    ok v undefine xv-big
done
ok v undefine xv-far
stop_daemon
