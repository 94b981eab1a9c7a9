#!/usr/bin/env bash
# Builds the playground's page into console/dist, when its sources or its packages changed.
set -euo pipefail
cd "$(dirname "$0")/../console"

if ! command -v npm >/dev/null; then
	echo "npm is missing: install Node.js 20.19 or newer to build the playground's page." >&2
	exit 1
fi

# fingerprint prints one hash of the names and contents of the given files and folders.
fingerprint() {
	find "$@" -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}
# same says whether a mark holds a fingerprint.
same() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

packages=$(fingerprint package.json package-lock.json)
packages_mark=node_modules/.packages-mark
if ! same "$packages_mark" "$packages"; then
	echo "==> Installing the page's npm packages (about a minute, once)"
	npm ci --no-audit --no-fund --loglevel=error </dev/null
	echo "$packages" >"$packages_mark"
fi

page=$(fingerprint src public index.html package.json package-lock.json *.ts tsconfig.json)
page_mark=node_modules/.page-mark
if ! same "$page_mark" "$page" || [ ! -f dist/index.html ]; then
	echo "==> Building the playground's page"
	npm run --silent build </dev/null
	echo "$page" >"$page_mark"
fi
