// HTTP as an express program sees it: one request sent through an app until it is answered, and what requests and
// responses can do.
(function (kit) {
  'use strict';
  const { world } = kit;
  // What a response has become lives here and not on the object that the program holds.
  const sent = new WeakMap();

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
  kit.rawBody = (req) => req[RAW];
  const done = (callback) => callback && kit.later(callback, null);
  kit.done = done;

  // `a[b]=1&c[]=2` in the way express reads queries and forms: nested objects and lists.
  kit.parseNested = parseNested;
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

  kit.responsePrototype = response;

  function makeResponse(app, req) {
    const res = Object.create(response, Object.getOwnPropertyDescriptors({ app, req, locals: {} }));
    sent.set(res, { ended: false, status: 200, headers: {}, cookies: {}, body: '', chunks: '' });
    req.res = res;
    return res;
  }
})(__kit);
