#!/usr/bin/env bash
# Carries out what make prove promises, step by step, and sums up at the end, also when a step has failed. It draws fresh
# companies each time; a failure tells the seed that repeats it, and nothing is written into the tree.
set -uo pipefail
cd "$(dirname "$0")/.."
export RAPID_NOFAILFILE=1

scripts/need-postgres.sh || exit 1
heard=$(mktemp)
failed=()
finished=no

# step runs a command under a title, and remembers the title when the command fails.
step() {
	local title=$1 began=$SECONDS
	shift
	echo "==> $title"
	env "$@" 2>&1 | grep --line-buffered -Ev '^ *=== |^PASS$' | tee -a "$heard"
	[ "${PIPESTATUS[0]}" -eq 0 ] || failed+=("$title")
	echo "    took $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
}

# summed adds up the numbers that stand before some words in what was heard.
summed() { grep -oE "[0-9]+ $1" "$heard" | awk '{ n += $1 } END { print n + 0 }'; }

# summary tells the numbers, and is the script's end whatever happened.
summary() {
	[ "$finished" = yes ] || failed+=("stopped before the end")
	echo "==> $(summed 'decisions compared') decisions compared with the naive model, $(summed 'disagreements?') disagreements"
	echo "==> $(summed 'rules taken away') rules of visibility taken away, $(summed 'rules survived') survived"
	echo "==> $(summed 'guards taken away') guards taken away, $(summed 'guards survived') survived"
	rm -f "$heard"
	if [ ${#failed[@]} -gt 0 ]; then
		printf '==> FAILED: %s\n' "${failed[@]}"
		echo "==> NOT PROVED, after $((SECONDS / 60)) minutes"
		exit 1
	fi
	echo "==> All is proved, in $((SECONDS / 60)) minutes"
}
trap summary EXIT
trap 'exit 1' INT TERM

tests=(go test -count=1 -v -timeout 60m)
step "What the API answers to every user, against the naive model" GUANXI_PROVE=1000000 \
	"${tests[@]}" ./internal/prove -rapid.checks=1000000 -rapid.shrinktime=5m
step "What the SQL of visibility decides, against the naive model" GUANXI_PROVE=1000000 \
	"${tests[@]}" ./access -run '^TestSQLDecidesAsTheNaiveModel$' -rapid.checks=1000000
step "Explanations against the naive model, and rules of visibility taken away one by one" GUANXI_PROVE=100000 \
	"${tests[@]}" ./access -run '^Test(EveryRuleIsMissed|Explanations)'
step "Two who write at once, and rights taken, on two servers" GUANXI_ROUNDS=50 \
	"${tests[@]}" ./cmd/guanxi -run '^Test(A[0-9]|F[0-9]|ADeletedRecord|RatesStay)'
step "Changes to what one cannot read, against the answers before them" GUANXI_PROVE=1 \
	"${tests[@]}" ./server -run '^Test(ChangingWhat|RandomChanges|EachRootField|A33)' -rapid.checks=60
step "Guards taken away one by one" go run ./internal/guards
finished=yes
