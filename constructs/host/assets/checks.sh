#!/bin/sh
# checks.sh: runs the check of every part of this host, and writes what it found, with counters of the host's defences, as metrics for
# Prometheus: whole or not at all.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C PATH
parts=/usr/local/lib/bookstack-host/parts
directory=/var/lib/node-exporter/textfile
file=$directory/host.prom

# An unknown value is omitted: missing is not zero, and an alert is raised for it.

# metric NAME TYPE HELP: what follows are its values
metric() {
  printf '# HELP %s %s\n# TYPE %s %s\n' "$1" "$3" "$1" "$2"
}

drift() {
  metric host_step_drift gauge "1 if a host part differs from its configuration."
  for part in "$parts"/*; do
    status=0
    output=$(sh "$part" check 2>&1) || status=$?
    [ "$status" = 0 ] || printf '%s\n' "$output" | sed "s/^/${part##*/}: /" >&2
    printf 'host_step_drift{part="%s"} %d\n' "${part##*/}" "$((status != 0))"
  done
}

# packets that UFW and the table for published ports have dropped
blocks() {
  metric host_firewall_blocks_total counter "Packets that the firewall dropped since its rules were loaded."
  {
    for tool in iptables ip6tables; do
      "$tool" -w -nvxL 2>/dev/null | awk '
        /^Chain INPUT \(policy DROP/ { sum += $5 }
        /^Chain / { chain = $2 }
        chain ~ /^ufw6?-/ && $3 == "DROP" { sum += $1 }
        { seen = 1 }
        END { if (seen) print sum + 0 }' || :
    done
    nft list table inet bookstack 2>/dev/null | sed -n 's/.*counter packets \([0-9]*\) .* drop.*/\1/p'
  } | awk '{ sum += $1 } END { if (NR) printf "host_firewall_blocks_total %d\n", sum }'
}

# jails NUMBER-OF: of each jail, its number of that kind
jails() {
  for jail in $(fail2ban-client status 2>/dev/null | sed -n 's/.*Jail list:[[:space:]]*//p' | tr -d ,); do
    found=$(fail2ban-client status "$jail" | sed -n "s/.*$1:[[:space:]]*\([0-9]*\).*/\1/p")
    [ -z "$found" ] || printf '%s{jail="%s"} %d\n' "$2" "$jail" "$found"
  done
}

bans() {
  metric host_fail2ban_bans_total counter "Addresses that Fail2Ban has banned since it was started."
  jails 'Total banned' host_fail2ban_bans_total
  metric host_fail2ban_banned gauge "Addresses that Fail2Ban bans now."
  jails 'Currently banned' host_fail2ban_banned
  metric host_ssh_failed_logins_total counter "Failed SSH logins since Fail2Ban was started."
  found=$(jails 'Total failed' failed | sed -n 's/^failed{jail="sshd"} //p')
  [ -z "$found" ] || echo "host_ssh_failed_logins_total $found"
}

updates() {
  metric host_security_updates_pending gauge "Security updates that wait to be installed."
  if list=$(apt-get -s -o Debug::NoLocking=true upgrade 2>/dev/null); then
    echo "host_security_updates_pending $(printf '%s\n' "$list" | grep -ci '^Inst .*security' || :)"
  fi
  metric host_reboot_required gauge "Whether something waits for a reboot."
  echo "host_reboot_required $(if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then echo 1; else echo 0; fi)"
}

# the last record carries the number of all since the boot
audit() {
  metric host_audit_events_total counter "Events that the kernel has recorded since the boot."
  last=$(tail -n 1 /var/log/audit/audit.log 2>/dev/null | sed -n 's/.*audit([0-9.]*:\([0-9]*\)).*/\1/p')
  [ -z "$last" ] || echo "host_audit_events_total $last"
}

mkdir -p "$directory"
trap 'rm -f "$file.new"' EXIT
{
  drift
  blocks
  bans
  updates
  audit
  metric host_checks_last_run_timestamp_seconds gauge "When the checks of the host ran last."
  echo "host_checks_last_run_timestamp_seconds $(date +%s)"
} >"$file.new"
chmod 0644 "$file.new"
mv "$file.new" "$file"
