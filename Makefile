# make run    serve the sample company on http://127.0.0.1:8080
# make test   everything: formatting, generated code, Go, the page, the browser
# make prove  a million decisions about random companies, each compared with a model written apart; less than an hour
# make bench-search   prints what searches among a million names take, or among GUANXI_BENCH of them; 3 GB of disk
# make bench-net      prints what networks and paths of a million parties take, or of GUANXI_BENCH of them; 3 GB of disk
# make bench-reports  prints what reports on five million opportunities take, or on GUANXI_BENCH of them; half an hour and 8 GB of disk
# make bench-360      measures Customer360, lists, search and the net beside hand-written SQL on a million customers, or BENCH_SCALE of it,
#                     and with BENCH_PEER=1 beside PostGraphile from npm; an hour to fill and 18 GB of disk the first time
.PHONY: run build test prove bench-net bench-search bench-reports bench-360 check lint generate page

SHELL := /bin/bash

# The data folder; the private database and the documents live in it.
GUANXI_HOME ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/guanxi

run:
	@[ -n "$(GUANXI_DATABASE_URL)" ] || scripts/need-postgres.sh
	@[ ! -f console/package.json ] || scripts/build-page.sh || echo "The playground's page could not be built; a plain page takes its place." >&2
	@$(MAKE) --no-print-directory build
	@echo "==> Starting Guanxi (data in $(GUANXI_HOME); Ctrl-C stops it)"
	@GUANXI_HOME="$(GUANXI_HOME)" exec ./bin/guanxi serve --sandbox small

build:
	@echo "==> Building bin/guanxi"
	@go build -o bin/guanxi ./cmd/guanxi

page:
	@[ ! -f console/package.json ] || scripts/build-page.sh

generate:
	@echo "==> Generating code from the schema"
	@scripts/generate.sh

# check is what a commit must pass before any test runs.
check:
	@echo "==> Checking formatting"
	@scripts/check-format.sh
	@echo "==> Checking with go vet"
	@go vet ./...
	@echo "==> Checking that the generated code is fresh"
	@[ ! -f gqlgen.yml ] || scripts/check-generated.sh

lint: check
	@echo "==> Linting"
	@command -v golangci-lint >/dev/null || { echo "golangci-lint is missing: see https://golangci-lint.run for how to install it." >&2; exit 1; }
	@golangci-lint run

test:
	@scripts/need-postgres.sh
	@[ ! -f console/package.json ] || scripts/need-chromium.sh
	@$(MAKE) --no-print-directory page check
	@echo "==> Testing the Go packages on PostgreSQL"
	@set -o pipefail; go test -json -timeout 20m ./... | go run ./internal/testlog
	@$(MAKE) --no-print-directory build
	@[ ! -f console/package.json ] || { echo "==> Testing the page in the browser"; cd console && npm test </dev/null; }
	@echo "==> All tests passed"

prove:
	@scripts/prove.sh

bench-search:
	@go test ./bench -run xxx -bench 'Search' -benchtime 1x -timeout 2h

bench-net:
	@go test ./bench -run xxx -bench Net -benchtime 1x -timeout 2h

bench-reports:
	@go test ./bench -run xxx -bench 'Reports|Feed' -benchtime 1x -timeout 2h

bench-360: build
	@go run ./bench/run360 -scale "$(or $(BENCH_SCALE),1)" $(if $(filter 1,$(BENCH_PEER)),-peer bench/peer) $(BENCH_FLAGS)
