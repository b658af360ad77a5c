"""Which other origins' scripts may call: an exact list, never the caller's word (ASVS 3.4.2, CWE-942)."""

from __future__ import annotations

from flask import Request, Response, current_app

from fumehood.settings import Settings

__all__ = ["Cors"]

_KEPT = "600"  # seconds for which a browser keeps a preflight's answer


class Cors:
    """The CORS protocol for a list of origins.

    Parameters:
        settings: ``cors_origins``, ``cors_credentials`` and ``cors_headers``.
    """

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(settings.cors_origins)
        self._credentials = settings.cors_credentials
        self._headers = ", ".join(settings.cors_headers)

    def trusts(self, origin: str, has_cookies: bool) -> bool:
        """Tell whether a page of ``origin`` may change state: with the person's cookies only when credentials are allowed."""
        return origin in self._origins and (self._credentials or not has_cookies)

    def preflight(self, request: Request) -> Response | None:
        """Answer a preflight of a listed origin; leave any other OPTIONS request to the app."""
        environ = request.environ
        if (
            environ.get("HTTP_ORIGIN") not in self._origins
            or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ
        ):
            return None
        adapter = current_app.create_url_adapter(request)
        methods = sorted(adapter.allowed_methods()) if adapter is not None else []
        if not methods:
            return None  # no such route: the app's 404
        response = current_app.response_class(status=204)
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = self._headers
        response.headers["Access-Control-Max-Age"] = _KEPT
        return response

    def answer(self, request: Request, response: Response) -> None:
        """Say which origin may read the answer. Every answer varies with Origin, also to those who may not."""
        response.vary.add("Origin")
        origin = request.environ.get("HTTP_ORIGIN")
        if origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            if self._credentials:
                response.headers["Access-Control-Allow-Credentials"] = "true"
