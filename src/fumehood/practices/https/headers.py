"""The security headers: made ready once per policy, appended to a response as one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Response
from flask.typing import RouteCallable

from fumehood.practices.https.csp import NONCE, Policy
from fumehood.practices.interface import PRIVATE
from fumehood.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ATTRIBUTE", "HEADERS", "HeaderLayer", "Headers", "Override", "headers"]

ATTRIBUTE = "__fumehood_headers__"
HEADERS = "fumehood.headers"  # the environ key of the headers that a route asked for

View = TypeVar("View", bound=Callable[..., Any])
Lines = list[tuple[str, str]]

# Features that Chromium, Firefox or WebKit know and that a page of forms and texts does not use.
_CLOSED = (
    *(
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
    ),
    *("gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What one route does differently; None keeps the application's value."""

    csp: Mapping[str, Any] | None = None
    frame_ancestors: str | Sequence[str] | None = None
    coop: str | None = None
    corp: str | None = None
    coep: str | None = None
    referrer_policy: str | None = None
    permissions_policy: Mapping[str, str] | None = None
    cache_control: str | None = None

    def __call__(self, view: View) -> View:
        setattr(view, ATTRIBUTE, self)
        return view


def headers(
    *,
    csp: Mapping[str, Any] | None = None,
    frame_ancestors: str | Sequence[str] | None = None,
    coop: str | None = None,
    corp: str | None = None,
    coep: str | None = None,
    referrer_policy: str | None = None,
    permissions_policy: Mapping[str, str] | None = None,
    cache_control: str | None = None,
) -> Override:
    """Give one route other security headers. The audit lists every route that has some.

    Use it above ``def``, on a ``MethodView`` method, or in a ``View``'s ``decorators``.

    Parameters:
        csp: Content-Security-Policy directives that replace the application's: ``{"img-src": ["'self'", "https://img.example"]}``.
        frame_ancestors: who may frame this page: ``"'self'"`` or origins; X-Frame-Options follows.
        coop: Cross-Origin-Opener-Policy.
        corp: Cross-Origin-Resource-Policy, as ``"cross-origin"`` for a picture that other sites may show.
        coep: Cross-Origin-Embedder-Policy.
        referrer_policy: Referrer-Policy.
        permissions_policy: features to open, as ``{"camera": "(self)"}``.
        cache_control: Cache-Control for this route, signed in or not; replaces ``no-store``.

    Raises:
        ConfigurationError: for a policy that no browser would understand.
    """
    Policy(csp, where="headers(csp=...)")
    if frame_ancestors is not None:
        Policy({"frame-ancestors": frame_ancestors}, where="headers(frame_ancestors=...)")
    return Override(
        csp=csp,
        frame_ancestors=frame_ancestors,
        coop=coop,
        corp=corp,
        coep=coep,
        referrer_policy=referrer_policy,
        permissions_policy=permissions_policy,
        cache_control=cache_control,
    )


class Headers:
    """The headers of one policy, ready to append.

    Parameters:
        settings: the application's settings.
        override: what one route does differently.
        base: the application's Content-Security-Policy, when it was made already.
        where: what to name in an error.
    """

    def __init__(
        self, settings: Settings, override: Override = Override(), base: Policy | None = None, where: str = ""
    ) -> None:
        self.cache_control = override.cache_control
        policy = base or Policy(settings.csp)
        changes = dict(override.csp or {})
        if override.frame_ancestors is not None:
            changes["frame-ancestors"] = override.frame_ancestors
        if changes:
            policy = policy.extended(changes, where)
        self.policy = policy
        reports = _reports(settings)
        self._csp_name = (
            "Content-Security-Policy-Report-Only" if settings.csp_report_only else "Content-Security-Policy"
        )
        self._sent = policy.extended(reports, where) if reports else policy
        self._secure_sent = self._sent.extended({"upgrade-insecure-requests": ()}, where)
        fixed = self._fixed(settings, override, reports)
        self._plain = [(self._csp_name, self._sent.plain), *fixed]
        self._secure = [(self._csp_name, self._secure_sent.plain), *fixed]
        if settings.hsts_seconds:
            # Only over TLS: RFC 6797 section 7.2 forbids it elsewhere.
            self._secure.append(("Strict-Transport-Security", _hsts(settings)))

    def _fixed(self, settings: Settings, override: Override, reports: Mapping[str, Any]) -> Lines:
        lines: Lines = []
        if frame_options := _frame_options(self.policy.directives.get("frame-ancestors", ())):
            lines.append(("X-Frame-Options", frame_options))
        lines += [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", override.referrer_policy or settings.referrer_policy),
            ("Cross-Origin-Opener-Policy", override.coop or settings.coop),
            ("Cross-Origin-Resource-Policy", override.corp or settings.corp),
            ("Cross-Origin-Embedder-Policy", override.coep or settings.coep),
            (
                "Permissions-Policy",
                _permissions(dict(settings.permissions_policy) | dict(override.permissions_policy or {})),
            ),
        ]
        if reports:
            lines.append(("Reporting-Endpoints", f'csp="{settings.csp_report_url}"'))
        if not settings.csp_report_only:
            # DOM sinks that take strings are only reported: enforcing this breaks most scripts of today.
            watch = Policy({"require-trusted-types-for": ("'script'",), **reports}, base={})
            lines.append(("Content-Security-Policy-Report-Only", watch.plain))
        return lines

    def lines(self, environ: WSGIEnvironment) -> Lines:
        """Return the headers for one response; the same list again unless a nonce was asked for."""
        secure = environ["wsgi.url_scheme"] == "https"
        lines = self._secure if secure else self._plain
        nonce = environ.get(NONCE)
        if nonce is None:
            return lines
        policy = self._secure_sent if secure else self._sent
        return [(self._csp_name, policy.with_nonce(nonce)), *lines[1:]]


def _reports(settings: Settings) -> dict[str, Any]:
    url = settings.csp_report_url
    if not url:
        return {}
    if not url.startswith(("/", "https://")) or url.startswith("//"):
        raise ConfigurationError(
            "FUMEHOOD_CSP_REPORT_URL must be a path such as '/csp-reports', an https:// address or empty."
        )
    return {"report-uri": url, "report-to": ("csp",)}


def _hsts(settings: Settings) -> str:
    if settings.hsts_preload and not (settings.hsts_subdomains and settings.hsts_seconds >= 31_536_000):
        raise ConfigurationError(
            "FUMEHOOD_HSTS_PRELOAD needs FUMEHOOD_HSTS_SUBDOMAINS and at least 31536000 in FUMEHOOD_HSTS_SECONDS:"
            " browsers' lists take no site without them."
        )
    value = f"max-age={settings.hsts_seconds}"
    value += "; includeSubDomains" if settings.hsts_subdomains else ""
    return value + ("; preload" if settings.hsts_preload else "")


def _frame_options(ancestors: tuple[str, ...]) -> str:
    """The older header that says the same, where it can say it."""
    return {"'none'": "DENY", "'self'": "SAMEORIGIN"}.get(" ".join(ancestors), "")


def _permissions(opened: Mapping[str, Any]) -> str:
    features = dict.fromkeys(_CLOSED, "()") | {name: str(value) for name, value in opened.items()}
    for name, value in features.items():
        if not name.replace("-", "").isalnum() or not (value == "*" or (value[:1], value[-1:]) == ("(", ")")):
            raise ConfigurationError(
                f"FUMEHOOD_PERMISSIONS_POLICY: {name}={value} must be '*' or a list in parentheses, such as (self)."
            )
    return ", ".join(f"{name}={value}" for name, value in sorted(features.items()))


class HeaderLayer:
    """Appends the headers where every response passes: at ``start_response``, whatever made the response.

    A header that the view set itself stays. A response that belongs to one person (``environ[PRIVATE]``) is kept out of
    every cache (ASVS 14.3.2) unless the view or its ``headers(cache_control=...)`` said otherwise.
    """

    def __init__(self, inner: WSGIApplication, default: Headers) -> None:
        self._inner = inner
        self._default = default
        self._names = frozenset(name.lower() for name, _ in default.lines({"wsgi.url_scheme": "https"}))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, lines: Lines, exc_info: Any = None) -> Any:
            chosen: Headers = environ.get(HEADERS) or self._default
            ready = chosen.lines(environ)
            names = [name.lower() for name, _ in lines]
            if "set-cookie" in names:
                lines = _safe_cookies(lines, secure=environ["wsgi.url_scheme"] == "https")
            own = self._names.intersection(names)
            if own:  # what the view set itself
                ready = [line for line in ready if line[0].lower() not in own]
            cache = chosen.cache_control or environ.get(PRIVATE)
            if cache is not None:
                lines = _cached(lines, cache, forced=bool(chosen.cache_control))
            lines = lines + ready
            return start_response(status, lines, exc_info) if exc_info else start_response(status, lines)

        return self._inner(environ, start)


def _safe_cookies(lines: Lines, *, secure: bool) -> Lines:
    """Complete the flags of cookies that a view set without them: Secure over TLS, and SameSite as most browsers assume it.

    HttpOnly cannot be added for others: a script may need the cookie.
    """
    safe: Lines = []
    for name, value in lines:
        if name.lower() == "set-cookie":
            # By their names: "Path=/secure" is not Secure.
            flags = {part.partition("=")[0].strip(" \t") for part in value.lower().split(";")[1:]}
            value += "; Secure" if secure and "secure" not in flags else ""
            value += "; SameSite=Lax" if "samesite" not in flags else ""
        safe.append((name, value))
    return safe


def _cached(lines: Lines, cache: str, *, forced: bool) -> Lines:
    """Say how long an answer may be kept, unless the view has said so."""
    said = [value for name, value in lines if name.lower() == "cache-control"]
    # "no-cache" alone is what send_file() says when nobody decided: it still lets a browser keep the file.
    if said and not forced and any(value != "no-cache" for value in said):
        return lines
    return [*(line for line in lines if line[0].lower() != "cache-control"), ("Cache-Control", cache)]


class Overrides:
    """Finds what a route asked for by ``headers(...)``, once per endpoint and method."""

    def __init__(self, app: Flask, settings: Settings, base: Policy) -> None:
        self._app = app
        self._settings = settings
        self._base = base
        self._found: dict[tuple[str | None, str], Headers | None] = {}

    def of(self, endpoint: str | None, method: str) -> Headers | None:
        """Return the headers of a route, None for those of the application."""
        key = (endpoint, method)
        try:
            return self._found[key]
        except KeyError:
            if len(self._found) > 10_000:  # methods are the client's words
                self._found.clear()
            found = self._found[key] = self._look(*key)
            return found

    def _look(self, endpoint: str | None, method: str) -> Headers | None:
        view = self._app.view_functions.get(endpoint or "")
        override = view and marked(view, method)
        if override is None:
            return None
        return Headers(self._settings, override, self._base, f"headers() of the endpoint {endpoint!r}")


def marked(view: RouteCallable, method: str, attribute: str = ATTRIBUTE) -> Any:
    """Return the mark of a view: on the method of a ``MethodView``, else on the class, else on the function."""
    view_class = getattr(view, "view_class", None)
    for place in (getattr(view_class, method.lower(), None), view_class, view):
        mark = getattr(place, attribute, None)
        if mark is not None:
            return mark
    return None


def written_later(response: Response) -> bool:
    """Tell whether a page is still being written when its headers are gone: a streamed template may ask for things then."""
    return (
        type(response.response) is not list
        and not response.direct_passthrough
        and response.status_code < 400
        and response.mimetype == "text/html"
        and response.is_streamed
    )


def described(override: Override) -> dict[str, Any]:
    """Return what a mark changes, for the audit."""
    return {name: value for name, value in asdict(override).items() if value is not None}
