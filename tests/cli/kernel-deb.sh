#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel-deb.sh refuses what it cannot build before it begins. Nothing is built: where it would
# begin, the disk is made to look full.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

unset CONFIG BASE KERNEL_SRC DEB_DIR DEBUG_INFO
export DEB_DIR=$WORK/deb LOCKSTAT_SWAP_CACHE=$WORK/cache
KERNEL_DEB=$TOP/bench/lab/kernel-deb.sh

bad_input() {
	echo 'no configuration' >"$WORK/prose"
	printf '%s\n' CONFIG_ARM64=y CONFIG_SWAP=y >"$WORK/arm64"
	expect 2 "BASE '9.9'" env BASE=9.9 "$KERNEL_DEB"
	expect 2 "BASE '../6.1'" env BASE=../6.1 "$KERNEL_DEB"
	expect 2 "DEBUG_INFO is .*, not 'some'" env DEBUG_INFO=some "$KERNEL_DEB"
	expect 2 "unknown argument 'now'" "$KERNEL_DEB" now
	expect 2 "no readable file" env CONFIG="$WORK/none" "$KERNEL_DEB"
	expect 2 "no readable file" env CONFIG="$WORK" "$KERNEL_DEB"
	expect 1 "no kernel configuration" env CONFIG="$WORK/prose" "$KERNEL_DEB"
	expect 1 "not for x86-64" env CONFIG="$WORK/arm64" "$KERNEL_DEB"
	expect 1 "cannot create DEB_DIR" env DEB_DIR="$WORK/prose/deb" "$KERNEL_DEB"
}

# begin LINE...: with these in the configuration, up to where room on the disk is looked for
begin() {
	local tool

	for tool in pahole flex bison bc rsync cpio dpkg-buildpackage; do
		command -v $tool >/dev/null || skip "no $tool"
	done
	mkdir -p "$WORK/bin"
	printf '#!/bin/sh\nprintf "Avail\\n1M\\n"\n' >"$WORK/bin/df"
	chmod 755 "$WORK/bin/df"
	: >"$WORK/source"
	printf '%s\n' CONFIG_X86_64=y "$@" >"$WORK/config"
	! PATH=$WORK/bin:$PATH KERNEL_SRC=$WORK/source CONFIG=$WORK/config "$KERNEL_DEB" 2>"$WORK/said" || return
	cat "$WORK/said"
}

full_disk() {
	begin CONFIG_SWAP=y
	tail -1 "$WORK/said" | grep -qE 'not enough room in .*: [0-9]+ MiB needed, 1 free'
	[ -z "$(find "$WORK/deb" "$WORK/cache" -name '*.deb')" ]
}

says() { grep -qF -- "$1" "$WORK/said"; }

keys_of_others() {
	begin 'CONFIG_SYSTEM_TRUSTED_KEYS="debian/certs/debian-uefi-certs.pem"' 'CONFIG_SYSTEM_REVOCATION_KEYS="debian/revoked.pem"' \
		'CONFIG_MODULE_SIG_KEY="debian/signing_key.pem"' CONFIG_MODULE_SIG_FORCE=y
	says 'SYSTEM_TRUSTED_KEYS names debian/certs/debian-uefi-certs.pem, which is not here'
	says 'SYSTEM_REVOCATION_KEYS names debian/revoked.pem, which is not here'
	says 'MODULE_SIG_KEY names debian/signing_key.pem, which is not here'
	says 'MODULE_SIG_FORCE is on'
}

keys_of_ones_own() {
	: >"$WORK/key.pem"
	begin "CONFIG_SYSTEM_TRUSTED_KEYS=\"$WORK/key.pem\"" 'CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"'
	! says 'which is not here'
}

run_test 'kernel-deb: bad input is one line' bad_input
run_test 'kernel-deb: a disk that is too small is said beforehand' full_disk
run_test "kernel-deb: a distribution's keys are left out, and that is said" keys_of_others
run_test 'kernel-deb: keys that are there stay' keys_of_ones_own
