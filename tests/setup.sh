# Sourced by ./run, tests/all.sh and the drivers of the editors: what they need from the machine.

step() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }

# debian PACKAGE…: installs Debian packages that are not there yet, as root or with sudo.
debian() {
  local missing=() package sudo=() log
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "these are needed and cannot be installed without apt-get: ${missing[*]}" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "these are needed, and neither root nor sudo is here: ${missing[*]}" >&2; return 1; }
    sudo=(sudo)
  fi
  # The lock may be held by another run or by the machine's own updates.
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq)
  log=$(mktemp)
  if ! { "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; }; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

need_rust() {
  command -v cargo >/dev/null || { echo 'cargo is missing: install Rust 1.88 or newer, see https://rustup.rs' >&2; return 1; }
}

# The grammars, SQLite and the JavaScript engine of the lessons are C.
need_compiler() {
  command -v cc >/dev/null || debian build-essential
}

need_python() {
  python3 -c 'import ensurepip' 2>/dev/null || debian python3 python3-venv
}

need_node() {
  command -v npm >/dev/null || { echo 'npm is missing: install Node.js 20 or newer' >&2; return 1; }
}
