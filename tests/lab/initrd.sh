# Makes small initial RAM disks of a busybox, some modules and what the caller adds. Sourced.

# initrd_begin ROOT
initrd_begin()
{
    mkdir -p "$1"/{bin,sbin,dev,proc,sys,root,modules}
    cp /bin/busybox "$1/bin/busybox"
    busybox --list | while read -r applet; do
        [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
    done
    mknod -m 600 "$1/dev/console" c 5 1
}

# initrd_module_files PARTS LIST: the files of the modules in LIST and of what they need, in loading order.
initrd_module_files()
{
    local release module
    release=$(basename "$1"/lib/modules/*)
    while read -r module; do
        modprobe -d "$1" -S "$release" -D "$module"
    done < "$2" | sed -n 's/^insmod //p' | awk '!seen[$1]++ { print $1 }'
}

# initrd_module FILE TO: without debug data, unpacked
initrd_module()
{
    case $1 in
    *.xz) xz -dc "$1" > "$2" && strip -g "$2" ;;
    *) strip -g -o "$2" "$1" ;;
    esac
}

# initrd_modules ROOT PARTS LIST: puts them into ROOT/modules without debug data; ROOT/modules/order names them.
initrd_modules()
{
    local file
    initrd_module_files "$2" "$3" | while read -r file; do
        initrd_module "$file" "$1/modules/$(basename "$file" .xz)"
        basename "$file" .xz >> "$1/modules/order"
    done
}

# initrd_end ROOT FILE: not compressed, unpacking in emulation is slow.
initrd_end()
{
    (cd "$1" && find . | sort | cpio --quiet -o -H newc --reproducible -R 0:0) > "$2"
}
