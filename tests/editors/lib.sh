# Sourced by the drivers of the editors. Finds the binary and installs what an editor's test needs.
#
# SQUIRE              the binary under test; without it target/debug/squire is built
# SQUIRE_TEST_CACHE   where editors and their packages are kept between runs
#                     (default: ~/.cache/squire-tests); what is there already is not installed again
# SHOTS               a folder for screenshots (default: inside the run's temporary folder)
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/tests/setup.sh"
CACHE=${SQUIRE_TEST_CACHE:-$HOME/.cache/squire-tests}
FIXTURE=$ROOT/tests/editors/fixture
mkdir -p "$CACHE"
RUN=$(mktemp -d "${TMPDIR:-/tmp}/squire-editor.XXXXXX")
trap 'rm -rf "$RUN"' EXIT

# python_venv FOLDER [REQUIREMENT…]: a virtual environment with these packages, made once.
python_venv() {
  local folder=$1 stamp
  shift
  stamp="$folder/.installed-$(printf '%s ' "$@" | cksum | cut -d' ' -f1)"
  [ -e "$stamp" ] && return
  mkdir -p "$folder"
  need_python
  python3 -m venv "$folder"
  [ $# = 0 ] || "$folder/bin/pip" install -q --disable-pip-version-check "$@"
  touch "$stamp"
}

# squire_binary: sets SQUIRE and puts its folder at the front of PATH, as an installation would.
squire_binary() {
  if [ -z "${SQUIRE:-}" ]; then
    (cd "$ROOT" && cargo build -q --locked --workspace --bins)
    SQUIRE=${CARGO_TARGET_DIR:-$ROOT/target}/debug/squire
  fi
  SQUIRE=$(readlink -f "$SQUIRE")
  [ -x "$SQUIRE" ] || { echo "no binary at $SQUIRE" >&2; return 1; }
  export SQUIRE PATH="$(dirname "$SQUIRE"):$PATH"
}

# clean_home: nothing of the user's configuration gets in, and nothing of the test's (progress, caches) gets out.
clean_home() {
  export XDG_CONFIG_HOME="$RUN/xdg/config" XDG_DATA_HOME="$RUN/xdg/data" XDG_STATE_HOME="$RUN/xdg/state" XDG_CACHE_HOME="$RUN/xdg/cache"
  mkdir -p "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
}

# project: a fresh copy of the fixture in $PROJECT.
project() {
  PROJECT=$RUN/project
  rm -rf "$PROJECT"
  cp -R "$FIXTURE" "$PROJECT"
  export PROJECT
}
