#!/bin/sh
# Starts the exporter with the options given. It takes a password from an option file only: one is made of the secret, in memory.
set -eu
umask 077

[ -s "$MYSQL_SECRET_FILE" ] || {
  echo "start: no secret at $MYSQL_SECRET_FILE" >&2
  exit 78
}
{
  printf '[client]\nhost=%s\nport=%s\nuser=%s\nssl-ca=%s\npassword=' "$MYSQL_HOST" "$MYSQL_PORT" "$MYSQL_USER" "$MYSQL_CA"
  tr -d '\n' <"$MYSQL_SECRET_FILE"
  echo
} >/tmp/my.cnf

exec /bin/mysqld_exporter --config.my-cnf=/tmp/my.cnf "$@"
