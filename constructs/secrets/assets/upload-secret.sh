#!/bin/sh
# upload-secret.sh volume                  stores it in the volume that CONTAINER, which never runs, has at DIRECTORY
# upload-secret.sh host ENVIRONMENT TOOL   passes it to TOOL, the secret tool of a hardened host, which is uploaded with it
#
# Uploads SECRET_VALUE as the secret SECRET_NAME. The value goes from the environment of this script to its target as a stream: it is no
# argument of a command and in no file on this machine. Without a value it does nothing, so that a run without the secret keeps the stored
# one. SECRET_LINES is set for a secret of several lines.
#
# volume: ENDPOINT is the Docker host: unix:///PATH, tcp://HOST:PORT with CERTIFICATE_DIRECTORY or CA, CERTIFICATE and KEY (as PEM), or
# ssh://[USER@]HOST[:PORT] with SSH_OPTIONS (words). Needs curl or the docker command; for ssh:// only ssh.
# host: HOST, PORT and LOGIN are its SSH, with the keys in KNOWN_HOSTS and, unless an agent has it, the private key KEY_FILE. Without HOST
# it is this machine.
set -eu
umask 077

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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- to a volume, as an archive, which is what Docker reads

zeros() {
  head -c "$1" /dev/zero
}

# header CHECKSUM: 512 bytes with owner root and mode 0400
header() {
  printf '%s' "$SECRET_NAME"
  zeros $((100 - ${#SECRET_NAME}))
  printf '0000400\0000000000\0000000000\000%011o\000%011o\000%b0' "$size" 0 "$1"
  zeros 100
  printf 'ustar\00000'
  zeros 64
  printf '0000000\0000000000\000'
  zeros 167
}

# archive: the file as tar writes it
archive() {
  size=$(($(printf '%s' "$value" | wc -c)))
  sum=$(header '        ' | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) sum += $i } END { printf "%06o", sum }')
  header "$sum\\0000 "
  printf '%s' "$value"
  zeros $(((512 - size % 512) % 512 + 1024))
}

# put URL CURL-WORD...: passes the archive to the engine, by its interface
put() {
  url="$1/containers/$CONTAINER/archive?path=$DIRECTORY"
  shift
  curl --silent --show-error --fail --request PUT --header 'Content-Type: application/x-tar' --data-binary @- "$@" "$url"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

engine_over_ssh() {
  host=${ENDPOINT#ssh://}
  # separate options, because ssh's configuration may have another account or port
  set --
  case $host in
    *@*)
      set -- -l "${host%%@*}"
      host=${host#*@}
      ;;
  esac
  case $host in
    *]:* | [![]*:*)
      set -- "$@" -p "${host##*:}"
      host=${host%:*}
      ;;
  esac
  # an IPv6 address is in brackets in a URL
  host=${host#\[}
  host=${host%\]}
  # the options are words
  # shellcheck disable=SC2086
  ssh $SSH_OPTIONS -T "$@" -- "$host" docker cp - "$CONTAINER:$DIRECTORY"
}

engine_over_tls() {
  certificates=${CERTIFICATE_DIRECTORY:-}
  if [ -z "$certificates" ]; then
    certificates=$work
    printf '%s\n' "$CA" >"$certificates/ca.pem"
    printf '%s\n' "$CERTIFICATE" >"$certificates/cert.pem"
    printf '%s\n' "$KEY" >"$certificates/key.pem"
  fi
  if has curl; then
    put "https://${ENDPOINT#tcp://}" --cacert "$certificates/ca.pem" --cert "$certificates/cert.pem" --key "$certificates/key.pem"
  else
    docker --host "$ENDPOINT" --tlsverify --tlscacert "$certificates/ca.pem" --tlscert "$certificates/cert.pem" --tlskey "$certificates/key.pem" \
      cp - "$CONTAINER:$DIRECTORY"
  fi
}

engine_over_socket() {
  if has curl; then
    put http://docker --unix-socket "${ENDPOINT#unix://}"
  else
    docker --host "$ENDPOINT" cp - "$CONTAINER:$DIRECTORY"
  fi
}

to_volume() {
  target=$ENDPOINT
  case $ENDPOINT in
    ssh://*) archive | engine_over_ssh ;;
    tcp://*) archive | engine_over_tls ;;
    *) archive | engine_over_socket ;;
  esac
}

# --- to the tool of a host

tool_here() {
  if [ "$(id -u)" = 0 ]; then sh "$@"; else sudo -n sh "$@"; fi
}

# tool_over_ssh TOOL ENVIRONMENT: the tool is an argument of the remote shell, because its input is the value
tool_over_ssh() {
  sudo=
  [ "$LOGIN" = root ] || sudo="sudo -n "
  printf '%s\n' "$KNOWN_HOSTS" >"$work/known"
  script=$(sed "s/'/'\\\\''/g" "$1")
  command="${sudo}sh -c '$script' sh $2 put $SECRET_NAME"
  set -- -o BatchMode=yes -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$work/known" -o GlobalKnownHostsFile=/dev/null -o ConnectTimeout=20 -o LogLevel=ERROR
  case ${KEY_FILE:-} in
    '') ;;
    [~]/*) set -- "$@" -o IdentitiesOnly=yes -i "$HOME${KEY_FILE#?}" ;;
    *) set -- "$@" -o IdentitiesOnly=yes -i "$KEY_FILE" ;;
  esac
  ssh "$@" -T -l "$LOGIN" -p "$PORT" -- "$HOST" "$command"
}

# to_host ENVIRONMENT TOOL
to_host() {
  target=${HOST:-this machine}
  if [ -z "${HOST:-}" ]; then
    printf '%s' "$value" | tool_here "$2" "$1" put "$SECRET_NAME"
  else
    printf '%s' "$value" | tool_over_ssh "$2" "$1"
  fi
}

kind=${1:-}
case $kind in
  volume | host) shift ;;
  *)
    echo "usage: $0 volume | host ENVIRONMENT TOOL" >&2
    exit 64
    ;;
esac
"to_$kind" "$@" || fail "$SECRET_NAME could not be uploaded to $target"
echo "secrets: uploaded $SECRET_NAME"
