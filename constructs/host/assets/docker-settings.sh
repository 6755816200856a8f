#!/bin/sh
# docker-settings.sh check|apply
#
# /etc/docker/daemon.json has the settings of /etc/bookstack/daemon.json, and keeps whatever else it says: "defaults" count where it says
# nothing, "enforced" in any case. The running daemon has read the file.
set -eu
own=/etc/bookstack/daemon.json
file=/etc/docker/daemon.json

merged() {
  { if [ -s "$file" ]; then cat "$file"; else echo '{}'; fi; } | jq -S --slurpfile own "$own" '$own[0].defaults * . * $own[0].enforced'
}

same() {
  [ -s "$file" ] && [ "$(jq -S . "$file")" = "$(merged)" ]
}

# the running daemon is older than its file
stale() {
  started=$(systemctl show --property=ActiveEnterTimestamp --value docker.service)
  [ "$(stat -c %Y "$file")" -gt "$(date -d "$started" +%s)" ]
}

live() {
  [ "$(docker info --format '{{.LiveRestoreEnabled}} {{.LoggingDriver}}')" = 'true local' ]
}

case ${1:-} in
  check)
    jq -e . "$file" >/dev/null 2>&1 || {
      echo "$file is missing, or no JSON"
      exit 3
    }
    same || {
      jq -r -S -n --slurpfile is "$file" --argjson wanted "$(merged)" \
        '$wanted | to_entries[] | select($is[0][.key] != .value) | "'"$file"' does not say \(.key): \(.value | tojson)"'
      exit 3
    }
    if stale || ! live; then
      echo "dockerd has not read $file since it was changed"
      exit 3
    fi
    ;;
  apply)
    if ! same; then
      merged >"$file.bookstack-new"
      # engines before 23 cannot be asked
      if dockerd --help 2>/dev/null | grep -q -- --validate; then dockerd --validate --config-file "$file.bookstack-new" >/dev/null; fi
      chmod 0644 "$file.bookstack-new"
      mv "$file.bookstack-new" "$file"
    fi
    # first what can be read without a restart: with live-restore the containers go on during it
    systemctl reload docker.service
    sleep 1
    systemctl restart docker.service
    ;;
  *)
    echo "usage: $0 check|apply" >&2
    exit 64
    ;;
esac
