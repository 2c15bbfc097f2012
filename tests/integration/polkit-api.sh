# polkit's fine-grained actions, org.libvirt.api.OBJECT.PERMISSION: asked for each call about its object; lists and events are
# filtered; an authority that is slow or gone denies, and holds nobody else.
. "$(dirname "$0")/lib/lib.sh"
only sim
. "$here/polkit.sh"
echo yes >"$TMP/answer"
printf '%s\n' 'unix_sock_rw_perms = "0777"' 'access_drivers = [ "polkit" ]' "audit_file = \"$TMP/audit\"" >"$TMP/conf"
start_daemon --config "$TMP/conf"
chmod 755 "$TMP/run"
define pv-kernel xv-web
define pv-kernel xv-db
chmod 644 "$TMP"/*.xml
[ ! -s "$TMP/asked" ] || die "polkit was asked about root: $(cat "$TMP/asked")"
uri="xen:///system?socket=$run/libvirt-sock"
nobody()
{
    as_nobody "$VIRSH" -c "$uri" "$@"
}
asked()
{
    grep -q "^org.libvirt.api.$1 unix-process uid=$(id -u nobody) pid=alive start-time=right flags=0 $2\$" "$TMP/asked" ||
        die "it was asked: $(cat "$TMP/asked")"
}
db=$(v domuuid xv-db | head -n 1) web=$(v domuuid xv-web | head -n 1)

# nothing is granted: not even the connection
: >"$TMP/rules"
refused 'access denied' nobody list
# one guest by its name, the other not at all
cat >"$TMP/rules" <<'RULES'
connect.* connect_driver=Xen
domain.getattr domain_name=xv-web*
domain.read domain_name=xv-web*
domain.write domain_name=xv-web*
domain.save domain_name=xv-web*
domain.start domain_name=xv-web*
RULES
: >"$TMP/asked"
is 'what nobody sees' xv-web "$(nobody list --all --name | xargs)"
asked connect.search-domains 'connect_driver=Xen'
asked domain.getattr "connect_driver=Xen domain_name=xv-db domain_uuid=$db"
is 'what xvirt sees' xv-web "$(as_nobody "$XVIRT" -c "$uri" list --all --name | xargs)"
is 'how many statistics' 1 "$(nobody domstats | grep -c Domain:)"
asked domain.read "connect_driver=Xen domain_name=xv-db domain_uuid=$db"
is 'what root sees' 'Domain-0 xv-db xv-web' "$(v list --all --name | sort | xargs)"
: >"$TMP/asked"
ok nobody start xv-web
asked domain.start "connect_driver=Xen domain_name=xv-web domain_uuid=$web"
ok nobody dumpxml xv-web
refused 'access denied.*read_secure' nobody dumpxml xv-web --security-info
refused "access denied: 'stop' on 'domain'" nobody destroy xv-web
refused 'failed to get domain' nobody domname "$db"
refused 'failed to get domain' nobody domstate xv-db
refused 'failed to get domain' nobody start xv-db

# documents: a name that it may not use, one that it may, the uuid of somebody else under a good name, and no document at all
sed 's/xv-web/xv-other/; /<uuid>/d' "$TMP/xv-web.xml" >"$TMP/other.xml"
sed "s#<name>xv-web</name>#<name>xv-web2</name>#; /<uuid>/d" "$TMP/xv-web.xml" >"$TMP/web2.xml"
sed "s#<name>xv-web</name>#<name>xv-web2</name><uuid>$db</uuid>#" "$TMP/xv-web.xml" >"$TMP/steal.xml"
echo '<domain' >"$TMP/broken.xml"
echo '<domain><name>xv-db</name><memory>nonsense</memory></domain>' >"$TMP/wrong.xml"
chmod 644 "$TMP"/*.xml
refused 'access denied' nobody define "$TMP/other.xml"
refused 'access denied' nobody define "$TMP/steal.xml"
refused 'access denied' nobody define "$TMP/broken.xml"
refused 'access denied' nobody define "$TMP/wrong.xml"
ok nobody define "$TMP/web2.xml"
ok v domstate xv-web2
# a file may be anybody's guest
refused 'access denied' nobody restore /nowhere

# events: of the one, not of the other, and in their order
stdbuf -oL setpriv --reuid=nobody --regid=nogroup --clear-groups "$VIRSH" -c "$uri" event --all --loop >"$TMP/events" 2>&1 &
watcher=$!
n=0
poke()
{
    v desc xv-web "poke $((n = n + 1))" >/dev/null && grep -q "metadata-change.*xv-web" "$TMP/events"
}
until_ok 30 poke || die "nobody hears nothing: $(cat "$TMP/events")"
ok v start xv-db
ok v destroy xv-db
ok v destroy xv-web
until_ok 30 grep -q "'lifecycle' for domain 'xv-web': Stopped" "$TMP/events" || die "not told: $(cat "$TMP/events")"
! grep -q xv-db "$TMP/events" || die "told of what it may not see: $(cat "$TMP/events")"
# a right that is taken away counts from the next event on
sed -i 's/^domain.getattr .*/domain.getattr domain_name=xv-db/' "$TMP/rules"
ok v start xv-db
until_ok 30 grep -q "'lifecycle' for domain 'xv-db': Started" "$TMP/events" || die "not told: $(cat "$TMP/events")"
kill $watcher
wait $watcher 2>/dev/null

# a slow authority holds its own callers only
echo slow >"$TMP/answer"
as_nobody "$XVIRT" -c "$uri" list >"$TMP/late" 2>&1 &
late=$!
until_ok 30 grep -q slow "$TMP/polkitd.log" || die "the slow question was not asked"
ok v list
kill -0 $late || die "it did not wait: $(cat "$TMP/late")"
wait $late && die "it was let in: $(cat "$TMP/late")"
grep -q 'access denied.*cannot ask polkit' "$TMP/late" || die "it was told: $(cat "$TMP/late")"
# a client that does not wait for it
as_nobody timeout 0.5 "$XVIRT" -c "$uri" list >/dev/null 2>&1
ok v list
# without an authority nobody but root gets anything
kill $authority $bus
wait $authority $bus 2>/dev/null
refused 'access denied' as_nobody "$XVIRT" -c "$uri" list
ok v list
grep -q 'call=DOMAIN_DESTROY .*uid=.*result=failed code=88' "$TMP/audit" || grep -q 'DOMAIN_DESTROY.*code=88' "$TMP/audit" || die "no line of the denied call: $(cat "$TMP/audit")"
# polkit answers only about actions that it knows: all of them are in the file that is installed, with libvirt's defaults
policy=$(dirname "$XVIRTD")/../../contrib/polkit/org.libvirt.api.policy
for action in $(sed -n 's/^\(org.libvirt.api[^ ]*\) .*/\1/p' "$TMP/asked" | sort -u) org.libvirt.api.storage-vol.data-read; do
    grep -q "<action id=\"$action\">" "$policy" || die "the policy file has no $action"
done
default()
{
    grep -A 4 "\"org.libvirt.api.$1\"" "$policy" | sed -n 's/.*<allow_any>\(.*\)<.*/\1/p'
}
is 'defaults' 'yes yes yes no no no' "$(for a in connect.getattr domain.read network.getattr domain.write node-device.read network.search-ports; do default $a; done | xargs)"
# what no word of libvirt's is, is refused at the start
stop_daemon
printf '%s\n' 'access_drivers = [ "apparmor" ]' >"$TMP/conf"
refused "access_drivers has polkit or none, not 'apparmor'" "$XVIRTD" --hypervisor sim --config "$TMP/conf" --run-dir "$TMP/run"
