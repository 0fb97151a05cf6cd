# SPDX-License-Identifier: GPL-2.0-or-later
# usage: page.py check PAGE: whether a report is accessible and needs nothing from elsewhere.
#        page.py medians PAGE COMPARISON: whether its curves agree with the table of compare.
# Says what is wrong; exit status 1 if anything is.
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


if sys.argv[1] == "check":
    check(sys.argv[2])
else:
    check_medians(sys.argv[2], sys.argv[3])
for problem in problems:
    print(problem)
sys.exit(bool(problems))
