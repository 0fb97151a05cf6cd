# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154	# sourced by kernel.sh and kernel-deb.sh
# The patched kernel source in the cache, and make on it: what a kernel for the lab and one
# for the user's machine have in common. $base says which.

build_pid='' temporary=()

find_source() {
	local src=${KERNEL_SRC:-/usr/src/linux-source-$base.tar.xz}

	[ -r "$src" ] || die "no kernel source at $src; install linux-source-$base or set KERNEL_SRC"
	printf '%s\n' "$src"
}

# A directory is known by its files' names, sizes and times: its content need not be read.
source_id() {
	if [ -d "$1" ]; then
		(cd -- "$1" && find . -name .git -prune -o -type f -printf '%P %s %T@\n') | LC_ALL=C sort | hash_text
	else
		sha256sum <"$1" | hash_text
	fi
}

# The patches in order, one path a line; a series that does not exist is an empty one.
list_patches() {
	local dir=$TOP_DIR/kernel-patches/$base line

	[ -f "$dir/series" ] || return 0
	while IFS= read -r line || [ -n "$line" ]; do
		line=${line%%#*}
		line=${line%"${line##*[![:space:]]}"}
		[ -n "$line" ] || continue
		[ -f "$dir/$line" ] || die "$dir/series names $line, which does not exist"
		printf '%s\n' "$dir/$line"
	done <"$dir/series"
}

# build_key NAME FILE...: the hash of all that a build of that name is made of
build_key() {
	local name=$1

	shift
	{
		echo "$base $name $src_id"
		gcc --version | head -1
		ld --version | head -1
		pahole --version
		cat -- "$@"
	} | hash_text
}

open_source() {
	local patch_list

	# make's own variables (jobs, overrides) are not for the kernel's build
	unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL KBUILD_OUTPUT CROSS_COMPILE ARCH LOCALVERSION
	need_tools gcc ld:binutils make pahole:dwarves sha256sum:coreutils
	cache=$(cache_dir)
	src=$(find_source)
	src_id=$(source_id "$src")
	patch_list=$(list_patches)
	patches=()
	[ -z "$patch_list" ] || mapfile -t patches <<<"$patch_list"
	tree=$cache/src/$base-$src_id
}

# open_build NAME KEY: the object tree of that name, for what has that key
open_build() {
	obj=$cache/build/$base-$src_id-$1
	log=$obj.log
	kmake=(make -C "$tree/linux" O="$obj" ARCH=x86_64 KBUILD_BUILD_USER=lockstat-swap KBUILD_BUILD_HOST="$2" KBUILD_BUILD_TIMESTAMP=@0)
}

# One build at a time in a cache: the others wait.
lock_builds() {
	need_tools flex bison bc patch objcopy:binutils flock:util-linux tar xz:xz-utils
	mkdir -p -- "$cache/src" "$cache/build"
	exec 9>"$cache/build/.lock"
	flock -n 9 || { note "waiting for another build"; flock 9; }
}

prepare_source() {
	: >"$log"
	unpack_source
	check_version
	apply_patches
}

unpack_source() {
	local tmp

	[ -d "$tree/linux" ] && return
	note "unpacking $src"
	tmp=$(mktemp -d "$cache/src/.tmp.XXXXXX")
	temporary+=("$tmp")
	mkdir "$tmp/linux" "$tmp/orig"
	: >"$tmp/touched"
	if [ -d "$src" ]; then
		tar -C "$src" --exclude=./.git -cf - . | tar -C "$tmp/linux" -xf -
		make -s -C "$tmp/linux" ARCH=x86_64 mrproper >&2
	else
		tar -C "$tmp/linux" --strip-components=1 -xf "$src"
	fi || { rm -rf -- "$tmp"; die "cannot unpack $src"; }
	mv -T -- "$tmp" "$tree"
}

check_version() {
	local v

	v=$(make -s -C "$tree/linux" kernelversion 2>/dev/null) || die "$src is no kernel source"
	case $v in
	"$base" | "$base".* | "$base"-*) ;;
	*) die "$src is Linux $v, but the patches and --base are for $base" ;;
	esac
}

patched_files() {
	[ $# -gt 0 ] || return 0
	sed -nE 's,^(---|\+\+\+) [ab]/([^[:space:]]+).*,\2,p' -- "$@" | sort -u
}

# Keep the pristine copy of what the patches touch; noted before anything changes,
# so that an interrupted run can be continued.
save_originals() {
	local f

	while read -r f; do
		grep -qxF -- "$f" "$tree/touched" && continue
		if [ -e "$tree/linux/$f" ]; then
			mkdir -p -- "$(dirname -- "$tree/orig/$f")"
			cp -p -- "$tree/linux/$f" "$tree/orig/$f"
		fi
		echo "$f" >>"$tree/touched"
	done < <(patched_files "${patches[@]}")
}

# Patch copies of the originals, then replace in the tree only what came out
# different: make rebuilds by time stamp.
apply_patches() {
	local stage p f

	save_originals
	stage=$(mktemp -d "$cache/src/.stage.XXXXXX")
	temporary+=("$stage")
	cp -rp -- "$tree/orig/." "$stage/"
	for p in "${patches[@]}"; do
		patch -d "$stage" -p1 -F0 -s --batch --no-backup-if-mismatch <"$p" >"$tree/patch.log" 2>&1 && continue
		rm -rf -- "$stage"
		die "patch ${p#"$TOP_DIR"/} does not apply without fuzz to $src; log: $tree/patch.log"
	done
	while read -r f; do
		if [ ! -e "$stage/$f" ]; then
			rm -f -- "$tree/linux/$f"
		elif ! cmp -s -- "$stage/$f" "$tree/linux/$f"; then
			mkdir -p -- "$(dirname -- "$tree/linux/$f")"
			cp -- "$stage/$f" "$tree/linux/$f"
		fi
	done <"$tree/touched"
	rm -rf -- "$stage"
}

finish() {
	trap '' INT TERM HUP
	[ -z "$build_pid" ] || kill -TERM -- "-$build_pid" 2>/dev/null || true
	[ ${#temporary[@]} -eq 0 ] || rm -rf -- "${temporary[@]}"
}

tidy_on_exit() {
	trap finish EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# The last word of the fragments on each symbol, as merge_config.sh has it
settings() {
	awk '/^CONFIG_[A-Z0-9_]*=/ { split($0, a, "="); last[a[1]] = $0 }
		/^# CONFIG_[A-Z0-9_]* is not set/ { last[$2] = $0 }
		END { for (symbol in last) print last[symbol] }' "$@"
}

# Kconfig drops silently what it cannot set; here that is an error.
verify_config() {
	local line sym missing=()

	while IFS= read -r line; do
		case $line in
		CONFIG_*=*) grep -qxF -- "$line" "$obj/.config" || missing+=("$line") ;;
		'# CONFIG_'*' is not set')
			sym=${line#\# }
			! grep -q -- "^${sym%% *}=" "$obj/.config" || missing+=("${sym%% *}=n")
			;;
		esac
	done < <(settings "$@")
	[ ${#missing[@]} -eq 0 ] || die "the configuration did not take ${missing[*]}; log: $log"
}

# configure WHAT FRAGMENT...: the fragments on top of what the script's seed_config leaves in .config
configure() {
	local what=$1 old=$obj/.config.before

	shift
	mkdir -p -- "$obj"
	rm -f -- "$old"
	[ ! -f "$obj/.config" ] || cp -p -- "$obj/.config" "$old"
	{
		seed_config &&
			(cd -- "$tree/linux" && sh scripts/kconfig/merge_config.sh -m -O "$obj" "$obj/.config" "$@") &&
			"${kmake[@]}" olddefconfig
	} >>"$log" 2>&1 || die "configuring the $what failed; log: $log"
	verify_config "$@"
	# an unchanged configuration keeps its time stamp, or everything is built again
	[ ! -f "$old" ] || ! cmp -s -- "$old" "$obj/.config" || mv -- "$old" "$obj/.config"
}

# show_progress PID WHAT: a line that is rewritten on a terminal, one a minute elsewhere
show_progress() {
	local what=$2 start=$SECONDS n shown=0

	while kill -0 "$1" 2>/dev/null; do
		sleep 1
		n=$(grep -cE '^  (CC|AS|LD|AR) ' "$log" || true)
		if [ -t 2 ] && [ -z "${QUIET:-}" ]; then
			printf '\r%s: %s: %d objects, %d s ' "${0##*/}" "$what" "$n" $((SECONDS - start)) >&2
		elif [ $((SECONDS - start)) -ge $((shown + 60)) ]; then
			shown=$((SECONDS - start))
			note "$what: $n objects, $shown s"
		fi
	done
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# run_make WHAT TARGET: builds that, watched
run_make() {
	local what=$1 pid start=$SECONDS

	note "building the $what ($base, ${#patches[@]} patches); log: $log"
	# in a session of its own, so that it can be ended as a whole; the lock is not its
	setsid "${kmake[@]}" -j"${JOBS:-$(nproc)}" "$2" >>"$log" 2>&1 9>&- &
	build_pid=$!
	show_progress "$build_pid" "$what"
	pid=$build_pid build_pid=''
	wait "$pid" || die "building the $what failed: $(grep -m1 -E 'error:|Error|undefined' "$log" || echo 'no compiler message'); log: $log"
	note "$what built in $((SECONDS - start)) s"
}
