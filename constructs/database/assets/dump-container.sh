#!/bin/sh
# Writes a dump of the database of a container, as the images of MySQL, MariaDB and linuxserver describe it in their environment. The
# password stays in the container, and is in no command line there.
set -eu

# of NAME...: value of the first that is set, or content of the file that <NAME>_FILE or FILE__<NAME> names; nothing when none is
of() {
  for name; do
    if value=$(printenv "$name") && [ -n "$value" ]; then
      printf %s "$value"
      return
    fi
    if file=$(printenv "${name}_FILE" || printenv "FILE__$name"); then
      cat "$file"
      return
    fi
  done
}

database=$(of MYSQL_DATABASE MARIADB_DATABASE)
user=root
MYSQL_PWD=$(of MYSQL_ROOT_PASSWORD MARIADB_ROOT_PASSWORD)
if [ -z "$MYSQL_PWD" ]; then
  user=$(of MYSQL_USER MARIADB_USER)
  MYSQL_PWD=$(of MYSQL_PASSWORD MARIADB_PASSWORD)
fi
if [ -z "$database" ] || [ -z "$MYSQL_PWD" ]; then
  echo "the environment of the container has no MYSQL_DATABASE, or no MYSQL_ROOT_PASSWORD" >&2
  exit 1
fi
export MYSQL_PWD
if command -v mariadb-dump >/dev/null; then
  set -- mariadb-dump
else
  # its list of transactions belongs to that server, and needs an account that may lock all tables
  set -- mysqldump --set-gtid-purged=OFF
fi
exec "$@" --user="$user" --single-transaction --no-tablespaces --default-character-set=utf8mb4 "$database"
