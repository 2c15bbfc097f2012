# xvirt against Debian's libvirtd over TLS with a password beside the certificate (SCRAM-SHA-256, which adds no layer there).
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
chmod a+x "$TMP" # the daemon is another user
fred=$(auth_file good fred tiger) wrong=$(auth_file wrong fred lion)
export fred wrong
python3 - >"$TMP/big.xml" <<'PY'
print("<domain type='test'><name>big</name><description>%s</description><memory>1024</memory>"
      "<os><type>hvm</type></os></domain>" % ("x" * 300000))
PY
cat >"$TMP/look" <<'LOOK'
#!/bin/bash
base="test+tls://localhost:$LIBVIRTD_TLS_PORT/default?pkipath=$LIBVIRTD_PKI"
near=$("$XVIRT" -c "$base&authfile=$fred" list --all) && [[ $near == *test*running* ]] || { echo "xvirt: $near" >&2; exit 1; }
[ "$("$VIRSH" -c "$base&authfile=$fred" list --all)" = "$near" ] || { echo "virsh says something else" >&2; exit 1; }
[ "$("$XVIRT" -c "$base&authfile=$fred&auth=sasl.SCRAM-SHA-256" list --all)" = "$near" ] || { echo "no SCRAM-SHA-256" >&2; exit 1; }
# more than a record of TLS, both ways, on one connection: that driver forgets all with its last
size=$(printf '%s\n' "define $TMP/big.xml" 'dumpxml big' | "$XVIRT" -c "$base&authfile=$fred" | wc -c)
[ "$size" -gt 300000 ] || { echo "only $size bytes came" >&2; exit 1; }
refused() # PATTERN URI
{
    ! "$XVIRT" -c "$2" list 2>"$TMP/err" </dev/null || { echo "it works with $2" >&2; exit 1; }
    grep -qE "$1" "$TMP/err" || { echo "with $2: $(cat "$TMP/err")" >&2; exit 1; }
}
refused 'authentication failed' "$base&authfile=$wrong"
refused 'refuses this client' "test+tls://localhost:$LIBVIRTD_TLS_PORT/default?pkipath=$LIBVIRTD_PKI/bare&authfile=$fred"
LOOK
chmod +x "$TMP/look"
LIBVIRTD_AUTH_TLS=sasl "$here/../with-libvirtd.sh" --remote "$TMP/look" >"$TMP/out" 2>&1
status=$?
[ $status != 77 ] || skip "$(tail -n 1 "$TMP/out")"
[ $status = 0 ] || die "by TLS with a password: $(cat "$TMP/out")"
