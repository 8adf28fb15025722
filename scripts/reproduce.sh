#!/usr/bin/env bash
# Shows that what is committed makes the same files wherever it is built: builds it once more, in a new clone in another directory, and
# compares every byte of what is served with those of this checkout. Takes as long as a first build. (The server's program is another
# one: rustc names what is in it after where it was built.)
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ -z "$(git status --porcelain)" ]] || die "Commit first: a clone has what is committed."
there="$(mktemp -d)"
trap 'rm -rf "$there"' EXIT
git clone --quiet "$root" "$there/another/place"
(cd "$there/another/place" && scripts/setup.sh && scripts/build.sh)

# sums DIR: of everything that its last build made. Files of builds before may still be beside them, for those who have their pages open.
sums() {
  local build
  build="$(cat "$1/target/site/build.txt")"
  (cd "$1/target" && find site -type f \( ! -path 'site/pkg/*' -o -path "site/pkg/$build/*" \) -exec sha256sum {} + | sort -k 2)
}
sums "$root" > "$there/here.txt"
sums "$there/another/place" > "$there/there.txt"
grep -q ' site/pkg/' "$there/here.txt" || die 'Nothing was built here.'
say 'What differs'
diff "$there/here.txt" "$there/there.txt" || die 'The same commit made something else in another place.'
echo "Nothing: $(wc -l < "$there/here.txt") files are the same."
