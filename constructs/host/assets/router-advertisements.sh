#!/bin/sh
# router-advertisements.sh check|apply
#
# Docker turns on forwarding for containers with IPv6, and Linux then drops the routes that it has from router advertisements and accepts no
# more of them, unless a network card has accept_ra 2. Cards with 0 are left alone: there a program or a fixed address does it.
set -eu
# a root of another name is for tests
root=${BOOKSTACK_ROOT:-}
cards=$root/proc/sys/net/ipv6/conf
kept=$root/etc/sysctl.d/99-zz-bookstack-router-advertisements.conf

# names of the cards that would lose their routes
losing() {
  for directory in "$cards"/*; do
    name=${directory##*/}
    case $name in all | default | lo | docker* | br-* | bs-* | veth*) continue ;; esac
    [ "$(cat "$directory/accept_ra" 2>/dev/null)" != 1 ] || echo "$name"
  done
}

case ${1:-} in
  check)
    found=$(losing)
    [ -n "$found" ] || exit 0
    printf '%s\n' "$found" | sed 's/$/ ignores router advertisements as soon as Docker forwards IPv6/'
    exit 3
    ;;
  apply)
    losing | while read -r name; do
      # slashes, because the name of a card may have a dot
      line="net/ipv6/conf/$name/accept_ra = 2"
      grep -qxF "$line" "$kept" 2>/dev/null || echo "$line" >>"$kept"
      echo 2 >"$cards/$name/accept_ra"
    done
    ;;
  *)
    echo "usage: $0 check|apply" >&2
    exit 64
    ;;
esac
