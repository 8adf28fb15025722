#!/usr/bin/env bash
# Looks up known vulnerabilities of everything that has a lock file, and asks GitHub and npm for that. All are looked at, then it fails
# if one of them is affected.
set -euo pipefail
source "$(dirname "$0")/env.sh"

failed=()
mapfile -t locks < <(lock_files Cargo.lock)
for lock in "${locks[@]}"; do
  say "$lock"
  cargo-deny --locked --config deny.toml --manifest-path "${lock%lock}toml" check advisories || failed+=("$lock")
done
# Of npm nothing is shipped: this builds, tests and measures.
mapfile -t locks < <(lock_files package-lock.json)
for lock in "${locks[@]}"; do
  say "$lock"
  (cd "$(dirname "$lock")" && npm audit --package-lock-only) || failed+=("$lock")
done

if ((${#failed[@]})); then
  say "Affected, or could not be looked up:"
  printf '   %s\n' "${failed[@]}"
  exit 1
fi
