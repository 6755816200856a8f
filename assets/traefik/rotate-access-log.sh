#!/bin/sh
# Sets the access log aside, lets Traefik begin a new one, and forgets those of more than 30 days.
# Runs in Traefik's container, as its user. Safe to repeat: an empty log stays where it is.
set -eu
cd "$1"
days=30

if [ -s access.log ]; then
  aside=access-$(date -u +%Y%m%dT%H%M%SZ).log
  mv access.log "$aside"
  # the first process is Docker's init, which passes the signal on; Traefik then opens the log anew
  kill -USR1 1
  tries=0
  until [ -e access.log ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 20 ]; then
      echo "Traefik did not begin a new access log within 10 s; the old one is $aside" >&2
      exit 1
    fi
    sleep 0.5
  done
  echo "set aside: $aside"
fi

# one rotation ago is not too old for whoever still reads its end; older ones are packed
find . -maxdepth 1 -type f -name 'access-*.log' -mmin +60 -exec gzip -f {} \;
find . -maxdepth 1 -type f -name 'access-*.log*' -mtime "+$((days - 1))" -exec rm -f {} \;
