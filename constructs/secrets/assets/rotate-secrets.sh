#!/bin/sh
# rotate-secrets.sh STEP TOOL MANIFEST STORE SERVICES [NAME...]: the steps of a rotation in the store. TOOL is create-secrets.sh.
#
#   pending        prints the name of each secret whose rotation has begun and not ended, with "staged" or "switched"
#   stage NAME...  creates the new value beside the old one, as NAME.next; an existing one stays
#   hold NAME...   keeps the old value as NAME.previous
#   keep NAME...   keeps the old value as NAME.kept.FINGERPRINT as well, which the readers of NAME get too, beyond the end
#   switch NAME... puts the new value in the place of the old one
#   give           distributes all secrets
#   end NAME...    deletes the old value
#   forget NAME... deletes values that were kept beyond the end
#   trust NAME...  adds the certificate of the new authority to that of the old one, which still signs
#   drop NAME...   leaves the certificate of the authority that signs alone
#   read FILE      prints a file of the store
#
# Each step can be repeated. At any moment the store holds the value that a program accepts, so that a rotation that was killed is
# continued. An authority has its new key as NAME.next and the certificate of the old one as NAME.previous. No value is an argument of a command; only "read" prints one.
set -eu
umask 077

step=$1
tool=$2
manifest=$3
store=$4
services=$5
shift 5
tab=$(printf '\t')
stage=$store/.stage

fail() {
  echo "secrets: $*" >&2
  exit 1
}

is_authority() {
  [ -s "$store/$1.crt" ] && awk -F "$tab" -v name="$1" '$1 == "create" && $2 == name && $3 == "authority" { found = 1 } END { exit !found }' "$manifest"
}

# write FILE COMMAND...: what the command prints becomes FILE of the store, whole or not at all
write() {
  written=$1
  shift
  "$@" >"$store/.writing"
  [ -s "$store/.writing" ] || fail "$written came out empty"
  chmod 0400 "$store/.writing"
  mv "$store/.writing" "$store/$written"
}

# the certificate of an authority that signs; others in its file are trusted beside it
signer() {
  openssl x509 -in "$store/$1"
}

# a renewal must not see a certificate without its key
locked() {
  exec 9<"$store"
  flock -w 300 9 || fail "another process has locked the secrets for five minutes"
}

pending() {
  for file in "$store"/*.next "$store"/*.previous; do
    [ -s "$file" ] || continue
    name=${file##*/}
    name=${name%.*}
    if [ -s "$store/$name.next" ] && [ -s "$store/$name.trusted" ]; then
      echo "$name overlapping"
    elif [ -s "$store/$name.next" ]; then
      echo "$name staged"
    else
      echo "$name switched"
    fi
  done | sort -u
}

# the script that creates secrets makes the value, in a store of its own
stage() {
  if [ -s "$store/$1.next" ] || [ -s "$store/$1.previous" ]; then return 0; fi
  [ -s "$store/$1" ] || is_authority "$1" || fail "there is no secret $1 yet"
  rm -rf "$stage"
  mkdir "$stage"
  awk -F "$tab" -v name="$1" '$1 == "create" && $2 == name' "$manifest" >"$stage/.manifest"
  sh "$tool" "$stage/.manifest" "$stage" "$stage" create </dev/null >/dev/null
  if is_authority "$1"; then
    if ! [ -s "$stage/$1.crt" ] || ! [ -s "$stage/$1.key" ]; then fail "no new authority was created for $1"; fi
    mv "$stage/$1.crt" "$store/$1.next.crt"
    mv "$stage/$1.key" "$store/$1.next"
  else
    [ -s "$stage/$1" ] || fail "no new value was created for $1"
    mv "$stage/$1" "$store/$1.next"
  fi
  rm -rf "$stage"
}

hold() {
  if [ ! -s "$store/$1.next" ]; then return 0; fi
  if is_authority "$1"; then
    # a repeated one would keep the new certificate
    [ -s "$store/$1.previous" ] || write "$1.previous" signer "$1.crt"
    return 0
  fi
  cp -p "$store/$1" "$store/.previous"
  mv "$store/.previous" "$store/$1.previous"
}

# the name of the file is known to the readers of the value only
keep() {
  grep -q '[.]kept[.]' "$tool" || fail "what distributes secrets is of a version before; deploy first"
  if [ ! -s "$store/$1.previous" ]; then return 0; fi
  cp -p "$store/$1.previous" "$store/.previous"
  mv "$store/.previous" "$store/$1.kept.$(sha256sum <"$store/$1.previous" | cut -c 1-8)"
}

forget() {
  rm -f "$store/$1".kept.*
}

switch() {
  if [ ! -s "$store/$1.next" ]; then return 0; fi
  [ -s "$store/$1.previous" ] || fail "the old value of $1 was not kept"
  if is_authority "$1"; then
    locked
    if [ -s "$store/$1.next.crt" ]; then
      write "$1.trusted" cat "$store/$1.previous"
      write "$1.crt" cat "$store/$1.next.crt" "$store/$1.trusted"
      rm -f "$store/$1.next.crt"
    fi
    mv "$store/$1.next" "$store/$1.key"
    return 0
  fi
  mv "$store/$1.next" "$store/$1"
}

# the old certificate as it was kept: that of the store may be the new one already, after a switch that was killed
trust() {
  grep -q '[.]trusted' "$tool" || fail "what distributes secrets is of a version before; deploy first"
  if [ ! -s "$store/$1.next.crt" ]; then return 0; fi
  [ -s "$store/$1.previous" ] || fail "the old certificate of $1 was not kept"
  locked
  write "$1.trusted" cat "$store/$1.next.crt"
  write "$1.crt" cat "$store/$1.previous" "$store/$1.trusted"
}

drop() {
  if [ -s "$store/$1.next" ]; then fail "$1 is not switched yet"; fi
  locked
  rm -f "$store/$1.trusted"
  signer "$1.crt" >"$store/.signer"
  write "$1.crt" cat "$store/.signer"
  rm -f "$store/.signer"
}

end() {
  if [ -s "$store/$1.next" ]; then fail "$1 is not switched yet"; fi
  rm -f "$store/$1.previous"
}

case $step in
  pending) pending ;;
  stage | hold | keep | switch | end | forget | trust | drop) for secret in "$@"; do "$step" "$secret"; done ;;
  give) sh "$tool" "$manifest" "$store" "$services" </dev/null ;;
  read) cat "$store/$1" ;;
  *) fail "there is no step $step" ;;
esac
