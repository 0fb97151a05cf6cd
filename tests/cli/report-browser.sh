#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The report in a browser: no wider than a telephone or a desk, no error, readable by day and night.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

RESULTS=$TOP/results/6.1-tcg-2cpu

# What the page tells the one around it, all its tables open. Of each colour that is drawn with, the
# contrast to the ground, as WCAG 2 has it.
PROBE='<script>
const lamp = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const light = (rgb) => { const [r, g, b] = rgb.match(/[0-9.]+/g).map(Number);
	return 0.2126 * lamp(r) + 0.7152 * lamp(g) + 0.0722 * lamp(b); };
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
addEventListener("load", () => {
	document.querySelectorAll("details").forEach((d) => { d.open = true; });
	const ground = getComputedStyle(document.body).backgroundColor;
	const lines = [...document.querySelectorAll("svg.plot [class^=s]")].map((e) => contrast(getComputedStyle(e).stroke, ground));
	const text = [...document.querySelectorAll("p, td, th, h2, caption, summary, svg text")].map((e) =>
		contrast(getComputedStyle(e)[e.tagName === "text" ? "fill" : "color"], ground));
	parent.postMessage([name, innerWidth, document.documentElement.scrollWidth, document.querySelectorAll("svg.plot").length,
		Math.min(...lines).toFixed(2), Math.min(...text).toFixed(2)].join(" "), "*");
	console.error("probe " + name);
});
</script>'

FRAMES='<!DOCTYPE html><meta charset="utf-8"><pre id="seen"></pre>
<script>addEventListener("message", (m) => { document.getElementById("seen").append(m.data + "\n"); });</script>
<iframe name="narrow" src="page.html" width="400" height="800" style="border:0"></iframe>
<iframe name="wide" src="page.html" width="1400" height="800" style="border:0"></iframe>
<iframe name="control" src="control.html" width="400" height="800" style="border:0"></iframe>'

make_frames() {
	"$LOCKSTAT_SWAP" report "$RESULTS" -o "$WORK/report.html"
	printf '%s\n' "$FRAMES" >"$WORK/frames.html"
	awk -v probe="$PROBE" '/<\/body>/ { print probe } { print }' "$WORK/report.html" >"$WORK/page.html"
	# What is too wide, too pale and says so must be found to be
	sed 's|</main>|<p style="width:500px;color:#777">x</p><script>console.error("wrong")</script></main>|' "$WORK/page.html" >"$WORK/control.html"
}

# look NAME [OPTION...]: leaves what the frames said in $WORK/NAME, the console in $WORK/NAME.log
look() {
	command -v chromium >/dev/null || skip 'no chromium'
	HOME=$WORK timeout 600 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$WORK/browser" \
		--enable-logging=stderr --virtual-time-budget=10000 "${@:2}" --dump-dom "file://$WORK/frames.html" >"$WORK/dom" 2>"$WORK/$1.log"
	sed -n 's/.*<pre id="seen">//; /^\(narrow\|wide\|control\) /p' "$WORK/dom" >"$WORK/$1"
	cat "$WORK/$1"
	[ "$(wc -l <"$WORK/$1")" -eq 3 ]
}

# figure NAME FRAME FIELD
figure() { awk -v frame="$2" -v field="$3" '$1 == frame { print $field }' "$WORK/$1"; }

by_day() {
	make_frames
	look day --blink-settings=preferredColorScheme=1
}

by_night() { look night --blink-settings=preferredColorScheme=0; }

as_wide_as_its_window() {
	[ "$(figure day narrow 2)" -eq 400 ]
	[ "$(figure day narrow 3)" -le 400 ]
	[ "$(figure day wide 2)" -eq 1400 ]
	[ "$(figure day wide 3)" -le 1400 ]
	[ "$(figure day control 3)" -gt 400 ]
	[ "$(figure day narrow 4)" -ge 8 ]
}

quiet_console() {
	grep -o 'CONSOLE.*' "$WORK/day.log" >"$WORK/console" || true
	cat "$WORK/console"
	[ "$(grep -c 'probe' "$WORK/console")" -eq 3 ]
	[ "$(grep -c 'wrong' "$WORK/console")" -eq 1 ]
	[ "$(wc -l <"$WORK/console")" -eq 4 ]
}

# enough CONTRAST LEAST
enough() { awk -v have="$1" -v least="$2" 'BEGIN { exit !(have >= least) }'; }

# Lines 3:1, text 4.5:1: what WCAG 2 asks for (1.4.11, 1.4.3)
readable() {
	enough "$(figure "$1" wide 5)" 3
	enough "$(figure "$1" wide 6)" 4.5
	! enough "$(figure "$1" control 6)" 4.5
}

# printed NAME: how many of the words that were folded away in $WORK/NAME.html are on paper
printed() {
	HOME=$WORK timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$WORK/browser" \
		--print-to-pdf="$WORK/$1.pdf" "file://$WORK/$1.html" 2>"$WORK/$1.log"
	pdftotext "$WORK/$1.pdf" - | grep -c '^folded away$' || true
}

# Nobody can unfold them on paper. Without the rule for it, they would not be there.
folded_tables_are_printed() {
	command -v chromium >/dev/null || skip 'no chromium'
	command -v pdftotext >/dev/null || skip 'no pdftotext'
	sed 's|</details>|<p>folded away</p>&|' "$WORK/report.html" >"$WORK/folded.html"
	sed 's|details::details-content{[^}]*}||' "$WORK/folded.html" >"$WORK/unprinted.html"
	[ "$(grep -c 'folded away' "$WORK/folded.html")" -ge 4 ]
	[ "$(printed folded)" -eq "$(grep -c 'folded away' "$WORK/folded.html")" ]
	[ "$(printed unprinted)" -eq 0 ]
}

run_test 'a browser shows the page' by_day
run_test 'a dark one too' by_night
run_test 'the page is no wider than its window of 400 or 1400' as_wide_as_its_window
run_test 'the console has no error' quiet_console
run_test 'what is folded away is printed' folded_tables_are_printed
run_test 'text and lines stand out by day' readable day
run_test 'text and lines stand out by night' readable night
