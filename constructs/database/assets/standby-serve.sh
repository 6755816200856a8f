#!/bin/sh
# Serves the files of the wiki to its standby, read-only, to those who know the password.
set -eu
RCLONE_USER=standby
RCLONE_PASS=$(cat /run/secrets/standby_files_password)
export RCLONE_USER RCLONE_PASS
exec rclone serve webdav /sources --read-only --addr ":$FILES_PORT" --config /dev/null --cache-dir /tmp/rclone --dir-cache-time 1s --vfs-cache-mode off --log-level NOTICE
