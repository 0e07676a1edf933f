# SPDX-License-Identifier: Apache-2.0
# The demo's picture. Needs: folder (with state.csv, motor.csv, events.csv), terminal_name, output_name.
if (terminal_name eq "svg") {
	set terminal svg size 1100,820 dynamic background rgb "white" font "sans,14"
} else {
	set terminal pngcairo size 1100,820 font "sans,12"
}
set output output_name
set datafile separator ","
set datafile missing "NaN"

state = folder . "/state.csv"
motor = folder . "/motor.csv"
events = folder . "/events.csv"

# Time 0 is the first sample of the controller's estimate.
stats state every ::1::1 using "publish_ns" nooutput
zero = STATS_min
seconds(ns) = (ns - zero) / 1e9

set multiplot layout 3,1 title "A balancing robot on takt: sensor → controller → motor at 1 kHz" font ",16" \
	margins 0.09,0.97,0.08,0.90 spacing 0.03
set grid lc rgb "#dddddd"
set key top right opaque
set xrange [0:duration]

# The events: a line through all three panels, and a word in the first.
event_count = system(sprintf("wc -l < %s", events)) + 0
do for [i=1:event_count] {
	time = system(sprintf("sed -n %dp %s | cut -d, -f1", i, events))
	text = system(sprintf("sed -n %dp %s | cut -d, -f2", i, events))
	at = seconds(time + 0.0)
	set arrow i from at, graph 0 to at, graph 1 nohead lc rgb "#cc3333" dt 2 lw 1.5 back
	set label i text at at, graph 0.93 offset 0.5,0 tc rgb "#cc3333" font ",11"
}

set format x ""
set ylabel "tilt [°]"
plot state using (seconds(column("publish_ns"))):(column("tilt") * 180 / pi) with lines lw 1.5 lc rgb "#1f77b4" title "tilt"

unset label
set ylabel "position [m]"
set key bottom right
plot state using (seconds(column("publish_ns"))):(column("position")) with lines lw 2 lc rgb "#2ca02c" title "position", \
	state using (seconds(column("publish_ns"))):(column("set_point")) with lines lw 1.5 dt 3 lc rgb "#000000" title "set point on its ramp"

set format x "%g"
set xlabel "time [s]"
set ylabel "motor [V]"
set key top right
plot motor using (seconds(column("publish_ns"))):(column("voltage[0]")) with lines lw 1 lc rgb "#ff7f0e" title "left motor", \
	motor using (seconds(column("publish_ns"))):(column("voltage[1]")) with lines lw 1 lc rgb "#9467bd" title "right motor"
unset multiplot
