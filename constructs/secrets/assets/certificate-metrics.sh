#!/bin/sh
# certificate-metrics.sh MANIFEST STORE: prints when each certificate of MANIFEST ends, as metrics for Prometheus. One that cannot be read is
# left out: unknown is not good. It reads lines of MANIFEST with fields separated by tabs:
#   watch  NAME FILE first|last    FILE of STORE, or an absolute path. first: when the first certificate of the file ends, as of a
#                                  chain; last: when the last does, as of a list of authorities
set -eu
export LC_ALL=C
manifest=$1
store=$2
tab=$(printf '\t')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ends FILE: the second at which each certificate of the file ends
ends() {
  rm -f "$work"/pem.*
  awk -v into="$work/pem." '/BEGIN CERTIFICATE/ { number++ } number { print >(into sprintf("%04d", number)) }' "$1"
  for pem in "$work"/pem.*; do
    end=$(openssl x509 -noout -enddate -in "$pem" 2>/dev/null) || return 1
    date -u -d "${end#notAfter=}" +%s || return 1
  done
}

echo "# HELP certificate_end_timestamp_seconds When a certificate ends, as its file says."
echo "# TYPE certificate_end_timestamp_seconds gauge"
grep "^watch$tab" "$manifest" | while IFS=$tab read -r _ name file which; do
  case $file in /*) ;; *) file=$store/$file ;; esac
  if [ ! -s "$file" ] || ! ends "$file" >"$work/ends"; then
    echo "certificates: the end of $name cannot be read from $file" >&2
    continue
  fi
  case $which in
    first) end=$(sort -n "$work/ends" | head -n 1) ;;
    *) end=$(sort -n "$work/ends" | tail -n 1) ;;
  esac
  [ -z "$end" ] || printf 'certificate_end_timestamp_seconds{certificate="%s"} %s\n' "$name" "$end"
done
echo "# HELP certificate_check_timestamp_seconds When the ends of the certificates were last read."
echo "# TYPE certificate_check_timestamp_seconds gauge"
echo "certificate_check_timestamp_seconds $(date +%s)"
