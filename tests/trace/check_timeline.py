#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds an exported timeline against its format and, where a report of the same trace is given, against that.

usage: check_timeline.py TIMELINE.json [REPORT.json]"""
import json
import sys
from collections import Counter, defaultdict
from decimal import Decimal

faults = []


def must(is_so, what):
    if not is_so and len(faults) < 20:
        faults.append(what)


def ns(time):
    """Exactly: the file has three decimals of a microsecond."""
    scaled = Decimal(time) * 1000
    must(scaled == int(scaled), f"{time} is no whole number of nanoseconds")
    return int(scaled)


def check_format(events):
    for event in events:
        must(event["ph"] in "XisfCM" and isinstance(event["pid"], int) and isinstance(event["tid"], int), f"{event} is no event")
        must(bool(event["name"]), f"{event} has no name")
        must(ns(event["ts"]) >= 0, f"{event['name']} begins before the file does")
        must(event["ph"] != "X" or ns(event["dur"]) >= 0, f"{event['name']} ends before it begins")
        must(event["ph"] != "i" or event["s"] in "tpg", f"{event['name']} is an instant of nothing")
        must(event["ph"] != "C" or Decimal(event["args"]["us"]) >= 0, f"{event['name']} counts nothing")
    named = {kind: {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["name"] == kind}
             for kind in ("process_name", "thread_name")}
    used = {(event["pid"], event["tid"]) for event in events}
    for kind, names in named.items():
        must(set(names) == used, f"{kind} is missing of {used - set(names)}")
    return named["process_name"]


def check_nesting(events):
    """Each slice lies inside of another one of its thread, or beside."""
    threads = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            begin = ns(event["ts"])
            threads[event["tid"]].append((begin, -begin - ns(event["dur"]), event["name"]))
    for slices in threads.values():
        open_ends = []
        for begin, negative_end, name in sorted(slices):
            while open_ends and open_ends[-1] <= begin:
                open_ends.pop()
            must(not open_ends or -negative_end <= open_ends[-1], f"'{name}' at {begin} ns overlaps the slice before it")
            open_ends.append(-negative_end)
    return threads


def check_flows(events):
    """Begin and end of each, later than it began, each within a slice that is what it should be."""
    ends = {kind: {event["id"]: event for event in events if event["ph"] == kind} for kind in "sf"}
    for kind, found in ends.items():
        must(len(found) == sum(event["ph"] == kind for event in events), f"ids of flows ('{kind}') are not unique")
    must(ends["s"].keys() == ends["f"].keys(), f"flows without their other end: {sorted(ends['s'].keys() ^ ends['f'].keys())[:5]}")
    begins = {(event["tid"], ns(event["ts"]), event["cat"]) for event in events if event["ph"] == "X"}
    for number, end in ends["f"].items():
        start = ends["s"].get(number)
        if start is None:
            continue
        must(ns(start["ts"]) <= ns(end["ts"]), f"flow {number} ends before it begins")
        must((start["cat"], start["name"]) == (end["cat"], end["name"]), f"flow {number} has two names")
        must(end.get("bp") == "e", f"flow {number} ends at the next slice, not at its read")
        must((start["tid"], ns(start["ts"]), "publish") in begins, f"flow {number} begins at no publish")
        must((end["tid"], ns(end["ts"]), "read") in begins, f"flow {number} ends at no read")
    return ends["f"]


def check_report(events, processes, flows, report):
    cycles = Counter(processes[event["pid"], event["tid"]] for event in events if event["ph"] == "X" and event["cat"] == "cycle")
    must(cycles == Counter({row["node"]: row["cycles"] for row in report["cycles"]}), f"cycles: {cycles}")
    arrows = Counter((event["name"], processes[event["pid"], event["tid"]]) for event in flows.values())
    hops = [row for row in report["hops"] if row["span"] == "publish to read"]
    must(arrows == Counter({(row["topic"], row["reader"]): row["count"] for row in hops}), f"flows: {arrows}")
    figures = defaultdict(Decimal)
    for event in events:
        if event["ph"] == "C":
            key = processes[event["pid"], event["tid"]], event["name"]
            figures[key] = max(figures[key], Decimal(event["args"]["us"]))
    wanted = {(row["reader"], f"age of {row['topic']}"): row["max_us"] for row in hops}
    wanted.update({(row["node"], row["span"]): row["max_us"] for row in report["nodes"] if row["span"] in ("begin late", "period jitter")})
    for key, value in wanted.items():
        must(abs(figures[key] - Decimal(value)) <= Decimal("0.05"), f"{key}: {figures[key]} in the timeline, {value} in the report")
    worst = report["worst"][0]
    runs = [event for event in events if event["ph"] == "X" and event["name"] == f"cycle {worst['cycle']}" and
            processes[event["pid"], event["tid"]] == worst["node"]]
    must(len(runs) == 1 and ns(runs[0]["dur"]) == int(Decimal(worst["run_us"]) * 1000), f"the worst cycle runs another time: {runs}")
    lost = sum(int(event["name"].split()[1]) for event in events if event["ph"] == "i" and event["name"].startswith("lost "))
    must(lost == sum(row["lost"] for row in hops), f"{lost} samples are lost in the timeline")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        timeline = json.load(file, parse_float=str, parse_int=int)
    events = timeline["traceEvents"]
    must(timeline["otherData"]["clock"] == "CLOCK_MONOTONIC" and int(timeline["otherData"]["origin_ns"]) >= 0, "no origin")
    processes = check_format(events)
    check_nesting(events)
    flows = check_flows(events)
    if len(sys.argv) > 2:
        must(len(events) > 1000, "there is hardly an event")
        with open(sys.argv[2], encoding="utf-8") as file:
            check_report(events, processes, flows, json.load(file, parse_float=str))
    for fault in faults:
        print(f"timeline: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
