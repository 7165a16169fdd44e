#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the initramfs.

modprobe zram || warn "zram-persist: cannot load zram"
