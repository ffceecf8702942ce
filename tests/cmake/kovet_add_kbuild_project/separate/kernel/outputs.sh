# outputs.sh <shadow> <sources> <output> <kernel>: brings what a build left in the shadow folder to
# its place, with paths as a make would write them that worked there.
set -eu
shadow=$1 sources=$2 output=$3 kernel=$4
prefix=
[ "$sources" = "$output" ] || prefix=$sources/
cd "$shadow"
find . -type f \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '*.cmd' \
	-o -name Module.symvers -o -name modules.order \) | while read -r file; do
	mkdir -p "$output/${file%/*}"
	[ ! -e "$output/$file" ] || [ "$file" -nt "$output/$file" ] || continue
	case $file in
	*.cmd)
		sed -e "s%^  \(\./\)\{0,1\}\(include\|arch\)/%  $kernel/\2/%" \
			-e "s,$shadow/\([^ ]*\.mod\.c\),\1,g" \
			-e "s,$shadow/\([^ ]*\.[chS]\)\( \|$\),$prefix\1\2,g" -e "s,$shadow/,,g" "$file" >"$output/$file"
		touch -r "$file" "$output/$file" ;;
	*) cp -p "$file" "$output/$file" ;;
	esac
done
