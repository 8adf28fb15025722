#!/usr/bin/env bash
# Lists what each of the two programs is made of, with versions, licences and checksums (CycloneDX 1.5): target/sbom/*.cdx.json.
# Nothing of npm is in a program: those packages build and test.
set -euo pipefail
source "$(dirname "$0")/env.sh"

version=0.5.9
dir="$tools/cargo-cyclonedx-$version"
[[ -x "$dir/bin/cargo-cyclonedx" ]] || cargo install cargo-cyclonedx --version "$version" --locked --root "$dir"

out="$root/target/sbom"
rm -rf "$out"
mkdir -p "$out"
list() { # list NAME TARGET FEATURE
  "$dir/bin/cargo-cyclonedx" cyclonedx --manifest-path "$root/Cargo.toml" --format json --spec-version 1.5 \
    --target "$2" --no-default-features --features "$3" --override-filename "$1.cdx"
  mv "$root/$1.cdx.json" "$out/"
}
list moim-server "$(rustc -vV | sed -n 's/^host: //p')" ssr
list moim-browser wasm32-unknown-unknown hydrate

# A list without the parts that everybody knows to be there is none.
for pair in moim-server:axum moim-server:sqlx moim-browser:leptos moim-browser:web-sys; do
  name="${pair%:*}" part="${pair#*:}"
  node -e '
    const list = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    if (!list.components.some((one) => one.name === process.argv[2] && one.version && one.licenses)) process.exit(1);
    console.error(`${process.argv[1]}: ${list.components.length} parts`);
  ' "$out/$name.cdx.json" "$part" || die "$name.cdx.json does not name $part."
done
