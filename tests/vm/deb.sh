#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The packages of `make kernel-deb` on a Debian: installed, booted into by kexec with an arm
# chosen, the tool run there, and removed. The kernel is of the lab's configuration, which
# builds in minutes.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

share=$WORK/share

build() {
	local lab

	lab=$("$TOP/bench/lab/kernel.sh" | tail -1)
	echo "$lab" >"$WORK/lab"
	mkdir -p "$share/deb"
	make -s -C "$TOP" kernel-deb CONFIG="$lab/config" DEB_DIR="$share/deb" >"$WORK/said"
	cat "$WORK/said"
	[ "$(find "$share/deb" -name 'linux-image-*-timing-lockstat-swap-cluster_*.deb' | wc -l)" -eq 1 ]
	[ "$(find "$share/deb" -name 'linux-headers-*-timing-lockstat-swap-cluster_*.deb' | wc -l)" -eq 1 ]
	[ "$(find "$share/deb" -name '*.deb' | wc -l)" -eq 2 ]
	for word in 'dpkg -i' swap_lock= swap_slots= 'dpkg --purge'; do
		grep -qF -- "$word" "$WORK/said"
	done
}

boot() {
	local image

	image=$("$TOP/tests/vm/debian/image.sh")
	cp "$LOCKSTAT_SWAP" "$share/lockstat-swap"
	"$TOP/bench/lab/run.sh" --kernel "$(<"$WORK/lab")" --image "$image" --scratch --share "$share" \
		--job "$TOP/tests/vm/guest/deb-job.sh" --mem 768 --kexec --timeout 900 || {
		tail -30 "$share/.lab/console.log"
		return 1
	}
}

release() { basename -- "$share"/deb/linux-image-*.deb | sed 's/^linux-image-//; s/_.*//'; }

is_installed() {
	local r

	r=$(release)
	cat "$share/dpkg-i.log"
	diff - "$share/installed" <<-EOF
		/boot/System.map-$r
		/boot/config-$r
		/boot/vmlinuz-$r
		/lib/modules/$r
	EOF
	grep -qx "postinst $r /boot/vmlinuz-$r" "$share/hooks"
}

is_booted() {
	cat "$share/booted-into"
	diff - "$share/booted-into" <<-EOF
		$(release)
		partition
		off
	EOF
}

tool_runs() {
	cat "$share/selftest.log"
	[ "$(<"$share/selftest.status")" -eq 0 ]
}

is_removed() {
	local r

	r=$(release)
	cat "$share/dpkg-r.log"
	[ -e "$share/left" ] && [ ! -s "$share/left" ]
	grep -qx "postrm $r /boot/vmlinuz-$r" "$share/hooks"
}

run_test 'the packages build, and how to use them is said' build
run_test 'a Debian guest installs, boots and removes the kernel' boot
run_test 'its files are where they belong, and the hooks ran' is_installed
run_test 'kexec goes into it with the arm that was asked for' is_booted
run_test 'lockstat-swap shows contention on it' tool_runs
run_test 'dpkg -r leaves nothing in /boot and /lib/modules' is_removed
