#!/usr/bin/env bash
# A private PostgreSQL for tests.
#   scripts/postgres.sh start DIR [OPTION…]   makes a cluster in the new directory DIR, starts it and prints its admin address;
#                                             with options of the server that win over those of the tests
#   scripts/postgres.sh stop DIR              stops it and removes DIR
# It listens on a free port of this machine only, and has a password of its own.
set -euo pipefail
source "$(dirname "$0")/env.sh"

action="${1:-}"
dir="${2:-}"
[[ "$action" =~ ^(start|stop)$ && -n "$dir" ]] || die "usage: scripts/postgres.sh start|stop DIR"
options="${*:3}"

# Debian keeps the server's programs off PATH; the newest version wins.
bin="$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)"
if [[ -z "$bin" ]]; then
  command -v initdb >/dev/null || die "PostgreSQL is missing: run \`make setup\`."
  bin="$(dirname "$(command -v initdb)")"
fi

# The server refuses to run as root.
as_user=()
if ((EUID == 0)); then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  as_user=(runuser -u "$user" --)
fi
run() { (cd / && ${as_user[@]+"${as_user[@]}"} "$@"); }

if [[ "$action" == stop ]]; then
  [[ -d "$dir/data" ]] || exit 0
  run "$bin/pg_ctl" stop --pgdata "$dir/data" --mode immediate --silent || true
  rm -rf "$dir"
  exit 0
fi

[[ ! -e "$dir" ]] || die "$dir exists already."
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
password="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
printf '%s' "$password" > "$dir/password"
if ((EUID == 0)); then chown -R "$user" "$dir"; fi
chmod 700 "$dir"

# --no-sync here and fsync=off below: nothing in it has to survive a crash of this machine.
run "$bin/initdb" --pgdata "$dir/data" --username moim --pwfile "$dir/password" --auth password \
  --encoding UTF8 --locale C.UTF-8 --no-sync > "$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }

# A port can be taken between asking for it and using it: then another one.
for _ in {1..5}; do
  port="$(free_port)"
  # max_connections: many tests at once, each with its own database and pool.
  if run "$bin/pg_ctl" start --pgdata "$dir/data" --log "$dir/server.log" --silent --wait --options "\
    -c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c max_connections=400 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
    -c autovacuum=off -c shared_buffers=128MB -c timezone=UTC -c client_min_messages=warning $options" >/dev/null 2>&1; then
    echo "postgres://moim:$password@127.0.0.1:$port/postgres"
    exit 0
  fi
done
cat "$dir/server.log" >&2 || true
rm -rf "$dir"
die "PostgreSQL did not start."
