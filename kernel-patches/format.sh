#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Turn a folder of patches into a git tree to work in, and back.
set -euo pipefail

# What makes the base commit, and with it the base-commit: line of the cover
# letter, the same for everyone who starts from the same source.
readonly BASE_ID="kernel-patches base <base@kernel-patches.invalid>"
readonly BASE_DATE="2000-01-01T00:00:00+0000"
readonly BASE_TAG=kernel-patches-base

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage()
{
	cat <<-EOF
	usage: format.sh tree  SERIES SOURCE DIR   make a git tree in DIR, patches applied
	       format.sh write SERIES DIR          write the patches of DIR's branch back

	SERIES is a folder of patches, such as 6.1/swap-lock. SOURCE is an unpacked
	kernel or a tarball of one. DIR must not exist for 'tree'.
	EOF
}

die()
{
	echo "format.sh: $1" >&2
	exit "${2:-1}"
}

unpack()
{
	local source=$1 dir=$2

	mkdir "$dir" || die "cannot create $dir"
	if [[ -d $source ]]; then
		cp -a --reflink=auto "$source/." "$dir/"
	else
		tar -xf "$source" -C "$dir" --strip-components=1
	fi
	[[ -f $dir/mm/swapfile.c ]] || die "$source is no kernel source"
}

commit_base()
{
	local dir=$1 version

	version=$(make -s --no-print-directory -C "$dir" kernelversion)
	git -C "$dir" init -q
	git -C "$dir" checkout -q -b "$series_branch"
	git -C "$dir" add -A -f
	GIT_AUTHOR_NAME=${BASE_ID% <*} GIT_COMMITTER_NAME=${BASE_ID% <*} \
	GIT_AUTHOR_EMAIL=base@kernel-patches.invalid \
	GIT_COMMITTER_EMAIL=base@kernel-patches.invalid \
	GIT_AUTHOR_DATE=$BASE_DATE GIT_COMMITTER_DATE=$BASE_DATE \
		git -C "$dir" commit -q -m "linux $version"
	git -C "$dir" tag "$BASE_TAG"
}

make_tree()
{
	local source=$1 dir=$2 patches

	[[ ! -e $dir ]] || die "$dir exists"
	[[ -e $source ]] || die "$source does not exist"
	unpack "$source" "$dir"
	[[ ! -e $dir/.git ]] || die "$source has a .git of its own, use git am there"
	commit_base "$dir"
	shopt -s nullglob
	patches=("$series"/[0-9][0-9][0-9][1-9]-*.patch "$series"/[0-9][0-9][1-9]0-*.patch)
	((${#patches[@]})) || return 0
	git -C "$dir" am -q "${patches[@]}"
}

write_patches()
{
	local dir=$1 range branch

	git -C "$dir" rev-parse -q --verify "$BASE_TAG" >/dev/null ||
		die "$dir has no tag $BASE_TAG: make it with 'format.sh tree'"
	branch=$(git -C "$dir" symbolic-ref -q --short HEAD) || die "$dir is on no branch"
	[[ -z $(git -C "$dir" status --porcelain -uno) ]] || die "$dir has changes that are not committed"
	range="$BASE_TAG..HEAD"
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	# A cover letter bears the committer's clock unless told otherwise.
	GIT_COMMITTER_DATE=$(git -C "$dir" log -1 --format=%aD) \
	git -C "$dir" -c "branch.$branch.description=$(<"$series/cover.txt")" \
		-c format.signature='' -c diff.noprefix=false -c format.useAutoBase=false \
		format-patch -q --cover-letter --cover-from-description=subject \
		--subject-prefix="PATCH $series_base" --zero-commit --no-signature --base="$BASE_TAG" -o "$tmp" "$range"
	rm -f "$series"/0*.patch
	cp "$tmp"/*.patch "$series/"
	(cd "$series" && ls -1 -- *.patch)
}

main()
{
	[[ ${1:-} != -h && ${1:-} != --help ]] || { usage; exit 0; }
	(($# >= 3)) || { usage >&2; exit 2; }
	series=$2
	[[ -d $series ]] || series=$here/$2
	[[ -f $series/cover.txt ]] || die "no cover.txt in $2"
	series=$(cd "$series" && pwd)
	series_branch=$(basename "$series")
	series_base=$(basename "$(dirname "$series")")

	case $1 in
	tree)	(($# == 4)) || { usage >&2; exit 2; }; make_tree "$3" "$4" ;;
	write)	(($# == 3)) || { usage >&2; exit 2; }; write_patches "$3" ;;
	*)	usage >&2; exit 2 ;;
	esac
}

main "$@"
