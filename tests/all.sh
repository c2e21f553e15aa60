#!/usr/bin/env bash
# Runs every test and installs what the tests need.
#   tests/all.sh [python|rust|rules|lessons|first|neovim|vscode|jetbrains|emacs|vim|bench]…      default: all of them
#
# The program and the tests are built once, with the same profile (dev, whose dependencies are optimised).
# SQUIRE_TEST_CACHE   where editors and their packages are kept between runs (default: ~/.cache/squire-tests)
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/setup.sh
set -e
need_rust
need_compiler
need_python
set +e
target=$(readlink -m "${CARGO_TARGET_DIR:-target}")
# Both names are of the one binary that `build` makes: nothing below builds another.
export SQUIRE="$target/debug/squire" SQUIRE_BIN="$target/debug/squire"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One build for everything below. With fewer targets Cargo would choose other features for some dependencies, and build
# those again.
build() {
  cargo build --locked --workspace --all-targets
}

rust() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --workspace --no-fail-fast && cargo test --locked --workspace --doc --quiet
  else
    cargo test --locked --workspace --no-fail-fast
  fi
}

# counted COMMAND…: a run that tests nothing is a failure too.
counted() {
  "$@" | tee "$work/counted.log"
  [ "${PIPESTATUS[0]}" = 0 ] && grep -qEx '[1-9][0-9]* passed, 0 failed' "$work/counted.log"
}

rules() {
  counted "$SQUIRE" rules test rules/packs
}

# Without its runtime a Python exercise proves nothing, and that is a failure here.
python() {
  SQUIRE=$SQUIRE lessons/python-runtime.sh
}

lessons() {
  counted "$SQUIRE" lesson test
}

# The README's first command with the program that is there already, into a place of its own. The sample has twelve
# weaknesses of five kinds; a thirteenth would be one of their safe twins.
first() {
  SQUIRE_PREFIX="$work/prefix" ./run >"$work/first.log" 2>&1 || { tail -n 40 "$work/first.log"; return 1; }
  grep -q '^12 findings in ' "$work/first.log" || { cat "$work/first.log"; echo 'the sample has twelve weaknesses'; return 1; }
  local lesson
  for lesson in sql-injection cross-site-scripting missing-authorization hardcoded-credentials os-command-injection; do
    grep -q "squire lesson start $lesson" "$work/first.log" && continue
    cat "$work/first.log"
    echo "nothing of the sample leads to the lesson $lesson"
    return 1
  done
}

neovim() { tests/editors/neovim/run.sh; }
vscode() { need_node && tests/editors/vscode/run.sh; }
jetbrains() { tests/editors/jetbrains/run.sh; }
emacs() { tests/editors/emacs/run.sh; }
vim() { tests/editors/vim/run.sh; }

# Each benchmark asserts its ratio to tree-sitter's own parse in the same run, so a slow machine does not matter.
bench() {
  cargo bench --locked --profile dev --workspace --bench '*'
}

passed=0 failed=()
run() {
  local name=$1 started=$SECONDS
  printf '\n=== %s\n' "$name"
  if "$name"; then
    passed=$((passed + 1))
    printf '=== %s passed in %d s\n' "$name" $((SECONDS - started))
  else
    failed+=("$name")
    printf '=== %s FAILED after %d s\n' "$name" $((SECONDS - started))
  fi
}

[ $# -gt 0 ] || set -- python rust rules lessons first neovim vscode jetbrains emacs vim bench
run build
if [ ${#failed[@]} = 0 ]; then
  for suite in "$@"; do
    case $suite in
      python | rust | rules | lessons | first | neovim | vscode | jetbrains | emacs | vim | bench) run "$suite" ;;
      *) echo "there are no tests called $suite" >&2; exit 2 ;;
    esac
  done
fi
printf '\nall of it took %d s' "$SECONDS"
[ ${#failed[@]} = 0 ] || printf '; failed: %s' "${failed[*]}"
printf '\n%d passed, %d failed\n' "$passed" "${#failed[@]}"
[ ${#failed[@]} = 0 ]
