#!/bin/bash
# import.sh XVIRT XVIRTD: whole folders of configurations become defined guests on the simulated host.
set -u
xvirt=$1 xvirtd=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/xvirt-import.XXXXXX")
pid=
trap '[ -z "$pid" ] || { kill $pid; wait $pid; } 2>/dev/null; rm -rf "$dir"' EXIT
bad=0
check() # TEXT COMMAND...: the output holds TEXT
{
    local text=$1
    shift
    if "$@" >"$dir/out" 2>&1 </dev/null || true; grep -qF -- "$text" "$dir/out"; then
        echo "ok ${text}"
    else
        echo "not ok: no '$text' from $*" && cat "$dir/out" && bad=1
    fi
}

mkdir -p "$dir/xen/auto" "$dir/xend/8f07fe28-753f-2729-d76d-bdbd892f949a" "$dir/libvirt/autostart"
printf 'name = "web"\nmemory = 256\nkernel = "/boot/vmlinuz"\n' >"$dir/xen/web.cfg"
printf 'import os\nname = "%%s" %% "old"\nmemory = 128 + 128\nkernel = """/boot/vmlinuz"""\n' >"$dir/xen/old.cfg"
printf 'name = web\n' >"$dir/xen/broken.cfg"
printf 'not a guest\n' >"$dir/xen/xl.conf"
ln -s ../web.cfg "$dir/xen/auto/web"
printf "(domain (name xended)(uuid 8f07fe28-753f-2729-d76d-bdbd892f949a)(memory 64)(maxmem 64)(vcpus 1)(image (linux (kernel /boot/vmlinuz))))\n" \
    >"$dir/xend/8f07fe28-753f-2729-d76d-bdbd892f949a/config.sxp"
cat >"$dir/libvirt/lv.xml" <<EOF
<domain type='xen'><name>lv</name><memory>65536</memory><os><type>linux</type><kernel>/boot/vmlinuz</kernel></os></domain>
EOF
ln -s ../lv.xml "$dir/libvirt/autostart/lv.xml"

"$xvirtd" --hypervisor sim --run-dir "$dir/run" --state-dir "$dir/state" --config-dir "$dir/etc" 2>"$dir/log" &
pid=$!
for _ in $(seq 100); do [ ! -S "$dir/run/libvirt-sock" ] || break; sleep 0.1; done
x="$xvirt -c xen+unix:///system?socket=$dir/run/libvirt-sock"

check '"name": "xended"' $x import --format json --dry-run "$dir/xen" "$dir/xend" "$dir/libvirt"
[ "$($x -q list --all --name | grep -vc Domain-0)" -le 1 ] && echo "ok a dry run defines nothing" || { echo "not ok: a dry run defined" && bad=1; }
check "Domain 'lv' defined" $x import "$dir/xen" "$dir/xend" "$dir/libvirt"
cp "$dir/out" "$dir/first"
check "broken.cfg:1:8" cat "$dir/first"
check "1 of 5 guests were not imported" cat "$dir/first"
check "domain 'web' already exists" $x import "$dir/xen"
for guest in web old xended lv; do
    check "shut off" $x domstate $guest
done
for guest in web lv; do
    check "enable" $x dominfo $guest
done
check "disable" $x dominfo old
check "no configuration of a guest" $x import "$dir/run"
check "cannot read folder" $x import "$dir/nosuch"
exit $bad
