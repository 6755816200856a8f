#!/bin/sh
# The function for start scripts of servers that can read a renewed certificate without a restart. It is read by them, never run.
set -eu

# reload_when_renewed RELOAD FILE...: calls the function RELOAD each time that the files have changed, for as long as this process runs or
# the server that takes its place
reload_when_renewed() {
  reload=$1
  shift
  # before the server reads them, so that no change is missed
  in_use=$(cat "$@" | cksum)
  watch_files "$@" &
}

# Two looks must see the same, or a certificate could be read without its key. A reload that fails is tried again
watch_files() {
  before=$in_use
  while sleep "${CERTIFICATE_SECONDS:-10}" && kill -0 "$$" 2>/dev/null; do
    now=$(cat "$@" | cksum)
    if [ "$now" != "$in_use" ] && [ "$now" = "$before" ] && "$reload"; then
      echo "start: the certificate was renewed; the server has read it"
      in_use=$now
    fi
    before=$now
  done
}
