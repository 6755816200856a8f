#!/bin/sh
# What every part of the host has in common; the steps of one part follow in the same file.
#
#   apply     applies the part; idempotent, and can continue after an interruption
#   check     changes nothing; says in one line each what differs, and ends with 3 if anything does
#   confirm   says over a new connection that the host can still be reached: what apply changed stays
#
# shellcheck disable=SC2016 # commands are given to "ensure" as texts
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
  if ! applying; then return; fi
  for remembered in "$@"; do
    if recorded absent "$remembered" || { [ -e "$before/files$remembered" ] && recorded paths "$remembered"; }; then continue; fi
    # within a directory that is remembered as a whole
    if [ -e "$before/files$remembered" ] || [ -L "$before/files$remembered" ]; then
      record paths "$remembered"
      continue
    fi
    if [ -e "$remembered" ] || [ -L "$remembered" ]; then
      mkdir -p "$before/files$(dirname "$remembered")"
      rm -rf "$before/.copy"
      cp -a "$remembered" "$before/.copy"
      mv "$before/.copy" "$before/files$remembered"
      record paths "$remembered"
    else
      # entries of this list are removed at the end; the other list records what was checked
      record paths "$remembered"
      record absent "$remembered"
    fi
  done
}

# --- rollback of changes that could lock everyone out

# rollback_unless_confirmed RESTORE PATH...: unless a new connection confirms it, the following steps are rolled back by RESTORE with the current content of the paths
# now. The watch begins to count when this script ends, in whatever way, so that a deploy that dies in the middle is undone as well.
rollback_unless_confirmed() {
  if ! applying; then return; fi
  sh "$0" check >/dev/null 2>&1 9>&- || status=$?
  [ "${status:-0}" != 0 ] || return 0
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

# --- steps

# every package, one a line
everything_installed() {
  dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort
}

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# packages NAME...
packages() {
  alive
  for name in "$@"; do
    if installed "$name"; then continue; fi
    if ! applying; then
      differs "package $name is not installed"
      continue
    fi
    if [ -z "$updated" ]; then
      dpkg --configure -a >/dev/null 9>&-
      apt-get -o DPkg::Lock::Timeout=300 -q update >/dev/null 9>&- || fail "apt-get update failed; can this host reach its mirror?"
      updated=yes
    fi
    everything_installed >"$state/.packages"
    DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
      -y -q --no-install-recommends install "$name" >"$state/apt.log" 2>&1 9>&- || fail "the package $name cannot be installed: $(tail -n 5 "$state/apt.log")"
    # with their dependencies, so that exactly these are removed again
    everything_installed | comm -13 "$state/.packages" - >>"$before/packages"
    changed "package $name"
  done
}

# packages_unless COMMAND NAME...: not if another package already provides the command
packages_unless() {
  if command -v "$1" >/dev/null && ! installed "$2"; then return; fi
  shift
  packages "$@"
}

access() {
  stat -c '%a %U:%G' "$1"
}

# directory MODE OWNER PATH
directory() {
  alive
  if [ -d "$3" ] && [ "$(access "$3")" = "${1#0} $2" ]; then return; fi
  if ! applying; then
    if [ -d "$3" ]; then differs "$3 has mode and owner $(access "$3"), not ${1#0} $2"; else differs "$3 is missing"; fi
    return
  fi
  remember "$3"
  install -d -m "$1" -o "${2%:*}" -g "${2#*:}" "$3"
  changed "$3"
}

# file MODE OWNER PATH HANDLER... < text
#   HANDLER: what has to be done once it was changed: restart:UNIT, reload:UNIT, daemon-reload, run:COMMAND
file() {
  alive
  file_mode=$1
  file_owner=$2
  file_path=$3
  shift 3
  if applying; then
    echo "$file_path" >>"$files_seen"
    fresh=$state/.file
  else
    fresh=$(mktemp)
  fi
  cat >"$fresh"
  if [ -L "$file_path" ] || ! cmp -s "$fresh" "$file_path"; then
    write_file "$@"
  elif [ "$(access "$file_path")" != "${file_mode#0} $file_owner" ]; then
    write_file "$@"
  fi
  rm -f "$fresh"
}

write_file() {
  if ! applying; then
    if [ ! -e "$file_path" ]; then
      differs "$file_path is missing"
    elif [ -L "$file_path" ] || ! cmp -s "$fresh" "$file_path"; then
      differs "$file_path has another text"
    else
      differs "$file_path has mode and owner $(access "$file_path"), not ${file_mode#0} $file_owner"
    fi
    return
  fi
  # directories that were created for the file are removed with it
  parent=$(dirname "$file_path")
  while [ ! -d "$parent" ]; do
    missing_parent=$parent
    parent=$(dirname "$parent")
  done
  [ -z "${missing_parent:-}" ] || remember "$missing_parent"
  missing_parent=
  remember "$file_path"
  notify "$@"
  mkdir -p "$(dirname "$file_path")"
  install -m "$file_mode" -o "${file_owner%:*}" -g "${file_owner#*:}" "$fresh" "$file_path.bookstack-new"
  mv -f "$file_path.bookstack-new" "$file_path"
  changed "$file_path"
}

# setting PATH KEY SEPARATOR VALUE HANDLER...: one line in a file of a package
setting() {
  alive
  setting_path=$1
  wanted=$2$3$4
  case $3 in
    # also in a comment
    *=*) pattern="^[#[:space:]]*$2[[:space:]]*=.*" present="^[[:space:]]*$2[[:space:]]*=" ;;
    # words may begin any comment
    *) pattern="^[[:space:]]*$2[[:space:]].*" present="^[[:space:]]*$2[[:space:]]" ;;
  esac
  shift 4
  if [ "$(grep "$present" "$setting_path" 2>/dev/null)" = "$wanted" ]; then return; fi
  if ! applying; then
    differs "$setting_path does not say $wanted"
    return
  fi
  remember "$setting_path"
  notify "$@"
  awk -v pattern="$pattern" -v wanted="$wanted" '
    $0 ~ pattern { if (!done) print wanted; done = 1; next }
    { print }
    END { if (!done) print wanted }' "$setting_path" >"$state/.setting"
  cat "$state/.setting" >"$setting_path"
  rm -f "$state/.setting"
  changed "$setting_path: $wanted"
}

# ensure WHAT TEST COMMAND [UNDO]: runs COMMAND unless TEST succeeds; what TEST prints is what differs
ensure() {
  alive
  if applying && [ -s "$state/pending/$part" ]; then
    [ -z "${4:-}" ] || record undo "$4"
    handle
  fi
  if said=$(eval "$2" 2>/dev/null 9>&-); then return; fi
  if ! applying; then
    if [ -z "$said" ]; then
      differs "$1"
    else
      differences=$((differences + $(printf '%s\n' "$said" | wc -l)))
      printf '%s\n' "$said" | sed "s|^|differs: |"
    fi
    return
  fi
  [ -z "${4:-}" ] || record undo "$4"
  eval "$3" 9>&- || fail "$1: that could not be changed"
  alive
  said=$(eval "$2" 2>/dev/null 9>&-) || fail "$1: was applied but had no effect: $said"
  changed "$1"
}

# service UNIT: starts now and at every boot
service() {
  alive
  if applying; then
    handle
    grep -q "^$1 " "$before/services" 2>/dev/null ||
      echo "$1 $(systemctl is-enabled "$1" 2>/dev/null || :) $(systemctl is-active "$1" 2>/dev/null || :)" >>"$before/services"
  fi
  if ! systemctl -q is-enabled "$1" 2>/dev/null; then
    if applying; then
      systemctl -q enable "$1" || fail "$1 cannot be enabled"
      changed "$1 starts at boot"
    else
      differs "$1 does not start at boot"
    fi
  fi
  if ! systemctl -q is-active "$1"; then
    if applying; then
      systemctl start "$1" 9>&- || fail "$1 does not start; systemctl status and journalctl say why"
      changed "$1 was started"
    else
      differs "$1 does not run"
    fi
  fi
}

# --- what has to be done after a change: kept on disk, so that it is not forgotten when this is interrupted

notify() {
  for handler in "$@"; do
    grep -qxF "$handler" "$state/pending/$part" 2>/dev/null || echo "$handler" >>"$state/pending/$part"
  done
}

handle() {
  pending=$state/pending/$part
  [ -s "$pending" ] || return 0
  if grep -q . "$pending"; then systemctl daemon-reload; fi
  for kind in run reload restart; do
    for handler in $(grep "^$kind:" "$pending" || :); do
      alive
      case $kind in
        run) "${handler#*:}" apply 9>&- ;;
        *) if systemctl -q is-active "${handler#*:}"; then systemctl "$kind" "${handler#*:}" 9>&-; fi ;;
      esac || fail "$kind of ${handler#*:} failed; systemctl status and journalctl say why"
      changed "$kind ${handler#*:}"
    done
  done
  rm -f "$pending"
}

# --- the end

# files that an earlier version of this part installed, and this one does not
forget() {
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
