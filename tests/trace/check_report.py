#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds a report against what was injected, and against the histograms and counters in shared memory of the same run.

usage: check_report.py REPORT.json DELAY.json FOLDER_OF_NODE_INFO LOST"""
import json
import sys

SLOW_CYCLE, SLEEP_US, CYCLES = 100, 5000.0, 200
PERCENTILES = ("p50_us", "p90_us", "p99_us", "p99_9_us", "max_us")
faults = []


def must(is_so, what):
    if not is_so:
        faults.append(what)


def one(rows, kind, /, **wanted):
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    if len(found) != 1:
        print(f"report: {kind} {wanted}: expected one row, found {len(found)}", file=sys.stderr)
        sys.exit(1)
    return found[0]


def check_injected(report, lost):
    """The slow cycle is there with its cause, and whatever stands above it took longer still."""
    cycle = one(report["worst"], "worst cycle", node="source", cycle=SLOW_CYCLE)
    must(cycle["run_us"] >= SLEEP_US, f"cycle {SLOW_CYCLE} ran {cycle['run_us']} us, and it slept {SLEEP_US}")
    wanted = f"between publishing burst #{SLOW_CYCLE} and publishing step #{SLOW_CYCLE}"
    must(wanted in cycle["cause"], f"cycle {SLOW_CYCLE}: the cause is '{cycle['cause']}', expected '{wanted}'")
    must("ran " in cycle["cause"], f"cycle {SLOW_CYCLE}: its cause does not say that it ran long")
    excess = cycle["took_us"] - cycle["usual_us"]
    for row in report["worst"]:
        above = row["rank"] < cycle["rank"]
        other = row["took_us"] - row["usual_us"]
        must(other >= excess if above else other <= excess, f"worst {row['rank']} stands in the wrong place")
    hop = one(report["hops"], "hop", topic="burst", reader="sink", span="publish to read")
    must(hop["lost"] == lost, f"burst: {hop['lost']} lost in the report, and sink says {lost}")
    must(hop["lost"] + hop["count"] == CYCLES, f"burst: {hop['lost']} lost and {hop['count']} read are not {CYCLES}")
    chain = one(report["chains"], "chain", chain="source > step > relay > answer > sink")
    must(chain["count"] == CYCLES and chain["lost"] == 0, f"chain: {chain['count']} and {chain['lost']} lost")
    must(len(report["chains"]) == 1, "there is another chain than the one")


def check_histograms(report, delay, folder):
    """The same percentiles, whether they come from events or from shared memory."""
    for row in delay:
        spans = {"publish to read": ("hops", dict(topic=row["topic"], reader=row["reader"], span="publish to read"))}
        if row["span"] in spans:
            section, wanted = spans[row["span"]]
            ours = one(report[section], "hop", **wanted)
        else:
            ours = one(report["chains"], "chain", chain="source > step > relay > answer > sink")
        for key in ("count", *PERCENTILES):
            must(row[key] == ours[key],
                 f"{row['topic']} at {row['reader']}, {row['span']}: {key} is {row[key]} in shared memory, {ours[key]} in the trace")
    must(len(delay) >= 4, "takt topic delay shows too little")
    for node in ("source", "relay", "sink"):
        with open(f"{folder}/{node}.json", encoding="utf-8") as file:
            info = json.load(file)
        loop = info["loops"][0]
        for span, name in (("begin late", "jitter"), ("run time", "duration")):
            ours = one(report["nodes"], "node", node=node, span=span)
            for key in ("p50", "p99", "max"):
                must(loop[f"{name}_{key}_us"] == ours[f"{key}_us"],
                     f"{node}: {name} {key} is {loop[f'{name}_{key}_us']} in shared memory, {ours[f'{key}_us']} in the trace")
        must(loop["cycles"] == one(report["cycles"], "cycles", node=node)["cycles"], f"{node}: its cycles differ")
        must(loop["overruns"] == one(report["cycles"], "cycles", node=node)["overruns"], f"{node}: its overruns differ")
        for row in info.get("publishes", []):
            ours = one(report["accounts"], "account", topic=row["topic"], node=node, what="published")
            must(ours["counted"] == row["published"] == ours["traced"], f"{node}: {row['topic']} published differs")
        for row in info.get("subscribes", []):
            for what, key in (("read", "got"), ("lost", "lost"), ("skipped", "skipped")):
                ours = one(report["accounts"], "account", topic=row["topic"], node=node, what=what)
                must(ours["counted"] == row[key] == ours["traced"], f"{node}: {row['topic']} {what}: {row[key]} in shared "
                     f"memory, {ours['traced']} in the trace")
    must(all(row["missing"] == 0 and row["is"] == "exact" for row in report["accounts"]), "an account is not whole")


def main():
    report_path, delay_path, folder, lost = sys.argv[1:5]
    with open(report_path, encoding="utf-8") as file:
        report = json.load(file)
    with open(delay_path, encoding="utf-8") as file:
        delay = json.load(file)
    check_injected(report, int(lost))
    check_histograms(report, delay, folder)
    for fault in faults:
        print(f"report: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
