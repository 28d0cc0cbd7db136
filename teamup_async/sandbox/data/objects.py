"""Objects as lists send them: references are ids or URLs, or whole objects where ``expand`` asks for them.

An object has the fields of its declared class. What a field holds is looked up in the tables, then in the
catalogue's document; what neither knows is made up from its type, the same each time.

API document: guide "expanding-responses": dotted paths, at most four levels, deferred fields only on request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final, cast

import attrs

from ...endpoint import Endpoint
from ..parameters import Page, Selection
from .entities import ENTITIES
from .fields import Field, Tree, check_fields, expansion, fields_of
from .made_up import made_up
from .paths import ROOT, Paths
from .schema import Entity
from .shape import as_object, prune
from .sources import Answer, Rows, decoders
from .store import Store
from .subject import Subject

Object = dict[str, Any]

_URL: Final = "https://goteamup.com/api/v2/{table}?{name}={key}"


@attrs.define
class Objects:
    """Loads the objects of one account. `tables` says which table the objects of a class are rows of."""

    store: Store
    tables: Mapping[str, Subject]

    def load(
        self,
        row_class: type,
        subject: Subject,
        keys: Sequence[int],
        tree: Tree,
        given: Mapping[str, Any] | None = None,
    ) -> dict[int, Object]:
        """The objects with these ids, in this order; those that are gone are left out. `given` are the parameters
        that what they hold may depend on.
        """
        entity = ENTITIES[subject.root]
        paths = subject.paths(self.store.now, self.store.studio.currency, given=given)
        stored = [field for field in fields_of(row_class) if not field.deferred or field.name in tree]
        columns: dict[str, Any] = {"id": paths("id")}
        for field in stored:
            for path in self._columns(field, paths):
                columns[path] = paths(path)
        if "doc" in entity.columns:
            columns["doc"] = paths("doc")
        found = self.store.read(
            f"SELECT {', '.join(column.output for column in columns.values())} FROM json_each(?) AS chosen"
            f" CROSS JOIN {subject.root} {ROOT} ON {ROOT}.id = chosen.value{paths.joins} ORDER BY chosen.key",
            [json.dumps(list(keys))],
        )
        texts = {field.name for field in stored if field.text}
        makers = decoders(
            tuple(columns.values()), [path in texts for path in columns], self.store.studio.currency
        )
        rows: list[Object] = []
        for values in found:
            cells = list(values)
            for index, decode in makers:
                cells[index] = decode(cells[index])
            rows.append(dict(zip(columns, cells, strict=True)))
        made = [self._plain(subject, stored, row) for row in rows]
        for field in stored:
            if field.inner is not None:
                self._fill(field, subject, rows, made, tree)
        return {row["id"]: item for row, item in zip(rows, made, strict=True)}

    def _columns(self, field: Field, paths: Paths) -> list[str]:
        """The columns that a field is read from: its own, or those of the object it holds."""
        ids = f"{field.name}_ids"
        name = ids if field.many and paths.knows(ids) else field.name
        found = [name] if paths.knows(name) else []
        if field.inner is not None and not field.reference and not field.many:
            parts = [f"{field.name}.{part.name}" for part in fields_of(field.inner)]
            return [*found, *(path for path in parts if paths.knows(path))]
        return found

    def _plain(self, subject: Subject, stored: Sequence[Field], row: Object) -> Object:
        """An object with its references unexpanded."""
        document: Object = row.get("doc") or {}
        made: Object = {}
        for field in stored:
            name = field.name
            parts = {path.partition(".")[2]: row[path] for path in row if path.startswith(f"{name}.")}
            if parts and not (name in row and row[name] is None and field.optional):
                made[name] = self._object(field, subject, row, parts)
            elif name in row:
                made[name] = row[name]
            elif self._is_collection(field, subject, row):
                made[name] = _URL.format(table=name, name=subject.root, key=row["id"])
            elif name in document:
                made[name] = document[name]
            elif field.name == "object":
                made[name] = made_up("object", field.hint, Random(0), self.store.now)
            else:
                made[name] = self._made_up(field, subject, row["id"])
        return made

    def _object(self, field: Field, subject: Subject, row: Object, parts: Object) -> Object | None:
        if all(value is None for value in parts.values()):
            return None
        if field.inner is None:
            return parts
        return {
            part.name: parts[part.name] if part.name in parts else self._made_up(part, subject, row["id"])
            for part in fields_of(field.inner)
            if not part.deferred
        }

    def _made_up(self, field: Field, subject: Subject, key: Any) -> Any:
        if field.reference and field.url:
            return _URL.format(table=field.name, name=subject.root, key=key)
        seed = f"{self.store.seed}:{subject.root}:{key}:{field.name}"
        if field.reference and not field.many:
            return Random(seed).randint(1, 100_000)
        return made_up(field.name, field.hint, Random(seed), self.store.now)

    @staticmethod
    def _is_collection(field: Field, subject: Subject, row: Object) -> bool:
        """Whether a field's objects are rows of a table."""
        return field.name in ENTITIES[subject.root].collections or f"{field.name}_ids" in row

    def _fill(
        self, field: Field, subject: Subject, rows: Sequence[Object], made: Sequence[Object], tree: Tree
    ) -> None:
        """Put whole objects in place of references, where they are asked for."""
        if field.inner is None or field.name not in tree:
            return
        name, below = field.name, tree[field.name]
        target = self._target(field, subject)
        if target is None:
            if field.reference:
                for row, item in zip(rows, made, strict=True):
                    item[name] = self._invented(field, row, below)
            return
        keys = [self._keys(field, subject, row, item) for row, item in zip(rows, made, strict=True)]
        wanted = sorted({key for found in keys if found is not None for key in found})
        whole = self.load(field.inner, target, wanted, below)
        for item, found in zip(made, keys, strict=True):
            if found is None:
                continue
            objects = [whole[key] for key in found if key in whole]
            item[name] = objects if field.many else (objects[0] if objects else None)

    def _target(self, field: Field, subject: Subject) -> Subject | None:
        if field.inner is None:
            return None
        table = _table_of(ENTITIES[subject.root], subject.hops.get(field.name, field.name))
        known = self.tables.get(field.inner.__name__)
        return (
            known
            if known is not None and (not table or known.root == table)
            else (Subject(root=table) if table else None)
        )

    def _keys(self, field: Field, subject: Subject, row: Object, item: Object) -> list[int] | None:
        """The ids of the objects that a field refers to; None where it holds no references."""
        if f"{field.name}_ids" in row:
            return [key for key in row[f"{field.name}_ids"] if key is not None]
        collection = ENTITIES[subject.root].collections.get(field.name)
        if collection is not None:
            where = collection.where(str(row["id"]))
            statement = f"SELECT k.{collection.member} FROM {collection.table} AS k WHERE {where} ORDER BY 1"
            return list(self.store.read_ids(statement))
        value = item[field.name]
        if field.deferred and isinstance(value, dict):
            value = as_object(value).get("id")
        if isinstance(value, int):
            return [value]
        if isinstance(value, list):
            keys = cast("Sequence[Any]", value)
            return list(keys) if all(isinstance(key, int) for key in keys) else None
        return [] if value is None else None

    def _invented(self, field: Field, row: Object, below: Tree) -> Any:
        """Objects that no table has."""
        count = 1 if field.many else None
        keys = [Random(f"{row['id']}:{field.name}").randint(1, 100_000) for _ in range(count or 1)]
        made = [self.invent(field.inner, key, below) for key in keys if field.inner is not None]
        return made if field.many else made[0]

    def invent(self, row_class: type, key: int, tree: Tree) -> Object:
        """An object that no table has, always the same for its id."""
        made: Object = {}
        for field in fields_of(row_class):
            if field.deferred and field.name not in tree:
                continue
            target = self.tables.get(field.inner.__name__) if field.inner is not None else None
            seed = Random(f"{self.store.seed}:{row_class.__name__}:{key}:{field.name}")
            if field.name == "id":
                made["id"] = key
            elif field.reference and field.inner is not None:
                made[field.name] = self._referred(field, key, target, seed, tree)
            else:
                made[field.name] = made_up(field.name, field.hint, seed, self.store.now)
        return made

    def _referred(self, field: Field, key: int, target: Subject | None, rng: Random, tree: Tree) -> Any:
        known = self.store.read_ids(f"SELECT id FROM {target.root} ORDER BY id") if target else ()
        chosen = rng.choice(known) if known else rng.randint(1, 100_000)
        if field.name not in tree or field.inner is None:
            if field.url:
                return _URL.format(table=field.name, name="for", key=key)
            return [chosen] if field.many else chosen
        if target is not None:
            whole = list(self.load(field.inner, target, [chosen], tree[field.name]).values())
        else:
            whole = [self.invent(field.inner, chosen, tree[field.name])]
        return whole if field.many else (whole[0] if whole else None)


def _table_of(entity: Entity, name: str) -> str:
    """The table that the objects of a field are rows of; empty where there is none."""
    collection = entity.collections.get(name)
    if collection is None:
        return entity.references.get(name, "")
    return (
        ENTITIES[collection.table].references[collection.through] if collection.through else collection.table
    )


@attrs.define
class Listed:
    """A list of objects with ``expand`` and ``fields``."""

    endpoint: Endpoint[..., Any]
    subject: Subject
    store: Store
    objects: Objects
    _rows: Rows = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._rows = Rows(self.endpoint, self.subject, self.store)

    def is_quick(self, selection: Selection) -> bool:
        return self._rows.is_quick(selection)

    def read(self, selection: Selection, page: Page) -> Answer:
        with self.store.lock:
            ids = self._rows.ids(selection)
            rows = self.load(list(ids[page.offset : page.offset + page.limit]), selection)
        return Answer(rows, len(ids), tuple((path, True) for path in selection.columns))

    def load(self, ids: list[int], selection: Selection) -> list[Object]:
        """The objects with these ids, as the selection wants them."""
        row_class = self.endpoint.row
        tree = expansion(row_class, selection.expand)
        check_fields(row_class, selection.fields)
        given = dict(selection.filters)
        rows = list(self.objects.load(row_class, self.subject, ids, tree, given).values()) if ids else []
        return [prune(row, selection.fields) for row in rows] if selection.fields else rows
