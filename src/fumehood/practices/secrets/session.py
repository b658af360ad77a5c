"""Flask's session in a signed cookie, read only when somebody looks, signed with the keyring.

It differs from Flask's own in what nobody sees: the cookie is decoded when the session is first touched, an untouched session costs
nothing and adds no header, the signature is HMAC-SHA-256 with keys of its own (HKDF of the keyring's), and the serializer is kept until the
keys change. ``flask.session``, flashes, Flask-Login and ``session_transaction()`` work as ever.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from itsdangerous import BadData, BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode

from fumehood.practices.https.cookies import cookie_of, vary_with_cookie
from fumehood.practices.interface import PRIVATE

if TYPE_CHECKING:
    from fumehood.practices.secrets.keyring import Keyring

__all__ = ["KeyringSessionInterface", "Session", "is_untouched"]

_OPENED = "fumehood.session"  # the environ key of the request's session


def is_untouched(request: Request) -> bool:
    """Tell whether nobody has looked at or changed the session in this request. Asking is not looking."""
    return type(request.environ.get(_OPENED)) is UnreadSession


class Session(SecureCookieSession):
    """What ``flask.session`` holds once it was touched: a dictionary that knows whether it was changed."""

    request: Request


def _reading(name: str) -> Callable[..., Any]:
    """A dictionary method that reads the cookie first, and then is the ordinary one."""

    def method(self: UnreadSession, *args: Any, **kwargs: Any) -> Any:
        self.read()
        return getattr(self, name)(*args, **kwargs)

    method.__name__ = name
    return method


class UnreadSession(Session):
    """A session before its first touch. Reading turns it into a plain :class:`Session`, in place."""

    def __init__(self, decode: Callable[[Request], Any], request: Request) -> None:
        # Not the parent's: that prepares the dictionary, which most requests never need.
        self.request = request
        self._decode = decode

    def read(self) -> None:
        """Decode the cookie."""
        state = self.__dict__
        decode = state.pop("_decode")
        request, modified = self.request, self.modified
        self.__class__ = Session  # type: ignore[assignment]  # the same layout
        self.__init__(decode(request))  # type: ignore[misc]
        self.request = request
        self.modified = modified
        self.accessed = True

    @property
    def accessed(self) -> bool:
        return False

    @accessed.setter
    def accessed(self, value: bool) -> None:
        # Flask 3.1.3 and later say so whenever the proxy is used.
        if value:
            self.read()

    for _name in (
        *("__getitem__", "__setitem__", "__delitem__", "__contains__", "__iter__", "__reversed__", "__len__"),
        *(
            "__eq__",
            "__ne__",
            "__or__",
            "__ror__",
            "__ior__",
            "__repr__",
            "__copy__",
            "__deepcopy__",
            "__reduce_ex__",
        ),
        *("get", "keys", "values", "items", "pop", "popitem", "clear", "update", "setdefault", "copy"),
    ):
        locals()[_name] = _reading(_name)
    del _name
    __hash__ = None  # type: ignore[assignment]


class _TaggedJSON(TaggedJSONSerializer):
    """Flask's JSON with tags for dates, bytes and the like; read without asking the current app for its JSON provider."""

    def __init__(self) -> None:
        super().__init__()
        self._decoder = json.JSONDecoder(object_hook=self.untag)

    def loads(self, value: str) -> Any:
        return self._decoder.decode(value)


class _Serializer(URLSafeTimedSerializer):
    """Keeps its signer: itsdangerous would make one for every cookie."""

    def __init__(self, keys: tuple[bytes, ...], serializer: _TaggedJSON) -> None:
        super().__init__(
            list(reversed(keys)),  # itsdangerous signs with the last
            salt=b"fumehood.session",
            serializer=serializer,
            # The keys are HKDF's output for this one purpose: nothing to derive again.
            signer_kwargs={"key_derivation": "none", "digest_method": hashlib.sha256},
        )
        self._keys = keys
        self._signer = cast("TimestampSigner", super().make_signer())

    def read(self, cookie: str, longest: int) -> Any:
        """Return what ``loads`` returns, in a third of its time: this is on the path of every request of a signed-in person.

        Raises:
            BadSignature: when no key of ours signed it, or longer ago than ``longest`` seconds.
        """
        try:
            signed, _, signature = cookie.encode("ascii").rpartition(b".")
            payload, _, stamp = signed.rpartition(b".")
            proof, moment = base64_decode(signature), int.from_bytes(base64_decode(stamp))
        except (ValueError, BadData):
            raise BadSignature("not a signed cookie") from None
        for key in self._keys:
            if hmac.compare_digest(hmac.digest(key, signed, "sha256"), proof):
                break
        else:
            raise BadSignature("no key of ours made the signature")
        if not 0 <= time.time() - moment + 1 <= longest + 1:
            raise SignatureExpired("signed too long ago, or in the future")
        return self.load_payload(payload)

    def make_signer(self, salt: str | bytes | None = None) -> TimestampSigner:
        return self._signer


class KeyringSessionInterface(SessionInterface):
    """Flask's session interface over the hood's keyring.

    Parameters:
        keyring: signs with its newest key and verifies with all of them; asked again when a signature is bad, so that a session
            which another worker made after a rotation is known here too.

    Over plain HTTP (loopback in development, and tests that ask for it) browsers take neither ``Secure`` nor ``__Host-``: there the cookie
    has its bare name, which is never read over HTTPS.
    """

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.serializer = _TaggedJSON()  # where an app registers tags for types of its own
        self._kept: tuple[int, _Serializer] | None = None

    def get_signing_serializer(self, app: Flask | None = None) -> _Serializer:
        """Return the serializer for the keys of now."""
        kept, generation = self._kept, self.keyring.generation
        if kept is None or kept[0] != generation:
            kept = self._kept = (generation, _Serializer(self.keyring.derive_all("session"), self.serializer))
        return kept[1]

    def open_session(self, app: Flask, request: Request) -> Session:
        """Return a session that reads the request's cookie when it is first touched."""

        def decode(request: Request) -> Any:
            cookie = cookie_of(request, self._name(app, request))
            return self._loads(cookie, app) if cookie else None

        opened = request.environ[_OPENED] = UnreadSession(decode, request)
        return opened

    def _loads(self, cookie: str, app: Flask) -> Any:
        longest = int(app.permanent_session_lifetime.total_seconds())
        try:
            return self.get_signing_serializer().read(cookie, longest)
        except SignatureExpired:
            return None
        except BadSignature:
            if not self.keyring.refresh():
                return None
        try:
            return self.get_signing_serializer().read(cookie, longest)
        except BadSignature:
            return None

    def _name(self, app: Flask, request: Request) -> str:
        name = self.get_cookie_name(app)
        if request.environ["wsgi.url_scheme"] == "https":
            return name
        return name.removeprefix("__Host-").removeprefix("__Secure-")

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie as Flask does: when the session changed, or is permanent and was used; never when untouched."""
        if type(session) is UnreadSession:
            if not session.modified:
                return
            session.read()
        assert isinstance(session, Session)  # noqa: S101  # open_session made it
        if session.accessed or session.modified:
            vary_with_cookie(response)
        if session:
            session.request.environ.setdefault(PRIVATE, "no-store")
            if self.should_set_cookie(app, session):
                value = self.get_signing_serializer().dumps(dict(session))
                expires = self.get_expiration_time(app, session)
                response.set_cookie(value=value, expires=expires, **self._attributes(app, session))
        elif session.modified:
            response.delete_cookie(**self._attributes(app, session))

    def _attributes(self, app: Flask, session: Session) -> dict[str, Any]:
        return {
            "key": self._name(app, session.request),
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app) and session.request.environ["wsgi.url_scheme"] == "https",
            "httponly": self.get_cookie_httponly(app),
            "samesite": self.get_cookie_samesite(app),
            "partitioned": self.get_cookie_partitioned(app),
        }
