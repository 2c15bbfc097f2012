# Rights by a policy file: what is denied, what lists and events leave out, and the audit of it all. And polkit.
. "$(dirname "$0")/lib/lib.sh"
only sim
[ "$(id -u)" = 0 ] || skip "needs a second user to be denied"
chmod 711 "$TMP"
printf '%s\n' 'unix_sock_rw_perms = "0777"' "policy_file = \"$TMP/policy\"" "audit_file = \"$TMP/audit\"" >"$TMP/conf"
cat >"$TMP/policy" <<'POLICY'
# root may do it all; nobody looks after the web servers, and sees nothing of their secrets
allow user:root *
deny  any domain.read_secure
allow user:nobody connect.*
allow user:nobody domain.* xv-web*
POLICY
start_daemon --config "$TMP/conf"
define pv-kernel xv-web
define pv-kernel xv-db
chmod 755 "$TMP/run"

nobody()
{
    setpriv --reuid=nobody --regid=nogroup --clear-groups "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}
is 'what nobody sees' xv-web "$(nobody list --all --name | xargs)"
ok nobody start xv-web
ok nobody dumpxml xv-web
refused 'access denied' nobody dumpxml xv-web --security-info
db=$(v domuuid xv-db | head -n 1)
refused '.' nobody domstate xv-db
refused 'failed to get domain' nobody domstate "$db"
refused 'failed to get domain' nobody domname "$db"
# a guest that it may not make, by its own name and under the uuid of another
sed 's/xv-web/xv-other/; /<uuid>/d' "$TMP/xv-web.xml" >"$TMP/other.xml"
chmod 644 "$TMP"/*.xml
refused 'access denied' nobody define "$TMP/other.xml"
sed "s#<name>xv-web</name>#<name>xv-web2</name><uuid>$db</uuid>#" "$TMP/xv-web.xml" >"$TMP/steal.xml"
chmod 644 "$TMP/steal.xml"
refused 'access denied' nobody define "$TMP/steal.xml"
sed 's/<name>xv-web</<name>xv-web3</' "$TMP/xv-web.xml" >"$TMP/web3.xml"
chmod 644 "$TMP/web3.xml"
ok nobody define "$TMP/web3.xml"
# not even a syntax error of the XML is told to those who may define nothing
sed -i 's/^allow user:nobody domain.*/allow user:nobody domain.getattr,domain.read xv-web*/' "$TMP/policy"
kill -HUP "$daemon"
until_ok 30 grep -q 'configuration read again' "$log" || die "SIGHUP is not heard"
echo '<domain' >"$TMP/broken.xml"
chmod 644 "$TMP/broken.xml"
refused 'access denied' nobody define "$TMP/broken.xml"
refused 'access denied' nobody destroy xv-web
# a policy with a mistake is not taken
echo 'allow everybody everything' >>"$TMP/policy"
kill -HUP "$daemon"
until_ok 30 grep -q 'the policy stays as it was: .*policy:6: ' "$log" || die "no word of the mistake"
refused 'access denied' nobody destroy xv-web

# events: each hears of what it may see
stdbuf -oL setpriv --reuid=nobody --regid=nogroup --clear-groups "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" \
    event --all --loop >"$TMP/events" 2>&1 &
watcher=$!
poke()
{
    v suspend xv-web >/dev/null && v resume xv-web >/dev/null
    v start xv-db >/dev/null && v destroy xv-db >/dev/null
    grep -q 'xv-web' "$TMP/events"
}
until_ok 30 poke || die "no events: $(cat "$TMP/events")"
! grep -q xv-db "$TMP/events" || die "events of a guest that it may not see: $(cat "$TMP/events")"

# the audit: who, what, which, with what result
audit()
{
    grep -qE "$1" "$TMP/audit" || die "the audit has no '$1': $(tail -n 5 "$TMP/audit")"
}
nobody_uid=$(id -u nobody)
audit "call=DOMAIN_CREATE(_WITH_FLAGS)? uid=$nobody_uid .*user=\"nobody\" from=\"local\" guest=\"xv-web\" uuid=\"[0-9a-f-]{36}\" result=ok"
audit "call=DOMAIN_DEFINE_XML.* uid=$nobody_uid .*result=failed code=88"
audit "call=DOMAIN_DESTROY.* uid=$nobody_uid .*code=88"
audit "call=DOMAIN_DEFINE_XML.* uid=0 .*guest=\"xv-db\".*result=ok"
is 'mode of the audit file' 600 "$(stat -c %a "$TMP/audit")"
ok v destroy xv-web
for g in xv-web xv-web3 xv-db; do
    ok v undefine $g
done
audit 'call=DOMAIN_UNDEFINE.* guest="xv-db".*result=ok'
stop_daemon
