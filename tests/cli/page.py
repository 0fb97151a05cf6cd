# SPDX-License-Identifier: GPL-2.0-or-later
# usage: page.py check PAGE: whether a report is accessible and needs nothing from elsewhere.
#        page.py medians PAGE COMPARISON: whether its curves agree with the table of compare.
#        page.py sums PAGE DIRECTORY: whether its locks, devices and ledger agree with the files.
# Says what is wrong; exit status 1 if anything is.
import collections
import csv
import re
import sys
import xml.etree.ElementTree as ET

problems = []


def wrong(text):
    problems.append(text)


def text_of(element):
    return "".join(element.itertext()).strip()


def check_self_contained(root):
    for element in root.iter():
        if element.tag in ("script", "link", "img", "iframe", "object", "embed", "base", "form"):
            wrong(f"element {element.tag}")
        for name, value in element.attrib.items():
            if name.startswith("on"):
                wrong(f"event handler {name}")
            if name in ("href", "src") and not value.startswith("#"):
                wrong(f"reference {name}={value}")
    style = text_of(root.find("head/style"))
    if re.search(r"url\(|@import|https?:", style):
        wrong("the style sheet refers to something")


def check_ids(root):
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    for one in set(ids):
        if ids.count(one) > 1:
            wrong(f"id {one} twice")
    for e in root.iter():
        for ref in (e.get("aria-labelledby") or "").split() + [(e.get("href") or "#")[1:]]:
            if ref and ref not in ids:
                wrong(f"nothing has id {ref}")


def check_headings(root):
    last = 0
    for e in root.iter():
        if re.fullmatch("h[1-6]", e.tag):
            level = int(e.tag[1])
            if level > last + 1:
                wrong(f"heading {e.tag} '{text_of(e)}' after h{last}")
            if not text_of(e):
                wrong(f"empty {e.tag}")
            last = level
    if len(root.findall(".//h1")) != 1:
        wrong("not one h1")


def check_tables(root):
    for table in root.iter("table"):
        caption = table.find("caption")
        if caption is None or not text_of(caption):
            wrong("table without a caption")
        for th in table.iter("th"):
            if th.get("scope") not in ("col", "row"):
                wrong(f"header cell '{text_of(th)}' without a scope")
        columns = len(table.find("thead/tr"))
        for row in table.findall("tbody/tr"):
            if len(row) != columns:
                wrong(f"table '{text_of(caption)}': {len(row)} cells under {columns} headers")


def check_pictures(root):
    for svg in root.iter("svg"):
        if svg.get("aria-hidden") == "true":
            continue
        if svg.get("role") != "img":
            wrong("picture without role img")
        if not text_of(svg.find("title")) or not re.search(r"\d", text_of(svg.find("desc"))):
            wrong("picture without a text that has its numbers")
        for point in svg.iter("use"):
            if not re.fullmatch(r"s\d+", point.get("class") or ""):
                wrong("point without the colour of its line")


def check(page):
    root = ET.parse(page).getroot()
    if root.get("lang") != "en":
        wrong("no language")
    for part in (check_self_contained, check_ids, check_headings, check_tables, check_pictures):
        part(root)
    if not root.findall(".//main"):
        wrong("no main")


def compared(path, figure, of):
    """Of a table of compare: {(workload, arm, ssds): its text}."""
    found, workload, base = {}, "", ""
    for line in open(path):
        if line.startswith("kernel "):
            workload = re.search(r"workload ([^,]*)", line).group(1)
        fields = re.split(r"  +", line.strip())
        if fields[0] == "ssds":
            base = next(f for f in fields if f.endswith("(base)"))[: -len(" (base)")]
        rest = re.match(rf"\s*(\d+)\s+{re.escape(of)}\s*{re.escape(figure)}\s+(.*)", line)
        if rest:
            arm, _, left, right = rest.group(2).split()[:4]
            found[workload, base, rest.group(1)] = left
            found[workload, arm, rest.group(1)] = right
    return found


def drawn(root, title):
    found = {}
    for table in root.iter("table"):
        caption = text_of(table.find("caption"))
        if not caption.startswith("Medians over the repetitions, "):
            continue
        for row in table.findall("tbody/tr"):
            cells = [text_of(c) for c in row]
            if re.sub(r" \(.*\)$", "", cells[0]) == title:
                found[caption.split(", ", 1)[1], cells[1], cells[2]] = cells[4]
    return found


# A median in the page, the same in the table, and the unit in between
FIGURES = [
    ("Contentions per acquisition", "contended/acquired", "swap_map+cluster"),
    ("Swap-out", "swapout pages/s", ""),
    ("The load's I/O operations", "iops 1/s", ""),
    ("I/O latency, 99th percentile", "lat_p99 ms", ""),
]


def check_medians(page, path):
    root = ET.parse(page).getroot()
    agreed = 0
    for title, figure, of in FIGURES:
        want, have = compared(path, figure, of), drawn(root, title)
        if set(want) != set(have):
            wrong(f"{title}: {sorted(have)} in the page, {sorted(want)} in the comparison")
        for key in set(want) & set(have):
            # compare shows three digits, or whole numbers
            slack = max(0.006 * float(want[key]), 0.51 if float(want[key]) >= 100 else 0)
            if abs(float(want[key]) - float(have[key])) > slack:
                wrong(f"{title}, {key}: {have[key]} in the page, {want[key]} in the comparison")
            agreed += 1
    print(f"{agreed} medians agree")
    if agreed == 0:
        wrong("nothing to agree on")


def rows_of(directory, name):
    return list(csv.DictReader(open(f"{directory}/{name}")))


def tables_below(root, heading):
    """The tables of a section, each with the workload that it stands below."""
    for section in root.iter("section"):
        if text_of(section.find("h2")) != heading:
            continue
        workload = ""
        for e in section.iter():
            if e.tag == "h3":
                workload = text_of(e).split(",")[0]
            if e.tag == "table":
                yield workload, e


def cells_of(table):
    return [[text_of(c) for c in row] for row in table.findall("tbody/tr")]


def check_locks(root, directory):
    rows = rows_of(directory, "locks.csv")
    most = max(int(r["ssds"]) for r in rows)
    sums = collections.Counter()
    for r in rows:
        if int(r["ssds"]) == most:
            key = r["workload"], r["arm"], r["class"], r["device"], r["lock"]
            sums[key] += int(r["contended"])
            sums[key + ("wait",)] += int(r["wait_total_ns"] or 0)
    seen = 0
    for workload, table in tables_below(root, "Locks by wait"):
        arm = text_of(table.find("caption")).split(",")[0]
        waits = []
        for row in cells_of(table):
            key = (workload, arm, *row[:3])
            if sums[key] != int(row[3]):
                wrong(f"{key}: contended {row[3]}, {sums[key]} in locks.csv")
            if row[4] and abs(sums[key + ("wait",)] / 1e6 / float(row[4]) - 1) > 0.0006:
                wrong(f"{key}: waited {row[4]} ms, {sums[key + ('wait',)]} ns in locks.csv")
            waits.append(float(row[4] or -1))
            sums[key] = 0
            seen += 1
        if waits != sorted(waits, reverse=True):
            wrong(f"{workload}, {arm}: not by wait")
    for key, count in sums.items():
        if len(key) == 5 and count:
            wrong(f"{key}: not in the page")
    return seen


def check_devices(root, directory):
    rows = [r for r in rows_of(directory, "metrics.csv") if r["backend"] == "none" and r["arm"]]
    most = max(int(r["ssds"]) for r in rows)
    windows = {tuple(r.values())[:11]: float(r["value"]) for r in rows if r["metric"] == "window"}
    sums = collections.Counter()
    for r in rows:
        if int(r["ssds"]) == most and r["metric"] in ("written", "read") and r["device"]:
            moved = float(r["value"]) * windows[tuple(r.values())[:11]]
            sums[r["workload"], r["arm"], r["device"], r["metric"]] += moved
    seen = 0
    for workload, table in tables_below(root, "Balance of the devices"):
        if "even share" not in text_of(table.find("thead")):
            continue
        for arm, device, written, wshare, read, rshare, _ in cells_of(table):
            for metric, megabytes, share in (("written", written, wshare), ("read", read, rshare)):
                one = sums[workload, arm, device, metric]
                all_of = sum(v for k, v in sums.items() if k[:2] == (workload, arm) and k[3] == metric)
                if abs(one / 1e6 - float(megabytes)) > 0.051:
                    wrong(f"{workload}, {arm}, {device}: {metric} {megabytes} MB, not {one} bytes")
                if abs(100 * one / all_of - float(share.rstrip("%"))) > 0.051:
                    wrong(f"{workload}, {arm}, {device}: {share} {metric}")
            seen += 1
    return seen


def check_ledger(root, directory):
    sums = collections.Counter()
    for r in rows_of(directory, "metrics.csv"):
        if r["metric"].startswith("ledger_"):
            sums[r["metric"].removeprefix("ledger_")] += int(r["value"])
    seen = 0
    for _, table in tables_below(root, "Ledger"):
        for name, events in cells_of(table):
            if sums[name] != int(events):
                wrong(f"ledger: {events} {name}, not {sums[name]}")
            seen += 1
    return seen


def check_sums(page, directory):
    root = ET.parse(page).getroot()
    for part in (check_locks, check_devices, check_ledger):
        seen = part(root, directory)
        print(f"{part.__name__}: {seen} lines agree")
        if not seen:
            wrong(f"{part.__name__}: nothing to agree on")


def check_maps(page, comparison):
    with open(comparison, newline="") as lines:
        rows = {(r["other"], r["workload"], r["device"]): r for r in csv.DictReader(lines) if r["metric"] == "objects_per_page"}
    seen = 0
    for _, table in tables_below(ET.parse(page).getroot(), "Density"):
        arm = text_of(table.find("caption")).split(" against ")[0]
        loads = [text_of(th) for th in table.iter("th") if th.get("scope") == "col"][1:]
        for tr in table.find("tbody"):
            sizes, *cells = list(tr)
            for load, cell in zip(loads, cells, strict=True):
                row = rows[arm, load, text_of(sizes)]
                colour = {"lower": "213,94,0", "higher": "0,114,178"}.get(row["verdict"], "")
                if not row["ratio"]:
                    expected = ""
                else:
                    expected = "%.3f (%.3f..%.3f)" % tuple(float(row[c]) for c in ("ratio", "ratio_lo", "ratio_hi"))
                if text_of(cell) != expected or ("rgba(" in cell.get("style", "")) != bool(colour) or colour not in cell.get("style", ""):
                    wrong(f"{arm}, {load}, {text_of(sizes)}: '{text_of(cell)}' {cell.get('style')}, not '{expected}', {row['verdict']}")
                seen += 1
    print(f"{seen} cells agree")
    if seen != len(rows):
        wrong(f"{seen} cells of maps, {len(rows)} lines")


if sys.argv[1] == "check":
    check(sys.argv[2])
elif sys.argv[1] == "medians":
    check_medians(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "maps":
    check_maps(sys.argv[2], sys.argv[3])
else:
    check_sums(sys.argv[2], sys.argv[3])
for problem in problems:
    print(problem)
sys.exit(bool(problems))
