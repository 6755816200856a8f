#!/bin/sh
# renew-certificates.sh MANIFEST STORE SERVICES METRICS [once|check]
#
# Four times a day: renews certificates that expire soon, distributes them, and writes the expiry dates to the directory METRICS, atomically or not
# at all. once: does it a single time. check: whether it was done lately.
set -eu
umask 022
manifest=$1
store=$2
services=$3
file=$4/certificates.prom
case $0 in
  */*) scripts=${0%/*} ;;
  *) scripts=. ;;
esac
SECONDS_BETWEEN=21600
MINUTES_UNTIL_OLD=800

once() {
  renewed=0
  if sh "$scripts/create-secrets.sh" "$manifest" "$store" "$services" renew; then renewed=1; fi
  {
    sh "$scripts/certificate-metrics.sh" "$manifest" "$store"
    echo "# HELP certificate_renewal_success Whether certificates that end soon could be renewed."
    echo "# TYPE certificate_renewal_success gauge"
    echo "certificate_renewal_success $renewed"
  } >"$file.new"
  chmod 0644 "$file.new"
  mv "$file.new" "$file"
}

case ${5:-} in
  once) once ;;
  check) [ -n "$(find "$file" -mmin "-$MINUTES_UNTIL_OLD")" ] ;;
  *)
    trap 'exit 0' TERM INT
    while :; do
      once || echo "certificates: their ends could not be written" >&2
      sleep "$SECONDS_BETWEEN" &
      wait "$!" || :
    done
    ;;
esac
