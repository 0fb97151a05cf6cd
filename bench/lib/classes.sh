# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# Whether the drives were what SSD_CLASS asks for, by what the ceiling cell measured of them.

# measured_as FIGURE: the metric of the ceiling that it is
measured_as() {
	case $1 in
	*_lat) echo "qd1_rand${1}_p50" ;;
	*_iops) echo "rand$1" ;;
	*_bw) echo "seq$1" ;;
	esac
}

# mean_of METRIC: over the drives; nothing where there is none
mean_of() {
	local file=$work/cells/ceiling/metrics.csv

	[ ! -f "$file" ] || awk -F, -v metric="$1" '$13 == metric { sum += $15; n++ } END { if (n) printf "%.0f", sum / n }' "$file"
}

# class_verdict FIGURE ASKED MEASURED: within a tenth it is held. Slower is the emulator's own
# limit; faster is no such drive.
class_verdict() {
	[ -n "$3" ] || { echo 'not measured' && return; }
	awk -v asked="$2" -v measured="$3" -v is_time="$([[ $1 != *_lat ]] || echo 1)" 'BEGIN {
		speed = is_time ? asked / measured : measured / asked
		print (speed > 1.1 ? "faster" : speed < 0.9 ? "not reached" : "held") }'
}

# class_check: a line for each figure asked for: its name, what was asked, measured, the verdict
class_check() {
	local figure asked measured

	class_figures "$SSD_CLASS" | while read -r figure _ asked; do
		measured=$(mean_of "$(measured_as "$figure")")
		printf '%s\t%s\t%s\t%s\n' "$figure" "$asked" "$measured" "$(class_verdict "$figure" "$asked" "$measured")"
	done
}

class_json() {
	class_check | jq -R -s --arg name "$SSD_CLASS" 'split("\n")[:-1] | map(split("\t"))
		| {name: $name, asked: (map({(.[0]): (.[1] | tonumber)}) | add // {}),
		   measured: (map({(.[0]): (.[2] | tonumber? // null)}) | add // {}), held: (map({(.[0]): .[3]}) | add // {})}'
}

# class_figures_in_words VERDICT: those that have it
class_figures_in_words() {
	class_check | awk -F'\t' -v verdict="$1" '
		function grouped(n) {
			n = sprintf("%.0f", n)
			while (match(n, /[0-9][0-9][0-9][0-9]($|,)/))
				n = substr(n, 1, RSTART) "," substr(n, RSTART + 1)
			return n
		}
		BEGIN {
			unit["lat"] = " us"; per["lat"] = 1e3; name["lat"] = "latency"
			unit["bw"] = " MB/s"; per["bw"] = 1e6; name["bw"] = "bandwidth"
			per["iops"] = 1; name["iops"] = "IOPS"
		}
		$4 == verdict {
			split($1, word, "_")
			kind = word[2]
			did = $3 == "" ? "unknown" : grouped($3 / per[kind])
			printf "%s%s %s %s%s of %s asked", n++ ? ", " : "", word[1], name[kind],
				did, unit[kind], grouped($2 / per[kind])
		}'
}

# What a reader must know of the drives, in a line
tell_class() {
	local verdict figures line=''

	[ "$SSD_CLASS" != none ] || return 0
	for verdict in held 'not reached' 'not measured'; do
		figures=$(class_figures_in_words "$verdict")
		[ -z "$figures" ] || line+="${line:+; }$verdict: $figures"
	done
	note "ssd class $SSD_CLASS: ${line/not reached:/not reached, this emulator\'s own limit:}"
	figures=$(class_figures_in_words faster)
	[ -z "$figures" ] || say "SSD CLASS $SSD_CLASS IS NOT HELD, the drives are faster: $figures"
}
