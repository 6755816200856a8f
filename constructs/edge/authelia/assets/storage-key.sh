#!/bin/sh
# storage-key.sh DATABASE: prepares the change of the key with which Authelia encrypts what it stores. Reads the key in use and the new
# one, a line each, and prints the one that the data are encrypted with: "current" or "next". Runs while Authelia is stopped, with /tmp in
# memory.
#
# With "current" a copy of the data exists, DATABASE.before. A change that was killed is undone with it.
set -eu
umask 077

database=$1
read -r current
read -r next
printf '%s' "$current" >/tmp/current
printf '%s' "$next" >/tmp/next

accepts() {
  AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE=/tmp/$1 authelia storage encryption check >/tmp/log 2>&1 && grep -q 'Validation: SUCCESS' /tmp/log
}

if accepts current; then
  cp -p "$database" "$database.part"
  mv "$database.part" "$database.before"
  echo current
elif accepts next; then
  echo next
elif [ -e "$database.before" ]; then
  cp -p "$database.before" "$database"
  accepts current || {
    echo "storage-key: the data are readable with neither key, nor is their copy" >&2
    exit 1
  }
  echo current
else
  cat /tmp/log >&2
  echo "storage-key: the data are readable with neither key" >&2
  exit 1
fi
