#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bench on a booted machine, over its reboots: a Debian guest, in a path that needs care, goes
# from arm to arm by kexec, waits for its user, and measures nothing in a boot of another arm.
#
# Nightly: four boots of a Debian, 245 s by themselves. What is asked for, and refused, without a boot is in
# tests/cli/bench.sh, kexec into a kernel of ours in tests/vm/deb.sh.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

share=$WORK/share

# Without ERMS a page is filled by 8 bytes at a time: for the first BPF program, 2 MiB by single bytes
# where the kernel before had code took QEMU half a minute.
boot() {
	local kernel

	kernel=$("$TOP/bench/lab/kernel.sh" | tail -1)
	mkdir -p "$share/tree/.output"
	cp -R "$TOP/bench" "$share/tree/"
	cp "$LOCKSTAT_SWAP" "$share/tree/lockstat-swap"
	cp "$SWAPLOAD" "$share/tree/.output/swapload"
	cp "$kernel/bzImage" "$share/"
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --image "$("$TOP/tests/vm/debian/image.sh")" --scratch --share "$share" \
		--job "$TOP/tests/vm/guest/reboot-job.sh" --param swap_lock=global --param swap_slots=off --mem 768 --ssds 1 --ssd-size 128M --timeout 2400 --kexec \
		--append clearcpuid=297 || {
		tail -30 "$share/.lab/console.log"
		cat "$share"/*/{said,journal} || true
		return 1
	}
}

# arms_of DIR: the arm that each cell was to have, and what the kernel said it was
arms_of() {
	local file id

	for file in "$1"/*/run.json; do
		id=$(basename -- "$(dirname -- "$file")")
		echo "$(cut -d- -f2 <<<"$id") $(jq -r '"\(.arm) \(.swap_slots)"' "$file")"
	done | sort -u
}

reboots_by_itself() {
	cat "$share/auto/said" "$share/auto/journal"
	[ "$(<"$share/auto/status")" = 'step 0: 3' ]
	grep -q ': will reboot 1 times (REBOOT=kexec)' "$share/auto/said"
	jq -e '([.cells[] | select(.state != "done") | [.workload, .state]] == [["broken", "failed"], ["broken", "failed"]]) and ([.arms[].name] == ["global", "partition"])
		and ([.boots[] | [.arm, .swap_lock, .swap_slots]] == [["global", "global", "off"], ["partition", "partition", "off"]])
		and ([.boots[].boot_id] | unique | length == 2)' "$share/auto/run.json"
	diff - <(arms_of "$share/auto/.work/cells") <<-END
		global global off
		partition partition off
	END
	[ -s "$share/auto/comparison.txt" ]
	# once, not in each boot
	[ "$(grep -c 'global-1-1-broken failed' "$share/auto/run.log")" -eq 1 ]
}

leaves_nothing() {
	cat "$share/auto/changed" "$share/auto/left"
	[ -e "$share/auto/changed" ] && [ ! -s "$share/auto/changed" ]
	[ "$(<"$share/auto/left")" = 0 ]
}

# Its first arm is not the one that is booted.
asks() {
	cat "$share/asked/said" "$share/asked/status"
	diff "$share/asked/status" - <<-END
		step 1: 3
		step 2: 3
		step 2: 3
	END
	grep -q '2 boots to go: boot this kernel with swap_lock=global swap_slots=off, then give the same command again$' "$share/asked/said"
	grep -q '1 boots to go: boot this kernel with swap_lock=partition swap_slots=off, then' "$share/asked/said"
	diff - <(arms_of "$share/asked/.work/cells") <<<'global global off'
}

measures_no_other_arm() {
	cat "$share/asked/journal" "$share/asked/left"
	tail -1 "$share/command-lines" | grep -q '^swap_lock=cluster '
	! grep -n 'swap_lock=.*swap_lock=' "$share/command-lines" || return
	# tried, unloaded, and loaded for the reboot
	[ "$(grep -c ' -l /boot/vmlinuz-.* --command-line=swap_lock=\(global\|partition\) .* --initrd=/boot/initrd.img-' "$share/kexec-calls")" -eq 2 ]
	grep -q "asked asked for a boot with swap_lock=partition swap_slots=off, and this is one with swap_lock=cluster swap_slots=off swap_avail=list: nothing is measured$" "$share/asked/run.log"
	[ -z "$(find "$share/asked/.work/cells" -name '*partition*')" ]
	[ "$(cut -d' ' -f1 "$share/asked/.work/boots")" = global ]
	[ "$(<"$share/asked/left")" = 0 ]
}

run_test 'a Debian guest goes through its boots' boot
run_test 'a run of two arms reboots by itself, and measures each in its own boot' reboots_by_itself
run_test 'no unit, no kernel and no setting is left' leaves_nothing
run_test 'a run that asks waits, and the same command goes on' asks
run_test 'a boot of another arm measures nothing' measures_no_other_arm
