"""`psycopg2` over the exercise's database. As in the real one, the client writes the values into the text, quoted."""

import sqlite3 as _sqlite3
import sys as _sys
import types as _types

import squire_world as _world

apilevel, threadsafety, paramstyle = "2.0", 2, "pyformat"


class Error(Exception):
    pgcode = None
    pgerror = None


class DatabaseError(Error):
    pass


class OperationalError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class DataError(DatabaseError):
    pass


class InterfaceError(Error):
    pass


def connect(dsn=None, connection_factory=None, cursor_factory=None, **options):
    given = _read_dsn(dsn) if dsn else {}
    given.update(options)
    user = given.get("user", _world.env.get("PGUSER"))
    password = given.get("password", _world.env.get("PGPASSWORD"))
    if not _world.login(user, password):
        raise OperationalError(f'connection to server at "{given.get("host", "localhost")}" failed: FATAL:  password authentication failed for user "{user}"')
    return _Connection(cursor_factory)


def _read_dsn(dsn):
    if "://" in dsn:
        from urllib.parse import unquote, urlsplit
        url = urlsplit(dsn)
        found = {"user": url.username and unquote(url.username), "password": url.password and unquote(url.password), "host": url.hostname, "dbname": url.path.lstrip("/")}
        return {name: value for name, value in found.items() if value}
    return dict(part.split("=", 1) for part in dsn.split() if "=" in part)


def _literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(_literal(part) for part in value) + ")"
    if isinstance(value, (str, bytes)) or hasattr(value, "isoformat"):
        text = value.decode() if isinstance(value, bytes) else value if isinstance(value, str) else value.isoformat()
        return "'" + text.replace("'", "''") + "'"
    raise ProgrammingError(f"can't adapt type '{type(value).__name__}'")


def _fill_in(query, values):
    text = str(query)
    if values is None:
        return text
    try:
        if isinstance(values, dict):
            return text % {name: _literal(value) for name, value in values.items()}
        return text % tuple(_literal(value) for value in values)
    except (TypeError, ValueError, KeyError) as error:
        raise ProgrammingError(str(error)) from None


class _Cursor:
    _as_dictionary = False
    arraysize = 1

    def __init__(self):
        self._rows, self.description, self.rowcount, self.query = [], None, -1, None
        self._at = 0

    def mogrify(self, query, values=None):
        return _fill_in(query, values).encode()

    def execute(self, query, vars=None):
        text = _fill_in(query, vars)
        self.query = text.encode()
        statements = _world.split(text)
        if not statements:
            raise ProgrammingError("can't execute an empty query")
        try:
            # The simple protocol takes several statements at once and answers with the last one's rows.
            for statement in statements:
                cursor = _world.database().execute(statement)
                rows = cursor.fetchall()
        except _sqlite3.IntegrityError as error:
            raise IntegrityError(str(error)) from None
        except (_sqlite3.Error, _sqlite3.Warning) as error:
            raise ProgrammingError(str(error)) from None
        self.description = tuple((column[0], None, None, None, None, None, None) for column in cursor.description) if cursor.description else None
        self.rowcount = len(rows) if cursor.description else cursor.rowcount
        names = [column[0] for column in cursor.description or ()]
        self._rows = [dict(zip(names, row)) for row in rows] if self._as_dictionary else rows
        self._at = 0

    def executemany(self, query, many):
        for values in many:
            self.execute(query, values)

    def fetchone(self):
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def fetchall(self):
        rows, self._at = self._rows[self._at:], len(self._rows)
        return rows

    def fetchmany(self, size=1):
        rows = self._rows[self._at:self._at + size]
        self._at += len(rows)
        return rows

    def __iter__(self):
        return iter(self.fetchall())

    def close(self):
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


class _DictCursor(_Cursor):
    _as_dictionary = True


class _Connection:
    autocommit = False
    closed = 0

    def __init__(self, cursor_factory):
        self.cursor_factory = cursor_factory

    def cursor(self, name=None, cursor_factory=None, **_options):
        return (cursor_factory or self.cursor_factory or _Cursor)()

    def commit(self):
        return None

    rollback = close = commit

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


extensions = _types.ModuleType("psycopg2.extensions")
extensions.connection, extensions.cursor = _Connection, _Cursor
extras = _types.ModuleType("psycopg2.extras")
extras.RealDictCursor = extras.DictCursor = _DictCursor
pool = _types.ModuleType("psycopg2.pool")


class _Pool:
    def __init__(self, minconn=1, maxconn=1, *args, **options):
        self._make = lambda: connect(*args, **options)

    def getconn(self):
        return self._make()

    def putconn(self, _connection):
        return None

    def closeall(self):
        return None


pool.SimpleConnectionPool = pool.ThreadedConnectionPool = _Pool
sql = _types.ModuleType("psycopg2.sql")


class _Composable(str):
    def format(self, *parts, **named):
        return _Composable(str.format(self, *parts, **named))

    def join(self, parts):
        return _Composable(str.join(self, parts))


sql.SQL = _Composable
sql.Identifier = lambda *names: _Composable(".".join('"' + name.replace('"', '""') + '"' for name in names))
sql.Literal = lambda value: _Composable(_literal(value).replace("%", "%%"))
sql.Placeholder = lambda name=None: _Composable(f"%({name})s" if name else "%s")
for _module in (extensions, extras, pool, sql):
    _sys.modules[_module.__name__] = _module
