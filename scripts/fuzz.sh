#!/usr/bin/env bash
# Calls every function of the API with made-up questions, as strangers and as members, and sees whether what comes back is
# what /api/openapi.json promises: never a fault of ours (5xx), never another shape, no status that the call does not name. The weather
# and the model are asked of tools/fuzz/peers.py, which says odd things, too.
#   scripts/fuzz.sh [SECONDS]   for so long each; without it, a bounded run that is the same each time
# It starts the release build (or MOIM_BIN with MOIM_SITE_DIR) with a demo world in a directory of its own. Reports of both
# runs are left in target/reports.
set -euo pipefail
source "$(dirname "$0")/env.sh"

seconds="${1:-}"
bin="${MOIM_BIN:-target/release/moim}"
[[ -x "$bin" ]] || die "$bin is missing: run \`make build\` first."
[[ -x "$schemathesis_dir/bin/schemathesis" ]] || die "Schemathesis is missing: run \`make setup\`."
reports="$root/target/reports"
mkdir -p "$reports"

work="$(mktemp -d "${TMPDIR:-/tmp}/moim-fuzz.XXXXXX")"
server='' peers=''
finish() {
  if [[ -n "$server" ]]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  if [[ -n "$peers" ]]; then kill "$peers" 2>/dev/null && wait "$peers" || true; fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

python3 "$root/tools/fuzz/peers.py" > "$work/peers" 2> "$reports/fuzz-peers.log" &
peers=$!
for _ in {1..100}; do
  [[ -s "$work/peers" ]] && break
  sleep 0.1
done
read -r peers_port < "$work/peers" || die "tools/fuzz/peers.py did not start: $reports/fuzz-peers.log"
peers_url="http://127.0.0.1:$peers_port"

port="$(free_port)"
url="http://127.0.0.1:$port"
# Only what is named here: settings of whoever runs this must not leak in. MOIM_PROXIES: hooks.py plays the proxy, so that
# calls come from many addresses. Nobody outside this machine is asked for anything.
env -i PATH="$PATH" HOME="$HOME" MOIM_ADDR="127.0.0.1:$port" MOIM_DATA_DIR="$work/data" MOIM_DEMO=1 MOIM_PROXIES=1 \
  MOIM_WEATHER=open-meteo MOIM_WEATHER_URL="$peers_url" MOIM_SUGGEST_URL="$peers_url/v1" MOIM_SUGGEST_MODEL=fuzz \
  MOIM_SITE_DIR="${MOIM_SITE_DIR:-target/site}" MOIM_LOG=warn "$bin" > "$reports/fuzz-server.log" 2>&1 &
server=$!
for _ in {1..600}; do
  curl --silent --fail --noproxy '*' "$url/readyz" >/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$reports/fuzz-server.log" >&2; die "The server ended."; }
  sleep 0.1
done

# What ends the caller's own session is left out: whoever was called in its name would be a stranger afterwards.
#   sign_out             this one
#   end_other_sessions   those of the same person elsewhere
left_out=(--exclude-path /api/sign_out --exclude-path /api/end_other_sessions)
if [[ -n "$seconds" ]]; then
  bound=(--phases "coverage,fuzzing" --generation-database none --max-time "$seconds")
else
  bound=(--phases fuzzing --max-examples 8 --seed 1 --generation-deterministic)
fi

status=0
for who in strangers members; do
  say "API fuzzing, $who"
  # What is found is told as it was found, without looking for less (`--no-shrink`); nothing is left between runs.
  # Its progress is drawn anew all the time where `FORCE_COLOR` is set, even to 0.
  (cd "$work" && env -u FORCE_COLOR SCHEMATHESIS_HOOKS="$root/tools/fuzz/hooks.py" MOIM_FUZZ_URL="$url" MOIM_FUZZ_AS="$who" PYTHONPATH="$schemathesis_dir" \
    NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PYTHONDONTWRITEBYTECODE=1 \
    python3 "$schemathesis_dir/bin/schemathesis" run "$url/api/openapi.json" "${bound[@]}" "${left_out[@]}" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --workers 1 --no-shrink --continue-on-failure --generation-with-security-parameters false \
    --request-timeout 30 --suppress-health-check all --warnings off --report junit --report-junit-path "$reports/fuzz-$who.xml") \
    || status=$?
done
# Otherwise what comes from them would have been tried by nobody.
asked="$(curl --silent --fail --noproxy '*' "$peers_url/asked")"
[[ "$asked" == *'"weather": 0'* || "$asked" == *'"model": 0'* ]] && die "The weather or the model was never asked for: $asked"
say "Asked of the peers: $asked"
exit "$status"
