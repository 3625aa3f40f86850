"""The marts in PostgreSQL, for BI servers with many users.

All marts are written to a new schema, read back and compared; then the schemas change
their names. It is one transaction: a query sees the build before, or this one. The
schema before is dropped after that, as soon as nobody reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from pipeline.project import InputError
from pipeline.settings import Settings
from pipeline.sql import sql_name, sql_text
from pipeline.targets.build import Build, CopyError, Table

# On a schema: that it is ours, and may be replaced.
MARK = "Marts of the customer-success warehouse"
NAME = r"[a-z_][a-z0-9_]{0,29}"
RESERVED = {"public", "information_schema"}
# PostgreSQL's types, by DuckDB's.
TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "text",
}
CSV = "(format csv, header false)"
BLOCK = 1 << 20  # bytes
OTHERS_VIEWS = """
    select distinct namespace.nspname || '.' || dependent.relname
    from pg_depend as depend
    inner join pg_rewrite as rule on depend.objid = rule.oid
    inner join pg_class as dependent on rule.ev_class = dependent.oid
    inner join pg_namespace as namespace on dependent.relnamespace = namespace.oid
    inner join pg_class as mart on depend.refobjid = mart.oid
    where
        depend.classid = 'pg_rewrite'::regclass
        and depend.refclassid = 'pg_class'::regclass
        and mart.relnamespace = to_regnamespace(%s)
        and mart.relkind = 'r'
    order by 1
"""


@dataclass(frozen=True)
class Target:
    """Where to.

    Attributes:
        url: Connection string; it may hold a password.
        schema: The marts' schema.
        readers: The role that may read them.
    """

    url: str
    schema: str
    readers: str

    @classmethod
    def of(cls, settings: Settings) -> Target:
        """PUBLISH_POSTGRES, its schema and its readers.

        Raises:
            InputError: One of them cannot be used; a password is not repeated.
        """
        url = settings.publish_postgres
        schema, readers = (
            settings.publish_postgres_schema,
            settings.publish_postgres_readers,
        )
        for variable, name in (
            ("PUBLISH_POSTGRES_SCHEMA", schema),
            ("PUBLISH_POSTGRES_READERS", readers),
        ):
            if not re.fullmatch(NAME, name) or name in RESERVED or name[:3] == "pg_":
                raise InputError(
                    f"{variable} is '{name}': expected a name of lower-case letters,"
                    " digits and _, at most 30."
                )
        expected = "expected postgresql://user:password@host:5432/database"
        if not url:
            raise InputError(f"PUBLISH_POSTGRES is not set: {expected}.")
        # Otherwise libpq takes a part of the password for the host, and names it.
        authority = re.sub(r"^\w+://", "", url).partition("/")[0]
        if "://" in url and (authority.count("@") > 1 or _is_cut_off(url)):
            raise InputError(
                f"PUBLISH_POSTGRES cannot be read: {expected}. In the password write"
                " @ as %40, / as %2F, : as %3A, # as %23 and ? as %3F."
            )
        try:
            conninfo_to_dict(url)
        except psycopg.Error:
            raise InputError(
                f"PUBLISH_POSTGRES cannot be read: {expected}, or"
                " host=… dbname=… user=… password=…"
            ) from None
        return cls(url, schema, readers)


def _is_cut_off(url: str) -> bool:
    """Whether an @ comes after the host: the password has a / or a ? in it."""
    rest = url.partition("://")[2]
    return "@" in re.split(r"[/?#]", rest, maxsplit=1)[-1] and not re.match(
        r"[^/?#]*@", rest
    )


def write(build: Build, target: Target) -> str:
    """Copy all marts, read them back, and make them the ones that readers see.

    Returns:
        What was done, in words.

    Raises:
        CopyError: It failed, and readers see what they saw before.
    """
    with _explained(target), psycopg.connect(target.url, connect_timeout=15) as server:
        server.execute("set client_encoding = 'utf8'")
        server.execute("set timezone = 'UTC'")
        server.execute("set lock_timeout = '60s'")
        _start(server, target)
        following = f"{target.schema}_next"
        _execute(server, "create schema {}", following)
        rows = 0
        for table in build.tables:
            with _in_mart(table):
                rows += _copy(server, build, following, table)
                _describe(server, following, table)
                _compare(server, build, following, table)
        _let_in(server, target, following)
        text = f"{MARK}: build {build.id}, as of {build.manifest['as_of_date']}"
        earlier = _earlier(server, target.schema)
        if _exists(server, target.schema):
            _execute(
                *(server, "alter schema {} rename to {}", target.schema),
                f"{target.schema}_old_{len(earlier) + 1}_{server.info.backend_pid}",
            )
        _execute(server, "alter schema {} rename to {}", following, target.schema)
        _comment(server, "schema", [target.schema], text)
        server.commit()
        left = [
            name for name in _earlier(server, target.schema) if not _drop(server, name)
        ]
    note = f"; still read, dropped by the next copy: {', '.join(left)}" if left else ""
    return f"{len(build.tables)} marts, {rows:,} rows, read back and equal{note}"


# -- the transaction -------------------------------------------------------------------


def _start(server: psycopg.Connection[Any], target: Target) -> None:
    """Refuse what would harm others."""
    locked = server.execute(
        "select pg_try_advisory_xact_lock(hashtext(%s))", [f"{MARK} {target.schema}"]
    ).fetchone()
    if locked != (True,):
        raise CopyError("Another copy into this database is running. Wait for it.")
    for name in (target.schema, f"{target.schema}_next"):
        if _exists(server, name) and not _is_ours(server, name):
            raise CopyError(
                f"Schema {name} exists, and was not made by this project: it is"
                " left as it is. Set PUBLISH_POSTGRES_SCHEMA to another name."
            )
    views = server.execute(OTHERS_VIEWS, [target.schema]).fetchall()
    if views:
        names = ", ".join(name for (name,) in views)
        raise CopyError(
            f"Views read the marts: {names}. They would keep reading the build before:"
            " drop them, copy, and create them again."
        )


def _copy(
    server: psycopg.Connection[Any], build: Build, schema: str, table: Table
) -> int:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(one.name), sql.SQL(_type(one.type)))
        for one in table.columns
    )
    name = sql.Identifier(schema, table.name)
    server.execute(sql.SQL("create table {} ({})").format(name, columns))
    file = build.folder / "mart.csv"
    texts = [one.name for one in table.columns if one.type == "VARCHAR"]
    quoted = f", force_quote ({', '.join(map(sql_name, texts))})" if texts else ""
    build.write(table, file, f"format csv, header false, nullstr ''{quoted}")
    statement = sql.SQL(f"copy {{}} from stdin {CSV}").format(name)
    with server.cursor() as cursor:
        with cursor.copy(statement) as copied, file.open("rb") as opened:
            while block := opened.read(BLOCK):
                copied.write(block)
        rows = cursor.rowcount
    file.unlink()
    return rows


def _describe(server: psycopg.Connection[Any], schema: str, table: Table) -> None:
    """Key and comments. A part of a key may be null: then it is a unique constraint."""
    full = sql.Identifier(schema, table.name)
    key = sql.SQL(", ").join(map(sql.Identifier, table.key))
    empty = sql.SQL(" or ").join(
        sql.SQL("{} is null").format(sql.Identifier(name)) for name in table.key
    )
    nulls = server.execute(
        sql.SQL("select 1 from {} where {} limit 1").format(full, empty)
    ).fetchone()
    kind = "primary key"
    if nulls:
        is_15 = server.info.server_version >= 150_000
        kind = "unique nulls not distinct" if is_15 else "unique"
    server.execute(sql.SQL(f"alter table {{}} add {kind} ({{}})").format(full, key))
    _comment(server, "table", [schema, table.name], table.description)
    for column in table.columns:
        path = [schema, table.name, column.name]
        _comment(server, "column", path, column.description)


def _compare(
    server: psycopg.Connection[Any], build: Build, schema: str, table: Table
) -> None:
    """Read a mart back, and compare every value."""
    file = build.folder / "copied.csv"
    statement = sql.SQL("copy {} to stdout (format csv, force_quote *)").format(
        sql.Identifier(schema, table.name)
    )
    with (
        server.cursor() as cursor,
        cursor.copy(statement) as copied,
        file.open("wb") as opened,
    ):
        for block in copied:
            opened.write(block)
    types = ", ".join(
        f"{sql_text(one.name)}: {sql_text(one.type)}" for one in table.columns
    )
    relation = (
        f"read_csv({sql_text(file)}, header = false, columns = {{{types}}},"
        " delim = ',', quote = '\"', escape = '\"', nullstr = '',"
        " allow_quoted_nulls = false, auto_detect = false, max_line_size = 100000000,"
        " parallel = false)"
    )
    different = build.differences(table, relation)
    file.unlink()
    if different:
        raise CopyError(f"{different} rows were not stored as they are.")


def _let_in(server: psycopg.Connection[Any], target: Target, schema: str) -> None:
    """The role of readers, and what it may."""
    found = server.execute(
        "select 1 from pg_roles where rolname = %s", [target.readers]
    ).fetchone()
    if not found:
        try:
            with server.transaction():
                _execute(server, "create role {} nologin", target.readers)
        except psycopg.errors.InsufficientPrivilege:
            raise CopyError(
                f"There is no role {target.readers}, and {server.info.user} may not"
                f" create roles. Ask for: create role {target.readers} nologin;"
            ) from None
    _execute(server, "grant usage on schema {} to {}", schema, target.readers)
    _execute(
        server, "grant select on all tables in schema {} to {}", schema, target.readers
    )


# -- after it --------------------------------------------------------------------------


def _earlier(server: psycopg.Connection[Any], schema: str) -> list[str]:
    """Schemas of builds before, which were still read when they were replaced."""
    found = server.execute(
        "select nspname from pg_namespace where nspname ~ %s order by 1",
        [f"^{schema}_old_[0-9]+_[0-9]+$"],
    ).fetchall()
    return [name for (name,) in found if _is_ours(server, name)]


def _drop(server: psycopg.Connection[Any], schema: str) -> bool:
    """Drop a schema of ours; not where somebody reads it, or has put something in."""
    tables = server.execute(
        "select tablename from pg_tables where schemaname = %s", [schema]
    ).fetchall()
    try:
        with server.transaction():
            server.execute("set local lock_timeout = '2s'")
            for (table,) in tables:
                _execute(server, "drop table {}.{}", schema, table)
            _execute(server, "drop schema {}", schema)
    except (
        psycopg.errors.LockNotAvailable,
        psycopg.errors.DependentObjectsStillExist,
    ):
        return False
    finally:
        server.commit()
    return True


# -- small statements ------------------------------------------------------------------


def _execute(server: psycopg.Connection[Any], statement: str, *names: str) -> None:
    identifiers = map(sql.Identifier, names)
    server.execute(sql.SQL(statement).format(*identifiers))


def _comment(
    server: psycopg.Connection[Any], kind: str, path: Sequence[str], text: str
) -> None:
    server.execute(
        sql.SQL("comment on {} {} is {}").format(
            sql.SQL(kind),
            sql.Identifier(*path),
            sql.Literal(" ".join(text.split())),
        )
    )


def _exists(server: psycopg.Connection[Any], schema: str) -> bool:
    found = server.execute("select to_regnamespace(%s) is not null", [schema])
    return found.fetchone() == (True,)


def _is_ours(server: psycopg.Connection[Any], schema: str) -> bool:
    found = server.execute(
        "select obj_description(to_regnamespace(%s), 'pg_namespace')", [schema]
    ).fetchone()
    return bool(found and str(found[0]).startswith(MARK))


def _type(kind: str) -> str:
    if decimal := re.fullmatch(r"DECIMAL(\(\d+,\d+\))", kind):
        return f"numeric{decimal[1]}"
    if kind not in TYPES:
        raise CopyError(f"its type {kind} has no counterpart in PostgreSQL yet.")
    return TYPES[kind]


@contextmanager
def _in_mart(table: Table) -> Iterator[None]:
    """Name the mart in what goes wrong."""
    try:
        yield
    except CopyError as error:
        raise CopyError(f"{table.name}: {error}") from None
    except psycopg.Error as error:
        raise CopyError(f"{table.name}: {_first_line(error)}") from None


@contextmanager
def _explained(target: Target) -> Iterator[None]:
    """What PostgreSQL says, in one line, without the password."""
    try:
        yield
    except psycopg.OperationalError as error:
        place = conninfo_to_dict(target.url)
        where = f"{place.get('host', 'localhost')}:{place.get('port', 5432)}"
        raise CopyError(
            f"PostgreSQL at {where}: {_hidden(_first_line(error), place)}. Is"
            " PUBLISH_POSTGRES right, and the server running?"
        ) from None
    except psycopg.Error as error:
        place = conninfo_to_dict(target.url)
        raise CopyError(f"PostgreSQL: {_hidden(_first_line(error), place)}") from None


def _first_line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error).strip() or type(error).__name__
    return text.splitlines()[0]


def _hidden(text: str, place: Mapping[str, Any]) -> str:
    password = str(place.get("password") or "")
    return text.replace(password, "…") if len(password) > 3 else text
