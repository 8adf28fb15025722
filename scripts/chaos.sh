#!/usr/bin/env bash
# The long form of the crash and fault tests (tests/chaos.rs): 100 deaths of the release build on each database, and what else can
# happen more often than in `make test`. About a quarter of an hour on a machine that does nothing else.
#   scripts/chaos.sh [CYCLES]
set -euo pipefail
source "$(dirname "$0")/env.sh"

MOIM_CHAOS_CYCLES="${1:-100}" MOIM_CHAOS_PROGRAM="$root/target/release/moim" \
  cargo-nextest nextest run --locked --no-default-features --features ssr --test chaos --profile chaos
