#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the pictures of a trace against the report of it: what is in their data are the report's figures.

usage: check_pictures.py FOLDER REPORT.json"""
import json
import re
import struct
import sys
import xml.etree.ElementTree
import zlib

NAMES = ("latency-histogram", "latency-cumulative", "jitter", "worst-cycle")
faults = []


def must(is_so, what):
    if not is_so:
        faults.append(what)


def read_script(path):
    """The data blocks, and what is drawn of them: the title that follows '$dataN'."""
    text = open(path, encoding="utf-8").read()
    blocks = {name: [line.split() for line in body.splitlines()] for name, body in re.findall(r"\$(\w+) << END\n(.*?)END\n", text, re.S)}
    titles = dict(re.findall(r"\$(data\d+) .*?title '([^']+)'", text))
    return blocks, titles


def quantile(rows, per_million):
    """As core/histogram.c has it: the end of the bucket in which that value lies."""
    count = sum(int(row[2]) for row in rows)
    rank = max(1, (count * per_million + 999999) // 1000000)
    seen = 0
    for row in rows:
        seen += int(row[2])
        if seen >= rank:
            return int(row[1])
    return 0


def check_png(path):
    data = open(path, "rb").read()
    must(data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) > 2000, f"{path} is no PNG")
    at, pixels, size = 8, b"", (0, 0)
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        must(struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body), f"{path}: {kind} is damaged")
        size = struct.unpack(">II", body[:8]) if kind == b"IHDR" else size
        pixels += body if kind == b"IDAT" else b""
        at += 12 + length
    must(size[0] >= 600 and size[1] >= 150, f"{path} is {size}")
    must(len(set(zlib.decompress(pixels))) > 10, f"{path} is empty")


def check_svg(path, texts):
    root = xml.etree.ElementTree.parse(path).getroot()
    must(root.tag.endswith("}svg"), f"{path} is no SVG")
    said = " ".join("".join(element.itertext()) for element in root.iter() if element.tag.endswith(("}text", "}title")))
    said = re.sub(r"\s+", " ", said.replace("\xa0", " "))
    for text in texts:
        must(text in said, f"{path} does not show '{text}'")


def wanted_latencies(report):
    rows = {row["chain"]: row for row in report["chains"]}
    rows.update({f"{row['topic']} > {row['reader']}": row for row in report["hops"] if row["span"] == "publish to read"})
    return rows


def check_histogram(folder, report):
    blocks, titles = read_script(f"{folder}/latency-histogram.gnuplot")
    wanted = wanted_latencies(report)
    must(set(titles.values()) == set(wanted), f"histograms of {sorted(titles.values())}, expected {sorted(wanted)}")
    for block, name in titles.items():
        row = wanted.get(name, {})
        for key, per_million in (("p50_us", 500000), ("p90_us", 900000), ("p99_us", 990000), ("p99_9_us", 999000), ("max_us", 1000000)):
            value = round(quantile(blocks[block], per_million) / 1e3, 1)
            must(abs(value - row.get(key, -1)) < 0.06, f"histogram of {name}: {key} is {value}, {row.get(key)} in the report")
        must(sum(int(line[2]) for line in blocks[block]) == row.get("count"), f"histogram of {name}: another count")


def check_cumulative(folder, report):
    blocks, titles = read_script(f"{folder}/latency-cumulative.gnuplot")
    wanted = wanted_latencies(report)
    must(set(titles.values()) == set(wanted), f"curves of {sorted(titles.values())}, expected {sorted(wanted)}")
    for block, name in titles.items():
        rows = [(int(x), float(share)) for x, share in blocks[block]]
        must(all(a[0] <= b[0] and a[1] >= b[1] for a, b in zip(rows, rows[1:-1])), f"curve of {name} goes back")
        must(round(rows[-1][0] / 1e3, 1) == wanted[name]["max_us"], f"curve of {name} does not end at the largest value")
        below = [x for x, share in rows if share <= 0.5]
        must(abs(round(below[0] / 1e3, 1) - wanted[name]["p50_us"]) < 0.06, f"curve of {name}: half at {below[0]} ns")


def check_jitter(folder, report):
    blocks, titles = read_script(f"{folder}/jitter.gnuplot")
    wanted = {f"{row['node']}, {row['span']}": row for row in report["nodes"] if row["span"] in ("begin late", "period jitter")}
    must(len(titles) == len(report["cycles"]), f"{len(titles)} loops")
    for block, name in titles.items():
        rows = blocks[block]
        must(max(int(row[3]) for row in rows) == round(wanted[name]["max_us"] * 10) * 100 or
             round(max(int(row[3]) for row in rows) / 1e3, 1) == wanted[name]["max_us"], f"{name}: the largest value is not there")
        must(sum(int(row[5]) for row in rows) == wanted[name]["count"], f"{name}: {sum(int(row[5]) for row in rows)} cycles")
        must(len(rows) <= 512 and all(float(row[0]) <= float(row[4]) + 1e-6 for row in rows), f"{name}: bins are wrong")


def check_worst(folder, report):
    blocks, _ = read_script(f"{folder}/worst-cycle.gnuplot")
    worst = report["worst"][0]
    rows = blocks["rows"]
    steps = [row for row in report["stories"] if row["rank"] == 1]
    must(len(rows) == min(len(steps) + 3, 24), f"{len(rows)} rows for {len(steps)} steps")
    must(int(rows[-1][1]) == round(worst["took_us"] * 1000), f"the worst cycle ends at {rows[-1][1]} ns")
    must(all(int(a[1]) == int(b[0]) for a, b in zip(rows, rows[1:])), "between two rows time is missing")
    longest = [row for row in rows if row[3] == "3"]
    must(len(longest) == 1 and int(longest[0][1]) - int(longest[0][0]) == max(int(row[1]) - int(row[0]) for row in rows if int(row[3])),
         "the longest step is not marked")
    return [f"{worst['cycle']} of {worst['node']}", *(step["what"] for step in steps[:3]), "longest"]


def main():
    folder = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as file:
        report = json.load(file)
    check_histogram(folder, report)
    check_cumulative(folder, report)
    check_jitter(folder, report)
    texts = {name: list(wanted_latencies(report)) for name in NAMES[:2]}
    texts["jitter"] = [row["node"] for row in report["cycles"]]
    texts["worst-cycle"] = check_worst(folder, report)
    for name in NAMES:
        check_svg(f"{folder}/{name}.svg", texts[name])
        check_png(f"{folder}/{name}.png")
    for fault in faults:
        print(f"pictures: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
