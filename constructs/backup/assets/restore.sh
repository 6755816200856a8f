#!/bin/sh
# restore.sh STEP [SET]: one step of a restore. It runs in a separate container, which may write to the volumes, with the set
# already opened; `npm run restore` calls the steps in turn.
#
#   account  reads the password of the database account that exists for this restore
#   swapped  prints the parts that a restore that was killed put in the place of what was there
#   prepare  puts the set beside what is there, and compares it with the manifest; changes nothing that is used
#   swap     puts it in the place of what is there, which is kept
#   back     puts back what was there; at any moment, as often as one likes
#   finish   forgets what was there
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"

OPEN=$SCRATCH/open
TARGETS=$ROOT/sources
NEW=.restore-new
BEFORE=.restore-before
MOVING_IN=.restore-moving-in
CLIENT=$RUN/restore.cnf
SWAPPED=restore_swapped

query() { mysql --defaults-file="$CLIENT" --batch --skip-column-names --execute "$1"; }

account() {
  cat >"$RUN/restore_password"
  client_file "$CLIENT" restore "$RUN/restore_password"
}

# --- files: in the same volume, so that changing places costs nothing

# inside NAME OWNER COMMAND...: in the directory of the volume, as its owner
inside() {
  directory=$TARGETS/$1
  user=$2
  shift 2
  # root has no capability to enter a directory that is closed to others
  as "$user" env --chdir="$directory" "$@"
}

# everything but what a restore keeps there, and the mark of the volume's owner
each_entry() { inside "$1" "$2" find "$3" -mindepth 1 -maxdepth 1 ! -name '.restore-*' ! -name .secure-bookstack -exec "$4" "$5" "$6" {} +; }

unpack() {
  archive=$OPEN/volumes/$1.tar.zst
  if [ ! -e "$archive" ]; then
    say "$1 is not in the set; it stays as it is"
    return
  fi
  say "unpacks $1"
  inside "$1" "$2" mkdir -m 0700 "$NEW"
  zstd -dcq "$archive" | inside "$1" "$2" tar --extract --preserve-permissions --no-same-owner --directory "$NEW" 2>"$RUN/tar.log" ||
    fail "$1 cannot be unpacked: $(head -n 1 "$RUN/tar.log")"
  zstd -dcq "$archive" | inside "$1" "$2" tar --compare --directory "$NEW" >"$RUN/compared" 2>&1 || :
  # the owner of each file is that of the volume, whatever it was
  if grep -Ev ': (Uid|Gid|Mode|Mod time) differs$' "$RUN/compared" >"$RUN/differences"; then fail "$1 was not unpacked whole: $(head -n 1 "$RUN/differences")"; fi
}

# entry NAME OWNER ENTRY: prints its name when the volume has it; a volume that cannot be looked into ends the step
entry() { inside "$1" "$2" find . -maxdepth 1 -name "$3"; }

swap_files() {
  found=$(entry "$1" "$2" "$NEW")
  [ "$found" != "" ] || return 0
  inside "$1" "$2" mkdir -p -m 0700 "$BEFORE"
  each_entry "$1" "$2" . mv -t "$BEFORE"
  inside "$1" "$2" mkdir "$MOVING_IN"
  each_entry "$1" "$2" "$NEW" mv -t .
}

files_back() {
  found=$(entry "$1" "$2" "$BEFORE")
  if [ "$found" != "" ]; then
    found=$(entry "$1" "$2" "$MOVING_IN")
    if [ "$found" != "" ]; then each_entry "$1" "$2" . rm -r -f; fi
    each_entry "$1" "$2" "$BEFORE" mv -t .
  fi
  forget_files "$1" "$2"
}

# the mark goes last: until then what is there is known to be new
forget_files() { inside "$1" "$2" rm -rf "$NEW" "$BEFORE" "$MOVING_IN"; }

# --- the database: tables change their schema, all at once

schema_tables() { query "SELECT table_name FROM information_schema.tables WHERE table_schema = '$1' ORDER BY table_name"; }

# renames FROM TO: what RENAME TABLE takes, for all tables of a schema but the mark
renames() {
  found=$(schema_tables "$1")
  printf '%s\n' "$found" | sed "/^\$/d; /^$SWAPPED\$/d; s/.*/\`$1\`.\`&\` TO \`$2\`.\`&\`/"
}

load() {
  say "loads the database"
  others=$(query "SELECT (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = '$DB_NAME') + (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = '$DB_NAME')")
  [ "$others" = 0 ] || fail "the database has views or triggers, which cannot be moved aside"
  query "CREATE DATABASE ${DB_NAME}_restore CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
  statements "$OPEN" | mysql --defaults-file="$CLIENT" "${DB_NAME}_restore" 2>"$RUN/load.log" ||
    fail "the dump cannot be loaded: $(tail -n 1 "$RUN/load.log")"
  watched "$RUN/dumped" dump "$CLIENT" "${DB_NAME}_restore" 2>"$RUN/dump.log" | measure_rows "$RUN/tables" "$RUN/sum"
  ended_well "$RUN/dumped" || fail "the restored database cannot be read: $(tail -n 1 "$RUN/dump.log")"
  tables "$OPEN" | sort | cmp -s - "$RUN/tables" || fail "the restored tables do not have the rows of the manifest"
  [ "$(cat "$RUN/sum")" = "$(rows_sum "$OPEN")" ] || fail "the restored rows are not those of the manifest"
  say "$(wc -l <"$RUN/tables") tables are as the manifest says"
}

swap_tables() {
  query "CREATE DATABASE ${DB_NAME}_before CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; CREATE TABLE ${DB_NAME}_restore.$SWAPPED (id INT)"
  {
    renames "$DB_NAME" "${DB_NAME}_before"
    renames "${DB_NAME}_restore" "$DB_NAME"
    echo "\`${DB_NAME}_restore\`.\`$SWAPPED\` TO \`${DB_NAME}_before\`.\`$SWAPPED\`"
  } >"$RUN/renames"
  query "RENAME TABLE $(sed '$!s/$/,/' "$RUN/renames")"
}

tables_back() {
  # not through a pipe: a database that does not answer must not look like one without a mark, whose tables are dropped below
  found=$(schema_tables "${DB_NAME}_before")
  if printf '%s\n' "$found" | grep -qx "$SWAPPED"; then
    query "CREATE DATABASE IF NOT EXISTS ${DB_NAME}_restore"
    {
      renames "$DB_NAME" "${DB_NAME}_restore"
      renames "${DB_NAME}_before" "$DB_NAME"
      echo "\`${DB_NAME}_before\`.\`$SWAPPED\` TO \`${DB_NAME}_restore\`.\`$SWAPPED\`"
    } >"$RUN/renames"
    query "RENAME TABLE $(sed '$!s/$/,/' "$RUN/renames")"
  fi
  forget_tables
}

# new tables last, because they contain the marker of what was swapped
forget_tables() { query "SET foreign_key_checks = 0; DROP DATABASE IF EXISTS ${DB_NAME}_restore; DROP DATABASE IF EXISTS ${DB_NAME}_before"; }

swapped_tables() {
  found=$(schema_tables "${DB_NAME}_before")
  if printf '%s\n' "$found" | grep -qx "$SWAPPED"; then echo database; fi
}

swapped_files() {
  found=$(entry "$1" "$2" "$BEFORE")
  if [ "$found" != "" ]; then echo "$1"; fi
}

mkdir -p "$RUN/gnupg"
case $1 in
  account) account ;;
  swapped)
    swapped_tables
    each_source swapped_files
    ;;
  prepare)
    verify_set "$2" "$OPEN"
    each_source unpack
    if left_out database; then say "the database is left out; it stays as it is"; else load; fi
    ;;
  swap)
    left_out database || swap_tables
    each_source swap_files
    ;;
  back)
    tables_back
    each_source files_back
    ;;
  finish)
    forget_tables
    each_source forget_files
    rm -rf "$OPEN" "$SCRATCH/without"
    ;;
  *) fail "there is no step $1" ;;
esac
