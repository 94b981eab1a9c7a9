#!/usr/bin/env bash
# Fails when a Go file is not formatted by gofmt.
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=$(git ls-files -z --cached --others --exclude-standard -- '*.go' |
	while IFS= read -r -d '' file; do if [ -f "$file" ]; then printf '%s\0' "$file"; fi; done |
	xargs -0 --no-run-if-empty gofmt -l)
if [ -n "$wrong" ]; then
	printf 'Not formatted; run gofmt -w on:\n%s\n' "$wrong" >&2
	exit 1
fi
