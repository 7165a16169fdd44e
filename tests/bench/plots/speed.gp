# SPDX-License-Identifier: GPL-2.0
#
# Speed of each pass as a multiple of that of the kernel's zram, and that of the
# codec alone likewise. Run in the folder with the data.
set terminal svg size 1200,1000 font "sans,12" background "white"
set output "speed.svg"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set grid ytics lc rgb "#dddddd"
set yrange [0:2]
set ytics 0.25
set ylabel "in-tree zram = 1"
set datafile missing "?"
set key outside top right horizontal
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#dd9933" lw 2 front
set multiplot layout 4,2 title "Speed of passes over a device; higher is better, bars of more than 2 are cut"
do for [kind in "write randwrite read randread"] {
	do for [codec in "lz4 zstd"] {
		set title sprintf("%s, %s", kind, codec)
		plot kind."-".codec.".dat" using ($2/$3):xtic(1) title "ours" lc rgb "#0060ad", \
			"" using ($4/$3) title "codec alone" lc rgb "#bbbbbb"
	}
}
unset multiplot
