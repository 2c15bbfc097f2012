# xvirt against Debian's libvirtd with Kerberos: GSSAPI and its encryption on bare TCP.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
. "$(dirname "$0")/lib/kdc.sh"
start_kdc
chmod a+x "$TMP" # the daemon is another user
chmod -R a+rX "$TMP/krb" "$TMP/sasl"
chmod a+rwx "$TMP/krb"
cat >"$TMP/look" <<'LOOK'
#!/bin/bash
base="test+tcp://localhost:$LIBVIRTD_TCP_PORT/default"
near=$("$XVIRT" -c "$base" list --all) && [[ $near == *test*running* ]] || { echo "xvirt: $near" >&2; exit 1; }
[ "$("$VIRSH" -c "$base" list --all)" = "$near" ] || exit 1
kdestroy
! "$XVIRT" -c "$base" list 2>"$HOME/err" || { echo "it works without a ticket" >&2; exit 1; }
LOOK
chmod +x "$TMP/look"
LIBVIRTD_SASL=$TMP/sasl "$here/../with-libvirtd.sh" --remote "$TMP/look" >"$TMP/out" 2>&1
status=$?
[ $status != 77 ] || skip "$(tail -n 1 "$TMP/out")"
[ $status = 0 ] || die "by Kerberos: $(cat "$TMP/out")"
