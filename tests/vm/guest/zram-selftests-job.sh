#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: the kernel's own selftests of zram, with each of $GUARDS.
# Leaves selftests.GUARD.txt. $BOOTED is the guard that the kernel was booted with.
set -euo pipefail

# What the tests call by a name that busybox does not have, in blocks as large as zram's. Else busybox,
# which is static: they fill a device by a thousand runs of dd, a KiB each.
make_commands() {
	mkdir -p /tmp/bin
	printf '#!/bin/sh\nexec mke2fs -b 4096 "$@"\n' >/tmp/bin/mkfs.ext2
	chmod 755 /tmp/bin/mkfs.ext2
	PATH=/tmp/bin:/bin:$PATH
}

make_commands
[ "$(cat /sys/block/zram0/guard)" = "$BOOTED" ]
for guard in $GUARDS; do
	echo "$guard" >/sys/module/zram/parameters/guard
	rm -rf /tmp/zram
	cp -R selftests/zram /tmp/
	(cd /tmp/zram && ./zram.sh) >"selftests.$guard.txt" 2>&1
done
! echo nonsense >/sys/module/zram/parameters/guard
