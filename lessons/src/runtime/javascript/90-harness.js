// The check itself: loads the learner's program into a fresh world for every test and every attack, and reports.
//
// The learner's code shares this engine, so it is treated as hostile: every built-in object is frozen before it runs
// (a changed `String.prototype.includes` must not decide a verdict), the check's own functions reach nobody but the
// check's script, and results live in closures.
(function (global, kit) {
  'use strict';
  const { world, host } = kit;
  const compile = (0, eval);
  const MESSAGE_LIMIT = 2000;

  delete global.__kit;
  let started = false;

  async function main() {
    if (started) throw new Error('already running');
    started = true;
    hardenBuiltIns();
    const report = { results: [], error: null, output: '' };
    try {
      kit.reset();
      loadEntry();
      await runScript(report);
    } catch (error) {
      report.error = describe(error);
    }
    report.output = world.output.join('\n').slice(0, 20000);
    return JSON.stringify(report);
  }
  Object.defineProperty(global, '__main', { value: main });

  // ---- the learner's program ---------------------------------------------------------------------------------------

  let app = null;
  let cache = new Map();
  const sources = [];

  function loadEntry() {
    cache = new Map();
    app = null;
    const exported = loadFile('/app/' + host.entry);
    for (const candidate of [exported, exported?.app, exported?.default]) if (kit.isApp(candidate)) app = candidate;
    if (!app) throw new Error(`${host.entry} must export its express app: module.exports = app`);
  }

  function loadFile(place) {
    if (cache.has(place)) return cache.get(place).exports;
    const text = world.files.get(place);
    const module = { exports: {}, id: place, filename: place, loaded: false };
    cache.set(place, module);
    if (place.endsWith('.json')) {
      module.exports = JSON.parse(text);
      return module.exports;
    }
    const directory = place.replace(/\/[^/]*$/, '');
    evaluate(place, text, 'exports, require, module, __filename, __dirname')(module.exports, makeRequire(directory), module, place, directory);
    module.loaded = true;
    return module.exports;
  }

  // Every file starts at its own hundred thousandth line, so that a line of a stack trace tells its file too.
  function evaluate(place, text, parameters) {
    if (!sources.includes(place)) sources.push(place);
    const lines = '\n'.repeat(sources.indexOf(place) * 100000);
    const modern = /^[ \t]*(import\s[\s\S]*?from\s*['"]|import\s*['"]|export\s+(default|const|function|class|\{))/m.exec(text);
    if (modern) {
      const error = new SyntaxError('This exercise uses require(…) and module.exports, as the file came with; import and export are not available');
      throw Object.assign(error, { atLine: text.slice(0, modern.index).split('\n').length });
    }
    return compile(`${lines}(function (${parameters}) {${text.replace(/^#!.*/, '')}\n})`);
  }

  function makeRequire(directory) {
    const require = (name) => {
      const wanted = String(name);
      if (/^[./]/.test(wanted)) {
        const base = kit.resolve(wanted, directory);
        const found = [base, base + '.js', base + '.json', base + '/index.js'].find((place) => world.files.has(place));
        if (found) return loadFile(found);
      } else if (kit.modules.has(wanted)) {
        if (!cache.has(wanted)) cache.set(wanted, { exports: kit.modules.get(wanted)() });
        return cache.get(wanted).exports;
      }
      const there = [...kit.modules.keys()].filter((known) => !known.startsWith('node:')).join(', ');
      throw Object.assign(new Error(`Cannot find module '${wanted}'. In an exercise there are: ${there}`), { code: 'MODULE_NOT_FOUND' });
    };
    require.resolve = (name) => String(name);
    require.main = null;
    return require;
  }

  function describe(error) {
    const name = error instanceof Error && error.name ? error.name + ': ' : '';
    const message = (name + (error instanceof Error ? error.message : kit.inspect(error))).slice(0, MESSAGE_LIMIT);
    return { message, line: error?.atLine ?? lineOf(error) };
  }

  function lineOf(error) {
    const entry = sources.indexOf('/app/' + host.entry);
    for (const match of String(error?.stack || '').matchAll(/:(\d+)(?::\d+)?\)?\s*$/gm)) {
      const line = Number(match[1]);
      if (/(_script|runtime\/javascript|\.js)[^\n]*$/.test(match.input.slice(0, match.index).split('\n').pop())) continue;
      if (Math.floor(line / 100000) === entry) return line % 100000;
    }
    return null;
  }

  // ---- the check's script ------------------------------------------------------------------------------------------

  async function runScript(report) {
    const cases = [];
    const breaches = new WeakMap();
    const token = Object.freeze({});
    const register = (kind, name, rest) => {
      const run = rest.pop();
      cases.push({ kind, name: String(name), options: rest[0] || {}, run });
    };

    const harness = {
      app: token,
      test: (name, ...rest) => void register('test', name, rest),
      attack: (name, ...rest) => void register('attack', name, rest),
      breached: (yes, got) => {
        const outcome = Object.freeze({});
        breaches.set(outcome, { yes: Boolean(yes), got: got === undefined ? null : shorten(got) });
        return outcome;
      },
      assert: (condition, message) => {
        if (!condition) throw new CheckFailed(message || 'This should hold and does not.');
      },
      assertEqual: (actual, expected, message) => {
        if (same(actual, expected)) return;
        throw new CheckFailed(`${message ? message + ': ' : ''}expected ${shorten(expected)}, got ${shorten(actual)}`);
      },
      request: async (target, method, url, options = {}) => {
        if (target !== token) throw new Error('request(app, method, url, options)');
        return kit.dispatch(app, method, url, options);
      },
      routes: () => kit.routes(app),
      sql: (text, values) => kit.sql(text, values),
      databaseLogin: (user, password) => kit.databaseLogin(user, password),
      dom: kit.dom,
      processes: world.processes,
      outbox: world.outbox,
      logins: world.logins,
      files: Object.freeze({
        read: (name) => world.files.get(kit.resolve(name)) ?? null,
        write: (name, text) => void world.files.set(kit.resolve(name), String(text)),
        exists: (name) => world.files.has(kit.resolve(name)),
        // What somebody gets who clones the repository: name → text.
        repository: () => Object.fromEntries([...world.files].filter(([place]) => place.startsWith('/app/')).map(([place, text]) => [place.slice(5), text])),
      }),
      base64: Object.freeze({ encode: (text) => kit.base64.encode(kit.utf8.encode(text)), decode: (text) => kit.utf8.decode(kit.base64.decode(text)) }),
      environment: () => ({ ...world.env }),
      random: (bytes = 8) => host.random(bytes),
    };
    const script = evaluate('check', "'use strict';" + host.script, Object.keys(harness).join(', '));
    script(...Object.values(harness));

    for (const { kind, name, options, run } of cases) {
      const input = options.input === undefined ? null : String(options.input);
      const result = { name, passed: false, message: null, input, got: null };
      const printed = world.output.length;
      try {
        kit.reset(options);
        loadEntry();
        // What the program prints while it starts is the same every time; the first start has it already.
        world.output.length = printed;
        const outcome = await run();
        if (kind === 'test') result.passed = true;
        else {
          const breach = breaches.get(outcome);
          if (!breach) throw new Error('an attack answers with breached(…)');
          // One request that ends the server is an attack on everybody else who uses it.
          result.passed = breach.yes || world.stopped;
          result.got = breach.yes ? breach.got : world.stopped ? 'a server that is down, for everybody' : null;
        }
      } catch (error) {
        result.message = error instanceof CheckFailed ? String(error.message).slice(0, MESSAGE_LIMIT) : describe(error).message;
      }
      report.results.push(result);
    }
  }

  class CheckFailed extends Error {}

  function shorten(value) {
    const text = kit.inspect(value);
    return text.length > 300 ? text.slice(0, 300) + '…' : text;
  }

  function same(a, b) {
    if (Object.is(a, b)) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && Array.isArray(a) === Array.isArray(b) && keys.every((key) => Object.prototype.hasOwnProperty.call(b, key) && same(a[key], b[key]));
  }

  // ---- built-in objects --------------------------------------------------------------------------------------------

  // Programs do assign these on objects of their own; a frozen data property further up would forbid it.
  const OVERRIDDEN = ['toString', 'valueOf', 'toLocaleString', 'constructor', 'name', 'message', 'hasOwnProperty', 'toJSON'];

  function hardenBuiltIns() {
    const seen = new Set([global]);
    const queue = [];
    const add = (value) => {
      if ((typeof value === 'object' || typeof value === 'function') && value !== null && !seen.has(value)) {
        seen.add(value);
        queue.push(value);
      }
    };
    for (const name of Object.getOwnPropertyNames(global)) {
      const property = Object.getOwnPropertyDescriptor(global, name);
      if ('value' in property) {
        // `process` hands out the environment, which programs may change.
        if (name !== 'process' && name !== 'global' && name !== 'globalThis') add(property.value);
        if (property.configurable) Object.defineProperty(global, name, { ...property, writable: false, configurable: false });
      }
    }
    // What syntax alone reaches: iterators, generators, async functions.
    for (const hidden of [function* () {}, async () => {}, async function* () {}]) add(Object.getPrototypeOf(hidden));
    for (const iterator of [[][Symbol.iterator](), ''[Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''.matchAll(/./g)]) add(Object.getPrototypeOf(iterator));
    add(Object.getPrototypeOf(Uint8Array));
    add(kit.EventEmitter);
    while (queue.length) {
      const target = queue.pop();
      add(Object.getPrototypeOf(target));
      for (const key of Reflect.ownKeys(target)) {
        const property = Object.getOwnPropertyDescriptor(target, key);
        add(property.value);
        add(property.get);
        add(property.set);
        const method = typeof property.value === 'function' || typeof property.value === 'string';
        if (property.configurable && method && typeof target === 'object' && OVERRIDDEN.includes(key)) makeOverridable(target, key, property);
      }
      Object.freeze(target);
    }
  }

  function makeOverridable(target, key, { value, enumerable }) {
    Object.defineProperty(target, key, {
      get: () => value,
      set(replacement) {
        if (this === target) throw new TypeError(`${String(key)} of a built-in object cannot be replaced in an exercise`);
        Object.defineProperty(this, key, { value: replacement, writable: true, enumerable: true, configurable: true });
      },
      enumerable,
      configurable: false,
    });
  }
})(globalThis, __kit);
