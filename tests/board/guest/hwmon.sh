# SPDX-License-Identifier: Apache-2.0
# A real hwmon thermometer, read by the source `machine`; the fan controller answers it.
sensor=""
has_sensor() { ls /sys/class/hwmon/hwmon*/temp1_input; }
wait_for 10 has_sensor
for folder in /sys/class/hwmon/hwmon*; do
	[ -f "$folder/temp1_input" ] && sensor=$folder
done
if [ -z "$sensor" ]; then
	fail "hwmon: the board has no thermometer in /sys/class/hwmon"
else
	reading=$(cat "$sensor/temp1_input")
	echo "hwmon: $(cat "$sensor/name") says $reading millidegrees"
	takt run /takt/configs/machine.yaml --for 30s >/tmp/machine.log 2>&1 &
	machine=$!
	fan_is() { takt topic echo fan -d machine --count 1 --for 3s --format csv >/tmp/fan.csv 2>/dev/null && test "$(column /tmp/fan.csv on)" = "$1"; }
	check "hwmon: the fan is off below its threshold" wait_for 20 fan_is 0
	takt topic echo machine -d machine --count 1 --format csv >/tmp/machine.csv 2>/dev/null
	check "hwmon: the topic has the thermometer's temperature" \
		awk -v a="$(column /tmp/machine.csv temperature)" -v b="$reading" 'BEGIN { d = a - b / 1000; exit !(a != "" && d < 0.1 && d > -0.1) }'
	below=$((reading / 1000 - 5))
	takt param set controller temperature_off_c=$((below - 5)) -d machine >/dev/null && takt param set controller temperature_on_c=$below -d machine >/dev/null
	check "hwmon: the fan goes on above it" wait_for 20 fan_is 1
	check "hwmon: no page faults in the loops" no_faults machine
	kill $machine
	wait $machine
	[ $failed = 0 ] || show /tmp/machine.log
fi
