# The system's own polkitd, with the action files that are installed and with rules such as an administrator writes, in JavaScript.
. "$(dirname "$0")/lib/lib.sh"
only sim
for polkitd in /usr/lib/polkit-1/polkitd /usr/libexec/polkitd /usr/libexec/polkit-1/polkitd ''; do
    [ ! -x "$polkitd" ] || break
done
[ -n "$polkitd" ] || skip "no polkitd"
unshare --mount true 2>/dev/null || skip "no mount namespaces: its rules would have to be the system's"
authority=system
. "$here/polkit.sh"
chmod 755 "$TMP/rules.d" "$TMP/actions"
contrib=$(dirname "$XVIRTD")/../../contrib/polkit
install -m 644 "$contrib"/org.libvirt.*.policy "$TMP/actions"

rules() # JAVASCRIPT: the only rule from now on; polkitd notices by itself, and the next question is asked until it has
{
    printf '%s\n' 'polkit.addRule(function(action, subject) {' \
        'polkit.log("asked " + action.id + " by " + subject.user + " " + subject.pid + " about " + action.lookup("domain_name"));' "$1" \
        '});' >"$TMP/rules.new"
    chmod 644 "$TMP/rules.new"
    mv "$TMP/rules.new" "$TMP/rules.d/50-test.rules"
}
nobody()
{
    as_nobody "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}
not() # COMMAND...
{
    ! "$@" >"$TMP/out" 2>"$TMP/err"
}

# connections, at first without a rule: the defaults of our action file
printf '%s\n' 'unix_sock_rw_perms = "0777"' 'auth_unix_rw = "polkit"' 'auth_unix_ro = "polkit"' >"$TMP/conf"
start_daemon --config "$TMP/conf"
chmod 755 "$TMP/run"
look()
{
    as_nobody "$VIRSH" -r -c "xen:///system?socket=$run/libvirt-sock-ro" "$@"
}
until_ok 30 look list || die "who looks is not let in: $(look list 2>&1; cat "$TMP/polkitd.log")"
refused "no polkit agent available to authenticate action 'org.libvirt.unix.manage'" nobody list
# a rule lets in
rules 'if (action.id == "org.libvirt.unix.manage" && subject.user == "nobody") return polkit.Result.YES;'
until_ok 30 nobody list || die "the rule does not let in: $(nobody list 2>&1; cat "$TMP/polkitd.log")"
ok as_nobody "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" list
# it is the client that polkit hears of: its number and its user, not the daemon's
setpriv --reuid=nobody --regid=nogroup --clear-groups "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" list >/dev/null 2>&1 &
client=$!
wait $client || die "it is not let in"
grep -q "asked org.libvirt.unix.manage by nobody $client about" "$TMP/polkitd.log" || die "$client asked so: $(cat "$TMP/polkitd.log")"
! grep -q 'by root' "$TMP/polkitd.log" || die "polkit was asked about root: $(cat "$TMP/polkitd.log")"
# a rule that is for somebody else, one that refuses, and one that refuses who looks
rules 'if (action.id == "org.libvirt.unix.manage" && subject.user == "daemon") return polkit.Result.YES;'
until_ok 30 not nobody list || die "another's rule lets in"
rules 'if (action.id.indexOf("org.libvirt.unix.") == 0) return polkit.Result.NO;'
until_ok 30 not look list || die "a rule does not keep out who looks"
refused 'denied by policy' look list
refused 'denied by policy' nobody list
ok v list
stop_daemon

# single calls: what libvirt's documentation shows, the guests whose names begin so
printf '%s\n' 'unix_sock_rw_perms = "0777"' 'access_drivers = [ "polkit" ]' >"$TMP/conf"
rules 'if (action.id.indexOf("org.libvirt.api.domain.") == 0 && subject.user == "nobody")
    return action.lookup("connect_driver") == "Xen" && action.lookup("domain_name").indexOf("xv-web") == 0 ? polkit.Result.YES : polkit.Result.NO;'
start_daemon --config "$TMP/conf"
chmod 755 "$TMP/run"
define pv-kernel xv-web
define pv-kernel xv-db
sees()
{
    [ "$(nobody list --all --name | xargs)" = "$*" ]
}
until_ok 30 sees xv-web || die "nobody sees: $(nobody list --all --name 2>&1; cat "$TMP/polkitd.log")"
ok nobody start xv-web
refused 'failed to get domain' nobody start xv-db
is_state xv-db 'shut off (unknown)' || is_state xv-db 'shut off (destroyed)' || die "xv-db is $(state_of xv-db)"
# without a rule: the defaults, by which everybody looks and nobody changes
rules 'return polkit.Result.NOT_HANDLED;'
until_ok 30 sees Domain-0 xv-web xv-db || sees Domain-0 xv-db xv-web || die "nobody sees: $(nobody list --all --name 2>&1)"
refused "access denied: 'stop' on 'domain'" nobody destroy xv-web
is_state xv-web 'running (booted)' || die "xv-web is $(state_of xv-web)"
# a polkitd that goes away lets nobody in but root
kill $authority
wait $authority 2>/dev/null
refused 'access denied' nobody list
ok v list
stop_daemon
