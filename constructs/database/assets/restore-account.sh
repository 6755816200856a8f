#!/bin/sh
# restore-account.sh STEP: makes ("grant") the account by which a restore reaches the database, with the password that standard input
# provides, or drops it ("drop"). Runs in the container of the database, as root of the database.
set -eu
umask 077

run=/run/mysqld
secrets=/run/secrets
trap 'rm -f "$run/root.cnf"' EXIT
{
  printf "[client]\nuser=root\nsocket=%s/mysqld.sock\npassword='" "$run"
  sed "s/[\\\\']/\\\\&/g" "$secrets/mysql_root_password" | tr -d '\n'
  printf "'\n"
} >"$run/root.cnf"
{
  echo "SET SESSION sql_log_bin = 0;"
  echo "DROP USER IF EXISTS 'restore'@'%';"
  if [ "$1" = grant ]; then
    read -r password
    echo "CREATE USER 'restore'@'%' IDENTIFIED BY '$password' REQUIRE SSL WITH MAX_USER_CONNECTIONS 4;"
    for schema in bookstack bookstack_restore bookstack_before; do echo "GRANT ALL PRIVILEGES ON $schema.* TO 'restore'@'%';"; done
  fi
} | mysql --defaults-file="$run/root.cnf"
