//! `argument-vector`.

use super::{check_with, refuse};
use crate::language::Language;

const FIXER: &str = "argument-vector";

#[track_caller]
fn js(sink: &str, before: &str, after: &str) {
    assert!(check_with(FIXER, Language::JavaScript, sink, &[], before, after).safe);
}

#[track_caller]
fn py(sink: &str, before: &str, after: &str) {
    assert!(check_with(FIXER, Language::Python, sink, &[], before, after).safe);
}

#[test]
fn exec_becomes_exec_file() {
    js(
        "exec(",
        "const { exec } = require(\"child_process\");\nexec(\"ping -c 1 \" + host, cb);\n",
        "const { execFile } = require(\"child_process\");\nexecFile(\"ping\", [\"-c\", \"1\", host], cb);\n",
    );
    js(
        "exec(",
        "import { exec, spawn } from 'node:child_process'\nexec('uptime')\nexport const f = (h) => exec(`ping -c 1 ${h.name}`)\n"
            .replace("exec('uptime')\n", "").as_str(),
        "import { execFile, spawn } from 'node:child_process'\nexport const f = (h) => execFile(\"ping\", [\"-c\", \"1\", h.name])\n"
            .replace('"', "'").as_str(),
    );
    js(
        "cp.execSync(",
        "const cp = require('child_process');\nconst out = cp.execSync(`traceroute ${req.query.host}`, { encoding: 'utf8' });\n",
        "const cp = require('child_process');\nconst out = cp.execFileSync('traceroute', [req.query.host], { encoding: 'utf8' });\n",
    );
    js(
        "require('child_process').exec(",
        "require('child_process').exec('git log --author=' + name + ' -n 5', done);\n",
        "require('child_process').execFile('git', ['log', '--author=' + name, '-n', '5'], done);\n",
    );
}

#[test]
fn an_exec_that_is_used_elsewhere_stays_imported() {
    js(
        "exec(",
        "const { exec } = require('child_process');\nexec('ls ' + dir);\nexec('uptime');\n",
        "const { exec, execFile } = require('child_process');\nexecFile('ls', [dir]);\nexec('uptime');\n",
    );
    js(
        "run(",
        "import { exec as run } from 'child_process';\nrun('ls ' + dir);\n",
        "import { execFile } from 'child_process';\nexecFile('ls', [dir]);\n",
    );
}

#[test]
fn a_member_of_the_module_by_its_own_name() {
    js(
        "exec(",
        "var db = require('./db')\nconst exec = require('child_process').exec;\nexec('ping -c 2 ' + a, f);\n",
        "var db = require('./db')\nconst execFile = require('child_process').execFile;\nexecFile('ping', ['-c', '2', a], f);\n",
    );
    js(
        "exec(",
        "const exec = require('child_process').exec;\nexec('ping -c 2 ' + a, f);\nexec('ls');\n",
        "const exec = require('child_process').exec, execFile = require('child_process').execFile;\nexecFile('ping', ['-c', '2', a], f);\nexec('ls');\n",
    );
}

#[test]
fn spawn_loses_its_shell() {
    js(
        "cp.spawn(",
        "const cp = require('child_process');\ncp.spawn('convert ' + file + ' out.png', { shell: true });\n",
        "const cp = require('child_process');\ncp.spawn('convert', [file, 'out.png']);\n",
    );
    js(
        "cp.spawn(",
        "const cp = require('child_process');\ncp.spawn(`convert ${file}`, { cwd: dir, shell: true });\n",
        "const cp = require('child_process');\ncp.spawn('convert', [file], { cwd: dir });\n",
    );
}

#[test]
fn quotes_and_glue_make_one_argument() {
    js(
        "exec(",
        "const { exec } = require('child_process');\nexec(`tar -czf \"backup ${name}.tgz\" '${dir}' --level=${n} my\\\\ file`);\n",
        "const { execFile } = require('child_process');\nexecFile('tar', ['-czf', `backup ${name}.tgz`, dir, `--level=${n}`, 'my file']);\n",
    );
}

#[test]
fn a_variable_that_held_the_line_goes() {
    js(
        "exec(",
        "const { exec } = require('child_process');\nfunction f(host) {\n  const line = 'ping ' + host;\n  exec(line, (e) => {});\n}\n",
        "const { execFile } = require('child_process');\nfunction f(host) {\n  execFile('ping', [host], (e) => {});\n}\n",
    );
    py(
        "subprocess.run(",
        "import subprocess\ndef f(host):\n    line = f\"ping {host}\"\n    subprocess.run(line, shell=True)\n",
        "import subprocess\ndef f(host):\n    subprocess.run([\"ping\", host])\n",
    );
}

#[test]
fn subprocess_in_every_way_of_building_the_line() {
    for line in [
        "\"ping -c 1 \" + host",
        "f\"ping -c 1 {host}\"",
        "\"ping -c 1 %s\" % host",
        "\"ping -c 1 {}\".format(host)",
    ] {
        py(
            "subprocess.run(",
            &format!("import subprocess\nr = subprocess.run({line}, shell=True, capture_output=True)\n"),
            "import subprocess\nr = subprocess.run([\"ping\", \"-c\", \"1\", host], capture_output=True)\n",
        );
    }
    py(
        "check_output(",
        "from subprocess import check_output\nout = check_output(\n    'du -sh %s' % request.args['path'],\n    shell=True,\n)\n",
        "from subprocess import check_output\nout = check_output(\n    ['du', '-sh', request.args['path']],\n)\n",
    );
    py(
        "subprocess.Popen(",
        "import subprocess\nsubprocess.Popen(shell=True, args=f\"cat logs/{name}.txt\")\n",
        "import subprocess\nsubprocess.Popen(args=[\"cat\", f\"logs/{name}.txt\"])\n",
    );
}

#[test]
fn every_branch_makes_a_list() {
    py(
        "subprocess.Popen(",
        "import subprocess\ndef f(os, d):\n    if os == 'win':\n        c = \"nslookup {}\".format(d)\n    else:\n        c = \"dig -x \" + d\n    p = subprocess.Popen(\n        c,\n        shell=True,\n        stdout=subprocess.PIPE)\n",
        "import subprocess\ndef f(os, d):\n    if os == 'win':\n        c = [\"nslookup\", d]\n    else:\n        c = [\"dig\", \"-x\", d]\n    p = subprocess.Popen(\n        c,\n        stdout=subprocess.PIPE)\n",
    );
    refuse(
        FIXER,
        Language::Python,
        "subprocess.run(",
        "import subprocess\ndef f(a, d):\n    c = 'ls ' + d\n    if a:\n        c = d\n    subprocess.run(c, shell=True)\n",
    );
}

#[test]
fn a_list_needs_no_shell() {
    py(
        "subprocess.run(",
        "import subprocess\nsubprocess.run([\"ping\", \"-c\", \"1\", host], shell=True, text=True)\n",
        "import subprocess\nsubprocess.run([\"ping\", \"-c\", \"1\", host], text=True)\n",
    );
    js(
        "spawn(",
        "import { spawn } from 'child_process';\nspawn('ping', ['-c', '1', host], { stdio: 'inherit', shell: true });\n",
        "import { spawn } from 'child_process';\nspawn('ping', ['-c', '1', host], { stdio: 'inherit' });\n",
    );
    refuse(
        FIXER,
        Language::JavaScript,
        "spawn(",
        "import { spawn } from 'child_process';\nspawn('ls', ['*.txt', d], { shell: true });\n",
    );
}

#[test]
fn several_words_in_one_value() {
    js(
        "exec(",
        "const { exec } = require('child_process');\nexec('git log ' + names.join(' '));\n",
        "const { execFile } = require('child_process');\nexecFile('git', ['log', ...names]);\n",
    );
    py(
        "subprocess.run(",
        "import subprocess\nsubprocess.run(f\"git add {' '.join(files)}\", shell=True)\n",
        "import subprocess\nsubprocess.run([\"git\", \"add\", *files])\n",
    );
    for line in ["'git ' + args", "`ls ${req.query.options} .`", "'git add ' + names.join(',').concat(' ')"] {
        let text = format!("const {{ exec }} = require('child_process');\nexec({line});\n");
        refuse(FIXER, Language::JavaScript, "exec(", &text);
    }
}

#[test]
fn exec_in_a_promise() {
    js(
        "execAsync(",
        "const util = require('util');\nconst { exec } = require('child_process');\nconst execAsync = util.promisify(exec);\nasync function f(h) { return execAsync(`ping ${h}`); }\n",
        "const util = require('util');\nconst { execFile } = require('child_process');\nconst execAsync = util.promisify(execFile);\nasync function f(h) { return execAsync('ping', [h]); }\n",
    );
}

#[test]
fn os_system_and_popen_become_subprocess() {
    py(
        "os.system(",
        "import os\n\ndef f(name):\n    os.system(f\"nslookup {name}\")\n",
        "import os\nimport subprocess\n\ndef f(name):\n    subprocess.run([\"nslookup\", name])\n",
    );
    py(
        "os.popen(",
        "import os\ndef f(name):\n    return os.popen('nslookup ' + name).read()\n",
        "import os\nimport subprocess\ndef f(name):\n    return subprocess.run(['nslookup', name], capture_output=True, text=True).stdout\n",
    );
    let fix = check_with(
        FIXER,
        Language::Python,
        "os.system(",
        &[],
        "import os, subprocess\nif os.system(\"ping \" + host) == 0:\n    up()\n",
        "import os, subprocess\nif subprocess.run([\"ping\", host]).returncode == 0:\n    up()\n",
    );
    assert!(!fix.safe);
    py(
        "asyncio.create_subprocess_shell(",
        "import asyncio\nasync def f(host):\n    await asyncio.create_subprocess_shell(\"ping \" + host, stdout=PIPE)\n",
        "import asyncio\nasync def f(host):\n    await asyncio.create_subprocess_exec(\"ping\", host, stdout=PIPE)\n",
    );
}

#[test]
fn what_needs_a_shell_keeps_it() {
    let import = "const { exec } = require('child_process');\n";
    for line in [
        "'ping ' + host + ' | grep ms'",
        "'ping ' + host + ' > out.txt'",
        "'cd /tmp && ls ' + dir",
        "`ls ${dir}/*.txt`",
        "`echo $HOME ${name}`",
        "`echo \"$HOME/${name}\"`",
        "'FOO=1 make ' + target",
        "'sh -c ' + line",
        "tool + ' --version'",
        "`${tool} --version`",
        "'ls ' + dir + ' 2>&1'",
        "'ls ~/' + dir + '; ls'",
        "'echo \"' + name",
        "line",
    ] {
        refuse(FIXER, Language::JavaScript, "exec(", &format!("{import}exec({line});\n"));
    }
    refuse(FIXER, Language::JavaScript, "exec(", "const exec = require('./exec');\nexec('ls ' + dir);\n");
    refuse(FIXER, Language::Python, "os.popen(", "import os\np = os.popen('ls ' + d)\n");
    refuse(
        FIXER,
        Language::Python,
        "subprocess.run(",
        "import subprocess\nsubprocess.run('ls ' + d, shell=use)\n",
    );
    refuse(FIXER, Language::Python, "subprocess.run(", "import subprocess\nsubprocess.run('ls ' + d)\n");
}
