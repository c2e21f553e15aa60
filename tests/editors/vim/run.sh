#!/usr/bin/env bash
# Debian's Vim with ALE: a minimal client that takes pushed diagnostics and applies edits.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
debian vim vim-ale
squire_binary
clean_home
project
step 'vim: story'
mkdir -p "$RUN/home"
export RESULTS="$RUN/story.txt"
# -es: silent Ex mode, which reads no terminal
HOME="$RUN/home" timeout 90 vim.basic -N -es -u "$here/story.vim" -i NONE </dev/null >"$RUN/vim.log" 2>&1 || true
if grep -qEx '[0-9]+ passed, 0 failed' "$RESULTS" 2>/dev/null; then
  cat "$RESULTS"
else
  tail -n 20 "$RUN/vim.log"
  cat "$RESULTS" || true
  echo '0 passed, 1 failed'
  exit 1
fi
