#!/bin/bash
# run.sh [--cold] [--time-limit SECONDS] [--stage DIR] [--out DIR] [--interactive] -- COMMAND...
# Boots the lab and runs COMMAND as root in its dom0, in /xvirt, where tests/lab, tests/lib, tests/integration and
# examples of this tree are. DIR of --stage is a DESTDIR tree: it is unpacked over dom0's root.
# COMMAND finds HV=xen, GUESTS (a folder with images) and OUT, a folder whose files come out in DIR of --out,
# together with serial.log and dom0's own logs. Exit status: COMMAND's; 124 after the time limit; 125: the lab failed.
# --cold: boots, instead of going on from the saved machine; so does --wire DIR:OWN:OTHER (see machine.py), which joins it to
# another lab by a network card, eth0.
# One lab at a time runs on a machine, unless XVIRT_LAB_PARALLEL is set.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stage='' out='' cold='' machine_opts=()
while [ $# -gt 0 ]; do
    case $1 in
    --cold) cold=--cold ;;
    --interactive) machine_opts+=("$1") ;;
    --wire) machine_opts+=("$1" "$2") cold=--cold && shift ;;
    --time-limit) machine_opts+=("$1" "$2") && shift ;;
    --stage) stage=$2 && shift ;;
    --out) out=$2 && shift ;;
    --) shift && break ;;
    *) lab_die "unknown argument '$1'; see the first lines of $0" ;;
    esac
    shift
done
[ $# -gt 0 ] || lab_die "no command"
[ -z "$stage" ] || [ -d "$stage" ] || lab_die "no such folder: $stage"
lab_need qemu-system-x86_64 python3 tar flock

work=$(mktemp -d "${TMPDIR:-/tmp}/xvlab.XXXXXX")
share=$work/share
trap 'rm -rf "$work"' EXIT
mkdir -p "$share/out"

# What dom0 gets: one tar file, much faster to read over 9p than its many files.
pack()
{
    local part parts=()
    for part in tests/lab tests/lib tests/integration examples; do
        [ ! -d "$lab_top/$part" ] || parts+=("$part")
    done
    tar -c -f "$share/in.tar" --owner=0 --group=0 -C "$lab_top" --transform 's,^,xvirt/,' "${parts[@]}"
    [ -z "$stage" ] || tar -r -f "$share/in.tar" --owner=0 --group=0 -C "$stage" .
}

write_run()
{
    echo 'cd /xvirt && export HV=xen GUESTS=/var/lib/xen/images OUT=/host/out || exit 125'
    printf '%q ' "$@"
}

pack
write_run "$@" > "$share/run"
case " ${machine_opts[*]} " in *' --interactive '*) touch "$share/interactive" ;; esac

mapfile -t made < <("$lab_dir/build.sh" $cold)
[ ${#made[@]} -gt 0 ] || lab_die "no image"
exec 6< "${made[0]}" 7< "${made[1]:-${made[0]}}"
flock -s 6
flock -s 7
[ ${#made[@]} -eq 1 ] || machine_opts+=(--saved "${made[1]}")
lab_take_turn
status=0
python3 "$lab_dir/machine.py" run "${made[0]}" "$work" --serial-log "$share/out/serial.log" "${machine_opts[@]}" ||
    status=$?
if [ -n "$out" ]; then
    mkdir -p "$out"
    cp -r "$share/out/." "$out/"
elif [ $status -ge 124 ]; then
    echo "lab: the end of the serial log:" >&2
    tail -n 40 "$share/out/serial.log" >&2
fi
exit $status
