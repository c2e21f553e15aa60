// Escaping and templates: escape-html and its cousins, and a renderer for EJS.
(function (kit) {
  'use strict';
  const { world } = kit;

  const REPLACEMENTS = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const escapeHtml = (value) => String(value).replace(/[&<>"']/g, (char) => REPLACEMENTS[char]);
  kit.escapeHtml = escapeHtml;
  kit.define('escape-html', () => escapeHtml);
  kit.define('he', () => ({ encode: escapeHtml, escape: escapeHtml, decode: kit.decodeEntities, unescape: kit.decodeEntities }));
  kit.define('lodash', () => ({ escape: (value) => escapeHtml(value ?? '') }));
  kit.define('lodash.escape', () => (value) => escapeHtml(value ?? ''));
  kit.define('html-escaper', () => ({ escape: escapeHtml }));
  kit.define('validator', () => ({
    escape: (text) => escapeHtml(text).replace(/\//g, '&#x2F;').replace(/\\/g, '&#x5C;').replace(/`/g, '&#96;'),
    isIP: (text) => kit.isIP(text) > 0,
    isFQDN: (text) => /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i.test(String(text)),
    isInt: (text) => /^[-+]?\d+$/.test(String(text)),
    isEmail: (text) => /^[\w.+'-]+@[\w-]+(\.[\w-]+)+$/.test(String(text)),
    isAlphanumeric: (text) => /^[0-9a-z]+$/i.test(String(text)),
    isUUID: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(String(text)),
  }));

  // EJS turns a template into a function; `with` gives it the names. The text between tags is written out as it is.
  function compile(template, options = {}) {
    let body = "let __out = '';\nwith (__values) {\n";
    const pieces = String(template).split(/(<%[=\-_#%]?[\s\S]*?[-_]?%>)/);
    for (let piece of pieces) {
      const tag = /^<%([=\-_#%]?)([\s\S]*?)([-_]?)%>$/.exec(piece);
      if (!tag) {
        body += `__out += ${JSON.stringify(piece)};\n`;
        continue;
      }
      const code = tag[2].trim().replace(/;$/, '');
      if (tag[1] === '=') body += `__out += __escape(${code});\n`;
      else if (tag[1] === '-') body += `__out += __text(${code});\n`;
      else if (tag[1] === '%') body += `__out += ${JSON.stringify('<%' + tag[2] + '%>')};\n`;
      else if (tag[1] !== '#') body += tag[2] + '\n';
    }
    body += '}\nreturn __out;';
    const text = (value) => (value === undefined || value === null ? '' : String(value));
    let run;
    try {
      run = new Function('__values', '__escape', '__text', 'include', body);
    } catch (error) {
      throw new SyntaxError(`${error.message} while compiling ejs${options.filename ? ' ' + options.filename : ''}`);
    }
    return (values = {}) => {
      const include = (name, more) => renderPath(kit.resolve(name.endsWith('.ejs') ? name : name + '.ejs', (options.filename || '/app/views/x').replace(/\/[^/]*$/, '')), { ...values, ...more });
      return run({ locals: values, ...values }, (value) => escapeHtml(text(value)), text, include);
    };
  }

  function renderPath(place, values) {
    const template = world.files.get(place);
    if (template === undefined) throw new Error(`Failed to lookup view "${place.replace(/^\/app\//, '')}"`);
    return compile(template, { filename: place })(values);
  }

  const ejs = {
    compile,
    render: (template, values, options) => compile(template, options)(values),
    renderFile: (name, values, ...rest) => {
      const callback = rest.find((arg) => typeof arg === 'function');
      const html = renderPath(kit.resolve(name), values);
      if (!callback) return Promise.resolve(html);
      kit.later(callback, null, html);
    },
    escapeXML: escapeHtml,
  };
  kit.define('ejs', () => ejs);

  kit.renderFile = (view, settings, engines, values) => {
    const extension = /\.(\w+)$/.exec(view)?.[1] || settings['view engine'];
    if (!extension) throw new Error('No default engine was specified and no extension was provided.');
    if (extension !== 'ejs' && extension !== 'html') throw new Error(`The exercise has the template engine ejs, not ${extension}`);
    const name = /\.\w+$/.test(view) ? view : `${view}.${extension}`;
    return renderPath(kit.resolve(name, kit.resolve(settings.views)), { settings, ...values });
  };
})(__kit);
