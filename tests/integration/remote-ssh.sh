# ssh: a real sshd on loopback with keys of its own; the other end by virt-ssh-helper (ours) and by nc.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
. "$(dirname "$0")/lib/sshd.sh"
helper=${SSH_HELPER:-$(dirname "$XVIRT")/virt-ssh-helper}
[ -x "$helper" ] || skip "no virt-ssh-helper of ours"
start_sshd
port=$ssh_port

start_daemon
one_guest
base="xen+ssh://root@127.0.0.1:$port/system?command=$TMP/ssh/ssh"
# nc: the way of hosts without the helper, and of clients that name a socket
SECONDS=0
lists "$base&socket=$run/libvirt-sock"
echo "took $SECONDS s by nc"
lists "$base&socket=$run/libvirt-sock&proxy=netcat"
! has_ipv6 || lists "xen+ssh://root@[::1]:$port/system?command=$TMP/ssh/ssh&socket=$run/libvirt-sock"
# a key that is named, and no questions asked; a key that the host does not know
cat >"$TMP/ssh/nokey" <<'SSH'
#!/bin/sh
exec ssh -o IdentitiesOnly=yes -o LogLevel=ERROR -o UserKnownHostsFile="$(dirname "$0")/known" "$@"
SSH
chmod +x "$TMP/ssh/nokey"
ok ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/stranger"
named="xen+ssh://root@127.0.0.1:$port/system?command=$TMP/ssh/nokey&socket=$run/libvirt-sock&no_tty=1"
lists "$named&keyfile=$TMP/ssh/user"
lists_not '.' "$named&keyfile=$TMP/ssh/stranger"
# a host whose key is not known is not talked to, unless one says so
echo >"$TMP/ssh/none"
sed 's#/known#/none#' "$TMP/ssh/nokey" >"$TMP/ssh/unknown" && chmod +x "$TMP/ssh/unknown"
unknown="xen+ssh://root@127.0.0.1:$port/system?command=$TMP/ssh/unknown&socket=$run/libvirt-sock&no_tty=1&keyfile=$TMP/ssh/user"
lists_not '.' "$unknown"
lists "$unknown&no_verify=1"
# the keys of hosts that a URI names are the only ones that count; one more can be taken in
plain=$TMP/ssh/plain
printf '#!/bin/sh\nexec ssh -F none -o IdentitiesOnly=yes -o LogLevel=ERROR "$@"\n' >"$plain" && chmod +x "$plain"
keys="xen+ssh://root@127.0.0.1:$port/system?command=$plain&socket=$run/libvirt-sock&no_tty=1&keyfile=$TMP/ssh/user"
far() # PARAMETERS
{
    "$XVIRT" -c "$keys&$1" list --all --name
}
ok far "known_hosts=$TMP/ssh/known"
refused . far "known_hosts=$TMP/ssh/nobody"
ok far "known_hosts=$TMP/ssh/nobody&known_hosts_verify=ignore"
ok far "known_hosts=$TMP/ssh/new&known_hosts_verify=auto&sshauth=privkey"
[ -s "$TMP/ssh/new" ] || die "the host's key is not kept"
ok far "known_hosts=$TMP/ssh/new&known_hosts_verify=normal"
refused . far "known_hosts=$TMP/ssh/known&sshauth=password"
# another program for the other end
cat >"$TMP/bin/mync" <<'NC'
#!/bin/sh
echo called >>"$(dirname "$0")/mync.calls"
exec nc "$@"
NC
chmod +x "$TMP/bin/mync"
lists "$base&socket=$run/libvirt-sock&netcat=$TMP/bin/mync"
[ -s "$TMP/bin/mync.calls" ] || die "netcat= is not heeded"
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
