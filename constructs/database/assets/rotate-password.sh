#!/bin/sh
# rotate-password.sh STEP [NAME HOST]: changes the password of a database account while clients keep their connections. Runs in the container of
# the database, as root of the database.
#
#   accept NAME HOST   lets the account use the password of standard input beside the current one
#   retire NAME HOST   lets it use its newest password only
#   try NAME           prints whether the account is "accepted" with the password of standard input, or "refused"
#   health             lets the health check use the current password
#
# Passwords go through standard input and files in memory; they are no argument, no variable, and in no log.
set -eu
umask 077

run=/run/mysqld
secrets=/run/secrets
step=$1
name=${2:-}
host=${3:-}
trap 'rm -f "$run/rotate.cnf" "$run/rotate.log"' EXIT

# escaped: standard input as MySQL reads it between single quotes
escaped() {
  sed "s/[\\\\']/\\\\&/g" | tr -d '\n'
}

# options USER: how to log in as USER, with the password of standard input
options() {
  printf "[client]\nuser=%s\nsocket=%s/mysqld.sock\npassword='" "$1" "$run"
  escaped
  printf "'\n"
}

as_root() {
  options root <"$secrets/mysql_root_password" >"$run/rotate.cnf"
  mysql --defaults-file="$run/rotate.cnf"
}

# try NAME PASSWORD: an account with all of its connections in use says nothing about its password
try() {
  printf '%s' "$2" | options "$1" >"$run/rotate.cnf"
  for attempt in 1 2 3 4 5; do
    if mysql --defaults-file="$run/rotate.cnf" -NBe 'select 1' >/dev/null 2>"$run/rotate.log"; then
      echo accepted
      return
    fi
    if grep -q 'ERROR 1045' "$run/rotate.log"; then
      echo refused
      return
    fi
    sleep "$attempt"
  done
  cat "$run/rotate.log" >&2
  return 1
}

case $step in
  accept)
    read -r password
    result=$(try "$name" "$password")
    [ "$result" = refused ] || exit 0
    {
      printf "SET SESSION sql_log_bin = 0;\nALTER USER '%s'@'%s' IDENTIFIED BY '" "$name" "$host"
      printf '%s' "$password" | escaped
      printf "' RETAIN CURRENT PASSWORD;\n"
    } | as_root
    ;;
  retire) printf "SET SESSION sql_log_bin = 0;\nALTER USER '%s'@'%s' DISCARD OLD PASSWORD;\n" "$name" "$host" | as_root ;;
  try)
    read -r password
    try "$name" "$password"
    ;;
  health)
    options health <"$secrets/mysql_health_password" >"$run/health.new"
    mv "$run/health.new" "$run/health.cnf"
    ;;
  *)
    echo "database: there is no step $step" >&2
    exit 1
    ;;
esac
