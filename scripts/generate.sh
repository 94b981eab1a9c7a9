#!/usr/bin/env bash
# Writes the generated code anew: generate.sh [ROOT]. What an earlier schema
# left behind is removed first.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

find graph -maxdepth 1 -name '*.generated.go' -delete
go run ./internal/generate
