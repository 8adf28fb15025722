#!/usr/bin/env bash
# A private S3 server for tests: SeaweedFS.
#   scripts/s3.sh start DIR   starts it, with its data, logs and pids in the new directory DIR, and prints its address,
#                             s3://KEY:SECRET@127.0.0.1:PORT/BUCKET (plain HTTP, the bucket in the path, any region)
#   scripts/s3.sh stop DIR    stops it and removes DIR
# It listens on free ports of this machine only, and takes only requests that are signed with its own key. The bucket is
# there, and empty.
set -euo pipefail
source "$(dirname "$0")/env.sh"

action="${1:-}"
dir="${2:-}"
[[ "$action" =~ ^(start|stop)$ && -n "$dir" ]] || die "usage: scripts/s3.sh start|stop DIR"

# Ends all processes. Not politely: they would take 15 seconds to save what nobody needs.
halt() {
  local pid pids=()
  if [[ -s "$dir/pids" ]]; then mapfile -t pids < "$dir/pids"; fi
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    for _ in {1..500}; do
      # Unlike the pid, this ends with the process even when nobody asks how it ended.
      [[ -e "/proc/$pid/exe" ]] || break
      sleep 0.01
    done
  done
}

if [[ "$action" == stop ]]; then
  [[ -d "$dir" ]] || exit 0
  halt
  rm -rf "$dir"
  exit 0
fi

weed="$seaweedfs_dir/bin/weed"
[[ -x "$weed" ]] || die "SeaweedFS is missing: run \`make setup\`."
[[ ! -e "$dir" ]] || die "$dir exists already."
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
chmod 700 "$dir"
# Until it works: whatever ends this script leaves nothing behind.
trap 'halt; rm -rf "$dir"' EXIT

bucket=moim
key="$(od -An -N10 -tx1 /dev/urandom | tr -d ' \n')"
secret="$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')"
printf '{"identities": [{"name": "moim", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": ["Admin"]}]}' \
  "$key" "$secret" > "$dir/identities.json"
printf 'It works.' > "$dir/probe"

# run PROGRAM OPTION…: one of SeaweedFS' four programs. Each is a process of its own, because in one process they talk
# through sockets in /tmp, and sleep for seconds where they wait for each other.
run() {
  # An environment of its own: it would take settings and further keys from ours. And a session of its own: it stays when a
  # terminal sends an interrupt or ends.
  # A bucket starts with one file instead of seven.
  (cd "$dir" && exec env -i PATH="$PATH" HOME="$dir" TMPDIR="$dir" WEED_MASTER_VOLUME_GROWTH_COPY_1=1 \
    setsid "$weed" -logtostderr=true "$@" -ip=127.0.0.1 -ip.bind=127.0.0.1) < /dev/null > "$dir/$1.log" 2>&1 &
  echo $! >> "$dir/pids"
  # Nor does bash tell when it ends.
  disown
}

all_run() {
  local pid
  while read -r pid; do kill -0 "$pid" 2>/dev/null || return 1; done < "$dir/pids"
}
# until_true COMMAND…: waits for it. Not when a program has ended, as it does with a taken port.
until_true() {
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    if ! all_run || ((SECONDS > deadline)); then return 1; fi
    sleep 0.02
  done
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
ask() { # ask PATH OPTION…: succeeds when the server does
  local path="$1"
  shift
  curl -q --fail --silent --noproxy '*' --max-time 5 --user "$key:$secret" --aws-sigv4 aws:amz:us-east-1:s3 "$@" \
    "http://127.0.0.1:$port/$path"
}
# Asked again when the first answer got lost, the bucket would be there already.
bucket_is_there() { ask "$bucket" --request PUT || ask "$bucket" --head; }
bucket_works() {
  ask "$bucket/probe" --upload-file "$dir/probe" && ask "$bucket/probe" | cmp - "$dir/probe" \
    && ask "$bucket/probe" --request DELETE
}

start() {
  local master master_grpc volume volume_grpc filer filer_grpc port_grpc
  master="$(free_port)" master_grpc="$(free_port)" volume="$(free_port)" volume_grpc="$(free_port)"
  filer="$(free_port)" filer_grpc="$(free_port)" port="$(free_port)" port_grpc="$(free_port)"
  mkdir "$dir/data"
  # -telemetry: it would tell its makers.
  run master -port="$master" -port.grpc="$master_grpc" -mdir="$dir/data" -peers=none -telemetry=false \
    -volumePreallocate=false -volumeSizeLimitMB=64
  until_true listens "$master_grpc" || return 1
  # -max: of files, which only grow when they are written to; each bucket has at least one. -minFreeSpace: on a nearly full
  # disk it would only read.
  run volume -port="$volume" -port.grpc="$volume_grpc" -dir="$dir/data" -mserver="127.0.0.1:$master.$master_grpc" \
    -max=1000 -minFreeSpace=1MiB
  run filer -port="$filer" -port.grpc="$filer_grpc" -localSocket=filer.sock -defaultStoreDir="$dir/data" \
    -master="127.0.0.1:$master.$master_grpc"
  until_true listens "$filer_grpc" || return 1
  # As the real one: no bucket is made by writing to it, and none is deleted with things in it.
  run s3 -port="$port" -port.grpc="$port_grpc" -port.iceberg=0 -port.lance=0 -localSocket=s3.sock \
    -filer="127.0.0.1:$filer.$filer_grpc" -config="$dir/identities.json" -iam=false \
    -autoCreateBucket=false -allowDeleteBucketNotEmpty=false
  until_true bucket_is_there && until_true bucket_works && all_run
}

# A port can be taken between asking for it and using it: then others.
for _ in {1..5}; do
  if start; then
    trap - EXIT
    echo "s3://$key:$secret@127.0.0.1:$port/$bucket"
    exit 0
  fi
  halt
  tail -n 3 "$dir"/*.log > "$dir/why"
  rm -rf "$dir/data" "$dir/pids" "$dir"/*.sock "$dir"/*.log
done
cat "$dir/why" >&2 || true
die "SeaweedFS did not start."
