#!/bin/sh
# Tells the source up to when this host has everything: its database, and its files. supercronic calls it; while it fails, or the source
# is not there, the last word gets old, and an alert of the source says so.
set -eu
umask 077
secrets=/run/secrets
run=/tmp/report
mkdir -p "$run"

# client NAME HOST CA MODE PASSWORD: option file of a client
client() {
  {
    printf '[client]\nuser=replica\nhost=%s\nport=3306\nssl-ca=%s\nssl-mode=%s\nconnect-timeout=5\npassword=' "$2" "$secrets/$3" "$4"
    tr -d '\n' <"$secrets/$5"
    echo
  } >"$run/$1.cnf"
}
client here "$DATABASE_HOST" database_ca.crt VERIFY_IDENTITY mysql_replica_password
# the name in the certificate is that of the database there, and the address that of the tunnel
client source "$LINK_ADDRESS" standby_source_ca VERIFY_CA standby_source_password

heartbeat=$(mysql --defaults-file="$run/here.cnf" -NBe 'SELECT MAX(at) FROM standby.heartbeat')
files=$(cat /tmp/sync/last 2>/dev/null || :)
{
  case $heartbeat in [0-9]*) echo "REPLACE INTO standby.followers VALUES ($SERVER_ID, '$heartbeat');" ;; esac
  case $files in [0-9]*) echo "REPLACE INTO standby.followers VALUES ($FILES_ROW, '1970-01-01' + INTERVAL $files SECOND);" ;; esac
} | mysql --defaults-file="$run/source.cnf"
