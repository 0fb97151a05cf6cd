# SPDX-License-Identifier: GPL-2.0-or-later
# Rows of metrics.csv, from their device on, of a trace of zswap (target/zswap.sh): how densely zbud had
# packed until it first was to evict anything; how old objects were when they were evicted, which
# of them were read again within so many seconds (-v horizon=), and whether the two of one page
# fared alike, of evictions after the mark and with so much time left.

function field(name,    at) {
	at = index($0, name "=")
	return at ? substr($0, at + length(name) + 1) : ""
}

function word(text) { sub(/[ ,)].*/, "", text); return text }

function page_of(handle) { return substr(handle, 1, length(handle) - 3) }

function fill(handle) {
	filled++
	if (!(page_of(handle) in filled_pages)) {
		filled_pages[page_of(handle)]
		nr_filled_pages++
	}
}

# The second buddy of a page is evicted right after the first, by the same thread.
function evict(thread, time) {
	n++
	at[n] = time
	page[n] = page_of(handle[thread])
	born_at[n] = (handle[thread] in born) ? born[handle[thread]] : -1
	if (last[thread] && page[last[thread]] == page[n] && !buddy[last[thread]])
		buddy[n] = last[thread]
	last[thread] = n
	evicted_to[offset[thread]] = n
}

function was_read(offset, time) {
	if (!(offset in evicted_to))
		return
	back[evicted_to[offset]] = time
	delete evicted_to[offset]
}

function is_hot(i) { return (i in back) && back[i] - at[i] <= horizon }

match($0, / [0-9]+\.[0-9]+: /) {
	time = substr($0, RSTART + 1, RLENGTH - 3) + 0
	head = substr($0, 1, RSTART)
	$0 = substr($0, RSTART + RLENGTH)
	match(head, /-[0-9]+ +\[/)
	thread = substr(head, RSTART + 1, RLENGTH - 2) + 0
	end = time
}
$1 == "stored:" { born[word(field("handle"))] = time }
$1 == "stored:" && !full { fill(word(field("handle"))) }
$1 == "writeback:" { full = 1; handle[thread] = word(field("handle")); offset[thread] = word(field("offset")) }
$1 == "written:" && word(field("ret")) == 0 { evict(thread, time) }
$1 == "block_bio_queue:" && $5 == "+" { was_read($4 / 8, time) }
/^tracing_mark_write: measured/ { begin = time }

function row(metric, unit, value) { printf ",%s,%s,%.9g\n", metric, unit, value }

function add(i) {
	objects++
	hot += is_hot(i)
	if (born_at[i] >= 0) {
		aged++
		age += at[i] - born_at[i]
	}
}

function add_pair(i, j) {
	pairs++
	both += is_hot(i) && is_hot(j)
	none += !is_hot(i) && !is_hot(j)
	if (born_at[i] >= 0 && born_at[j] >= 0) {
		gaps++
		gap += born_at[i] > born_at[j] ? born_at[i] - born_at[j] : born_at[j] - born_at[i]
	}
}

# How much oftener both were refaulted than by chance: 1 where one's fate tells nothing of the other's
function lift(    p) {
	p = (pairs + both - none) / (2 * pairs)
	return both / pairs / (p * p)
}

END {
	for (i = 1; i <= n; i++) {
		if (at[i] < begin || at[i] > end - horizon)
			continue
		add(i)
		if (buddy[i])
			add_pair(i, buddy[i])
	}
	if (full)
		row("objects_per_page_filled", "objects", filled / nr_filled_pages)
	row("evicted_followed", "objects", objects)
	if (objects)
		row("evicted_refaulted", "ratio", hot / objects)
	if (aged)
		row("evicted_age", "s", age / aged)
	if (gaps)
		row("buddies_age_gap", "s", gap / gaps)
	if (!pairs)
		exit
	row("buddies_both_refaulted", "ratio", both / pairs)
	row("buddies_none_refaulted", "ratio", none / pairs)
	if (none < pairs)
		row("buddies_refault_lift", "ratio", lift())
}
