#!/bin/sh
# audit-rules.sh check|apply
#
# The kernel has the audit rules of /etc/audit/rules.d, and accepts no others before the next boot. Differences are printed, and
# check ends with 3.
set -eu

# rules in the words in which the kernel shows them
normal() {
  grep -E '^-[wa]' | sed -e 's/-F key=/-k /' -e 's/auid!=-1/auid!=unset/; s/auid!=4294967295/auid!=unset/' -e 's|/ -p| -p|' | sort
}

wanted() {
  cat /etc/audit/rules.d/*.rules | normal
}

loaded() {
  auditctl -l | normal
}

locked() {
  auditctl -s | grep -qx 'enabled 2'
}

case ${1:-} in
  check)
    [ "$(wanted)" = "$(loaded)" ] && locked && exit 0
    [ "$(wanted)" != "$(loaded)" ] || echo "audit rules can be changed without a reboot"
    if [ "$(wanted)" != "$(loaded)" ]; then
      # they came too late for this boot: the next one takes them, and there is nothing more to do
      if locked && [ -e /run/bookstack-audit-next-boot ] && [ "$(wanted)" = "$(cat /run/bookstack-audit-next-boot)" ]; then exit 0; fi
      echo "the kernel does not hold the audit rules of /etc/audit/rules.d"
    fi
    exit 3
    ;;
  apply)
    if locked; then
      wanted >/run/bookstack-audit-next-boot
      touch /run/reboot-required
      echo "note: audit rules cannot be changed before the next boot; reboot to load the new ones" >&2
    else
      augenrules --load >/run/bookstack-augenrules.log 2>&1 || {
        cat /run/bookstack-augenrules.log >&2
        exit 1
      }
    fi
    ;;
  *)
    echo "usage: $0 check|apply" >&2
    exit 64
    ;;
esac
