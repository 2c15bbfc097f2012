#!/bin/sh
# config-keys.sh PAGE XVIRTD SCDOC: the manual page of the configuration, its keys from the daemon's own tables.
keys() # OPTION
{
    "$xvirtd" "$1" | sed 's/[*_\\<>`~]/\\&/g' | awk '/^# / { doc = substr($0, 3) } /^#[^ ]/ { print "*" substr($0, 2) "*\n\t" doc "\n" }'
}
page=$1 xvirtd=$2 scdoc=$3
{
    cat "$page"
    printf '# XVIRTD.CONF\n\n'
    keys --help-config
    printf '# LIBXL.CONF\n\n'
    keys --help-libxl-config
    printf '# SEE ALSO\n\n*xvirtd*(8)\n'
} | "$scdoc"
