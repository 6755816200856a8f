#!/bin/sh
# What the scripts of the backup share: places, the lock, metrics, how a set is opened. It is read by them, never run.
# shellcheck disable=SC2034 # the names are used by those that read this file
set -eu
umask 077
export LC_ALL=C

# BACKUP_ROOT is for tests, which have no rights at /
ROOT=${BACKUP_ROOT:-}
CONFIG=$ROOT/etc/backup
BACKUPS=$ROOT/backups
SCRATCH=$ROOT/scratch
METRICS=$ROOT/metrics
SECRETS=$ROOT/run/secrets
SOURCES=$ROOT/sources
RUN=$ROOT/run/backup
STATE=$METRICS/state
PASSPHRASE=$SECRETS/backup_passphrase
# seconds that a remote has to answer, and to take or give a set
KNOCK=${BACKUP_KNOCK:-120}
LONG=${BACKUP_PATIENCE:-43200}
# seconds between two lines about a long step
BEAT=${BACKUP_BEAT:-15}
SET_NAME='[0-9]{8}T[0-9]{6}Z'
TAB=$(printf '\t')

say() { echo "backup: $*"; }

fail() {
  echo "backup: $*" >&2
  exit 1
}

# watched FILE COMMAND...: runs it, and writes its exit code to FILE; a pipe tells of its last command only
watched() {
  watched_file=$1
  shift
  if "$@"; then echo 0 >"$watched_file"; else echo "$?" >"$watched_file"; fi
}

ended_well() { [ "$(cat "$1" 2>/dev/null)" = 0 ]; }

# as UID:GID COMMAND...: files are read and written as their owner, because root has no capability here
as() {
  as_user=$1
  shift
  if [ "$as_user" = 0:0 ]; then "$@"; else setpriv --reuid="${as_user%:*}" --regid="${as_user#*:}" --clear-groups "$@"; fi
}

# each_source FUNCTION: calls it with name, owner, and "whole" or "moving", for each volume of the list
each_source() {
  while IFS=$TAB read -r name owner kind; do
    case $name in '#'*) continue ;; esac
    "$1" "$name" "$owner" "$kind" </dev/null
  done <"$CONFIG/sources"
}

# each_remote FUNCTION: calls it with name, kind, repository and options of restic, for each remote
each_remote() {
  while IFS=$TAB read -r name kind repository options; do
    case $name in '#'*) continue ;; esac
    "$1" "$name" "$kind" "$repository" "$options" </dev/null
  done <"$CONFIG/remotes"
}

remote_names() { grep -v '^#' "$CONFIG/remotes" | cut -f 1; }

# --- one run at a time

# take_lock SECONDS: waits as long for the run that has it; the lock ends with the process
take_lock() {
  exec 9>>"$BACKUPS/.lock"
  flock --wait "$1" 9 || fail "another run of the backup is going on; wait for its end (docker top shows it)"
}

# what a run that was killed left behind; to be called with the lock
clean_up() {
  gpgconf --homedir "$RUN/gnupg" --kill gpg-agent >/dev/null 2>&1 || :
  rm -rf "$SCRATCH/set" "$SCRATCH/open" "$SCRATCH/without" "$SCRATCH/tmp" "$RUN" "$BACKUPS"/*.partial "$BACKUPS"/*.uploaded "$SCRATCH"/tokens/.[a-z]*
  [ ! -e "$SCRATCH/drill" ] || as 999:999 find "$SCRATCH/drill" -mindepth 1 -delete 2>/dev/null || :
  rm -rf "$SCRATCH/drill"
}

make_room() {
  # what is on its way to a remote is too much for memory
  export TMPDIR="$SCRATCH/tmp"
  mkdir -p "$RUN/gnupg" "$TMPDIR"
}

# --- sets

# names of the sets that are whole, oldest first
sets() {
  for set_file in "$BACKUPS"/*.tar.gpg; do
    set_name=${set_file##*/}
    set_name=${set_name%.tar.gpg}
    if printf '%s\n' "$set_name" | grep -Eqx "$SET_NAME"; then echo "$set_name"; fi
  done | sort
}

encrypt() {
  gpg --homedir "$RUN/gnupg" --batch --quiet --no-tty --pinentry-mode loopback --passphrase-file "$PASSPHRASE" \
    --symmetric --cipher-algo AES256 --s2k-mode 3 --s2k-digest-algo SHA512 --s2k-count 65011712 --compress-algo none --output "$1"
}

# decrypt FILE: with the passphrase, or one that a rotation kept; a wrong one is recognized before anything is written
decrypt() {
  for kept in "$PASSPHRASE" "$PASSPHRASE".kept.*; do
    [ -s "$kept" ] || continue
    if gpg --homedir "$RUN/gnupg" --batch --quiet --no-tty --pinentry-mode loopback --passphrase-file "$kept" --decrypt "$1" 2>"$RUN/gpg.log"; then return 0; fi
    grep -q 'Bad session key' "$RUN/gpg.log" || return 1
  done
  return 1
}

# open_set NAME DIRECTORY: decrypts a set into a new directory; whatever is wrong with it ends here
open_set() {
  mkdir "$2"
  damage=
  [ -s "$PASSPHRASE" ] || fail "no passphrase at $PASSPHRASE"
  [ -e "$BACKUPS/$1.tar.gpg" ] || fail "there is no set $1; the sets are: $(sets | tr '\n' ' ')"
  watched "$RUN/decrypted" decrypt "$BACKUPS/$1.tar.gpg" | tar --extract --no-same-owner --directory "$2" 2>"$RUN/tar.log" || torn=yes
  if grep -q 'No space left' "$RUN/tar.log"; then fail "the disk is full: the set $1 cannot be unpacked"; fi
  if ! ended_well "$RUN/decrypted"; then
    if grep -q 'Bad session key' "$RUN/gpg.log"; then fail "the passphrase is not that of the set $1"; fi
    damage=$(grep -v '^gpg: encrypted with' "$RUN/gpg.log" | head -n 1)
  elif [ "${torn:-}" != "" ]; then
    damage=$(head -n 1 "$RUN/tar.log")
  fi
  verify_set "$1" "$2"
}

# write_manifest DIRECTORY SET JSON: the manifest of a set whose rows were measured; the members of JSON are added to it. Each piece
# and table is one line, because 0.2.0 and earlier read the manifest line by line and may have to restore this set
write_manifest() {
  find "$1" -type f ! -name manifest.json -printf '%P\n' | sort | while read -r piece; do
    printf '%s %s %s\n' "$(stat -c %s "$1/$piece")" "$(sha256 <"$1/$piece")" "$piece"
  done >"$RUN/measured"
  jq --null-input --raw-output --arg set "$2" --argjson more "$3" --arg sum "$(cat "$RUN/sum")" \
    --rawfile measured "$RUN/measured" --rawfile counted "$RUN/tables" '
      def rows: split("\n")[] | select(. != "") | split(" ");
      def list: "[\n" + (map("    " + .) | join(",\n")) + "\n  ]";
      [
        "\"format\": 1", "\"set\": \($set | tojson)", ($more | to_entries[] | "\(.key | tojson): \(.value | tojson)"),
        "\"pieces\": " + ([$measured | rows | "{\"file\": \(.[2] | tojson), \"size\": \(.[0] | tonumber), \"sha256\": \(.[1] | tojson)}"] | list),
        "\"tables\": " + ([$counted | rows | "{\"table\": \(.[0] | tojson), \"rows\": \(.[1] | tonumber)}"] | list),
        "\"rows_sha256\": \($sum | tojson)"
      ] | "{\n  " + join(",\n  ") + "\n}"' >"$1/manifest.json" || fail "the manifest cannot be written; is the disk full?"
  # a piece that could not be measured is missing in the list
  [ "$(pieces "$1" | wc -l)" = "$(find "$1" -type f ! -name manifest.json | wc -l)" ] || fail "the manifest is not whole; is the disk full?"
}

# in_manifest DIRECTORY FILTER: what jq prints for the manifest; nothing for a value that is missing
in_manifest() { jq --raw-output "$2 // empty" "$1/manifest.json" 2>/dev/null; }

# pieces DIRECTORY: file, size and SHA-256 of each piece, as the manifest says
pieces() { in_manifest "$1" '.pieces[] | "\(.file) \(.size) \(.sha256)"'; }

# tables DIRECTORY: name and number of rows of each table, as the manifest says
tables() { in_manifest "$1" '.tables[] | "\(.table) \(.rows)"'; }

rows_sum() { in_manifest "$1" .rows_sha256; }

# part_of PIECE: the part that it belongs to, as commands name it
part_of() {
  case $1 in
    dump.sql.zst) echo database ;;
    volumes/*)
      volume=${1#volumes/}
      echo "${volume%.tar.zst}"
      ;;
    *) echo "${1%%/*}" ;;
  esac
}

# part_sizes DIRECTORY: name and bytes of each part, as the manifest says
part_sizes() {
  pieces "$1" | while read -r piece size _; do echo "$(part_of "$piece") $size"; done |
    awk '{ bytes[$1] += $2 } END { for (part in bytes) print part, bytes[part] }' | sort
}

# note_parts NAME DIRECTORY: for the list of sets; their last 500
note_parts() {
  if mkdir -p "$STATE" && part_sizes "$2" >"$STATE/.parts"; then mv "$STATE/.parts" "$STATE/parts.$1"; fi
  (cd "$STATE" && find . -name 'parts.*' | sort | head -n -500 | xargs -r rm -f)
} 2>/dev/null

# left_out PART: whether the set was opened without it; "none" is no part, but permits to open a damaged set
left_out() { [ -e "$SCRATCH/without" ] && grep -qxF "$1" "$SCRATCH/without"; }

# verify_set NAME DIRECTORY: what lies there is what the manifest says, no more and no less, besides parts that are left out. Damaged
# parts are named, and listed in $RUN/damaged. `damage` is why the set could not be read to its end
verify_set() {
  damage=${damage:-}
  : >"$RUN/damaged"
  if ! { [ -s "$2/manifest.json" ] && pieces "$2" >"$RUN/pieces" && [ -s "$RUN/pieces" ] && [ "$(rows_sum "$2")" != "" ]; }; then
    [ "$damage" = "" ] || fail "the set $1 is damaged: $damage; its manifest cannot be read, so no part of it can be verified"
    [ -s "$2/manifest.json" ] || fail "the set $1 has no manifest"
    fail "the manifest of the set $1 is not whole"
  fi
  [ "$(in_manifest "$2" .format)" = 1 ] || fail "the set $1 has a manifest of another format; it was made by another version"
  [ "$(in_manifest "$2" .set)" = "$1" ] || fail "the set $1 holds another one: $(in_manifest "$2" .set)"
  require_parts
  (cd "$2" && find . -type f ! -name manifest.json | sed 's|^\./||' | sort) >"$RUN/found"
  cut -d ' ' -f 1 "$RUN/pieces" | sort >"$RUN/listed"
  [ "$damage" != "" ] || [ "$(comm -13 "$RUN/listed" "$RUN/found")" = "" ] || fail "the set $1 does not hold the files of its manifest"
  while read -r piece size sum; do
    part=$(part_of "$piece")
    if left_out "$part" || { [ -f "$2/$piece" ] && [ "$(stat -c %s "$2/$piece"):$(sha256 <"$2/$piece")" = "$size:$sum" ]; }; then continue; fi
    echo "$part" >>"$RUN/damaged"
    damage="${damage:+$damage; }$piece is not what the manifest says"
  done <"$RUN/pieces"
  # an operator who leaves a part out accepts a damaged set; the other parts are what their checksums say
  if [ -s "$RUN/damaged" ] || { [ "$damage" != "" ] && [ ! -e "$SCRATCH/without" ]; }; then fail "the set $1 is damaged: $damage; $(rescue "$1")"; fi
  left_out database || zstd -dcq "$2/dump.sql.zst" | tail -n 1 | grep -q '^-- Dump completed' || fail "the dump of the set $1 is cut short"
  note_parts "$1" "$2"
}

# whole_parts: those that are neither damaged nor left out, with commas
whole_parts() {
  while read -r piece _; do part_of "$piece"; done <"$RUN/pieces" | sort -u | while read -r part; do
    if ! grep -qxF "$part" "$RUN/damaged" && ! left_out "$part"; then echo "$part"; fi
  done | joined
}

joined() { tr '\n' ',' | sed 's/,$//'; }

# rescue SET [REMOTE]: what can be restored of a damaged set, and how
# shellcheck disable=SC2034 # parts and from are used in the text for operators
rescue() {
  from=${2:-${remote:-}}
  parts=$({ cat "$RUN/damaged" && { grep -vx none "$SCRATCH/without" 2>/dev/null || :; }; } | sort -u | joined)
  parts=${parts:-none}
  echo "whole: $(whole_parts); to restore these parts only: @restoreWithout@"
}

# require_parts: what is left out has to be a part of the set
require_parts() {
  [ -e "$SCRATCH/without" ] || return 0
  while read -r piece _; do part_of "$piece"; done <"$RUN/pieces" | sort -u >"$RUN/parts"
  while read -r part; do
    [ "$part" = none ] || grep -qxF "$part" "$RUN/parts" || fail "the set has no part $part; its parts are: $(joined <"$RUN/parts")"
  done <"$SCRATCH/without"
}

sha256() { sha256sum | cut -d ' ' -f 1; }

# count_rows: from a dump with one row on each line: "<table> <rows>" of every table, and last the checksum of all rows
count_rows() {
  tee "$RUN/rows.pipe" | awk '
    /^CREATE TABLE `/ { split($0, part, "`"); rows[part[2]] += 0 }
    /^INSERT INTO `/ { split($0, part, "`"); rows[part[2]]++ }
    END { for (table in rows) print table, rows[table] }' | sort
}

# measure_rows TABLES SUM: writes what count_rows finds to TABLES and the checksum to SUM; reads a dump
measure_rows() {
  rm -f "$RUN/rows.pipe"
  mkfifo "$RUN/rows.pipe"
  { grep '^INSERT INTO `' "$RUN/rows.pipe" || :; } | sha256 >"$2" &
  count_rows >"$1"
  wait "$!"
}

# --- the database

# client_file FILE USER PASSWORD-FILE: how to reach the database; the password goes from file to file
client_file() {
  {
    printf '[client]\nhost=%s\nport=%s\nuser=%s\nssl-mode=VERIFY_IDENTITY\nssl-ca=%s\npassword=' "$DB_HOST" "$DB_PORT" "$2" "$SECRETS/database_ca.crt"
    printf "'"
    sed "s/[\\\\']/\\\\&/g" "$3" | tr -d '\n'
    printf "'\n"
  } >"$1"
}

# dump OPTIONS-FILE ARGUMENT...: one row on each line, so that rows can be counted and compared without a database
dump() {
  dump_options=$1
  shift
  mysqldump --defaults-file="$dump_options" --single-transaction --quick --no-tablespaces --set-gtid-purged=OFF --triggers --hex-blob \
    --skip-extended-insert --no-autocommit --order-by-primary --default-character-set=utf8mb4 "$@"
}

# statements DIRECTORY: the dump of an opened set, to be loaded. Not all rows of a table in one transaction, which MySQL would have to
# keep in its small space for temporary files, and not one transaction per row, which would be slow
statements() {
  zstd -dcq "$1/dump.sql.zst" | awk '{ print } /^INSERT INTO `/ && (bytes += length($0)) > 1000000 { print "COMMIT;"; bytes = 0 }'
}

# --- metrics

# record METRIC VALUE [REMOTE]: remembered until the next value; a full disk must not hide what went wrong
record() {
  if mkdir -p "$STATE" && echo "$2" >"$STATE/.new"; then mv "$STATE/.new" "$STATE/$1${3:+.$3}"; fi
} 2>/dev/null

# publish: everything that is remembered, as Prometheus reads it
publish() {
  record backup_sets "$(sets | wc -l)"
  record backup_free_bytes "$(df -P -B 1 "$BACKUPS" | awk 'NR == 2 { print $4 }')"
  {
    while read -r metric help; do
      for value in "$STATE/$metric" "$STATE/$metric".*; do
        [ -s "$value" ] || continue
        [ "${described:-}" = "$metric" ] || printf '# HELP %s %s\n# TYPE %s gauge\n' "$metric" "$help" "$metric"
        described=$metric
        remote=${value#"$STATE/$metric"}
        printf '%s%s %s\n' "$metric" "${remote:+{remote=\"${remote#.}\"\}}" "$(cat "$value")"
      done
    done <"$CONFIG/metrics"
  } >"$METRICS/.new"
  chmod 0644 "$METRICS/.new"
  mv "$METRICS/.new" "$METRICS/backup.prom"
}
