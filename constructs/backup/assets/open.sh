#!/bin/sh
# open.sh SET [REMOTE [PARTS]]: fetches and decrypts a set, or the newest one ("latest"), into the scratch space, and makes sure that it is
# what its manifest says. Prints its name. Nothing else is touched; the next run of the backup takes it away again. PARTS
# of a damaged set are left out: names with commas between them.
set -eu
# shellcheck source=/dev/null
. "${BACKUP_ROOT:-}/etc/backup/lib.sh"
# shellcheck source=/dev/null
. "$CONFIG/remotes.sh"

# what it prints is the name of the set
say() { echo "backup: $*" >&2; }

wanted=$1
remote=${2:-}
without=${3:-}
opened=

finish() {
  status=$?
  trap - EXIT
  if [ "$status" != 0 ] && [ "$opened" = no ]; then clean_up; fi
  exit "$status"
}
trap finish EXIT

# file_of PART: the pattern of its files in a set
file_of() {
  case $1 in
    database) echo dump.sql.zst ;;
    secrets) echo secrets ;;
    *) echo "volumes/$1.tar.zst" ;;
  esac
}

fetch() {
  [ "$1" = "$remote" ] || return 0
  known=yes
  reach "$@"
  set_name=$(find_there "$1" "$wanted") || fail "$1 cannot be read: $(restic_error)"
  [ "$set_name" != "" ] || fail "$1 has no set $wanted"
  set -- "$1"
  # a part that is left out is not fetched, because it may be damaged there
  for part in $(printf '%s' "$without" | tr ',' ' '); do set -- "$@" --exclude "$(file_of "$part")"; done
  name=$1
  shift
  damage=
  work "fetches $set_name from $name" restore --no-lock "latest:$SCRATCH/set" --host "$BACKUP_ENVIRONMENT" --tag "$set_name" --target "$SCRATCH/open" "$@" ||
    damage=$(restic_error)
  # without a manifest, nothing was fetched
  [ -s "$SCRATCH/open/manifest.json" ] || [ "$damage" = "" ] || fail "$set_name cannot be fetched from $name: $damage"
  echo "$set_name" >"$RUN/name"
  verify_set "$set_name" "$SCRATCH/open"
}

take_lock 0
opened=no
clean_up
make_room
[ "$without" = "" ] || printf '%s\n' "$without" | tr ',' '\n' >"$SCRATCH/without"
if [ "$remote" != "" ]; then
  each_remote fetch
  [ "${known:-}" = yes ] || fail "there is no remote $remote; the remotes are: $(remote_names | tr '\n' ' ')"
  wanted=$(cat "$RUN/name")
else
  if [ "$wanted" = latest ]; then wanted=$(sets | tail -n 1); fi
  [ "$wanted" != "" ] || fail "there is no set yet; @createBackup@"
  open_set "$wanted" "$SCRATCH/open"
fi
for part in $(printf '%s' "$without" | tr ',' ' '); do
  [ "$part" != secrets ] || rm -rf "$SCRATCH/open/secrets"
  [ "$part" = secrets ] || rm -f "$SCRATCH/open/$(file_of "$part")"
done
mkdir -p "$SCRATCH/open/secrets" "$SCRATCH/open/volumes"
echo "$wanted"
