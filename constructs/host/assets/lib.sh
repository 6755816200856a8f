#!/bin/sh
# The start and the end of the script of a host part. steps.sh and the steps of the part follow in the same file.
#
#   apply     applies the part; idempotent, and can continue after an interruption
#   check     changes nothing; says in one line each what differs, and ends with 3 if anything does
#   confirm   says over a new connection that the host can still be reached: what apply changed stays
#
# shellcheck shell=dash # Debian policy requires "local" of /bin/sh
# shellcheck disable=SC2016,SC2034,SC2317,SC2329 # steps.sh and the steps of the part use these variables and functions; texts for "sh -c"
set -eu
umask 022
mode=${1:-}
# tests have their own directory, and their own commands in PATH
top=${BOOKSTACK_HOST_TOP:-}
[ -n "$top" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C PATH
state=$top/var/lib/bookstack-host
library=$top/usr/local/lib/bookstack-host
before=$state/before
changes=0
differences=0
updated=
rollback=
part=
files_seen=

fail() {
  echo "$part: $*" >&2
  exit 1
}

changed() {
  changes=$((changes + 1))
  echo "changed: $*"
}

differs() {
  differences=$((differences + 1))
  echo "differs: $*"
}

applying() {
  [ "$mode" = apply ]
}

# --- before the first byte is changed

supported() {
  local found
  # shellcheck disable=SC1090,SC1091
  found=$(. "$top/etc/os-release" && echo "$ID ${VERSION_ID:-}")
  case $found in
    'debian 12' | 'debian 13' | 'ubuntu 22.04' | 'ubuntu 24.04') ;;
    *) fail "this is $found; supported are Debian 12 and 13, Ubuntu 22.04 and 24.04. Nothing was changed" ;;
  esac
  [ "$(id -u)" = 0 ] || fail "only root may do this; log in as root, or let the user run sudo without a password. Nothing was changed"
  [ -n "$top" ] || [ -d /run/systemd/system ] || fail "systemd does not run here. Nothing was changed"
}

# begin PART ENVIRONMENT
begin() {
  local owner
  part=$1
  supported
  owner=$(cat "$state/environment" 2>/dev/null || :)
  [ -z "$owner" ] || [ "$owner" = "$2" ] ||
    fail "the environment $owner hardens this host already; @releaseHost@, or leave out host in $2"
  case $mode in
    apply)
      mkdir -p "$top/run/lock"
      exec 9>"$top/run/lock/bookstack-host.lock"
      flock -w 900 9 || fail "another deploy has worked on this host for 15 minutes"
      install -d -m 0700 "$state" "$before" "$state/pending" "$state/parts"
      install -d -m 0755 "$library" "$library/parts"
      [ -n "$owner" ] || echo "$2" >"$state/environment"
      install -m 0700 "$0" "$library/parts/.$part"
      mv "$library/parts/.$part" "$library/parts/$part"
      files_seen=$state/parts/.$part
      : >"$files_seen"
      ;;
    check) ;;
    confirm)
      confirmed
      exit 0
      ;;
    *)
      echo "usage: $0 apply|check|confirm" >&2
      exit 64
      ;;
  esac
}

# --- how the host was before: what "remove" goes back to

recorded() {
  grep -qxF "$2" "$before/$1" 2>/dev/null
}

record() {
  recorded "$1" "$2" || printf '%s\n' "$2" >>"$before/$1"
}

# remember PATH...: saves the state before the first change
remember() {
  local path
  if ! applying; then return; fi
  for path in "$@"; do
    if recorded absent "$path" || { [ -e "$before/files$path" ] && recorded paths "$path"; }; then continue; fi
    # within a directory that is remembered as a whole
    if [ -e "$before/files$path" ] || [ -L "$before/files$path" ]; then
      record paths "$path"
      continue
    fi
    if [ -e "$path" ] || [ -L "$path" ]; then
      mkdir -p "$before/files$(dirname "$path")"
      rm -rf "$before/.copy"
      cp -a "$path" "$before/.copy"
      mv "$before/.copy" "$before/files$path"
      record paths "$path"
    else
      # entries of this list are removed at the end; the other list records what was checked
      record paths "$path"
      record absent "$path"
    fi
  done
}

# --- rollback of changes that could lock everyone out

# rollback_unless_confirmed RESTORE PATH...: unless a new connection confirms them, the following steps are rolled back: the paths get the
# content that they have now, then the script RESTORE runs. The time counts from the end of this script, also if it is killed
rollback_unless_confirmed() {
  local restore kept
  if ! applying; then return; fi
  if sh "$0" check >/dev/null 2>&1 9>&-; then return; fi
  restore=$1
  shift
  rollback=$state/way-back/$part
  systemctl stop "bookstack-way-back-$part.service" 2>/dev/null || :
  # an unconfirmed rollback point stays the one to return to
  if [ ! -e "$rollback/armed" ]; then
    rm -rf "$rollback"
    install -d -m 0700 "$rollback"
    printf '%s\n' "$@" >"$rollback/paths"
    for kept in "$@"; do [ ! -e "$kept" ] || printf '%s\n' "${kept#/}"; done | tar -C / -cpf "$rollback/files.tar" -T -
    printf '%s\n' "$restore" >"$rollback/restore"
  fi
  echo $$ >"$rollback/process"
  : >"$rollback/armed"
  systemd-run --quiet --collect --unit="bookstack-way-back-$part" "$library/way-back" watch "$part" 9>&-
  echo "rolled back in 60 seconds unless a new connection confirms it"
}

alive() {
  [ -n "$rollback" ] || return 0
  [ ! -e "$rollback/undone" ] || fail "was rolled back meanwhile, because it took too long; deploy again"
  touch "$rollback/armed"
}

confirmed() {
  rollback=$state/way-back/$part
  [ ! -e "$rollback/undone" ] || {
    rm -rf "$rollback"
    fail "nobody could connect within 60 seconds, so the change was rolled back; review the change, then deploy again"
  }
  [ -e "$rollback/armed" ] || return 0
  rm -rf "$rollback"
  systemctl stop "bookstack-way-back-$part.service" 2>/dev/null || :
  echo "confirmed: $part stays"
}

# --- the end

# files that an earlier version of this part installed, and this one does not
forget() {
  local path
  [ -s "$state/parts/$part" ] || return 0
  while read -r path; do
    if grep -qxF "$path" "$files_seen"; then continue; fi
    if [ -e "$before/files$path" ]; then cp -a "$before/files$path" "$path"; else rm -f "$path"; fi
    changed "$path is no part of this any more"
  done <"$state/parts/$part"
}

finish() {
  if ! applying; then
    if [ -s "$state/pending/$part" ]; then differs "an apply was interrupted before: $(tr '\n' ' ' <"$state/pending/$part")"; fi
    if [ -e "$state/way-back/$part/armed" ]; then differs "a change waits for its confirmation, and is rolled back without it"; fi
    if [ "$differences" = 0 ]; then
      echo "$part: as it should be"
      exit 0
    fi
    exit 3
  fi
  handle
  forget
  mv "$files_seen" "$state/parts/$part"
  alive
  echo "$part: $changes changed"
}
