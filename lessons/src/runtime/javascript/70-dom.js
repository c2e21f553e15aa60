// A browser's view of a page, as far as an attack needs it: which elements there are, what their attributes say once
// decoded, and which code would run. The tokenizer follows the HTML standard's states in outline.
(function (kit) {
  'use strict';

  const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", colon: ':', Tab: '\t', NewLine: '\n', nbsp: '\u00a0', lpar: '(', rpar: ')', sol: '/' };
  kit.decodeEntities = (text) =>
    String(text).replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));?/gi, (all, decimal, hex, name) => {
      if (name) return NAMED[name] ?? all;
      const code = decimal ? Number(decimal) : parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
    });

  const RAW_TEXT = ['script', 'style', 'xmp', 'iframe', 'noembed', 'noframes'];
  const RCDATA = ['textarea', 'title'];
  const URL_ATTRIBUTES = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'poster', 'background'];

  // Answers {elements, text, scriptsRun, calls(name), find(tag), all(tag)}. Only a page that the browser takes for
  // HTML runs anything, so a whole response may be given instead of its text.
  kit.dom = (page) => {
    const isResponse = page !== null && typeof page === 'object';
    const type = isResponse ? String(page.headers?.['content-type'] || 'text/html') : 'text/html';
    const html = String(isResponse ? page.body : page);
    const view = { elements: [], text: '', scriptsRun: [] };
    if (/html|svg|xml/.test(type)) read(html, view, 0);
    else view.text = html;
    const all = (tag) => view.elements.filter((element) => element.tag === tag);
    return Object.freeze({
      elements: Object.freeze(view.elements),
      text: view.text.replace(/\s+/g, ' ').trim(),
      scriptsRun: Object.freeze(view.scriptsRun),
      all,
      find: (tag) => all(tag)[0] || null,
      // Where a call of the function `name` would run, strings and comments of the script left aside.
      calls: (name) => view.scriptsRun.filter(({ code }) => new RegExp('(^|[^\\w$.])' + name + '\\s*[(`]').test(bare(code))),
    });
  };

  function read(html, view, depth) {
    const open = [];
    let i = 0;
    const text = (value) => {
      const decoded = kit.decodeEntities(value);
      view.text += decoded;
      for (const element of open) element.text += decoded;
    };
    while (i < html.length) {
      const at = html.indexOf('<', i);
      if (at < 0) {
        text(html.slice(i));
        break;
      }
      text(html.slice(i, at));
      i = at;
      if (html.startsWith('<!--', i)) {
        const close = /--!?>/.exec(html.slice(i + 2));
        i = close ? i + 2 + close.index + close[0].length : html.length;
        continue;
      }
      const closing = /^<\/([a-z][^\s/>]*)[^>]*>?/i.exec(html.slice(i));
      if (closing) {
        const tag = closing[1].toLowerCase();
        const found = open.map((element) => element.tag).lastIndexOf(tag);
        if (found >= 0) open.length = found;
        i += closing[0].length;
        continue;
      }
      if (!/^<[a-z]/i.test(html.slice(i, i + 2))) {
        if (/^<[!?/]/.test(html.slice(i, i + 2))) {
          const close = html.indexOf('>', i);
          i = close < 0 ? html.length : close + 1;
        } else {
          text('<');
          i++;
        }
        continue;
      }
      const [element, after, complete] = startTag(html, i);
      i = after;
      if (!complete) break;
      view.elements.push(element);
      effects(element, view, depth);
      if (RAW_TEXT.includes(element.tag) || RCDATA.includes(element.tag)) {
        const rest = html.slice(i);
        const close = new RegExp(`</${element.tag}(?=[\\s/>])[^>]*>?`, 'i').exec(rest);
        const inner = close ? rest.slice(0, close.index) : rest;
        element.text = RCDATA.includes(element.tag) ? kit.decodeEntities(inner) : inner;
        if (element.tag === 'textarea') view.text += element.text;
        if (element.tag === 'script' && close && runnable(element)) view.scriptsRun.push({ how: 'script', where: '<script>', code: inner });
        i += close ? close.index + close[0].length : rest.length;
      } else if (!['img', 'input', 'br', 'hr', 'meta', 'link', 'base', 'source', 'embed', 'area', 'col', 'wbr', 'track', 'param'].includes(element.tag)) open.push(element);
    }
  }

  function startTag(html, from) {
    const name = /^<([^\s/>]+)/.exec(html.slice(from))[1];
    const element = { tag: name.toLowerCase(), attributes: {}, text: '' };
    let i = from + 1 + name.length;
    for (;;) {
      while (/[\s/]/.test(html[i] || '')) i++;
      if (i >= html.length) return [element, i, false];
      if (html[i] === '>') return [element, i + 1, true];
      const key = /^=?[^\s/>=]*/.exec(html.slice(i))[0];
      i += key.length;
      let value = '';
      const equals = /^\s*=\s*/.exec(html.slice(i));
      if (equals) {
        i += equals[0].length;
        if (html[i] === '"' || html[i] === "'") {
          const close = html.indexOf(html[i], i + 1);
          if (close < 0) return [element, html.length, false];
          value = html.slice(i + 1, close);
          i = close + 1;
        } else {
          value = /^[^\s>]*/.exec(html.slice(i))[0];
          i += value.length;
        }
      }
      const lower = key.toLowerCase();
      if (!Object.prototype.hasOwnProperty.call(element.attributes, lower)) element.attributes[lower] = kit.decodeEntities(value);
    }
  }

  const runnable = (element) => !element.attributes.type || /javascript|module|ecmascript/i.test(element.attributes.type);

  function effects(element, view, depth) {
    for (const name of Object.keys(element.attributes)) {
      const value = element.attributes[name];
      if (/^on[a-z]+$/.test(name)) view.scriptsRun.push({ how: 'handler', where: `<${element.tag} ${name}>`, code: value });
      // Browsers drop blanks and control characters in front of, and line ends inside, the scheme.
      const address = value.replace(/^[\0-\x20]+/, '').replace(/[\t\n\r]/g, '');
      if (URL_ATTRIBUTES.includes(name) && /^javascript:/i.test(address)) {
        let code = address.slice('javascript:'.length);
        try {
          code = decodeURIComponent(code);
        } catch {
          // A stray percent sign: the browser takes the code as it stands.
        }
        view.scriptsRun.push({ how: 'address', where: `<${element.tag} ${name}>`, code });
      }
      if (name === 'srcdoc' && element.tag === 'iframe' && depth < 3) read(value, view, depth + 1);
    }
    if (element.tag === 'script' && element.attributes.src) view.scriptsRun.push({ how: 'script', where: '<script src>', code: `/* from ${element.attributes.src.replace(/\*\//g, '')} */` });
  }

  // The script without what is inside its strings and comments. A template literal's `${…}` is code again.
  function bare(code) {
    let out = '';
    const stack = [];
    for (let i = 0; i < code.length; ) {
      const two = code.slice(i, i + 2);
      const top = stack[stack.length - 1];
      if (top === '`') {
        if (code[i] === '\\') i += 2;
        else if (two === '${') {
          stack.push('{');
          i += 2;
        } else {
          if (code[i] === '`') stack.pop();
          i++;
        }
        continue;
      }
      if (two === '//') {
        const end = code.indexOf('\n', i);
        i = end < 0 ? code.length : end;
      } else if (two === '/*') {
        const end = code.indexOf('*/', i + 2);
        i = end < 0 ? code.length : end + 2;
      } else if (code[i] === '"' || code[i] === "'") {
        let end = i + 1;
        while (end < code.length && code[end] !== code[i] && code[end] !== '\n') end += code[end] === '\\' ? 2 : 1;
        // An open string is a syntax error: the whole script does not run.
        if (code[end] !== code[i]) return '';
        out += '""';
        i = end + 1;
      } else if (code[i] === '`') {
        stack.push('`');
        out += '`';
        i++;
      } else {
        if (code[i] === '{' && stack.length) stack.push('{');
        if (code[i] === '}' && stack.length) stack.pop();
        out += code[i++];
      }
    }
    return out;
  }
})(__kit);
