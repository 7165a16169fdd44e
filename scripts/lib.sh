# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the scripts of this folder (sourced, never run): messages, the
# cache, and the few checks that every script wants to make the same way.
#
# Results go to stdout, everything meant for a person goes to stderr, so that
# `tree=$(scripts/kernel-source)` shows its progress and still yields a path.

# shellcheck disable=SC2034  # used by the scripts that source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Everything below the cache can be deleted at any time; it is made again.
CACHE=${ZRAM_PERSIST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/zram-persist}

# Jobs for every make that we start.
JOBS=${JOBS:-$(nproc)}

say() {
	printf '%s\n' "$*" >&2
}

# A message ends with what the reader can do; the caller writes it so.
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# need_space DIR MIB WHAT: fail early and in words, instead of deep inside tar
# or ld. DIR is created if it is missing.
need_space() {
	local dir=$1 mib=$2 what=$3 free

	mkdir -p "$dir" || die "cannot create $dir (needed for $what)"
	free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$mib" ] ||
		die "$what needs $mib MiB in $dir, but only $free MiB are free." \
			"Free some space, or set ZRAM_PERSIST_CACHE to a larger disk."
}

# run_logged LOG CMD...: a long command, quietly. Its end is shown on failure.
run_logged() {
	local log=$1 rc=0

	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	[ "$rc" -eq 0 ] && return 0
	say "--- the end of $log:"
	tail -n 40 "$log" >&2
	die "failed (status $rc): $* (whole log: $log)"
}

# hash_files FILE...: one short key for the contents and names of many files.
hash_files() {
	sha256sum "$@" | sha256sum | cut -c1-12
}

# lock NAME: one builder at a time per cached thing, also between two
# checkouts that share a cache. Held until the script ends.
lock() {
	mkdir -p "$CACHE/locks"
	exec {LOCK_FD}>"$CACHE/locks/$1"
	flock -n "$LOCK_FD" && return 0
	say "waiting for another build of $1 to end"
	flock "$LOCK_FD"
}

# debian_mirror: the main archive that this machine is configured for. That of
# security updates is a different place and has only some packages. Labels are
# known only after an `apt-get update`; without, an archive's usual path has to
# do.
debian_mirror() {
	# apt expands these, not the shell.
	# shellcheck disable=SC2016
	local format='$(CREATED_BY)|$(LABEL)|$(REPO_URI)'

	{
		apt-get indextargets --format "$format"
		apt-get indextargets --no-release-info --format "$format"
	} 2>/dev/null |
		awk -F'|' '
			$1 != "Packages" || $3 ~ /security/ { next }
			$2 == "Debian" && !known { known = $3 }
			$3 ~ /\/debian\/?$/ && !guess { guess = $3 }
			END { print known ? known : guess }'
}
