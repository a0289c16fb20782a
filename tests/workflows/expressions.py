"""The part of GitHub's expression language that the workflows use; anything else is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<name>[\w.-]+)|(?P<sign>==|!=|&&|\|\||[!(),]))")


class ExpressionError(Exception):
    """An expression that the harness does not know."""


def interpolate(text: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> str:
    """Replace each `${{ ... }}` in a text by its value."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: as_text(evaluate(match[1], contexts, functions)), text)


def evaluate(text: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    """Return the value of an expression, without its `${{ }}` if it has one."""
    inner = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", text, re.DOTALL)
    parser = _Parser(inner[1] if inner else text, contexts, functions)
    value = parser.either()
    if parser.tokens:
        raise ExpressionError(f"{text!r}: {parser.tokens[0][1]!r} is not expected there")
    return value


def as_text(value: Any) -> str:
    """Return a value as GitHub puts it into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Parser:
    def __init__(self, text: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self.contexts, self.functions = contexts, functions
        self.tokens: list[tuple[str, str]] = []
        rest = text.strip()
        while rest:
            match = _TOKEN.match(rest)
            if match is None:
                raise ExpressionError(f"{text!r}: {rest!r} is not understood")
            self.tokens.append((str(match.lastgroup), match[0].strip()))
            rest = rest[match.end() :].strip()

    def take(self, *signs: str) -> str | None:
        if self.tokens and self.tokens[0][1] in signs and self.tokens[0][0] == "sign":
            return self.tokens.pop(0)[1]
        return None

    def either(self) -> Any:
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        value = self.comparison()
        while self.take("&&"):
            other = self.comparison()
            value = value and other
        return value

    def comparison(self) -> Any:
        value = self.single()
        while sign := self.take("==", "!="):
            # GitHub compares texts without regard to case.
            left, right = as_text(value).lower(), as_text(self.single()).lower()
            value = (left == right) == (sign == "==")
        return value

    def single(self) -> Any:
        if self.take("!"):
            return not self.single()
        if self.take("("):
            value = self.either()
            if not self.take(")"):
                raise ExpressionError("a bracket is not closed")
            return value
        if not self.tokens:
            raise ExpressionError("the expression ends too early")
        kind, token = self.tokens.pop(0)
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return int(token)
        if kind != "name":
            raise ExpressionError(f"{token!r} is not expected there")
        if self.take("("):
            return self.call(token)
        return self.look_up(token)

    def call(self, name: str) -> Any:
        if name not in self.functions:
            raise ExpressionError(f"the function {name} is not known here")
        arguments = []
        while not self.take(")"):
            arguments.append(self.either())
            self.take(",")
        return self.functions[name](*arguments)

    def look_up(self, name: str) -> Any:
        context, *keys = name.split(".")
        if name in ("true", "false"):
            return name == "true"
        if context not in self.contexts:
            raise ExpressionError(f"the context {context} is not known here")
        value: Any = self.contexts[context]
        for key in keys:
            if value is None:
                return None
            if not isinstance(value, Mapping):
                raise ExpressionError(f"{name}: {value!r} has no {key}")
            # Absent secrets, inputs and parts of an event are empty; anything else that is absent is a mistake.
            if key not in value and context not in ("secrets", "github"):
                raise ExpressionError(f"{name}: there is no {key}")
            value = value.get(key)
        return value
