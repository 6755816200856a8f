#!/bin/sh
# drill.sh [SECONDS]: restores the latest set into a temporary database and folder, compares both with the manifest, and deletes them.
# The running wiki is not affected. Waits at most SECONDS for another run to end.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"

began=$(date +%s)
DRILL=$SCRATCH/drill
SOCKET=$DRILL/mysqld.sock
MYSQL=999:999
server=
locked=no
restored=0

finish() {
  status=$?
  trap - EXIT
  if [ "$server" != "" ]; then stop_server; fi
  if [ "$locked" = yes ]; then
    clean_up
    [ "${set_name:-}" = "" ] || echo "$(date +%s) $restored" >"$STATE/verified.$set_name" || :
  fi
  record backup_drill_last_attempt_timestamp_seconds "$began"
  record backup_drill_success "$restored"
  publish || :
  exit "$status"
}
trap finish EXIT
trap 'fail "interrupted by a signal"' HUP INT TERM

# as the user of the server, because root has no capability to end processes of other users
stop_server() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  as "$MYSQL" sh -c 'kill "$1"' sh "$server" 2>/dev/null || :
  wait "$server" || :
  server=
}

is_running() {
  read -r _ _ condition _ 2>/dev/null <"/proc/$server/stat" && [ "$condition" != Z ]
}

# a temporary server without a network
start_server() {
  mkdir -m 1777 "$DRILL"
  as "$MYSQL" mysqld --no-defaults --initialize-insecure --performance-schema=OFF --innodb-buffer-pool-size=64M --datadir="$DRILL/data" --tmpdir="$DRILL" --log-error="$DRILL/log.err" ||
    fail "the temporary database cannot be initialized: $(as "$MYSQL" tail -n 1 "$DRILL/log.err")"
  # setpriv instead of as, so that $! is the process id of the server
  setpriv --reuid=999 --regid=999 --clear-groups mysqld --no-defaults --datadir="$DRILL/data" --log-error="$DRILL/log.err" --tmpdir="$DRILL" \
    --socket="$SOCKET" --pid-file="$DRILL/pid" --skip-networking --mysqlx=OFF --skip-log-bin --performance-schema=OFF \
    --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF --table-open-cache=200 9>&- &
  server=$!
  tries=0
  until query 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ] || ! is_running; then fail "the temporary database did not start: $(as "$MYSQL" tail -n 1 "$DRILL/log.err")"; fi
    sleep 1
  done
}

query() { as "$MYSQL" mysql --no-defaults --socket="$SOCKET" --user=root --execute "$1"; }

load() {
  query 'CREATE DATABASE drill CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'
  statements "$SCRATCH/open" | as "$MYSQL" mysql --no-defaults --socket="$SOCKET" --user=root drill 2>"$RUN/load.log" ||
    fail "the dump cannot be loaded: $(tail -n 1 "$RUN/load.log")"
  printf '[client]\nsocket=%s\nuser=root\n' "$SOCKET" >"$RUN/drill.cnf"
  watched "$RUN/dumped" dump "$RUN/drill.cnf" drill 2>"$RUN/dump.log" | measure_rows "$RUN/tables" "$RUN/sum"
  ended_well "$RUN/dumped" || fail "the restored database cannot be read: $(tail -n 1 "$RUN/dump.log")"
  tables "$SCRATCH/open" | sort | cmp -s - "$RUN/tables" || fail "the restored tables do not have the rows of the manifest"
  [ "$(cat "$RUN/sum")" = "$(rows_sum "$SCRATCH/open")" ] || fail "the restored rows are not those of the manifest"
}

unpack() {
  mkdir -p "$DRILL/files/$1"
  zstd -dcq "$SCRATCH/open/volumes/$1.tar.zst" | tar --extract --no-same-owner --directory "$DRILL/files/$1" 2>"$RUN/tar.log" ||
    fail "$1 cannot be unpacked: $(head -n 1 "$RUN/tar.log")"
  zstd -dcq "$SCRATCH/open/volumes/$1.tar.zst" | tar --list | grep -vc '/$' >"$RUN/listed" || :
  [ "$(find "$DRILL/files/$1" ! -type d | wc -l)" = "$(cat "$RUN/listed")" ] || fail "$1 was not unpacked whole"
}

take_lock "${1:-0}"
locked=yes
clean_up
make_room
set_name=$(sets | tail -n 1)
[ "$set_name" != "" ] || fail "there is no set to restore"
say "test-restores $set_name"
open_set "$set_name" "$SCRATCH/open"
start_server
load
for archive in "$SCRATCH/open/volumes"/*.tar.zst; do
  name=${archive##*/}
  unpack "${name%.tar.zst}"
done
restored=1
record backup_drill_last_success_timestamp_seconds "$began"
record backup_drill_duration_seconds "$(($(date +%s) - began))"
say "$set_name can be restored: $(wc -l <"$RUN/tables") tables, $(($(date +%s) - began)) s"
