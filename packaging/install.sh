#!/bin/sh
# Puts what `npm run build` has made where slurm.conf, cron and people look for it (README.md).
#   packaging/install.sh [--original-names] [--reboot]   on the machine of slurmctld, as root
#       --original-names  the six names of aws-slurm-burst too, as links to asbb
#       --reboot          the wrapper for RebootProgram too; its role then needs ec2:RebootInstances
#   packaging/install.sh --node                          in the image of the nodes, as root: the watcher alone
# DESTDIR=/some/where: everything below it, owned by who runs this (a package, a mounted image, a test).
set -eu
cd "$(dirname "$0")/.."
to=${DESTDIR:-}
dist=${ASBB_DIST:-dist}
original='' reboot='' node=''
for word; do
  case $word in
  --original-names) original=1 ;;
  --reboot) reboot=reboot ;;
  --node) node=1 ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
  esac
done

if [ -n "$node" ]; then
  units=$to/etc/systemd/system
  install -D -m 755 slurm-conf/node/asbb-node-watch "$to/usr/local/sbin/asbb-node-watch"
  install -D -m 644 slurm-conf/node/asbb-node-watch.service "$units/asbb-node-watch.service"
  install -d "$units/multi-user.target.wants"
  ln -sf ../asbb-node-watch.service "$units/multi-user.target.wants/asbb-node-watch.service"
  exit 0
fi

install -D -m 755 "$dist/asbb" "$to/usr/bin/asbb"
for addon in "$dist"/lib/*.node; do
  install -D -m 644 "$addon" "$to/usr/lib/asbb/${addon##*/}"
done
for hook in resume suspend resume-fail epilog $reboot; do
  install -D -m 755 "slurm-conf/$hook" "$to/usr/local/libexec/asbb/$hook"
done
install -D -m 644 slurm-conf/asbb.logrotate "$to/etc/logrotate.d/asbb"
if [ -n "$original" ]; then
  for name in burst burst-resume burst-suspend burst-state-manager burst-validate burst-export-performance; do
    ln -sf asbb "$to/usr/bin/aws-slurm-$name"
  done
fi
if [ -z "$to" ]; then
  install -d -o slurm -g slurm -m 750 /var/lib/asbb
  install -d -o slurm /var/spool/asbx /etc/asbb
else
  install -d -m 750 "$to/var/lib/asbb"
  install -d "$to/var/spool/asbx" "$to/etc/asbb"
fi
