#!/usr/bin/env bash
# The release build: target/release/moim (the server) and target/site (what it serves).
set -euo pipefail
source "$(dirname "$0")/env.sh"

scripts/style.sh release

# The browser's program and the server are built at once, in directories of their own: the last crate of each is the largest, and
# much of its time only one core has something to do.
# cargo-leptos empties the directory it builds into, so it gets one of its own and pack.mjs publishes from there: a running
# server keeps its files, and target/site is never half-built.
# It looks for wasm-opt in node_modules first, whatever PATH says.
ln -sf ../../scripts/no-wasm-opt/wasm-opt node_modules/.bin/wasm-opt
# Some crates are compiled from a patched copy (scripts/slim): without what no page needs of them, and without holding what is gone.
for patch in scripts/slim/*.patch; do
  crate="$(basename "$patch" .patch)"
  grep -A1 -Fx "name = \"${crate%-*}\"" Cargo.lock | grep -Fxq "version = \"${crate##*-}\"" \
    || die "$patch is for another version than Cargo.lock has: see whether it is still needed, and make it anew."
done
# Cargo does not see what the patches do; this makes it build anew when they change.
slim="$(cat scripts/slim/* | sha256sum | cut -c1-16)"
# The standard library is built with it, for size, and a panic is one instruction: no words, no places, no formatting of what
# nobody reads. This takes a tenth off every page. rustc allows it on a release only when told to (RUSTC_BOOTSTRAP); the
# toolchain is pinned, so what it allows does not change under us. `make dev` has words and places.
browser=(
  RUSTC_BOOTSTRAP=1
  RUSTC_WRAPPER="$root/scripts/slim/rustc.sh"
  CARGO_UNSTABLE_BUILD_STD="std,panic_abort"
  CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size
  # Behind the flags of .cargo/config.toml.
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS='-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none --cfg slim="'"$slim"'"'
  LEPTOS_SITE_ROOT=target/stage
)
(export "${browser[@]}"; leptos build --release --split --frontend-only) &
browser_build=$!
built=yes
leptos build --release --split --server-only || built=no
wait "$browser_build" || built=no
[[ "$built" == yes ]] || exit 1
node scripts/pack.mjs target/stage target/site
