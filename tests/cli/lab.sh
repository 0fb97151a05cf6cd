#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh with an emulator that only writes what a guest would: one whose clock is wrong is booted
# again, and is not measured with. kernel.sh's words, and how it reads configurations.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

share=$WORK/share
DEVIATES='[    0.036000] tsc: PIT calibration deviates from HPET: 461344 2596089'

# emulator WRONG [MESSAGE]: its first WRONG boots take their clock for another, or hang behind MESSAGE
emulator() {
	mkdir -p "$WORK/bin" "$WORK/kernel" "$share"
	: >"$WORK/kernel/bzImage"
	: >"$WORK/image"
	: >"$WORK/boots"
	echo true >"$WORK/job"
	cat >"$WORK/bin/qemu-system-x86_64" <<EOF
#!/bin/bash
echo boot >>"$WORK/boots"
printf '%s\n' "\$@" >"$WORK/options"
if [ \$(wc -l <"$WORK/boots") -le $1 ]; then
	echo '${2:-$DEVIATES}' >"$share/.lab/console.log"
	exec sleep 60
fi
echo 0 >"$share/.lab/status"
EOF
	chmod 755 "$WORK/bin/qemu-system-x86_64"
}

lab_run() {
	PATH=$WORK/bin:$PATH ACCEL=tcg "$TOP/bench/lab/run.sh" --kernel "$WORK/kernel" --image "$WORK/image" \
		--share "$share" --job "$WORK/job" "$@"
}

wrong_once() {
	emulator 1
	expect 0 'clock is wrong.*461344 2596089; booting again' lab_run
	[ "$(wc -l <"$WORK/boots")" -eq 2 ]
}

always_wrong() {
	emulator 9
	! lab_run 2>"$WORK/said" || return
	cat "$WORK/said"
	tail -1 "$WORK/said" | grep -q 'guest failed: its clock is wrong: tsc: PIT calibration deviates'
	[ "$(wc -l <"$WORK/boots")" -eq 3 ]
	[ ! -e "$share/.lab/status" ]
}

hangs_once() {
	emulator 1 'nothing more'
	expect 0 'it did not boot within 2 s; booting again' lab_run --boot-timeout 2
	[ "$(wc -l <"$WORK/boots")" -eq 2 ]
}

# No need to wait for what does nothing.
is_idle_once() {
	emulator 1 'nothing more'
	expect 0 'it did not boot: for 3[0-9] s it was idle; booting again' lab_run --boot-timeout 50
	[ "$(wc -l <"$WORK/boots")" -eq 2 ]
}

always_hangs() {
	emulator 9 'nothing more'
	! lab_run --boot-timeout 1 2>"$WORK/said" || return
	cat "$WORK/said"
	tail -1 "$WORK/said" | grep -q 'guest failed: it did not boot within 1 s'
	[ "$(wc -l <"$WORK/boots")" -eq 3 ]
}

# Commas end an option of QEMU's.
paths_are_no_options() {
	share=$WORK/a,readonly=on
	emulator 0
	lab_run
	grep -qxF "local,id=share,path=$WORK/a,,readonly=on,security_model=none,multidevs=remap" "$WORK/options"
}

# A fragment of a base, of a base and a flavour, or to be added to a flavour, is no flavour.
no_flavours() {
	local word

	for word in base base-6.1 debug-6.1 memcgid +memcgid nonsense; do
		expect 2 "no such flavour '${word//+/[+]}'" "$TOP/bench/lab/kernel.sh" --flavour $word
	done
}

nothing_else_is_added() {
	local word

	for word in + +debug +nonsense +memcgid+memcgid; do
		expect 2 "nothing like '${word//+/[+]}' can be added to a flavour" "$TOP/bench/lab/kernel.sh" --flavour timing$word
	done
}

# What the fragments say of a symbol last is what the configuration must have.
last_word_counts() {
	printf '%s\n' CONFIG_A=y '# CONFIG_B is not set' CONFIG_C=y >"$WORK/first"
	printf '%s\n' '# CONFIG_A is not set' CONFIG_B=y >"$WORK/second"
	. "$TOP/bench/lab/kbuild.sh"
	settings "$WORK/first" "$WORK/second" | sort | diff - <(printf '%s\n' '# CONFIG_A is not set' CONFIG_B=y CONFIG_C=y)
}

run_test 'lab: a guest whose clock is wrong is booted again' wrong_once
run_test 'lab: one whose clock stays wrong has failed' always_wrong
run_test 'lab: a guest that hangs while it boots is booted again' hangs_once
run_test 'lab: and at once when it does nothing' is_idle_once
run_test 'lab: one that always does has failed' always_hangs
run_test 'lab: a path with a comma is one' paths_are_no_options
run_test 'lab: what is no flavour of a kernel is refused' no_flavours
run_test 'lab: nor is what cannot be added to one' nothing_else_is_added
run_test 'lab: the last of the fragments has the last word' last_word_counts
