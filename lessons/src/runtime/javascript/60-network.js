// Outgoing HTTP: fetch, axios and node-fetch. Nothing leaves the machine. Every call lands in `world.outbox`, and
// services.json says which service answers what, and with which key.
(function (global, kit) {
  'use strict';
  const { world } = kit;

  // services.json: {"http": [{"url": "https://lab.example/results", "header": "authorization", "keys": ["Bearer …"], "json": {…}}]}
  function send(method, url, headers, body) {
    const lower = {};
    for (const name of Object.keys(headers || {})) lower[name.toLowerCase()] = String(headers[name]);
    const call = Object.freeze({ method: String(method).toUpperCase(), url: String(url), headers: Object.freeze(lower), body: body === undefined ? '' : String(body) });
    world.outbox.push(call);
    const service = (world.services.http || []).find((known) => call.url.startsWith(known.url));
    if (!service) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${call.url}`), { code: 'ENOTFOUND' });
    if (service.keys && !service.keys.includes(lower[service.header])) return { status: 401, body: JSON.stringify({ error: 'invalid key' }) };
    return { status: service.status || 200, body: service.json === undefined ? service.text || '' : JSON.stringify(service.json) };
  }

  const fetch = async (url, options = {}) => {
    const { status, body } = send(options.method || 'GET', url, plain(options.headers), options.body);
    return {
      status,
      ok: status >= 200 && status < 300,
      headers: { get: () => null },
      text: async () => body,
      json: async () => JSON.parse(body),
    };
  };
  const plain = (headers) => (headers && headers[Symbol.iterator] ? Object.fromEntries(headers) : headers || {});

  function makeAxios(defaults = {}) {
    const request = async (config) => {
      const base = (config.baseURL || defaults.baseURL || '').replace(/\/$/, '');
      const query = config.params ? '?' + new URLSearchParams(config.params) : '';
      const data = config.data === undefined || typeof config.data === 'string' ? config.data : JSON.stringify(config.data);
      const { status, body } = send(config.method || 'GET', (/^https?:/.test(config.url) ? '' : base) + config.url + query, { ...defaults.headers, ...config.headers }, data);
      let parsed = body;
      try {
        parsed = JSON.parse(body);
      } catch {
        // Not JSON: axios hands out the text.
      }
      const response = { status, data: parsed, headers: {}, config };
      if (status >= 400) throw Object.assign(new Error(`Request failed with status code ${status}`), { response, isAxiosError: true });
      return response;
    };
    const axios = (config, more) => request(typeof config === 'string' ? { ...more, url: config } : config);
    for (const method of ['get', 'delete']) axios[method] = (url, config) => request({ ...config, method, url });
    for (const method of ['post', 'put', 'patch']) axios[method] = (url, data, config) => request({ ...config, method, url, data });
    return Object.assign(axios, { request, create: makeAxios, defaults, isAxiosError: (error) => Boolean(error?.isAxiosError) });
  }

  Object.defineProperty(global, 'fetch', { value: fetch, writable: true, configurable: true });
  kit.define('node-fetch', () => fetch);
  kit.define('axios', () => makeAxios());
})(globalThis, __kit);
