#!/bin/sh
# create-secrets.sh MANIFEST STORE SERVICES [create|give|check|renew|resign AUTHORITY]
#
# Creates each secret of MANIFEST that STORE lacks, leaves those that exist, and lays out one directory
# per service below SERVICES with the files that this service may read. Safe to repeat. No value is ever an
# argument of a command, in the environment or in the output. With a fourth word it does one of the two alone, or checks
# provided certificates alone, or renews the certificates that end soon, or signs the certificate of an authority again:
# with the same key, so that what trusts the old one accepts the same servers.
#
# MANIFEST has one line each, fields separated by tabs:
#   guard   SECRET DIRECTORY          never create SECRET while DIRECTORY holds data that would be lost with it
#   create  SECRET KIND ARG ARG       password LENGTH | hex LENGTH | laravel-key | rsa BITS | authority DOMAIN [renewed] |
#                                     certificate AUTHORITY NAMES | argon2-of SECRET | pbkdf2-of SECRET | provided |
#                                     provided-file | provided-certificate KEY NAMES
#   give    FILE SERVICE UID:GID      a file of a secret, for the user of a service
#   version NUMBER                    of what others gave out; it is not read
set -eu
umask 077

manifest=$1
store=$2
services=$3
only=${4:-}
work=$store/.work
case $0 in
  */*) scripts=${0%/*} ;;
  *) scripts=. ;;
esac
tab=$(printf '\t')

fail() {
  echo "secrets: $*" >&2
  exit 1
}

# lines VERB FUNCTION: calls FUNCTION with the fields of each line that begins with VERB
lines() {
  while IFS=$tab read -r verb first second third fourth; do
    [ "$verb" = "$1" ] || continue
    "$2" "$first" "$second" "$third" "$fourth" </dev/null
  done <"$manifest"
}

exists() {
  [ -s "$store/$1" ] || { [ -s "$store/$1.crt" ] && [ -s "$store/$1.key" ]; }
}

# keep FILE COMMAND...: what the command prints becomes FILE of the store, whole or not at all. Not through a pipe, which would hide
# that the command failed
keep() {
  kept=$1
  shift
  "$@" >"$work/value"
  [ -s "$work/value" ] || fail "$kept came out empty"
  chmod 0400 "$work/value"
  mv "$work/value" "$store/$kept"
}

# keep_pair NAME NAMES: the key and the certificate in the work directory become those of NAME. NAME.names comes last:
# it says that both are there, and what they were made for
keep_pair() {
  rm -f "$store/$1.names"
  keep "$1.key" cat "$work/key"
  keep "$1.crt" cat "$work/crt"
  keep "$1.names" printf '%s\n' "$2"
}

# --- problems: all of them are reported before anything is created

absent=
check_provided() {
  case $2 in
    provided | provided-file | provided-certificate) exists "$1" || absent="$absent $1" ;;
  esac
}

holds_data() {
  found=$(ls -A "$1") || fail "cannot look into $1, so it is not known whether secrets may be created"
  [ -n "$(printf '%s\n' "$found" | grep -vx '.secure-bookstack' || :)" ]
}

lost=
check_guard() {
  exists "$1" && return
  if holds_data "$2"; then lost="$lost $1"; fi
}

# certificate_problems CERTIFICATE KEY NAMES: what is wrong with a chain of certificates and its key, one line each
certificate_problems() {
  if ! openssl x509 -noout -in "$store/$1" 2>/dev/null; then
    echo "$1 must begin with a certificate in PEM"
    return
  fi
  if ! openssl pkey -noout -passin pass: -in "$store/$2" >/dev/null 2>&1; then
    echo "$2 must be a private key in PEM without a passphrase"
    return
  fi
  [ "$(openssl x509 -noout -pubkey -in "$store/$1")" = "$(openssl pkey -pubout -in "$store/$2" 2>/dev/null)" ] ||
    echo "$2 is not the key of the first certificate in $1"
  openssl x509 -noout -checkend 0 -in "$store/$1" >/dev/null || echo "$1 ended on $(openssl x509 -noout -enddate -in "$store/$1" | cut -d = -f 2)"
  for host in $(echo "$3" | tr , ' '); do
    openssl x509 -noout -checkhost "$host" -in "$store/$1" | grep -q 'does match' || echo "$1 is not for $host"
  done
  chain_problems "$1"
}

# chain_problems CERTIFICATE: whether each certificate was signed by the next one, and counts already
chain_problems() {
  rm -f "$work"/chain.*
  awk -v into="$work/chain." '/BEGIN CERTIFICATE/ { number++ } number { print >(into sprintf("%03d", number)) }' "$store/$1"
  last=
  for file in "$work"/chain.*; do last=$file; done
  openssl verify -partial_chain -trusted "$last" -untrusted "$store/$1" "$work/chain.001" >"$work/log" 2>&1 ||
    grep -q 'has expired' "$work/log" ||
    echo "$1 is not a chain in which each certificate is signed by the next: $(sed -n 's/^error [0-9]* at \([0-9]*\) depth lookup: */certificate \1: /p' "$work/log" | head -n 1)"
}

wrong=
check_certificate() {
  [ "$2" = provided-certificate ] || return 0
  exists "$1" && exists "$3" || return 0
  found=$(certificate_problems "$1" "$3" "$4")
  [ -z "$found" ] || wrong="$wrong
$found"
}

# --- kinds

random_text() {
  text=$(openssl rand -base64 $(($1 * 3)) | tr -dc 'A-Za-z0-9' | cut -c "1-$1" | head -n 1)
  [ "${#text}" = "$1" ] || fail "the random source gave too little"
  printf '%s' "$text"
}

random_hex() {
  text=$(openssl rand -hex "$(($1 / 2))") || fail "openssl rand failed"
  [ "${#text}" = "$1" ] || fail "the random source gave too little"
  printf '%s' "$text"
}

laravel_key() {
  text=$(openssl rand -base64 32) || fail "openssl rand failed"
  [ "${#text}" = 44 ] || fail "the random source gave too little"
  printf 'base64:%s' "$text"
}

new_rsa_key() {
  openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$1" 2>"$work/log" || fail "openssl genpkey: $(cat "$work/log")"
}

# the program beside this script: PHP where a container has it, Python on a host
hash() {
  if [ -f "$scripts/hash.php" ]; then php "$scripts/hash.php" "$@"; else python3 "$scripts/hash.py" "$@"; fi
}

# hashed ALGORITHM SECRET: prints the hash; the secret goes from file to program
hashed() {
  hash make "$1" "$store/$2" || fail "no $1 hash of $2; does the image have PHP with Argon2?"
}

# hash_of ALGORITHM HASH SECRET: the hash is that of the secret, as it is now
hash_of() {
  exists "$2" && hash verify "$1" "$store/$3" "$store/$2"
}

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key" 2>"$work/log" || fail "openssl genpkey: $(cat "$work/log")"
}

# A CA signs only for servers below its domain: a permitted name of another kind, here an impossible one, refuses all
# others of that kind
sign_authority() {
  cat >"$work/conf" <<CONF
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = @authority@, $2
[authority]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
nameConstraints = critical,permitted;DNS:$2,excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::,permitted;email:invalid,permitted;URI:invalid
CONF
  openssl req -new -x509 -sha256 -days 3650 -config "$work/conf" -key "$work/key" -out "$work/crt" 2>"$work/log" || fail "openssl req: $(cat "$work/log")"
}

create_authority() {
  if made_for "$1" "$2"; then
    sign_again "$1" "$2"
    return
  fi
  new_key
  sign_authority "$1" "$2"
  keep_pair "$1" "$2"
}

sign_again() {
  rm -f "$work/key"
  cat "$store/$1.key" >"$work/key"
  sign_authority "$1" "$2"
  # of a rotation that has not ended: readers trust the other one, too
  if [ -s "$store/$1.trusted" ]; then cat "$store/$1.trusted" >>"$work/crt"; fi
  keep "$1.crt" cat "$work/crt"
}

create_certificate() {
  new_key
  {
    printf 'basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = serverAuth\n'
    printf 'subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\nsubjectAltName = '
    printf '%s\n' "$3" | sed 's/^/DNS:/; s/,/,DNS:/g'
  } >"$work/extensions"
  printf '[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = %s\n' "${3%%,*}" >"$work/conf"
  openssl req -new -sha256 -config "$work/conf" -key "$work/key" -out "$work/csr" 2>"$work/log" || fail "openssl req: $(cat "$work/log")"
  openssl x509 -req -sha256 -days 825 -in "$work/csr" -CA "$store/$2.crt" -CAkey "$store/$2.key" -set_serial "0x$(openssl rand -hex 16)" \
    -extfile "$work/extensions" -out "$work/crt" 2>"$work/log" || fail "openssl x509: $(cat "$work/log")"
  openssl verify -CAfile "$store/$2.crt" "$work/crt" >/dev/null 2>&1 ||
    fail "$1 is not accepted by its authority $2; are all its names below the authority's domain: $3"
  keep_pair "$1" "$3"
}

# made_for NAME NAMES: the pair is whole, and was made for these names
made_for() {
  exists "$1" && [ "$(cat "$store/$1.names" 2>/dev/null)" = "$2" ]
}

# current NAME AUTHORITY NAMES: the certificate has these names, thirty days left, and this authority: the first one of its file signs
current() {
  made_for "$1" "$3" &&
    openssl x509 -checkend 2592000 -noout -in "$store/$1.crt" >/dev/null 2>&1 &&
    openssl x509 -in "$store/$2.crt" -out "$work/signer" 2>/dev/null &&
    openssl verify -CAfile "$work/signer" "$store/$1.crt" >/dev/null 2>&1
}

# authority_stays NAME NAMES RENEWED: one that only services trust is signed again with a year left, in which all of them read the new one
authority_stays() {
  made_for "$1" "$2" || return 1
  [ "$3" != renewed ] || openssl x509 -checkend 31536000 -noout -in "$store/$1.crt" >/dev/null 2>&1
}

# good NAME KIND ARG ARG: it is there and can stay
good() {
  case $2 in
    authority) authority_stays "$1" "$3" "$4" ;;
    certificate) current "$1" "$3" "$4" ;;
    *-of) hash_of "${2%-of}" "$1" "$3" ;;
    *) exists "$1" ;;
  esac
}

create() {
  if good "$@"; then return; fi
  case $2 in
    password) keep "$1" random_text "$3" ;;
    hex) keep "$1" random_hex "$3" ;;
    rsa) keep "$1" new_rsa_key "$3" ;;
    *-of) keep "$1" hashed "${2%-of}" "$3" ;;
    laravel-key) keep "$1" laravel_key ;;
    authority) create_authority "$1" "$3" ;;
    certificate) create_certificate "$1" "$3" "$4" ;;
    *) fail "$1 is of a kind that is not known: $2" ;;
  esac
  exists "$1" || fail "$1 was not created"
  echo "secrets: created $1"
}

# renew NAME KIND ARG ARG: a certificate that was renewed and not distributed yet
renew() {
  case $2 in authority | certificate) ;; *) return 0 ;; esac
  if good "$@"; then return; fi
  echo "$1" >>"$store/.renewed"
  create "$@"
}

resigned=
resign() {
  [ "$1" = "$authority" ] && [ "$2" = authority ] || return 0
  exists "$1" || fail "$1 is not there yet"
  echo "$1" >>"$store/.renewed"
  sign_again "$1" "$3"
  resigned=$1
  echo "secrets: signed $1 again"
}

# --- distribution

# with values that a rotation keeps: they come first, so that a reader of the new value has the old ones, too
give() {
  directory=$services/$2
  [ -d "$directory" ] || fail "$2 has no directory"
  chmod 0711 "$directory"
  for file in "$store/$1".kept.* "$store/$1"; do
    [ -e "$file" ] || continue
    file=${file##*/}
    cp "$store/$file" "$directory/.$file"
    chmod 0400 "$directory/.$file"
    chown "$3" "$directory/.$file"
    mv "$directory/.$file" "$directory/$file"
  done
}

# give_renewed FILE SERVICE UID:GID
give_renewed() {
  case $1 in *.crt | *.key) ;; *) return 0 ;; esac
  if grep -qxF "${1%.*}" "$store/.renewed"; then give "$@"; fi
}

take_back() {
  for file in "$services"/*/*; do
    [ -e "$file" ] || continue
    service=${file%/*}
    found=0
    name=${file##*/}
    [ ! -e "$store/$name" ] || name=${name%.kept.*}
    # as a fixed string: a dot in a name is literal
    grep -qF "give$tab$name$tab${service##*/}$tab" "$manifest" || found=$?
    # an unreadable manifest has no entries
    [ "$found" -le 1 ] || fail "cannot read $manifest"
    [ "$found" = 0 ] || rm -f "$file"
  done
}

# a deploy and a renewal may meet
exec 9<"$store"
flock -w 300 9 || fail "another process has locked the secrets for five minutes"
# what an interrupted run left: half a value, or one that was not yet in its place
rm -rf "$work" "$services"/*/.[!.]*
mkdir "$work"
trap 'rm -rf "$work"' EXIT
if [ "$only" = check ]; then
  lines create check_certificate
  [ -z "$wrong" ] || fail "the certificate cannot be used:$wrong"
  exit 0
fi
if [ "$only" = renew ] || [ "$only" = resign ]; then
  authority=${5:-}
  lines create "$only"
  [ "$only" = renew ] || [ -n "$resigned" ] || fail "there is no authority $authority"
  [ -e "$store/.renewed" ] || exit 0
  # also what an interrupted run had renewed
  lines give give_renewed
  rm -f "$store/.renewed"
  exit 0
fi
if [ "$only" != give ]; then
  lines guard check_guard
  [ -z "$lost" ] || fail "missing, while the data that need them exist:$lost. Restore them from a backup; new ones would make the data unreadable"
  lines create check_provided
  [ -z "$absent" ] || fail "not provided yet:$absent. @provideSecrets@"
  lines create check_certificate
  [ -z "$wrong" ] || fail "the certificate cannot be used:$wrong"
  lines create create
fi
if [ "$only" != create ]; then
  lines give give
  take_back
  rm -f "$store/.renewed"
fi
