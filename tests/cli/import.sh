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
check "Domain 'web' is defined as" $x import "$dir/xen"
for guest in web old xended lv; do
    check "shut off" $x domstate $guest
done
for guest in web lv; do
    check "enable" $x dominfo $guest
done
check "disable" $x dominfo old
check "no configuration of a guest" $x import "$dir/run"
check "cannot read folder" $x import "$dir/nosuch"

# ---- a host as they are: configurations with and without uuid and addresses, folders that are no guests', clashes, broken files ----
t=$dir/host
mkdir -p "$t/etc/xen/auto" "$t/etc/xen/scripts" "$t/xend/domains" "$t/libxl/autostart" "$t/libxl/save"
u=11111111-2222-4333-8444-55555555555
guest() # FILE NAME UUID
{
    printf '# made by hand\nname = "%s"\n%smemory = 64\nkernel = "/boot/vmlinuz"\nvif = [ "bridge=xenbr0" ]\n' \
        "$2" "${3:+uuid = \"$3\"
}" >"$t/etc/xen/$1"
}
for i in 1 2 3 4 5; do guest g$i.cfg g$i; ln -s "$t/etc/xen/g$i.cfg" "$t/etc/xen/auto/0$i-g$i"; done
guest db.cfg db ${u}1
guest db-copy.cfg db2 ${u}1
guest twin-a.cfg twin
guest twin-b.cfg twin
guest common.inc included
guest scripts/block.cfg no-guest
guest README readme
printf 'name = "half"\ndisk = [ "file:/x\n' >"$t/etc/xen/half.cfg"
printf 'name = "odd"\nmemory = 64\nvcpus = "many"\nviridian = [ "zork" ]\ntype = "hvm"\n' >"$t/etc/xen/odd.cfg"
printf '<domain' >"$t/libxl/broken.xml"
for i in 1 2 3; do
    mkdir -p "$t/xend/domains/${u}$((i + 2))"
    printf '(domain (name managed%s)(uuid %s)(memory 64)(maxmem 64)(vcpus 1)(image (linux (kernel /boot/vmlinuz))))\n' \
        $i "${u}$((i + 2))" >"$t/xend/domains/${u}$((i + 2))/config.sxp"
    printf "<domain type='xen'><name>lib%s</name><uuid>%s</uuid><memory>65536</memory><os><type>linux</type><kernel>/k</kernel></os></domain>" \
        $i "${u}$((i + 5))" >"$t/libxl/lib$i.xml"
done
ln -s "$t/libxl/lib2.xml" "$t/libxl/autostart/lib2.xml"
folders=("$t/etc/xen" "$t/xend/domains" "$t/libxl")

check "take uuid out of one of them" $x import --dry-run "${folders[@]}"
cp "$dir/out" "$dir/plan"
check "rename one of them" cat "$dir/plan"
check "half.cfg:2:10" cat "$dir/plan"
check "'zork': expected a group" cat "$dir/plan"
check "broken.xml" cat "$dir/plan"
for name in included no-guest readme; do
    ! grep -qw "$name" "$dir/plan" && echo "ok $name is no guest" || { echo "not ok: $name is taken for a guest" && bad=1; }
done
$x import --format json --dry-run "${folders[@]}" | python3 -c '
import json, sys
plan = {g["file"].rsplit("/", 1)[1]: g for g in json.load(sys.stdin)}
assert plan["g3.cfg"]["autostart"] is True and plan["db.cfg"]["autostart"] is False, plan
assert all(plan[f]["trouble"] for f in ("db.cfg", "db-copy.cfg", "twin-a.cfg", "twin-b.cfg", "half.cfg", "odd.cfg", "broken.xml")), plan
assert not plan["lib1.xml"]["trouble"], plan
' && echo "ok the plan as JSON" || { echo "not ok: the plan as JSON" && bad=1; }
if $x import "${folders[@]}" >"$dir/first" 2>&1; then echo "not ok: troubles, but exit status 0" && bad=1; else echo "ok troubles fail it"; fi
check "7 of 18 guests were not imported" cat "$dir/first"
dump() { for g in g1 g5 managed2 lib2 lib3; do $x dumpxml --inactive $g; $x dominfo $g | grep Autostart; done; }
dump >"$dir/before"
check "enable" $x dominfo lib2
check "enable" $x dominfo g5
check "disable" $x dominfo managed2
$x import "${folders[@]}" >"$dir/second" 2>&1
check "7 of 18 guests were not imported" cat "$dir/second"
check "Domain 'g1' is defined as" cat "$dir/second"
! grep -q "defined from" "$dir/second" && echo "ok nothing is defined anew" || { echo "not ok: defined anew" && grep "defined from" "$dir/second"; bad=1; }
dump >"$dir/after"
cmp "$dir/before" "$dir/after" && echo "ok twice changes nothing" || bad=1
# the ways out of the plan: without the clashes and the broken files all is well
rm "$t"/etc/xen/{db-copy,twin-b,half,odd}.cfg "$t/libxl/broken.xml"
$x import "${folders[@]}" >"$dir/third" 2>&1 && echo "ok all is imported" || { echo "not ok: a clean tree fails" && cat "$dir/third" && bad=1; }
check "Domain 'db' defined" cat "$dir/third"
# one file by several ways, and links of an auto folder to files elsewhere and to nothing
mkdir "$t/elsewhere"
guest ../../elsewhere/far far
ln -s "$t/elsewhere/far" "$t/etc/xen/auto/99-far"
ln -s "$t/nowhere" "$t/etc/xen/auto/lost"
$x import --format json --dry-run "$t/etc/xen/auto/" "$t/etc/xen" | python3 -c '
import json, sys
plan = json.load(sys.stdin)
files = [g["file"] for g in plan]
assert len(set(files)) == len(files) and sum(f.endswith("/g1.cfg") for f in files) == 1, files
trouble = {g["file"].rsplit("/", 1)[1]: g["trouble"] for g in plan}
assert "leads to no file" in trouble["lost"], trouble
assert [g["autostart"] for g in plan if g["name"] == "far"] == [True], plan
assert not any(g["trouble"] for g in plan if g["name"]), plan
' && echo "ok each file once, lost links are told" || { echo "not ok: files by several ways" && bad=1; }
exit $bad
