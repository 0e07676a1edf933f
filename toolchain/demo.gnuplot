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
set grid lc rgb "#cccccc" lt 1 lw 0.5
set key top right opaque width 1
set xrange [0:duration]

# The events: a line through all three panels, and a word in the first.
event_count = system(sprintf("wc -l < %s", events)) + 0
do for [i=1:event_count] {
	event_ns = system(sprintf("sed -n %dp %s | cut -d, -f1", i, events))
	word = system(sprintf("sed -n %dp %s | cut -d, -f2", i, events))
	moment = seconds(event_ns + 0.0)
	set arrow i from moment, graph 0 to moment, graph 1 nohead lc rgb "#cc3333" dt 2 lw 1.5 back
	set label i word at moment, graph 0.93 offset 0.5,0 textcolor rgb "#cc3333" font ",11"
}

set format x ""
set ylabel "tilt [°]"
plot state using (seconds(column("publish_ns"))):(column("tilt (rad)") * 180 / pi) with lines lw 1.5 lc rgb "#1f77b4" title "tilt"

unset label
set ylabel "position [m]"
set key top right
plot state using (seconds(column("publish_ns"))):(column("position (m)")) with lines lw 2 lc rgb "#2ca02c" title "position", \
	state using (seconds(column("publish_ns"))):(column("set_point (m)")) with lines lw 1.5 dt 3 lc rgb "#000000" title "set point on its ramp"

set format x "%g"
set xlabel "time [s]"
set ylabel "motor [V]"
set key top right
plot motor using (seconds(column("publish_ns"))):(column("voltage[0] (V)")) with lines lw 1 lc rgb "#ff7f0e" title "left motor", \
	motor using (seconds(column("publish_ns"))):(column("voltage[1] (V)")) with lines lw 1 lc rgb "#9467bd" title "right motor"
unset multiplot
