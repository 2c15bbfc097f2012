#!/bin/bash
# Runs in the dom0 of a real Xen (bench/xen.sh brings it there): Debian's libvirtd with its Xen driver and xvirtd, both over the same
# guests, driven by the same client binary and by the same virsh. Prints each figure, and its ratio to libvirt's: below 1 is better.
set -euo pipefail
cd "$(dirname "$0")"
top=/xvirt guests=${GUESTS_N:-10}
export LC_ALL=C HV=xen XVIRTD=/usr/sbin/xvirtd TMP
TMP=$(mktemp -d)
pids=()
trap 'tidy; kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$TMP"' EXIT
lsock=/run/libvirt/libvirt-sock xsock=$TMP/x/libvirt-sock
declare -A uri=([libvirt]="xen:///system?socket=$lsock" [xvirt]="xen:///system?socket=$xsock")

tidy()
{
    xl list | awk '/^bench/ {print $1}' | while read -r name; do xl destroy "$name"; done
}

wait_for() # COMMAND...
{
    for _ in $(seq 300); do ! "$@" >/dev/null 2>&1 || return 0; sleep 0.2; done
    echo "it does not come: $*" >&2 && return 1
}

tiny() # NAME
{
    cat <<XML
<domain type='xen'><name>$1</name><uuid>$(cat /proc/sys/kernel/random/uuid)</uuid><memory unit='KiB'>16384</memory><vcpu>1</vcpu>
<os><type>linux</type><kernel>$GUESTS/tiny</kernel><cmdline>xv.tick=0</cmdline></os><devices><console type='pty'/></devices></domain>
XML
}

best() # ROUNDS COMMAND...: milliseconds of one run, the best of them
{
    local rounds=$1 t0 t1 least=
    shift
    for _ in $(seq "$rounds"); do
        t0=$EPOCHREALTIME
        "$@" >"$TMP/out" 2>&1 || { cat "$TMP/out" >&2 && return 1; }
        t1=$EPOCHREALTIME
        least=$(awk -v t="$t1" -v u="$t0" -v b="$least" 'BEGIN {d = (t - u) * 1000; print b == "" || d < b ? d : b}')
    done
    printf '%.1f ms\n' "$least"
}

rss() # PID: KiB
{
    awk '/^VmRSS/ {print $2, "KiB"}' "/proc/$1/status"
}

mkdir -p /run/libvirt
printf '%s\n' 'auth_unix_rw = "none"' "unix_sock_dir = \"/run/libvirt\"" >"$TMP/libvirtd.conf"
libvirtd --config "$TMP/libvirtd.conf" >"$TMP/libvirtd.log" 2>&1 &
pids+=($!) lpid=$!
xvirtd --run-dir "$TMP/x" --state-dir "$TMP/xs" --config-dir "$TMP/xc" --config /dev/null 2>"$TMP/xvirtd.log" &
pids+=($!) xpid=$!
wait_for virsh -c "${uri[libvirt]}" uri || { cat "$TMP/libvirtd.log" && exit 1; }
wait_for virsh -c "${uri[xvirt]}" uri || { cat "$TMP/xvirtd.log" && exit 1; }
: >"$TMP/figures"

figure() # WHO NAME COMMAND...: which prints a value and its unit
{
    local who=$1 name=$2 got
    shift 2
    got=$("$@")
    echo "$name $who $got" >>"$TMP/figures"
}

both() # NAME ROUNDS VIRSH-COMMAND...
{
    local name=$1 rounds=$2 who
    shift 2
    for who in libvirt xvirt; do
        figure $who "$name" best "$rounds" virsh -c "${uri[$who]}" "${@//WHO/$who}"
    done
}

figure libvirt memory-idle rss $lpid
figure xvirt memory-idle rss $xpid
both virsh-connect 10 uri
both virsh-xl-to-xml 10 domxml-from-native xen-xl 60-keys.cfg
virsh -c "${uri[xvirt]}" domxml-from-native xen-xl 60-keys.cfg >"$TMP/60.xml"
both virsh-xml-to-xl 10 domxml-to-native xen-xl "$TMP/60.xml"
figure xvirt command-xl-to-xml best 10 xvirt domxml-from-native xen-xl 60-keys.cfg

for who in libvirt xvirt; do
    tiny "bench-$who" >"$TMP/$who.xml"
done
both define 5 define "$TMP/WHO.xml"
cycle() # WHO
{
    virsh -c "${uri[$1]}" start "bench-$1" && virsh -c "${uri[$1]}" destroy "bench-$1"
}
for who in libvirt xvirt; do
    figure $who start-and-destroy best 3 cycle $who
done

# libvirt sees what it has started itself; xvirtd sees those, too: the same guests for both
for i in $(seq "$guests"); do
    tiny "bench$i" >"$TMP/guest.xml"
    virsh -c "${uri[libvirt]}" create "$TMP/guest.xml" >/dev/null
done
all_there()
{
    [ "$(xvirt -c "${uri[xvirt]}" list --name | grep -c '^bench')" = "$guests" ]
}
wait_for all_there
for who in libvirt xvirt; do
    ./bench_wire "${uri[$who]}" xen 0 | while read -r name value; do figure $who "$name" echo "$value"; done
done
both virsh-list 5 list --all
both virsh-dumpxml 5 dumpxml bench1
figure libvirt memory-guests rss $lpid
figure xvirt memory-guests rss $xpid

awk -v n="$guests" '
{if (!($1 in seen)) {seen[$1] = ++k; names[k] = $1} value[$1, $2] = $3; unit[$1] = $4}
END {
    printf "%-20s %14s %14s %8s\n", n " guests on Xen", "xvirt", "libvirt", "ratio"
    for (i = 1; i <= k; i++) {
        x = value[names[i], "xvirt"]; l = value[names[i], "libvirt"]
        printf "%-20s %11s %-2s %11s %-2s %8s\n", names[i], (x == "" ? "-" : x), unit[names[i]], (l == "" ? "-" : l), unit[names[i]],
            (x != "" && l + 0 ? sprintf("%.2f", x / l) : "-")
    }
}' "$TMP/figures"
