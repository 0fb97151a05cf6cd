# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# Which cells a run has, in which order. A cell is one measurement; the plan has a
# line for each: id flavour arm rep ssds workload. One boot does the cells that share
# kernel, arm and a block of REPS_PER_BOOT repetitions.

# rotate N WORD...: the words, the N-th first
rotate() {
	local n=$1 i

	shift
	for ((i = 0; i < $#; i++)); do
		echo "${@:(n + i) % $# + 1:1}"
	done
}

# arm_flavour ARM: what its kernel's name has behind that of the flavour: +memcgid. An experiment's
# file says otherwise where its arms are not boot parameters of one kernel.
arm_flavour() { :; }

# kernel_name FLAVOUR ARM
kernel_name() { echo "$1$(arm_flavour "$2")"; }

# kernel_names: all that the run boots
kernel_names() {
	local f a

	for f in $FLAVOURS; do
		for a in $ARMS; do kernel_name "$f" "$a"; done
	done | awk '!seen[$0]++'
}

# Where nothing traces, if the run has such a kernel
ceiling_flavour() {
	case " $FLAVOURS " in
	*' timing '*) echo timing ;;
	*) echo "${FLAVOURS%% *}" ;;
	esac
}

# plan_boot FLAVOUR ARM BLOCK
plan_boot() {
	local rep n w

	# shellcheck disable=SC2086	# lists of words
	for ((rep = ($3 - 1) * REPS_PER_BOOT + 1; rep <= $3 * REPS_PER_BOOT && rep <= REPS; rep++)); do
		for n in $(rotate "$rep" $SSDS); do
			for w in $(rotate $((rep + n)) $WORKLOADS); do
				echo "$1-$2-$rep-$n-$w $1 $2 $rep $n $w"
			done
		done
	done
}

# The ceiling comes first, where drives have one; then every block of repetitions has each arm once, in rotated
# order, so that drift of the host hits all arms alike.
make_plan() {
	local block flavour arm

	[ "$DRIVE_KIND" = zram ] || echo "ceiling $(ceiling_flavour) ${ARMS%% *} 0 $(max_ssds) ceiling"
	# shellcheck disable=SC2086	# lists of words
	for ((block = 1; (block - 1) * REPS_PER_BOOT < REPS; block++)); do
		for flavour in $(rotate "$block" $FLAVOURS); do
			for arm in $(rotate "$block" $ARMS); do
				plan_boot "$flavour" "$arm" "$block"
			done
		done
	done
}

# with_boots: of a plan on stdin, each line after its boot: flavour arm block. The ceiling,
# repetition 0, is in the first block.
with_boots() { awk -v size="$REPS_PER_BOOT" '{ print $2, $3, ($4 > 0 ? int(($4 - 1) / size) + 1 : 1), $0 }'; }

# boots: of a plan on stdin, each once
boots() { with_boots | awk '!seen[$1, $2, $3]++ { print $1, $2, $3 }'; }

# workload_file WORKLOAD: what comes behind its name are arguments, as in direct:randread:zero:4
workload_file() { echo "$BENCH_DIR/workloads/${1%%:*}"; }

# The options of all workloads, as NAME=DEFAULT
workload_options() {
	local file

	for file in "$BENCH_DIR"/workloads/*; do
		(
			WORKLOAD_OPTIONS=''
			# shellcheck disable=SC1090
			. "$file"
			# shellcheck disable=SC2086	# a list of words
			printf '%s\n' $WORKLOAD_OPTIONS
		)
	done | sed '/^$/d' | sort -u
}

# What the workloads need that the guest's image has not: static programs, from the tree's top
programs() {
	local w

	for w in $WORKLOADS; do
		(
			WORKLOAD_PROGRAMS=''
			# shellcheck disable=SC1090
			. "$(workload_file "$w")"
			# shellcheck disable=SC2086	# a list of words
			printf '%s\n' $WORKLOAD_PROGRAMS
		)
	done | sed '/^$/d' | sort -u
}

check_programs() {
	local program

	while read -r program; do
		[ -x "$TOP_DIR/$program" ] || die "$program is not built; run make $program"
	done < <(programs)
}

max_ssds() {
	# shellcheck disable=SC2086
	printf '%s\n' $SSDS | sort -n | tail -1
}

# What a second start of the same run must find again
save_settings() {
	local v

	for v in EXPERIMENT PROFILE RUN DEVICES arms_left_out BASE ARMS ALL_ARMS SSDS WORKLOADS FLAVOURS REPS REPS_PER_BOOT CPUS MEM LOAD_MIB SSD_SIZE SSD_CLASS DRIVE_KIND WARMUP WARMUP_MAX WINDOW SEED $option_names ANSWER LOCK_FIGURES FIGURES BESIDE NOTE STARTED COMMAND; do
		printf '%s=%q\n' "$v" "${!v}"
	done
	declare -f arm_params arm_flavour
}

# check_list NAME: not empty, and no word twice: their cells would have one name
check_list() {
	local name=$1 twice

	[ "$1" != SSDS ] || ! is_booted_mode || name=COUNTS
	[ -n "${!1//[[:space:]]/}" ] || usage_error "$name is empty"
	# shellcheck disable=SC2086	# a list of words
	twice=$(printf '%s\n' ${!1} | sort | uniq -d | sed -n 1p)
	[ -z "$twice" ] || usage_error "$name has '$twice' twice"
}

# check_times: a window that is over at once has no figures, and fio takes 0 for no end
check_times() {
	local v

	for v in WARMUP WARMUP_MAX WINDOW; do
		[[ ${!v} =~ ^(0|[1-9][0-9]{0,4})(\.[0-9]+)?$ ]] || usage_error "$v takes seconds, not '${!v}'"
	done
	awk "BEGIN { exit !($WINDOW >= 0.1) }" || usage_error "WINDOW takes 0.1 seconds or more, not '$WINDOW'"
	awk "BEGIN { exit !($WARMUP_MAX >= $WARMUP) }" ||
		usage_error "WARMUP_MAX, $WARMUP_MAX s, is less than WARMUP, $WARMUP s"
}

# check_options: of the workloads; one that is a number by default is to stay one
check_options() {
	local option v

	while read -r option; do
		v=${option%%=*}
		is_word "${!v}" || usage_error "bad $v '${!v}'"
		[[ ! ${option#*=} =~ ^[0-9]+$ || ${!v} =~ ^(0|[1-9][0-9]{0,8})$ ]] || usage_error "$v takes a whole number, not '${!v}'"
	done < <(workload_options)
}

check_settings() {
	local a n v

	for v in ARMS SSDS WORKLOADS FLAVOURS; do check_list "$v"; done
	for a in $ARMS; do
		arm_params "$a" >/dev/null || usage_error "no such arm '$a' in this experiment"
	done
	for n in $SSDS; do
		is_booted_mode || [[ $n =~ ^[1-8]$ ]] || usage_error "SSDS takes numbers from 1 to 8, not '$n'"
	done
	for v in $FLAVOURS; do
		is_word "$v" || usage_error "bad kernel flavour '$v'"
		[ -f "$LAB_DIR/config/$v.config" ] || usage_error "no such kernel flavour '$v'"
	done
	for v in $WORKLOADS; do
		is_word "${v//:/}" || usage_error "bad workload '$v'"
		[ -f "$(workload_file "$v")" ] || usage_error "no such workload '$v'"
		[ "${v%%:*}" != ceiling ] || usage_error "each run has its ceiling; WORKLOADS takes the loads beside it"
	done
	for v in REPS REPS_PER_BOOT SEED CPUS MEM LOAD_MIB; do
		is_count "${!v}" || usage_error "$v takes a whole number, not '${!v}'"
	done
	check_times
	check_options
	is_size "$SSD_SIZE" || usage_error "SSD_SIZE takes a size such as 512M, not '$SSD_SIZE'"
	class_figures "$SSD_CLASS" >/dev/null || usage_error "no such SSD_CLASS '$SSD_CLASS'"
	is_word "$RUN" || usage_error "a run's name is letters, digits, '.', '_' and '-', not '$RUN'"
}
