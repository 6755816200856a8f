#!/bin/sh
# Starts CrowdSec as its image does, with the files of this project, and nothing of an earlier start but the database.
set -eu
umask 077

own=/config
config=/etc/crowdsec
data=/var/lib/crowdsec/data
trusted=$own/trusted
enroll_key=/run/secrets/crowdsec_enroll_key
online=$data/online_api_credentials.yaml

# the image's own start fills the directory only while it is empty
cp -RP /staging/etc/crowdsec/. "$config/"
cp -R "$own/etc/." "$config/"

# the image registers the key of a bouncer that it does not know, and never looks at it again: a changed key would be refused
for key in /run/secrets/bouncer_key_*; do
  cscli --error bouncers delete "${key##*/bouncer_}" --ignore-missing
done

# these are never banned: not by a scenario, the community blocklist or a manual decision
cscli --error allowlists delete trusted >/dev/null 2>&1 || :
if [ -s "$trusted" ]; then
  cscli --error allowlists create trusted --description "from the environment file"
  xargs cscli --error allowlists add trusted <"$trusted"
fi

# The community's blocklist needs an account of this machine, which is kept: a new one at each start would be refused before long.
# Without the internet detection goes on without it. The key is used once.
DISABLE_ONLINE_API=true
if [ -s "$enroll_key" ]; then
  if [ -s "$online" ] || { cscli --error capi register >"$online.new" && mv "$online.new" "$online"; }; then
    yq -i ".api.server.online_client.credentials_path = \"$online\"" "$config/config.yaml"
    DISABLE_ONLINE_API=false
    sum=$(sha256sum <"$enroll_key")
    if [ "$sum" != "$(cat "$data/enrolled" 2>/dev/null)" ]; then
      if sh "$own/enroll.sh" "$online" "$enroll_key"; then
        echo "$sum" >"$data/enrolled"
      else
        echo "start: crowdsec.net did not take the key; going on without an account there until the next start" >&2
      fi
    fi
  else
    rm -f "$online.new"
    echo "start: the community's API does not answer; going on without it until the next start" >&2
  fi
fi
export DISABLE_ONLINE_API

exec /bin/bash /docker_start.sh
