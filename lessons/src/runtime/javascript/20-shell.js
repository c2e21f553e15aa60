// A small POSIX shell over the virtual machine: enough of `sh` that an injected command really runs and its output
// really comes back. Every program that is started lands in `world.processes`.
(function (kit) {
  'use strict';
  const { world } = kit;
  const MAX_DEPTH = 8;
  const MAX_PROCESSES = 500;

  class ShellSyntaxError extends Error {}

  // Runs a script as `/bin/sh -c script`. Answers {stdout, stderr, code}.
  kit.shell = (script, options = {}) => {
    const state = { env: { ...baseEnvironment(), ...options.env }, cwd: '/app', status: 0, depth: options.depth || 0, command: options.command || String(script), stdin: options.stdin || '' };
    if (state.depth > MAX_DEPTH) return { stdout: '', stderr: 'sh: too deep\n', code: 2 };
    let list;
    try {
      list = new Parser(String(script)).list();
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      return { stdout: '', stderr: `sh: 1: Syntax error: ${error.message}\n`, code: 2 };
    }
    return runList(list, state);
  };

  // Runs one program with an argument vector, without a shell in between.
  kit.execute = (file, args, options = {}) => start(String(file), args.map(String), { ...options, shell: false, command: [file, ...args].map(String).join(' ') });

  function baseEnvironment() {
    return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/home/app', USER: 'app', IFS: ' \t\n', ...world.env };
  }

  // ---- from text to a list of pipelines ------------------------------------------------------------------------

  class Parser {
    constructor(text) {
      this.text = text;
      this.at = 0;
    }
    // list := pipeline ((';' | '&' | '\n' | '&&' | '||') pipeline)*, up to `end` where one is expected.
    list(end = '') {
      const items = [];
      let joint = ';';
      for (;;) {
        this.blanks(true);
        if (this.at >= this.text.length) {
          if (end) throw new ShellSyntaxError(`end of file unexpected (expecting "${end}")`);
          return items;
        }
        if (end && this.text[this.at] === end) {
          this.at++;
          return items;
        }
        items.push({ joint, pipeline: this.pipeline(end) });
        this.blanks(false);
        const operator = /^(&&|\|\||;|&|\n)/.exec(this.text.slice(this.at));
        if (operator) {
          this.at += operator[0].length;
          joint = operator[0] === '&&' || operator[0] === '||' ? operator[0] : ';';
        } else if (this.at < this.text.length && this.text[this.at] !== end) {
          throw new ShellSyntaxError(`"${this.text[this.at]}" unexpected`);
        }
      }
    }
    pipeline(end) {
      const commands = [this.command(end)];
      for (;;) {
        this.blanks(false);
        if (this.text[this.at] !== '|' || this.text[this.at + 1] === '|') return commands;
        this.at++;
        this.blanks(true);
        commands.push(this.command(end));
      }
    }
    command(end) {
      if (this.text[this.at] === '(') {
        this.at++;
        return { group: this.list(')'), words: [], redirects: [] };
      }
      const command = { words: [], redirects: [] };
      for (;;) {
        this.blanks(false);
        const rest = this.text.slice(this.at);
        const redirect = /^(\d?>>|\d?>&\d|&>|\d?>|<)/.exec(rest);
        if (redirect) {
          this.at += redirect[0].length;
          this.blanks(false);
          const target = /\d?>&\d/.test(redirect[0]) ? null : this.word(end);
          command.redirects.push({ operator: redirect[0], target });
          continue;
        }
        if (rest === '' || /^[;&|\n()]/.test(rest) || (end && rest[0] === end)) break;
        command.words.push(this.word(end));
      }
      if (command.words.length === 0 && command.redirects.length === 0) {
        const seen = this.text[this.at];
        throw new ShellSyntaxError(seen === undefined ? 'end of file unexpected' : `"${seen === '\n' ? 'newline' : seen}" unexpected`);
      }
      return command;
    }
    // word := parts that touch; each part says whether its value may still be split into words.
    word(end) {
      const parts = [];
      const literal = (value, quoted) => parts.push({ kind: 'text', value, quoted });
      for (;;) {
        const char = this.text[this.at];
        if (char === undefined || /[\s;&|<>()]/.test(char) || (end && char === end)) break;
        if (char === "'") {
          const close = this.text.indexOf("'", this.at + 1);
          if (close < 0) throw new ShellSyntaxError('Unterminated quoted string');
          literal(this.text.slice(this.at + 1, close), true);
          this.at = close + 1;
        } else if (char === '"') {
          this.at++;
          literal('', true);
          for (;;) {
            const inner = this.text[this.at];
            if (inner === undefined) throw new ShellSyntaxError('Unterminated quoted string');
            if (inner === '"') break;
            if (inner === '\\' && '"\\$`\n'.includes(this.text[this.at + 1] || 'x')) {
              if (this.text[this.at + 1] !== '\n') literal(this.text[this.at + 1], true);
              this.at += 2;
            } else if (inner === '$' || inner === '`') parts.push(this.expansion(true));
            else {
              literal(inner, true);
              this.at++;
            }
          }
          this.at++;
        } else if (char === '\\') {
          if (this.text[this.at + 1] !== '\n') literal(this.text[this.at + 1] || '', true);
          this.at += 2;
        } else if (char === '$' || char === '`') parts.push(this.expansion(false));
        else {
          literal(char, false);
          this.at++;
        }
      }
      return parts;
    }
    expansion(quoted) {
      if (this.text[this.at] === '`') {
        let script = '';
        let at = this.at + 1;
        for (; this.text[at] !== '`'; at++) {
          if (at >= this.text.length) throw new ShellSyntaxError('EOF in backquote substitution');
          if (this.text[at] === '\\' && '`\\$'.includes(this.text[at + 1] || 'x')) at++;
          script += this.text[at];
        }
        this.at = at + 1;
        return { kind: 'run', list: new Parser(script).list(), quoted };
      }
      const rest = this.text.slice(this.at);
      if (rest.startsWith('$(')) {
        this.at += 2;
        return { kind: 'run', list: this.list(')'), quoted };
      }
      const name = /^\$\{([A-Za-z_]\w*|[?$#0-9])\}|^\$([A-Za-z_]\w*|[?$#0-9@*])/.exec(rest);
      if (name) {
        this.at += name[0].length;
        return { kind: 'variable', name: name[1] || name[2], quoted };
      }
      if (rest.startsWith('${')) throw new ShellSyntaxError('Bad substitution');
      this.at++;
      return { kind: 'text', value: '$', quoted };
    }
    blanks(newlines) {
      for (;;) {
        const char = this.text[this.at];
        if (char === ' ' || char === '\t' || (newlines && char === '\n')) this.at++;
        else if (char === '\r') this.at++;
        else if (char === '\\' && this.text[this.at + 1] === '\n') this.at += 2;
        else if (char === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++;
        else return;
      }
    }
  }

  // ---- running -------------------------------------------------------------------------------------------------

  function runList(list, state) {
    const out = { stdout: '', stderr: '', code: 0 };
    for (const { joint, pipeline } of list) {
      if (joint === '&&' && state.status !== 0) continue;
      if (joint === '||' && state.status === 0) continue;
      const result = runPipeline(pipeline, state);
      out.stdout += result.stdout;
      out.stderr += result.stderr;
      state.status = result.code;
      if (result.exit) {
        out.exit = true;
        break;
      }
    }
    out.code = state.status;
    return out;
  }

  function runPipeline(commands, state) {
    let stdin = state.stdin;
    let stderr = '';
    let last = { stdout: '', stderr: '', code: 0 };
    for (const command of commands) {
      last = runCommand(command, { ...state, stdin }, commands.length === 1 ? state : null);
      stderr += last.stderr;
      stdin = last.stdout;
    }
    return { ...last, stderr };
  }

  function runCommand(command, state, keep) {
    const early = { stderr: '' };
    const words = command.words.flatMap((word) => expand(word, state, early));
    const redirects = command.redirects.map(({ operator, target }) => ({ operator, target: target && expand(target, state, early).join(' ') }));
    for (const { operator, target } of redirects) {
      if (operator !== '<') continue;
      const text = world.files.get(kit.resolve(target, state.cwd));
      if (text === undefined) return { stdout: '', stderr: `sh: 1: cannot open ${target}: No such file\n`, code: 2 };
      state = { ...state, stdin: text };
    }
    const env = { ...state.env };
    while (words.length && /^[A-Za-z_]\w*=/.test(words[0])) {
      const [name, ...value] = words.shift().split('=');
      env[name] = value.join('=');
    }
    let result;
    if (command.group) result = runList(command.group, { ...state });
    else if (words.length === 0) {
      if (keep) keep.env = env;
      result = { stdout: '', stderr: '', code: 0 };
    } else if (words[0] === 'exit') result = { stdout: '', stderr: '', code: Number(words[1]) || 0, exit: true };
    else if (words[0] === 'cd') {
      if (keep) keep.cwd = kit.resolve(words[1] || '/', state.cwd);
      result = { stdout: '', stderr: '', code: 0 };
    } else if (words[0] === 'export') {
      for (const word of words.slice(1)) if (keep && word.includes('=')) keep.env[word.split('=')[0]] = word.split('=').slice(1).join('=');
      result = { stdout: '', stderr: '', code: 0 };
    } else result = start(words[0], words.slice(1), { shell: true, command: state.command, env, cwd: state.cwd, stdin: state.stdin, depth: state.depth });
    result = { ...result, stderr: early.stderr + result.stderr };
    for (const { operator, target } of redirects) {
      if (operator === '<') continue;
      if (/>&/.test(operator)) {
        if (operator.startsWith('2')) result = { ...result, stdout: result.stdout + result.stderr, stderr: '' };
        else result = { ...result, stdout: '', stderr: result.stderr + result.stdout };
        continue;
      }
      const place = kit.resolve(target, state.cwd);
      const text = operator.startsWith('2') ? result.stderr : operator === '&>' ? result.stdout + result.stderr : result.stdout;
      if (!place.startsWith('/dev/')) world.files.set(place, (operator.includes('>>') ? world.files.get(place) || '' : '') + text);
      if (operator.startsWith('2')) result = { ...result, stderr: '' };
      else if (operator === '&>') result = { ...result, stdout: '', stderr: '' };
      else result = { ...result, stdout: '' };
    }
    return result;
  }

  // One word of the script becomes none, one or several arguments.
  function expand(parts, state, early) {
    const words = [];
    let current = null;
    let globbing = false;
    for (const part of parts) {
      let value = part.value;
      if (part.kind === 'variable') value = part.name === '?' ? String(state.status) : part.name in state.env ? String(state.env[part.name]) : '';
      if (part.kind === 'run') {
        const result = runList(part.list, { ...state, depth: state.depth + 1 });
        early.stderr += result.stderr;
        value = result.stdout.replace(/\n+$/, '');
      }
      if (part.quoted || part.kind === 'text') {
        current = (current ?? '') + value;
        if (!part.quoted && /[*?]/.test(value)) globbing = true;
        continue;
      }
      const pieces = value.split(/[ \t\n]+/);
      pieces.forEach((piece, at) => {
        if (at > 0 && current !== null) {
          words.push(current);
          current = null;
        }
        if (piece !== '') current = (current ?? '') + piece;
      });
    }
    if (current !== null) words.push(current);
    return globbing ? words.flatMap((word) => glob(word, state.cwd)) : words;
  }

  function glob(word, cwd) {
    if (!/[*?]/.test(word)) return [word];
    const pattern = new RegExp('^' + kit.resolve(word, cwd).replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]') + '$');
    const found = [...world.files.keys()].filter((place) => pattern.test(place)).sort();
    const relative = !word.startsWith('/');
    return found.length ? found.map((place) => (relative && place.startsWith(cwd + '/') ? place.slice(cwd.length + 1) : place)) : [word];
  }

  // ---- programs ------------------------------------------------------------------------------------------------

  function start(file, args, context) {
    if (world.processes.length >= MAX_PROCESSES) return { stdout: '', stderr: 'sh: Cannot fork\n', code: 2 };
    world.processes.push(Object.freeze({ shell: context.shell, command: context.command, file, args: Object.freeze([...args]) }));
    const name = file.replace(/^(\/usr)?(\/local)?\/s?bin\//, '');
    if (file.includes('\0') || args.some((arg) => arg.includes('\0'))) throw Object.assign(new TypeError('The argument must be a string without null bytes'), { code: 'ERR_INVALID_ARG_VALUE' });
    if (!Object.prototype.hasOwnProperty.call(programs, name)) return { stdout: '', stderr: `sh: 1: ${file}: not found\n`, code: 127, missing: true };
    const io = { args, stdin: context.stdin || '', env: context.env || baseEnvironment(), cwd: context.cwd || '/app', context, stdout: '', stderr: '' };
    const code = programs[name](io);
    return { stdout: io.stdout, stderr: io.stderr, code: code || 0 };
  }

  // Reads the named files, or standard input where there is none, and hands each text to `use`.
  function eachInput(io, program, names, use) {
    if (names.length === 0) {
      use(io.stdin, '-');
      return 0;
    }
    let code = 0;
    for (const name of names) {
      const place = kit.resolve(name, io.cwd);
      if (world.files.has(place)) use(world.files.get(place), name);
      else {
        io.stderr += `${program}: ${name}: No such file or directory\n`;
        code = 1;
      }
    }
    return code;
  }
  const options = (io) => io.args.filter((arg) => /^-./.test(arg));
  const operands = (io) => io.args.filter((arg) => !/^-./.test(arg));
  const lines = (text) => text.replace(/\n$/, '').split('\n');

  const programs = {
    true: () => 0,
    false: () => 1,
    ':': () => 0,
    sleep: () => 0,
    echo: (io) => {
      const bare = io.args[0] === '-n';
      io.stdout += io.args.slice(bare ? 1 : 0).join(' ') + (bare ? '' : '\n');
    },
    printf: (io) => {
      const values = io.args.slice(1);
      io.stdout += (io.args[0] || '').replace(/%[sd]|\\n|\\t/g, (found) => (found === '\\n' ? '\n' : found === '\\t' ? '\t' : values.shift() || ''));
    },
    cat: (io) => eachInput(io, 'cat', operands(io), (text) => (io.stdout += text)),
    tac: (io) => eachInput(io, 'tac', operands(io), (text) => (io.stdout += lines(text).reverse().join('\n') + '\n')),
    rev: (io) => eachInput(io, 'rev', operands(io), (text) => (io.stdout += lines(text).map((line) => [...line].reverse().join('')).join('\n') + '\n')),
    head: (io) => eachInput(io, 'head', operands(io), (text) => (io.stdout += lines(text).slice(0, 10).join('\n') + '\n')),
    tail: (io) => eachInput(io, 'tail', operands(io), (text) => (io.stdout += lines(text).slice(-10).join('\n') + '\n')),
    sort: (io) => eachInput(io, 'sort', operands(io), (text) => (io.stdout += lines(text).sort().join('\n') + '\n')),
    nl: (io) => eachInput(io, 'nl', operands(io), (text) => (io.stdout += lines(text).map((line, at) => `     ${at + 1}\t${line}`).join('\n') + '\n')),
    wc: (io) => eachInput(io, 'wc', operands(io), (text, name) => (io.stdout += `${lines(text).length} ${text.length} ${name}\n`)),
    base64: (io) => eachInput(io, 'base64', operands(io), (text) => (io.stdout += options(io).includes('-d') ? kit.utf8.decode(kit.base64.decode(text)) : kit.base64.encode(kit.utf8.encode(text)) + '\n')),
    grep: (io) => {
      const [wanted = '', ...names] = operands(io);
      let found = 1;
      eachInput(io, 'grep', names, (text) => {
        for (const line of lines(text)) {
          if (!line.includes(wanted.replace(/^\^|\$$/g, ''))) continue;
          io.stdout += line + '\n';
          found = 0;
        }
      });
      return found;
    },
    tee: (io) => {
      for (const name of operands(io)) world.files.set(kit.resolve(name, io.cwd), io.stdin);
      io.stdout += io.stdin;
    },
    touch: (io) => operands(io).forEach((name) => world.files.set(kit.resolve(name, io.cwd), world.files.get(kit.resolve(name, io.cwd)) || '')),
    mkdir: () => 0,
    rm: (io) => {
      for (const name of operands(io)) {
        const place = kit.resolve(name, io.cwd);
        for (const known of [...world.files.keys()]) if (known === place || known.startsWith(place.replace(/\/$/, '') + '/')) world.files.delete(known);
      }
    },
    cp: (io) => copy(io, false),
    mv: (io) => copy(io, true),
    ls: (io) => {
      for (const name of operands(io).length ? operands(io) : ['.']) {
        const place = kit.resolve(name, io.cwd).replace(/\/$/, '');
        if (world.files.has(place)) {
          io.stdout += name + '\n';
          continue;
        }
        const inside = [...world.files.keys()].filter((known) => known.startsWith(place + '/')).map((known) => known.slice(place.length + 1).split('/')[0]);
        if (inside.length) io.stdout += [...new Set(inside)].sort().join('\n') + '\n';
        else io.stderr += `ls: cannot access '${name}': No such file or directory\n`;
      }
      return io.stderr ? 2 : 0;
    },
    pwd: (io) => void (io.stdout += io.cwd + '\n'),
    id: (io) => void (io.stdout += 'uid=1000(app) gid=1000(app) groups=1000(app)\n'),
    whoami: (io) => void (io.stdout += 'app\n'),
    hostname: (io) => void (io.stdout += 'web-1\n'),
    uname: (io) => void (io.stdout += options(io).length ? 'Linux web-1 6.1.0 x86_64 GNU/Linux\n' : 'Linux\n'),
    date: (io) => void (io.stdout += 'Mon Mar  3 08:15:00 UTC 2025\n'),
    env: (io) => void (io.stdout += Object.entries(io.env).filter(([name]) => name !== 'IFS').map(([name, value]) => `${name}=${value}\n`).join('')),
    printenv: (io) => (io.args.length ? void (io.stdout += (io.env[io.args[0]] ?? '') + '\n') : programs.env(io)),
    sh: (io) => {
      const at = io.args.indexOf('-c');
      const script = at >= 0 ? io.args[at + 1] || '' : operands(io).length ? world.files.get(kit.resolve(operands(io)[0], io.cwd)) || '' : io.stdin;
      const result = kit.shell(script, { depth: (io.context.depth || 0) + 1, env: io.env, command: io.context.command });
      io.stdout += result.stdout;
      io.stderr += result.stderr;
      return result.code;
    },
    bash: (io) => programs.sh(io),
    dash: (io) => programs.sh(io),
    xargs: (io) => {
      const [file = 'echo', ...args] = io.args;
      const result = start(file, [...args, ...io.stdin.split(/\s+/).filter(Boolean)], { ...io.context, stdin: '' });
      io.stdout += result.stdout;
      io.stderr += result.stderr;
      return result.code;
    },
    curl: (io) => call(io, io.args.find((arg) => /^[a-z]+:\/\//i.test(arg)) || operands(io)[0]),
    wget: (io) => call(io, io.args.find((arg) => /^[a-z]+:\/\//i.test(arg)) || operands(io)[0]),
    nc: (io) => void world.outbox.push({ method: 'TCP', url: operands(io).join(':'), headers: {}, body: io.stdin }),
    ping,
    ping6: ping,
    nslookup: (io) => lookUp(io, (name, address) => `Server:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\nName:\t${name}\nAddress: ${address}\n`, (name) => `** server can't find ${name}: NXDOMAIN\n`),
    host: (io) => lookUp(io, (name, address) => `${name} has address ${address}\n`, (name) => `Host ${name} not found: 3(NXDOMAIN)\n`),
    dig: (io) => lookUp(io, (name, address) => `;; ANSWER SECTION:\n${name}.\t300\tIN\tA\t${address}\n`, (name) => `;; Got answer: NXDOMAIN for ${name}\n`),
  };

  function copy(io, move) {
    const [from = '', to = ''] = operands(io).map((name) => kit.resolve(name, io.cwd));
    if (!world.files.has(from)) {
      io.stderr += `cp: cannot stat '${from}': No such file or directory\n`;
      return 1;
    }
    world.files.set(to, world.files.get(from));
    if (move) world.files.delete(from);
    return 0;
  }

  function call(io, url = '') {
    const data = io.args.find((arg, at) => at > 0 && /^(-d|--data.*|-F|--post-data)$/.test(io.args[at - 1])) || io.stdin;
    const body = data.startsWith('@') ? world.files.get(kit.resolve(data.slice(1), io.cwd)) || '' : data;
    world.outbox.push({ method: body ? 'POST' : 'GET', url, headers: {}, body });
    return 0;
  }

  const known = (name) => {
    const hosts = world.services.hosts || {};
    const wanted = String(name).toLowerCase();
    for (const host of Object.keys(hosts)) if (host === wanted || hosts[host].address === wanted) return { name: host, ...hosts[host] };
    return null;
  };

  // `ping` as iputils has it, as far as its options matter here: -c count, -W wait, -i interval, -s size, -f flood,
  // -w deadline; `--` ends the options.
  function ping(io) {
    const names = [];
    const seen = {};
    for (let i = 0; i < io.args.length; i++) {
      const arg = io.args[i];
      if (arg === '--') {
        names.push(...io.args.slice(i + 1));
        break;
      }
      const option = /^-([A-Za-z46])(.*)$/.exec(arg);
      if (!option) names.push(arg);
      else if ('cWiswtIMpQST'.includes(option[1])) seen[option[1]] = option[2] || io.args[++i];
      else for (const letter of option[1] + option[2]) seen[letter] = true;
    }
    if (names.length === 0) {
      io.stderr += 'ping: usage error: Destination address required\n';
      return 1;
    }
    const name = names[names.length - 1];
    const device = known(name) || (kit.isIP(name) ? { address: name, up: false } : null);
    if (!device) {
      io.stderr += `ping: ${name}: Name or service not known\n`;
      return 2;
    }
    const count = Number(seen.c) || 1;
    const answers = device.up === false ? 0 : count;
    io.stdout += `PING ${name} (${device.address}) 56(84) bytes of data.\n`;
    for (let at = 1; at <= Math.min(answers, 3); at++) io.stdout += `64 bytes from ${device.address}: icmp_seq=${at} ttl=64 time=0.41 ms\n`;
    io.stdout += `\n--- ${name} ping statistics ---\n${count} packets transmitted, ${answers} received, ${answers ? 0 : 100}% packet loss\n`;
    return answers ? 0 : 1;
  }

  function lookUp(io, found, missing) {
    const name = operands(io).pop() || '';
    const device = known(name);
    io.stdout += device ? found(name, device.address) : missing(name);
    return device ? 0 : 1;
  }

})(__kit);
