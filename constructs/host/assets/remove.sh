#!/bin/sh
# remove.sh ENVIRONMENT: puts the host back to what it was before ENVIRONMENT first hardened it: commands are taken back, files and
# packages too, services run and start at boot as they did. Secrets are kept; with --with-secrets they go as well.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C PATH
state=/var/lib/bookstack-host
before=$state/before
library=/usr/local/lib/bookstack-host
credentials=/etc/bookstack/credentials

fail() {
  echo "remove: $*" >&2
  exit 1
}

# lines of a list in reverse: what came last goes first
backwards() {
  [ ! -e "$before/$1" ] || awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$before/$1"
}

[ "$(id -u)" = 0 ] || fail "only root may do this"
[ -e "$state/environment" ] || {
  echo "remove: this host is not hardened; nothing to do"
  exit 0
}
[ "$(cat "$state/environment")" = "${1:-}" ] || fail "this host belongs to the environment $(cat "$state/environment"), not to ${1:-none}"
exec 9>/run/lock/bookstack-host.lock
flock -w 900 9 || fail "a deploy works on this host"

# this script lies below what it removes
if [ -d "$credentials" ] && [ "${2:-}" != --with-secrets ]; then
  rm -rf "$state/kept"
  cp -a "$credentials" "$state/kept"
fi
for unit in "$library"/parts/*; do [ ! -e "$unit" ] || systemctl stop "bookstack-way-back-${unit##*/}.service" 2>/dev/null || :; done
backwards services | while read -r unit _ _; do
  case $unit in bookstack-*) systemctl -q disable --now "$unit" 2>/dev/null || : ;; esac
done
rm -f "$state/failed"
backwards undo | while read -r command; do
  # in a shell of its own, which has none of the variables of this script and cannot read the rest of the list
  sh -c "$command" </dev/null 9>&- || {
    echo "remove: could not: $command" >&2
    : >"$state/failed"
  }
done
backwards paths | while read -r path; do
  rm -rf "$path"
  if [ -e "$before/files$path" ] || [ -L "$before/files$path" ]; then cp -a "$before/files$path" "$path"; fi
done
systemctl daemon-reload
names=$(backwards packages | tr '\n' ' ')
# removing Docker removes its volumes, too
volumes=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null || echo /var/lib/docker)/volumes
if [ -n "$(find "$volumes" -mindepth 1 -maxdepth 1 -type d 2>/dev/null)" ]; then
  docker=$(printf '%s' "$names" | tr ' ' '\n' | grep -E '^(docker|containerd|runc)' | tr '\n' ' ' || :)
  [ -z "$docker" ] || echo "remove: Docker stays, because it holds volumes: $docker"
  names=$(printf '%s' "$names" | tr ' ' '\n' | grep -vE '^(docker|containerd|runc|iptables|libip)' | tr '\n' ' ' || :)
fi
if [ -n "$names" ]; then
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -o DPkg::Lock::Timeout=300 -y -q purge $names >"$state/apt.log" 2>&1 9>&- ||
    fail "packages could not be removed: $(tail -n 5 "$state/apt.log")"
fi
[ ! -e "$before/services" ] || while read -r unit enabled active; do
  case $unit in bookstack-*) continue ;; esac
  systemctl cat "$unit" >/dev/null 2>&1 || continue
  case $enabled in
    enabled) systemctl -q enable "$unit" || : ;;
    disabled) systemctl -q disable "$unit" || : ;;
  esac
  # the journal and other services with changed settings read their original ones again
  case $active in
    active)
      systemctl restart "$unit" 9>&- || {
        echo "remove: $unit does not start again" >&2
        : >"$state/failed"
      }
      ;;
    *) systemctl stop "$unit" 9>&- || : ;;
  esac
done <"$before/services"
if [ -d "$state/kept" ]; then
  install -d -m 0755 /etc/bookstack
  rm -rf "$credentials"
  mv "$state/kept" "$credentials"
  echo "remove: the encrypted secrets are kept in $credentials"
fi
# a secret that was uploaded before the first deploy is ours, too
[ "${2:-}" != --with-secrets ] || rm -rf "$credentials"
rmdir "${credentials%/*}" 2>/dev/null || :
failed=0
[ ! -e "$state/failed" ] || failed=1
rm -rf "$state" "$library"
[ "$failed" = 0 ] || fail "not everything could be undone: see the lines above"
echo "remove: the changes to this host are undone"
