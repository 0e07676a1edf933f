# SPDX-License-Identifier: Apache-2.0
"""Holds a trace of tests/trace/domain.yaml against what the nodes counted in shared memory.

usage: check_events.py TRACE.text NODE.json... [--kinds trace_lttng.h] [--locked]
  --kinds   every event of the provider's header must occur
  --locked  memory could be locked: no cycle may have faulted a page
Exit 0: all holds, and a line says how much that was. Exit 1: what does not, one a line.
"""
import json
import re
import sys

LINE = re.compile(r"\[(\d+)\] .*?takt:(\w+): .*?\{ (domain = .*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( "([^"]*)" : container = \d+ \)|"((?:[^"\\]|\\.)*)"|(-?(?:0x[0-9A-Fa-f]+|\d+)))')
failures = []
checked = 0


def check(condition, text):
    global checked
    checked += 1
    if not condition and len(failures) < 20:
        failures.append(text)


def parse(path):
    events = []
    for line in open(path, encoding="utf-8", errors="replace"):
        found = LINE.match(line.strip())
        if not found:
            check(False, "a line that is no event of takt's: " + line[:120])
            continue
        event = {"event": found[2], "time": int(found[1])}
        for name, label, text, number in FIELD.findall(found[3]):
            event[name] = int(number, 0) if number else label or text
        events.append(event)
    return events


class Trace:
    def __init__(self, events):
        self.events = events
        self.nodes = {e["described"]: e for e in self.of("node_described")}
        self.topics = {e["topic"]: e for e in self.of("topic_described")}
        self.published = {}
        for e in self.of("sample_published"):
            key = (e["topic"], e["number"])
            check(key not in self.published, f"published twice: {key}")
            self.published[key] = e
        self.cycles = {(e["node"], e["loop"], e["cycle"]): e for e in self.of("cycle_begun")}
        self.ends = {(e["node"], e["loop"], e["cycle"]): e for e in self.of("cycle_ended")}

    def of(self, *kinds):
        return [e for e in self.events if e["event"] in kinds]

    def node(self, name):
        return next(index for index, e in self.nodes.items() if e["name"] == name)

    def topic(self, name):
        return next(index for index, e in self.topics.items() if e["name"] == name)


def check_publications(trace, node, counted):
    for told in counted["publishes"]:
        topic = trace.topic(told["topic"])
        mine = [e for e in trace.of("sample_published") if e["node"] == node and e["topic"] == topic]
        what = f"{counted['node']['name']} {told['topic']}"
        check(len(mine) == told["published"], f"{what}: {len(mine)} events, {told['published']} published")
        posts = sum(e["woken_count"] for e in mine)
        check(posts == told["posts"], f"{what}: events tell of {posts} woken, {told['posts']} were posted")
        gone = [e for e in trace.of("sample_abandoned") if e["node"] == node and e["topic"] == topic]
        check(len(gone) == told["abandoned"], f"{what}: {len(gone)} events, {told['abandoned']} abandoned")
        lent = [e for e in trace.of("sample_loaned") if e["node"] == node and e["topic"] == topic]
        back = sum(e["is_loan"] for e in mine) + len(gone)
        check(len(lent) == back, f"{what}: {len(lent)} lent, {back} published or abandoned")
        for e in mine:
            check(bin(e["woken"]).count("1") == e["woken_count"], f"{what}: woken {e}")
            check(e["publish_ns"] <= e["time"], f"{what}: published after it was told {e}")


def check_subscriptions(trace, node, counted):
    for told in counted["subscribes"]:
        topic = trace.topic(told["topic"])
        what = f"{counted['node']['name']} reads {told['topic']}"
        reads = [e for e in trace.of("sample_read", "sample_borrowed") if e["node"] == node and e["topic"] == topic]
        got = [e["number"] for e in reads if not e["is_repeated"]]
        lost = [n for e in trace.of("samples_lost") if e["node"] == node and e["topic"] == topic
                for n in range(e["first"], e["first"] + e["count"])]
        skipped = sum(e["skipped"] for e in reads)
        check(len(got) == told["got"], f"{what}: {len(got)} events, {told['got']} got")
        check(len(lost) == told["lost"], f"{what}: events tell of {len(lost)} lost, {told['lost']} were")
        check(sum(e["lost"] for e in reads) == told["lost"], f"{what}: the reads tell of another loss")
        check(skipped == told["skipped"], f"{what}: events tell of {skipped} skipped, {told['skipped']} were")
        check(sum(e["is_stale"] for e in reads) == told["stale"], f"{what}: stale")
        # Every sample from start to next is read, lost or skipped, once.
        accounted = sorted(got + lost)
        check(len(accounted) == len(set(accounted)), f"{what}: a sample is read and lost")
        check(len(accounted) + skipped == told["next"] - told["start"], f"{what}: the account does not add up")
        check(all(told["start"] <= n < told["next"] for n in accounted), f"{what}: outside start and next")
        for e in reads:
            check_read(trace, what, e)


def check_read(trace, what, read):
    source = trace.published.get((read["topic"], read["number"]))
    check(source is not None, f"{what}: {read['number']} was read and never published")
    if source is None:
        return
    for field in ("publish_ns", "origin_topic", "origin_number", "origin_ns"):
        check(source[field] == read[field], f"{what}: {read['number']}: {field} differs from the publishing")
    check(read["read_ns"] >= read["publish_ns"], f"{what}: read before it was published")
    check(read["age_ns"] == read["read_ns"] - read["publish_ns"], f"{what}: age")
    if read["cycle"]:
        key = (read["node"], read["loop"], read["cycle"])
        begun, ended = trace.cycles.get(key), trace.ends.get(key)
        check(begun is not None and begun["begin_ns"] <= read["read_ns"], f"{what}: in a cycle that was not begun {key}")
        check(ended is None or read["read_ns"] <= ended["end_ns"], f"{what}: after its cycle's end {key}")


def check_wakes(trace):
    for e in trace.of("reader_woken"):
        check(e["began_ns"] <= e["woken_ns"] <= e["time"], f"woken before it slept {e}")
        if e["cause"] == "news" and e["sleeps"] and e["began_ns"]:
            by = trace.published.get((e["topic"], e["number"]))
            check(by is not None and by["woken"] >> e["waiter"] & 1, f"woken by nobody {e}")
            check(by is not None and by["publish_ns"] <= e["woken_ns"], f"woken before the publishing {e}")


def check_loops(trace, node, counted, locked):
    for told in counted["loops"]:
        if not told["cycles"]:
            continue
        mine = {k: e for k, e in trace.cycles.items() if k[0] == node and k[1] == told["loop"]}
        what = f"{counted['node']['name']} loop {told['loop']}"
        check(len(mine) == told["cycles"], f"{what}: {len(mine)} cycles begun, {told['cycles']} counted")
        ends = [e for k, e in trace.ends.items() if k in mine]
        # The last one ends with its loop.
        check(len(ends) == told["cycles"] - 1, f"{what}: {len(ends)} ended")
        faults = sum(e["faults"] for e in ends)
        check(faults == told["faults"], f"{what}: events tell of {faults} faults, {told['faults']} counted")
        check(not locked or faults == 0, f"{what}: {faults} page faults with a session from its start, expected none")
        missed = sum(e["missed"] for e in trace.of("cycle_overrun") if e["node"] == node)
        check(missed == told["overruns"], f"{what}: events tell of {missed} overruns, {told['overruns']} counted")


def check_slow_cycle(trace):
    end = trace.ends[(trace.node("source"), 0, 200)]
    check(end["run_ns"] >= 5_000_000, f"cycle 200 of source slept 5 ms and tells of {end['run_ns']} ns")
    over = [e for e in trace.of("cycle_overrun") if e["node"] == trace.node("source") and e["due_ns"] > end["begin_ns"]]
    check(over and over[0]["missed"] >= 3, "cycle 200 of source slept 5 ms, and no overrun of 3 periods or more follows")


def check_commands(trace):
    for name, line in (("command_parsed", "gain=2.5"), ("command_parsed", "here")):
        check(any(line in e["arguments"] for e in trace.of(name)), f"no {name} with {line}")
    numbers = [e["number"] for e in trace.of("command_received")]
    ended = [e["number"] for e in trace.of("command_applied", "command_refused")]
    check(sorted(numbers) == sorted(ended), f"received {numbers}, applied or refused {ended}")
    check([e["verb"] for e in trace.of("command_executed")] == ["mark"], "mark was not executed by the loop, once")
    check(all(e["loop"] == 0 for e in trace.of("command_executed", "parameters_swapped")), "not by the loop")


def check_locks(trace):
    token = {e["name"]: e["token"] for e in trace.of("node_joined")}
    first_victim = next(e["token"] for e in trace.of("node_joined") if e["name"] == "victim")
    released = {(e["topic"], e["turn"]): e for e in trace.of("lock_released")}
    for e in trace.of("lock_taken"):
        by = released.get((e["topic"], e["turn"]))
        check(by is not None and by["node"] == e["node"] and by["taken_ns"] == e["taken_ns"], f"taken, not released {e}")
        check(by is None or by["released_ns"] >= by["taken_ns"], f"released before it was taken {e}")
        check(by is None or by["time"] >= by["released_ns"], f"told under the lock {e}")
    over = trace.of("lock_taken_over")
    check(len(over) == 1, f"{len(over)} locks taken over, expected one: victim's")
    waits = {e["outcome"]: e for e in trace.of("lock_waited")}
    check(sorted(waits) == ["taken", "taken_over", "timed_out"], f"waits that ended {sorted(waits)}")
    check(waits["timed_out"]["owner"] == token["holder"], "taker's time-out does not name holder")
    check(waits["taken_over"]["owner"] == first_victim, "the lock taken over does not name victim")
    give = [e for e in trace.of("lock_released") if e["node"] == trace.node("holder") and e["is_contended"]]
    met = [e for e in trace.of("lock_waited") if e["node"] == trace.node("taker") and give and
           e["began_ns"] < give[0]["released_ns"] <= e["ended_ns"] and e["turn"] > give[0]["turn"]]
    check(len(give) == 1 and len(met) == 1, f"holder's release ended {len(met)} waits of taker's, expected one")
    for e in trace.of("lock_waited"):
        if e["outcome"] != "timed_out":
            check(released[(e["topic"], e["turn"])]["taken_ns"] == e["ended_ns"], f"waited for another turn {e}")
    found = [e for e in trace.of("node_found_dead") if e["dead_node"] != trace.node("worker")]
    held = sorted({e["held"] for e in found})
    check(held == ["lock", "pin", "place", "topic"], f"found dead with {held}")
    for e in found:
        check(e["token"] == first_victim, f"found dead, and not victim {e}")


def check_queue(trace, counted):
    """The queue's counters, and each item's way: pushed, taken by the one who died, handed out again, given back, taken, acknowledged."""
    counts = counted["counts"]
    dropped = [e["cause"] for e in trace.of("item_dropped")]
    for kind, key in (("item_pushed", "pushed"), ("item_taken", "taken"), ("item_acknowledged", "acknowledged"),
                      ("item_returned", "given_back")):
        check(len(trace.of(kind)) == counts[key], f"queue: {len(trace.of(kind))} {kind}, {counts[key]} {key}")
    again = sum(e["count"] for e in trace.of("items_redelivered"))
    check(again == counts["redelivered"] == 1, f"queue: events tell of {again} redelivered, {counts['redelivered']} were")
    check(len(dropped) == counts["dropped_newest"] == 2, f"queue: dropped {dropped}, {counts['dropped_newest']} were")
    pushed = {e["number"]: e for e in trace.of("item_pushed")}
    taken = trace.of("item_taken")
    check(len(pushed) == 4, f"queue: items {sorted(pushed)}")
    check(sorted(e["number"] for e in trace.of("item_acknowledged")) == sorted(pushed), "queue: each is acknowledged once")
    first = min(pushed)
    ways = [(e["deliveries"], e["is_redelivered"]) for e in taken if e["number"] == first]
    check(ways == [(1, 0), (2, 1), (3, 1)], f"queue: the first item was handed out as {ways}")
    for e in taken:
        check(e["number"] in pushed and e["push_ns"] == pushed[e["number"]]["push_ns"] <= e["take_ns"], f"queue: taken {e}")
    dead = [(e["held"], e["token"]) for e in trace.of("node_found_dead") if e["dead_node"] == trace.node("worker")]
    lost = [e["token"] for e in trace.of("items_redelivered")]
    check(dead == [("place", token) for token in lost], f"queue: dead {dead}, whose items are handed out again {lost}")
    described = trace.of("queue_described")
    check({e["name"] for e in described} == {"jobs"}, f"queue: described as {described}")


def check_names(trace):
    check([trace.nodes[i]["name"] for i in sorted(trace.nodes)] == ["source", "sink", "victim", "holder", "taker", "pusher",
          "worker"], "nodes")
    check([trace.topics[i]["name"] for i in sorted(trace.topics)] ==
          ["fast", "burst", "shared", "out", "last", "told"], "topics")
    fields = {(e["topic"], e["field"]): (e["name"], e["unit"], e["kind"], e["offset"])
              for e in trace.of("field_described")}
    fast = trace.topic("fast")
    expected = {(fast, 0): ("count", "beats", "u64", 0), (fast, 1): ("reserved", "-", "u64", 8)}
    check({k: v for k, v in fields.items() if k[0] == fast} == expected, f"fields {fields}")


def main(words):
    header = words[words.index("--kinds") + 1] if "--kinds" in words else None
    trace = Trace(parse(words[0]))
    check(len(trace.events) > 100, f"{len(trace.events)} events")
    if header:
        kinds = set(re.findall(r"^LTTNG_UST_TRACEPOINT_EVENT\(takt, (\w+),", open(header, encoding="utf-8").read(), re.M))
        check(len(kinds) > 30, f"{len(kinds)} kinds in {header}")
        for kind in sorted(kinds - {e["event"] for e in trace.events}):
            check(False, f"no event {kind}")
        check_slow_cycle(trace)
        check_commands(trace)
        check_locks(trace)
    check_names(trace)
    check_wakes(trace)
    if "--queue" in words:
        check_queue(trace, json.load(open(words[words.index("--queue") + 1], encoding="utf-8")))
    for path in (word for word in words[1:] if word.endswith(".json")):
        counted = json.load(open(path, encoding="utf-8"))
        node = trace.node(counted["node"]["name"])
        check_publications(trace, node, counted)
        check_subscriptions(trace, node, counted)
        check_loops(trace, node, counted, "--locked" in words)
    for failure in failures:
        print("trace: " + failure)
    print(f"trace: {len(trace.events)} events of {len({e['event'] for e in trace.events})} kinds, {checked} checks, "
          f"{len(failures)} failed")
    return 1 if failures else 0


sys.exit(main(sys.argv[1:]))
