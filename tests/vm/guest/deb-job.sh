#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in a Debian guest: the first boot installs the package and goes on into its kernel, the
# second removes it.
set -eux
package=$(basename -- /share/deb/linux-image-*.deb)
release=${package#linux-image-}
release=${release%%_*}

installed_files() { find /boot /lib/modules -mindepth 1 -maxdepth 1 -name "*$release" | sort; }

# What a hook is called with tells that it was run, and when.
add_hooks() {
	local when

	for when in postinst postrm; do
		mkdir -p "/etc/kernel/$when.d"
		printf '#!/bin/sh\necho %s "$@" >>/share/hooks\n' $when >"/etc/kernel/$when.d/zz-witness"
		chmod 755 "/etc/kernel/$when.d/zz-witness"
	done
}

install_kernel() {
	add_hooks
	dpkg -i "/share/deb/$package" >/share/dpkg-i.log 2>&1
	installed_files >/share/installed
	kexec -a -l "/boot/vmlinuz-$release" --command-line="$(</proc/cmdline) swap_lock=partition swap_slots=off"
	: >/run/reboots
	systemctl kexec
}

remove_kernel() {
	cat /sys/module/kernel/parameters/swap_lock /sys/module/kernel/parameters/swap_slots | cat <(uname -r) - >/share/booted-into
	/share/lockstat-swap selftest >/share/selftest.log 2>&1 && echo 0 >/share/selftest.status || echo $? >/share/selftest.status
	dpkg -r "linux-image-$release" >/share/dpkg-r.log 2>&1
	installed_files >/share/left
}

if [ ! -e /share/installed ]; then
	install_kernel
else
	remove_kernel
fi
