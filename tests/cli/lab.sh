#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh with an emulator that only writes what a guest would: one whose clock is wrong is booted
# again, and is not measured with.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

DEVIATES='[    0.036000] tsc: PIT calibration deviates from HPET: 461344 2596089'

# emulator WRONG: its first WRONG boots take their clock for another
emulator() {
	mkdir -p "$WORK/bin" "$WORK/kernel" "$WORK/share"
	: >"$WORK/kernel/bzImage"
	: >"$WORK/image"
	: >"$WORK/boots"
	echo true >"$WORK/job"
	cat >"$WORK/bin/qemu-system-x86_64" <<EOF
#!/bin/bash
echo boot >>"$WORK/boots"
if [ \$(wc -l <"$WORK/boots") -le $1 ]; then
	echo '$DEVIATES' >"$WORK/share/.lab/console.log"
	exec sleep 60
fi
echo 0 >"$WORK/share/.lab/status"
EOF
	chmod 755 "$WORK/bin/qemu-system-x86_64"
}

lab_run() {
	PATH=$WORK/bin:$PATH ACCEL=tcg "$TOP/bench/lab/run.sh" --kernel "$WORK/kernel" --image "$WORK/image" \
		--share "$WORK/share" --job "$WORK/job"
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
	[ ! -e "$WORK/share/.lab/status" ]
}

run_test 'lab: a guest whose clock is wrong is booted again' wrong_once
run_test 'lab: one whose clock stays wrong has failed' always_wrong
