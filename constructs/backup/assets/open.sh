#!/bin/sh
# open.sh SET [REMOTE]: fetches and decrypts a set, or the newest one ("latest"), into the scratch space, and makes sure that it is
# what its manifest says. Prints its name. Nothing else is touched; the next run of the backup takes it away again.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"
# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"

# what it prints is the name of the set
say() { echo "backup: $*" >&2; }

wanted=$1
remote=${2:-}
opened=

finish() {
  status=$?
  trap - EXIT
  if [ "$status" != 0 ] && [ "$opened" = no ]; then clean_up; fi
  exit "$status"
}
trap finish EXIT

fetch() {
  [ "$1" = "$remote" ] || return 0
  known=yes
  reach "$@"
  set_name=$(find_there "$1" "$wanted") || fail "$1 cannot be read: $(restic_error)"
  [ "$set_name" != "" ] || fail "$1 has no set $wanted"
  work "fetches $set_name from $1" restore --no-lock "latest:$SCRATCH/set" --host "$BACKUP_ENVIRONMENT" --tag "$set_name" --target "$SCRATCH/open" ||
    fail "$set_name cannot be fetched from $1: $(restic_error)"
  echo "$set_name" >"$RUN/name"
  verify_set "$set_name" "$SCRATCH/open"
}

take_lock 0
opened=no
clean_up
make_room
if [ "$remote" != "" ]; then
  each_remote fetch
  [ "${known:-}" = yes ] || fail "there is no remote $remote; the remotes are: $(remote_names | tr '\n' ' ')"
  wanted=$(cat "$RUN/name")
else
  if [ "$wanted" = latest ]; then wanted=$(sets | tail -n 1); fi
  [ "$wanted" != "" ] || fail "there is no set yet; @createBackup@"
  open_set "$wanted" "$SCRATCH/open"
fi
echo "$wanted"
