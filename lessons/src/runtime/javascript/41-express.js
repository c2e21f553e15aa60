// `express` as programs use it: routers and the middleware chain; and the small modules that travel with it
// (cookie-parser, express-session, body-parser).
(function (kit) {
  'use strict';
  const { world } = kit;
  const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
  const apps = new WeakSet();

  kit.isApp = (value) => typeof value === 'function' && apps.has(value);

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
        return { close: kit.done, address: () => ({ port: 3000 }), on: () => undefined };
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
        req.body = read(kit.rawBody(req));
      } catch (error) {
        return next(Object.assign(error, { status: 400 }));
      }
    }
    next();
  };
  const json = parser('application/json', (text) => (text === '' ? {} : JSON.parse(text)));
  const urlencoded = parser('application/x-www-form-urlencoded', kit.parseNested);
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
  kit.define('express', () => Object.assign(() => createApplication(), { Router: makeRouter, json, urlencoded, text, raw, static: serveStatic, response: kit.responsePrototype, application: {}, request: {} }));
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
