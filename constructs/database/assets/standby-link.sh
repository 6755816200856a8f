#!/bin/sh
# Keeps one SSH connection to the other host, with one forwarded port for each service there. A connection that ended is opened again.
set -eu
config=/etc/standby-link
set -- -F /dev/null -N -T \
  -i /run/secrets/standby_ssh_key -o IdentitiesOnly=yes -o BatchMode=yes \
  -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$config/known_hosts" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=docker-host -o CheckHostIP=no \
  -o UpdateHostKeys=no -o ExitOnForwardFailure=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ControlMaster=no \
  -L "0.0.0.0:$LINK_DATABASE_PORT:$LINK_DATABASE" -L "0.0.0.0:$LINK_FILES_PORT:$LINK_FILES" \
  -p "$LINK_PORT" "$LINK_USER@$LINK_HOST"
trap 'kill "$connection"; exit 0' TERM
while :; do
  ssh "$@" &
  connection=$!
  wait "$connection" || :
  sleep 5 &
  connection=$!
  wait "$connection"
done
