#!/bin/sh
# health.sh: ends well while the scheduler runs.
set -eu
grep -qsx supercronic /proc/[0-9]*/comm
