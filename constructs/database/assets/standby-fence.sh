#!/bin/sh
# Refuses writes to the database of the host that was active before a failover, as soon as it can be reached: a host that comes back starts
# its services, and must not become a second writer. supercronic calls it.
set -eu
umask 077
{
  printf '[client]\nuser=replica\nhost=%s\nport=3306\nssl-ca=/run/secrets/standby_source_ca\nssl-mode=VERIFY_CA\nconnect-timeout=3\npassword=' "$LINK_ADDRESS"
  tr -d '\n' </run/secrets/standby_source_password
  echo
} >/tmp/client.cnf
writes=$(mysql --defaults-file=/tmp/client.cnf -NBe 'SELECT @@global.super_read_only = 0' 2>/dev/null) || exit 0
[ "$writes" = 1 ] || exit 0
mysql --defaults-file=/tmp/client.cnf -e 'SET GLOBAL super_read_only = ON'
echo "fence: the host that was active before is back; its database refuses writes now"
