#!/bin/sh
# jail.sh COMMAND...: runs it in build-fuzz, as root, where it can write to build-fuzz and nothing else: fuzz_session drives a whole
# daemon, which does what its clients say. Folders for what is temporary are empty ones. Example:
#   tests/fuzz/jail.sh tests/fuzz/fuzz_session -max_total_time=1800 corpus/session ../tests/fuzz/corpus/session
[ -n "$XV_JAILED" ] || XV_JAILED=1 exec unshare --mount "$0" "$@"
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$top/build-fuzz root=/mnt
mkdir -p "$build/corpus/session"
mount --make-rprivate /
mount --bind / $root
mount -o remount,bind,ro $root
mount -t proc proc $root/proc
mount --bind /dev $root/dev
for dir in /tmp /run /var/tmp /root; do
    mount -t tmpfs none $root$dir
done
mount --bind "$build" "$root$build"
exec chroot $root /bin/sh -c 'cd "$1" && shift && HOME=/root TMPDIR=/tmp exec "$@"' sh "$build" "$@"
