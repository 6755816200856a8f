#!/bin/sh
# Makes the files of this host those of the source, one volume after the other. What is deleted there is deleted here. supercronic calls it.
set -eu
state=/tmp/sync
mkdir -p "$state"
began=$(date +%s)
password=$(rclone obscure - </run/secrets/standby_source_files_password)
export RCLONE_WEBDAV_URL="http://$LINK_ADDRESS:$LINK_PORT" RCLONE_WEBDAV_VENDOR=rclone RCLONE_WEBDAV_USER=standby RCLONE_WEBDAV_PASS="$password"
for volume in $SYNC_VOLUMES; do
  rclone sync ":webdav:/$volume" "/targets/$volume" --config /dev/null --exclude /.secure-bookstack --timeout 20s --contimeout 10s --retries 1 --max-delete 100000 --log-level ERROR
done
echo "$began" >"$state/last.new"
mv "$state/last.new" "$state/last"
