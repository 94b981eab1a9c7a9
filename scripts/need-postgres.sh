#!/usr/bin/env bash
# Makes sure that PostgreSQL's server programs are on the machine.
set -euo pipefail
cd "$(dirname "$0")"

have_postgres() {
	local folder
	for folder in "${PG_BIN:-}" "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
		if [ -n "$folder" ] && [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
			return 0
		fi
	done
	return 1
}

have_postgres || exec ./install.sh "PostgreSQL" postgresql
