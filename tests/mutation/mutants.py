"""Which small changes could be made to a module, each of them a mistake somebody might make?

Only what is inside functions is changed: a changed function takes the place of the old one wherever it is already held.
Words of errors are left alone.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

_COMPARE: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Mult: ast.Add,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change: where it is, what it is, and the code of the whole changed module, and of the function it is in."""

    module: str
    function: str
    line: int
    change: str
    whole: CodeType
    code: CodeType

    @property
    def key(self) -> str:
        """Return the function's name as it is recorded."""
        return f"{self.module}:{self.function}"

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.change}"


def mutants_of(path: Path, module: str, chosen: Callable[[], bool]) -> Iterator[Mutant]:
    """Return the changes to the functions of the file at *path* that are *chosen*, which is asked once for each."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, function in _functions(tree):
        for place, node in enumerate(_changeable(function)):
            for number, (what, _) in enumerate(_changes(node)):
                if not chosen():
                    continue
                changed = copy.deepcopy(function)
                target = list(_changeable(changed))[place]
                _replace(changed, target, list(_changes(target))[number][1])
                whole = _code(path, tree, function, changed)
                code = whole and _named(whole, name)
                if whole is not None and code is not None:
                    yield Mutant(module=module, function=name, line=node.lineno, change=what, whole=whole, code=code)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def _changeable(function: ast.FunctionDef) -> Iterator[ast.expr | ast.stmt]:
    for statement in function.body:
        yield from _walk(statement)


def _walk(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Return what can be changed, without types, errors and words nobody decides by."""
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return
    if isinstance(node, (ast.expr, ast.stmt)):
        yield node
    for name, part in ast.iter_fields(node):
        if name in {"annotation", "returns"}:
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast" and name == "args":
            part = part[1:]  # noqa: PLW2901  # the type is for the reader
        for child in part if isinstance(part, list) else [part]:
            if isinstance(child, ast.AST) and not isinstance(node, ast.JoinedStr):
                yield from _walk(child)


def _changes(node: ast.expr | ast.stmt) -> list[tuple[str, ast.expr | ast.stmt]]:  # noqa: C901, PLR0912 - one arm a kind of change
    """Return the changes of one node, each with what it says."""
    found: list[tuple[str, ast.expr | ast.stmt]] = []
    match node:
        case ast.Compare(left=left, ops=[op], comparators=right) if type(op) in _COMPARE:
            other = _COMPARE[type(op)]
            found.append((f"{type(op).__name__} for {other.__name__}", ast.Compare(left, [other()], right)))
        case ast.BoolOp(op=op, values=values):
            swapped = ast.Or() if isinstance(op, ast.And) else ast.And()
            found.append((f"{type(op).__name__} turned", ast.BoolOp(swapped, values)))
            found.extend((f"part {n + 1} left out", _without(node, n)) for n in range(len(values)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            found.append(("not left out", operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            other_op = _ARITHMETIC[type(op)]
            found.append((f"{type(op).__name__} for {other_op.__name__}", ast.BinOp(left, other_op(), right)))
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in _ARITHMETIC:
            found.append((f"{type(op).__name__} turned", ast.AugAssign(target, _ARITHMETIC[type(op)](), value)))
        case ast.Constant(value=bool() as value):
            found.append((f"{value} turned", ast.Constant(not value)))
        case ast.Constant(value=int() as value):
            found.append((f"{value} and one", ast.Constant(value + 1)))
        case ast.Constant(value=str() as value):
            found.append((f"{value!r} misspelt", ast.Constant(f"{value}x")))
        case ast.If(test=test, body=body, orelse=orelse):
            found.append(("if turned", ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)))
        case ast.IfExp(test=test, body=yes, orelse=no):
            found.append(("if turned", ast.IfExp(test, no, yes)))
        case ast.comprehension():
            pass
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            found.append(("nothing returned", ast.Return(ast.Constant(None))))
        case ast.Expr(value=ast.Call()) | ast.Continue():
            found.append(("left out", ast.Pass()))
        case ast.Call(func=ast.Name(id="any" | "all" as which), args=args, keywords=words):
            turned = ast.Name("all" if which == "any" else "any", ast.Load())
            found.append((f"{which} turned", ast.Call(turned, args, words)))
        case _:
            pass
    return found


def _without(node: ast.BoolOp, left_out: int) -> ast.expr:
    rest = [value for number, value in enumerate(node.values) if number != left_out]
    return rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _replace(root: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(root):
        for name, part in ast.iter_fields(parent):
            if part is old:
                setattr(parent, name, new)
            elif isinstance(part, list) and any(one is old for one in part):
                setattr(parent, name, [new if one is old else one for one in part])


def _code(path: Path, tree: ast.Module, function: ast.FunctionDef, changed: ast.FunctionDef) -> CodeType | None:
    """Return the code of the module with the changed function; None where the change does not compile."""
    _replace(tree, function, changed)
    try:
        return compile(ast.fix_missing_locations(tree), str(path), "exec")
    except (SyntaxError, ValueError):
        return None
    finally:
        _replace(tree, changed, function)


def _named(code: CodeType, name: str) -> CodeType | None:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_qualname == name:
                return part
            found = _named(part, name)
            if found is not None:
                return found
    return None
