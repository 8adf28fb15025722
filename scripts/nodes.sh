#!/usr/bin/env bash
# Several nodes for tests, as deploy/ sets them up: one PostgreSQL, one Redis, COUNT nodes of the release build (or MOIM_BIN with
# MOIM_SITE_DIR) that share them and a directory of pictures, and nginx in front with deploy/nginx.conf.
#   scripts/nodes.sh start DIR COUNT [NAME=VALUE…]   starts them, with all they write in the new directory DIR, and prints the address
#                                                    in front; further settings go to all nodes
#   scripts/nodes.sh restart DIR N     stops node N (or the one at the address N) as an operator would (SIGTERM) and starts it again, while nginx knows nothing
#   scripts/nodes.sh roll DIR          restarts all of them with deploy/rolling-restart.sh
#   scripts/nodes.sh moim DIR WORD…    runs a subcommand with the settings of the nodes
#   scripts/nodes.sh sql DIR TEXT      says something to their database, all of it or nothing, and prints what it answers
#   scripts/nodes.sh stop DIR          stops everything and removes DIR
# Everything listens on free ports of this machine only. In DIR: `address` (in front), `tls/moim.pem` (whom to trust for it), and of
# each node `N/address`, `N/pid` and `N/log`.
set -euo pipefail
source "$(dirname "$0")/env.sh"

action="${1:-}"
dir="${2:-}"
usage='usage: scripts/nodes.sh start DIR COUNT [NAME=VALUE…] | restart DIR N | roll DIR | moim DIR WORD… | sql DIR TEXT | stop DIR'
[[ "$action" =~ ^(start|restart|roll|moim|sql|stop)$ && -n "$dir" ]] || die "$usage"
shift 2
PATH="$PATH:/usr/sbin"

runs() { [[ -s "$1" ]] && [[ -e "/proc/$(cat "$1")/exe" ]]; }
# end PIDFILE SIGNAL TENTHS: succeeds when it is gone in that time; after it, it is killed.
end() {
  local pid left="$3"
  runs "$1" || return 0
  pid="$(cat "$1")"
  kill -s "$2" "$pid" 2>/dev/null || true
  while [[ -e "/proc/$pid/exe" ]]; do
    if ((left-- == 0)); then
      kill -KILL "$pid" 2>/dev/null || true
      return 1
    fi
    sleep 0.1
  done
}

# The nodes first: they have something to say to the databases.
halt() {
  local pid
  if [[ -d "$dir/nginx" ]]; then end "$dir/nginx/pid" TERM 50 || true; fi
  for pid in "$dir"/[0-9]*/pid; do if [[ -e "$pid" ]]; then kill -TERM "$(cat "$pid")" 2>/dev/null || true; fi; done
  for pid in "$dir"/[0-9]*/pid; do end "$pid" TERM 120 || true; done
  scripts/redis.sh stop "$dir/redis"
  scripts/postgres.sh stop "$dir/postgres"
}

if [[ "$action" == stop ]]; then
  [[ -d "$dir" ]] || exit 0
  halt
  rm -rf "$dir"
  exit 0
fi

bin="$(realpath -m "${MOIM_BIN:-target/release/moim}")"
site="$(realpath -m "${MOIM_SITE_DIR:-target/site}")"

# program WORD…: becomes it, only with what is named here; settings of whoever runs this must not leak in.
program() {
  exec env -i PATH="$PATH" HOME="$dir" RUST_BACKTRACE=1 NO_COLOR=1 MOIM_CONFIG="$dir/moim.env" MOIM_SITE_DIR="$site" "$@"
}
is_ready() { curl -q --fail --silent --noproxy '*' --max-time 2 "http://$(cat "$1/address")/readyz" > /dev/null; }
# launch N: does not wait for it.
launch() {
  # A session of its own: it stays when a terminal sends an interrupt or ends.
  (cd "$dir" && program MOIM_ADDR="$(cat "$1/address")" setsid "$bin") < /dev/null >> "$dir/$1/log" 2>&1 &
  echo $! > "$dir/$1/pid"
  disown
}
# until_ready N
until_ready() {
  local deadline=$((SECONDS + 30))
  until is_ready "$dir/$1"; do
    if ! runs "$dir/$1/pid" || ((SECONDS > deadline)); then
      tail -n 20 "$dir/$1/log" >&2
      return 1
    fi
    sleep 0.05
  done
}

if [[ "$action" != start ]]; then
  [[ -f "$dir/moim.env" ]] || die "$dir has no nodes."
  dir="$(cd "$dir" && pwd)"
  case "$action" in
    moim) program "$bin" "$@" ;;
    sql)
      (($# == 1)) || die "$usage"
      # Debian has it on PATH; elsewhere it lies where postgres.sh found the server.
      command -v psql > /dev/null || PATH="$PATH:$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)" \
        || die "psql is missing: run \`make setup\`."
      exec env -i PATH="$PATH" HOME="$dir" psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --single-transaction \
        --dbname "$(cat "$dir/database")" --command "$1"
      ;;
    restart)
      n="${1:-}"
      # By its address, as rolling-restart.sh knows it.
      if [[ "$n" == *:* ]]; then n="$(basename "$(dirname "$(grep -lFx -- "$n" "$dir"/[0-9]*/address)")")"; fi
      [[ -n "$n" && -d "$dir/$n" ]] || die "$usage"
      end "$dir/$n/pid" TERM 110 || die "Node $n did not stop when it was asked to."
      launch "$n"
      until_ready "$n" || die "Node $n did not come back."
      ;;
    roll)
      MOIM_RELOAD_PAUSE="${MOIM_RELOAD_PAUSE:-1}" deploy/rolling-restart.sh "$dir/nodes.conf" \
        "kill -HUP $(cat "$dir/nginx/pid")" "$(printf '%q restart %q' "$PWD/scripts/nodes.sh" "$dir")"
      ;;
  esac
  exit 0
fi

count="${1:-}"
[[ "$count" =~ ^[1-9]$ ]] || die "$usage"
shift
command -v nginx > /dev/null || die "nginx is missing: run \`make setup\`."
[[ -x "$bin" ]] || die "$bin is missing: run \`make build\` first."
[[ ! -e "$dir" ]] || die "$dir exists already."
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
# PostgreSQL runs as a user of its own and must be able to pass through.
chmod 711 "$dir"
# Until it works: whatever ends this script leaves nothing behind.
trap 'halt; rm -rf "$dir"' EXIT

scripts/postgres.sh start "$dir/postgres" > "$dir/database" &
making=$!
redis="$(scripts/redis.sh start "$dir/redis")"
mkdir "$dir/tls" "$dir/nginx" "$dir/data"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' -keyout "$dir/tls/moim.key" -out "$dir/tls/moim.pem" 2> "$dir/tls/log" \
  || { cat "$dir/tls/log" >&2; exit 1; }
wait "$making"

# deploy/nginx.conf with other ports and paths, and nothing else.
front() {
  local port="$1" plain="$2" conf="$dir/nginx/nginx.conf"
  sed -E -e "s#listen 443 #listen 127.0.0.1:$port #" -e "s#listen 80 #listen 127.0.0.1:$plain #" -e '/listen \[::\]/d' -e '/^ *#/d' \
    -e "s#/etc/nginx/moim-nodes.conf#$dir/nodes.conf#" -e "s#/etc/nginx/tls#$dir/tls#" \
    -e "$(if ((EUID == 0)); then echo 's#^user .*#user root;#'; else echo '/^user /d'; fi)" \
    -e "s#^http \{#&$(printf ' %s_temp_path temp;' client_body proxy fastcgi uwsgi scgi)#" deploy/nginx.conf > "$conf"
  if grep -nE '/etc/nginx|listen (443|80|\[)' "$conf" >&2; then die "deploy/nginx.conf has something that scripts/nodes.sh does not replace."; fi
  (cd "$dir/nginx" && setsid nginx -p "$dir/nginx" -c "$conf" -e "$dir/nginx/log" -g "pid $dir/nginx/pid;" > "$dir/nginx/start" 2>&1 < /dev/null)
}

# A port can be taken between asking for it and using it: then another one.
for _ in {1..5}; do
  for ((n = 1; n <= count; n++)); do
    mkdir -p "$dir/$n"
    echo "127.0.0.1:$(free_port)" > "$dir/$n/address"
  done
  # As in deploy/nodes.conf.
  awk -v kinds="$(grep -F 192.0.2.11: deploy/nodes.conf)" '
    BEGIN { n = split(kinds, kind, "\n") }
    { for (i = 1; i <= n; i++) { line = kind[i]; sub(/192[^ ]*/, $0, line); print line } }' "$dir"/[0-9]*/address > "$dir/nodes.conf"
  port="$(free_port)"
  if front "$port" "$(free_port)"; then break; fi
  port=''
done
[[ -n "$port" ]] || { cat "$dir/nginx/start" >&2; die "nginx did not start."; }
echo "https://127.0.0.1:$port" > "$dir/address"

{
  printf '%s\n' "MOIM_URL=$(cat "$dir/address")" "MOIM_DATA_DIR=$dir/data" "MOIM_PROXIES=1" "MOIM_WEATHER=off" \
    "DATABASE_URL=$(cat "$dir/database")" "REDIS_URL=$redis" "MOIM_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
  if (($#)); then printf '%s\n' "$@"; fi
} > "$dir/moim.env"
chmod 600 "$dir/moim.env"
# All at once: the database lets one of them make the schema.
for ((n = 1; n <= count; n++)); do launch "$n"; done
for ((n = 1; n <= count; n++)); do until_ready "$n" || die "Node $n did not start."; done
trap - EXIT
cat "$dir/address"
