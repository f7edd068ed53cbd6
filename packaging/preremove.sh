#!/bin/sh
# Runs before the package is removed or replaced. Data, configuration and
# secrets stay.
set -eu

if [ "${1:-remove}" = remove ] && [ -d /run/systemd/system ]; then
	systemctl disable --now shortwire.service
fi
