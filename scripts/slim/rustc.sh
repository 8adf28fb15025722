#!/usr/bin/env bash
# rustc for the browser's program (RUSTC_WRAPPER): a crate for which a patch lies here is compiled from a patched copy of its
# source. The patches change what the program weighs and what it goes on holding, not what it does. Everything else, and every other build,
# takes the crates as they are. A crate of another version has no patch: scripts/build.sh sees to it that none is left over.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
copies="${here%/scripts/slim}/target/slim"

patched() { # patched CRATE-VERSION SOURCE: the directory of the patched copy
  local name="$1" source="$2" stamp work
  stamp="$(sha256sum < "$here/$name.patch" | cut -c1-16)"
  if [[ ! -d "$copies/$name-$stamp" ]]; then
    mkdir -p "$copies"
    work="$(mktemp -d "$copies/new.XXXXXX")"
    cp -r "$source/." "$work"
    # It takes a patch whole or not at all, and needs no repository; within ours it would look for these files in the index.
    (cd "$work" && GIT_CEILING_DIRECTORIES="$copies" git apply --whitespace=nowarn "$here/$name.patch") \
      || { echo "scripts/slim/$name.patch does not fit the source of $name" >&2; exit 1; }
    mv -T "$work" "$copies/$name-$stamp" 2>/dev/null || rm -rf "$work"
  fi
  echo "$copies/$name-$stamp"
}

arguments=()
for argument in "$@"; do
  crate="${argument%/src/lib.rs}"
  name="${crate##*/}"
  if [[ "$crate" != "$argument" && -f "$here/$name.patch" ]]; then
    copy="$(patched "$name" "$crate")"
    # Nothing of the program depends on where the checkout is.
    arguments+=("--remap-path-prefix=$copy=/slim/$name" "$copy/src/lib.rs")
  else
    arguments+=("$argument")
  fi
done
exec "${arguments[@]}"
