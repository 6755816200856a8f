#!/bin/sh
# import.sh STEP ARGUMENT...: makes a set of what was copied from another installation. It runs in the container of a restore, which
# then restores that set; `npm run import` calls the steps in turn.
#
#   begin   reads the password of the database account that exists for this import
#   free    prints how many bytes are free
#   dump    loads the SQL statements of standard input into a schema that nothing uses
#   files   PATH: unpacks the tar archive of standard input below a path
#   facts   prints what is known of both, a line each
#   link    KEEP|DROP: gives accounts to users: reads lines of id and name; keeps or drops second factors
#   place   FROM VOLUME PATH: puts a directory that was unpacked in its place in a volume of the set
#   secret  reads the secret APP_KEY
#   seal    NAME: writes the dump, the archives and the manifest
#   forget  removes everything that the other steps made
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"

OPEN=$SCRATCH/open
STAGE=$SCRATCH/import
CLIENT=$RUN/restore.cnf
SCHEMA=${DB_NAME}_restore

query() { mysql --defaults-file="$CLIENT" --batch --skip-column-names --execute "$1" "${2:-}"; }

# Only lines of definitions change: text of the wiki may contain the same words. MariaDB and MySQL 8 name collations that the other
# does not know, a definer is an account that does not exist here, and the sandbox line is a command of MariaDB's client. GTID_PURGED
# has a line for each server that the data came from.
# shellcheck disable=SC2016 # backquotes of SQL
portable() {
  sed -E \
    -e '/^\/\*M?!999999\\- enable the sandbox mode/d' \
    -e '/^CREATE DATABASE /d; /^USE `/d; /^SET @MYSQLDUMP_TEMP_LOG_BIN/d' \
    -e '/^SET @@(GLOBAL|SESSION)\./{:rest; /;$/!{N; b rest}; d}' \
    -e '/^(\) ENGINE=|  `|CREATE |ALTER |\/\*)/{
      s/utf8mb4_(0900|uca1400|nopad|unicode_nopad|general_nopad)[a-z0-9_]*/utf8mb4_unicode_ci/g
      s/utf8(mb3)?_uca1400[a-z0-9_]*/utf8mb3_unicode_ci/g
      s/ DEFINER=`[^`]*`@`[^`]*`//g
      s/^\) ENGINE=(MyISAM|Aria)/) ENGINE=InnoDB/
      s/ (PAGE_CHECKSUM|TRANSACTIONAL)=[01]//g
    }'
}

load() {
  query "DROP DATABASE IF EXISTS $SCHEMA; CREATE DATABASE $SCHEMA CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
  tee "$RUN/tail.pipe" | portable | mysql --defaults-file="$CLIENT" --init-command='SET SESSION foreign_key_checks = 0' "$SCHEMA" 2>"$RUN/load.log" ||
    fail "the dump cannot be loaded: $(tail -n 1 "$RUN/load.log")"
}

dump_in() {
  rm -f "$RUN/tail.pipe"
  mkfifo "$RUN/tail.pipe"
  tail -n 3 "$RUN/tail.pipe" >"$RUN/last" &
  load
  wait "$!"
  grep -q '^-- Dump completed' "$RUN/last" || echo "cut" >"$RUN/cut"
}

files_in() {
  mkdir -p "$STAGE/$1"
  tar --extract --no-same-owner --no-same-permissions --directory "$STAGE/$1" 2>"$RUN/tar.log" || fail "the uploads cannot be unpacked: $(tail -n 1 "$RUN/tar.log")"
  chmod -R u+rwX "$STAGE"
}

has_table() { [ "$(query "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$SCHEMA' AND table_name = '$1'")" = 1 ]; }

# each line: a kind, and its value
facts() {
  [ ! -e "$RUN/cut" ] || echo "cut${TAB}yes"
  query "SELECT 'table', table_name FROM information_schema.tables WHERE table_schema = '$SCHEMA'"
  query "SELECT 'other', table_name FROM information_schema.views WHERE table_schema = '$SCHEMA' UNION ALL
    SELECT 'other', trigger_name FROM information_schema.triggers WHERE trigger_schema = '$SCHEMA'"
  if has_table migrations; then query "SELECT 'migration', migration FROM migrations" "$SCHEMA"; fi
  if has_table users; then
    query "SELECT 'account', id, email, external_auth_id, name FROM users WHERE system_name IS NULL ORDER BY id" "$SCHEMA"
  fi
  if has_table mfa_values; then query "SELECT 'mfa', COUNT(*) FROM mfa_values" "$SCHEMA"; fi
  if has_table images; then
    query "SELECT 'file', path FROM images" "$SCHEMA"
    query "SELECT 'address', SUBSTRING_INDEX(url, '/uploads/', 1) FROM images WHERE url LIKE 'http%/uploads/%' GROUP BY 2 ORDER BY COUNT(*) DESC LIMIT 1" "$SCHEMA"
  fi
  if has_table attachments; then query "SELECT 'file', path FROM attachments WHERE attachments.external = 0" "$SCHEMA"; fi
  if [ -d "$STAGE" ]; then (cd "$STAGE" && find . -maxdepth 6 -type d -printf 'directory\t%P\n'); fi
  if [ -d "$STAGE" ]; then (cd "$STAGE" && find . ! -type f ! -type d -printf 'link\t%P\n'); fi
  if [ -d "$STAGE" ]; then (cd "$STAGE" && find . -type f -printf 'present\t%P\n'); fi
}

# an account that no user has keeps its content and its roles, and no name that the sync of users could take for a former user
link() {
  {
    echo "UPDATE users SET external_auth_id = '' WHERE system_name IS NULL;"
    [ "$1" = KEEP ] || echo "DELETE FROM mfa_values;"
    while IFS=$TAB read -r id name; do
      case $id$name in *[!a-z0-9_.-]*) fail "not an account and a name: $id $name" ;; esac
      echo "UPDATE users SET external_auth_id = '$name' WHERE id = $id;"
    done
  } | mysql --defaults-file="$CLIENT" "$SCHEMA"
}

place() {
  mkdir -p "$SCRATCH/placed/$2/$3"
  cp -R "$STAGE/$1/." "$SCRATCH/placed/$2/$3/"
}

archive() {
  [ -d "$SCRATCH/placed/$1" ] || return 0
  tar --create --sort=name --numeric-owner --mode=u=rwX,go=rX --directory "$SCRATCH/placed/$1" . | zstd -q -o "$OPEN/volumes/$1.tar.zst"
}

seal() {
  mkdir -p "$OPEN/volumes" "$OPEN/secrets"
  for volume in uploads uploads-public; do archive "$volume"; done
  watched "$RUN/dumped" dump "$CLIENT" "$SCHEMA" 2>"$RUN/dump.log" | zstd -q -o "$OPEN/dump.sql.zst"
  ended_well "$RUN/dumped" || fail "the loaded database cannot be read: $(tail -n 1 "$RUN/dump.log")"
  zstd -dcq "$OPEN/dump.sql.zst" | measure_rows "$RUN/tables" "$RUN/sum"
  write_manifest "$OPEN" "$1" "{}"
  rm -rf "$STAGE" "$SCRATCH/placed"
  query "DROP DATABASE IF EXISTS $SCHEMA"
}

mkdir -p "$RUN"
step=$1
shift
case $step in
  begin)
    cat >"$RUN/restore_password"
    client_file "$CLIENT" restore "$RUN/restore_password"
    rm -rf "$OPEN" "$STAGE" "$SCRATCH/placed" "$RUN/cut"
    ;;
  free) df -P -B 1 "$SCRATCH" | awk 'NR == 2 { print $4 }' ;;
  dump) dump_in ;;
  files) files_in "${1:-.}" ;;
  facts) facts ;;
  link) link "$1" ;;
  place) place "$@" ;;
  secret)
    mkdir -p "$OPEN/secrets"
    cat >"$OPEN/secrets/app_key"
    ;;
  seal) seal "$1" ;;
  forget)
    rm -rf "$OPEN" "$STAGE" "$SCRATCH/placed"
    query "DROP DATABASE IF EXISTS $SCHEMA"
    ;;
  *) fail "there is no step $step" ;;
esac
