# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What an emulated SSD can be asked to be like: a class, or figures of one's own.

# Time of a request at queue depth 1, requests a second, bytes a second; r for reads, w for writes.
# Round figures between those in vendors' data sheets; a test rig's latency where these have none.
#   sata    for data centers, 2.5 inch, 6 Gb/s: Kingston DC600M 94,000 and 65,000 IOPS, 560 and
#           530 MB/s; Micron 5100 93,000 and 31,000 to 74,000. Reads at depth 1 are of 8,000 to
#           10,000 IOPS, writes end in a cache
#   nvme    for data centers, TLC, PCIe 3.0 x4: Intel P4500 85 and 20 us, 490,000 and 38,000 IOPS,
#           3200 and 1050 MB/s; P3700 78 us, 450,000 and 175,000 IOPS, 2800 and 2000 MB/s
#   optane  3D XPoint, PCIe 3.0 x4: Intel P4800X under 10 us, 550,000 and 500,000 IOPS, 2400 and
#           2000 MB/s
# shellcheck disable=SC2054	# one word each
declare -A SSD_CLASSES=(
	[none]=''
	[sata]=rlat=120us,wlat=50us,riops=95000,wiops=60000,rbw=560M,wbw=530M
	[nvme]=rlat=80us,wlat=20us,riops=500000,wiops=100000,rbw=3200M,wbw=2000M
	[optane]=rlat=10us,wlat=10us,riops=550000,wiops=500000,rbw=2400M,wbw=2000M
)

# class_value KEY VALUE: in ns, 1/s or bytes/s
class_value() {
	[[ $1 =~ ^[rw]?(lat|iops|bw)$ ]] || return
	case ${BASH_REMATCH[1]}=$2 in
	lat=*us) [[ $2 =~ ^[1-9][0-9]{0,6}us$ ]] && echo "${2%us}000" ;;
	lat=*ms) [[ $2 =~ ^[1-9][0-9]{0,3}ms$ ]] && echo "${2%ms}000000" ;;
	iops=*) [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] && echo "$2" ;;
	bw=*) [[ $2 =~ ^[1-9][0-9]{0,5}[kKMG]$ ]] && numfmt --from=si "${2^^}" ;;
	*) return 1 ;;
	esac
}

# class_figures CLASS|FIGURES: a line for each that is asked for: read_lat, write_iops and so on,
# its unit, its number. Fails for what is neither.
class_figures() {
	local figures figure key value
	local -A asked=() units=([lat]=ns [iops]=1/s [bw]=bytes/s)

	[ -n "$1" ] || return
	figures=${SSD_CLASSES[$1]-$1}
	while IFS= read -r -d, figure; do
		key=${figure%%=*}
		value=$(class_value "$key" "${figure#*=}") || return
		case $key in
		r*) asked[read_${key#r}]=$value ;;
		w*) asked[write_${key#w}]=$value ;;
		*) asked[read_$key]=$value asked[write_$key]=$value ;;
		esac
	done <<<"${figures:+$figures,}"
	for figure in {read,write}_{lat,iops,bw}; do
		[ -z "${asked[$figure]:-}" ] || echo "$figure ${units[${figure#*_}]} ${asked[$figure]}"
	done
}
