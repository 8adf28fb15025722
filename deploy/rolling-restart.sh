#!/usr/bin/env bash
# Restarts all nodes behind nginx, one after the other, so that no request is lost:
#   rolling-restart.sh NODES RELOAD RESTART
#     NODES     the file with the nodes (nodes.conf)
#     RELOAD    the command that makes nginx read it again
#     RESTART   the command that restarts a node, whose address in NODES is put behind it; it returns when the node is ready
# Each node is taken out of nginx before it is restarted: a request that reaches a node which is just closing its door may have
# been done or not, and nginx cannot send it to another one. When something fails it stops, and leaves that node out.
set -euo pipefail

[[ $# == 3 && -f "$1" ]] || { echo "usage: rolling-restart.sh NODES RELOAD RESTART" >&2; exit 2; }
nodes="$1" reload="$2" restart="$3"
# How long old workers of nginx may go on sending requests after a reload, in seconds.
pause="${MOIM_RELOAD_PAUSE:-2}"

# write SED: changes the file where it stands. A new one in its place would not be seen in a container that has this one mounted.
# Where there is no room for it, the copy fails first.
write() {
  local changed
  changed="$(sed -E "$1" "$nodes")"
  [[ "$changed" != "$(cat "$nodes")" ]] || { echo "$nodes: the line of $node could not be changed." >&2; exit 1; }
  cp -p "$nodes" "$nodes.before"
  printf '%s\n' "$changed" > "$nodes"
}

mapfile -t all < <(sed -nE 's/^[[:space:]]*server[[:space:]]+([^[:space:];]+)[^#]*;.*/\1/p' "$nodes" | sort -u)
mapfile -t out < <(sed -nE 's/^[[:space:]]*server[[:space:]]+([^[:space:];]+)[^#;]*[[:space:]]down[[:space:]]*;.*/\1/p' "$nodes" | sort -u)
((${#all[@]} - ${#out[@]} >= 2)) || { echo "$nodes: two nodes or more have to serve." >&2; exit 1; }

for node in "${all[@]}"; do
  # Out already, by somebody who had a reason.
  if [[ " ${out[*]} " == *" $node "* ]]; then
    echo "$node: is out, left alone"
    continue
  fi
  name="$(sed 's|[]/.[]|\\&|g' <<< "$node")"
  line="^([[:space:]]*server[[:space:]]+${name}([[:space:]][^;]*)?)"
  write "s/${line};/\\1 down;/"
  bash -c "$reload"
  sleep "$pause"
  bash -c "$restart $node"
  write "s/${line}[[:space:]]+down;/\\1;/"
  bash -c "$reload"
  # Nobody knows yet that it is back: the next one leaves only after that.
  sleep "$pause"
  echo "$node: restarted"
done
if ((${#out[@]} > 0)); then
  echo "Not restarted, because they were out before: ${out[*]}" >&2
fi
rm -f "$nodes.before"
