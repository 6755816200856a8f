#!/bin/sh
# cluster.sh nodes     labels the nodes in NODES, lines "NAME REPLICA ZONE", by REPLICA_LABEL and ZONE_LABEL
# cluster.sh secrets   copies each file in FILES (one a line) of CONTAINER, which never runs, from /secrets into the Raft log of the managers as a secret
#                      whose name begins with PREFIX, and writes ";FILE=ID:NAME;" lines to /ids of CONTAINER for Terraform, which needs the ids
#
# Runs on a manager, whose engine is DOCKER_HOST. A value goes from docker to docker through a pipe: it is no argument of a command, in no file and in no
# output. A secret with the same value is used again: it has a label with a digest of the value and of a salt that only the manager's root can read.
set -eu
umask 077

fail() {
  echo "cluster: $*" >&2
  exit 1
}

require_manager() {
  [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" = true ] || fail "$DOCKER_HOST is no active manager of a swarm: docker swarm init, or docker swarm unlock after a restart"
}

nodes() {
  echo "$NODES" | while read -r name replica zone; do
    docker node inspect "$name" >/dev/null 2>&1 || fail "the swarm has no node $name; join it: docker swarm join-token worker shows the command; docker node ls shows the names"
    docker node update --label-add "$REPLICA_LABEL=$replica" --label-add "$ZONE_LABEL=$zone" "$name" >/dev/null
  done
}

value() {
  docker cp "$CONTAINER:/secrets/$1" - | tar -xO
}

salt() {
  docker cp "$CONTAINER:/ids/salt" - 2>/dev/null | tar -xO 2>/dev/null || true
}

# write FILE: puts FILE of the current directory into /ids
write() {
  tar -c --owner 0 --group 0 --mode "$2" "$1" | docker cp - "$CONTAINER:/ids"
}

secrets() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  key=$(salt)
  if [ -z "$key" ]; then
    key=$(od -An -N32 -v -tx1 /dev/urandom | tr -d ' \n')
    printf '%s' "$key" >salt
    write salt 0400
  fi
  : >ids
  for file in $FILES; do
    digest=$({
      printf '%s' "$key"
      value "$file"
    } | sha256sum | cut -c 1-16)
    name="$PREFIX-$file-$digest"
    id=$(docker secret ls --quiet --filter "name=$name")
    [ -n "$id" ] || id=$(value "$file" | docker secret create --label "$LABEL" "$name" -)
    printf ';%s=%s:%s;\n' "$file" "$id" "$name" >>ids
  done
  write ids 0444
}

require_manager
case ${1:-} in
  nodes) nodes ;;
  secrets) secrets ;;
  *)
    echo "usage: $0 nodes | secrets" >&2
    exit 64
    ;;
esac
