# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy's generic matcher, in the few shapes that routing needs. Every level says what happens when nothing matches."""

from collections.abc import Iterable, Mapping

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, Route, RouteList
from envoy.type.matcher.v3.http_inputs_pb2 import HttpRequestHeaderMatchInput
from envoy.type.matcher.v3.string_pb2 import StringMatcher as RouteString
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from xds.core.v3.extension_pb2 import TypedExtensionConfig
from xds.type.matcher.v3.matcher_pb2 import Matcher
from xds.type.matcher.v3.string_pb2 import StringMatcher


def packed(message: Message) -> Any:
    """Wraps a message so that equal ones have equal bytes."""
    wrapped = Any()
    wrapped.Pack(message, deterministic=True)
    return wrapped


def to_route(route: Route) -> Matcher.OnMatch:
    """Takes one route; its own ``match`` still applies."""
    return Matcher.OnMatch(action=TypedExtensionConfig(name="route", typed_config=packed(route)))


def to_routes(routes: Iterable[Route]) -> Matcher.OnMatch:
    """Takes the first of several routes whose own ``match`` applies."""
    return Matcher.OnMatch(action=TypedExtensionConfig(name="routes", typed_config=packed(RouteList(routes=routes))))


def nested(matcher: Matcher) -> Matcher.OnMatch:
    """Asks another matcher."""
    return Matcher.OnMatch(matcher=matcher)


def by_prefix(header: str, choices: Mapping[str, Matcher.OnMatch], otherwise: Matcher.OnMatch) -> Matcher:
    """Chooses by the longest matching prefix of a request header."""
    tree = Matcher.MatcherTree(input=_header(header), prefix_match_map=Matcher.MatcherTree.MatchMap(map=choices))
    return Matcher(matcher_tree=tree, on_no_match=otherwise)


def by_value(header: str, choices: Mapping[str, Matcher.OnMatch], otherwise: Matcher.OnMatch) -> Matcher:
    """Chooses by the exact value of a request header."""
    if not choices:  # Envoy refuses an empty map.
        return Matcher(on_no_match=otherwise)
    tree = Matcher.MatcherTree(input=_header(header), exact_match_map=Matcher.MatcherTree.MatchMap(map=choices))
    return Matcher(matcher_tree=tree, on_no_match=otherwise)


def if_one_of(header: str, values: Iterable[str], then: Matcher.OnMatch, otherwise: Matcher.OnMatch) -> Matcher:
    """Takes ``then`` where a request header has one of the values."""
    predicates = [
        Matcher.MatcherList.Predicate(
            single_predicate=Matcher.MatcherList.Predicate.SinglePredicate(
                input=_header(header), value_match=StringMatcher(exact=value)
            )
        )
        for value in values
    ]
    either = (
        predicates[0]
        if len(predicates) == 1
        else Matcher.MatcherList.Predicate(or_matcher=Matcher.MatcherList.Predicate.PredicateList(predicate=predicates))
    )
    field = Matcher.MatcherList.FieldMatcher(predicate=either, on_match=then)
    return Matcher(matcher_list=Matcher.MatcherList(matchers=[field]), on_no_match=otherwise)


def given(header: str, *, except_for: str = "") -> list[HeaderMatcher]:
    """Matches a request header that is there with any value but one: by default, that is not empty."""
    return [
        HeaderMatcher(name=header, present_match=True),
        HeaderMatcher(name=header, string_match=RouteString(exact=except_for), invert_match=True),
    ]


def _header(name: str) -> TypedExtensionConfig:
    return TypedExtensionConfig(name="header", typed_config=packed(HttpRequestHeaderMatchInput(header_name=name)))
