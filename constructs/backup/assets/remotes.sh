#!/bin/sh
# Reaches remotes by restic; read after lib.sh. No credential is an argument or a variable: restic and rclone read files, which
# lie in memory.
set -eu

# reach NAME KIND REPOSITORY: from here on restic means this remote
reach() {
  export RESTIC_REPOSITORY="$3" RESTIC_PASSWORD_FILE="$SECRETS/backup_restic_password" RESTIC_CACHE_DIR="$SCRATCH/cache" RESTIC_PROGRESS_FPS=0.01
  unset AWS_SHARED_CREDENTIALS_FILE RCLONE_CONFIG
  case $2 in
    rclone)
      # a copy: rclone writes refreshed tokens back
      cp "$SECRETS/backup_$1_rclone_conf" "$RUN/rclone.conf"
      export RCLONE_CONFIG="$RUN/rclone.conf"
      ;;
    *)
      printf '[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n' \
        "$(cat "$SECRETS/backup_$1_access_key")" "$(cat "$SECRETS/backup_$1_secret_key")" >"$RUN/credentials"
      export AWS_SHARED_CREDENTIALS_FILE="$RUN/credentials"
      ;;
  esac
}

# why restic failed, or why it retried, on one line
restic_error() {
  line=$(grep -Ev '^$|retrying|signal [a-z]+ received|context canceled' "$RUN/restic.log" | head -n 1)
  [ "$line" != "" ] || line=$(sed -n 's/.*retrying after [^:]*: //p' "$RUN/restic.log" | tail -n 1)
  printf '%s\n' "${line:-no answer}" | cut -c 1-400
}

# ask SECONDS ARGUMENT...: restic, with a limit for a remote that does not answer
ask() {
  limit=$1
  shift
  timeout --kill-after=10 "$limit" restic --quiet "$@" >"$RUN/restic.out" 2>"$RUN/restic.log"
}

# killed_here NAME: whether every lock there was left by a run of this host that was killed. This run has the lock of the host, so
# no other one of it is alive; a machine of the same name elsewhere has no note of ours
killed_here() {
  since=$(cat "$SCRATCH/using.$1" 2>/dev/null) || return 1
  ask "$KNOCK" list locks --no-lock || return 1
  [ -s "$RUN/restic.out" ] || return 1
  cp "$RUN/restic.out" "$RUN/locks"
  while read -r lock; do
    ask "$KNOCK" cat lock "$lock" --no-lock || return 1
    [ "$(jq --raw-output .hostname "$RUN/restic.out")" = "$(uname -n)" ] || return 1
    [ "$(date --date "$(jq --raw-output .time "$RUN/restic.out")" +%s)" -ge "$since" ] || return 1
  done <"$RUN/locks"
}

# unlock NAME: restic itself removes only locks that are older than 30 minutes, or whose process number is not in use here
unlock() {
  if killed_here "$1"; then ask "$KNOCK" unlock --remove-all; else ask "$KNOCK" unlock; fi
}

# find_repository: nothing may wait for a lock before unlock was tried
find_repository() { ask "$KNOCK" cat config --no-lock; }

# use NAME: the note that a run works there, until it has ended without an error
use() { date +%s >"$SCRATCH/using.$1"; }
used() { rm -f "$SCRATCH/using.$1"; }

# open_repository NAME: a repository that is not there yet is made; any other failure is one
open_repository() {
  knocked=0
  find_repository || knocked=$?
  case $knocked in
    0) unlock "$1" && use "$1" ;;
    10) use "$1" && ask "$KNOCK" init ;;
    *) return 1 ;;
  esac
}

# find_there REMOTE SET: name and snapshot of that set, or of the newest one with SET "latest"
find_there() {
  ask "$KNOCK" snapshots --no-lock --json --host "$BACKUP_ENVIRONMENT" || return 1
  wanted=$2
  [ "$wanted" != latest ] || wanted=$SET_NAME
  jq --raw-output '.[].tags[]?' "$RUN/restic.out" | grep -Ex "$wanted" | sort | tail -n 1
}
