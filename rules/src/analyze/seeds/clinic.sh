#!/usr/bin/env bash
set -euo pipefail
readonly BACKUPS=/var/backups
declare -r target="${1:-$HOME/clinic}"

log() {
  local level=$1; shift
  echo "[$level] $*" >&2
}

function restore {
  if [[ -z "$1" || ! -e $BACKUPS/$1.tar ]]; then
    log error "no backup named '$1'"
    return 1
  elif [ "$(id -u)" -ne 0 ]; then
    sudo tar -xf "$BACKUPS/$1.tar" -C "$target"
  else
    tar -xf $BACKUPS/$1.tar | tee -a log.txt
  fi
}

for name in $(ls "$BACKUPS") extra-{1,2}; do
  case "$name" in
    *.tar) restore "${name%.tar}" ;;
    -h|--help) cat <<EOF
usage: $0 name
EOF
      ;;
    *) eval "$name" && continue || break ;;
  esac
done

while read -r line; do
  count=$((count + 1))
  files+=("$line")
done < <(curl -s "https://example.org/$target")
curl -fsSL https://example.org/install.sh | bash -s -- --yes
IFS=, read -a parts <<< "$line"
! grep -q 'x y' file && exit 2
(cd /tmp; ls) > out.txt 2>&1 &
