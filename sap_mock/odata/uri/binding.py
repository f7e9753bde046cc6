"""Path + options + model → Target: every name resolved, every literal typed, every option permitted.

Function imports come before entity sets of the same name, as a Gateway looks them up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sap_mock.edm import uri_literals
from sap_mock.edm.facets import Facets
from sap_mock.edm.model import ComplexType, EntitySet, EntityType, FunctionImport, Model, Property, Relation
from sap_mock.edm.primitives import EdmType, EdmValueError
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.uri.expression_binding import bind_filter, bind_orderby
from sap_mock.odata.uri.query_options import SYSTEM_OPTIONS, QueryOptions
from sap_mock.odata.uri.resource_path import KeyPart, Segment
from sap_mock.odata.uri.target import EVERYTHING, Expand, Selection, Step, Target, TargetKind

_FIXED = {
    "$metadata": TargetKind.METADATA,
    "$batch": TargetKind.BATCH,
}
_REPORTED = ("$filter", "$expand", "$select", "$orderby", "$skip", "$top", "$skiptoken", "$inlinecount", "$format")


def bind(segments: Sequence[Segment], options: QueryOptions, model: Model) -> Target:
    """What an address means in this model; raises ODataError: 404 for unknown segments, 400 for the rest."""
    target = _Path(segments, options, model).target()
    _refuse_options(target.kind, options)
    return _with_options(replace(target, options=options), model)


class _Path:
    """Walks the segments from left to right."""

    def __init__(self, segments: Sequence[Segment], options: QueryOptions, model: Model) -> None:
        self._rest = list(segments)
        self._options = options
        self._model = model

    def target(self) -> Target:
        if not self._rest:
            return Target(kind=TargetKind.SERVICE_DOCUMENT)
        first = self._rest.pop(0)
        if first.name in _FIXED and first.predicate is None:
            self._end()
            return Target(kind=_FIXED[first.name])
        function = self._model.function_imports.get(first.name)
        if function is not None:
            return self._function(function, first)
        entity_set = self._entity_set(first.name)
        step = Step(entity_set=entity_set, key=self._key(first, entity_set.entity_type))
        return self._behind((step,), many=step.key is None)

    def _entity_set(self, name: str) -> EntitySet:
        """The set of this name, which the name of its container may precede ([MS-ODATA] 2.2.3.2)."""
        container, _, bare = name.rpartition(".")
        entity_set = self._model.entity_sets.get(bare)
        if entity_set is None or container.rpartition(".")[2] not in ("", entity_set.container):
            raise refused(Refusal.SEGMENT_UNKNOWN, segment=name)
        return entity_set

    def _behind(self, steps: tuple[Step, ...], *, many: bool) -> Target:
        if not self._rest:
            return Target(kind=TargetKind.ENTITY_SET if many else TargetKind.ENTITY, steps=steps)
        segment = self._rest.pop(0)
        if segment.name == "$count":
            self._end()
            return Target(kind=TargetKind.COUNT if many else TargetKind.ENTITY_COUNT, steps=steps)
        if many:
            raise refused(Refusal.SEGMENT_UNKNOWN, segment=segment.name)
        entity_set = steps[-1].entity_set
        if segment.name == "$links":
            return self._links(steps)
        if segment.name == "$value":
            self._end()
            if not entity_set.entity_type.has_stream:
                raise refused(Refusal.CONSTRUCTION_RULES)
            return Target(kind=TargetKind.MEDIA, steps=steps)
        relation = self._model.relations.get((entity_set.name, segment.name))
        if relation is not None:
            key = self._related_key(segment, relation)
            step = Step(entity_set=relation.target, key=key, relation=relation)
            return self._behind((*steps, step), many=relation.to_many and key is None)
        prop = entity_set.entity_type.by_name.get(segment.name)
        if prop is None:
            raise refused(Refusal.SEGMENT_UNKNOWN, segment=segment.name)
        return self._property(steps, prop, segment)

    def _property(self, steps: tuple[Step, ...], prop: Property, segment: Segment) -> Target:
        """A property, and what of it the segments behind it mean. None takes a predicate (Olingo's parser)."""
        path = [prop]
        while self._rest and segment.predicate is None:
            segment = self._rest.pop(0)
            complex_type = path[-1].type
            if not isinstance(complex_type, ComplexType):
                if segment.name != "$value":
                    raise refused(Refusal.CONSTRUCTION_RULES)
                self._end()
                return Target(kind=TargetKind.PROPERTY_VALUE, steps=steps, properties=tuple(path))
            inner = complex_type.by_name.get(segment.name)
            if inner is None:
                raise refused(Refusal.SEGMENT_UNKNOWN, segment=segment.name)
            path.append(inner)
        if segment.predicate is not None:
            raise refused(Refusal.CONSTRUCTION_RULES)
        return Target(kind=TargetKind.PROPERTY, steps=steps, properties=tuple(path))

    def _links(self, steps: tuple[Step, ...]) -> Target:
        if not self._rest:
            raise refused(Refusal.CONSTRUCTION_RULES)
        segment = self._rest.pop(0)
        relation = self._model.relations.get((steps[-1].entity_set.name, segment.name))
        if relation is None:
            raise refused(Refusal.SEGMENT_UNKNOWN, segment=segment.name)
        key = self._related_key(segment, relation)
        many = relation.to_many and key is None
        kind = TargetKind.LINKS if many else TargetKind.LINK
        if self._rest:
            if self._rest.pop(0).name != "$count" or self._rest:
                raise refused(Refusal.CONSTRUCTION_RULES)
            kind = TargetKind.LINKS_COUNT
        return Target(kind=kind, steps=steps, link=relation, link_key=key)

    def _function(self, function: FunctionImport, segment: Segment) -> Target:
        kind = _function_kind(function)
        if segment.predicate is not None and kind is not TargetKind.FUNCTION_ENTITIES:  # as Olingo's parser has it
            raise refused(Refusal.CONSTRUCTION_RULES)
        if segment.predicate:
            raise refused(Refusal.CONSTRUCTION_RULES)
        if self._rest:
            if not _single_primitive(function) or self._rest.pop(0).name != "$value":
                raise refused(Refusal.CONSTRUCTION_RULES)
            self._end()
            kind = TargetKind.FUNCTION_VALUE
        entity_set = self._model.entity_sets.get(function.entity_set or "")
        return Target(
            kind=kind,
            steps=(Step(entity_set=entity_set),) if entity_set else (),
            function=function,
            arguments=_arguments(function, self._options.custom),
        )

    def _key(self, segment: Segment, entity_type: EntityType) -> Mapping[str, Any] | None:
        if segment.predicate is None or not segment.predicate:
            return None
        return bind_key(segment.predicate, entity_type)

    def _related_key(self, segment: Segment, relation: Relation) -> Mapping[str, Any] | None:
        """The key behind a navigation property; one that leads to one takes none, nor empty parentheses."""
        if relation.to_many:
            return self._key(segment, relation.target.entity_type)
        if segment.predicate is not None:
            raise refused(Refusal.CONSTRUCTION_RULES)
        return None

    def _end(self) -> None:
        if self._rest:
            raise refused(Refusal.CONSTRUCTION_RULES)


def bind_key(predicate: Sequence[KeyPart], entity_type: EntityType) -> Mapping[str, Any]:
    """The typed key, in key order; raises ODataError (400)."""
    properties = entity_type.key_properties
    if len(predicate) != len(properties):
        raise refused(Refusal.KEY_COUNT)
    if len(predicate) == 1 and predicate[0].name is None:
        return {properties[0].name: _literal(predicate[0].literal, properties[0].type, properties[0].facets)}
    given = {part.name: part.literal for part in predicate}
    for prop in properties:
        if prop.name not in given:
            raise refused(Refusal.KEY_NAME, expected=prop.name)
    return {prop.name: _literal(given[prop.name], prop.type, prop.facets) for prop in properties}


def _literal(text: str, type_: EdmType | ComplexType, facets: Facets) -> Any:
    try:
        literal = uri_literals.parse(text)
        if literal.type is None or isinstance(type_, ComplexType):
            raise refused(Refusal.MALFORMED_LITERAL)
        return uri_literals.convert(literal, type_, facets)
    except (uri_literals.MalformedLiteral, EdmValueError):
        raise refused(Refusal.MALFORMED_LITERAL) from None


def _single_primitive(function: FunctionImport) -> bool:
    returns = function.returns
    return returns is not None and isinstance(returns.type, EdmType) and not returns.collection


def _function_kind(function: FunctionImport) -> TargetKind:
    if function.returns is None or not isinstance(function.returns.type, EntityType):
        return TargetKind.FUNCTION_OTHER
    return TargetKind.FUNCTION_ENTITIES if function.returns.collection else TargetKind.FUNCTION_ENTITY


def _arguments(function: FunctionImport, custom: Mapping[str, str]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for parameter in function.parameters:
        text = custom.get(parameter.name)
        if text is None:
            if not parameter.facets.nullable:
                raise refused(Refusal.FUNCTION_PARAMETER)
            continue
        if text == "null":
            found[parameter.name] = None
            continue
        found[parameter.name] = _literal(text, parameter.type, parameter.facets)
    return found


def _refuse_options(kind: TargetKind, options: QueryOptions) -> None:
    if any(name not in kind.permitted for name in options.given):
        listed = ",".join(name for name in _REPORTED if name not in kind.permitted)
        raise refused(Refusal.OPTION_NOT_ALLOWED, options=listed)


def _with_options(target: Target, model: Model) -> Target:
    options = target.options
    if not options.given or not (target.steps or target.link):
        return target
    entity_set = target.link.target if target.link else target.entity_set
    return replace(
        target,
        filter=bind_filter(options.filter, model, entity_set) if options.filter else None,
        order=bind_orderby(options.orderby, model, entity_set) if options.orderby else (),
        expand=_expand(options.expand, model, entity_set),
        select=_select(options.select, model, entity_set),
    )


def _paths(text: str) -> list[list[str]]:
    paths = [[name.strip() for name in path.split("/")] for path in text.split(",")]
    if any(not name for path in paths for name in path):
        raise refused(Refusal.CONSTRUCTION_RULES)
    return paths


def _expand(text: str | None, model: Model, entity_set: EntitySet) -> Expand:
    if not text:
        return Expand()
    tree: dict[str, Any] = {}
    for path in _paths(text):
        level = tree
        for name in path:
            level = level.setdefault(name, {})
    return _expand_level(tree, model, entity_set)


def _expand_level(tree: Mapping[str, Any], model: Model, entity_set: EntitySet) -> Expand:
    relations = {}
    for name, below in tree.items():
        relation = model.relations.get((entity_set.name, name))
        if relation is None:
            raise refused(Refusal.PROPERTY_UNKNOWN, property=name, type=entity_set.entity_type.name)
        relations[name] = (relation, _expand_level(below, model, relation.target))
    return Expand(relations=relations)


def _select(text: str | None, model: Model, entity_set: EntitySet) -> Selection:
    if not text:
        return EVERYTHING
    return _selection(_paths(text), model, entity_set)


def _check_members(prop: Property, names: list[str]) -> None:
    """A path into a complex property keeps all of it, but every name on it must be there."""
    for name in names:
        inner = prop.type.by_name.get(name) if isinstance(prop.type, ComplexType) else None
        if inner is None and name != "*":
            raise refused(Refusal.PROPERTY_UNKNOWN, property=name, type=getattr(prop.type, "name", ""))
        if inner is None:
            return
        prop = inner


def _selection(paths: list[list[str]], model: Model, entity_set: EntitySet) -> Selection:
    entity_type = entity_set.entity_type
    everything, names, below = False, set(), dict[str, list[list[str]]]()
    for name, *rest in paths:
        if name == "*" and not rest:
            everything = True
        elif name in entity_type.by_name:
            _check_members(entity_type.by_name[name], rest)
            names.add(name)
        elif (entity_set.name, name) in model.relations:
            below.setdefault(name, []).append(rest or ["*"])
        else:
            raise refused(Refusal.PROPERTY_UNKNOWN, property=name, type=entity_type.name)
    return Selection(
        names=None if everything else frozenset(names),
        below={
            name: _selection(inner, model, model.relations[entity_set.name, name].target)
            for name, inner in below.items()
        },
    )


def parse_entity_address(address: str, service_root: str) -> str:
    """The path behind the service root of an entity's address as clients write it (absolute, rooted, relative)."""
    _, root, behind = address.partition(service_root)
    return (behind if root else address).strip("/")


assert set(_REPORTED) == set(SYSTEM_OPTIONS)  # noqa: S101 - a new option must find its place in the report
