#!/usr/bin/env bash
# A private Redis for tests, in memory only.
#   scripts/redis.sh start DIR   starts it, with its log and pid in the new directory DIR, and prints its address
#   scripts/redis.sh stop DIR    stops it and removes DIR
set -euo pipefail
source "$(dirname "$0")/env.sh"

action="${1:-}"
dir="${2:-}"
[[ "$action" =~ ^(start|stop)$ && -n "$dir" ]] || die "usage: scripts/redis.sh start|stop DIR"

if [[ "$action" == stop ]]; then
  [[ -d "$dir" ]] || exit 0
  if [[ -s "$dir/pid" ]]; then
    pid="$(cat "$dir/pid")"
    kill "$pid" 2>/dev/null || true
    for _ in {1..50}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
  exit 0
fi

command -v redis-server >/dev/null || die "Redis is missing: run \`make setup\`."
[[ ! -e "$dir" ]] || die "$dir exists already."
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
for _ in {1..5}; do
  port="$(free_port)"
  redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize yes \
    --dir "$dir" --pidfile "$dir/pid" --logfile "$dir/log" >/dev/null
  for _ in {1..50}; do
    # Redis writes this line only when it listens; with a taken port it ends instead.
    if grep -qs 'Ready to accept connections' "$dir/log" && [[ -s "$dir/pid" ]]; then
      echo "redis://127.0.0.1:$port"
      exit 0
    fi
    if grep -qsi 'failed listening\|address already in use' "$dir/log"; then break; fi
    sleep 0.1
  done
  rm -f "$dir/log"
done
rm -rf "$dir"
die "Redis did not start."
