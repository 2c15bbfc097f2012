# A real sshd on loopback, with keys of its own; sourced after remote.sh. start_sshd sets ssh_port and ssh_command: a URI's
# port, and its parameter command=.
for tool in sshd ssh ssh-keygen nc; do
    command -v $tool >/dev/null || skip "no $tool"
done
[ "$(id -u)" = 0 ] || skip "sshd needs root to log somebody in"

start_sshd()
{
    read -r ssh_port <<<"$(free_ports 1)"
    mkdir -p "$TMP/ssh" "$TMP/bin" /run/sshd
    ok ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/host"
    ok ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/user"
    cp "$TMP/ssh/user.pub" "$TMP/ssh/allowed"
    cat >"$TMP/ssh/sshd" <<CONF
Port $ssh_port
ListenAddress 127.0.0.1
$(has_ipv6 && echo ListenAddress ::1)
HostKey $TMP/ssh/host
AuthorizedKeysFile $TMP/ssh/allowed
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
SetEnv PATH=$TMP/bin:/usr/bin:/bin
CONF
    cat >"$TMP/ssh/config" <<CONF
UserKnownHostsFile $TMP/ssh/known
IdentityFile $TMP/ssh/user
IdentitiesOnly yes
LogLevel ERROR
CONF
    for address in 127.0.0.1 ::1; do
        echo "[$address]:$ssh_port $(cut -d' ' -f1,2 "$TMP/ssh/host.pub")"
    done >"$TMP/ssh/known"
    ssh_command=$TMP/ssh/ssh
    printf '#!/bin/sh\nexec ssh -F %s "$@"\n' "$TMP/ssh/config" >"$ssh_command"
    chmod +x "$ssh_command"
    "$(command -v sshd)" -D -e -f "$TMP/ssh/sshd" 2>"$TMP/ssh/log" &
    sshd=$!
    trap 'status=$?; kill $sshd 2>/dev/null; (exit $status); cleanup' EXIT
    until_ok 30 python3 -c "import socket; socket.create_connection(('127.0.0.1', $ssh_port))" ||
        die "no sshd: $(cat "$TMP/ssh/log")"
}
