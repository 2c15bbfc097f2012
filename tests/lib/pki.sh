#!/bin/sh
# Makes an authority and certificates for tests: pki.sh FOLDER
#   FOLDER/cacert.pem servercert.pem serverkey.pem clientcert.pem clientkey.pem   a set that fits together, server "localhost"
#   FOLDER/other/...    the same from another authority;  FOLDER/old/...  a client certificate that has expired
#   FOLDER/purpose/...  one that is meant, critically, for servers alone;  FOLDER/bare/cacert.pem  no client certificate at all
set -e
authority() # FOLDER NAME
{
    mkdir -p "$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/cakey.pem" -out "$1/cacert.pem" -days 30 \
        -subj "/CN=$2" -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}
leaf() # FOLDER NAME SUBJECT EXTENSIONS [DAYS]
{
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/$2key.pem" -out "$1/$2.csr" -subj "$3" 2>/dev/null
    printf '%b' "$4" >"$1/$2.ext"
    openssl x509 -req -in "$1/$2.csr" -CA "$1/cacert.pem" -CAkey "$1/cakey.pem" -CAcreateserial -days "${5:-30}" \
        -extfile "$1/$2.ext" -out "$1/$2cert.pem" 2>/dev/null
    rm "$1/$2.csr" "$1/$2.ext"
}
server='basicConstraints=CA:false\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\n'
client='basicConstraints=CA:false\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=clientAuth\n'
set_of() # FOLDER NAME
{
    authority "$1" "$2"
    leaf "$1" server /C=GB/O=Lab/CN=localhost "$server"
    leaf "$1" client /C=GB/O=Lab/CN=client1 "$client"
}
variant() # NAME EXTENSIONS DAYS
{
    mkdir -p "$dir/$1"
    cp "$dir/cacert.pem" "$dir/cakey.pem" "$dir/$1"
    leaf "$dir/$1" client /C=GB/O=Lab/CN=client1 "$2" "$3"
}
dir=$1
set_of "$dir" "xvirt test authority"
set_of "$dir/other" "another test authority"
variant old "$client" -1
variant purpose 'basicConstraints=CA:false\nextendedKeyUsage=critical,serverAuth\n' 30
mkdir -p "$dir/bare"
cp "$dir/cacert.pem" "$dir/bare"
chmod -R a+rX "$dir"
chmod a+r "$dir"/*key.pem
