#!/bin/sh
# install.sh FOLDER FILE...: puts policy files there, where no other vendor's file of that name is.
folder=${DESTDIR:-}$1
shift
mkdir -p "$folder" || exit 1
for file in "$@"; do
    target=$folder/$(basename "$file")
    if [ -e "$target" ] && ! grep -q '<vendor>xvirt</vendor>' "$target"; then
        echo "$target is another's and stays"
    else
        install -m 644 "$file" "$target" || exit 1
    fi
done
