#!/bin/sh
# exchange-secrets.sh STEP STORE SET: secrets of a restored set take the place of those in the store.
#
#   put     those of the directory SET that differ; says which. What was there is kept
#   back    puts back what was there
#   forget  forgets what was there
set -eu
umask 077

step=$1
store=$2
set_directory=$3
before=$store/.restore-before

case $step in
  put)
    for file in "$set_directory"/*; do
      name=${file##*/}
      [ -s "$store/$name" ] || continue
      [ "$(cat "$file")" != "$(cat "$store/$name")" ] || continue
      mkdir -p "$before"
      [ -e "$before/$name" ] || cp -p "$store/$name" "$before/$name"
      cp "$file" "$store/.provided"
      chmod 0400 "$store/.provided"
      mv "$store/.provided" "$store/$name"
      echo "$name"
    done
    ;;
  back)
    for file in "$before"/*; do
      [ -e "$file" ] || continue
      mv "$file" "$store/${file##*/}"
      echo "${file##*/}"
    done
    rm -rf "$before"
    ;;
  forget) rm -rf "$before" ;;
  *)
    echo "secrets: there is no step $step" >&2
    exit 1
    ;;
esac
