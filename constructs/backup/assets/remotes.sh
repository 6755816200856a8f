#!/bin/sh
# Reaches remotes by restic; read after lib.sh. No credential is an argument or a variable: restic and rclone read files, which
# lie in memory.
set -eu

# configurations of rclone, one a remote: every script shares them, because a refresh token may be valid only once
RCLONE=$ROOT/run/rclone
# their encrypted copies, which outlive the container
TOKENS=$SCRATCH/tokens

# reach NAME KIND REPOSITORY OPTIONS: from here on restic means this remote
reach() {
  export RESTIC_REPOSITORY="$3" RESTIC_PASSWORD_FILE="$SECRETS/backup_restic_password" RESTIC_CACHE_DIR="$SCRATCH/cache" RESTIC_PROGRESS_FPS=0.01
  unset AWS_SHARED_CREDENTIALS_FILE RCLONE_CONFIG RCLONE_CA_CERT RESTIC_CACERT RESTIC_REPOSITORY_FILE
  remote_options=${4:-}
  refreshed=
  disk=
  if [ -e "$CONFIG/$1.ca.crt" ]; then export RESTIC_CACERT="$CONFIG/$1.ca.crt" RCLONE_CA_CERT="$CONFIG/$1.ca.crt"; fi
  case $2 in
    rclone)
      refreshed=$1
      restore_tokens
      export RCLONE_CONFIG="$RCLONE/$1.conf"
      ;;
    sftp) export RCLONE_CONFIG="$CONFIG/$1.rclone.conf" ;;
    rest)
      # restic takes the password from the address or from a variable; the address can be in a file
      printf '%s:%s@%s\n' "${3%%@*}" "$(tr -d '\n' <"$SECRETS/backup_$1_rest_password" | jq --raw-input --slurp --raw-output @uri)" "${3#*@}" >"$RUN/repository"
      unset RESTIC_REPOSITORY
      export RESTIC_REPOSITORY_FILE="$RUN/repository"
      ;;
    local)
      disk=$ROOT${3%/*}
      export RESTIC_REPOSITORY="$ROOT$3"
      ;;
    *)
      printf '[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n' \
        "$(cat "$SECRETS/backup_$1_access_key")" "$(cat "$SECRETS/backup_$1_secret_key")" >"$RUN/credentials"
      export AWS_SHARED_CREDENTIALS_FILE="$RUN/credentials"
      ;;
  esac
}

# is_mounted: a disk that is not mounted is an empty directory, in which restic would create a repository
is_mounted() {
  if [ "$disk" = "" ] || [ -e "$disk/.backup-disk" ]; then return 0; fi
  echo "the directory has no file .backup-disk; is the disk mounted? Create the file on a new disk" >"$RUN/restic.log"
  return 1
}

# restic_within SECONDS ARGUMENT...: restic with the options of the remote
# shellcheck disable=SC2086 # several words
restic_within() {
  within=$1
  shift
  is_mounted && timeout --kill-after=10 "$within" restic $remote_options "$@" </dev/null >"$RUN/restic.out" 2>"$RUN/restic.log"
}

# restore_tokens: the configuration of rclone as it was last written, unless the stored one was replaced since
restore_tokens() {
  stored=$(sha256 <"$SECRETS/backup_${refreshed}_rclone_conf")
  [ "$(cat "$RCLONE/$refreshed.stored" 2>/dev/null)" != "$stored" ] || return 0
  mkdir -p "$RCLONE" "$TOKENS" "$RUN/gnupg"
  new=$RCLONE/.$refreshed.$$
  if [ -e "$TOKENS/$refreshed.gpg" ]; then
    decrypt "$TOKENS/$refreshed.gpg" >"$new" ||
      echo "backup: the tokens that $refreshed refreshed cannot be decrypted; its stored configuration is used" >&2
  fi
  if [ "$(head -n 1 "$new" 2>/dev/null)" = "# $stored" ]; then sed -i 1d "$new"; else cat "$SECRETS/backup_${refreshed}_rclone_conf" >"$new"; fi
  cp "$new" "$RCLONE/$refreshed.kept"
  mv "$new" "$RCLONE/$refreshed.conf"
  echo "$stored" >"$RCLONE/$refreshed.stored"
}

# keep_tokens [WRITER]: rclone writes refreshed tokens to its configuration; without them some providers refuse the next run
keep_tokens() {
  [ "$refreshed" != "" ] || return 0
  writer=$$${1:-}
  cp "$RCLONE/$refreshed.conf" "$RCLONE/.$refreshed.$writer" || return 0
  if ! cmp -s "$RCLONE/.$refreshed.$writer" "$RCLONE/$refreshed.kept"; then
    rm -f "$TOKENS/.$refreshed.$writer"
    if { echo "# $(cat "$RCLONE/$refreshed.stored")" && cat "$RCLONE/.$refreshed.$writer"; } | encrypt "$TOKENS/.$refreshed.$writer" 2>/dev/null &&
      sync "$TOKENS/.$refreshed.$writer" && mv "$TOKENS/.$refreshed.$writer" "$TOKENS/$refreshed.gpg"; then
      cp "$RCLONE/.$refreshed.$writer" "$RCLONE/$refreshed.kept"
    else
      echo "backup: the tokens that $refreshed refreshed cannot be stored; is the disk full?" >&2
    fi
  fi
  rm -f "$RCLONE/.$refreshed.$writer"
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
  answer=0
  restic_within "$limit" --quiet "$@" || answer=$?
  keep_tokens
  return "$answer"
}

# work WHAT ARGUMENT...: restic for as long as it may take. Every BEAT seconds it says how far that is, and keeps tokens
work() {
  doing=$1
  shift
  # a line of progress only now and then, because all of them are in memory
  : >"$RUN/restic.out"
  beat "$doing" 9>&- &
  beats=$!
  answer=0
  RESTIC_PROGRESS_FPS=0.2
  restic_within "$LONG" "$@" || answer=$?
  kill "$beats" 2>/dev/null || :
  wait "$beats" 2>/dev/null || :
  keep_tokens
  return "$answer"
}

# beat WHAT: ends with the script that began it, even one that was killed
beat() {
  while sleep "$BEAT" >/dev/null 2>&1 && kill -0 "$$" 2>/dev/null; do
    say "$1: $(progress)"
    keep_tokens beat
  done
}

# progress: how far restic is, by the last line that says it; not every step of it does
progress() {
  line=$(grep -aE '[0-9]%' "$RUN/restic.out" | tail -n 1)
  printf '%s\n' "${line:-in progress}" | cut -c 1-120
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

# open_repository NAME KIND REPOSITORY OPTIONS: a repository that is not there yet is made; any other failure is one
open_repository() {
  knocked=0
  find_repository || knocked=$?
  case $knocked in
    0) unlock "$1" && use "$1" ;;
    10) use "$1" && make_repository "$@" ;;
    *) return 1 ;;
  esac
}

# make_repository NAME KIND REPOSITORY OPTIONS: a run that was killed in `init` left keys without a configuration, which restic does not touch
make_repository() {
  if ask "$KNOCK" init; then return; fi
  grep -q 'already contains keys' "$RUN/restic.log" || return 1
  remove_keys "$@" && ask "$KNOCK" init
}

# remove_keys NAME KIND REPOSITORY OPTIONS: only while there is nothing but keys and locks, so nothing that they open
remove_keys() {
  files=$(rclone_path "$@") || return 1
  ( # rclone reports the path of each file
    case $2 in s3) export RCLONE_CONFIG="$RUN/rclone.conf" ;; esac
    timeout --kill-after=10 "$KNOCK" rclone lsf --recursive --files-only "$files" >"$RUN/there" 2>>"$RUN/restic.log" || exit 1
    if grep -Evq '^(keys|locks)/' "$RUN/there"; then exit 1; fi
    timeout --kill-after=10 "$KNOCK" rclone delete "$files/keys" 2>>"$RUN/restic.log"
  )
  removed=$?
  keep_tokens
  return "$removed"
}

# rclone_path NAME KIND REPOSITORY OPTIONS: where rclone sees the files of the repository
rclone_path() {
  case $2 in
    rclone | sftp) echo "${3#rclone:}" ;;
    local) echo "$RESTIC_REPOSITORY" ;;
    rest)
      # rclone is no client of this server
      echo "a run was killed while it created the repository; delete its directory at the server" >"$RUN/restic.log"
      return 1
      ;;
    *)
      address=${3#s3:}
      host=${address#*://}
      {
        printf '[bucket]\ntype = s3\nprovider = Other\nendpoint = %s\n' "${address%%://*}://${host%%/*}"
        printf 'access_key_id = %s\nsecret_access_key = %s\n' "$(cat "$SECRETS/backup_$1_access_key")" "$(cat "$SECRETS/backup_$1_secret_key")"
        region=${4#*s3.region=}
        [ "$region" = "$4" ] || printf 'region = %s\n' "${region%% *}"
        case $4 in *s3.bucket-lookup=dns*) echo 'force_path_style = false' ;; esac
      } >"$RUN/rclone.conf"
      echo "bucket:${host#*/}"
      ;;
  esac
}

# find_there REMOTE SET: name and snapshot of that set, or of the newest one with SET "latest"
find_there() {
  ask "$KNOCK" snapshots --no-lock --json --host "$BACKUP_ENVIRONMENT" || return 1
  wanted=$2
  [ "$wanted" != latest ] || wanted=$SET_NAME
  jq --raw-output '.[].tags[]?' "$RUN/restic.out" | grep -Ex "$wanted" | sort | tail -n 1
}
