# Watching guests of the lab from dom0. Sourced by scripts that run there.

guest_log=/var/log/xen/console

# seconds_since TIME: TIME is an earlier $EPOCHREALTIME
seconds_since()
{
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

# until_or SECONDS COMMAND...: repeats COMMAND until it succeeds; fails after SECONDS
until_or()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.3
    done
}

guest_said()
{
    [ -f "$guest_log/guest-$1.log" ] && tr -d '\r' < "$guest_log/guest-$1.log" | grep -qaE "$2"
}

# guest_wait NAME REGEX SECONDS: until a line of the guest's console matches
guest_wait()
{
    until_or "$3" guest_said "$1" "$2" && return
    echo "guest $1: no '$2' on its console within $3 s; the end of it:" >&2
    tail -n 20 "$guest_log/guest-$1.log" >&2
    return 1
}

guest_is_gone()
{
    ! xl domid "$1" > /dev/null 2>&1
}

# guest_wait_gone NAME SECONDS
guest_wait_gone()
{
    until_or "$2" guest_is_gone "$1" || { echo "guest $1 is still there after $2 s" >&2 && return 1; }
}
