"""A project's templates: found as Jinja finds them, read and parsed once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from fumehood.engines.code.jinja import Unparsable, parsed
from fumehood.engines.code.project import Project
from fumehood.engines.code.scripts import markup_names
from fumehood.findings import NotCovered

if TYPE_CHECKING:
    from jinja2 import nodes

__all__ = ["Template", "Templates"]


_ESCAPED: Final = (".html", ".htm", ".xml", ".xhtml", ".svg")
_MAX_BYTES: Final = 1_000_000


class Template:
    """One parsed template; stands where a module stands in a frame."""

    def __init__(self, path: str, tree: nodes.Template, lines: list[str], escaped: bool) -> None:
        from jinja2 import nodes

        self.path = path
        self.tree = tree
        self.lines = lines
        self.escaped = escaped
        self.blocks: dict[str, nodes.Block] = {block.name: block for block in tree.find_all(nodes.Block)}
        self.macros: dict[str, nodes.Macro] = {macro.name: macro for macro in tree.find_all(nodes.Macro)}
        self.definitions: dict[str, ast.stmt] = {}
        self.name = path
        self._markup_names: frozenset[str] | None = None

    def markup_names(self) -> frozenset[str]:
        """The variables of its scripts that end as markup."""
        if self._markup_names is None:
            self._markup_names = markup_names("\n".join(self.lines))
        return self._markup_names


class Templates:
    """The templates of a project, parsed when they are asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parsed: dict[str, Template | None] = {}
        self.troubles: dict[str, NotCovered] = {}  # templates that could not be read

    def resolve(self, name: str, importer: str) -> str | None:
        """Return the file that a name means: in the ``templates`` folder nearest to the importer, else anywhere."""
        paths, known = self._project.templates, self._project.template_set
        if name.endswith(".js"):  # a script that is rendered
            paths = [path for path in self._project.scripts if "templates/" in path]
            known = frozenset(paths)
        folder = importer.rpartition("/")[0]
        while True:
            wanted = f"{folder}/templates/{name}" if folder else f"templates/{name}"
            if wanted in known:
                return wanted
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        ends = [path for path in paths if path == name or path.endswith("/" + name)]
        return ends[0] if ends else None

    def load(self, path: str) -> Template | None:
        if path in self._parsed:
            return self._parsed[path]
        template = None
        try:
            data = self._project.read(path)
            if len(data) > _MAX_BYTES:
                raise ValueError(f"it is larger than {_MAX_BYTES} bytes")
            template = self.parse(data.decode("utf-8", "replace"), path, path.endswith(_ESCAPED))
        except (OSError, ValueError, Unparsable, RecursionError) as error:
            self.troubles[path] = NotCovered("template", path, f"it cannot be read: {error}")
        self._parsed[path] = template
        return template

    def parse(self, text: str, path: str, escaped: bool) -> Template:
        return Template(path, parsed(text), text.splitlines(), escaped)

    def line(self, path: str, number: int) -> str:
        template = self._parsed.get(path)
        if template is None or not 0 < number <= len(template.lines):
            return ""
        return template.lines[number - 1].strip()
