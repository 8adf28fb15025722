#!/usr/bin/env bash
# Everything that has to hold before a change goes in. The last line is the sum: "N passed, N failed".
#
# Every stage runs even when one before it failed, except where nothing could come of it: without a release build there is
# nothing to measure and to browse. Lint, the names of builds, the build, the size check and the answers of the benchmarks count as one each.
set -euo pipefail
source "$(dirname "$0")/env.sh"

passed=0
failed=0
# What failed, by name: said again at the end, because what a build machine shows of a long log is its end.
failures=()
# What passed only at its second try.
unsteady=()
reports=target/reports
work=''
began=$SECONDS

finish() {
  local status=$?
  trap - EXIT
  if [[ -n "$work" ]]; then
    scripts/postgres.sh stop "$work/postgres" || true
    scripts/redis.sh stop "$work/redis" || true
    scripts/s3.sh stop "$work/s3" || true
    rm -rf "$work"
  fi
  # Ended in the middle, by a signal or by a mistake in this script: that is not a success.
  if [[ "${complete:-}" != yes ]]; then
    failed=$((failed + 1))
    failures+=("ended in the middle")
  fi
  if ((${#failures[@]})); then
    say "What failed"
    printf '   %s\n' "${failures[@]}"
  fi
  if [[ -s "$reports/left-out.txt" ]]; then
    say "What could not be tried on this machine"
    sed 's/^/   /' "$reports/left-out.txt"
  fi
  if ((${#unsteady[@]})); then
    say "What passed only at its second try, and has to be looked into"
    printf '   %s\n' "${unsteady[@]}"
  fi
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  if ((failed > 0 || status != 0)); then exit 1; fi
  exit 0
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

count() { # count PASSED FAILED WHAT
  passed=$((passed + $1))
  failed=$((failed + $2))
  say "$3: $1 passed, $2 failed ($((SECONDS - began)) s so far)"
}
# one NAME COMMAND…: a stage that counts as one.
one() {
  local name="$1"
  shift
  if "$@"; then
    count 1 0 "$name"
  else
    failures+=("$name")
    count 0 1 "$name"
    return 1
  fi
}

# counted STATUS REPORT WHAT READER…: READER prints "PASSED FAILED" from a report, and a line for each that failed, or, behind
# "~ ", that passed only at its second try. A report
# that is missing, and a run that failed although no test did (the tests did not compile, a fixture broke), count as one
# failure.
counted() {
  local status="$1" report="$2" what="$3" good=0 bad=0 name lines=()
  shift 3
  if [[ -s "$report" ]]; then mapfile -t lines < <("$@" "$report"); fi
  if ((${#lines[@]})); then read -r good bad <<<"${lines[0]}"; fi
  for name in "${lines[@]:1}"; do
    case "$name" in
      '~ '*) unsteady+=("$what: ${name#'~ '}") ;;
      *) failures+=("$what: $name") ;;
    esac
  done
  if ((status != 0 && bad == 0)) || ((good + bad == 0)); then
    bad=$((bad + 1))
    failures+=("$what: the run itself")
  fi
  count "$good" "$bad" "$what"
}
read_junit() {
  node -e '
    const report = require("fs").readFileSync(process.argv[1], "utf8");
    const head = report.match(/<testsuites\b[^>]*>/)[0];
    const of = (name) => Number((head.match(new RegExp(`\\b${name}="(\\d+)"`)) ?? [0, 0])[1]);
    const bad = of("failures") + of("errors");
    console.log(of("tests") - bad, bad);
    for (const [, name] of report.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<(?:failure|error)\b/g)) console.log(name);
    for (const [, name] of report.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<flaky(?:Failure|Error)\b/g)) console.log(`~ ${name}`);
  ' "$1"
}
read_playwright() {
  node -e '
    const report = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const { expected = 0, unexpected = 0, flaky = 0 } = report.stats ?? {};
    const errors = report.errors ?? [];
    console.log(expected + flaky, unexpected + errors.length);
    const plain = (text) => (text ?? "").replace(/\x1b\[[0-9;]*m/g, "").split("\n").filter(Boolean).slice(0, 4).join(" | ").slice(0, 400);
    const walk = (suite) => {
      for (const inner of suite.suites ?? []) walk(inner);
      for (const { title, file, line, tests } of suite.specs ?? []) {
        for (const { projectName, status, results } of tests) {
          if (status !== "unexpected" && status !== "flaky") continue;
          const error = results.flatMap((result) => result.errors ?? [])[0];
          console.log(`${status === "flaky" ? "~ " : ""}[${projectName}] ${file}:${line} ${title}: ${plain(error?.message)}`);
        }
      }
    };
    for (const suite of report.suites ?? []) walk(suite);
    for (const error of errors) console.log(plain(error.message));
  ' "$1"
}

several() { # several nodes behind nginx
  local status=0 report="$reports/nodes.txt"
  say "Several nodes"
  node tools/nodes/test.mjs | tee "$report" || status=$?
  counted "$status" "$report" "Several nodes" awk '
    /^[0-9]+ passed, / { print $1, $3; sum = 1 }
    /^FAILED  / { sub(/^FAILED  /, ""); name[++n] = $0 }
    END { if (sum) for (i = 1; i <= n; i++) print name[i] }'
}

answers() { # what the benchmarks fill the databases with, and what has to be answered then
  mkdir "$work/bench" || return 1
  MOIM_BIN="$root/target/release/moim" MOIM_SITE_DIR="$root/target/site" MOIM_BENCH_WORK="$work/bench" \
    MOIM_BENCH_POSTGRES="$MOIM_TEST_POSTGRES" \
    cargo run --locked --quiet --manifest-path bench/load/Cargo.toml --target-dir bench/target -- answers ||
    { find "$work/bench" -maxdepth 1 -name '*.log' -size +0 -exec tail -n 20 -v {} + >&2; return 1; }
}

browse() { # browse NAME ARGUMENT…: the browser tests against the release build
  local name="$1" status=0 report="$root/$reports/playwright-$1.json"
  shift
  say "Browser tests, $name"
  PLAYWRIGHT_JSON_OUTPUT_NAME="$report" playwright test --config end2end --output "$root/target/end2end/results-$name" "$@" \
    || status=$?
  counted "$status" "$report" "Browser tests, $name" read_playwright
}

fuzz() { # each function of the API counts once as called by strangers and once as called by members
  local status=0 who
  scripts/fuzz.sh || status=$?
  for who in strangers members; do
    counted "$status" "$reports/fuzz-$who.xml" "API fuzzing, $who" read_junit
  done
}

# A proxy that the shell knows must not stand between the tests and their own servers.
export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}" no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"

rm -rf "$reports"
mkdir -p "$reports"

scripts/setup.sh
one "Lint" scripts/lint.sh || true
one "Files of a build" node --test scripts/pack.test.mjs scripts/wasm.test.mjs || true

work="$(mktemp -d "${TMPDIR:-/tmp}/moim-test.XXXXXX")"
# PostgreSQL runs as a user of its own and must be able to pass through.
chmod 711 "$work"
MOIM_TEST_POSTGRES="$(scripts/postgres.sh start "$work/postgres")"
MOIM_TEST_REDIS="$(scripts/redis.sh start "$work/redis")"
MOIM_TEST_S3="$(scripts/s3.sh start "$work/s3")"
export MOIM_TEST_POSTGRES MOIM_TEST_REDIS MOIM_TEST_S3

say "Tests of the server"
junit=target/nextest/default/junit.xml
rm -f "$junit"
status=0
cargo-nextest nextest run --locked --no-default-features --features ssr || status=$?
counted "$status" "$junit" "Tests of the server" read_junit

say "Release build"
if one "Release build" scripts/build.sh; then
  one "Sizes" node scripts/size.mjs || true
  one "Answers of the benchmarks" answers || true
  fuzz
  several
  browse sqlite
  # One way through the whole program on the other database; the rest of the difference is tested above, in Rust.
  MOIM_E2E_POSTGRES="$MOIM_TEST_POSTGRES" browse postgres --project=desktop smoke main-job
fi
complete=yes
