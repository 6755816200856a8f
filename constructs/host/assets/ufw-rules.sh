#!/bin/sh
# ufw-rules.sh check|apply
#
# The rules of UFW are exactly those of /etc/bookstack/ufw.rules, one command of ufw a line; "deny" lines come before all others.
# What differs is printed, and check ends with 3.
set -eu
list=/etc/bookstack/ufw.rules

added() {
  ufw show added | grep '^ufw ' || :
}

missing() {
  added >"$work/added"
  grep -vxFf "$work/added" "$list" || :
}

extra() {
  added | grep -vxFf "$list" || :
}

active() {
  ufw status | grep -qx 'Status: active'
}

# each "deny" comes before the first "allow" that is not for one interface
ordered() {
  added | awk '/^ufw deny /{ if (open) late = 1 } /^ufw allow / && !/ in on /{ open = 1 } END { exit late }'
}

# what the kernel holds, whatever ufw believes
live() {
  for tool in iptables ip6tables; do
    rules=$("$tool" -w -S) || return 1
    printf '%s\n' "$rules" | grep -qx -- '-P INPUT DROP' || return 1
    printf '%s\n' "$rules" | grep -Eq -- '^-A INPUT -j ufw6?-before-input$' || return 1
  done
}

# the table that guards published ports, as the file has it
table() {
  nft -s list table inet bookstack 2>/dev/null | cmp -s - /etc/bookstack/table.nft
}

differences() {
  missing | sed 's/^/rule is missing: /'
  extra | sed 's/^/rule is not in the list: /'
  ordered || echo "a rule that denies comes after one that allows"
  active || echo "ufw is not active"
  if active && ! live; then echo "the kernel does not hold the rules of ufw"; fi
  table || echo "the table inet bookstack, which guards published ports, is not as it should be"
}

# run_ufw RULE OPTION...: xargs splits the rule as a shell does, with its quotes around comments, and expands nothing
run_ufw() {
  rule=${1#ufw }
  shift
  printf '%s\n' "$rule" | xargs ufw "$@" >/dev/null
}

delete() {
  run_ufw "$1" --force delete
}

add() {
  case $1 in
    'ufw deny '*) run_ufw "$1" prepend ;;
    *) run_ufw "$1" ;;
  esac
}

apply() {
  missing | while read -r rule; do add "$rule"; done
  extra | while read -r rule; do delete "$rule"; done
  if ! ordered; then
    grep '^ufw deny ' "$list" | while read -r rule; do
      delete "$rule"
      add "$rule"
    done
  fi
  # reloading turns ufw off first: a file that does not load would leave the host open
  nft -c -f /etc/ufw/bookstack.nft
  if active; then ufw reload >/dev/null; else ufw --force enable >/dev/null; fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case ${1:-} in
  check)
    differences >"$work/differences"
    cat "$work/differences"
    [ ! -s "$work/differences" ] || exit 3
    ;;
  apply) apply ;;
  *)
    echo "usage: $0 check|apply" >&2
    exit 64
    ;;
esac
