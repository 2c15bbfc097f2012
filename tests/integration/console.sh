# Consoles: taken over, refused while busy, of a guest that reboots; kept in files of bounded size.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh console)
# time limit: 600
. "$(dirname "$0")/lib/lib.sh"
printf 'console_log = 1\nconsole_log_max_kib = 4\nconsole_log_backups = 2\n' >"$TMP/conf"
start_daemon --config "$TMP/conf"
bare=1 define pv-kernel xv-con xv.tick=1
logs=$TMP/state/console
file=$logs/xv-con-console0.log
ok v start xv-con

# what it says is kept, though nobody has its console open; the one that has it open sees it too
until_ok "$(patience 90)" grep -q "$up" "$file" || die "no log: $(ls -l "$logs")"
is 'mode of the log' 600 "$(stat -c %a "$file")"
console_see xv-con TICK 'hello there' 'ECHO hello there'
until_ok "$(patience)" grep -q 'ECHO hello there' "$file" || die "what was said to a client is not in the log"

# one at a time: another is refused, or takes it over
python3 "$here/console.py" 60 TICK x NEVER -- "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" console xv-con >"$TMP/first" 2>&1 &
first=$!
is_busy() # is the console open to somebody?
{
    timeout 2 "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" console xv-con --devname console0 </dev/null >"$TMP/busy" 2>&1
    grep -q 'active console session' "$TMP/busy"
}
until_ok "$(patience)" grep -q TICK "$TMP/first" || die "the first client sees nothing: $(cat "$TMP/first")"
until_ok "$(patience)" is_busy || die "a second client is not refused: $(cat "$TMP/busy") $(cat "$TMP/first")"
python3 "$here/console.py" "$(patience)" TICK 'from the second' 'ECHO from the second' -- "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" \
    console xv-con --force >"$TMP/second" 2>&1 || die "not taken over: $(tail -n 5 "$TMP/second")"
wait $first && die "the first was not ended"
grep -q 'taken over by another client' "$TMP/first" || die "the first was not told: $(tail -n 3 "$TMP/first")"

# the log goes on over a reboot, and is of bounded size
ok v reboot xv-con
until_ok "$(patience 240)" sh -c "[ \$(cat '$file'* | grep -c '$up') = 2 ]" || die "the log ended with the reboot: $(cat "$file")"
for i in $(seq 30); do
    printf '%0200d\r' "$i"
done >"$TMP/much"
tty=$(v ttyconsole xv-con | head -n 1)
for i in 1 2 3 4 5; do
    cat "$TMP/much" >"$tty"
    sleep 0.2
done
until_ok "$(patience)" test -e "$file.2" || die "the log is not rotated: $(ls -l "$logs")"
[ ! -e "$file.3" ] || die "too many logs: $(ls "$logs")"
for f in "$file"*; do
    [ "$(stat -c %s "$f")" -le 4096 ] || die "$f is too large: $(stat -c %s "$f")"
done

# another daemon goes on with it
stop_daemon
start_daemon --config "$TMP/conf"
console_see xv-con TICK 'the next one' 'ECHO the next one'
until_ok "$(patience)" grep -q 'ECHO the next one' "$file" || die "the next daemon does not log"
ok v destroy xv-con
stop_daemon

# not asked for: nothing is kept
rm -rf "$logs"
start_daemon
ok v start xv-con
console_see xv-con "$up"
[ ! -e "$logs" ] || die "consoles are logged though nobody asked"
stop_daemon

# xvirt's console goes on over a reboot, virsh's ends with it; neither outlives a guest that is gone
start_daemon
[ "$HV" = xen ] && limit=300 || limit=60
connect() # WHO PATTERN COMMAND...: in the background, until the guest has answered on it
{
    local who=$1 pattern=$2
    shift 2
    python3 "$here/console.py" $limit TICK hello "$pattern" -- "$@" -c "xen:///system?socket=$run/libvirt-sock" console xv-con --force >"$TMP/$who" 2>&1 &
    client=$!
    until_ok $limit grep -q 'ECHO hello' "$TMP/$who" || die "$who: no console: $(cat "$TMP/$who")"
}
connect again "rebooted[^~]*TICK" "$XVIRT"
ok v reboot xv-con
wait $client || die "xvirt's console did not go on: $(cat "$TMP/again")"
wait_state xv-con 'running (booted)'
connect virsh 'NEVER' "$VIRSH"
ok v reboot xv-con
wait $client && die "virsh's console went on"
grep -q "ended before" "$TMP/virsh" || die "virsh's console: $(cat "$TMP/virsh")"
wait_state xv-con 'running (booted)'
connect gone 'rebooted' "$XVIRT"
before=$SECONDS
ok v destroy xv-con
wait $client && die 'a console of a guest that is gone'
grep -q "ended before" "$TMP/gone" && [ $((SECONDS - before)) -lt $limit ] || die "xvirt's console: $(cat "$TMP/gone")"
stop_daemon
