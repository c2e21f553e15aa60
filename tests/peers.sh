#!/usr/bin/env bash
# Squire beside other tools: same files, same run, one Markdown table.
#
#   tests/peers.sh [FOLDER…]
#
# Each tool runs with all the security rules that it ships (ast-grep ships none: it gets the exported rule of one
# pattern for each language, so its row is a lower bound). The tools come from their registries into
# $SQUIRE_TEST_CACHE/peers (~/.cache/squire-tests/peers) and are kept there. SQUIRE=binary names another build than
# target/release/squire; RUNS=n takes the best of n runs (3). Without folders, the packs of this repository are read,
# which is too little to say more than that everything works.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${SQUIRE_TEST_CACHE:-$HOME/.cache/squire-tests}/peers
squire=${SQUIRE:-$here/target/release/squire}
runs=${RUNS:-3}
[ -x "$squire" ] || { echo "build it first: cargo build --release" >&2; exit 2; }
[ $# -gt 0 ] || set -- "$here/rules/packs"

mkdir -p "$cache"
if [ ! -x "$cache/venv/bin/semgrep" ]; then
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet ruff bandit semgrep >&2
fi
if [ ! -x "$cache/node_modules/.bin/oxlint" ]; then
  npm install --silent --no-fund --no-audit --prefix "$cache" @ast-grep/cli oxlint eslint eslint-plugin-security >&2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$squire" rules export >"$work/semgrep.yaml" 2>/dev/null
"$squire" --version >"$work/versions"

PATH="$cache/venv/bin:$cache/node_modules/.bin:$PATH" \
  python3 - "$squire" "$work" "$runs" "$here" "$cache" "$@" <<'PYTHON'
import os, pathlib, re, resource, shutil, subprocess, sys, time

squire, work, runs, here, cache, *folders = sys.argv[1:]
work, runs = pathlib.Path(work), int(runs)
ENDINGS = {"Python": (".py",), "JavaScript": (".js", ".mjs", ".cjs"), "TypeScript": (".ts", ".mts", ".cts")}
LEFT_OUT = {"node_modules", ".git", "target"} - {part for folder in folders for part in pathlib.Path(folder).resolve().parts}


def gather(language):
    """Links to all files of a language, in a folder that no tool has a reason to skip."""
    tree = work / language.lower()
    number = size = 0
    for folder in folders:
        for root, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if name not in LEFT_OUT)
            for name in sorted(files):
                path = pathlib.Path(root, name)
                if name.endswith(ENDINGS[language]) and path.is_file() and not name.endswith((".min.js", ".d.ts")):
                    target = tree / f"{number // 200:03}" / f"{number:05}_{name}"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
                    number += 1
                    size += target.stat().st_size
    return tree, number, size


def cost(command):
    """The least processor and wall time of some runs, and what the last one said; None if it does not run."""
    best = None
    for _ in range(runs):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        try:
            ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=work, timeout=1800)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"{command[0]}: {error}", file=sys.stderr)
            return None
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if ran.returncode not in (0, 1):
            print(f"{' '.join(map(str, command))} ends with {ran.returncode}: {ran.stderr.decode()[-400:]}", file=sys.stderr)
            return None
        best = (cpu, wall) if best is None else (min(best[0], cpu), min(best[1], wall))
    return best


def tools(language, tree):
    tag = {"Python": "python", "JavaScript": "javascript", "TypeScript": "typescript"}[language]
    yield "squire", [squire, "scan", "--no-config", "--format", "json", "--output", work / "squire.json",
                     "--fail-on", "never", "--max-file-size", "0", tree]
    pattern = {"Python": "eval($X)", "JavaScript": "eval($X)", "TypeScript": "eval($X)"}[language]
    yield "ast-grep, one pattern", ["ast-grep", "run", "--no-ignore", "hidden", "--pattern", pattern, "--lang", tag, "--json=stream", tree]
    if language == "Python":
        yield "ruff, rules S", ["ruff", "check", "--isolated", "--no-cache", "--select", "S", "--quiet", tree]
        yield "bandit", ["bandit", "--quiet", "--recursive", "--format", "json", "--output", work / "bandit.json", tree]
    else:
        yield "oxlint", ["oxlint", "--quiet", tree]
        if language == "JavaScript":
            yield "eslint-plugin-security", ["eslint", "--no-config-lookup", "--config", config(), "--quiet", "--no-inline-config", tree]
    yield "semgrep, rules of Squire", ["semgrep", "scan", "--metrics", "off", "--disable-version-check", "--no-git-ignore",
                                       "--quiet", "--json", "--max-target-bytes", "0", "--config", work / "semgrep.yaml", tree]


def config():
    path = work / "eslint.config.cjs"
    path.write_text(
        f"const security = require({str(pathlib.Path(cache, 'node_modules/eslint-plugin-security'))!r});\n"
        "module.exports = [security.configs.recommended, { files: ['**/*.{js,mjs,cjs}'] }];\n"
    )
    return path


def parse_only(tree):
    """What tree-sitter alone takes for these files: the phase `parse` of a scan with a rule that matches nothing."""
    rule = work / "nothing.yaml"
    rule.write_text(
        "rules:\n  - id: nothing\n    languages: [python, javascript, typescript]\n    severity: INFO\n"
        "    message: Nothing.\n    pattern: squire_has_no_such_function($X, $X, 1)\n"
    )
    import json
    least = None
    for _ in range(runs):
        ran = subprocess.run(
            [squire, "scan", "--no-config", "--no-builtin", "--rules", rule, "--stats", "--format", "json", "--jobs", "1",
             "--max-file-size", "0", tree], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=work)
        seconds = json.loads(ran.stdout)["stats"]["costs"]["phases"]["parse"]
        least = seconds if least is None else min(least, seconds)
    return least


print("| tool | language | files | MB | CPU s | wall s | CPU / tree-sitter's parse |")
print("|---|---|--:|--:|--:|--:|--:|")
for language in ENDINGS:
    tree, files, size = gather(language)
    if not files:
        continue
    parse = parse_only(tree)
    place = f"{language} | {files} | {size / 1e6:.2f}"
    print(f"| tree-sitter, parse only | {place} | {parse:.2f} | | 1.0 |", flush=True)
    for name, command in tools(language, tree):
        spent = cost([str(part) for part in command])
        if spent:
            print(f"| {name} | {place} | {spent[0]:.2f} | {spent[1]:.2f} | {spent[0] / max(parse, 1e-9):.1f} |", flush=True)
        else:
            print(f"| {name} | {place} | does not run | | |", flush=True)
PYTHON
