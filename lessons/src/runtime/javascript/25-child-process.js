// `child_process` over the virtual machine, in the forms programs use: exec, execFile, spawn and their Sync twins.
(function (kit) {
  'use strict';
  const MAX_BUFFER = 1024 * 1024;

  // Node takes (file, args?, options?, callback?) and leaves out what is not given.
  function sortOut(rest) {
    const callback = typeof rest[rest.length - 1] === 'function' ? rest.pop() : null;
    const args = Array.isArray(rest[0]) ? rest.shift() : [];
    return { args: args.map(needString), options: rest[0] || {}, callback };
  }

  function needString(value) {
    if (typeof value === 'string') return value;
    const error = new TypeError(`The "args" and "command" arguments must be of type string. Received ${kit.inspect(value)}`);
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
  }

  function run(file, args, options) {
    const stdin = options.input === undefined ? '' : String(options.input);
    const settings = { stdin, env: options.env ? { ...options.env } : undefined };
    if (options.shell) return kit.shell([file, ...args].join(' '), settings);
    return kit.execute(file, args, settings);
  }

  function failure(file, args, result) {
    const command = [file, ...args].join(' ');
    if (result.missing) return Object.assign(new Error(`spawn ${file} ENOENT`), { code: 'ENOENT', errno: -2, path: file, cmd: command });
    const error = new Error(`Command failed: ${command}\n${result.stderr}`);
    return Object.assign(error, { code: result.code, status: result.code, killed: false, signal: null, cmd: command });
  }

  const decode = (text, options, fallback) => {
    const encoding = options.encoding === undefined ? fallback : options.encoding;
    return encoding && encoding !== 'buffer' ? text : kit.Buffer.from(text);
  };

  function viaCallback(file, args, options, callback) {
    const result = run(file, args, options);
    const error = result.code === 0 && !result.missing ? null : failure(file, args, result);
    const stdout = decode(result.stdout.slice(0, options.maxBuffer || MAX_BUFFER), options, 'utf8');
    const stderr = decode(result.stderr, options, 'utf8');
    if (error) Object.assign(error, { stdout, stderr });
    if (callback) kit.later(callback, error, stdout, stderr);
    return child(result);
  }

  function child(result) {
    const emitter = new kit.EventEmitter();
    emitter.stdout = new kit.EventEmitter();
    emitter.stderr = new kit.EventEmitter();
    emitter.stdout.setEncoding = emitter.stderr.setEncoding = () => undefined;
    emitter.stdin = { write: () => true, end: () => undefined };
    emitter.pid = 4300;
    emitter.kill = () => true;
    kit.later(() => {
      if (result.missing) return emitter.emit('error', failure('', [], result));
      if (result.stdout) emitter.stdout.emit('data', kit.Buffer.from(result.stdout));
      if (result.stderr) emitter.stderr.emit('data', kit.Buffer.from(result.stderr));
      emitter.stdout.emit('end');
      emitter.exitCode = result.code;
      emitter.emit('exit', result.code, null);
      emitter.emit('close', result.code, null);
    });
    // A failed start without a listener for `error` is an uncaught error in Node; a finished one is not.
    if (result.missing) emitter.on('error', () => undefined);
    return emitter;
  }

  function viaReturn(file, args, options) {
    const result = run(file, args, options);
    const stdout = decode(result.stdout, options, 'buffer');
    const stderr = decode(result.stderr, options, 'buffer');
    if (result.code !== 0) throw Object.assign(failure(file, args, result), { stdout, stderr });
    return stdout;
  }

  kit.define(['child_process', 'node:child_process'], () => {
    const exec = (command, ...rest) => {
      const { options, callback } = sortOut(rest);
      return viaCallback(needString(command), [], { ...options, shell: true }, callback);
    };
    const execFile = (file, ...rest) => {
      const { args, options, callback } = sortOut(rest);
      return viaCallback(needString(file), args, options, callback);
    };
    const awaitable = (start) => (...given) =>
      new Promise((resolve, reject) => {
        start(...given, (error, stdout, stderr) => (error ? reject(error) : resolve({ stdout, stderr })));
      });
    const custom = Symbol.for('nodejs.util.promisify.custom');
    exec[custom] = awaitable(exec);
    execFile[custom] = awaitable(execFile);
    return {
      exec,
      execFile,
      execSync: (command, options = {}) => viaReturn(needString(command), [], { ...options, shell: true }),
      execFileSync: (file, ...rest) => {
        const { args, options } = sortOut(rest);
        return viaReturn(needString(file), args, options);
      },
      spawn: (file, ...rest) => {
        const { args, options } = sortOut(rest);
        return child(run(needString(file), args, options));
      },
      spawnSync: (file, ...rest) => {
        const { args, options } = sortOut(rest);
        const result = run(needString(file), args, options);
        const error = result.missing ? failure(file, args, result) : undefined;
        return { status: result.missing ? null : result.code, signal: null, stdout: decode(result.stdout, options, 'buffer'), stderr: decode(result.stderr, options, 'buffer'), error };
      },
    };
  });
})(__kit);
