# xvirt against Debian's libvirtd through ssh: by nc, and by virt-ssh-helper where the host has one.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
. "$(dirname "$0")/lib/sshd.sh"
start_sshd
cat >"$TMP/look" <<'LOOK'
#!/bin/bash
# what both clients say of libvirtd's test driver, through ssh and not
base="test+ssh://root@127.0.0.1:$SSH_PORT/default?command=$SSH_COMMAND&socket=$LIBVIRTD_SOCKET"
near=$("$XVIRT" -c "test+unix:///default?socket=$LIBVIRTD_SOCKET" list --all) || exit 1
for client in "$XVIRT" "$VIRSH"; do
    far=$("$client" -c "$base" list --all) && [ "$far" = "$near" ] || { echo "$client: '$far', not '$near'" >&2; exit 1; }
done
far=$("$XVIRT" -c "$base&proxy=netcat" dumpxml test) && [ "${#far}" -gt 500 ] || exit 1
! "$XVIRT" -c "test+ssh://root@127.0.0.1:$SSH_PORT/default?command=$SSH_COMMAND&socket=/nonexistent" list 2>/dev/null
LOOK
chmod +x "$TMP/look"
SSH_PORT=$ssh_port SSH_COMMAND=$ssh_command "$here/../with-libvirtd.sh" "$TMP/look" >"$TMP/out" 2>&1
status=$?
[ $status != 77 ] || skip "$(tail -n 1 "$TMP/out")"
[ $status = 0 ] || die "by ssh: $(cat "$TMP/out")"
