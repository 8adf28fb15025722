#!/usr/bin/env bash
# The release build: target/release/moim (the server) and target/site (what it serves).
set -euo pipefail
source "$(dirname "$0")/env.sh"

scripts/style.sh

# First the browser's program, then the server: at once they would only compete for the cores and the memory.
# cargo-leptos empties the directory it builds into, so it gets one of its own and pack.mjs publishes from there: a running
# server keeps its files, and target/site is never half-built.
# It looks for wasm-opt in node_modules first, whatever PATH says.
ln -sf ../../scripts/no-wasm-opt/wasm-opt node_modules/.bin/wasm-opt
LEPTOS_SITE_ROOT=target/stage leptos build --release --split --frontend-only
node scripts/optimize.mjs target/stage/pkg
node scripts/pack.mjs target/stage target/site
leptos build --release --split --server-only
