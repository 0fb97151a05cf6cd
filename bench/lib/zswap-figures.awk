# SPDX-License-Identifier: GPL-2.0-or-later
# Rows of metrics.csv, from their device on, of three files of zswap_counts: when the pool first was
# full, at the beginning of the measurement, and at its end. Of zbud the trace knows the first better.

FNR == 1 { file++ }
{ count[file, $1] = $2 }

function added(name) { return count[3, name] - count[2, name] }
function row(metric, unit, value) { printf ",%s,%s,%.9g\n", metric, unit, value }
function rate(metric, unit, events) { row(metric, unit, events * 1e6 / added("time_us")) }

function pages(file) { return count[file, "pool_total_size"] / 4096 }
function objects(file) { return count[file, "stored_pages"] - count[file, "same_filled_pages"] }

function zbud_rows(    stored) {
	stored = added("zbud_alloc_lru_head") + added("zbud_alloc_best_fit") + added("zbud_alloc_new_page")
	if (stored) {
		row("zbud_from_lru_head", "ratio", added("zbud_alloc_lru_head") / stored)
		row("zbud_from_best_fit", "ratio", added("zbud_alloc_best_fit") / stored)
	}
	row("zbud_unbuddied", "ratio", count[3, "zbud_unbuddied"] / count[3, "zbud_pages"])
	rate("zbud_reclaimed", "pages/s", added("zbud_reclaimed"))
	rate("zbud_put_back", "pages/s", added("zbud_put_back"))
}

END {
	if (file != 3 || !pages(1) || !pages(2) || added("time_us") <= 0)
		exit 1
	if (!((3, "zbud_pages") in count))
		row("objects_per_page_filled", "objects", objects(1) / pages(1))
	row("objects_per_page", "objects", (objects(2) + objects(3)) / (pages(2) + pages(3)))
	row("bytes_per_page", "bytes", (count[2, "bytes"] + count[3, "bytes"]) / (pages(2) + pages(3)))
	rate("zswap_stored", "pages/s", added("zswpout"))
	rate("zswap_loaded", "pages/s", added("zswpin"))
	rate("zswap_written_back", "pages/s", added("written_back_pages"))
	rate("zswap_decompressed", "pages/s", added("zswpin") + added("written_back_pages"))
	rate("zswap_full", "1/s", added("pool_limit_hit"))
	rate("zswap_too_large", "1/s", added("reject_compress_poor"))
	if ((3, "zbud_pages") in count)
		zbud_rows()
}
