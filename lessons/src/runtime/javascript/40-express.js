// `express` as programs use it: routers, the middleware chain, requests and responses; and the small modules that
// travel with it (cookie-parser, express-session, body-parser).
(function (kit) {
  'use strict';
  const { world } = kit;
  const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
  const apps = new WeakSet();
  // What a response has become lives here and not on the object that the program holds.
  const sent = new WeakMap();

  kit.isApp = (value) => typeof value === 'function' && apps.has(value);

  // Sends one request through an app and waits until it is answered, or until nothing is left that could answer it.
  kit.dispatch = async (app, method, url, options) => {
    world.crash = null;
    const req = makeRequest(app, String(method).toUpperCase(), String(url), options);
    const res = makeResponse(app, req);
    const state = sent.get(res);
    const fail = (error) => {
      if (!state.ended) finish(res, 500, errorPage(error), { 'content-type': 'text/html; charset=utf-8' });
      if (error) kit.print(error);
    };
    // A new job: the program cannot see on its stack who is asking.
    await null;
    try {
      app.handle(req, res, (error) => {
        if (state.ended) return;
        if (error) fail(error);
        else finish(res, 404, errorPage(`Cannot ${req.method} ${req.path}`), { 'content-type': 'text/html; charset=utf-8' });
      });
    } catch (error) {
      fail(error);
    }
    for (let round = 0; round < 2000 && !state.ended && !world.crash; round++) {
      for (let turn = 0; turn < 40 && !state.ended; turn++) await null;
      if (!state.ended && !world.crash && !kit.runNextTimer() && round > 20) break;
    }
    if (world.crash && (!state.ended || state.status === 500)) {
      world.stopped = true;
      const { error } = world.crash;
      kit.print(error);
      return answer(500, {}, `The program crashed: ${error && error.message ? error.message : error}`, { crashed: true });
    }
    if (!state.ended) return answer(504, {}, 'The program never answered this request.', { unanswered: true });
    for (let turn = 0; turn < 40; turn++) await null;
    return answer(state.status, state.headers, state.body, { session: req.session, cookies: state.cookies });
  };

  function answer(status, headers, body, more) {
    let json;
    try {
      json = JSON.parse(body);
    } catch {
      json = null;
    }
    const text = String(body);
    return Object.freeze({ status, headers: Object.freeze({ ...headers }), body: text, text, json, ...more });
  }

  function errorPage(what) {
    const text = what instanceof Error ? String(what.stack || what) : String(what?.message || what);
    return `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>${kit.escapeHtml(text)}</pre>\n</body>\n</html>\n`;
  }

  function finish(res, status, body, headers = {}) {
    const state = sent.get(res);
    if (state.ended) {
      throw Object.assign(new Error('Cannot set headers after they are sent to the client'), { code: 'ERR_HTTP_HEADERS_SENT' });
    }
    Object.assign(state, { ended: true, status, body: String(body), headers: { ...state.headers, ...headers } });
  }

  // ---- request ---------------------------------------------------------------------------------------------------

  function makeRequest(app, method, url, options = {}) {
    const at = url.indexOf('?');
    const headers = { host: 'clinic.example', 'user-agent': 'check' };
    for (const name of Object.keys(options.headers || {})) headers[name.toLowerCase()] = String(options.headers[name]);
    let raw = '';
    if (options.form !== undefined) {
      raw = Object.entries(options.form).map(([key, value]) => encodeURIComponent(key) + '=' + encodeURIComponent(value)).join('&');
      headers['content-type'] = headers['content-type'] || 'application/x-www-form-urlencoded';
    } else if (options.body !== undefined) {
      raw = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
      headers['content-type'] = headers['content-type'] || (typeof options.body === 'string' ? 'text/plain' : 'application/json');
    }
    if (options.cookies) headers.cookie = Object.entries(options.cookies).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('; ');
    const pathname = at < 0 ? url : url.slice(0, at);
    const req = {
      app,
      method,
      url,
      originalUrl: url,
      baseUrl: '',
      httpVersion: '1.1',
      protocol: 'https',
      secure: true,
      ip: '203.0.113.7',
      ips: [],
      hostname: headers.host.replace(/:\d+$/, ''),
      path: pathname,
      headers,
      params: {},
      query: parseNested(at < 0 ? '' : url.slice(at + 1)),
      xhr: headers['x-requested-with'] === 'XMLHttpRequest',
      socket: { remoteAddress: '203.0.113.7' },
      get: (name) => headers[String(name).toLowerCase()],
      header: (name) => headers[String(name).toLowerCase()],
      is: (type) => ((headers['content-type'] || '').includes(String(type)) ? type : false),
      accepts: (...types) => types.flat().find((type) => !headers.accept || headers.accept.includes('*/*') || headers.accept.includes(type)) || false,
      on: () => req,
    };
    if (options.session !== undefined) req.session = { ...options.session, destroy: done, regenerate: done, save: done };
    else if (world.sessions) req.session = { destroy: done, regenerate: done, save: done };
    if (req.session) for (const name of ['destroy', 'regenerate', 'save']) Object.defineProperty(req.session, name, { enumerable: false });
    if (options.user !== undefined) req.user = { ...options.user };
    Object.defineProperty(req, RAW, { value: raw });
    return req;
  }
  const RAW = Symbol('raw body');
  const done = (callback) => callback && kit.later(callback, null);

  // `a[b]=1&c[]=2` in the way express reads queries and forms: nested objects and lists.
  function parseNested(text) {
    const out = {};
    for (const [key, value] of kit.pairsOf(text)) {
      const steps = [/^[^[]*/.exec(key)[0], ...[...key.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1])].slice(0, 6);
      if (steps.includes('__proto__') || steps[0] === '') continue;
      let place = out;
      steps.forEach((step, at) => {
        const last = at === steps.length - 1;
        const name = step === '' && Array.isArray(place) ? place.length : step;
        const own = Object.prototype.hasOwnProperty.call(place, name);
        if (last) place[name] = own ? [].concat(place[name], value) : value;
        else {
          if (!own || typeof place[name] !== 'object') place[name] = steps[at + 1] === '' ? [] : {};
          place = place[name];
        }
      });
    }
    return out;
  }

  // ---- response --------------------------------------------------------------------------------------------------

  const TYPES = { html: 'text/html', json: 'application/json', txt: 'text/plain', text: 'text/plain', js: 'text/javascript', css: 'text/css', xml: 'application/xml', csv: 'text/csv', pdf: 'application/pdf', bin: 'application/octet-stream', svg: 'image/svg+xml' };

  const response = {
    status(code) {
      sent.get(this).status = Number(code);
      return this;
    },
    get statusCode() {
      return sent.get(this).status;
    },
    set statusCode(code) {
      sent.get(this).status = Number(code);
    },
    get headersSent() {
      return sent.get(this).ended;
    },
    get writableEnded() {
      return sent.get(this).ended;
    },
    sendStatus(code) {
      return this.status(code).type('txt').send(code === 200 ? 'OK' : code === 403 ? 'Forbidden' : code === 401 ? 'Unauthorized' : code === 404 ? 'Not Found' : String(code));
    },
    set(name, value) {
      if (typeof name === 'object') {
        for (const key of Object.keys(name)) this.set(key, name[key]);
        return this;
      }
      if (/[\r\n]/.test(String(value))) throw Object.assign(new TypeError(`Invalid character in header content ["${name}"]`), { code: 'ERR_INVALID_CHAR' });
      let text = String(value);
      if (String(name).toLowerCase() === 'content-type' && /^text\/|json$/.test(text) && !text.includes('charset')) text += '; charset=utf-8';
      sent.get(this).headers[String(name).toLowerCase()] = text;
      return this;
    },
    get(name) {
      return sent.get(this).headers[String(name).toLowerCase()];
    },
    removeHeader(name) {
      delete sent.get(this).headers[String(name).toLowerCase()];
    },
    append(name, value) {
      const old = this.get(name);
      return this.set(name, old ? `${old}, ${value}` : value);
    },
    vary(name) {
      return this.append('Vary', name);
    },
    type(name) {
      return this.set('Content-Type', String(name).includes('/') ? name : TYPES[String(name).replace(/^\./, '')] || 'application/octet-stream');
    },
    cookie(name, value, options = {}) {
      const text = typeof value === 'object' ? 'j:' + JSON.stringify(value) : String(value);
      sent.get(this).cookies[name] = { value: text, ...options };
      return this;
    },
    clearCookie(name) {
      delete sent.get(this).cookies[name];
      return this;
    },
    location(url) {
      return this.set('Location', String(url).replace(/[\r\n]/g, ''));
    },
    redirect(status, url) {
      if (url === undefined) [status, url] = [302, status];
      return this.location(url).status(status).type('txt').send(`Found. Redirecting to ${url}`);
    },
    write(chunk) {
      sent.get(this).chunks += String(chunk);
      return true;
    },
    end(chunk = '') {
      finish(this, sent.get(this).status, sent.get(this).chunks + String(chunk ?? ''));
      return this;
    },
    send(body) {
      if (typeof body === 'number' || typeof body === 'boolean' || (typeof body === 'object' && body !== null && !kit.Buffer.isBuffer(body))) return this.json(body);
      if (!this.get('Content-Type')) this.type(kit.Buffer.isBuffer(body) ? 'bin' : 'html');
      return this.end(body === undefined || body === null ? '' : body.toString());
    },
    json(body) {
      if (!this.get('Content-Type')) this.type('json');
      return this.end(JSON.stringify(body));
    },
    attachment(name) {
      return this.set('Content-Disposition', name ? `attachment; filename="${name}"` : 'attachment');
    },
    sendFile(name, options, callback) {
      if (typeof options === 'function') [options, callback] = [undefined, options];
      const place = kit.resolve(name, options?.root || '/app');
      const text = world.files.get(place);
      if (text === undefined) {
        const error = Object.assign(new Error(`ENOENT: no such file or directory, stat '${place}'`), { code: 'ENOENT', status: 404 });
        if (callback) return kit.later(callback, error);
        throw error;
      }
      if (!this.get('Content-Type')) this.type(/\.(\w+)$/.exec(place)?.[1] || 'bin');
      this.end(text);
      if (callback) kit.later(callback, null);
    },
    download(name, as) {
      return this.attachment(as || String(name).split('/').pop()).sendFile(name);
    },
    format(choices) {
      const type = this.req.accepts(Object.keys(choices)) || 'default';
      return choices[type](this.req, this);
    },
    render(view, values = {}, callback) {
      if (typeof values === 'function') [values, callback] = [{}, values];
      const html = this.app.renderView(view, { ...this.app.locals, ...this.locals, ...values });
      if (callback) return callback(null, html);
      this.send(html);
    },
    on() {
      return this;
    },
  };
  response.setHeader = response.header = response.set;
  response.getHeader = response.get;
  response.contentType = response.type;

  function makeResponse(app, req) {
    const res = Object.create(response, Object.getOwnPropertyDescriptors({ app, req, locals: {} }));
    sent.set(res, { ended: false, status: 200, headers: {}, cookies: {}, body: '', chunks: '' });
    req.res = res;
    return res;
  }

  // ---- routing ---------------------------------------------------------------------------------------------------

  // `/patients/:id`, `/files/*`, `/a?b`, regular expressions and lists of all these.
  function compile(path, whole) {
    if (Array.isArray(path)) {
      const all = path.map((one) => compile(one, whole));
      return (url) => all.map((match) => match(url)).find(Boolean) || null;
    }
    if (path instanceof RegExp) {
      return (url) => {
        const match = path.exec(url);
        return match && { matched: match[0], params: { ...match.slice(1), ...match.groups } };
      };
    }
    const names = [];
    let source = '';
    const text = String(path);
    for (let i = 0; i < text.length; ) {
      const parameter = /^(\/?):(\w+)(\([^)]*\))?(\?)?/.exec(text.slice(i));
      const star = /^\/?(\*(\w+)?|\(\.\*\))/.exec(text.slice(i));
      if (parameter) {
        names.push(parameter[2]);
        const inner = parameter[3] || '([^/]+?)';
        source += parameter[4] ? `(?:${parameter[1]}${inner})?` : parameter[1] + inner;
        i += parameter[0].length;
      } else if (star) {
        names.push(star[2] || String(names.filter((name) => /^\d+$/.test(name)).length));
        source += star[0].startsWith('/') ? '/(.*)' : '(.*)';
        i += star[0].length;
      } else {
        source += text[i].replace(/[.+^${}()|[\]\\]/g, '\\$&');
        i++;
      }
    }
    if (!whole) source = source.replace(/\/$/, '');
    const pattern = new RegExp('^' + source + (whole ? '/?$' : '(?=/|$)'), 'i');
    return (url) => {
      const match = pattern.exec(url);
      if (!match) return null;
      const params = {};
      names.forEach((name, at) => {
        if (match[at + 1] !== undefined) params[name] = decode(match[at + 1]);
      });
      return { matched: match[0], params };
    };
  }

  function decode(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      throw Object.assign(new URIError(`Failed to decode param '${text}'`), { status: 400 });
    }
  }

  function makeRouter(options = {}) {
    const layers = [];
    const parameters = new Map();
    const router = function (req, res, next) {
      router.handle(req, res, next);
    };
    router.handle = (req, res, out) => {
      let at = 0;
      const outer = { params: req.params, baseUrl: req.baseUrl, url: req.url };
      const restore = (error) => {
        Object.assign(req, { baseUrl: outer.baseUrl, url: outer.url, path: pathOf(outer.url) });
        out(error);
      };
      const next = (error) => {
        if (error === 'router') return restore();
        const failed = error && error !== 'route' ? error : null;
        Object.assign(req, { baseUrl: outer.baseUrl, url: outer.url, path: pathOf(outer.url) });
        while (at < layers.length) {
          const layer = layers[at++];
          let match;
          try {
            match = layer.match(pathOf(outer.url));
          } catch (problem) {
            return restore(problem);
          }
          if (!match || (layer.method && layer.method !== req.method && !(layer.method === 'GET' && req.method === 'HEAD'))) continue;
          req.params = options.mergeParams ? { ...outer.params, ...match.params } : match.params;
          if (!layer.method) {
            const trimmed = outer.url.slice(match.matched.length) || '/';
            Object.assign(req, { baseUrl: outer.baseUrl + match.matched, url: trimmed.startsWith('/') ? trimmed : '/' + trimmed });
            req.path = pathOf(req.url);
          } else req.route = { path: layer.path, methods: { [layer.method.toLowerCase()]: true } };
          return runParameters(req, res, match.params, (problem) => runHandlers(layer.handlers, problem || failed, req, res, next));
        }
        restore(failed || undefined);
      };
      next();
    };
    function runParameters(req, res, params, after) {
      const names = Object.keys(params).filter((name) => parameters.has(name));
      const step = (error) => {
        const name = names.shift();
        if (error || !name) return after(error);
        parameters.get(name)(req, res, step, params[name], name);
      };
      step();
    }
    router.use = (...args) => {
      const { path, handlers } = sortOut(args, '/');
      layers.push({ match: compile(path, false), handlers });
      return router;
    };
    for (const method of METHODS) {
      router[method] = (...args) => {
        const { path, handlers } = sortOut(args, null);
        layers.push({ path, match: compile(path, true), method: method.toUpperCase(), handlers });
        return router;
      };
    }
    router.all = (...args) => {
      const { path, handlers } = sortOut(args, null);
      for (const method of METHODS) layers.push({ path, match: compile(path, true), method: method.toUpperCase(), handlers });
      return router;
    };
    router.route = (path) => {
      const route = {};
      for (const method of [...METHODS, 'all']) {
        route[method] = (...handlers) => {
          router[method](path, ...handlers);
          return route;
        };
      }
      return route;
    };
    router.param = (name, handler) => {
      parameters.set(name, handler);
      return router;
    };
    // What the check may know of the routes, for attacks that walk over all of them.
    routesOf.set(router, layers);
    return router;
  }
  const routesOf = new WeakMap();
  kit.routes = (app) => (routesOf.get(app) || []).filter((layer) => layer.method).map((layer) => ({ method: layer.method, path: String(layer.path) }));

  const pathOf = (url) => url.split('?')[0] || '/';

  function sortOut(args, fallback) {
    const list = args.flat(Infinity);
    const paths = [];
    while (list.length && typeof list[0] !== 'function') paths.push(list.shift());
    const path = paths.length === 0 ? fallback : paths.length === 1 ? paths[0] : paths;
    if (path === null) throw new TypeError('A route needs a path');
    const wrong = list.find((handler) => typeof handler !== 'function');
    if (wrong !== undefined || list.length === 0) throw new TypeError(`A route or middleware needs a handler function but got ${wrong === undefined ? 'none' : typeof wrong} (path ${path})`);
    return { path, handlers: list };
  }

  function runHandlers(handlers, failed, req, res, out) {
    let at = 0;
    const next = (error) => {
      if (error === 'route' || error === 'router') return out(error);
      const problem = error || null;
      const handler = handlers[at++];
      if (!handler) return out(problem || undefined);
      if ((handler.length === 4) !== Boolean(problem)) return next(problem);
      let result;
      try {
        result = problem ? handler(problem, req, res, once(next)) : handler(req, res, once(next));
      } catch (thrown) {
        return next(thrown || new Error('thrown without a reason'));
      }
      if (result && typeof result.then === 'function') result.then(undefined, (thrown) => next(thrown || new Error('rejected without a reason')));
    };
    next(failed);
  }

  function once(callback) {
    let called = false;
    return (...args) => {
      if (called) return;
      called = true;
      callback(...args);
    };
  }

  // ---- the application and the modules around it -------------------------------------------------------------------

  function createApplication() {
    const router = makeRouter();
    const app = function (req, res, next) {
      router.handle(req, res, next);
    };
    const settings = { views: '/app/views', 'view engine': undefined, env: 'production' };
    const engines = {};
    Object.assign(app, router, {
      locals: {},
      settings,
      set: (name, value) => {
        if (value === undefined) return settings[name];
        settings[name] = value;
        return app;
      },
      enable: (name) => app.set(name, true),
      disable: (name) => app.set(name, false),
      enabled: (name) => Boolean(settings[name]),
      disabled: (name) => !settings[name],
      engine: (extension, render) => {
        engines[extension.replace(/^\./, '')] = render;
        return app;
      },
      renderView: (view, values) => kit.renderFile(String(view), settings, engines, values),
      render: (view, values, callback) => callback(null, app.renderView(view, { ...app.locals, ...values })),
      listen: (...args) => {
        const callback = args.find((arg) => typeof arg === 'function');
        if (callback) kit.later(callback);
        return { close: done, address: () => ({ port: 3000 }), on: () => undefined };
      },
    });
    const get = app.get;
    app.get = (...args) => (args.length === 1 ? settings[args[0]] : (get(...args), app));
    for (const name of ['use', 'all', ...METHODS.filter((method) => method !== 'get')]) {
      const add = app[name];
      app[name] = (...args) => {
        add(...args);
        return app;
      };
    }
    routesOf.set(app, routesOf.get(router));
    apps.add(app);
    return app;
  }

  const parser = (wanted, read) => () => (req, res, next) => {
    if (req.body === undefined && (req.headers['content-type'] || '').includes(wanted)) {
      try {
        req.body = read(req[RAW]);
      } catch (error) {
        return next(Object.assign(error, { status: 400 }));
      }
    }
    next();
  };
  const json = parser('application/json', (text) => (text === '' ? {} : JSON.parse(text)));
  const urlencoded = parser('application/x-www-form-urlencoded', parseNested);
  const text = parser('text/', (body) => body);
  const raw = parser('', (body) => kit.Buffer.from(body));

  function serveStatic(root) {
    return (req, res, next) => {
      if (req.method !== 'GET' && req.method !== 'HEAD') return next();
      const place = kit.resolve('.' + kit.normalize(decode(req.path)), kit.resolve(root));
      const found = [place, place.replace(/\/$/, '') + '/index.html'].find((name) => world.files.has(name));
      if (found) res.sendFile(found);
      else next();
    };
  }

  kit.onReset(() => {
    world.sessions = false;
  });
  kit.define('express', () => Object.assign(() => createApplication(), { Router: makeRouter, json, urlencoded, text, raw, static: serveStatic, response, application: {}, request: {} }));
  kit.define('body-parser', () => ({ json, urlencoded, text, raw }));
  kit.define('cookie-parser', () => () => (req, res, next) => {
    req.cookies = {};
    for (const part of (req.headers.cookie || '').split(/;\s*/).filter(Boolean)) {
      const at = part.indexOf('=');
      if (at > 0) req.cookies[part.slice(0, at)] = decode(part.slice(at + 1));
    }
    req.signedCookies = {};
    next();
  });
  kit.define('express-session', () => (options) => {
    if (!options || !options.secret) throw new Error('secret option required for sessions');
    // Whose session it is, the check says; a request without one gets an empty one.
    world.sessions = true;
    return (req, res, next) => {
      req.session = req.session || {};
      next();
    };
  });
  kit.define('cors', () => () => (req, res, next) => next());
  kit.define('morgan', () => () => (req, res, next) => next());
  kit.define('express-async-errors', () => ({}));
})(__kit);
