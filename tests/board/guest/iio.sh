# SPDX-License-Identifier: Apache-2.0
# A real industrial-I/O accelerometer: the kernel's drivers, libiio, the sensor's source `iio`, and the controller that follows it.
iio_log=/tmp/iio.log
here=/sys/bus/iio/devices/iio:device0

# Before there is a device: a clear message.
sed 's/restart: always.*//' /takt/configs/iio.yaml >/tmp/once.yaml
takt run /tmp/once.yaml --for 1s >$iio_log 2>&1
check "iio: without a device the message says so" grep -q "device 'accel_3d': .*no industrial-I/O device\|device 'accel_3d': there is none" $iio_log

accelerometer 0.2 -0.1 &
accelerometer=$!
check "iio: the kernel's drivers make a device of it" wait_for 10 test -e $here/buffer
sed 's/accel_3d, "rate_hz=100"/no_such_sensor/' /tmp/once.yaml >/tmp/wrong.yaml
takt run /tmp/wrong.yaml --for 1s >/tmp/wrong.log 2>&1
check "iio: a wrong name is told what there is" grep -q "no_such_sensor.*there are: accel_3d (iio:device0)" /tmp/wrong.log
sed 's/"rate_hz=100"/"trigger=none_such"/' /tmp/once.yaml >/tmp/wrong.yaml
takt run /tmp/wrong.yaml --for 1s >/tmp/wrong.log 2>&1
check "iio: a wrong trigger is told what there is" grep -q "there is none called 'none_such'; there are: accel_3d-dev0" /tmp/wrong.log
chmod 755 /tmp
sed 's/^domain: iio/domain: other/' /tmp/once.yaml >/tmp/other.yaml
su -s /bin/sh nobody -c 'PATH=/takt/bin:/bin NO_COLOR=1 takt run /tmp/other.yaml --for 1s' >/tmp/wrong.log 2>&1
chmod 1777 /tmp
check "iio: without the rights the message says which" grep -q "accel_3d.*[Pp]ermission denied.*expected\|only root may\|run as a user who may write" /tmp/wrong.log

takt run /takt/configs/iio.yaml --for 30s >$iio_log 2>&1 &
iio=$!
if wait_for 20 takt topic echo state -d iio --count 1 --for 50ms; then
	takt topic echo imu -d iio --count 50 --format csv >/tmp/imu.csv 2>/dev/null
	# The y axis counts from 0 to 15, in thousandths of g.
	column /tmp/imu.csv 'accel[1]' | awk '{ n = int($1 / 0.00980665 + 0.5); if (NR > 1 && n != (last + 1) % 16) bad++; last = n }
		END { exit bad || NR != 50 }'
	check "iio: 50 samples, none lost, in order, scaled" test $? = 0
	# Time that passes by itself passes at the host's mercy: there a sample may be late, never early.
	longest=11
	case $clock in virtual) ;; *) longest=10000 ;; esac
	awk -F, -v longest=$longest 'NR > 1 { if ($3 > $2 || $3 <= last) bad++; if (NR == 2) first = $3; last = $3 }
		END { mean = (last - first) / 49e6; exit bad || mean < 9 || mean > longest }' /tmp/imu.csv
	check "iio: the times of measurement are the device's, in order, 10 ms apart" test $? = 0
	takt command sensor device -d iio >/tmp/device 2>&1
	cat /tmp/device
	check "iio: device, trigger, rate and clock are set" \
		grep -q 'device=accel_3d .*trigger=accel_3d-dev0 channels=3 rate_hz=100 clock=monotonic .*strange=0' /tmp/device
	tilt() { takt topic echo state -d iio --count 1 --format csv >/tmp/state.csv 2>/dev/null && column /tmp/state.csv tilt; }
	tilt_is() { tilt | awk -v min="$1" -v max="$2" '{ good = $1 > min && $1 < max } END { exit !good }'; }
	check "iio: the controller's estimate is the sensor's tilt" tilt_is 0.19 0.21
	check "iio: no page faults in the loops" no_faults iio
	kill -USR1 $accelerometer
	check "iio: the estimate follows when it moves" wait_for 15 tilt_is -0.11 0.0
	kill $accelerometer
	wait $accelerometer
	check "iio: a device that goes is said" wait_for 5 grep -q "device 'accel_3d': it is gone" $iio_log
	accelerometer 0.1 &
	accelerometer=$!
	check "iio: a device that returns is found again" wait_for 15 tilt_is 0.09 0.11
	takt command sensor quit -d iio >/dev/null 2>&1
else
	fail "iio: no state was published"
fi
kill $iio
wait $iio
kill $accelerometer
wait $accelerometer
[ $failed = 0 ] || show $iio_log
