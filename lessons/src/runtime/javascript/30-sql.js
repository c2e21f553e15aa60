// Database clients (mysql2, pg, sqlite3, better-sqlite3) over the host's SQLite engine. All connections of one world
// reach the same database, which `database.sql` of the exercise fills, as clients of one server would.
(function (kit) {
  'use strict';
  const { world, host } = kit;
  let handle = null;

  kit.onReset(() => {
    handle = null;
  });

  function database() {
    if (handle === null) {
      handle = host.sqlOpen();
      for (const statement of split(host.files['database.sql'] || '', 'sqlite')) rawQuery(statement, []);
    }
    return handle;
  }

  function rawQuery(sql, values) {
    const result = JSON.parse(host.sql(database(), sql, JSON.stringify(values.map(bindable))));
    if (result.error !== undefined) throw Object.assign(new Error(result.error), { code: 'SQLITE_ERROR', sql });
    const rows = (result.rows || []).map((row) => Object.fromEntries(result.columns.map((name, at) => [name, row[at]])));
    return { rows, columns: result.columns || [], changes: result.changes || 0, lastInsertRowid: result.lastInsertRowid || 0 };
  }

  function bindable(value) {
    if (value === undefined || value === null) return null;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'number' || typeof value === 'string') return value;
    if (value instanceof Date) return value.toISOString();
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }

  // The check's own look into the database, past whatever the program made of its client.
  kit.sql = (sql, values = []) => rawQuery(sql, values).rows;

  // Does the server let this user in? Accounts stand in services.json; a database without accounts is open.
  kit.databaseLogin = (user, password) => {
    const accounts = world.services.database?.accounts;
    if (!accounts) return true;
    return Object.prototype.hasOwnProperty.call(accounts, String(user)) && accounts[String(user)].includes(password);
  };

  // ---- the SQL text: one pass that knows quotes and comments -----------------------------------------------------

  // Cuts a script into statements. With `dialect` mysql, string literals (backslash escapes, double quotes) and `#`
  // comments are rewritten to what SQLite reads; with pg, `$1` becomes `?1`.
  function split(text, dialect) {
    const out = [];
    let current = '';
    let i = 0;
    const finish = () => {
      if (current.replace(/\/\*\s*\*\//g, '').trim()) out.push(current.trim());
      current = '';
    };
    while (i < text.length) {
      const char = text[i];
      const rest = text.slice(i, i + 2);
      if (rest === '--' && (dialect !== 'mysql' || /^\s?$/.test(text[i + 2] || ''))) i = lineEnd(text, i);
      else if (char === '#' && dialect === 'mysql') i = lineEnd(text, i);
      else if (rest === '/*') {
        const close = text.indexOf('*/', i + 2);
        i = close < 0 ? text.length : close + 2;
        current += ' ';
      } else if (char === "'" || char === '"' || char === '`') {
        const [literal, end] = quoted(text, i, dialect);
        current += literal;
        i = end;
      } else if (char === '$' && dialect === 'pg' && /^\$\d+/.test(text.slice(i))) {
        current += '?' + /^\$(\d+)/.exec(text.slice(i))[1];
        i += /^\$\d+/.exec(text.slice(i))[0].length;
      } else if (char === ';') {
        finish();
        i++;
      } else {
        current += char;
        i++;
      }
    }
    finish();
    return out;
  }

  const lineEnd = (text, from) => {
    const at = text.indexOf('\n', from);
    return at < 0 ? text.length : at;
  };

  function quoted(text, from, dialect) {
    const mark = text[from];
    const escapes = dialect === 'mysql' && mark !== '`';
    let value = '';
    let i = from + 1;
    for (; i < text.length; i++) {
      if (escapes && text[i] === '\\' && i + 1 < text.length) {
        i++;
        value += { n: '\n', t: '\t', r: '\r', 0: '\0' }[text[i]] ?? text[i];
      } else if (text[i] === mark && text[i + 1] === mark) {
        value += mark;
        i++;
      } else if (text[i] === mark) break;
      else value += text[i];
    }
    if (i >= text.length) return [text.slice(from), text.length];
    // An open quote stays as it is, so that SQLite reports it in its own words.
    const asString = mark === "'" || (mark === '"' && dialect === 'mysql');
    const literal = asString ? "'" + value.replace(/'/g, "''") + "'" : '"' + value.replace(/"/g, '""') + '"';
    return [literal, i + 1];
  }

  function single(sql, values, dialect) {
    const statements = split(String(sql), dialect);
    if (statements.length === 0) throw new Error('Query was empty');
    if (statements.length > 1) {
      const error = new Error(`You have an error in your SQL syntax near '${statements[1].slice(0, 40)}': this connection takes one statement at a time`);
      throw Object.assign(error, { code: 'ER_PARSE_ERROR' });
    }
    return rawQuery(statements[0], values);
  }

  const isRead = (sql) => /^\s*(select|with|values|show|pragma|explain)\b/i.test(sql) || /\breturning\b/i.test(sql);

  // ---- mysql2 and mysql ------------------------------------------------------------------------------------------

  // mysql2's `query` writes lists and identifiers into the text itself, properly quoted; the rest is bound.
  function writeLists(sql, values) {
    if (!Array.isArray(values)) return [sql, values === undefined ? [] : [values]];
    const left = [];
    const rest = [...values];
    const text = String(sql).replace(/\?\??/g, (mark) => {
      if (rest.length === 0) return mark;
      const value = rest.shift();
      if (mark === '??') return '`' + String(value).replace(/`/g, '``') + '`';
      if (Array.isArray(value)) {
        left.push(...value);
        return value.map(() => '?').join(', ');
      }
      left.push(value);
      return '?';
    });
    return [text, left];
  }

  function mysqlQuery(sql, values) {
    const [text, bound] = writeLists(sql, values);
    const result = single(text, bound, 'mysql');
    const fields = result.columns.map((name) => ({ name }));
    if (isRead(text)) return [result.rows, fields];
    return [{ affectedRows: result.changes, changedRows: result.changes, insertId: result.lastInsertRowid, warningStatus: 0 }, undefined];
  }

  function refuse(user, password) {
    const error = new Error(`Access denied for user '${user}'@'web-1' (using password: ${password ? 'YES' : 'NO'})`);
    return Object.assign(error, { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000' });
  }

  const optionsOf = (config) => {
    if (typeof config !== 'string') return config || {};
    const url = new kit.URL(config);
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password), host: url.hostname, database: url.pathname.slice(1) };
  };

  function mysqlConnection(config) {
    const { user, password, namedPlaceholders } = optionsOf(config);
    const ask = (sql, values) => {
      logins(user, password);
      if (!kit.databaseLogin(user, password)) throw refuse(user, password);
      let text = typeof sql === 'object' ? sql.sql : sql;
      let bound = typeof sql === 'object' ? values ?? sql.values : values;
      const byName = namedPlaceholders || sql.namedPlaceholders;
      if (byName && bound && typeof bound === 'object' && !Array.isArray(bound)) {
        const given = bound;
        bound = [];
        text = String(text).replace(/'(?:[^'\\]|\\.|'')*'|:([A-Za-z_]\w*)/g, (all, name) => (name ? (bound.push(given[name]), '?') : all));
      }
      return mysqlQuery(text, bound);
    };
    const query = (sql, values, callback) => {
      if (typeof values === 'function') [values, callback] = [undefined, values];
      let answer;
      try {
        answer = ask(sql, values);
      } catch (error) {
        if (callback) kit.later(callback, error);
        return connection;
      }
      if (callback) kit.later(callback, null, answer[0], answer[1]);
      return connection;
    };
    const nothing = (...args) => {
      const callback = args.find((arg) => typeof arg === 'function');
      if (callback) kit.later(callback, null);
    };
    const asked = async (sql, values) => ask(sql, values);
    const promised = {
      query: asked,
      execute: asked,
      end: async () => undefined,
      beginTransaction: async () => undefined,
      commit: async () => undefined,
      rollback: async () => undefined,
      release: () => undefined,
      getConnection: async () => promised,
      escape: escapeValue,
      format,
    };
    const connection = {
      query,
      execute: query,
      promise: () => promised,
      connect: (callback) => {
        logins(user, password);
        if (callback) kit.later(callback, kit.databaseLogin(user, password) ? null : refuse(user, password));
      },
      getConnection: (callback) => kit.later(callback, null, connection),
      end: nothing,
      release: nothing,
      destroy: nothing,
      on: () => connection,
      escape: escapeValue,
      escapeId: (name) => '`' + String(name).replace(/`/g, '``') + '`',
      format,
    };
    return { connection, promised };
  }

  // What mysql2's own `escape` does: backslashes for what would end the literal.
  function escapeValue(value) {
    if (value === null || value === undefined) return 'NULL';
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (Array.isArray(value)) return value.map(escapeValue).join(', ');
    return "'" + String(value).replace(/[\0\n\r\b\t\\'"\x1a]/g, (char) => '\\' + ({ '\0': '0', '\n': 'n', '\r': 'r', '\b': 'b', '\t': 't', '\x1a': 'Z' }[char] || char)) + "'";
  }
  function format(sql, values = []) {
    const rest = [...[].concat(values)];
    return String(sql).replace(/\?\??/g, (mark) => (rest.length === 0 ? mark : mark === '??' ? '`' + String(rest.shift()).replace(/`/g, '``') + '`' : escapeValue(rest.shift())));
  }

  // Every attempt to log in is written down: a check may ask which credentials a program carries.
  function logins(user, password) {
    if (user !== undefined) world.logins.push(Object.freeze({ user: String(user), password: password === undefined ? undefined : String(password) }));
  }
  const mysqlModule = () => {
    const make = (config) => mysqlConnection(config).connection;
    return { createConnection: make, createPool: make, escape: escapeValue, format, raw: (text) => ({ toSqlString: () => text }) };
  };
  const mysqlPromised = () => ({
    createPool: (config) => mysqlConnection(config).promised,
    createConnection: async (config) => mysqlConnection(config).promised,
    escape: escapeValue,
    format,
  });
  kit.define(['mysql2', 'mysql'], mysqlModule);
  kit.define('mysql2/promise', mysqlPromised);

  // ---- pg --------------------------------------------------------------------------------------------------------

  kit.define('pg', () => {
    class Client {
      constructor(config) {
        const given = typeof config === 'string' ? optionsOf(config) : { ...(config || {}), ...(config?.connectionString ? optionsOf(config.connectionString) : {}) };
        // The real client falls back to the PG… variables of the environment.
        this.user = given.user ?? world.env.PGUSER;
        this.password = given.password ?? world.env.PGPASSWORD;
        Object.defineProperty(this, 'password', { enumerable: false, writable: true });
      }
      query(text, values, callback) {
        if (typeof values === 'function') [values, callback] = [undefined, values];
        if (typeof text === 'object' && text !== null) [text, values] = [text.text, values ?? text.values];
        const promise = (async () => this._ask(String(text), values))();
        if (!callback) return promise;
        promise.then((result) => kit.later(callback, null, result), (error) => kit.later(callback, error));
      }
      async _ask(text, values) {
        await this._login();
        const statements = split(text, 'pg');
        if (statements.length > 1 && values && values.length) throw Object.assign(new Error('cannot insert multiple commands into a prepared statement'), { code: '42601' });
        // Without bound values the protocol takes several statements at once, and answers with the last one's rows.
        let last = { rows: [], changes: 0, columns: [] };
        for (const statement of statements) last = rawQuery(statement, values || []);
        return { rows: last.rows, rowCount: isRead(text) ? last.rows.length : last.changes, fields: last.columns.map((name) => ({ name })), command: text.trim().split(/\s/)[0].toUpperCase() };
      }
      async _login() {
        if (typeof this.password === 'function') this.password = await this.password();
        logins(this.user, this.password);
        if (kit.databaseLogin(this.user, this.password)) return;
        throw Object.assign(new Error(`password authentication failed for user "${this.user}"`), { code: '28P01', severity: 'FATAL' });
      }
      async connect() {
        await this._login();
        return this;
      }
      release() {}
      async end() {}
      on() {
        return this;
      }
      escapeLiteral(text) {
        return "'" + String(text).replace(/'/g, "''") + "'";
      }
      escapeIdentifier(text) {
        return '"' + String(text).replace(/"/g, '""') + '"';
      }
    }
    return { Client, Pool: class Pool extends Client {}, types: { setTypeParser: () => undefined } };
  });

  // ---- sqlite3 and better-sqlite3 ---------------------------------------------------------------------------------

  const flat = (values) => (values.length === 1 && Array.isArray(values[0]) ? values[0] : values.length === 1 && values[0] && typeof values[0] === 'object' ? values[0] : values);

  // Named parameters (`:name`, `@name`, `$name`) become numbered ones.
  function named(sql, values) {
    if (Array.isArray(values)) return [sql, values];
    const names = [];
    const text = sql.replace(/'(?:[^']|'')*'|[:@$]([A-Za-z_]\w*)/g, (all, name) => (name ? '?' + (names.includes(name) ? names.indexOf(name) + 1 : names.push(name)) : all));
    return [text, names.map((name) => values[name] ?? values[':' + name] ?? values['@' + name] ?? values['$' + name])];
  }
  const sqlite = (sql, values) => single(...named(String(sql), flat(values)), 'sqlite');

  kit.define('better-sqlite3', () => {
    class Statement {
      constructor(sql) {
        this.source = String(sql);
      }
      all(...values) {
        return sqlite(this.source, values).rows;
      }
      get(...values) {
        return sqlite(this.source, values).rows[0];
      }
      run(...values) {
        const { changes, lastInsertRowid } = sqlite(this.source, values);
        return { changes, lastInsertRowid };
      }
      iterate(...values) {
        return this.all(...values)[Symbol.iterator]();
      }
    }
    return class Database {
      prepare(sql) {
        return new Statement(sql);
      }
      exec(sql) {
        for (const statement of split(String(sql), 'sqlite')) rawQuery(statement, []);
        return this;
      }
      pragma() {
        return [];
      }
      transaction(work) {
        return (...args) => work(...args);
      }
      close() {}
    };
  });

  kit.define('sqlite3', () => {
    class Database {
      constructor(name, ...rest) {
        const callback = rest.find((arg) => typeof arg === 'function');
        if (callback) kit.later(callback, null);
      }
      _run(sql, rest, pick) {
        const callback = typeof rest[rest.length - 1] === 'function' ? rest.pop() : null;
        let result;
        try {
          result = sqlite(sql, rest);
        } catch (error) {
          if (callback) kit.later(() => callback.call(this, error));
          return this;
        }
        if (callback) kit.later(() => callback.call({ changes: result.changes, lastID: result.lastInsertRowid }, null, pick(result)));
        return this;
      }
      all(sql, ...rest) {
        return this._run(sql, rest, (result) => result.rows);
      }
      get(sql, ...rest) {
        return this._run(sql, rest, (result) => result.rows[0]);
      }
      run(sql, ...rest) {
        return this._run(sql, rest, () => undefined);
      }
      exec(sql, callback) {
        for (const statement of split(String(sql), 'sqlite')) rawQuery(statement, []);
        if (callback) kit.later(callback, null);
        return this;
      }
      serialize(work) {
        if (work) work();
      }
      close(callback) {
        if (callback) kit.later(callback, null);
      }
    }
    const sqlite3 = { Database, OPEN_READONLY: 1, OPEN_READWRITE: 2 };
    sqlite3.verbose = () => sqlite3;
    return sqlite3;
  });
})(__kit);
