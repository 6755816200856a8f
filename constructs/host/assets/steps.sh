#!/bin/sh
# The steps of a host part, for apply and check: what differs is counted and printed, or changed. It follows lib.sh in the same file.
#
# shellcheck shell=dash # Debian policy requires "local" of /bin/sh
# shellcheck disable=SC2154,SC2317,SC2329 # lib.sh has the variables, and the steps of the part call the functions
set -eu

# every package, one a line
everything_installed() {
  dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort
}

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# packages NAME...
packages() {
  local name
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
  local new difference
  alive
  if applying; then
    echo "$3" >>"$files_seen"
    new=$state/.file
  else
    new=$(mktemp)
  fi
  cat >"$new"
  difference=$(file_difference "$new" "$@")
  if [ -n "$difference" ]; then
    if applying; then write_file "$new" "$@"; else differs "$difference"; fi
  fi
  rm -f "$new"
}

# file_difference NEW MODE OWNER PATH
file_difference() {
  if [ ! -e "$4" ] && [ ! -L "$4" ]; then
    echo "$4 is missing"
  elif [ -L "$4" ] || ! cmp -s "$1" "$4"; then
    echo "$4 has another text"
  elif [ "$(access "$4")" != "${2#0} $3" ]; then
    echo "$4 has mode and owner $(access "$4"), not ${2#0} $3"
  fi
}

# write_file NEW MODE OWNER PATH HANDLER...
write_file() {
  local new permissions owner path
  new=$1
  permissions=$2
  owner=$3
  path=$4
  shift 4
  remember_parents "$path"
  remember "$path"
  notify "$@"
  mkdir -p "$(dirname "$path")"
  install -m "$permissions" -o "${owner%:*}" -g "${owner#*:}" "$new" "$path.bookstack-new"
  mv -f "$path.bookstack-new" "$path"
  changed "$path"
}

# remember_parents PATH: directories that are created for a file are removed with it
remember_parents() {
  local parent missing
  missing=
  parent=$(dirname "$1")
  while [ ! -d "$parent" ]; do
    missing=$parent
    parent=$(dirname "$parent")
  done
  [ -z "$missing" ] || remember "$missing"
}

# setting PATH KEY SEPARATOR VALUE HANDLER...: one line in a file of a package
setting() {
  local path wanted pattern present
  alive
  path=$1
  wanted=$2$3$4
  case $3 in
    # also in a comment
    *=*) pattern="^[#[:space:]]*$2[[:space:]]*=.*" present="^[[:space:]]*$2[[:space:]]*=" ;;
    # words may begin any comment
    *) pattern="^[[:space:]]*$2[[:space:]].*" present="^[[:space:]]*$2[[:space:]]" ;;
  esac
  shift 4
  if [ "$(grep "$present" "$path" 2>/dev/null)" = "$wanted" ]; then return; fi
  if ! applying; then
    differs "$path does not say $wanted"
    return
  fi
  remember "$path"
  notify "$@"
  awk -v pattern="$pattern" -v wanted="$wanted" '
    $0 ~ pattern { if (!done) print wanted; done = 1; next }
    { print }
    END { if (!done) print wanted }' "$path" >"$state/.setting"
  cat "$state/.setting" >"$path"
  rm -f "$state/.setting"
  changed "$path: $wanted"
}

# ensure WHAT [UNDO]: calls the function "change" unless "is_met" succeeds; what "is_met" prints is what differs. The script of the part
# defines both before the call. UNDO is the command that remove.sh runs
ensure() {
  local output
  alive
  if applying && [ -s "$state/pending/$part" ]; then
    [ -z "${2:-}" ] || record undo "$2"
    handle
  fi
  if output=$(is_met 2>/dev/null 9>&-); then return; fi
  if ! applying; then
    [ -n "$output" ] || output=$1
    differences=$((differences + $(printf '%s\n' "$output" | wc -l)))
    printf '%s\n' "$output" | sed "s|^|differs: |"
    return
  fi
  [ -z "${2:-}" ] || record undo "$2"
  change 9>&- || fail "$1: that could not be changed"
  alive
  output=$(is_met 2>/dev/null 9>&-) || fail "$1: was applied but had no effect: $output"
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
  local handler
  for handler in "$@"; do
    grep -qxF "$handler" "$state/pending/$part" 2>/dev/null || echo "$handler" >>"$state/pending/$part"
  done
}

handle() {
  local pending kind handler
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
