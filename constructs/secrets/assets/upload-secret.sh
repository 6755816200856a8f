#!/bin/sh
# upload-secret.sh
#
# Puts SECRET_VALUE as the file SECRET_NAME into the volume that CONTAINER, which never runs, has at DIRECTORY. The value goes from the
# environment of this script to the Docker host as a stream: it is no argument of a command and in no file on this machine. Without a
# value it does nothing, so that a run without the secret keeps the stored one. SECRET_LINES is set for a secret
# of several lines.
#
# ENDPOINT is the Docker host: unix:///PATH, tcp://HOST:PORT with CERTIFICATE_DIRECTORY or CA, CERTIFICATE and KEY (as PEM), or
# ssh://[USER@]HOST[:PORT] with SSH_OPTIONS (words). Needs curl or the docker command; for ssh:// only ssh.
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
# a trace of the script does not show the value
set +x
[ -n "${SECRET_LINES:-}" ] || case $SECRET_VALUE in
  *[[:space:]]*) fail "$SECRET_NAME must be one word" ;;
esac

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
  size=$(($(printf '%s' "$SECRET_VALUE" | wc -c)))
  sum=$(header '        ' | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) sum += $i } END { printf "%06o", sum }')
  header "$sum\\0000 "
  printf '%s' "$SECRET_VALUE"
  zeros $(((512 - size % 512) % 512 + 1024))
}

# put URL CURL-WORD...: hands the archive to the engine, by its interface
put() {
  url="$1/containers/$CONTAINER/archive?path=$DIRECTORY"
  shift
  curl --silent --show-error --fail --request PUT --header 'Content-Type: application/x-tar' --data-binary @- "$@" "$url"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

over_ssh() {
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

over_tls() {
  if [ -n "${CERTIFICATE_DIRECTORY:-}" ]; then
    certificates=$CERTIFICATE_DIRECTORY
  else
    certificates=$(mktemp -d)
    trap 'rm -rf "$certificates"' EXIT
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

over_socket() {
  if has curl; then
    put http://docker --unix-socket "${ENDPOINT#unix://}"
  else
    docker --host "$ENDPOINT" cp - "$CONTAINER:$DIRECTORY"
  fi
}

case $ENDPOINT in
  ssh://*) archive | over_ssh ;;
  tcp://*) archive | over_tls ;;
  *) archive | over_socket ;;
esac || fail "$SECRET_NAME could not be uploaded to $ENDPOINT"
echo "secrets: uploaded $SECRET_NAME"
