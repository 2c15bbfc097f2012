# Shared by the lab's shell scripts: where the cache is, what the image is called, locks.
# Sourced; sets lab_dir (this folder) and lab_top (the tree's top).

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_top=$(cd "$lab_dir/../.." && pwd)
lab_cache=${XVIRT_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xvirt-lab}
lab_suite=${XVIRT_LAB_SUITE:-bookworm} # of Debian, and with it the release of Xen

lab_die()
{
    echo "lab: $*" >&2
    exit 125
}

lab_need()
{
    local tool missing=
    for tool; do
        command -v "$tool" > /dev/null || missing="$missing $tool"
    done
    [ -z "$missing" ] || lab_die "not installed:$missing (tests/packages.txt lists the packages)"
}

# Hash of the contents of the named files and of the words in the environment that change the result.
lab_hash()
{
    { (cd "$lab_dir" && sha256sum "$@") && echo "${XVIRT_LAB_EXTRA:-} ${XVIRT_LAB_MIRROR:-} $lab_suite"; } |
        sha256sum | cut -c1-16
}

lab_base_name()
{
    echo "base-$(cd "$lab_dir" && lab_hash base.sh dom0/packages dom0/packages.unpacked dom0/names.*)"
}

lab_image_name()
{
    echo "image-$(cd "$lab_dir" && lab_hash base.sh build.sh initrd.sh vmlinux.py dom0/* guests/*)"
}

# One run at a time on a machine, unless XVIRT_LAB_PARALLEL is set: held until this process ends.
lab_take_turn()
{
    [ -z "${XVIRT_LAB_PARALLEL:-}" ] || return 0
    mkdir -p "$lab_cache"
    exec 8> "$lab_cache/run.lock"
    flock -n 8 && return
    echo "lab: waiting for another run on this machine to end" >&2
    flock 8
}

# A saved machine goes with one image, one QEMU and one kind of processor (the clock's rate was measured on it).
lab_saved_name()
{
    echo "saved-$({ lab_image_name && qemu-system-x86_64 --version && sed -n '/^model name/{p;q}' /proc/cpuinfo &&
        cat "$lab_dir/machine.py"; } | sha256sum | cut -c1-16)"
}

# Removes all but the three newest folders of a kind (base, image, saved) that nobody holds open.
lab_prune()
{
    local old
    # shellcheck disable=SC2012 # names are ours: no spaces
    ls -dt "$lab_cache/$1"-* 2> /dev/null | tail -n +4 | while read -r old; do
        flock -n "$old" rm -rf "$old" || true
    done
}
