#!/bin/sh
# secrets.sh ENVIRONMENT VERB [NAME]
#   apply         creates what is missing, encrypts it, and gives each service its own
#   load          decrypts all, and gives each service its own; before Docker starts
#   check         says what is not as it should be, and ends with 3 then
#   put NAME      stores standard input as the secret NAME
#   rotate NAME   regenerates NAME and the secrets that are derived from it, and restarts the services that read them
#   renew         renews certificates that expire soon, and writes the expiry dates as metrics for Prometheus; a timer calls it
#   resign NAME   signs the certificate of the authority NAME again, with the same key, and restarts the services that read it
#   names         prints the name of everything that is kept
#   exchange put DIRECTORY   lets secrets of a restored set, which lie in DIRECTORY, take the place of those that are kept; says which
#   exchange back            puts back what was kept before; says which
#   exchange forget          forgets what was kept before
#   rotation STEP [NAME...]  a step of rotate-secrets.sh in the store
#
# Encrypted files lie in /etc/bookstack/credentials. Clear ones are in memory alone: while this script works in a directory for root, and
# one directory for each service. No value is ever an argument of a command, in the environment or in the output.
set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C PATH
# a root of another name is for tests
root=${BOOKSTACK_ROOT:-}
files=$root/etc/bookstack/secrets
credentials=$root/etc/bookstack/credentials
before=$credentials/.before
metrics=$root/var/lib/node-exporter/textfile
environment=${1:-}
verb=${2:-}
name=${3:-}
run=$root/run/bookstack/$environment
services=$run/secrets
store=$run/store
tab=$(printf '\t')

fail() {
  echo "secrets: $*" >&2
  exit 1
}

# --- encryption: by systemd, which binds each file to its name, the key of this host and its TPM, if there is one. Ubuntu 22.04 has no
# systemd-creds yet; there GnuPG does it, with a key of this host

key=$root/var/lib/bookstack/secrets.key

with_systemd() {
  command -v systemd-creds >/dev/null && [ -z "${BOOKSTACK_SECRETS_GNUPG:-}" ]
}

gnupg() {
  [ -s "$key" ] || {
    install -d -m 0700 "${key%/*}"
    openssl rand -hex 32 >"$key.new"
    mv "$key.new" "$key"
  }
  mkdir -p "$run/gnupg"
  gpg --homedir "$run/gnupg" --batch --quiet --yes --no-options --pinentry-mode loopback --passphrase-file "$key" "$@" 2>"$run/gnupg/log" || {
    cat "$run/gnupg/log" >&2
    return 1
  }
}

# seal NAME: encrypts the file of the store
seal() {
  rm -f "$credentials/.$1"
  if with_systemd; then
    systemd-creds encrypt --with-key=auto --tpm2-pcrs= --name="$1" "$store/$1" "$credentials/.$1" >"$run/log" 2>&1 || fail "cannot encrypt $1: $(cat "$run/log")"
  else
    # the key is 256 random bits, which stretching does not make harder to guess; without a count GnuPG starts an agent to choose one
    gnupg --symmetric --cipher-algo AES256 --s2k-count 65536 --output "$credentials/.$1" "$store/$1" || fail "cannot encrypt $1"
  fi
  chmod 0600 "$credentials/.$1"
  mv "$credentials/.$1" "$credentials/$1.cred"
}

# unseal NAME FILE
unseal() {
  if head -c 4 "$credentials/$1.cred" | LC_ALL=C grep -q '^[A-Za-z0-9+/]'; then
    systemd-creds decrypt --name="$1" "$credentials/$1.cred" "$2" >"$run/log" 2>&1 || fail "cannot decrypt $1: $(cat "$run/log"); was this disk in another machine?"
  else
    gnupg --decrypt --output "$2" "$credentials/$1.cred" || fail "cannot decrypt $1"
  fi
}

names() {
  for sealed in "$credentials"/*.cred; do
    [ -e "$sealed" ] || continue
    sealed=${sealed##*/}
    echo "${sealed%.cred}"
  done
}

# --- the store, in memory, for as long as this script works

open_store() {
  install -d -m 0711 "${run%/*}" "$run" "$services"
  exec 8>"$run/lock"
  flock -w 300 8 || fail "another process has locked the secrets for five minutes"
  rm -rf "$store" "$run/opened"
  trap 'rm -rf "$store" "$run/opened" "$run/gnupg" "$run/log" "$run/manifest" "$run/exchanged"' EXIT
  mkdir "$store" "$run/opened"
  for name in $(names); do
    unseal "$name" "$store/$name"
    cp "$store/$name" "$run/opened/$name"
  done
}

# what was made or changed since the store was opened
seal_all() {
  for file in "$store"/*; do
    [ -f "$file" ] || continue
    cmp -s "$file" "$run/opened/${file##*/}" || seal "${file##*/}"
  done
}

# manifest for create-secrets.sh: Docker says where volumes are; one that it does not have holds no data
manifest() {
  while IFS= read -r line; do
    case $line in
      "guard$tab"*"${tab}volume:"*)
        volume=${line##*volume:}
        place=$(docker volume inspect --format '{{.Mountpoint}}' "$volume" 2>"$run/log") || {
          grep -qi 'no such volume' "$run/log" || fail "cannot ask Docker for the volume $volume: $(cat "$run/log")"
          continue
        }
        printf '%s\n' "${line%volume:*}$place"
        ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$files/manifest" >"$run/manifest"
}

create() {
  manifest
  sh "$files/create-secrets.sh" "$run/manifest" "$store" "$services" create
  # encrypted before it is distributed, so that no secret in use can be lost
  seal_all
}

give() {
  grep "^give$tab" "$files/manifest" | cut -f 3 | sort -u | while read -r service; do
    install -d -m 0711 "$services/$service"
  done
  sh "$files/create-secrets.sh" "$files/manifest" "$store" "$services" give
}

# --- certificates

# written also when the renewal failed: the ends are true all the same
renew() {
  open_store
  renewed=0
  if sh "$files/create-secrets.sh" "$files/manifest" "$store" "$services" renew; then renewed=1; fi
  seal_all
  install -d -m 0755 "${metrics%/*}" "$metrics"
  {
    sh "$files/certificate-metrics.sh" "$files/manifest" "$store"
    echo "# HELP certificate_renewal_success Whether certificates that end soon could be renewed."
    echo "# TYPE certificate_renewal_success gauge"
    echo "certificate_renewal_success $renewed"
  } >"$metrics/.certificates"
  chmod 0644 "$metrics/.certificates"
  mv "$metrics/.certificates" "$metrics/certificates.prom"
  [ "$renewed" = 1 ] || fail "certificates that end soon could not be renewed"
}

resign() {
  open_store
  sh "$files/create-secrets.sh" "$files/manifest" "$store" "$services" resign "$1"
  seal_all
  # shellcheck disable=SC2046
  restart_services $(awk -F "$tab" -v file="$1.crt" '$1 == "give" && $2 == file { print $3 }' "$files/manifest")
}

# ending: certificates that the timer has not renewed in time
ending() {
  awk -F "$tab" '$1 == "create" && $3 == "certificate" { print $2 }' "$files/manifest" | while read -r name; do
    [ -s "$store/$name.crt" ] || continue
    openssl x509 -checkend 2505600 -noout -in "$store/$name.crt" >/dev/null 2>&1 ||
      echo "the certificate $name was not renewed, and ends on $(openssl x509 -noout -enddate -in "$store/$name.crt" | cut -d = -f 2)"
  done
}

# --- check

check() {
  open_store
  {
    grep "^give$tab" "$files/manifest" | while IFS=$tab read -r _ name service user; do
      file=$services/$service/$name
      if [ ! -s "$store/$name" ]; then
        echo "the secret $name is not kept"
      elif [ ! -e "$file" ]; then
        echo "$service does not have its secret $name"
      elif ! cmp -s "$store/$name" "$file"; then
        echo "$service has another secret $name than the one that is kept"
      elif [ "$(stat -c %a:%u:%g "$file")" != "400:$user" ]; then
        echo "the secret $name of $service has mode and owner $(stat -c %a:%u:%g "$file"), not 400:$user"
      fi
    done
    ending
    find "$credentials" -mindepth 1 \( ! -user root -o -perm /077 \) -exec echo "others than root may read" {} \;
  } >"$run/differences"
  cat "$run/differences"
  [ ! -s "$run/differences" ] || exit 3
}

# --- one secret

# readers NAME: services that have it, or what is made from it
readers() {
  {
    echo "$1"
    awk -F "$tab" -v name="$1" '$1 == "create" && ($4 == name) { print $2 }' "$files/manifest"
  } | while read -r secret; do
    awk -F "$tab" -v secret="$secret" '$1 == "give" && ($2 == secret || $2 == secret ".crt" || $2 == secret ".key") { print $3 }' "$files/manifest"
  done | sort -u
}

restart_readers() {
  # names of services have no blanks
  # shellcheck disable=SC2046
  restart_services $(readers "$1")
}

# services that run on the host itself
restart_units() {
  for service in "$@"; do
    if systemctl -q is-active "bookstack-$service.service"; then
      systemctl restart "bookstack-$service.service"
      echo "secrets: restarted bookstack-$service.service"
    fi
  done
}

restart_services() {
  restart_units "$@"
  for service in "$@"; do
    container=$environment-$service
    [ "$(docker inspect --format '{{.State.Running}}' "$container" 2>/dev/null)" = true ] || continue
    docker restart --time 120 "$container" >/dev/null
    echo "secrets: restarted $container"
  done
}

put() {
  case $1 in *[!a-z0-9_]* | '') fail "that is no name of a secret" ;; esac
  install -d -m 0755 "${credentials%/*}"
  install -d -m 0700 "$credentials"
  open_store
  cat >"$store/$1"
  [ -s "$store/$1" ] || fail "$1 came out empty"
  seal "$1"
  give_if_known "$1"
}

# before the first deploy no service reads it
give_if_known() {
  [ -s "$files/manifest" ] && grep -q "^give$tab$1$tab" "$files/manifest" || return 0
  # a certificate and its key count together: one alone would leave its readers without any
  pair=$(awk -F "$tab" -v name="$1" '$1 == "create" && $3 == "provided-certificate" && ($2 == name || $4 == name) { print $2, $4 }' "$files/manifest")
  if [ -n "$pair" ] && ! sh "$files/create-secrets.sh" "$files/manifest" "$store" "$services" check 2>"$run/log"; then
    sed 's/^secrets: /secrets: kept, and not in use yet: /' "$run/log"
    return 0
  fi
  for secret in ${pair:-$1}; do give_one "$secret"; done
  restart_readers "$1"
}

give_one() {
  grep "^give$tab$1$tab" "$files/manifest" >"$run/manifest"
  while IFS=$tab read -r _ name service user; do
    install -d -m 0711 "$services/$service"
    install -m 0400 -o "${user%:*}" -g "${user#*:}" "$store/$name" "$services/$service/.$name"
    mv "$services/$service/.$name" "$services/$service/$name"
  done <"$run/manifest"
}

rotate() {
  kind=$(awk -F "$tab" -v name="$1" '$1 == "create" && $2 == name { print $3 }' "$files/manifest")
  case $kind in
    '') fail "there is no secret $1; there is $(awk -F "$tab" '$1 == "create" { printf "%s ", $2 }' "$files/manifest")" ;;
    provided | provided-file | provided-certificate) fail "$1 comes from you: @provideSecret@" ;;
  esac
  if grep -qxF "keep$tab$1" "$files/manifest"; then fail "$1 encrypts data, which would be unreadable with a new one"; fi
  open_store
  rm -f "$store/$1" "$store/$1.crt" "$store/$1.key" "$store/$1.names"
  # nothing is lost: its services read it at their next start
  grep -v "^guard$tab" "$files/manifest" >"$run/manifest"
  sh "$files/create-secrets.sh" "$run/manifest" "$store" "$services" create
  seal_all
  give
  restart_readers "$1"
}

# rotation STEP [NAME...]: what a step changed is encrypted before the next one begins
rotation() {
  step=$1
  shift
  [ -s "$files/rotate-secrets.sh" ] || fail "the last deploy did not install the steps of a rotation; deploy $environment again"
  open_store
  if [ "$step" = give ]; then
    create
    give
    return
  fi
  if [ "$step" = units ]; then
    # shellcheck disable=SC2046 # names of services have no blanks
    for secret in "$@"; do restart_units $(readers "$secret"); done
    return
  fi
  sh "$files/rotate-secrets.sh" "$step" "$files/create-secrets.sh" "$files/manifest" "$store" "$services" "$@"
  seal_all
  for name in $(names); do
    [ -e "$store/$name" ] || rm -f "$credentials/$name.cred"
  done
}

# --- those of a restored set; services read them at their next start

exchange() {
  case $1 in
    put) put_set "$2" ;;
    back) put_back ;;
    forget) rm -rf "$before" ;;
    *) usage ;;
  esac
}

put_set() {
  open_store
  sh "$files/exchange-secrets.sh" put "$store" "$1" >"$run/exchanged"
  # the encrypted files, because the store is gone with this process
  while read -r secret; do
    mkdir -p "$before"
    [ -e "$before/$secret.cred" ] || cp -p "$credentials/$secret.cred" "$before/$secret.cred"
  done <"$run/exchanged"
  seal_all
  cat "$run/exchanged"
  give
}

put_back() {
  [ -d "$before" ] || return 0
  for sealed in "$before"/*.cred; do
    [ -e "$sealed" ] || continue
    mv "$sealed" "$credentials/"
    sealed=${sealed##*/}
    echo "${sealed%.cred}"
  done
  rm -rf "$before"
  open_store
  give
}

usage() {
  echo "usage: $0 ENVIRONMENT apply|load|check|put NAME|rotate NAME|renew|resign NAME|names|exchange put DIRECTORY|exchange back|exchange forget|rotation STEP" >&2
  exit 64
}

case $environment in *[!a-z0-9-]* | '') usage ;; esac
case $verb in
  apply)
    open_store
    create
    give
    ;;
  load)
    open_store
    give
    ;;
  check | renew) "$verb" ;;
  put | rotate | resign) "$verb" "$name" ;;
  names) names ;;
  exchange) exchange "$name" "${4:-}" ;;
  rotation)
    shift 2
    rotation "$@"
    ;;
  *) usage ;;
esac
