"""Rich text from people: what a browser would run is taken out, what they wrote stays."""

# ruff: noqa: SIM905  (a list of tags reads best as words)

from __future__ import annotations

from collections.abc import Collection, Mapping

from markupsafe import Markup

__all__ = ["ATTRIBUTES", "TAGS", "clean_html"]

TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr"
    " i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var".split()
)
ATTRIBUTES: Mapping[str, Collection[str]] = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"reversed", "start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_SCHEMES = {"http", "https", "mailto"}

# What no list of tags can make safe: it runs, embeds, posts or restyles.
_NEVER_TAGS = frozenset(
    "applet base body button embed form frame frameset head html iframe input link math meta noembed noframes noscript object"
    " option param plaintext script select style svg template textarea title xmp".split()
)
_NEVER_ATTRIBUTES = frozenset(
    {"action", "class", "formaction", "id", "name", "ping", "srcdoc", "srcset", "style", "target"}
)


def clean_html(
    html: str,
    *,
    tags: Collection[str] = TAGS,
    attributes: Mapping[str, Collection[str]] = ATTRIBUTES,
) -> Markup:
    """Return rich text that is safe to show: only the allowed tags, attributes and schemes are left of it.

    Parameters:
        html: what a person wrote or pasted; cut it to a sensible length first.
        tags: the tags that stay; the text inside others stays too, but not that of scripts and styles.
        attributes: the attributes that stay, by tag; ``"*"`` is for all of them.

    Links get ``rel="noopener noreferrer nofollow"`` and lead to http, https, mailto or this site only. The result is
    :class:`markupsafe.Markup`: a template shows it without ``|safe``. It is safe as the content of an element, not inside an attribute or a script.

    Raises:
        ValueError: when the lists allow what no list can make safe, such as ``script``, ``style`` or ``onclick``
            (CWE-79; ASVS 1.3.1).
    """
    import nh3

    _insist(tags, attributes)
    return Markup(  # noqa: S704  (cleaned right here)
        nh3.clean(
            html,
            tags=set(tags),
            clean_content_tags={"script", "style"},
            attributes={tag: set(names) for tag, names in attributes.items()},
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer nofollow",
        )
    )


def _insist(tags: Collection[str], attributes: Mapping[str, Collection[str]]) -> None:
    if tags is TAGS and attributes is ATTRIBUTES:
        return
    if unsafe := sorted(_NEVER_TAGS.intersection(tag.lower() for tag in tags)):
        raise ValueError(f"clean_html() cannot make <{unsafe[0]}> safe: leave it out of tags")
    for name in sorted({name.lower() for names in attributes.values() for name in names}):
        if name.startswith("on") or name in _NEVER_ATTRIBUTES or ":" in name:
            raise ValueError(
                f"clean_html() cannot make the attribute {name!r} safe: leave it out of attributes"
            )
