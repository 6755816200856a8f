#!/bin/sh
# list.sh: the sets that are kept, a line each, fields separated by tabs:
#   set     NAME SIZE TIME-OF-LAST-DRILL DRILL-SUCCESS     here; "-" for what is not known
#   remote  NAME TIME-OF-LAST-CHECK CHECK-SUCCESS SNAPSHOTS  SNAPSHOTS is what restic says, in JSON
#   absent  NAME MESSAGE                                     a remote that does not answer
#   part    SET PART BYTES                                   a part of a set, wherever that is; of a set that was never opened here, none
#   check   PLACE SET TIME SUCCESS [PARTS]                   the last check of a set; PARTS are damaged, with commas between them
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"
# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"

# beside a run that goes on
RUN=$ROOT/run/list.$$
trap 'gpgconf --homedir "$RUN/gnupg" --kill gpg-agent >/dev/null 2>&1 || :; rm -rf "$RUN"' EXIT
mkdir -p "$RUN/gnupg"

known() { cat "$STATE/$1" 2>/dev/null || echo -; }

show_remote() {
  reach "$@"
  if ask "$KNOCK" snapshots --no-lock --json --host "$BACKUP_ENVIRONMENT"; then
    printf 'remote\t%s\t%s\t%s\t%s\n' "$1" "$(known "backup_remote_check_last_success_timestamp_seconds.$1")" \
      "$(known "backup_remote_check_success.$1")" "$(tr -d '\n' <"$RUN/restic.out")"
  else
    printf 'absent\t%s\t%s\n' "$1" "$(restic_error)"
  fi
}

sets | while read -r set_name; do
  verified=$(known "verified.$set_name")
  printf 'set\t%s\t%s\t%s\t%s\n' "$set_name" "$(stat -c %s "$BACKUPS/$set_name.tar.gpg")" "${verified% *}" "${verified#* }"
done
[ "${1:-}" = local ] || each_remote show_remote
for known_parts in "$STATE"/parts.*; do
  [ -e "$known_parts" ] || continue
  while read -r part bytes; do printf 'part\t%s\t%s\t%s\n' "${known_parts##*/parts.}" "$part" "$bytes"; done <"$known_parts"
done
for check in "$STATE"/checked.*.*; do
  [ -e "$check" ] || continue
  place=${check##*/checked.}
  read -r time good parts <"$check"
  printf 'check\t%s\t%s\t%s\t%s\t%s\n' "${place%.*}" "${place##*.}" "$time" "$good" "$parts"
done
