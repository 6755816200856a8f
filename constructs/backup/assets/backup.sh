#!/bin/sh
# backup.sh [SECONDS]: makes one set, deletes the oldest, and copies it to each remote. Waits SECONDS for another run to end.
#
# A set is one encrypted file, named by the time in UTC. It appears whole or not at all, and an older one is removed only after
# that. What goes to a remote is not encrypted by GPG but by restic, which then stores what has changed, and no more.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"

began=$(date +%s)
SET=$SCRATCH/set
locked=no
made=0

finish() {
  status=$?
  trap - EXIT
  [ "$locked" = no ] || clean_up
  record backup_last_attempt_timestamp_seconds "$began"
  record backup_last_attempt_success "$made"
  publish || :
  exit "$status"
}
trap finish EXIT
trap 'fail "interrupted by a signal"' HUP INT TERM

dump_database() {
  say "dumps the database"
  client_file "$RUN/client.cnf" "$DB_USER" "$SECRETS/mysql_${DB_USER}_password"
  watched "$RUN/dumped" dump "$RUN/client.cnf" "$DB_NAME" 2>"$RUN/dump.log" | zstd -q --rsyncable -o "$SET/dump.sql.zst" ||
    fail "the dump cannot be written; is the disk full?"
  ended_well "$RUN/dumped" || fail "the database cannot be dumped: $(tail -n 1 "$RUN/dump.log")"
  zstd -dcq "$SET/dump.sql.zst" | tail -n 1 | grep -q '^-- Dump completed' || fail "the dump is cut short"
  zstd -dcq "$SET/dump.sql.zst" | measure_rows "$RUN/tables" "$RUN/sum"
}

# what the volume holds, as far as a change would show
fingerprint() { as "$2" find "$SOURCES/$1" ! -path '*/.restore-*' -printf '%P %s %T@ %C@\n' | sort | sha256; }

pack() { as "$2" tar --create --sort=name --numeric-owner --exclude=./.secure-bookstack --exclude='./.restore-*' --directory "$SOURCES/$1" .; }

# archive NAME OWNER KIND: a volume that changed meanwhile is read again. A database in it ("whole") has to hold still in the
# end; files that come and go ("moving") need not
archive() {
  say "reads $1"
  target=$SET/volumes/$1.tar.zst
  for try in 1 2 3 4 5 6 7 8 9 10; do
    before=$(fingerprint "$1" "$2")
    watched "$RUN/packed" pack "$1" "$2" 2>"$RUN/tar.log" | zstd -q -f --rsyncable -o "$target" || fail "$1 cannot be written; is the disk full?"
    [ "$(cat "$RUN/packed")" -le 1 ] || fail "$1 cannot be read: $(head -n 1 "$RUN/tar.log")"
    if [ "$before" = "$(fingerprint "$1" "$2")" ]; then return; fi
    if [ "$3" = moving ] && [ "$try" -ge 3 ]; then
      say "$1 changes all the time; taken as it is"
      return
    fi
    sleep 1
  done
  fail "$1 did not hold still while it was read, ten times"
}

keep_secrets() {
  while read -r secret; do
    case $secret in '#'*) continue ;; esac
    [ -s "$SECRETS/$secret" ] || fail "no secret at $SECRETS/$secret"
    cp "$SECRETS/$secret" "$SET/secrets/$secret"
  done <"$CONFIG/secrets"
}

# the manifest first: what is before the damage of a set can then be verified
seal() {
  partial=$BACKUPS/$1.tar.gpg.partial
  watched "$RUN/packed" tar --create --numeric-owner --directory "$SET" ./manifest.json ./secrets ./dump.sql.zst ./volumes 2>"$RUN/tar.log" | encrypt "$partial" 2>"$RUN/gpg.log" ||
    fail "the set cannot be written: $(tail -n 1 "$RUN/gpg.log"); is the disk full?"
  ended_well "$RUN/packed" || fail "the set cannot be packed: $(head -n 1 "$RUN/tar.log")"
  sync "$partial" || fail "the set cannot be written; is the disk full?"
  mv "$partial" "$BACKUPS/$1.tar.gpg"
  sync "$BACKUPS"
}

# only after a success: the oldest go, until as many are left as are kept
prune() {
  sets | head -n "-$BACKUP_KEEP" | while read -r old; do
    rm -f "$BACKUPS/$old.tar.gpg" "$STATE/verified.$old" "$STATE/checked.local.$old"
    say "removed $old, the oldest"
  done
}

# the set goes to the remote as it is before GPG, and what the policy does not keep is forgotten there
# shellcheck disable=SC2086 # several words
store() {
  work "copies $id to $1" backup --host "$BACKUP_ENVIRONMENT" --tag "$id" "$SET" &&
    work "removes old sets at $1" forget --host "$BACKUP_ENVIRONMENT" --group-by host $BACKUP_REMOTE_KEEP --prune
}

# copy_set NAME KIND REPOSITORY OPTIONS
copy_set() {
  say "copies $id to $1"
  reach "$@"
  if open_repository "$@" && store "$1"; then
    used "$1"
    record backup_remote_last_success_timestamp_seconds "$(date +%s)" "$1"
    record backup_remote_success 1 "$1"
    return
  fi
  record backup_remote_success 0 "$1"
  echo "backup: $1 did not take the set: $(restic_error)" >&2
  failed="$failed $1"
}

take_lock "${1:-0}"
locked=yes
clean_up
make_room
id=$(date -u +%Y%m%dT%H%M%SZ)
[ ! -e "$BACKUPS/$id.tar.gpg" ] || fail "there is a set $id already; is the clock right?"
mkdir -p "$SET/volumes" "$SET/secrets"
dump_database
each_source archive
keep_secrets
version=$(mysql --defaults-file="$RUN/client.cnf" -NBe 'SELECT VERSION()') || fail "the database does not return its version"
write_manifest "$SET" "$id" "$(jq --null-input --arg mysql "$version" \
  '{environment: env.BACKUP_ENVIRONMENT, versions: {mysql: $mysql, bookstack: env.BOOKSTACK_IMAGE}}')"
seal "$id"
note_parts "$id" "$SET"
made=1
size=$(stat -c %s "$BACKUPS/$id.tar.gpg")
record backup_last_success_timestamp_seconds "$began"
record backup_duration_seconds "$(($(date +%s) - began))"
record backup_size_bytes "$size"
say "made $id: $size bytes in $(($(date +%s) - began)) s"
prune

# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"
failed=
each_remote copy_set
[ "$failed" = "" ] || fail "the set is here, but not at:$failed"
