#!/bin/sh
# accounts.sh STEP: accounts of the wiki at a MySQL server on another machine, as its administrator.
#
#   create  creates the schema and the accounts, or updates their passwords, and checks what they may do
#   grant   creates the account of a restore, with the password on standard input
#   drop    drops it
#
# Passwords go from file to file; they are no argument, no variable, and in no log.
set -eu
umask 077
export LC_ALL=C

secrets=${ACCOUNTS_SECRETS:-/run/secrets}
run=${ACCOUNTS_RUN:-/tmp}
trap 'rm -f "$run"/*.cnf "$run"/*.sql' EXIT

say() { echo "database: $*"; }

fail() {
  echo "database: $*" >&2
  exit 1
}

# quoted FILE: its text as an SQL string (MySQL's option files read the same form)
quoted() {
  [ -s "$1" ] || fail "no secret at $1"
  printf "'"
  sed "s/[\\\\']/\\\\&/g" "$1" | tr -d '\n'
  printf "'"
}

# options FILE MODE [USER SECRET]: how to reach the server
options() {
  printf '[client]\nprotocol=TCP\nhost=%s\nport=%s\nssl-mode=%s\nssl-ca=%s\nconnect-timeout=10\n' "$DB_HOST" "$DB_PORT" "$2" "$DB_CA" >"$1"
  if [ $# = 4 ]; then
    { printf 'user=%s\npassword=' "$3" && quoted "$4" && echo; } >>"$1"
  else
    # no account: enough for a handshake, and nothing secret is sent
    echo 'user=tls-probe' >>"$1"
  fi
}

client() { mysql --defaults-file="$1" --batch --raw --skip-column-names 2>"$run/error.log"; }

# query SQL: what the administrator is told
query() {
  printf '%s\n' "$1" | client "$run/admin.cnf" || fail "$DB_HOST does not take a statement: $(tail -n 1 "$run/error.log")"
}

names_of_certificate() {
  openssl s_client -connect "$DB_HOST:$DB_PORT" -starttls mysql </dev/null 2>/dev/null |
    openssl x509 -noout -ext subjectAltName -subject 2>/dev/null | grep -Eo '(DNS:|IP Address:|CN *= *)[^,]*' | tr '\n' ' '
}

# why the server is not accepted, as far as a handshake without an account shows it
explain_tls() {
  options "$run/probe.cnf" VERIFY_CA
  if client "$run/probe.cnf" </dev/null || ! grep -q 'ERROR 2026' "$run/error.log"; then
    fail "the certificate of $DB_HOST:$DB_PORT is for another host: it names $(names_of_certificate); set database.external.host to the name that it carries"
  fi
  options "$run/probe.cnf" REQUIRED
  if client "$run/probe.cnf" </dev/null || ! grep -q 'ERROR 2026' "$run/error.log"; then
    fail "the certificate of $DB_HOST:$DB_PORT is not signed by an authority in database.external.ca, or has expired; write the server's authority there"
  fi
  fail "$DB_HOST:$DB_PORT offers no TLS 1.2 or later; enable TLS on the server"
}

# the first connection: with the server's identity verified, before anything secret is sent
knock() {
  options "$run/probe.cnf" VERIFY_IDENTITY
  tries=0
  while ! client "$run/probe.cnf" </dev/null; do
    case $(tail -n 1 "$run/error.log") in
      *"ERROR 2026"*) explain_tls ;;
      # it answers, and takes nobody without an account
      *"ERROR 1045"* | *"ERROR 1251"* | *"ERROR 3118"*) return ;;
      *"ERROR 1130"* | *"ERROR 1129"*) fail "$DB_HOST lets no account in from this host: $(tail -n 1 "$run/error.log")" ;;
    esac
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || fail "no answer from $DB_HOST:$DB_PORT ($(tail -n 1 "$run/error.log")): wrong name or port, server down, or a firewall that does not let this host in?"
    sleep 3
  done
}

log_in() {
  options "$run/admin.cnf" VERIFY_IDENTITY "$DB_ADMIN" "$secrets/mysql_admin_password"
  echo 'SELECT 1' | client "$run/admin.cnf" >/dev/null && return
  case $(tail -n 1 "$run/error.log") in
    *"ERROR 1045"*) fail "$DB_HOST refuses the administrator $DB_ADMIN; npm run secret -- $DB_ENVIRONMENT mysql_admin_password, or correct database.external.admin" ;;
    *) fail "the administrator $DB_ADMIN cannot log in to $DB_HOST: $(tail -n 1 "$run/error.log")" ;;
  esac
}

# the line, as in 8.4
line_of() { printf '%s\n' "$1" | grep -Eo '[0-9]+[.][0-9]+' | head -n 1; }

check_server() {
  version=$(query 'SELECT VERSION()')
  case $version in *MariaDB*) fail "$DB_HOST runs $version; the wiki needs MySQL" ;; esac
  own=$(line_of "$(mysql --version | sed 's/.*Ver //')")
  [ "$(line_of "$version")" = "$own" ] ||
    fail "$DB_HOST runs MySQL $version, but the programs that dump and restore it are of $own; set database.version to the line of the server"
  [ "$(query 'SELECT @@global.sql_require_primary_key')" = 0 ] ||
    fail "$DB_HOST requires a primary key in every table, which BookStack's tables do not all have; set sql_require_primary_key to OFF on the server"
}

# owner_of USER: the environment that created the account; nothing where it does not exist
owner_of() { query "SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(attribute, '\$.\"secure-bookstack\"')), '-') FROM information_schema.user_attributes WHERE user = '$1' AND host = '%'"; }

# account NAME CONNECTIONS SECRET: an account that this environment created; one of others is never taken over
account() {
  owner=$(owner_of "$1")
  case $owner in
    "" | "$DB_ENVIRONMENT") ;;
    -) fail "$DB_HOST has an account $1 that no environment created; use a server of its own for each wiki, or drop the account if nothing uses it" ;;
    *) fail "the account $1 at $DB_HOST belongs to the environment $owner; use a server of its own for each wiki" ;;
  esac
  if [ "$owner" = "" ]; then echo "CREATE USER '$1'@'%' IDENTIFIED BY $(quoted "$3") REQUIRE SSL ATTRIBUTE '{\"secure-bookstack\": \"$DB_ENVIRONMENT\"}';"; fi
  echo "ALTER USER '$1'@'%' IDENTIFIED BY $(quoted "$3") REQUIRE SSL WITH MAX_USER_CONNECTIONS $2 PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;"
}

# run_sql FILE WHAT
run_sql() {
  client "$run/admin.cnf" <"$1" >/dev/null && return
  case $(tail -n 1 "$run/error.log") in
    *"ERROR 1396"*) fail "$DB_HOST has an account of this name that $DB_ADMIN may not see; use a server of its own for each wiki: $(tail -n 1 "$run/error.log")" ;;
    *"ERROR 1819"*) fail "$DB_HOST refuses a generated password, which has letters and digits only; set validate_password.special_char_count to 0 on the server" ;;
    *) fail "$2: $(tail -n 1 "$run/error.log")" ;;
  esac
}

# where privileges of a schema are given by its exact name, an underscore must not be escaped
schema() { if [ "$exact" = 1 ]; then echo "$1"; else echo "$1" | sed 's/_/\\_/g'; fi; }

create() {
  exact=$(query 'SELECT @@global.partial_revokes')
  for name in bookstack backup exporter; do [ -s "$secrets/mysql_${name}_password" ] || fail "no secret at $secrets/mysql_${name}_password"; done
  {
    echo "CREATE DATABASE IF NOT EXISTS $DB_NAME CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"
    account bookstack 40 "$secrets/mysql_bookstack_password"
    # the others are for an update, which migrates a copy
    for name in "$DB_NAME" "${DB_NAME}_update" "${DB_NAME}_outdated"; do
      echo "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON \`$(schema "$name")\`.* TO 'bookstack'@'%';"
    done
    account backup 2 "$secrets/mysql_backup_password"
    echo "GRANT SELECT, SHOW VIEW, TRIGGER ON $DB_NAME.* TO 'backup'@'%';"
    account exporter 3 "$secrets/mysql_exporter_password"
  } >"$run/accounts.sql"
  run_sql "$run/accounts.sql" "the administrator $DB_ADMIN cannot create the schema and the accounts"
  {
    echo "GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'exporter'@'%';"
    echo "GRANT SELECT ON performance_schema.* TO 'exporter'@'%';"
  } >"$run/exporter.sql"
  client "$run/admin.cnf" <"$run/exporter.sql" >/dev/null ||
    say "the administrator may not grant the exporter what it reads, so the dashboard MySQL stays empty in part: $(tail -n 1 "$run/error.log")"
}

# privileges NAME: those beyond what is granted here, as the server says
beyond() {
  grants=$(query "SHOW GRANTS FOR '$1'@'%'") || exit 1
  printf '%s\n' "$grants" | grep -Ev "^GRANT USAGE ON [*][.][*] |^GRANT [A-Z, ]+ ON \`${DB_NAME}([\\\\]*_(update|outdated))?\`[.][*] TO \`$1\`@\`%\`\$" || :
}

check_accounts() {
  for name in bookstack backup; do
    more=$(beyond "$name")
    more=$(printf '%s\n' "$more" | head -n 1)
    [ "$more" = "" ] || fail "the account $name at $DB_HOST may do more than it needs; revoke this on the server: $more"
  done
  for name in bookstack backup exporter; do
    options "$run/account.cnf" VERIFY_IDENTITY "$name" "$secrets/mysql_${name}_password"
    echo 'SELECT 1' | client "$run/account.cnf" >/dev/null || fail "the account $name cannot log in to $DB_HOST: $(tail -n 1 "$run/error.log")"
  done
}

# what a restore needs, in its schemas alone
restore_account() {
  echo "DROP USER IF EXISTS 'restore'@'%';"
  [ "$1" = grant ] || return 0
  cat >"$run/restore.password.cnf"
  echo "CREATE USER 'restore'@'%' IDENTIFIED BY $(quoted "$run/restore.password.cnf") REQUIRE SSL WITH MAX_USER_CONNECTIONS 4 ATTRIBUTE '{\"secure-bookstack\": \"$DB_ENVIRONMENT\"}';"
  for name in "$DB_NAME" "${DB_NAME}_restore" "${DB_NAME}_before"; do
    echo "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, LOCK TABLES, TRIGGER, SHOW VIEW, CREATE VIEW ON \`$(schema "$name")\`.* TO 'restore'@'%';"
  done
}

knock
log_in
case $1 in
  create)
    check_server
    create
    check_accounts
    say "$DB_HOST runs MySQL $version; the accounts can log in, and may do what they need and no more"
    ;;
  grant | drop)
    exact=$(query 'SELECT @@global.partial_revokes')
    case $(owner_of restore) in
      "" | "$DB_ENVIRONMENT") ;;
      *) fail "$DB_HOST has an account restore that this environment did not create; drop it if nothing uses it" ;;
    esac
    restore_account "$1" >"$run/restore.sql"
    run_sql "$run/restore.sql" "the account of the restore cannot be changed"
    ;;
  *) fail "there is no step $1" ;;
esac
