#!/usr/bin/env bash
# Measures the release build against peers and limits, bar by bar; bench/README.md says how to read what it prints.
#   scripts/bench.sh [BAR…]   these bars, or all of them
# It measures target/release/moim, or MOIM_BIN with MOIM_SITE_DIR. BENCH_ROUNDS, BENCH_SECONDS, BENCH_COUNT and BENCH_SOAK_SECONDS make
# it shorter or longer: shorter is a quick look, which judges no budget. Its peers are installed into bench/, and nothing of it is
# shipped. Ends with 1 when a budget is missed, with 2 when something could not be measured.
set -euo pipefail
source "$(dirname "$0")/env.sh"

bars=("$@")
((${#bars[@]})) || bars=(list sign-in durable chat idle stalled soak ssr browser depth)

export MOIM_BIN="${MOIM_BIN:-$root/target/release/moim}"
export MOIM_SITE_DIR="${MOIM_SITE_DIR:-$root/target/site}"
[[ -x "$MOIM_BIN" ]] || die "$MOIM_BIN is missing: run \`make build\` first."
MOIM_BENCH_PROGRAM="$(sha256sum < "$MOIM_BIN" | cut -c1-16)"
export MOIM_BENCH_PROGRAM
# The bars and their servers hold many sockets.
ulimit -n "$(ulimit -H -n)"
# A proxy that the shell knows must not stand between the programs of this machine.
export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}" no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"

needs() { # needs BAR…: whether one of these is to be measured
  local wanted bar
  for wanted in "$@"; do
    for bar in "${bars[@]}"; do
      if [[ "$bar" == "$wanted" ]]; then return 0; fi
    done
  done
  return 1
}

say "Load programs"
cargo build --release --locked --quiet --manifest-path bench/load/Cargo.toml --target-dir bench/target

export MOIM_BENCH_VENV="$root/bench/.venv" MOIM_BENCH_DJANGO="$root/bench/peers/django"
requirements=bench/peers/django/requirements.txt
if needs list chat && ! cmp -s "$requirements" "$MOIM_BENCH_VENV/.installed-from"; then
  say "Peers in Python"
  rm -rf "$MOIM_BENCH_VENV"
  python3 -m venv "$MOIM_BENCH_VENV" || die "Python's venv is missing: install python3-venv."
  "$MOIM_BENCH_VENV/bin/pip" install --quiet --no-deps --require-hashes --only-binary :all: --requirement "$requirements"
  cp "$requirements" "$MOIM_BENCH_VENV/.installed-from"
fi
if needs browser && ! cmp -s bench/package-lock.json bench/node_modules/.installed-from; then
  say "Lighthouse"
  (cd bench && npm ci --no-audit --no-fund)
  cp bench/package-lock.json bench/node_modules/.installed-from
fi

export MOIM_BENCH_RESULTS="${MOIM_BENCH_RESULTS:-$root/bench/results}"
# Not /tmp: that may be in memory, where nothing is ever written through to a disk.
MOIM_BENCH_WORK="$(mktemp -d "${TMPDIR:-/var/tmp}/moim-bench.XXXXXX")"
export MOIM_BENCH_WORK
measuring=''
finish() {
  if [[ -n "$measuring" ]]; then kill "$measuring" 2>/dev/null && wait "$measuring" || true; fi
  scripts/postgres.sh stop "$MOIM_BENCH_WORK/postgres"
  scripts/redis.sh stop "$MOIM_BENCH_WORK/redis"
  rm -rf "$MOIM_BENCH_WORK"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# PostgreSQL runs as a user of its own and must be able to pass through.
chmod 711 "$MOIM_BENCH_WORK"

if needs list durable depth; then
  # As it runs for real: what is committed is on the disk.
  MOIM_BENCH_POSTGRES="$(scripts/postgres.sh start "$MOIM_BENCH_WORK/postgres" -c fsync=on -c synchronous_commit=on \
    -c full_page_writes=on -c shared_buffers=512MB -c max_wal_size=4GB)"
  export MOIM_BENCH_POSTGRES
fi
if needs chat; then
  MOIM_BENCH_REDIS="$(scripts/redis.sh start "$MOIM_BENCH_WORK/redis")"
  export MOIM_BENCH_REDIS
fi
# The language of the sockets is spoken in the version of the build that is measured.
MOIM_WS_VERSION="$(sed -n 's/^pub const VERSION: u32 = \([0-9]*\);$/\1/p' src/live/protocol.rs)"
export MOIM_WS_VERSION

status=0 summary=()
for bar in "${bars[@]}"; do
  result=0
  case "$bar" in
    browser) command=(node bench/browser/run.mjs bench/target/release/moim-load) ;;
    *) command=(bench/target/release/moim-load "$bar") ;;
  esac
  # In the background, so that a signal ends it at once.
  "${command[@]}" & measuring=$!
  wait "$measuring" || result=$?
  measuring=''
  case "$result" in
    0) summary+=("$bar: every budget met") ;;
    1) summary+=("$bar: BUDGET MISSED") ;;
    3) summary+=("$bar: NOT JUDGED, this was a quick look") result=0 ;;
    *)
      summary+=("$bar: NOT MEASURED")
      # What the measured servers said last.
      find "$MOIM_BENCH_WORK" -maxdepth 1 -name '*.log' -size +0 -exec tail -n 8 -v {} + >&2
      ;;
  esac
  ((result <= status)) || status="$result"
done
say "Bars"
printf '   %s\n' "${summary[@]}"
exit "$status"
