"""The guard of the practice *csrf*: no request that another site made changes state.

The browser's own word decides first: ``Sec-Fetch-Site``, which no script can set, then ``Origin``. Only a client that sends neither needs a token
(OWASP ASVS 3.5.1; CWE-352).
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Request, Response, g

from fumehood.practices.csrf.cors import Cors
from fumehood.practices.csrf.exempt import ATTRIBUTE
from fumehood.practices.csrf.token import csrf_meta_tag, csrf_token, prepare, send_cookie, valid
from fumehood.practices.https.headers import written_later
from fumehood.practices.interface import Guard, refuse

__all__ = ["GuardCsrf"]

logger = logging.getLogger(__name__)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, section 9.2.1
_HINT = "The request came from another site, or from a page that this site did not make. Reload the page and send it again."


class GuardCsrf(Guard):
    practice = "csrf"

    def install(self, app: Flask) -> None:
        """Offer tokens to templates and to Flask-WTF's forms, and take over from Flask-WTF's own CSRFProtect."""
        self._app = app
        self._cors = Cors(self.settings) if self.settings.cors_origins else None
        self._exempt: dict[tuple[str, str], bool] = {}
        config = app.config
        if not config.get("WTF_CSRF_ENABLED", True) and not app.testing:
            logger.warning(
                "WTF_CSRF_ENABLED=False takes the token out of forms; requests are checked all the same."
            )
        # Should the app set up CSRFProtect too, its check stands back: its tokens live in the session, the hood's do not.
        # fumehood: ignore[FH503] -- this guard checks in its place
        config["WTF_CSRF_CHECK_DEFAULT"] = False
        self._field = config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
        app.jinja_env.globals["csrf_token"] = csrf_token
        app.jinja_env.globals["csrf_meta_tag"] = csrf_meta_tag
        app.app_ctx_globals_class = _globals_with_token(app.app_ctx_globals_class, self._field)

    def before(self, request: Request) -> Response | None:
        environ = request.environ
        method = environ["REQUEST_METHOD"]
        if method in _SAFE:
            if "HTTP_UPGRADE" in environ and environ["HTTP_UPGRADE"].lower() == "websocket":
                self._check_websocket(request)
            if method == "OPTIONS" and self._cors is not None:
                return self._cors.preflight(request)
            return None
        if request.routing_exception is not None:
            return None  # no view will run
        if not self._is_exempt(request, method):
            self._check(request)
        g.csrf_valid = True  # what Flask-WTF's CSRFProtect would leave for forms
        return None

    def after(self, request: Request, response: Response) -> None:
        if written_later(response):
            prepare(request)  # the template may ask when the cookie can no longer be sent
        send_cookie(request, response)
        if self._cors is not None:
            self._cors.answer(request, response)

    def _check(self, request: Request) -> None:
        """Let a state-changing request pass, or refuse it."""
        environ = request.environ
        has_cookies = "HTTP_COOKIE" in environ
        if not has_cookies and environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer ":
            return  # nothing that a browser adds by itself: nothing to forge
        site = environ.get("HTTP_SEC_FETCH_SITE")
        if site == "same-origin":
            return
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin != "null":
            if origin == _own_origin(request) and site in {None, "none"}:
                return
            if self._cors is not None and self._cors.trusts(origin, has_cookies):
                return
            self._refuse(f"made by a page of {origin[:200]}")
        if site is not None:
            if site == "none" and origin is None:
                return  # the person's own doing: no page made it
            self._refuse(f"made by another site's page (Sec-Fetch-Site: {site[:40]})")
        if self._app.testing and not self._app.config.get("WTF_CSRF_ENABLED", True):
            return  # tests of the app that switched Flask-WTF's tokens off, as its documentation advises
        if not valid(request, self._sent_token(request)):
            self._refuse("no Sec-Fetch-Site, no Origin, and no valid token")

    def _sent_token(self, request: Request) -> str | None:
        for header in self._app.config.get("WTF_CSRF_HEADERS", ("X-CSRFToken", "X-CSRF-Token")):
            if token := request.headers.get(header):
                return token
        form = request.form
        # A form with a prefix names its field "prefix-csrf_token".
        return form.get(self._field) or next(
            (form[name] for name in form if name.endswith(f"-{self._field}")), None
        )

    def _check_websocket(self, request: Request) -> None:
        """A WebSocket's handshake is a GET that opens a way to change state (CWE-1385, ASVS 4.4.2)."""
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is None or origin == _own_origin(request):
            return
        if self._cors is None or not self._cors.trusts(origin, "HTTP_COOKIE" in request.environ):
            self._refuse(f"WebSocket opened by a page of {origin[:200]}")

    def _is_exempt(self, request: Request, method: str) -> bool:
        endpoint = request.endpoint or ""
        key = (endpoint, method)
        known = self._exempt.get(key)
        if known is None:
            if len(self._exempt) > 10_000:  # methods are the client's words
                self._exempt.clear()
            known = self._exempt[key] = self._is_marked(endpoint, method)
        return known

    def _is_marked(self, endpoint: str, method: str) -> bool:
        view = self._app.view_functions.get(endpoint)
        view_class = getattr(view, "view_class", None)
        places: list[Any] = [view, view_class, getattr(view_class, method.lower(), None)]
        parts = endpoint.split(".")[:-1]
        places += [self._app.blueprints.get(".".join(parts[: end + 1])) for end in range(len(parts))]
        return any(getattr(place, ATTRIBUTE, False) for place in places)

    def _refuse(self, reason: str) -> None:
        refuse("csrf", reason, 403, hint=_HINT)


def _own_origin(request: Request) -> str:
    return f"{request.scheme}://{request.host}"


def _globals_with_token(base: type[Any], field: str) -> type[Any]:
    """Make ``flask.g`` give the hood's token where Flask-WTF keeps its own.

    ``generate_csrf()`` takes a token from ``g`` if there is one and stores it there if not; so ``form.csrf_token``, ``csrf_token()`` and
    ``csrf_meta_tag()`` carry the hood's, made at the first look, and no session is opened for it.
    """

    def token(_globals: Any) -> str:
        return csrf_token()

    class Globals(base):  # type: ignore[misc]
        def __contains__(self, name: str) -> bool:
            return name == field or super().__contains__(name)

        def get(self, name: str, default: Any = None) -> Any:
            return csrf_token() if name == field else super().get(name, default)

    setattr(Globals, field, property(token))
    return Globals
