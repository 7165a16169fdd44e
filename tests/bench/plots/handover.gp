# SPDX-License-Identifier: GPL-2.0
#
# What a handover takes longer with data in it. Run in the folder with the data.
set terminal svg size 900,600 font "sans,12" background "white"
set output "handover.svg"
set title "Time from kexec to user space; lower is better"
set xlabel "data handed over, MiB (compressed)"
set ylabel "longer than an empty handover, as a multiple of that"
set logscale x 2
set logscale y 10
set xrange [16:2048]
set yrange [0.001:1000]
set grid lc rgb "#dddddd"
set key top right
plot "handover-device.dat" using 1:2:3:4 with yerrorlines lw 2 pt 7 lc rgb "#0060ad" \
		title "ours", \
	"handover-naive.dat" using 1:2:3:4 with yerrorlines lw 2 pt 5 lc rgb "#bb3333" \
		title "each page by itself"
