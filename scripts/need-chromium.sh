#!/usr/bin/env bash
# Makes sure that Chromium, which the page's tests drive, is on the machine.
set -euo pipefail
cd "$(dirname "$0")"

[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || exec ./install.sh "Chromium" chromium
