#!/bin/sh
# Starts MySQL as the user that this script runs as. Data appear in their directory whole or not at all: a first start that was interrupted
# begins from scratch. Accounts and passwords are updated at each start, before the first
# connection is taken. Passwords go from file to file; they are no argument, no variable, and in no log.
set -eu
umask 027

config=/etc/bookstack-db/my.cnf
# shellcheck source=/dev/null
. /etc/bookstack-db/reload-when-renewed.sh
data=/var/lib/mysql/data
temporary=/var/lib/mysql/tmp
secrets=/run/secrets
run=/run/mysqld

# what a server that was killed left there
rm -rf "$temporary"
mkdir "$temporary"
if [ ! -d "$data" ]; then
  echo "start: no data yet, making an empty database"
  rm -rf "$data.new"
  mysqld --defaults-file="$config" --initialize-insecure --datadir="$data.new" || {
    status=$?
    tail -n 20 /var/log/mysql/error.log >&2 || :
    exit "$status"
  }
  mv "$data.new" "$data"
fi

# quoted FILE: its text as an SQL string (MySQL's option files read the same form)
quoted() {
  [ -s "$secrets/$1" ] || {
    echo "start: no secret at $secrets/$1" >&2
    exit 78
  }
  printf "'"
  sed "s/[\\\\']/\\\\&/g" "$secrets/$1" | tr -d '\n'
  printf "'"
}

# account NAME@HOST CONNECTIONS: exists, with the password of its file; its rights are what follows, and no more
account() {
  name=${1%@*}
  user="'$name'@'${1#*@}'"
  echo "CREATE USER IF NOT EXISTS $user;"
  printf 'ALTER USER %s IDENTIFIED BY ' "$user"
  quoted "mysql_${name}_password"
  echo " WITH MAX_USER_CONNECTIONS $2 PASSWORD EXPIRE NEVER;"
  [ "$name" = root ] || echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM $user;"
}

(
  umask 077
  {
    echo "SET SESSION sql_log_bin = 0;"
    echo "CREATE DATABASE IF NOT EXISTS bookstack CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"
    account root@localhost 0
    account health@localhost 3
    # for a renewed certificate
    echo "GRANT CONNECTION_ADMIN ON *.* TO 'health'@'localhost';"
    account bookstack@% 40
    # the others are for an update, which migrates a copy
    for schema in 'bookstack' 'bookstack\_update' 'bookstack\_outdated'; do
      echo "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON \`$schema\`.* TO 'bookstack'@'%';"
    done
    account backup@% 2
    echo "GRANT SELECT, SHOW VIEW, TRIGGER ON bookstack.* TO 'backup'@'%';"
    echo "DROP USER IF EXISTS 'restore'@'%';"
    account exporter@% 3
    echo "GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'exporter'@'%';"
    echo "GRANT SELECT ON performance_schema.* TO 'exporter'@'%';"
  } >"$run/accounts.sql"
  {
    printf '[client]\nuser=health\nsocket=%s/mysqld.sock\npassword=' "$run"
    quoted mysql_health_password
    echo
  } >"$run/health.cnf"
)

# a renewed certificate counts from the next connection on; MySQL keeps what it has when it cannot use the new one
reload() {
  mysql --defaults-file="$run/health.cnf" -e 'ALTER INSTANCE RELOAD TLS'
}

reload_when_renewed reload "$secrets"/database_ca.crt "$secrets"/database.crt "$secrets"/database.key
exec mysqld --defaults-file="$config" --init-file="$run/accounts.sql"
