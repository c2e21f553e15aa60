// A small POSIX shell over the virtual machine: enough of `sh` that an injected command really runs and its output
// really comes back.
(function (kit) {
  'use strict';
  const { world } = kit;
  const MAX_DEPTH = 8;

  class ShellSyntaxError extends Error {}

  // Runs a script as `/bin/sh -c script`. Answers {stdout, stderr, code}.
  kit.shell = (script, options = {}) => {
    const state = { env: { ...kit.baseEnvironment(), ...options.env }, cwd: '/app', status: 0, depth: options.depth || 0, command: options.command || String(script), stdin: options.stdin || '' };
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
    } else result = kit.start(words[0], words.slice(1), { shell: true, command: state.command, env, cwd: state.cwd, stdin: state.stdin, depth: state.depth });
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
})(__kit);
