#!/bin/sh
# Makes the certificates of the TLS tests anew (needs openssl). Their dates are fixed, so they never go stale.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/index.txt"
echo 01 >"$work/serial"
cat >"$work/ca.cnf" <<CNF
[ca]
default_ca = test
[test]
database = $work/index.txt
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
CNF

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

key authority
openssl req -new -key authority.key -subj "/CN=Anyup test authority" -out "$work/authority.csr" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -keyfile authority.key \
  -in "$work/authority.csr" -out authority.crt -startdate 20200101000000Z -enddate 21200101000000Z

# issue NAME ALT-NAMES BEGIN END
issue() {
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$1" -addext "subjectAltName=$2" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.cnf" -cert authority.crt -keyfile authority.key \
    -in "$work/$1.csr" -out "$1.crt" -startdate "$3" -enddate "$4"
}
here="DNS:localhost,IP:127.0.0.1,IP:::1"
issue good "$here" 20200101000000Z 21190101000000Z
issue expired "$here" 20200101000000Z 20210101000000Z
issue future "$here" 21000101000000Z 21190101000000Z
issue elsewhere "DNS:elsewhere.test" 20200101000000Z 21190101000000Z

key alone
openssl req -new -key alone.key -subj "/CN=alone" -addext "subjectAltName=$here" -out "$work/alone.csr"
openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -keyfile alone.key \
  -in "$work/alone.csr" -out alone.crt -startdate 20200101000000Z -enddate 21190101000000Z
rm -f authority.key
