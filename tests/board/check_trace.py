#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the report of what was recorded on a board against what the demo does: who took part, that all is there, that all times are whole.

usage: check_trace.py REPORT.json HOST"""
import json
import sys

faults = []


def must(is_so, what):
    if not is_so:
        faults.append(what)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    trace = report["trace"]
    must(trace["recorded_on"] == sys.argv[2], f"it was recorded on '{trace['recorded_on']}', expected '{sys.argv[2]}'")
    must(trace["domain"] == "robot", f"its domain is '{trace['domain']}', expected 'robot'")
    for figure in ("discarded_events", "lost_packets", "left_out", "unlinked_reads"):
        must(trace[figure] == 0, f"{figure}: {trace[figure]}, expected 0")
    must(trace["counters"].startswith("all "), f"counters in shared memory: {trace['counters']}")
    must(1 <= trace["length_s"] <= 60, f"it is {trace['length_s']} s long, and the demo ran for 3 s")
    must({row["node"] for row in report["nodes"]} == {"sensor", "controller"}, f"nodes: {report['nodes']}")
    must([row["chain"] for row in report["chains"]] == ["sensor > imu > controller > motor > sensor"], f"chains: {report['chains']}")
    hops = {(row["topic"], row["reader"]): row for row in report["hops"] if row["span"] == "publish to read"}
    must(set(hops) == {("imu", "controller"), ("wheels", "controller"), ("motor", "sensor")}, f"hops: {sorted(hops)}")
    for name, row in hops.items():
        must(row["count"] > 50, f"{name}: {row['count']} samples are too few")
        must(0 < row["p50_us"] <= row["p99_us"] <= row["max_us"] < 60e6, f"{name}: {row}")
    for row in report["cycles"]:
        must(row["cycles"] > 50, f"{row['node']} had {row['cycles']} cycles")
    must(report["worst"] and report["worst"][0]["cause"] and report["stories"], "no worst cycle is told")
    for fault in faults:
        print(f"board: {fault}", file=sys.stderr)
    if not faults:
        print(f"board: {trace['events']} events in {trace['length_s']} s; {trace['counters']}")
    sys.exit(1 if faults else 0)


main()
