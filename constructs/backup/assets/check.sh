#!/bin/sh
# check.sh [SUBSET] [SECONDS] [sets]: makes sure that each remote is whole. SUBSET is what restic reads of the data: by default another
# tenth each week, so that everything is read in ten weeks. Waits SECONDS for another run to end. With "sets", it also decrypts each set
# that is kept here, and compares it with its manifest.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"
# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"

subset=${1:-$(($(date +%s) / 604800 % 10 + 1))/10}
failed=

# checked PLACE SET GOOD [PARTS]: for the list of sets; PARTS are damaged
checked() {
  if mkdir -p "$STATE" && echo "$(date +%s) $3 ${4:-}" >"$STATE/.checked"; then mv "$STATE/.checked" "$STATE/checked.$1.$2"; fi
} 2>/dev/null

# inspect_set NAME: a set that is kept here
inspect_set() {
  say "checks $1"
  : >"$RUN/damaged"
  # in a process of its own, because open_set ends the script when a set is damaged
  (open_set "$1" "$SCRATCH/open") 2>"$RUN/problem" &
  if wait "$!"; then
    checked local "$1" 1
  else
    checked local "$1" 0 "$(joined <"$RUN/damaged")"
    cat "$RUN/problem" >&2
    failed="$failed $1"
  fi
  rm -rf "$SCRATCH/open"
}

inspect() {
  reach "$@"
  if find_repository && unlock "$1" && use "$1" && work "checks $1" check --read-data-subset="$subset"; then
    used "$1"
    inspect_manifests "$1" || return 0
    record backup_remote_check_last_success_timestamp_seconds "$(date +%s)" "$1"
    record backup_remote_check_success 1 "$1"
    say "$1 is whole, as far as $subset of it shows"
    return
  fi
  record backup_remote_check_success 0 "$1"
  echo "backup: $1 is not whole, or does not answer: $(restic_error)" >&2
  failed="$failed $1"
  name_damage "$1"
}

# snapshots: id and set of each snapshot of this environment
snapshots() {
  ask "$KNOCK" snapshots --no-lock --json --host "$BACKUP_ENVIRONMENT" || return 1
  # shellcheck disable=SC2153 # SET_NAME is in lib.sh
  jq --raw-output '.[] | "\(.id) \(.tags[0] // "")"' "$RUN/restic.out" | grep -E " $SET_NAME\$" || :
}

# fetch_manifest SNAPSHOT: to $RUN/there
fetch_manifest() {
  mkdir -p "$RUN/there"
  ask "$KNOCK" dump --no-lock "$1" "$SCRATCH/set/manifest.json" || return 1
  cp "$RUN/restic.out" "$RUN/there/manifest.json"
  pieces "$RUN/there" >"$RUN/pieces" && [ -s "$RUN/pieces" ]
}

# inspect_manifests NAME: each set there has the files of its manifest, in their sizes; restic has verified what it read of them
inspect_manifests() {
  snapshots >"$RUN/snapshots" || {
    record backup_remote_check_success 0 "$1"
    failed="$failed $1"
    echo "backup: $1 does not list its sets: $(restic_error)" >&2
    return 1
  }
  bad=
  for note in "$STATE/checked.$1".*; do
    [ ! -e "$note" ] || grep -q " ${note##*.}\$" "$RUN/snapshots" || rm -f "$note"
  done
  while read -r snapshot set_name; do
    if fetch_manifest "$snapshot" && ask "$KNOCK" ls --no-lock --json "$snapshot" "$SCRATCH/set" --recursive &&
      jq --raw-output --arg set "$SCRATCH/set/" 'select(.type == "file") | "\(.path | ltrimstr($set)) \(.size)"' "$RUN/restic.out" |
      grep -v '^manifest.json ' | sort >"$RUN/found" && cut -d ' ' -f 1,2 "$RUN/pieces" | sort | cmp -s - "$RUN/found"; then
      note_parts "$set_name" "$RUN/there"
      # damage that was found stays noted until everything was read
      case $subset in 1/1 | 100%) rm -f "$STATE/checked.$1.$set_name" ;; esac
    else
      checked "$1" "$set_name" 0
      echo "backup: the set $set_name at $1 does not hold the files of its manifest" >&2
      bad=yes
    fi
  done <"$RUN/snapshots"
  [ "$bad" != "" ] || return 0
  record backup_remote_check_success 0 "$1"
  failed="$failed $1"
  return 1
}

# name_damage NAME: which parts of which sets restic cannot read any more, by the blobs and packs that its check named
name_damage() {
  grep -aoE '(blob|pack) [0-9a-f]{64}' "$RUN/restic.log" | sort -u >"$RUN/objects"
  [ -s "$RUN/objects" ] && snapshots >"$RUN/snapshots" || return 0
  what=--pack
  if grep -q '^blob ' "$RUN/objects"; then what=--blob; fi
  ids=$(sed -n "s/^${what#--} //p" "$RUN/objects")
  while read -r snapshot set_name; do
    # shellcheck disable=SC2086 # several ids
    ask "$KNOCK" find --no-lock --json --snapshot "$snapshot" $what $ids || continue
    jq --raw-output --arg set "$SCRATCH/set/" '.[]? | select(.object_type == "blob") | .path | ltrimstr($set)' "$RUN/restic.out" 2>/dev/null |
      sort -u >"$RUN/hit"
    while read -r piece; do part_of "$piece"; done <"$RUN/hit" | sort -u >"$RUN/damaged"
    if [ ! -s "$RUN/damaged" ]; then continue; fi
    checked "$1" "$set_name" 0 "$(joined <"$RUN/damaged")"
    if ! grep -qx manifest.json "$RUN/hit" && fetch_manifest "$snapshot"; then
      echo "backup: the set $set_name at $1 is damaged: $(joined <"$RUN/damaged"); $(rescue "$set_name" "$1")" >&2
    else
      echo "backup: the set $set_name at $1 is damaged: its manifest cannot be read, so no part of it can be verified" >&2
    fi
  done <"$RUN/snapshots"
}

finish() {
  status=$?
  trap - EXIT
  clean_up
  publish || :
  exit "$status"
}

take_lock "${2:-0}"
trap finish EXIT
clean_up
make_room
if [ "${3:-}" = sets ]; then
  for set_name in $(sets); do inspect_set "$set_name"; done
fi
each_remote inspect
[ "$failed" = "" ] || fail "look at:$failed"
