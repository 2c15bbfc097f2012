#!/bin/sh
# install-helper.sh BINDIR LIBEXEC: BINDIR/virt-ssh-helper becomes a link to ours, unless another one is there.
bin=$DESTDIR$1/virt-ssh-helper
[ -e "$bin" ] && [ ! -L "$bin" ] && exit 0
mkdir -p "$DESTDIR$1"
ln -sf "$2/virt-ssh-helper" "$bin"
