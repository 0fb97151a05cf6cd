#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The doctor: its JSON, its exit status, and what it says without root.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# doctor_json COMMAND...: its JSON in a file, its exit status in $status, nothing on stderr.
doctor_json() {
	status=0
	"$@" doctor --json >"$WORK/doctor.json" 2>"$WORK/stderr" || status=$?
	cat "$WORK/stderr"
	[ ! -s "$WORK/stderr" ]
	[ $status -eq 0 ] || [ $status -eq 4 ]
}

holds() {
	jq -e "$1" "$WORK/doctor.json" >/dev/null && return
	echo "not so: $1"
	cat "$WORK/doctor.json"
	return 1
}

status_of() { jq -r --arg name "$1" '.findings[] | select(.name == $name).status' "$WORK/doctor.json"; }

json_is_whole() {
	doctor_json "$LOCKSTAT_SWAP"
	holds '.schema == 1 and (.can_record | type) == "boolean"'
	[ "$(jq -r .kernel "$WORK/doctor.json")" = "$(uname -r)" ]
	holds '[.findings[] | [.name, .status, .found, .consequence, .cure | type]
		| all(. == "string") and length == 5] | all'
	holds '[.findings[].status | IN("ok", "note", "warning", "failure")] | all'
	holds '[.findings[].found | length > 0] | all'
	holds '[.findings[].name] | length == (unique | length)'
	holds '[.findings[] | select(.status == "warning" or .status == "failure")
		| .consequence != "" and .cure != ""] | all'
}

swap_devices() { awk '{ print $1, $5 }' /proc/swaps; }

# with_same_swaps COMMAND...: again where swap devices came or went meanwhile
with_same_swaps() {
	local before=''

	until [ "$before" = "$(swap_devices)" ]; do
		before=$(swap_devices)
		"$@"
	done
}

# described SECTION: the keys that the manual page has there
described() {
	awk -v section=".SH $1" '/^\.SH / { here = $0 == section } here && tag { print } { tag = /^\.TP/ }' \
		"$TOP/.output/lockstat-swap.8" | sed 's/^\.B //' | tr ' ' '\n' | sort
}

manual_has_its_keys() {
	doctor_json "$LOCKSTAT_SWAP"
	jq -r '[paths | map(if type == "number" then "[]" else "." + . end) | add | ltrimstr(".") | select(endswith("[]") | not)]
		| unique[]' "$WORK/doctor.json" | sort >"$WORK/printed"
	[ -s "$WORK/printed" ]
	diff "$WORK/printed" <(described 'JSON OF DOCTOR')
}

status_is_whether_it_records() {
	doctor_json "$LOCKSTAT_SWAP"
	holds ".can_record == ($status == 0)"
	status=0
	"$LOCKSTAT_SWAP" doctor >"$WORK/text" || status=$?
	holds ".can_record == ($status == 0)"
	tail -1 "$WORK/text" | grep -q '^recording is '
}

json_and_text() {
	doctor_json "$LOCKSTAT_SWAP"
	"$LOCKSTAT_SWAP" doctor >"$WORK/text" || true
}

# The list on the terminal says the same.
text_has_each_finding() {
	with_same_swaps json_and_text
	jq -r '.findings[] | [.status, .name] | join(" ")' "$WORK/doctor.json" >"$WORK/wanted"
	grep -E '^(ok|note|warning|failure) ' "$WORK/text" | awk '{ print $1, $2 }' >"$WORK/got"
	[ "$(wc -l <"$WORK/got")" -eq "$(wc -l <"$WORK/wanted")" ]
	diff "$WORK/got" <(awk '{ print $1, $2 }' "$WORK/wanted")
}

says_what_record_does() {
	local recorded=0

	doctor_json "$LOCKSTAT_SWAP"
	"$LOCKSTAT_SWAP" record -d 0.1 >/dev/null 2>&1 || recorded=$?
	holds ".can_record == ($recorded == 0)"
}

without_root_it_says_what_root_adds() {
	tool_for_nobody
	doctor_json as_nobody "$WORK/tool"
	[ $status -eq 4 ]
	holds '.can_record == false'
	holds '.findings[] | select(.name == "capabilities")
		| .status == "failure" and (.found | contains("CAP_BPF, CAP_PERFMON, CAP_SYSLOG"))
		and (.cure | contains("sudo") and contains("setcap"))'
}

three_capabilities_are_enough() {
	local caps='+bpf,+perfmon,+syslog'
	local three=(--inh-caps "$caps" --ambient-caps "$caps")

	tool_for_nobody
	doctor_json "$LOCKSTAT_SWAP"
	[ $status -eq 0 ] || skip 'this kernel cannot record as root either'
	doctor_json as_nobody "${three[@]}" "$WORK/tool"
	[ $status -eq 0 ]
	[ "$(status_of capabilities)" = ok ]
	as_nobody "${three[@]}" "$WORK/tool" record -d 0.1 >/dev/null
}

without_btf() {
	needs_root
	doctor_json unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf && '$LOCKSTAT_SWAP' \$*" sh
	[ $status -eq 4 ]
	[ "$(status_of BTF)" = failure ]
}

names_the_swap_devices() {
	with_same_swaps doctor_json "$LOCKSTAT_SWAP"
	if [ "$(wc -l </proc/swaps)" -le 1 ]; then
		[ "$(status_of 'swap devices')" = warning ]
		return
	fi
	holds '.findings[] | select(.name == "swap devices") | .found | contains("priority")'
}

unknown_option() { expect 2 'unrecognized option' "$LOCKSTAT_SWAP" doctor --nonsense; }
unknown_argument() { expect 2 "unexpected argument 'swap'" "$LOCKSTAT_SWAP" doctor swap; }

full_disk() {
	local status=0

	"$LOCKSTAT_SWAP" doctor --json >/dev/full 2>"$WORK/stderr" || status=$?
	[ $status -eq 1 ]
	grep -q 'cannot print: No space' "$WORK/stderr"
}

run_test 'the JSON of doctor is whole' json_is_whole
run_test 'the manual page has the keys of the JSON of doctor' manual_has_its_keys
run_test 'the exit status of doctor is whether recording is possible' status_is_whether_it_records
run_test 'doctor lists on the terminal what is in its JSON' text_has_each_finding
run_test 'record does what doctor says' says_what_record_does
run_test 'doctor without root says what root adds' without_root_it_says_what_root_adds
run_test 'CAP_BPF, CAP_PERFMON and CAP_SYSLOG are enough' three_capabilities_are_enough
run_test 'doctor names a missing BTF' without_btf
run_test 'doctor tells of swap devices' names_the_swap_devices
run_test 'an unknown option of doctor is a usage error' unknown_option
run_test 'doctor takes no argument' unknown_argument
run_test 'a full disk is an error of doctor' full_disk
