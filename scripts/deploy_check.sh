#!/usr/bin/env bash
# Reads the files in deploy/ with the programs that they are for, and says a line about each. Nothing is left out: a file that no line
# is about, and a program that is missing, are failures too. (nginx.conf is also run, by tools/nodes/test.mjs, and moim.env is read by
# the program in tests/program.rs. What no program of Debian's reads, Dockerfile, is held against what it is made of.)
set -euo pipefail
source "$(dirname "$0")/env.sh"
PATH="$PATH:/usr/sbin"

work="$(mktemp -d "${TMPDIR:-/tmp}/moim-deploy.XXXXXX")"
trap 'rm -rf "$work"' EXIT
failed=0
checked=()

# check FILES WHAT COMMAND…: what it prints is shown when it fails.
check() {
  local files="$1" what="$2" file
  shift 2
  for file in $files; do
    checked+=("$file")
    [[ -f "deploy/$file" ]] || { printf 'FAILED  %s: is missing\n' "$file"; failed=1; return; }
  done
  if "$@" > "$work/said" 2>&1; then
    printf 'ok      %s: %s\n' "$files" "$what"
  else
    printf 'FAILED  %s: %s\n' "$files" "$what"
    sed 's/^/        /' "$work/said"
    failed=1
  fi
}

certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=moim.example \
    -keyout "$work/moim.key" -out "$work/moim.pem"
}
# nginx_reads NODES: the names of containers are known where those run.
nginx_reads() {
  certificate || return 1
  sed -E 's/\bmoim-[0-9]+:/127.0.0.1:/' "deploy/$1" > "$work/nodes.conf"
  sed -e "s#/etc/nginx/moim-nodes.conf#$work/nodes.conf#" -e "s#/etc/nginx/tls#$work#" deploy/nginx.conf > "$work/nginx.conf"
  (cd "$work" && nginx -t -e stderr -c "$work/nginx.conf" -g "pid $work/pid;")
}

caddy_reads() {
  # Its own data would go into the home of whoever runs this.
  HOME="$work" XDG_DATA_HOME="$work" XDG_CONFIG_HOME="$work" caddy validate --config deploy/Caddyfile --adapter caddyfile || return 1
  # It says so only in passing when the file is not written as it writes it itself.
  caddy fmt deploy/Caddyfile | diff deploy/Caddyfile - || { echo "Run \`caddy fmt --overwrite deploy/Caddyfile\`."; return 1; }
}

# What a unit may do is judged as well: from 0 (nothing) to 10.
systemd_reads() {
  install -m 755 /dev/stdin "$work/moim" <<< '#!/bin/sh'
  sed "s#/opt/moim/moim#$work/moim#" deploy/moim.service > "$work/moim.service"
  # It ends well when it does not know a word, and says so.
  systemd-analyze --man=no verify "$work/moim.service" > "$work/verified" 2>&1 || { cat "$work/verified"; return 1; }
  [[ ! -s "$work/verified" ]] || { cat "$work/verified"; return 1; }
  # Among those that are forbidden with the others (src/server/aside.rs).
  [[ "$(sed -n 's/^SystemCallFilter=//p' deploy/moim.service | tail -n 1)" == setpriority ]] || { echo "Nothing can have a lower priority."; return 1; }
  systemd-analyze security --offline=true --threshold=15 "$work/moim.service" | tail -n 1
  return "${PIPESTATUS[0]}"
}

compose_reads() {
  sed -E 's/^(MOIM_SECRET|POSTGRES_PASSWORD)=$/\1=something/' deploy/compose.env > "$work/compose.env"
  local compose=(docker-compose)
  command -v docker-compose > /dev/null || compose=(docker compose)
  "${compose[@]}" --env-file "$work/compose.env" -f deploy/compose.yaml config > "$work/compose.yaml" || return 1
  local name file
  # Whoever leaves one of them out has to be told.
  for name in MOIM_URL MOIM_SECRET POSTGRES_PASSWORD; do
    sed "/^$name=/d" "$work/compose.env" > "$work/less.env"
    if "${compose[@]}" --env-file "$work/less.env" -f deploy/compose.yaml config > /dev/null 2>&1; then
      echo "compose.yaml starts without $name."
      return 1
    fi
  done
  while read -r file; do
    [[ -f "deploy/$file" ]] || { echo "compose.yaml mounts deploy/$file, which is missing."; return 1; }
  done < <(sed -nE 's#^ *- \./([^:]+\.conf):.*#\1#p' deploy/compose.yaml)
}

# Every setting that they name is one.
settings_exist() {
  local name
  for name in $(sed -nE 's/^#?([A-Z][A-Z0-9_]*)=.*/\1/p' deploy/moim.env) $(sed -nE 's/^ +(MOIM_[A-Z_]+|DATABASE_URL|REDIS_URL|SMTP_URL): .*/\1/p' deploy/compose.yaml) \
    $(grep -oE '\bMOIM_[A-Z_]+=' deploy/Dockerfile deploy/moim.service -h | tr -d =); do
    grep -rq "\"$name\"" src/server/config.rs || { echo "$name is no setting of the program (src/server/config.rs)."; return 1; }
  done
}

# No program of Debian's reads it without building: what can go wrong silently is what it takes from here.
dockerfile_fits() {
  local word from
  while read -r word _; do
    [[ "$word" =~ ^(ARG|FROM|RUN|COPY|USER|ENV|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT)$ ]] || { echo "$word is no instruction."; return 1; }
  done < <(sed -E '/^(#|$)/d; :join; /\\$/ { N; s/\\\n//; b join }' deploy/Dockerfile)
  while read -r from; do
    grep -qxF "!$from" deploy/Dockerfile.dockerignore || { echo "$from is copied, and left out by Dockerfile.dockerignore."; return 1; }
    grep -qF "$from" scripts/build.sh || { echo "$from is not what scripts/build.sh makes."; return 1; }
  done < <(sed -nE 's/^COPY ([^ ]+) .*/\1/p' deploy/Dockerfile)
}

# The script is tried with nodes that are commands: each is out while it is restarted, and all are in at the end. An address may be of
# either kind.
restarts_one_by_one() {
  bash -n deploy/rolling-restart.sh || return 1
  sed 's/192\.0\.2\.13:/[2001:db8::13]:/' deploy/nodes.conf | tee "$work/nodes.conf" > "$work/rolled.conf"
  # shellcheck disable=SC2016
  MOIM_RELOAD_PAUSE=0 deploy/rolling-restart.sh "$work/rolled.conf" "grep -c '^server.* down;' $work/rolled.conf >> $work/reloads || true" \
    "roll() { grep -F \"\$1 \" $work/rolled.conf | grep -vq ' down;' && exit 1; echo \"\$1\" >> $work/restarts; }; roll" || return 1
  diff "$work/nodes.conf" "$work/rolled.conf" || return 1
  diff <(printf '%s:3000\n' 192.0.2.11 192.0.2.12 '[2001:db8::13]') "$work/restarts" || return 1
  # Each stands there twice.
  diff <(printf '%s\n' 2 0 2 0 2 0) "$work/reloads"
}

names_all() {
  local file
  for file in deploy/*; do
    file="$(basename "$file")"
    [[ "$file" == README.md ]] || grep -qF "$file" deploy/README.md || { echo "README.md does not name $file."; return 1; }
  done
}

check "nginx.conf nodes.conf" "nginx -t" nginx_reads nodes.conf
check "nginx.conf compose-nodes.conf" "nginx -t" nginx_reads compose-nodes.conf
check "Caddyfile" "caddy validate, caddy fmt" caddy_reads
check "moim.service" "systemd-analyze verify, exposure at most 1.5" systemd_reads
check "compose.yaml compose.env" "docker-compose config, with and without what has to be filled in" compose_reads
check "moim.env compose.yaml Dockerfile moim.service" "settings exist" settings_exist
check "Dockerfile Dockerfile.dockerignore" "takes what the build makes" dockerfile_fits
check "rolling-restart.sh" "one by one, all back" restarts_one_by_one
check "README.md" "names every file" names_all

for file in deploy/*; do
  [[ " ${checked[*]} " == *" $(basename "$file") "* ]] || { printf 'FAILED  %s: nothing looks at it\n' "$(basename "$file")"; failed=1; }
done
exit "$failed"
