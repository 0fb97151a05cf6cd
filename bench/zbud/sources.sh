# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by ../zbud.sh
# Real memory to compress: programs with data of this tree and machine, and files as tmpfs has them.

# A source's program makes this file when its data is in memory, and then waits for more input.
READY=ready

# source_NAME: its program, which runs in $work, in $program
source_python() {
	program=(python3 -i -q -c "
import ast, glob, os
trees = []
for name in sorted(glob.glob(os.path.dirname(os.__file__) + '/*.py')):
	with open(name, encoding='utf-8', errors='replace') as f:
		trees.append(ast.parse(f.read()))
open('$READY', 'w')
")
	: >"$work/input"
}

source_sqlite() {
	program=(sqlite3 :memory:)
	cat >"$work/input" <<-EOF
		.mode csv
		.import locks.csv locks
		CREATE TABLE big AS SELECT a.* FROM locks a, generate_series(1, 12);
		CREATE INDEX by_lock ON big (lock, device, rep);
		CREATE INDEX by_wait ON big (wait_total_ns);
		.output $READY
		SELECT count(*) FROM big;
		.output stdout
	EOF
}

source_R() {
	program=(R --vanilla --quiet --no-echo)
	cat >"$work/input" <<-EOF
		locks <- read.csv("locks.csv")
		big <- do.call(rbind, replicate(5, locks, simplify = FALSE))
		big <- big[order(big\$wait_total_ns), ]
		parts <- split(big, big\$lock)
		waits <- sapply(parts, function(p) summary(p\$wait_total_ns + 0.5))
		invisible(file.create("$READY"))
	EOF
}

# The page of a run, in a browser
source_chromium() {
	"$TOOL" report "$TOP_DIR/results/6.1-tcg-2cpu-locks" -o "$work/page.html"
	program=(chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage
		--user-data-dir="$work/profile" --remote-debugging-port=0 "file://$work/page.html")
	: >"$work/input"
}

is_ready() {
	case $1 in
	chromium) [ -e "$work/profile/DevToolsActivePort" ] && [ -n "$(measured_pid chromium)" ] ;;
	*) [ -s "$work/$READY" ] || { [ "$1" != sqlite ] && [ -e "$work/$READY" ]; } ;;
	esac
}

# The browser's process for the page is its largest
measured_pid() {
	case $1 in
	chromium)
		# shellcheck disable=SC2009 # pgrep does not know sizes
		ps -o rss=,pid=,args= --sid "$source_pid" | grep -e '--type=renderer' | sort -rn |
			awk 'NR == 1 { print $2 }'
		;;
	*) echo "$source_pid" ;;
	esac
}

# start_source NAME: returns when its data is in memory
start_source() {
	local i

	rm -rf -- "${work:?}/$READY" "$work/stdin" "$work/profile"
	mkfifo "$work/stdin"
	"source_$1"
	(cd -- "$work" && HOME=$work exec setsid "${program[@]}" <stdin >stdout 2>stderr) &
	source_pid=$!
	exec 5>"$work/stdin"
	cat "$work/input" >&5
	for ((i = 0; i < 600; i++)); do
		is_ready "$1" && break
		kill -0 "$source_pid" 2>/dev/null || die "$1 ended: $(tail -1 "$work/stderr")"
		sleep 0.2
	done
	is_ready "$1" || die "$1 is not ready after two minutes"
	# what it still does after its last word, such as drawing the page
	sleep 3
}

stop_source() {
	[ -n "$source_pid" ] || return 0
	exec 5>&-
	kill -TERM -- "-$source_pid" 2>/dev/null || true
	wait "$source_pid" 2>/dev/null || true
	source_pid=''
}

# files_of NAME: separated by zero bytes
files_of() {
	case $1 in
	text) find /usr/include -name '*.h' -type f -print0 | sort -z ;;
	programs) find /usr/bin -type f -size +16k -print0 | sort -z ;;
	esac
}

# measure_source NAME: lines of sizes on stdout
measure_source() {
	case $1 in
	text | programs) files_of "$1" | xargs -0 -s 1500000 "$PAGES" --most "$MOST_PAGES" "$1" ;;
	*)
		start_source "$1"
		"$PAGES" --most "$MOST_PAGES" --pid "$(measured_pid "$1")" "$1"
		stop_source
		;;
	esac
}
