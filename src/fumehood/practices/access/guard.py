"""The guard of the practice *access*: deny by default; accounts, sessions and tokens when the app brings its models."""

from __future__ import annotations

import time
from typing import Any, NoReturn
from urllib.parse import quote

from flask import Flask, Request, Response, current_app, redirect

from fumehood.practices.access.declarations import PUBLIC, Declaration
from fumehood.practices.access.people import Person, current_person
from fumehood.practices.access.policy import Policy, hidden, policy_of
from fumehood.practices.interface import Guard, Installation, Refusal
from fumehood.settings import ConfigurationError

__all__ = ["GuardAccess"]


class _Policies(dict[str, Policy | None]):
    """Compiles an endpoint's policy when it is first asked for; None is an endpoint that is open to everybody."""

    def __init__(self, app: Flask, guard: GuardAccess) -> None:
        super().__init__()
        self._app = app
        self._guard = guard

    def __missing__(self, endpoint: str) -> Policy | None:
        self._guard.name_undeclared(self._app)
        policy = policy_of(self._app, endpoint, self._guard.patterns)
        self[endpoint] = None if policy.public else policy
        return self[endpoint]


class GuardAccess(Guard):
    practice = "access"

    def __init__(self, app: Flask, installation: Installation) -> None:
        super().__init__(app, installation)
        self.patterns: list[tuple[str, Declaration]] = installation.declared
        self._policies = _Policies(app, self)
        self._named = False
        self._login_endpoint = ""

    def install(self, app: Flask) -> None:
        from fumehood.practices.access.mail import mailer_for

        installation = self.installation
        if installation.mailer is None:
            installation.mailer = mailer_for(app, installation)
        if installation.user is not None:
            if installation.db is None or installation.role is None:
                raise ConfigurationError(
                    "Accounts need the database and both models: Fumehood(app, db=db, user=User, role=Role)."
                )
            from fumehood.practices.access.accounts import install_accounts

            install_accounts(app, installation)
            self._login_endpoint = "security.login"
        elif installation.role is not None:
            raise ConfigurationError(
                "Fumehood(role=...) came without user=...: give both models, or neither."
            )
        if installation.db is not None:
            from fumehood.practices.access.owned_session import guard_session

            guard_session(installation.db)

    def before(self, request: Request) -> Response | None:
        rule = request.url_rule
        if rule is None:
            return None
        policy = self._policies[rule.endpoint]
        if policy is None:
            return None
        marks = policy.for_method(request.method)
        if not marks:
            if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
                return None  # Flask's own answer: the methods, nothing more
            self._undeclared(request, rule.endpoint)
            return None
        if marks[0].kind == "public":
            return None
        person = current_person()
        if person is None:
            return self._sign_in(request)
        for mark in marks:
            if not _satisfied(mark, person):
                self._forbid(rule.endpoint, mark, person)
            if mark.fresh is not None and time.time() - person.proved_at > mark.fresh:
                return self._prove_again(request, person)
        return None

    def name_undeclared(self, app: Flask) -> None:
        """Warn once, when the routes are complete, of every route that does not say who may come."""
        if self._named:
            return
        self._named = True
        lines = []
        for endpoint in sorted({rule.endpoint for rule in app.url_map.iter_rules()}):
            policy = policy_of(app, endpoint, self.patterns)
            methods = {
                method
                for rule in app.url_map.iter_rules(endpoint)
                for method in rule.methods or ()
                if method != "OPTIONS"
            }
            if any(not policy.for_method(method) for method in methods):
                why = (
                    "; its declaration lies beneath a decorator without functools.wraps, put it on top"
                    if hidden(app.view_functions[endpoint])
                    else ""
                )
                lines.append(f"  {endpoint} ({next(app.url_map.iter_rules(endpoint)).rule}{why})")
        if lines:
            what = (
                "refused"
                if self.settings.undeclared == "refuse"
                else "open to everybody (FUMEHOOD_UNDECLARED=warn)"
            )
            app.logger.warning(
                "%d endpoint(s) do not say who may come and are %s; mark each view with @public, @allow(...) or @permit(...):\n%s",
                len(lines),
                what,
                "\n".join(lines),
            )

    def _undeclared(self, request: Request, endpoint: str) -> None:
        if self.settings.undeclared == "warn":
            return
        current_app.logger.error(
            "Refused %s %s: the view %r does not say who may come. Mark it with @public, @allow(...) or @permit(...).",
            request.method,
            request.url_rule,
            endpoint,
        )
        self._refuse(f"{endpoint} is not declared", None, endpoint=endpoint)

    def _sign_in(self, request: Request) -> Response:
        """Nobody is signed in: people go to the login page, programs are told."""
        address = self._login_page(request, "login") if wants_page(request) else None
        if address is not None:
            return _redirect(address)
        _add_header("WWW-Authenticate", "Bearer")
        raise Refusal("access", "nobody is signed in", 401, "Sign in first.")

    def _prove_again(self, request: Request, person: Person) -> Response:
        address = self._login_page(request, "verify") if wants_page(request) and not person.token else None
        if address is not None:
            return _redirect(address)
        raise Refusal(
            "access", "the last proof of identity is too old", 401, "Give your password again first."
        )

    def _login_page(self, request: Request, view: str) -> str | None:
        from flask import url_for

        endpoint = self._login_endpoint
        if endpoint:
            endpoint = endpoint.removesuffix("login") + view
        elif view == "login":
            endpoint = getattr(getattr(current_app, "login_manager", None), "login_view", None) or ""
        if not endpoint or endpoint not in current_app.view_functions:
            return None
        # Only a page can be come back to: what was posted is gone by then.
        back = request.full_path.removesuffix("?") if request.method in {"GET", "HEAD"} else ""
        address = url_for(endpoint)
        return f"{address}?next={quote(back, safe='/')}" if back else address

    def _forbid(self, endpoint: str, mark: Declaration, person: Person) -> NoReturn:
        self._refuse(f"{endpoint} demands {mark}", person, endpoint=endpoint, demands=str(mark))

    def _refuse(self, reason: str, person: Person | None, **details: Any) -> NoReturn:
        refusal = Refusal("access", reason, 403, "You may not open this page.")
        actor = str(person.id) if person is not None else None
        self.installation.record("access.refused", actor=actor, incident=refusal.incident, **details)
        raise refusal


def wants_page(request: Request) -> bool:
    """Tell whether a person looks at the answer: a page load, not a script, an API client or a request with a token."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None and mode != "navigate":
        return False
    if "Authorization" in request.headers or request.is_json:
        return False
    accepted = request.accept_mimetypes
    return not accepted or accepted["text/html"] >= accepted["application/json"]


def _satisfied(mark: Declaration, person: Person) -> bool:
    if mark.kind == "allow":
        # A token with scopes has no roles, and is not "anybody signed in" either: it opens what its scopes name.
        return not person.limited and (not mark.names or person.has_role(*mark.names))
    return person.may(*mark.names)


def _redirect(address: str) -> Response:
    answer = redirect(address)
    answer.headers["Cache-Control"] = "no-store"
    return answer  # type: ignore[return-value]


def _add_header(name: str, value: str) -> None:
    from flask import after_this_request

    @after_this_request
    def _add(response: Response) -> Response:
        response.headers[name] = value
        return response


def as_declaration(given: Any) -> Declaration:
    """Return the declaration that ``public``, ``allow``, ``allow(...)`` or ``permit(...)`` stand for.

    Raises:
        TypeError: for anything else.
    """
    from fumehood.practices.access.declarations import allow, public

    if isinstance(given, Declaration):
        return given
    if given is public:
        return PUBLIC
    if given is allow:
        return Declaration("allow")
    raise TypeError(f"declare() takes public, allow(...) or permit(...), not {given!r}")
