# A realm of our own on loopback (MIT's KDC), with users fred (tiger) and wilma (stone) and the service libvirt; sourced after
# remote.sh. start_kdc exports what Kerberos' programs and SASL want to know.
for tool in krb5kdc kdb5_util kadmin.local kinit; do
    command -v $tool >/dev/null || skip "no $tool"
done
ls /usr/lib/*/sasl2/libgssapiv2.so >/dev/null 2>&1 || skip "no GSSAPI for SASL"

login() # USER PASSWORD
{
    echo "$2" | kinit "$1@LAB.TEST" >/dev/null 2>"$TMP/err"
}

start_kdc()
{
    local kdc name
    read -r kdc <<<"$(free_ports 1)"
    mkdir "$TMP/krb" "$TMP/sasl"
    cat >"$TMP/krb/krb5.conf" <<CONF
[libdefaults]
default_realm = LAB.TEST
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
ignore_acceptor_hostname = true
[realms]
LAB.TEST = {
    kdc = 127.0.0.1:$kdc
}
[domain_realm]
localhost = LAB.TEST
[logging]
kdc = FILE:$TMP/krb/kdc.log
CONF
    cat >"$TMP/krb/kdc.conf" <<CONF
[kdcdefaults]
kdc_listen = 127.0.0.1:$kdc
kdc_tcp_listen = 127.0.0.1:$kdc
[realms]
LAB.TEST = {
    database_name = $TMP/krb/principal
    key_stash_file = $TMP/krb/stash
    acl_file = $TMP/krb/acl
}
CONF
    export KRB5_CONFIG=$TMP/krb/krb5.conf KRB5_KDC_PROFILE=$TMP/krb/kdc.conf KRB5CCNAME=FILE:$TMP/krb/cache
    export KRB5_KTNAME=FILE:$TMP/krb/keytab KRB5RCACHENAME=dfl:$TMP/krb KRB5RCACHEDIR=$TMP/krb
    ok kdb5_util create -s -W -r LAB.TEST -P master
    ok kadmin.local -q 'addprinc -pw tiger fred'
    ok kadmin.local -q 'addprinc -pw stone wilma'
    for name in localhost "$(uname -n)"; do
        ok kadmin.local -q "addprinc -randkey libvirt/$name"
        ok kadmin.local -q "ktadd -k $TMP/krb/keytab libvirt/$name"
    done
    krb5kdc -n >"$TMP/krb/out" 2>&1 &
    kdc_pid=$!
    trap 'status=$?; kill $kdc_pid 2>/dev/null; (exit $status); cleanup' EXIT
    until_ok 30 login fred tiger || die "no ticket: $(cat "$TMP/err" "$TMP/krb/out")"
    printf '%s\n' 'mech_list: gssapi' "keytab: $TMP/krb/keytab" >"$TMP/sasl/libvirt.conf"
    export SASL_CONF_PATH=$TMP/sasl
}
