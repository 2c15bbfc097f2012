# lib.sh, sourced: xvirt and virsh side by side at the libvirtd of with-libvirtd.sh. The same words must bring the same text.
set -u
xvirt=$(realpath "$1")
command -v virsh >/dev/null || { echo "no virsh here" >&2; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/xvirt-cli.XXXXXX")
trap 'rm -rf "$dir"' EXIT
chmod 777 "$dir" # the daemon is another user
uri=${SAME_URI:-test+unix:///default?socket=${LIBVIRTD_SOCKET:-}}
export EDITOR=true
bad=0

# what changes from one call to the next
steady()
{
    sed -E 's/CPU time: .*/CPU time/; s/(cpu_time|vcpu_time) +[0-9.]+/\1/; s/^(last_update|Time:) .*/\1/; s/-nan/nan/; s/^([a-z0-9.]* (rd|wr|rx|tx)_[a-z]+) [0-9]+/\1/'
}

# same WORDS...: both commands print the same and end with the same status; err=1: what they say on stderr may differ
same()
{
    (cd "$dir" && timeout 20 virsh -c "$uri" "$@" 2>"$dir/v.err" </dev/null) | steady >"$dir/v.out"
    local v=${PIPESTATUS[0]}
    (cd "$dir" && timeout 20 "$xvirt" -c "$uri" "$@" 2>"$dir/x.err" </dev/null) | steady >"$dir/x.out"
    local x=${PIPESTATUS[0]}
    if [ "$v" = "$x" ] && diff "$dir/v.out" "$dir/x.out" >"$dir/diff" && { [ "${err:-0}" = 1 ] || diff "$dir/v.err" "$dir/x.err" >>"$dir/diff"; }; then
        echo "ok $*"
    else
        echo "not ok $* (virsh $v, xvirt $x)"
        cat "$dir/diff" "$dir/x.err"
        bad=1
    fi
}

# both fail, with the same first line; the reason may be in other words
refused()
{
    err=1 same "$@"
    if [ "$(head -n 1 "$dir/v.err")" = "$(head -n 1 "$dir/x.err")" ] && [ -s "$dir/x.err" ]; then
        return
    fi
    echo "not ok $*: they begin with other words"
    head -n 1 "$dir/v.err" "$dir/x.err"
    bad=1
}

# expect TEXT WORDS...: xvirt's output holds TEXT
expect()
{
    local text=$1
    shift
    (cd "$dir" && timeout 20 "$xvirt" -c "$uri" "$@" >"$dir/x.out" 2>&1 </dev/null)
    if grep -qF -- "$text" "$dir/x.out"; then
        echo "ok $* says $text"
    else
        echo "not ok $*: no '$text' in:"
        cat "$dir/x.out"
        bad=1
    fi
}
