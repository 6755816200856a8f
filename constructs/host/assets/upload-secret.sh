#!/bin/sh
# upload-secret.sh ENVIRONMENT TOOL
#
# Passes SECRET_VALUE as the secret SECRET_NAME to TOOL, the secret store of a hardened host, which is uploaded with it. The
# value goes from the environment of this script to the host as a stream: it is no argument of a command and in no file on this machine.
# Without a value it does nothing, so that a run without the secret keeps the stored one. SECRET_LINES is set
# for a secret of several lines.
#
# HOST, PORT and LOGIN are the host's SSH, with the keys in KNOWN_HOSTS and, unless an agent has it, the private key KEY_FILE. Without HOST
# it is this machine.
set -eu
umask 077
environment=$1
tool=$2

fail() {
  echo "secrets: $*" >&2
  exit 1
}

if [ -z "${SECRET_VALUE:-}" ]; then
  echo "secrets: $SECRET_NAME is not among the variables; a stored one is kept"
  exit 0
fi
# a trace of the script does not show the value, and no other program inherits it
set +x
value=$SECRET_VALUE
unset SECRET_VALUE
[ -n "${SECRET_LINES:-}" ] || case $value in
  *[[:space:]]*) fail "$SECRET_NAME must be one word" ;;
esac

here() {
  if [ "$(id -u)" = 0 ]; then sh "$@"; else sudo -n sh "$@"; fi
}

over_ssh() {
  sudo=
  [ "$LOGIN" = root ] || sudo="sudo -n "
  quoted=$(sed "s/'/'\\\\''/g" "$tool")
  set -- -o BatchMode=yes -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$known" -o GlobalKnownHostsFile=/dev/null -o ConnectTimeout=20 -o LogLevel=ERROR
  case ${KEY_FILE:-} in
    '') ;;
    [~]/*) set -- "$@" -o IdentitiesOnly=yes -i "$HOME${KEY_FILE#?}" ;;
    *) set -- "$@" -o IdentitiesOnly=yes -i "$KEY_FILE" ;;
  esac
  ssh "$@" -T -l "$LOGIN" -p "$PORT" -- "$HOST" "${sudo}sh -c '$quoted' sh $environment put $SECRET_NAME"
}

if [ -z "${HOST:-}" ]; then
  printf '%s' "$value" | here "$tool" "$environment" put "$SECRET_NAME"
else
  known=$(mktemp)
  trap 'rm -f "$known"' EXIT
  printf '%s\n' "$KNOWN_HOSTS" >"$known"
  printf '%s' "$value" | over_ssh
fi || fail "$SECRET_NAME could not be uploaded to ${HOST:-this machine}"
echo "secrets: uploaded $SECRET_NAME"
