# SPDX-License-Identifier: GPL-2.0
#
# MB/s of each pass, ours beside the kernel's, and the codec alone. Run in the
# folder with the data.
set terminal svg size 1200,900 font "sans,12" background "white"
set output "speed.svg"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set grid ytics lc rgb "#dddddd"
set yrange [0:*]
set ylabel "MB/s"
set datafile missing "?"
set key top left
set multiplot layout 4,2 title "Passes over a device; higher is better"
do for [kind in "write randwrite read randread"] {
	do for [codec in "lz4 zstd"] {
		set title sprintf("%s, %s", kind, codec)
		set logscale y 10
		set yrange [10:*]
		plot kind."-".codec.".dat" using 2:xtic(1) title "ours" lc rgb "#0060ad", \
			"" using 3 title "in-tree zram" lc rgb "#dd9933", \
			"" using 4 title "codec alone" lc rgb "#bbbbbb"
	}
}
unset multiplot
