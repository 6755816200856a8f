#!/bin/sh
# entrypoint.sh web | setup | COMMAND...: starts one of BookStack's processes. Writes nowhere but to memory and volumes.
set -eu
umask 027

for secret in app_key mysql_bookstack_password database_ca.crt; do
  [ -s "/run/secrets/$secret" ] || {
    echo "entrypoint: no secret at /run/secrets/$secret" >&2
    exit 78
  }
done
cd /var/www/bookstack
if [ "${1:-web}" = web ]; then
  # nothing runs yet: whatever is there is of a container that was killed
  find /var/lib/bookstack-scratch -mindepth 1 -delete
else
  # limits that keep one web request from holding a worker would stop a migration halfway
  export PHP_INI_SCAN_DIR="${PHP_INI_SCAN_DIR:-}:/etc/bookstack/php-cli"
fi
mkdir -p /var/lib/bookstack-scratch/temporary /var/lib/bookstack-scratch/uploads
case "${1:-web}" in
  web) exec apache2-foreground -f /etc/bookstack/httpd.conf ;;
  setup) exec php /etc/bookstack/setup.php ;;
  *) exec "$@" ;;
esac
