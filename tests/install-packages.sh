#!/bin/sh
# install-packages.sh SECTION...: installs what is missing of the sections of packages.txt. On systems without apt it prints the
# names and goes on: the build then says itself what it misses.
here=$(dirname "$0")
want=
for section in "$@"; do
    want="$want $(awk -v s="[$section]" '/^#/ {next} /^\[/ {on = ($0 == s); next} on && NF {print $1}' "$here/packages.txt")"
done
if ! command -v apt-get >/dev/null 2>&1; then
    for tool in dnf zypper apk; do
        command -v $tool >/dev/null 2>&1 && echo "packages wanted (Debian's names; install their likes with $tool):" && echo $want && exit 0
    done
    echo "packages wanted (Debian's names):" $want
    exit 0
fi
missing=
for p in $want; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing:$missing"
log=$(mktemp)
if { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    rm -f "$log"
else
    tail -20 "$log"
    rm -f "$log"
    exit 1
fi
