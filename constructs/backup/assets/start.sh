#!/bin/sh
# start.sh: tidies up what a run that was killed left behind, then calls the others at their times.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"

command -v jq >/dev/null || fail "the image has no jq; build it from images/backup of this release"
mkdir -p "$STATE"
# a removed remote has no state
for value in "$STATE"/backup_remote_*.*; do
  [ -e "$value" ] || continue
  remote_names | grep -qx "${value##*.}" || rm -f "$value"
done
for value in "$STATE"/checked.*.*; do
  [ -e "$value" ] || continue
  place=${value##*/checked.}
  place=${place%.*}
  [ "$place" = local ] || remote_names | grep -qx "$place" || rm -f "$value"
done
for kept in "$SCRATCH"/tokens/*.gpg; do
  [ -e "$kept" ] || continue
  removed=${kept##*/}
  remote_names | grep -qx "${removed%.gpg}" || rm -f "$kept"
done
# a restore may go on
if (flock --nonblock 9) 9>>"$BACKUPS/.lock"; then clean_up; fi
publish
exec supercronic -passthrough-logs "$CONFIG/crontab"
