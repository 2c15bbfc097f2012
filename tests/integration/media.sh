# The medium of an HVM guest's drive: changed, ejected, inserted; live, in the definition, or both.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh media)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
bare=1 guest_xml hvm-bios xv-media >"$TMP/xv-media.xml"
made+=(xv-media)
for n in 1 2; do
    truncate -s 1M "$TMP/cd$n.iso"
done
sed -i "s,<serial ,<disk type='file' device='cdrom'><source file='$TMP/cd1.iso'/><target dev='hdc'/><readonly/></disk>&," "$TMP/xv-media.xml"
ok v define "$TMP/xv-media.xml"
ok v start xv-media

medium() # [OPTION]
{
    v domblklist xv-media "$@" | awk '$1 == "hdc" { print $2 }'
}

# What Xen has: the backend's parameters.
on_xen() # PATH
{
    [ "$HV" = sim ] && return
    local at
    at=$(xenstore-read "/libxl/$(domid_of xv-media)/device/vbd/5632/backend")
    case $(xenstore-read "$at/params") in *"$1") ;; *) die "Xen has $(xenstore-read "$at/params"), not $1" ;; esac
}

is 'first medium' "$TMP/cd1.iso" "$(medium)"
ok v change-media xv-media hdc "$TMP/cd2.iso" --update --live
is 'live medium' "$TMP/cd2.iso" "$(medium)"
is 'defined medium' "$TMP/cd1.iso" "$(medium --inactive)"
on_xen "$TMP/cd2.iso"
tray_event() # opened|closed
{
    grep -qE "'tray-change' for domain '?xv-media'? disk hdc: $1" "$TMP/events"
}
until_ok "$(patience)" tray_event closed || die "no event: $(cat "$TMP/events")"
ok v change-media xv-media hdc --eject --live --config
is 'live medium after the eject' - "$(medium)"
is 'defined medium after the eject' - "$(medium --inactive)"
on_xen ''
until_ok "$(patience)" tray_event opened || die "no event: $(cat "$TMP/events")"
ok v change-media xv-media hdc "$TMP/cd1.iso" --insert --live
is 'live medium after the insert' "$TMP/cd1.iso" "$(medium)"
on_xen "$TMP/cd1.iso"
refused 'hdz|no disk|not found' v change-media xv-media hdz "$TMP/cd1.iso" --update --live
ok v destroy xv-media
ok v undefine xv-media
stop_daemon
