# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034
#
# Reading of /etc/zram-persist/NAME.conf, sourced by what needs it. The lines are
# KEY=VALUE, never executed; those that begin with # are comments.

conf_die() {
	echo "zram-persist: $*" >&2
	return 1
}

# conf_name NAME: what the driver takes as a name.
conf_name() {
	case $1 in
	'' | [.-]* | *[!A-Za-z0-9._-]*) conf_die "'$1' can be no name of a volume" || return 1 ;;
	esac
	[ ${#1} -le 63 ] || conf_die "the name '$1' has more than 63 characters"
}

# conf_size KEY VALUE
conf_size() {
	case $2 in
	*[KMGT]) _number=${2%?} ;;
	*) _number=$2 ;;
	esac
	case $_number in
	'' | 0* | *[!0-9]*) conf_die "$_file: $1=$2 is no size such as 2G" ;;
	esac
}

# conf_yes_no KEY VALUE
conf_yes_no() {
	case $2 in
	yes | no) ;;
	*) conf_die "$_file: $1 is yes or no, not '$2'" ;;
	esac
}

# conf_set KEY VALUE: the keys that there are.
conf_set() {
	case $1 in
	MEM_LIMIT | MEM_RESERVE) [ "$2" = 0 ] || conf_size "$1" "$2" || return 1 ;;
	SIZE) conf_size "$1" "$2" || return 1 ;;
	AUTO | FSCK | REQUIRE_PERSISTENCE) conf_yes_no "$1" "$2" || return 1 ;;
	esac
	case $1 in
	SIZE) SIZE=$2 ;;
	MEM_LIMIT) MEM_LIMIT=$2 ;;
	MEM_RESERVE) MEM_RESERVE=$2 ;;
	ALGORITHM) ALGORITHM=$2 ;;
	ALGORITHM_PARAMS) ALGORITHM_PARAMS=$2 ;;
	FSTYPE) FSTYPE=$2 ;;
	MKFS_OPTIONS) MKFS_OPTIONS=$2 ;;
	MOUNT) MOUNT=$2 ;;
	MOUNT_OPTIONS) MOUNT_OPTIONS=$2 ;;
	SWAP_PRIORITY) SWAP_PRIORITY=$2 ;;
	FSCK) FSCK=$2 ;;
	AUTO) AUTO=$2 ;;
	REQUIRE_PERSISTENCE) REQUIRE_PERSISTENCE=$2 ;;
	*) conf_die "$_file: there is no key '$1'" ;;
	esac
}

# conf_line LINE
conf_line() {
	case $1 in
	'' | '#'*) return 0 ;;
	*=*) ;;
	*) conf_die "$_file: '$1' is not KEY=VALUE" || return 1 ;;
	esac
	_value=${1#*=}
	case $_value in
	\"*\")
		_value=${_value#\"}
		_value=${_value%\"}
		;;
	esac
	conf_set "${1%%=*}" "$_value"
}

# conf_read FILE: sets all variables, to defaults where the file does not. Fails
# with a message that names file and line.
conf_read() {
	_file=$1
	SIZE='' MEM_LIMIT='' MEM_RESERVE='' ALGORITHM='' ALGORITHM_PARAMS=''
	FSTYPE=ext4 MKFS_OPTIONS='' MOUNT='' MOUNT_OPTIONS='' SWAP_PRIORITY=''
	FSCK=yes AUTO=yes REQUIRE_PERSISTENCE=yes

	_name=${_file##*/}
	conf_name "${_name%.conf}" || return 1
	while IFS= read -r _line || [ -n "$_line" ]; do
		conf_line "$_line" || return 1
	done <"$_file"
	[ -n "$SIZE" ] || conf_die "$_file: SIZE is missing" || return 1
	case $MOUNT in
	'' | /*) ;;
	*) conf_die "$_file: MOUNT=$MOUNT does not begin with /" || return 1 ;;
	esac
	case $FSTYPE in
	swap | none)
		[ -z "$MOUNT" ] || conf_die "$_file: FSTYPE=$FSTYPE cannot be mounted"
		;;
	esac
}
