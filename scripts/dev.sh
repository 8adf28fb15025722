#!/usr/bin/env bash
# Builds for development, starts the server and does both again at every change. Any setting of the server can be given
# in the environment, for example `DATABASE_URL=postgres://… make dev`.
set -euo pipefail
source "$(dirname "$0")/env.sh"

scripts/style.sh

# cargo-leptos watches the joined style sheet; this joins it when one of the parts changes.
node --input-type=module -e '
  import { execFile } from "node:child_process";
  import { watch } from "node:fs";
  let timer;
  watch("style", { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => execFile("scripts/style.sh", { stdio: "inherit" }), 50);
  });
  // Started by a shell that may die without a word: go with it.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(), 1000);
' &
watcher=$!
trap 'kill "$watcher" 2>/dev/null || true' EXIT

# Its own site directory: the release build's stays whole while somebody develops.
export LEPTOS_SITE_ROOT=target/dev-site
export MOIM_SITE_DIR=target/dev-site
export MOIM_DEMO="${MOIM_DEMO:-1}"
# cargo-leptos compiles the server with LEPTOS_WATCH, and every other cargo command does not: each change between `make dev`
# and the tests would build Leptos anew. It matters at run time only (the page reloads itself), and there it stays.
export LEPTOS_BIN_CARGO_COMMAND='env -u LEPTOS_WATCH cargo'
leptos watch --split
