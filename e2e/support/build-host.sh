#!/bin/sh
# build-host.sh DIRECTORY KIND SUITE: makes the disk of a Debian server (bookworm, trixie) in DIRECTORY, for the tests of the host. One that is
# "prepared" has SSH on port 12222, an account deploy, and every package that the host parts need; one that is "fresh" has systemd, SSH and
# a key for root. Needs root, debootstrap, mkfs.ext4, and the Debian mirror that this machine uses. A disk that is there is kept.
set -eu
directory=$1
kind=$2
suite=$3
port=12222
packages=ca-certificates,systemd-sysv,udev,dbus,openssh-server,iproute2,ifupdown,isc-dhcp-client,sudo,procps,kmod,cron,linux-image-cloud-amd64,initramfs-tools
more='docker.io apparmor iptables nftables ufw fail2ban python3-systemd auditd jq openssl python3 python3-argon2 gnupg unattended-upgrades logrotate needrestart systemd-timesyncd busybox-static crowdsec-firewall-bouncer lynis'

if [ "$kind" = fresh ]; then
  port=22
  # what every image of Debian for rented servers has
  more='python3 curl'
fi

mkdir -p "$directory"
cd "$directory"
[ ! -s disk.raw ] || exit 0
mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | sed -n 's/^URIs: *//p; s/^deb  *\(\[.*\]  *\)\{0,1\}\(http[^ ]*\) .*/\2/p' | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}
root=$directory/root
rm -rf "$root"
debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror"
cat >"$root/etc/apt/sources.list" <<APT
deb $mirror $suite main
deb $mirror $suite-updates main
deb ${mirror%/}-security $suite-security main
APT
cp /etc/resolv.conf "$root/etc/resolv.conf"
# nothing is started while packages are unpacked
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
# shellcheck disable=SC2086
chroot "$root" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $more"
rm -f "$root/usr/sbin/policy-rc.d" "$root"/var/cache/apt/archives/*.deb
echo host >"$root/etc/hostname"
echo '127.0.0.1 localhost host' >"$root/etc/hosts"
# the mirror is on that side, whatever its address is
host=${mirror#*://}
host=${host%%/*}
routes=$(getent ahostsv4 "${host%%:*}" | cut -d ' ' -f 1 | sort -u | sed 's/.*/  up ip route replace &\/32 via 198.51.100.2 dev eth0/')
cat >"$root/etc/network/interfaces" <<NETWORK
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet dhcp
$routes
# with clients that have their own addresses
auto eth1
iface eth1 inet static
  address 203.0.113.10/24
iface eth1 inet6 static
  address 2001:db8:113::10/64
  dad-attempts 0
NETWORK
echo '/dev/vda / ext4 defaults,errors=remount-ro 0 1' >"$root/etc/fstab"
echo "Port $port" >>"$root/etc/ssh/sshd_config"
# each machine of this disk is the same one
[ -s id ] || ssh-keygen -q -t ed25519 -N '' -f id
install -d -m 0700 "$root/root/.ssh"
install -m 0600 id.pub "$root/root/.ssh/authorized_keys"
if [ "$kind" = prepared ]; then
  chroot "$root" useradd --create-home --shell /bin/bash deploy
  install -d -m 0700 "$root/home/deploy/.ssh"
  install -m 0600 id.pub "$root/home/deploy/.ssh/authorized_keys"
  chroot "$root" chown -R deploy: /home/deploy/.ssh
  echo 'deploy ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/deploy"
  chmod 0440 "$root/etc/sudoers.d/deploy"
fi
for type in rsa ecdsa ed25519; do cut -d ' ' -f 1,2 "$root/etc/ssh/ssh_host_${type}_key.pub"; done >host-keys
cp "$root"/boot/vmlinuz-* kernel
cp "$root"/boot/initrd.img-* initrd
mkfs.ext4 -q -d "$root" disk.raw.new 12G
rm -rf "$root"
mv disk.raw.new disk.raw
