#!/bin/sh
# rotate.sh DIRECTORY SIGNAL FILE...: sets log files aside, lets the service begin new ones, and forgets those of more than 30 days.
# Runs in the container of the service, as its user. SIGNAL makes the service reopen its files; "none": it opens the file for each line.
# Safe to repeat: an empty log stays where it is.
set -eu
directory=$1
signal=$2
cd "$directory"
shift 2
days=30
now=$(date -u +%Y%m%dT%H%M%SZ)

# opened FILE: whether a process has it open
opened() {
  for open in /proc/[0-9]*/fd/*; do
    # shellcheck disable=SC3013 # dash, bash and BusyBox know -ef
    if [ "$open" -ef "$1" ]; then return 0; fi
  done
  return 1
}

for file in "$@"; do
  if [ "$signal" != none ] && [ -s "$file" ] && ! opened "$file"; then
    echo "nothing here writes $directory/$file; it stays where it is" >&2
    exit 1
  fi
done

moved=
for file in "$@"; do
  [ -s "$file" ] || continue
  aside=${file%.log}-$now.log
  mode=$(stat -c %a "$file")
  mv "$file" "$aside"
  # with the same mode, because a service may create it unreadable for others. Never truncated: the service may have been faster
  : >>"$file"
  chmod "$mode" "$file"
  moved="$moved $aside"
done

if [ -n "$moved" ] && [ "$signal" != none ]; then
  # the first process is Docker's init, which passes the signal on
  kill -s "$signal" 1
fi
for aside in $moved; do
  tries=0
  while [ "$signal" != none ] && opened "$aside"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 20 ]; then
      echo "no new log was begun within 10 s; what is written goes to $aside" >&2
      exit 1
    fi
    sleep 0.5
  done
  echo "$aside was set aside"
done

# a reader may still read the end of the latest one; older ones are compressed
for file in "$@"; do
  name=${file%.log}
  find . -maxdepth 1 -type f -name "$name-[0-9]*.log" -mmin +60 -exec gzip -f {} +
  find . -maxdepth 1 -type f -name "$name-[0-9]*.log*" -mtime "+$((days - 1))" -exec rm -f {} +
done
