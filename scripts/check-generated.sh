#!/usr/bin/env bash
# Fails when the generated code is not what the schema generates. It works on
# a copy, so that nothing in the tree is touched.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard |
	while IFS= read -r -d '' file; do if [ -f "$file" ]; then printf '%s\0' "$file"; fi; done |
	tar --create --null --files-from=- | tar --extract --directory "$copy"

cd "$copy"
git init --quiet
git add --all
git -c user.name=check -c user.email=check@localhost commit --quiet --no-gpg-sign --no-verify --message "before"
"$root/scripts/generate.sh" "$copy"
git add --all
if ! git diff --cached --exit-code --stat; then
	echo "The generated code is stale: run make generate and commit the files above." >&2
	exit 1
fi
