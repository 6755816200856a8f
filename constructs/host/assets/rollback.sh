#!/bin/sh
# rollback.sh watch PART   rolls the part back 60 seconds after the last step of its script, unless it is confirmed; a script that hangs
#                          in a step counts as dead after ten minutes
# rollback.sh boot         rolls back changes that were not confirmed before the host went down
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C PATH
patience=60
longest=600
kept=/var/lib/bookstack-host/way-back

# undo PART: restores its files, then reloads the services
undo() {
  directory=$kept/$1
  touch "$directory/undone"
  while read -r path; do rm -rf "$path"; done <"$directory/paths"
  tar -C / -xpf "$directory/files.tar"
  sh "$directory/restore" || :
  rm -f "$directory/armed"
  # what a step was still to do is done by the next deploy
  logger -t bookstack-host "$1: the change was not confirmed, and was rolled back" || :
}

case ${1:-} in
  watch)
    while [ -e "$kept/$2/armed" ]; do
      age=$(($(date +%s) - $(stat -c %Y "$kept/$2/armed" 2>/dev/null || date +%s)))
      process=$(cat "$kept/$2/process")
      if [ "$age" -ge "$longest" ] || { [ "$age" -ge "$patience" ] && [ ! -d "/proc/$process" ]; }; then
        undo "$2"
        break
      fi
      sleep 1
    done
    ;;
  boot)
    for armed in "$kept"/*/armed; do
      [ -e "$armed" ] || continue
      part=${armed%/armed}
      undo "${part##*/}"
    done
    ;;
  *)
    echo "usage: $0 watch PART | boot" >&2
    exit 64
    ;;
esac
