#!/bin/sh
# sshd-settings.sh check|apply
#
# sshd understands its configuration, and means what /etc/ssh/sshd_config.d/00-bookstack.conf says, whatever else is configured. What
# differs is printed, and check ends with 3.
set -eu
list=/etc/ssh/sshd_config.d/00-bookstack.conf

# one word a line: what sshd would do for a connection from outside
effective() {
  sshd -T 2>/dev/null | tr '[:upper:]' '[:lower:]'
}

differences() {
  effective >"$work/effective" || {
    echo "sshd does not understand its configuration: $(sshd -t 2>&1 | tail -n 1)"
    return
  }
  grep -v '^#' "$list" | tr '[:upper:]' '[:lower:]' | sed 's/prohibit-password/without-password/' | while read -r line; do
    grep -qxF "$line" "$work/effective" || echo "sshd says otherwise than: $line"
  done
  # what runs may be older than what is configured; with socket activation it starts for the first connection
  if systemctl -q is-active ssh.service; then
    process=$(systemctl show --property=MainPID --value ssh.service)
    if [ "$(stat -c %Y "$list")" -gt "$(date -d "$(systemctl show --property=StateChangeTimestamp --value ssh.service)" +%s)" ] &&
      [ "$(stat -c %Y "$list")" -gt "$(cat /run/bookstack-sshd-reloaded 2>/dev/null || echo 0)" ]; then
      echo "sshd ($process) has not read its configuration since it was changed"
    fi
  fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case ${1:-} in
  check)
    mkdir -p /run/sshd
    differences >"$work/differences"
    cat "$work/differences"
    [ ! -s "$work/differences" ] || exit 3
    ;;
  apply)
    mkdir -p /run/sshd
    sshd -t
    if systemctl -q is-active ssh.service; then systemctl reload ssh.service; fi
    date +%s >/run/bookstack-sshd-reloaded
    ;;
  *)
    echo "usage: $0 check|apply" >&2
    exit 64
    ;;
esac
