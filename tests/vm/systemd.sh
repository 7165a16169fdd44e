# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What is different, or can be asked, where systemd is the first process.

# As its administrator would: services end, file systems are unmounted. This
# script is ended, too, so that nothing can be said after it.
kexec_jump() {
	mark "hop $ZP_HOP jumps"
	systemctl --no-block kexec || not_ok "systemctl kexec"
	exec sleep 600
}

# What finish uses: at once. Services are not what is tested any more.
poweroff() {
	systemctl poweroff --force --force
}

# failed_units: their names. Nothing is what one wants to see.
failed_units() {
	systemctl list-units --failed --plain --no-legend | awk '{ print $1 }' | xargs
}

# journal_of UNIT [LINES]: in this boot.
journal_of() {
	journalctl --boot --output=cat --no-pager --unit="$1" --lines="${2:-20}"
}
