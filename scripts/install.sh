#!/usr/bin/env bash
# Installs Debian packages: install.sh WHAT-FOR PACKAGE...
# Without root or apt-get it says in one line what to install, and fails.
set -euo pipefail
what=$1
shift

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "$what is missing: install it (on Debian, as root: apt-get install $*) and try again." >&2
	exit 1
fi
echo "==> Installing $what ($*)"
export DEBIAN_FRONTEND=noninteractive
options=(-qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
apt-get "${options[@]}" update </dev/null
apt-get "${options[@]}" install --yes --no-install-recommends "$@" </dev/null >/dev/null
