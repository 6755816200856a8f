#!/bin/sh
# rotate-restic.sh STEP: changes the password of the repositories at all remotes. Runs in the container of the backup, with its lock. The
# secret is the one in use; standard input has the other one.
#
#   add      lets the password of standard input open each repository, too
#   check    makes sure that the secret opens each
#   remove   lets the password of standard input open none of them
#
# A repository that does not exist yet is created with the secret by the next backup.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"
# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"

OTHER=$RUN/other

# opens FILE: 0 when the password in FILE opens the repository, 10 when there is none, 12 when it does not
opens() {
  export RESTIC_PASSWORD_FILE="$1"
  code=0
  find_repository || code=$?
  export RESTIC_PASSWORD_FILE="$SECRETS/backup_restic_password"
  return "$code"
}

# outcome COMMAND...: sets code; for codes that are no failure
outcome() {
  code=0
  "$@" || code=$?
}

add() {
  reach "$@"
  outcome opens "$OTHER"
  case $code in 0 | 10) return 0 ;; 12) ;; *) fail "$1 does not answer: $(restic_error)" ;; esac
  if unlock "$1" && ask "$KNOCK" key add --new-password-file "$OTHER"; then return 0; fi
  fail "$1 did not take the new password: $(restic_error)"
}

check() {
  reach "$@"
  outcome opens "$SECRETS/backup_restic_password"
  case $code in 0 | 10) ;; *) fail "$1 does not accept the new password: $(restic_error)" ;; esac
}

remove() {
  reach "$@"
  outcome opens "$OTHER"
  case $code in 10 | 12) return 0 ;; 0) ;; *) fail "$1 does not answer: $(restic_error)" ;; esac
  export RESTIC_PASSWORD_FILE="$OTHER"
  ask "$KNOCK" key list --no-lock --json || fail "$1 does not list its keys: $(restic_error)"
  key=$(jq --raw-output '.[] | select(.current) | .id' "$RUN/restic.out")
  export RESTIC_PASSWORD_FILE="$SECRETS/backup_restic_password"
  if ! unlock "$1" || ! ask "$KNOCK" key remove "$key"; then fail "$1 did not remove the old password: $(restic_error)"; fi
  outcome opens "$OTHER"
  [ "$code" = 12 ] || fail "$1 still accepts the old password"
}

take_lock 0
trap 'rm -rf "$RUN"' EXIT
mkdir -p "$RUN"
cat >"$OTHER"
case $1 in
  add | check | remove) each_remote "$1" ;;
  *) fail "there is no step $1" ;;
esac
