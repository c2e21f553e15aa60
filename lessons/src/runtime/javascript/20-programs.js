// The programs of the virtual machine. Every one that is started lands in `world.processes`.
(function (kit) {
  'use strict';
  const { world } = kit;
  const MAX_PROCESSES = 500;

  // Runs one program with an argument vector, without a shell in between.
  kit.execute = (file, args, options = {}) => kit.start(String(file), args.map(String), { ...options, shell: false, command: [file, ...args].map(String).join(' ') });

  kit.baseEnvironment = () => {
    return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/home/app', USER: 'app', IFS: ' \t\n', ...world.env };
  };

  kit.start = (file, args, context) => {
    if (world.processes.length >= MAX_PROCESSES) return { stdout: '', stderr: 'sh: Cannot fork\n', code: 2 };
    world.processes.push(Object.freeze({ shell: context.shell, command: context.command, file, args: Object.freeze([...args]) }));
    const name = file.replace(/^(\/usr)?(\/local)?\/s?bin\//, '');
    if (file.includes('\0') || args.some((arg) => arg.includes('\0'))) throw Object.assign(new TypeError('The argument must be a string without null bytes'), { code: 'ERR_INVALID_ARG_VALUE' });
    if (!Object.prototype.hasOwnProperty.call(programs, name)) return { stdout: '', stderr: `sh: 1: ${file}: not found\n`, code: 127, missing: true };
    const io = { args, stdin: context.stdin || '', env: context.env || kit.baseEnvironment(), cwd: context.cwd || '/app', context, stdout: '', stderr: '' };
    const code = programs[name](io);
    return { stdout: io.stdout, stderr: io.stderr, code: code || 0 };
  };

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
      const result = kit.start(file, [...args, ...io.stdin.split(/\s+/).filter(Boolean)], { ...io.context, stdin: '' });
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
