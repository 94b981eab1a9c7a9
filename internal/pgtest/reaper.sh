# Stops and removes the test cluster in folder $1 when no process has used it for $2 seconds.
# A process that uses it holds a shared lock on $1.users, which the kernel releases when it ends.
set -u
folder=$1
idle=$2
exec </dev/null >/dev/null 2>&1 9>"$folder.reaper"
flock --nonblock 9 || exit 0

while :; do
	flock --exclusive "$folder.users" true
	sleep "$idle"
	exec 8>"$folder.lock"
	flock 8 # nobody can start or join the cluster now
	used=$(stat -c %Y "$folder.users")
	if [ $(($(date +%s) - used)) -ge "$idle" ] && flock --nonblock --exclusive "$folder.users" true; then
		break
	fi
	flock --unlock 8
done

postmaster=$(head -n 1 "$folder/postmaster.pid") || postmaster=
if [ -n "$postmaster" ] && [ "$(readlink "/proc/$postmaster/cwd")" = "$folder" ]; then
	kill -INT "$postmaster"
	waited=0
	while [ -e "$folder/postmaster.pid" ] && [ $waited -lt 300 ]; do
		sleep 0.1
		waited=$((waited + 1))
	done
	[ -e "$folder/postmaster.pid" ] && exit 1
fi
rm -rf "$folder"
