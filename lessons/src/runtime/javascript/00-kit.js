// The shared toolbox of the virtual modules.
//
// These files are plain scripts, evaluated in file-name order in a bare engine (no Node, no browser). They share one
// object, `__kit`, which the last file removes before any code of a learner runs. What the learner sees is what
// `require` gives out, a handful of globals that Node has too, and nothing else.
(function (global) {
  'use strict';

  const host = {
    sqlOpen: global.__sql_open,
    sql: global.__sql,
    hash: global.__hash,
    random: global.__random,
    files: global.__files || {},
    entry: global.__entry,
    scriptName: global.__script_name,
    script: global.__script,
  };

  const modules = new Map();
  const worldListeners = [];

  // Everything a program can change outside of itself. `kit.reset` makes a new one for every test and every attack, so
  // that no check sees the traces of the one before.
  const world = { files: new Map(), env: {}, processes: [], outbox: [], logins: [], jobs: [], output: [], services: {}, crash: null, stopped: false };

  const kit = {
    host,
    modules,
    world,
    // Registers a virtual module: `make` runs anew for every world.
    define(names, make) {
      for (const name of [].concat(names)) modules.set(name, make);
    },
    onReset(listener) {
      worldListeners.push(listener);
    },
    reset(options = {}) {
      world.files.clear();
      // Emptied and not replaced: the check holds on to these lists.
      world.processes.length = 0;
      world.outbox.length = 0;
      world.logins.length = 0;
      world.jobs = [];
      world.crash = null;
      world.stopped = false;
      world.services = JSON.parse(host.files['services.json'] || '{}');
      for (const name of Object.keys(host.files)) {
        const place = kit.placeOf(name);
        if (place) world.files.set(place, host.files[name]);
      }
      world.env = options.environment ? { ...options.environment } : kit.parseEnvironment(host.files['deployment.env'] || '');
      for (const listener of worldListeners) listener();
    },
    // Where a file of the exercise lies on the virtual machine: the repository under /app, `machine/…` at the root.
    // The three files that describe the surroundings of the program are no part of its repository.
    placeOf(name) {
      if (['database.sql', 'services.json', 'deployment.env'].includes(name)) return null;
      return name.startsWith('machine/') ? name.slice('machine'.length) : '/app/' + name;
    },
    parseEnvironment(text) {
      const env = {};
      for (const line of text.split('\n')) {
        const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
        if (match) env[match[1]] = match[2].trim();
      }
      return env;
    },
    normalize(path) {
      const out = [];
      for (const part of String(path).split('/')) {
        if (part === '' || part === '.') continue;
        if (part === '..') out.pop();
        else out.push(part);
      }
      return '/' + out.join('/');
    },
    resolve(path, from = '/app') {
      const text = String(path);
      return kit.normalize(text.startsWith('/') ? text : from + '/' + text);
    },
    // Runs a callback of the program later, as an event loop would. What it throws takes the whole program down.
    later(callback, ...args) {
      Promise.resolve().then(() => {
        try {
          callback(...args);
        } catch (error) {
          kit.crash(error);
        }
      });
    },
    crash(error) {
      if (!world.crash) world.crash = { error };
    },
    print(...values) {
      if (world.output.length < 400) world.output.push(values.map((value) => kit.inspect(value)).join(' ').slice(0, 2000));
    },
    inspect(value) {
      if (typeof value === 'string') return value;
      if (value instanceof Error) return String(value.stack && value.stack.includes(value.message) ? value.stack : value);
      try {
        const text = JSON.stringify(value);
        return text === undefined ? String(value) : text;
      } catch {
        return String(value);
      }
    },
    utf8: {
      encode(text) {
        const out = [];
        for (const char of String(text)) {
          let code = char.codePointAt(0);
          if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
          if (code < 0x80) out.push(code);
          else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
          else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
          else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
        }
        return out;
      },
      decode(bytes) {
        let out = '';
        for (let i = 0; i < bytes.length; ) {
          const first = bytes[i++];
          const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
          if (more < 0) {
            out += '\ufffd';
            continue;
          }
          let code = more === 0 ? first : first & (0x3f >> more);
          let seen = 0;
          while (seen < more && i < bytes.length && (bytes[i] & 0xc0) === 0x80) {
            code = (code << 6) | (bytes[i++] & 63);
            seen++;
          }
          out += seen < more || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
        }
        return out;
      },
    },
    base64: {
      encode(bytes) {
        const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
        let out = '';
        for (let i = 0; i < bytes.length; i += 3) {
          const bits = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
          out += digits[bits >> 18] + digits[(bits >> 12) & 63];
          out += i + 1 < bytes.length ? digits[(bits >> 6) & 63] : '=';
          out += i + 2 < bytes.length ? digits[bits & 63] : '=';
        }
        return out;
      },
      decode(text) {
        const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
        const out = [];
        let bits = 0;
        let count = 0;
        for (const char of String(text).replace(/-/g, '+').replace(/_/g, '/')) {
          const value = digits.indexOf(char);
          if (value < 0) continue;
          bits = ((bits << 6) | value) & 0xffffff;
          count += 6;
          if (count >= 8) {
            count -= 8;
            out.push((bits >> count) & 255);
          }
        }
        return out;
      },
    },
  };

  for (const name of ['sql_open', 'sql', 'hash', 'random', 'files', 'entry', 'script_name', 'script']) delete global['__' + name];
  Object.defineProperty(global, '__kit', { value: kit, configurable: true });
})(globalThis);
