#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Check the patch series of a base kernel: each patch applies without fuzz, is
# clean for the tree's own checkpatch.pl --strict, and leaves what it changes
# building in two configurations; all of them together build a whole image. Where
# a folder has a file "unchanged", the code of the objects it names stays what it
# was before the folder's first patch, in the first configuration.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_config=$here/../bench/lab/config
cache=${LOCKSTAT_SWAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lockstat-swap}/patch-check

# name of a build, what it is made of on top of tinyconfig
declare -A fragments=(
	[timing]="$lab_config/timing.config $here/config/check.config"
	[debug]="$here/config/debug.config"
)

base=6.1
build=yes
image=yes
keep=no
work=
dirs_before=()
noted=
objects=()

usage()
{
	cat <<-EOF
	usage: check.sh [--base VERSION] [--no-build] [--no-image] [--keep]

	  --base VERSION  which base to check, a folder beside this script (6.1)
	  --no-build      only apply the patches and run checkpatch.pl
	  --no-image      each patch is built, but no image of them all, which
	                  bench/lab/kernel.sh does as well
	  --keep          leave the patched tree and its builds, say where

	KERNEL_SRC=  an unpacked kernel, never written to, or a tarball of one; without
	             it the newest /usr/src/linux-source-VERSION.tar.*
	EOF
}

die()
{
	echo "check.sh: $1" >&2
	exit "${2:-1}"
}

# fail PATCH WHAT LOG: the end of the log, then one line that says it all.
fail()
{
	[[ -s ${3:-} ]] && tail -n 15 "$3" >&2
	die "$1: $2"
}

need_tools()
{
	local tool

	for tool in patch perl make gcc bc flex bison objdump; do
		command -v "$tool" >/dev/null || die "$tool is not installed"
	done
}

find_source()
{
	local -a found=()

	if [[ -n ${KERNEL_SRC:-} ]]; then
		[[ -e $KERNEL_SRC ]] || die "KERNEL_SRC=$KERNEL_SRC does not exist"
		echo "$KERNEL_SRC"
		return
	fi
	shopt -s nullglob
	found=("/usr/src/linux-source-$base.tar."*)
	((${#found[@]})) ||
		die "no /usr/src/linux-source-$base.tar.*: install linux-source-$base or set KERNEL_SRC="
	# shellcheck disable=SC2012 # by time, and the names are the package's
	ls -t -- "${found[@]}" | head -n 1
}

# The patches of the series file, in order, relative to the base's folder.
read_series()
{
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$here/$base/series"
}

# Patches that are there, but not to be applied yet: commented out in the series file.
read_not_yet()
{
	sed -n -E 's,^#[[:space:]]*([^[:space:]]+/[0-9]{4}-[^[:space:]]+\.patch)[[:space:]]*$,\1,p' "$here/$base/series"
}

# Whatever the result depends on. A directory is told by the names, sizes and
# times in it: reading 1.3 GB would take longer than a repeated check may.
hash_inputs()
{
	{
		if [[ -d $source ]]; then
			(cd "$source" && find . -path ./.git -prune -o -type f -printf '%p %s %T@\n' | sort)
		else
			sha256sum < "$source"
		fi
		(cd "$here" && sha256sum check.sh "$base/series" "${series[@]/#/$base/}")
		(cd "$here/$base" && find . -name unchanged -exec sha256sum {} + | sort)
		# shellcheck disable=SC2086 # lists of files
		sha256sum ${fragments[timing]} ${fragments[debug]} | cut -d' ' -f1
		gcc --version | head -n 1
		echo "build=$build image=$image"
	} | sha256sum | cut -c1-16
}

# A patch nobody lists, or listed twice, is a mistake no build would find.
check_series()
{
	local dir listed present cover

	listed=$({ printf '%s\n' "${series[@]}" && read_not_yet; } | sort)
	[[ -z $(uniq -d <<<"$listed") ]] || die "$base/series lists a patch twice"
	present=$(cd "$here/$base" && find . -mindepth 2 -name '*.patch' ! -name 0000-cover-letter.patch \
		-printf '%P\n' | sort)
	[[ $listed == "$present" ]] ||
		die "$base/series and the folders differ: $(comm -3 <(echo "$listed") <(echo "$present") | tr -s '\t\n' ' ')"
	for dir in $(printf '%s\n' "${series[@]%/*}" | sort -u); do
		cover=$here/$base/$dir/0000-cover-letter.patch
		[[ -f $cover ]] || die "$base/$dir has no cover letter"
		# The subject is folded in the letter; the body is taken as it is.
		[[ $(<"$cover") == *"$(tail -n +3 "$here/$base/$dir/cover.txt")"* ]] ||
			die "$base/$dir: cover letter and cover.txt differ, run format.sh"
	done
}

unpack()
{
	local tree=$work/tree

	mkdir "$tree"
	if [[ -d $source ]]; then
		(cd "$source" && tar --exclude=./.git -cf - .) | tar -xf - -C "$tree"
	else
		tar -xf "$source" -C "$tree" --strip-components=1
	fi
	[[ -x $tree/scripts/checkpatch.pl ]] || die "$source is no kernel source"
	[[ ! -e $tree/.config && ! -d $tree/include/config ]] ||
		make -s -C "$tree" mrproper >"$log" 2>&1 || fail "$source" "make mrproper" "$log"
	version=$(make -s --no-print-directory -C "$tree" kernelversion)
	[[ $version == "$base".* || $version == "$base" ]] || die "$source is $version, not $base"
}

# configure NAME: tinyconfig and the fragments of this build.
configure()
{
	local out=$work/$1

	mkdir -p "$out"
	{
		make -s -C "$work/tree" O="$out" tinyconfig
		cd "$work/tree"
		# shellcheck disable=SC2086 # a list of files
		scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" ${fragments[$1]}
		make -s O="$out" olddefconfig
	} >"$log" 2>&1 || fail "$1" "configuration" "$log"
}

# An option that lost its dependencies vanishes without a word. Some are brought by the patches.
check_config()
{
	local wanted

	# shellcheck disable=SC2086 # a list of files
	cat ${fragments[$1]} | grep -o '^CONFIG_[A-Z0-9_]*=y' | while read -r wanted; do
		grep -q "^$wanted$" "$work/$1/.config" ||
			grep -qs "^# ${wanted%=y} is not set" ${fragments[$1]} ||
			die "$1: $wanted did not survive"
	done
}

# The directories whose sources a patch changes: mm/ drivers/block/zram/ ...
directories()
{
	local -a found

	mapfile -t found < <(sed -nE 's,^\+\+\+ b/(.*/)[^/]*\.[chS]$,\1,p' "$here/$base/$1" | grep -v '^include/' | sort -u)
	echo "${found[*]}"
}

# compile PATCH NAME TARGET...
compile()
{
	local start=$SECONDS

	nice -n 5 make -s -C "$work/tree" O="$work/$2" -j"$(nproc)" "${@:3}" >"$log" 2>&1 ||
		fail "$1" "${*:3} does not build ($2)" "$log"
	took="$2 $((SECONDS - start)) s"
}

apply()
{
	local -a opts=(-p1 -F0 --batch -d "$work/tree" -i "$here/$base/$1")

	patch --dry-run "${opts[@]}" >"$log" 2>&1 || fail "$1" "does not apply without fuzz" "$log"
	patch -s "${opts[@]}" >>"$log" 2>&1 || fail "$1" "does not apply without fuzz" "$log"
}

run_checkpatch()
{
	grep -q '^Signed-off-by: ' "$here/$base/$1" || fail "$1" "no Signed-off-by"
	grep -q '^Patch-mainline: ' "$here/$base/$1" || fail "$1" "no Patch-mainline"
	(cd "$work/tree" && ./scripts/checkpatch.pl --strict "$here/$base/$1") >"$log" 2>&1 ||
		fail "$1" "checkpatch.pl --strict is not clean" "$log"
	grep -q '^total: 0 errors, 0 warnings, 0 checks' "$log" ||
		fail "$1" "checkpatch.pl --strict is not clean" "$log"
}

# The instructions of an object and what they refer to. Line numbers, which a patch
# does change, are in the tables of BUG() and WARN() only.
code_of()
{
	(cd "$work/timing" && objdump -dr "$1")
}

# objects_unchanged FOLDER: those that its patches leave as they are
objects_unchanged()
{
	[[ ! -f $here/$base/$1/unchanged ]] || sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/$base/$1/unchanged"
}

# What to compare with, before the first patch of a folder
note_code()
{
	local folder=${1%/*} object

	[[ $folder != "$noted" ]] || return 0
	noted=$folder
	mapfile -t objects < <(objects_unchanged "$folder")
	((${#objects[@]})) || return 0
	compile "$1" timing "${objects[@]}"
	for object in "${objects[@]}"; do
		mkdir -p "$work/code/${object%/*}"
		code_of "$object" >"$work/code/$object"
	done
}

compare_code()
{
	local object

	for object in "${objects[@]}"; do
		code_of "$object" | cmp -s - "$work/code/$object" || fail "$1" "changes the code of $object (timing)"
	done
}

changes_options()
{
	grep -q '^+++ b/.*/Kconfig' "$here/$base/$1"
}

configure_all()
{
	configure timing
	configure debug
}

check_patch()
{
	local line="ok   $1: no fuzz, checkpatch clean"
	local -a dirs

	[[ $build == no ]] || note_code "$1"
	apply "$1"
	run_checkpatch "$1"
	if [[ $build == yes ]]; then
		! changes_options "$1" || configure_all
		read -ra dirs <<<"$(directories "$1")"
		# Headers alone: who includes them is where the patch before was
		((${#dirs[@]})) || dirs=("${dirs_before[@]}")
		dirs_before=("${dirs[@]}")
		((${#dirs[@]})) || fail "$1" "changes no directory that can be built"
		compile "$1" timing "${dirs[@]}"
		compare_code "$1"
		line+=", ${dirs[*]} builds ($took"
		compile "$1" debug "${dirs[@]}"
		line+=", $took)"
		((${#objects[@]} == 0)) || line+=", code of ${#objects[@]} objects unchanged"
	fi
	say "$line"
}

say()
{
	echo "$1" | tee -a "$work/result"
}

run_checks()
{
	local patch

	unpack
	say "base linux $version, $(basename "$source"), ${#series[@]} patches"
	[[ $build == no ]] || configure_all
	for patch in "${series[@]}"; do
		check_patch "$patch"
	done
	if [[ $build == yes ]]; then
		check_config timing
		check_config debug
	fi
	if [[ $build == yes && $image == yes ]]; then
		compile "the whole series" timing bzImage
		say "ok   all: bzImage builds ($took)"
	fi
}

cleanup()
{
	[[ -n $work ]] || return 0
	if [[ $keep == yes ]]; then
		echo "check.sh: kept $work" >&2
	else
		# A compiler on its way out may still add a file.
		rm -rf "$work" 2>/dev/null || { sleep 2; rm -rf "$work"; }
	fi
}

parse_options()
{
	while (($#)); do
		case $1 in
		--base)		(($# > 1)) || { usage >&2; exit 2; }; base=$2; shift ;;
		--base=*)	base=${1#*=} ;;
		--no-build)	build=no ;;
		--no-image)	image=no ;;
		--keep)		keep=yes ;;
		-h|--help)	usage; exit 0 ;;
		*)		echo "check.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
		esac
		shift
	done
	[[ -f $here/$base/series ]] || die "no series for base '$base'" 2
	fragments[timing]="$lab_config/base.config $lab_config/base-$base.config ${fragments[timing]}"
	fragments[debug]="$lab_config/base.config $lab_config/base-$base.config ${fragments[debug]}"
	[[ ! -f $here/config/debug-$base.config ]] || fragments[debug]+=" $here/config/debug-$base.config"
}

main()
{
	local hash

	parse_options "$@"
	need_tools
	source=$(find_source)
	source=$(realpath "$source")
	mapfile -t series < <(read_series)
	((${#series[@]})) || die "$base/series is empty"
	check_series
	hash=$(hash_inputs)
	if [[ -f $cache/$hash && $keep == no ]]; then
		cat "$cache/$hash"
		echo "nothing changed since $(date -r "$cache/$hash" '+%F %T'): not built again"
		return
	fi
	mkdir -p "$cache"
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	work=$(mktemp -d "$cache/work.XXXXXX")
	log=$work/log
	run_checks
	mv "$work/result" "$cache/$hash"
}

main "$@"
