#!/bin/sh
# sysctl-values.sh check|apply
#
# The running kernel has the values of /etc/sysctl.d/99-zz-bookstack.conf: what differs is printed, and check ends with 3. The values
# from before the first change are kept, so that the host can go back to them.
set -eu
list=/etc/sysctl.d/99-zz-bookstack.conf
before=/var/lib/bookstack-host/before/sysctl

live() {
  sysctl -n "$1" 2>/dev/null | tr -s '\t ' ' '
}

differences() {
  sed -n 's/^\([a-z][^ =]*\) *= *\(.*\)$/\1 \2/p' "$list" | while read -r key value; do
    # a kernel without IPv6, or with fewer features, has no such key
    [ -e "/proc/sys/$(printf '%s' "$key" | tr . /)" ] || continue
    found=$(live "$key")
    [ "$found" = "$value" ] || echo "$key is $found, not $value"
  done
}

case ${1:-} in
  check)
    found=$(differences)
    [ -n "$found" ] || exit 0
    echo "$found"
    exit 3
    ;;
  apply)
    differences | while read -r key _ value; do
      grep -q "^$key = " "$before" 2>/dev/null || printf '%s = %s\n' "$key" "${value%, not *}" >>"$before"
    done
    sysctl -q -e -p "$list"
    ;;
  *)
    echo "usage: $0 check|apply" >&2
    exit 64
    ;;
esac
