#!/usr/bin/env bash
# Joins the style sheets into target/style/moim.css, which cargo-leptos minifies. main.css comes first: it fixes the order
# of the cascade layers.
#   scripts/style.sh [release]   a release has no kit, which is a page for development
set -euo pipefail
source "$(dirname "$0")/env.sh"

out=target/style/moim.css
mkdir -p "$(dirname "$out")"

parts=()
for part in style/main.css style/tokens.css style/base.css style/components.css style/features/*.css; do
  if [[ "${1:-}" == release && "$part" == style/features/kit.css ]]; then continue; fi
  if [[ -f "$part" ]]; then parts+=("$part"); fi
done

new="$(mktemp "$out.XXXXXX")"
trap 'rm -f "$new"' EXIT
for part in ${parts[@]+"${parts[@]}"}; do
  printf '/* %s */\n' "$part"
  cat "$part"
  # A file without a newline at its end must not swallow the next one's first line.
  echo
done > "$new"

# Only a real change touches the file, so that nothing is rebuilt without need; and it changes in one step.
if ! cmp -s "$new" "$out"; then
  chmod 644 "$new"
  mv "$new" "$out"
fi
