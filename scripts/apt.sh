# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Packages of another Debian than this machine runs (sourced, never run): through an
# apt with a configuration, lists and state of its own. Of the system's apt nothing
# but the mirror is used.

readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# own_apt DIR [STATUS]: keep all that belongs to it in DIR. STATUS is the list of
# dpkg that says what is installed; without, nothing is.
own_apt() {
	APT_DIR=$1
	command -v apt-get >/dev/null || die "there is no apt-get here."
	[ -f "$KEYRING" ] ||
		die "$KEYRING is missing. Install debian-archive-keyring."
	mkdir -p "$APT_DIR"/{state,lists/partial,cache/archives/partial,download}
	cat >"$APT_DIR/apt.conf" <<-END
		Dir::Etc::SourceList "$APT_DIR/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State "$APT_DIR/state";
		Dir::State::Lists "$APT_DIR/lists";
		Dir::State::status "${2:-/dev/null}";
		Dir::Cache "$APT_DIR/cache";
		APT::Sandbox::User "root";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		Acquire::Languages "none";
		Acquire::AllowInsecureRepositories "false";
		APT::Get::AllowUnauthenticated "false";
	END
}

apt_isolated() {
	APT_CONFIG=$APT_DIR/apt.conf "$@"
}

# use_suite MIRROR SUITE: make this suite the only one that apt_isolated sees.
use_suite() {
	echo "deb [signed-by=$KEYRING] $1 $2 main" >"$APT_DIR/sources.list"
	apt_isolated apt-get -q update >"$APT_DIR/update.log" 2>&1
	! grep -q '^[EW]: .*Failed to fetch' "$APT_DIR/update.log"
}
