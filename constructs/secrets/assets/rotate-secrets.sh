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
#   read FILE      prints a file of the store
#
# Each step can be repeated. At any moment the store holds the value that a program accepts, so that a rotation that was killed is
# continued. No value is an argument of a command; only "read" prints one.
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

pending() {
  for file in "$store"/*.next "$store"/*.previous; do
    [ -s "$file" ] || continue
    name=${file##*/}
    name=${name%.*}
    if [ -s "$store/$name.next" ]; then echo "$name staged"; else echo "$name switched"; fi
  done | sort -u
}

# the script that creates secrets makes the value, in a store of its own
stage() {
  if [ -s "$store/$1.next" ] || [ -s "$store/$1.previous" ]; then return 0; fi
  [ -s "$store/$1" ] || fail "there is no secret $1 yet"
  rm -rf "$stage"
  mkdir "$stage"
  awk -F "$tab" -v name="$1" '$1 == "create" && $2 == name' "$manifest" >"$stage/.manifest"
  sh "$tool" "$stage/.manifest" "$stage" "$stage" create </dev/null >/dev/null
  [ -s "$stage/$1" ] || fail "no new value was created for $1"
  mv "$stage/$1" "$store/$1.next"
  rm -rf "$stage"
}

hold() {
  if [ ! -s "$store/$1.next" ]; then return 0; fi
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
  mv "$store/$1.next" "$store/$1"
}

end() {
  if [ -s "$store/$1.next" ]; then fail "$1 is not switched yet"; fi
  rm -f "$store/$1.previous"
}

case $step in
  pending) pending ;;
  stage | hold | keep | switch | end | forget) for secret in "$@"; do "$step" "$secret"; done ;;
  give) sh "$tool" "$manifest" "$store" "$services" </dev/null ;;
  read) cat "$store/$1" ;;
  *) fail "there is no step $step" ;;
esac
