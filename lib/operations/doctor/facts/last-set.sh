# Tries the newest set with the passphrase, and reads its first bytes. Prints "none", "opens", or why it does not open.
. /etc/backup/lib.sh
RUN=$ROOT/run/doctor.$$
trap 'gpgconf --homedir "$RUN/gnupg" --kill gpg-agent >/dev/null 2>&1; rm -rf "$RUN"' EXIT
mkdir -p "$RUN/gnupg"
newest=$(sets | tail -n 1)
if [ "$newest" = "" ]; then
  echo none
elif [ "$(decrypt "$BACKUPS/$newest.tar.gpg" 2>/dev/null | head -c 512 | wc -c)" = 512 ]; then
  echo opens
else
  echo "$newest: $(grep -v '^gpg: AES' "$RUN/gpg.log" | tail -n 1)"
fi
