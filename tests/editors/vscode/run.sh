#!/usr/bin/env bash
# The extension, installed from its VSIX, in a real VS Code workbench that Chromium shows. Screenshots in SHOTS.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
. "$here/host.sh"
squire_binary
vscode_install
step 'vscode: VS Code is there'
vscode_package
step 'vscode: the extension is packaged'
clean_home
cp "$here"/*.mjs "$RUN/"
ln -s "$HOST/node_modules" "$RUN/node_modules" # so that the stories find playwright-core
export SHOTS=${SHOTS:-$RUN/shots} WORKSPACE=$RUN/project MACHINE_SETTINGS=$RUN/vscode/data/Machine/settings.json MARKER=$RUN/marker
passed=0 failed=0

# story NAME TRUST: one story in a fresh profile.
story() {
  project
  rm -rf "$RUN/vscode"
  vscode_profile "$2"
  # What a hostile workspace would try; only the story about trust lets it have an effect.
  if [ "$2" = true ]; then
    printf '#!/bin/sh\ntouch "%s"\n' "$MARKER" >"$RUN/marking"
    chmod +x "$RUN/marking"
    mkdir -p "$PROJECT/.vscode"
    printf '{ "squire.server.path": "%s" }\n' "$RUN/marking" >"$PROJECT/.vscode/settings.json"
  fi
  (vscode_server --install-extension "$VSIX") >"$RUN/install.log" 2>&1 || { cat "$RUN/install.log"; return 1; }
  vscode_serve
  step "vscode: $1"
  timeout 400 node "$RUN/$1.mjs" >"$RUN/$1.txt" 2>&1 || true
  vscode_stop
  grep -vEx '[0-9]+ passed, [0-9]+ failed' "$RUN/$1.txt" || true
  local counts
  counts=$(grep -Ex '[0-9]+ passed, [0-9]+ failed' "$RUN/$1.txt") || counts='0 passed, 1 failed'
  passed=$((passed + ${counts%% *}))
  counts=${counts#*, }
  failed=$((failed + ${counts%% *}))
  if [ "${counts%% *}" != 0 ]; then
    tail -n 20 "$RUN/vscode/server.log"
    find "$RUN/vscode/data/logs" -name 'Squire*.log' -exec tail -n 40 {} +
  fi
}

story story false
story restricted true
step 'vscode: done'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
