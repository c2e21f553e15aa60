#!/usr/bin/env python3
"""Checks a template for LSP4IJ against what its importer reads (LSP4IJ 0.20).

The importer says nothing about files and keys that it does not know, and fails without a message where some are
missing, so a misspelt key would otherwise only be noticed by a user.
"""

import json
import pathlib
import sys

FILES = {
    "template.json", "settings.json", "settings.schema.json", "initializationOptions.json", "experimental.json",
    "clientSettings.json", "installer.json", "workspaceFolderSettings.json", "README.md",
}
TEMPLATE = {
    "id", "name", "url", "dev", "programArgs", "workingDir", "env", "expandConfiguration", "disablePromotionFor",
    "fileTypeMappings", "languageMappings",
}
CLIENT = {
    "caseSensitive", "lineCommentPrefix", "blockCommentPrefix", "blockCommentSuffix", "statementTerminatorCharacters",
    "uriSupport", "completion", "breadcrumbs", "editor", "format", "references", "workspaceSymbol", "jsonRpc",
}
INSTALLER = {"id", "name", "executeOnStartServer", "properties", "check", "run"}
FOLDERS = {"rootType", "lazy", "markers"}


def problems(folder: pathlib.Path):
    for file in folder.iterdir():
        if file.name not in FILES:
            yield f"{file.name}: the importer does not read it"
    data = {}
    for file in folder.glob("*.json"):
        try:
            data[file.name] = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            yield f"{file.name}: {error}"
    template = data.get("template.json")
    if not isinstance(template, dict):
        yield "template.json: missing, and nothing is imported without it"
        return
    yield from unknown_keys("template.json", template, TEMPLATE)
    for key in ("id", "name"):
        if not template.get(key):
            yield f"template.json: {key} is missing"
    arguments = template.get("programArgs")
    if not isinstance(arguments, dict) or "default" not in arguments:
        yield "template.json: programArgs has no default"
    else:
        yield from unknown_keys("template.json: programArgs", arguments, {"default", "windows", "mac", "unix"})
    mappings = template.get("fileTypeMappings", [])
    if not mappings:
        yield "template.json: no file types, so the server never starts"
    for mapping in mappings:
        file_type = mapping.get("fileType", {})
        if not (file_type.get("name") or file_type.get("patterns")) or not mapping.get("languageId"):
            yield f"template.json: a mapping without a file type or a language: {mapping}"
    yield from unknown_keys("clientSettings.json", data.get("clientSettings.json", {}), CLIENT)
    yield from unknown_keys("installer.json", data.get("installer.json", {}), INSTALLER)
    yield from unknown_keys("workspaceFolderSettings.json", data.get("workspaceFolderSettings.json", {}), FOLDERS)


def unknown_keys(where, found, known):
    for key in sorted(set(found) - known):
        yield f"{where}: the importer does not know {key}"


found = list(problems(pathlib.Path(sys.argv[1])))
for problem in found:
    print("FAIL template:", problem)
if not found:
    print("ok   the template has what the importer reads")
sys.exit(bool(found))
