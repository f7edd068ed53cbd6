#!/bin/sh
# Runs after the package was unpacked: makes the user, and on a first install
# the two secrets that the configuration names. Starts nothing, because the
# example account must be replaced first; a gateway that runs is restarted.
set -eu

systemd-sysusers shortwire.conf

umask 077
for role in exchange bank; do
	file=/etc/shortwire/$role.token
	if ! [ -e "$file" ]; then
		od -An -N20 -tx1 /dev/urandom | tr -d ' \n' >"$file"
		chown root:shortwire "$file"
		chmod 0640 "$file"
	fi
done

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart shortwire.service
fi
