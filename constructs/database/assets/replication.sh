#!/bin/sh
# replication.sh STEP: what a server of a replication does when it is told. Runs in the container of the database, as root of the database.
#
#   join HOST PORT   copies the data of the source, and ends the server, which Docker starts again; with data of the source it does nothing
#   follow HOST PORT follows the source from the position that the data have
#   status           prints what is known of the replication, as one line of JSON
#   followers        prints what standbys report to this server: number of the host, and seconds that it is behind
#   fence            refuses writes from now on, those of administrators, too
#   caught-up GTIDS  waits at most 60 s until these transactions are applied; prints how many seconds it took, or "not"
#   promote          follows no source any more
#   gtids            prints the transactions that this server has
#
# Passwords go from file to file; they are no argument, no variable, and in no log.
set -eu
umask 077

run=/run/mysqld
secrets=/run/secrets
step=$1
host=${2:-}
port=${3:-}
trap 'rm -f "$run"/replication.*' EXIT

quoted() {
  printf "'"
  sed "s/[\\\\']/\\\\&/g" "$secrets/$1" | tr -d '\n'
  printf "'"
}

{
  printf '[client]\nuser=root\nsocket=%s/mysqld.sock\npassword=' "$run"
  quoted mysql_root_password
  echo
} >"$run/replication.cnf"

# sql: statements of standard input; no line of a password is shown when one fails
sql() { mysql --defaults-file="$run/replication.cnf" --batch --raw --skip-column-names 2>"$run/replication.log"; }

fail() {
  echo "replication: $*: $(sed "s/IDENTIFIED BY .*//" "$run/replication.log" | tail -n 1)" >&2
  exit 1
}

case $step in
  join)
    # the configuration says it, not a variable: a host that was written to has data of its own
    grep -q '^super_read_only *= *ON' "${0%/*}/my.cnf" || {
      echo "replication: this server is no replica; its data are not replaced" >&2
      exit 1
    }
    echo "SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; SET GLOBAL clone_valid_donor_list = '$host:$port'; SET GLOBAL clone_ssl_ca = '$secrets/standby_source_ca';" | sql || fail "clone is not possible"
    {
      printf "CLONE INSTANCE FROM 'replica'@'%s':%s IDENTIFIED BY " "$host" "$port"
      quoted standby_source_password
      echo " REQUIRE SSL;"
    } | sql || grep -qE 'ERROR (3707|2013|2006)' "$run/replication.log" || fail "the data of the source could not be copied"
    # without a supervisor of its own the server stays down after a clone, or cannot start itself again: Docker starts it
    ;;
  follow)
    {
      echo "STOP REPLICA;"
      printf "CHANGE REPLICATION SOURCE TO SOURCE_HOST='%s', SOURCE_PORT=%s, SOURCE_USER='replica', SOURCE_PASSWORD=%s" "$host" "$port" "$(quoted standby_source_password)"
      echo ", SOURCE_AUTO_POSITION=1, SOURCE_SSL=1, SOURCE_SSL_CA='$secrets/standby_source_ca', SOURCE_CONNECT_RETRY=2, SOURCE_RETRY_COUNT=0, SOURCE_HEARTBEAT_PERIOD=2;"
      echo "START REPLICA;"
    } | sql || fail "the source cannot be followed"
    ;;
  status)
    sql <<'SQL' || fail "the replication cannot be asked"
SELECT JSON_OBJECT(
  'readOnly', @@super_read_only = 1,
  'following', (SELECT service_state = 'ON' FROM performance_schema.replication_connection_status WHERE channel_name = ''),
  'applying', (SELECT service_state = 'ON' FROM performance_schema.replication_applier_status WHERE channel_name = ''),
  'error', (SELECT CONCAT(last_error_message, '') FROM performance_schema.replication_connection_status WHERE channel_name = ''),
  'applyError', (SELECT CONCAT(last_error_message, '') FROM performance_schema.replication_applier_status_by_worker WHERE last_error_number <> 0 LIMIT 1),
  'heartbeat', (SELECT DATE_FORMAT(MAX(at), '%Y-%m-%dT%H:%i:%s.%fZ') FROM standby.heartbeat),
  'behind', (SELECT TIMESTAMPDIFF(MICROSECOND, MAX(at), UTC_TIMESTAMP(6)) / 1000000 FROM standby.heartbeat),
  'received', (SELECT received_transaction_set FROM performance_schema.replication_connection_status WHERE channel_name = ''),
  'unapplied', (SELECT GTID_SUBTRACT(received_transaction_set, @@global.gtid_executed) FROM performance_schema.replication_connection_status WHERE channel_name = ''));
SQL
    ;;
  followers)
    echo "SELECT server_id, TIMESTAMPDIFF(SECOND, ts, UTC_TIMESTAMP(6)) FROM standby.followers;" | sql || fail "the standby is not known"
    ;;
  fence)
    echo "SET GLOBAL super_read_only = ON;" | sql || fail "writes could not be stopped"
    ;;
  gtids)
    echo "SELECT REPLACE(@@global.gtid_executed, CHAR(10), '');" | sql || fail "the position is not known"
    ;;
  caught-up)
    echo "SELECT WAIT_FOR_EXECUTED_GTID_SET('$host', 60);" | sql | grep -qx 0 || fail "not all transactions arrived"
    ;;
  promote)
    echo "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration WHERE channel_name = '' AND host <> '';" | sql >"$run/replication.count" || fail "the replication cannot be asked"
    [ "$(cat "$run/replication.count")" != 0 ] || exit 0
    echo "STOP REPLICA IO_THREAD;" | sql || fail "the replication could not be stopped"
    # what has arrived is applied first
    echo "SELECT WAIT_FOR_EXECUTED_GTID_SET((SELECT received_transaction_set FROM performance_schema.replication_connection_status WHERE channel_name = ''), 120);" | sql | grep -qx 0 || fail "what has arrived is not applied"
    echo "STOP REPLICA; RESET REPLICA ALL;" | sql || fail "the replication could not be ended"
    ;;
  *)
    echo "replication: there is no step $step" >&2
    exit 1
    ;;
esac
