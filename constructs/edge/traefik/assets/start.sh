#!/bin/sh
# start.sh CERTIFICATE KEY OPTION...: starts Traefik, and lets it read both files again when they have changed. Connections stay: Traefik
# reads its files on SIGHUP. Two looks must see the same, or a certificate could be taken without its key.
set -eu
certificate=$1
key=$2
shift 2
seconds=${CERTIFICATE_SECONDS:-10}

seen() {
  cat "$certificate" "$key" | cksum
}

reload_when_renewed() {
  in_use=$1
  before=$in_use
  # for as long as Traefik runs, which has the number of this process
  while sleep "$seconds" && kill -0 "$$" 2>/dev/null; do
    now=$(seen)
    if [ "$now" != "$in_use" ] && [ "$now" = "$before" ]; then
      echo "start: the certificate was renewed, Traefik reads it again"
      kill -HUP "$$"
      in_use=$now
    fi
    before=$now
  done
}

reload_when_renewed "$(seen)" &
exec traefik "$@"
