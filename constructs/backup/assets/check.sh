#!/bin/sh
# check.sh [SUBSET] [SECONDS]: makes sure that each remote is whole. SUBSET is what restic reads of the data: by default another tenth
# each week, so that everything is read in ten weeks. Waits SECONDS for another run to end.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"
# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"

subset=${1:-$(($(date +%s) / 604800 % 10 + 1))/10}
failed=

inspect() {
  reach "$@"
  if find_repository && unlock "$1" && use "$1" && work "checks $1" check --read-data-subset="$subset"; then
    used "$1"
    record backup_remote_check_last_success_timestamp_seconds "$(date +%s)" "$1"
    record backup_remote_check_success 1 "$1"
    say "$1 is whole, as far as $subset of it shows"
    return
  fi
  record backup_remote_check_success 0 "$1"
  echo "backup: $1 is not whole, or does not answer: $(restic_error)" >&2
  failed="$failed $1"
}

finish() {
  status=$?
  trap - EXIT
  clean_up
  publish || :
  exit "$status"
}

take_lock "${2:-0}"
trap finish EXIT
clean_up
make_room
each_remote inspect
[ "$failed" = "" ] || fail "look at:$failed"
