"""The guard of the practice *https*: TLS or nothing, security headers on every answer, safe cookies."""

from __future__ import annotations

import logging

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSessionInterface

from fumehood.practices.https import reports, securitytxt
from fumehood.practices.https.csp import csp_nonce
from fumehood.practices.https.headers import HEADERS, HeaderLayer, Headers, Overrides, written_later
from fumehood.practices.https.transport import (
    HealthLayer,
    behind_proxies,
    debugs_for_others,
    insist_on_loopback,
    to_https,
)
from fumehood.practices.interface import Guard, refuse
from fumehood.practices.secrets.session import KeyringSessionInterface

__all__ = ["GuardHttps"]

logger = logging.getLogger(__name__)


class GuardHttps(Guard):
    practice = "https"

    def install(self, app: Flask) -> None:
        """Wrap the app in its layers, set the cookies' flags, register the endpoints.

        Raises:
            ConfigurationError: for a policy that no browser would understand, or debug mode on an address that others reach.
        """
        self._app = app
        insist_on_loopback(app)
        self._default = Headers(self.settings)
        self._overrides = Overrides(app, self.settings, self._default.policy)
        app.wsgi_app = HeaderLayer(app.wsgi_app, self._default)  # type: ignore[method-assign]
        if self.settings.health_paths:
            app.wsgi_app = HealthLayer(app, app.wsgi_app, self.settings.health_paths)  # type: ignore[method-assign]
        if self.settings.proxies:
            app.wsgi_app = behind_proxies(app.wsgi_app, self.settings.proxies)  # type: ignore[method-assign, assignment]
        app.jinja_env.globals["csp_nonce"] = csp_nonce
        if self.settings.csp_report_url.startswith("/"):
            reports.register(app, self.installation, self.settings.csp_report_url)
        if self.settings.security_txt:
            securitytxt.register(app, self.settings.security_txt)
        _safe_cookies(app)
        if self.settings.https and app.config["PREFERRED_URL_SCHEME"] == "http":
            # Addresses made outside requests, in mails for one; the test client follows it too.
            app.config["PREFERRED_URL_SCHEME"] = "https"
        if type(app.session_interface) is SecureCookieSessionInterface:
            app.session_interface = KeyringSessionInterface(self.installation.keyring)

    def before(self, request: Request) -> Response | None:
        environ = request.environ
        if environ["wsgi.url_scheme"] != "https" and self.settings.https:
            answer = to_https(self._app, self.settings, request)
            if answer is not None:
                return answer
        if self._app.debug and debugs_for_others(self._app, environ):
            refuse("https", "debug mode is on and the request comes from another machine", 403)
        rule = request.url_rule
        if rule is not None:
            found = self._overrides.of(rule.endpoint, environ["REQUEST_METHOD"])
            if found is not None:
                environ[HEADERS] = found
        return None

    def after(self, request: Request, response: Response) -> None:
        if written_later(response):
            csp_nonce()


def _safe_cookies(app: Flask) -> None:
    """Set the session cookie's flags (ASVS 3.3.1 to 3.3.4). What an app chose itself and is safe, stays."""
    config = app.config
    config["SESSION_COOKIE_SECURE"] = True
    if not config["SESSION_COOKIE_HTTPONLY"]:
        logger.warning(
            "SESSION_COOKIE_HTTPONLY=False would show the session to every script; it is set to True."
        )
        config["SESSION_COOKIE_HTTPONLY"] = True
    config["SESSION_COOKIE_SAMESITE"] = config["SESSION_COOKIE_SAMESITE"] or "Lax"
    for flag, value in (("SECURE", True), ("HTTPONLY", True), ("SAMESITE", "Lax")):
        config.setdefault(f"REMEMBER_COOKIE_{flag}", value)  # Flask-Login's, in an app that has its own
    name = config["SESSION_COOKIE_NAME"]
    if name.startswith(("__Host-", "__Secure-")):
        return
    if config["SESSION_COOKIE_DOMAIN"] or config["SESSION_COOKIE_PATH"] not in {None, "/"}:
        # Shared by subdomains or narrowed to a folder by the app's own choice: browsers take no __Host- there.
        config["SESSION_COOKIE_NAME"] = f"__Secure-{name}"
    else:
        config["SESSION_COOKIE_PATH"] = "/"
        config["SESSION_COOKIE_NAME"] = f"__Host-{name}"
