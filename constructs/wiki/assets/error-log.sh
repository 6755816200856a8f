#!/bin/sh
# error-log.sh FILE: each line of the input goes to the container's log, and to FILE for those who watch for attacks. FILE is opened for
# each line by its name, so that one that was set aside is followed by a new one, and no line is lost between them.
set -eu
umask 027

while IFS= read -r line || [ -n "$line" ]; do
  printf '%s\n' "$line"
  # a full disk must not end it: Apache would restart it for each line
  printf '%s\n' "$line" >>"$1" || :
done
