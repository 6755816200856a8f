#!/bin/sh
# image-disk.sh FILE IMAGE...: makes FILE a file system for /var/lib/docker with these images of the engine that is here. It replaces the registries
# of registries: an emulated processor would unpack images for a quarter of an hour. Needs root and dockerd.
set -eu
file=$1
shift
work=$(mktemp -d)
socket=unix://$work/docker.sock
engine=
tidy() {
  [ -z "$engine" ] || {
    kill "$engine" 2>/dev/null || :
    wait "$engine" || :
  }
  umount "$work/data" 2>/dev/null || :
  rm -rf "$work"
}
trap tidy EXIT
rm -f "$file"
truncate -s 10G "$file"
mkfs.ext4 -q "$file"
mkdir "$work/data"
mount -o loop "$file" "$work/data"
# a separate network: without a bridge it would remove that of the local engine
unshare --net dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" --host "$socket" --bridge=none --iptables=false --ip6tables=false >"$work/log" 2>&1 &
engine=$!
n=0
until docker --host "$socket" version >/dev/null 2>&1; do
  n=$((n + 1))
  [ "$n" -lt 60 ] || {
    tail -n 5 "$work/log" >&2
    exit 1
  }
  sleep 1
done
docker save "$@" | docker --host "$socket" load --quiet
