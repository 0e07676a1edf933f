#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo in one go on a bare Debian 12: installs what is missing, builds takt, lets a balancing robot run on it for 12 s, and leaves
# the pictures demo.svg and demo.png in build/demo.
#
#   0 s  the robot stands up        6 s  the controller is killed with SIGKILL, and restarted
#   3 s  it is told to move 0.5 m   9 s  a gain changes while it balances
set -eu
cd "$(dirname "$0")/.."
toolchain/setup.sh demo
cmake --preset demo >/dev/null
cmake --build --preset demo -j "$(nproc)" -- --quiet
exec toolchain/demo-run.sh build/demo/bin build/demo 3
