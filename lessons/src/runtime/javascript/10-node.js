// The parts of Node that small server programs lean on: buffers, paths, files, events, hashes, URLs and timers.
(function (global, kit) {
  'use strict';
  const { world, host } = kit;

  class Buffer extends Uint8Array {
    static from(value, encoding) {
      if (typeof value === 'string') return Buffer.of(...bytesOf(value, encoding));
      return Buffer.of(...value);
    }
    static alloc(size, fill = 0) {
      return new Buffer(size).fill(fill);
    }
    static concat(list) {
      return Buffer.of(...list.flatMap((part) => [...part]));
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static byteLength(value) {
      return typeof value === 'string' ? kit.utf8.encode(value).length : value.length;
    }
    toString(encoding = 'utf8') {
      const bytes = [...this];
      switch (String(encoding).toLowerCase()) {
        case 'hex':
          return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
        case 'base64':
          return kit.base64.encode(bytes);
        case 'base64url':
          return kit.base64.encode(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
        case 'latin1':
        case 'binary':
        case 'ascii':
          return bytes.map((byte) => String.fromCharCode(byte)).join('');
        default:
          return kit.utf8.decode(bytes);
      }
    }
    toJSON() {
      return { type: 'Buffer', data: [...this] };
    }
    equals(other) {
      return this.length === other.length && this.every((byte, at) => byte === other[at]);
    }
  }

  function bytesOf(text, encoding = 'utf8') {
    switch (String(encoding).toLowerCase()) {
      case 'hex':
        return (text.match(/[0-9a-f]{2}/gi) || []).map((pair) => parseInt(pair, 16));
      case 'base64':
      case 'base64url':
        return kit.base64.decode(text);
      case 'latin1':
      case 'binary':
      case 'ascii':
        return [...text].map((char) => char.charCodeAt(0) & 255);
      default:
        return kit.utf8.encode(text);
    }
  }
  kit.Buffer = Buffer;
  kit.toBytes = (value) => (typeof value === 'string' ? kit.utf8.encode(value) : [...value]);

  class EventEmitter {
    on(event, listener) {
      const all = (this._listeners = this._listeners || {});
      (all[event] = all[event] || []).push(listener);
      return this;
    }
    addListener(event, listener) {
      return this.on(event, listener);
    }
    once(event, listener) {
      const wrapped = (...args) => {
        this.off(event, wrapped);
        listener.apply(this, args);
      };
      return this.on(event, wrapped);
    }
    off(event, listener) {
      const all = this._listeners || {};
      if (all[event]) all[event] = all[event].filter((known) => known !== listener);
      return this;
    }
    removeListener(event, listener) {
      return this.off(event, listener);
    }
    emit(event, ...args) {
      const listeners = (this._listeners || {})[event] || [];
      if (event === 'error' && listeners.length === 0) throw args[0];
      for (const listener of [...listeners]) listener.apply(this, args);
      return listeners.length > 0;
    }
  }
  kit.EventEmitter = EventEmitter;
  kit.define(['events', 'node:events'], () => Object.assign(EventEmitter, { EventEmitter }));

  const path = {
    sep: '/',
    normalize: (name) => (String(name).startsWith('/') ? kit.normalize(name) : kit.normalize(name).slice(1) || '.'),
    join: (...parts) => path.normalize(parts.map(String).filter(Boolean).join('/') || '.'),
    resolve: (...parts) => parts.reduce((base, part) => kit.resolve(part, base), '/app'),
    basename: (name, suffix = '') => {
      const last = String(name).split('/').filter(Boolean).pop() || '';
      return suffix && last.endsWith(suffix) ? last.slice(0, -suffix.length) : last;
    },
    dirname: (name) => String(name).replace(/\/[^/]*\/?$/, '') || (String(name).startsWith('/') ? '/' : '.'),
    extname: (name) => /[^/.](\.[^./]*)$/.exec(String(name))?.[1] || '',
    isAbsolute: (name) => String(name).startsWith('/'),
    relative: (from, to) => {
      const a = kit.resolve(from).split('/').filter(Boolean);
      const b = kit.resolve(to).split('/').filter(Boolean);
      while (a.length && b.length && a[0] === b[0]) {
        a.shift();
        b.shift();
      }
      return [...a.map(() => '..'), ...b].join('/');
    },
  };
  path.posix = path;
  kit.define(['path', 'node:path'], () => path);

  function noSuchFile(call, name) {
    const error = new Error(`ENOENT: no such file or directory, ${call} '${name}'`);
    return Object.assign(error, { code: 'ENOENT', errno: -2, syscall: call, path: String(name) });
  }
  const readFileSync = (name, options) => {
    const place = kit.resolve(name);
    if (!world.files.has(place)) throw noSuchFile('open', name);
    const encoding = typeof options === 'string' ? options : options?.encoding;
    const text = world.files.get(place);
    return encoding ? text : Buffer.from(text);
  };
  const fsSync = {
    readFileSync,
    writeFileSync: (name, data) => void world.files.set(kit.resolve(name), String(data)),
    appendFileSync: (name, data) => {
      const place = kit.resolve(name);
      world.files.set(place, (world.files.get(place) || '') + String(data));
    },
    existsSync: (name) => {
      const place = kit.resolve(name);
      return world.files.has(place) || [...world.files.keys()].some((known) => known.startsWith(place + '/'));
    },
    unlinkSync: (name) => {
      if (!world.files.delete(kit.resolve(name))) throw noSuchFile('unlink', name);
    },
    readdirSync: (name) => {
      const prefix = kit.resolve(name).replace(/\/$/, '') + '/';
      const names = [...world.files.keys()].filter((known) => known.startsWith(prefix)).map((known) => known.slice(prefix.length).split('/')[0]);
      if (names.length === 0) throw noSuchFile('scandir', name);
      return [...new Set(names)].sort();
    },
    mkdirSync: () => undefined,
    statSync: (name) => {
      if (!fsSync.existsSync(name)) throw noSuchFile('stat', name);
      const text = world.files.get(kit.resolve(name));
      return { isFile: () => text !== undefined, isDirectory: () => text === undefined, size: (text || '').length };
    },
  };
  const promised = {};
  const fs = { ...fsSync, promises: promised };
  for (const name of Object.keys(fsSync)) {
    const short = name.replace(/Sync$/, '');
    promised[short] = async (...args) => fsSync[name](...args);
    if (short === 'exists') continue;
    fs[short] = (...args) => {
      const callback = args.pop();
      let value;
      try {
        value = fsSync[name](...args);
      } catch (error) {
        return kit.later(callback, error);
      }
      kit.later(callback, null, value);
    };
  }
  kit.define(['fs', 'node:fs'], () => fs);
  kit.define(['fs/promises', 'node:fs/promises'], () => promised);

  const toHex = (value, encoding) => (typeof value === 'string' ? Buffer.from(value, encoding) : Buffer.from(value)).toString('hex');
  const knownHash = (algorithm) => {
    const name = String(algorithm).toLowerCase().replace('-', '');
    if (!['sha256', 'sha1', 'md5'].includes(name)) throw new Error(`The exercise knows sha256, sha1 and md5, not ${algorithm}`);
    return name;
  };
  class Hash {
    constructor(algorithm, finish) {
      this.algorithm = knownHash(algorithm);
      this.hex = '';
      this.finish = finish || ((hex) => host.hash(this.algorithm, hex));
    }
    update(data, encoding) {
      this.hex += toHex(data, encoding);
      return this;
    }
    digest(encoding) {
      const out = Buffer.from(this.finish(this.hex), 'hex');
      return encoding ? out.toString(encoding) : out;
    }
  }
  const pad = (hex, byte) => (hex.padEnd(128, '0').match(/../g) || []).map((pair) => (parseInt(pair, 16) ^ byte).toString(16).padStart(2, '0')).join('');
  const crypto = {
    createHash: (algorithm) => new Hash(algorithm),
    createHmac: (algorithm, secret) => {
      const name = knownHash(algorithm);
      let hex = toHex(secret);
      if (hex.length > 128) hex = host.hash(name, hex);
      return new Hash(name, (data) => host.hash(name, pad(hex, 0x5c) + host.hash(name, pad(hex, 0x36) + data)));
    },
    randomBytes: (size) => Buffer.from(host.random(size), 'hex'),
    randomInt: (low, high) => (high === undefined ? [0, low] : [low, high]).reduce((a, b) => a + (parseInt(host.random(6), 16) % (b - a))),
    randomUUID: () => host.random(16).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5'),
    timingSafeEqual: (a, b) => {
      if (a.length !== b.length) throw new RangeError('Input buffers must have the same byte length');
      return Buffer.from(a).equals(b);
    },
  };
  kit.define(['crypto', 'node:crypto'], () => crypto);

  const custom = Symbol.for('nodejs.util.promisify.custom');
  const util = {
    promisify: (callee) => {
      if (callee[custom]) return callee[custom];
      return function (...args) {
        return new Promise((resolve, reject) => callee.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value))));
      };
    },
    inspect: (value) => kit.inspect(value),
    format: (text, ...values) => [String(text).replace(/%[sdj]/g, () => kit.inspect(values.shift())), ...values.map(kit.inspect)].join(' '),
    inherits: (child, parent) => Object.setPrototypeOf(child.prototype, parent.prototype),
  };
  util.promisify.custom = custom;
  kit.define(['util', 'node:util'], () => util);

  const decodePart = (text) => {
    const spaced = String(text).replace(/\+/g, ' ');
    const bytes = [];
    for (let i = 0; i < spaced.length; i++) {
      const hex = spaced[i] === '%' && /^[0-9a-f]{2}$/i.test(spaced.slice(i + 1, i + 3)) ? spaced.slice(i + 1, i + 3) : null;
      if (hex) {
        bytes.push(parseInt(hex, 16));
        i += 2;
      } else {
        const char = String.fromCodePoint(spaced.codePointAt(i));
        bytes.push(...kit.utf8.encode(char));
        i += char.length - 1;
      }
    }
    return kit.utf8.decode(bytes);
  };
  const encodePart = (text) => encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()~]/g, (char) => '%' + char.charCodeAt(0).toString(16).toUpperCase());
  kit.pairsOf = (query) =>
    String(query)
      .replace(/^\?/, '')
      .split('&')
      .filter(Boolean)
      .map((part) => {
        const at = part.indexOf('=');
        return at < 0 ? [decodePart(part), ''] : [decodePart(part.slice(0, at)), decodePart(part.slice(at + 1))];
      });

  class URLSearchParams {
    constructor(init = '') {
      this._pairs = typeof init === 'string' ? kit.pairsOf(init) : (init[Symbol.iterator] ? [...init] : Object.entries(init)).map(([key, value]) => [String(key), String(value)]);
    }
    get(name) {
      return this._pairs.find(([key]) => key === name)?.[1] ?? null;
    }
    getAll(name) {
      return this._pairs.filter(([key]) => key === name).map(([, value]) => value);
    }
    has(name) {
      return this.get(name) !== null;
    }
    set(name, value) {
      this.delete(name);
      this.append(name, value);
    }
    append(name, value) {
      this._pairs.push([String(name), String(value)]);
    }
    delete(name) {
      this._pairs = this._pairs.filter(([key]) => key !== name);
    }
    forEach(callback) {
      for (const [key, value] of this._pairs) callback(value, key, this);
    }
    [Symbol.iterator]() {
      return this._pairs[Symbol.iterator]();
    }
    entries() {
      return this[Symbol.iterator]();
    }
    keys() {
      return this._pairs.map(([key]) => key)[Symbol.iterator]();
    }
    toString() {
      return this._pairs.map(([key, value]) => encodePart(key) + '=' + encodePart(value)).join('&');
    }
  }

  class URL {
    constructor(text, base) {
      const trimmed = String(text).trim().replace(/[\t\n\r]/g, '');
      let match = /^([a-z][a-z0-9+.-]*):(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(trimmed);
      if (!match && base !== undefined) {
        const root = new URL(base);
        const joined = trimmed.startsWith('//') ? root.protocol + trimmed : root.origin + (trimmed.startsWith('/') ? trimmed : root.pathname.replace(/[^/]*$/, '') + trimmed);
        match = /^([a-z][a-z0-9+.-]*):(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(joined);
      }
      if (!match) throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: String(text) });
      const [username = '', password = ''] = (match[2] || '').split(':');
      const special = /^(https?|ftp|wss?)$/i.test(match[1]);
      if (special && !match[3]) throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: String(text) });
      this.protocol = match[1].toLowerCase() + ':';
      this.username = username;
      this.password = password;
      this.host = (match[3] || '').toLowerCase();
      this.hostname = this.host.replace(/:\d+$/, '');
      this.port = /:(\d+)$/.exec(this.host)?.[1] || '';
      this.pathname = special ? match[4].replace(/ /g, '%20') || '/' : match[4];
      this.search = match[5] || '';
      this.hash = match[6] || '';
      this.searchParams = new URLSearchParams(this.search);
    }
    get origin() {
      return this.host ? this.protocol + '//' + this.host : 'null';
    }
    get href() {
      const query = this.searchParams.toString();
      const user = this.username ? this.username + (this.password ? ':' + this.password : '') + '@' : '';
      return this.protocol + (this.host ? '//' + user + this.host : '') + this.pathname + (query ? '?' + query : '') + this.hash;
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
  }
  kit.URL = URL;
  kit.define(['url', 'node:url'], () => ({ URL, URLSearchParams }));
  const parseQuery = (text) => {
    const out = {};
    for (const [key, value] of kit.pairsOf(text)) out[key] = key in out ? [].concat(out[key], value) : value;
    return out;
  };
  const escapeQuery = (text) => encodeURIComponent(text);
  kit.define(['querystring', 'node:querystring'], () => ({ parse: parseQuery, stringify: (value) => new URLSearchParams(value).toString(), escape: escapeQuery, unescape: decodePart }));
  kit.define('net', () => ({ isIP: (text) => kit.isIP(text), isIPv4: (text) => kit.isIP(text) === 4, isIPv6: (text) => kit.isIP(text) === 6 }));
  kit.define('node:net', () => kit.modules.get('net')());
  kit.isIP = (text) => {
    const value = String(text);
    if (/^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(value)) return 4;
    const halves = value.split('::');
    if (halves.length > 2) return 0;
    const groups = halves.flatMap((half) => (half ? half.split(':') : []));
    const fine = groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
    return fine && (halves.length === 2 ? groups.length < 8 : groups.length === 8) ? 6 : 0;
  };

  // Timers have no clock behind them: the next one due runs when nothing else is left to do.
  let nextTimer = 1;
  const schedule = (callback, delay, args, every) => {
    const job = { id: nextTimer++, due: (world.now || 0) + Math.max(0, Number(delay) || 0), callback, args, every };
    world.jobs.push(job);
    return Object.assign(job, { unref: () => job, ref: () => job, hasRef: () => true });
  };
  const cancel = (job) => void (world.jobs = world.jobs.filter((known) => known !== job && known.id !== job));
  kit.onReset(() => {
    world.now = 0;
  });
  kit.runNextTimer = () => {
    const job = world.jobs.reduce((first, other) => (first && first.due <= other.due ? first : other), null);
    if (!job) return false;
    cancel(job);
    world.now = job.due;
    try {
      job.callback(...job.args);
    } catch (error) {
      kit.crash(error);
    }
    return !job.every;
  };

  const process = {
    get env() {
      return world.env;
    },
    argv: ['node', '/app/' + host.entry],
    platform: 'linux',
    version: 'v22.0.0',
    versions: { node: '22.0.0' },
    pid: 4242,
    cwd: () => '/app',
    uptime: () => 1,
    hrtime: Object.assign(() => [0, 0], { bigint: () => 0n }),
    memoryUsage: () => ({ rss: 0, heapUsed: 0 }),
    nextTick: (callback, ...args) => kit.later(callback, ...args),
    on: () => process,
    once: () => process,
    emitWarning: (text) => kit.print(text),
    exit: (code) => {
      const error = new Error(`process.exit(${code ?? ''}) stops the whole server, for everyone`);
      kit.crash(error);
      throw error;
    },
    stdout: { write: (text) => kit.print(String(text)) },
    stderr: { write: (text) => kit.print(String(text)) },
  };

  const globals = {
    Buffer,
    URL,
    URLSearchParams,
    process,
    console: { log: kit.print, info: kit.print, warn: kit.print, error: kit.print, debug: kit.print, table: kit.print, trace: kit.print },
    setTimeout: (callback, delay, ...args) => schedule(callback, delay, args, false),
    setInterval: (callback, delay, ...args) => schedule(callback, delay, args, true),
    setImmediate: (callback, ...args) => schedule(callback, 0, args, false),
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancel,
    queueMicrotask: (callback) => kit.later(callback),
    structuredClone: (value) => JSON.parse(JSON.stringify(value)),
    btoa: (text) => kit.base64.encode([...String(text)].map((char) => char.charCodeAt(0) & 255)),
    atob: (text) => kit.base64.decode(text).map((byte) => String.fromCharCode(byte)).join(''),
    TextEncoder: class TextEncoder {
      encode(text = '') {
        return Uint8Array.from(kit.utf8.encode(text));
      }
    },
    TextDecoder: class TextDecoder {
      decode(bytes = []) {
        return kit.utf8.decode([...bytes]);
      }
    },
    global,
  };
  for (const name of Object.keys(globals)) Object.defineProperty(global, name, { value: globals[name], writable: true, configurable: true });
  kit.define(['process', 'node:process'], () => process);
  kit.define(['buffer', 'node:buffer'], () => ({ Buffer }));
  kit.define(['timers', 'node:timers'], () => ({ setTimeout: global.setTimeout, setInterval: global.setInterval, setImmediate: global.setImmediate }));
  kit.define(['assert', 'node:assert'], () => Object.assign((value, message) => {
    if (!value) throw new Error(message || 'assertion failed');
  }, { ok: (value, message) => { if (!value) throw new Error(message || 'assertion failed'); } }));
  kit.define('dotenv', () => ({
    // The real module reads a file `.env` into the environment without overwriting what is set.
    config: () => {
      const parsed = kit.parseEnvironment(world.files.get('/app/.env') || '');
      for (const name of Object.keys(parsed)) if (!(name in world.env)) world.env[name] = parsed[name];
      return { parsed };
    },
  }));
})(globalThis, __kit);
