# A guest's life by libxvirt (examples/guest.c), from a file of xl.
. "$(dirname "$0")/lib/lib.sh"
only sim # the example is built for this machine
start_daemon
uri="xen:///system?socket=$run/libvirt-sock"
printf 'name = "xv-lib"\nmemory = 64\nvcpus = 2\nkernel = "/boot/k"\nextra = "xv.tick=0"\nzork = 1\n' >"$TMP/lib.cfg"
ok "$GUEST_EXAMPLE" "$uri" "$TMP/lib.cfg"
for line in "event 2 (0) of 'xv-lib'" "'xv-lib' is in state 1 with 2 vcpus and 65536 KiB" \
    "event 3 (0) of 'xv-lib'" "event 4 (0) of 'xv-lib'" "event 5 (1) of 'xv-lib'"; do
    grep -qxF "$line" "$TMP/out" || die "no '$line' in: $(cat "$TMP/out")"
done
grep -q "lib.cfg:6: zork: " "$TMP/err" || die "the warning of the conversion is missing: $(cat "$TMP/err")"
is 'guests left' '' "$(v list --all --name | grep xv-lib)"
refused 'nowhere' "$GUEST_EXAMPLE" "xen:///system?socket=$TMP/nowhere" "$TMP/lib.cfg"
printf 'name = "xv-lib"\nmemory = [\n' >"$TMP/bad.cfg"
refused 'bad.cfg:' "$GUEST_EXAMPLE" "$uri" "$TMP/bad.cfg"
stop_daemon
