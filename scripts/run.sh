#!/usr/bin/env bash
# Starts the release build, with a demo world unless MOIM_DEMO says otherwise. `make run` sets up and builds before.
set -euo pipefail
source "$(dirname "$0")/env.sh"

export MOIM_DEMO="${MOIM_DEMO:-1}"
export MOIM_ADDR="${MOIM_ADDR:-127.0.0.1:3000}"
export MOIM_SITE_DIR="${MOIM_SITE_DIR:-target/site}"
printf '\nMoim: %s   (Ctrl+C stops it)\n\n' "${MOIM_URL:-http://$MOIM_ADDR}"
exec target/release/moim
