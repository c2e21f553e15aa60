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
project
vscode_profile
(vscode_server --install-extension "$VSIX") >"$RUN/install.log" 2>&1 || { cat "$RUN/install.log"; exit 1; }
vscode_serve
step 'vscode: VS Code listens'
cp "$here/story.mjs" "$RUN/"
ln -s "$HOST/node_modules" "$RUN/node_modules" # so that the story finds playwright-core
rc=0
WORKSPACE="$PROJECT" MACHINE_SETTINGS="$RUN/vscode/data/Machine/settings.json" SHOTS="${SHOTS:-$RUN/shots}" \
  timeout 400 node "$RUN/story.mjs" 2>&1 || rc=$?
if [ "$rc" != 0 ]; then
  tail -n 20 "$RUN/vscode/server.log"
  find "$RUN/vscode/data/logs" -name 'Squire*.log' -exec tail -n 40 {} +
fi
exit "$rc"
