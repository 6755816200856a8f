#!/bin/sh
# start-replica.sh PROGRAM [ARG...]   starts the program of a service of Docker Swarm as strictly as a container of a single host
#
# A service has no attribute for no-new-privileges, and none for a limit of swap.
set -eu

refuse() {
  echo "start-replica: $*" >&2
  exit 78
}

if [ "$(wc -l </proc/swaps)" -gt 1 ]; then
  refuse "this host has swap, and a service of Docker Swarm would use it; run swapoff -a and remove it from /etc/fstab"
fi
if grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/self/status; then exec "$@"; fi
command -v setpriv >/dev/null || refuse 'privileges could be gained; set "no-new-privileges": true in /etc/docker/daemon.json of this host, or use an image with setpriv'
exec setpriv --no-new-privs "$@"
