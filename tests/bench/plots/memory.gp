# SPDX-License-Identifier: GPL-2.0
#
# All memory of a device per compressed byte. Run in the folder with the data.
set terminal svg size 1200,900 font "sans,12" background "white"
set output "memory.svg"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set grid ytics lc rgb "#dddddd"
set datafile missing "?"
set key outside top right horizontal
set ylabel "bytes of RAM per\ncompressed byte"
set multiplot layout 3,1 title "Memory that a device takes; lower is better"
do for [i = 1:3] {
	name = word("density frag.after_free frag.after_compact", i)
	set title name noenhanced
	set yrange [0.95:*]
	plot name.".dat" using 2:xtic(1) title "ours" lc rgb "#0060ad", \
		"" using 3 title "in-tree zram" lc rgb "#dd9933"
}
unset multiplot
