#!/bin/sh
# start.sh CERTIFICATE KEY OPTION...: starts Traefik, and lets it read both files again when they have changed. Connections stay: Traefik
# reads its files on SIGHUP.
set -eu
# shellcheck source=/dev/null
. /etc/traefik/reload-when-renewed.sh
certificate=$1
key=$2
shift 2

# Traefik has the number of this process
reload() {
  kill -HUP "$$"
}

reload_when_renewed reload "$certificate" "$key"
exec traefik "$@"
