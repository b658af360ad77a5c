"""A certificate authority for development: HTTPS is real from the first run.

The authority is made once per person and machine and kept in that person's data folder. It is name-constrained (RFC 5280,
4.2.1.10): whoever steals its key can impersonate this machine's own names and nothing else. The key and
its certificate share one file, so that no moment exists in which one is there without the other.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.private_files import locked, private_folder, write_whole
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["LOCAL_NAMES", "Authority", "authority_folder", "is_local", "local_certificate", "open_authority"]

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

_AUTHORITY_DAYS = 3650  # it is trusted by hand; its names are constrained, so a long life costs little
_CERTIFICATE_DAYS = 90
_RENEW_DAYS = 30
_LOCAL_SUFFIXES = ("localhost", "test")  # RFC 6761: never in the public DNS
_LOCAL_NETWORKS = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Authority:
    """The development authority.

    ``folder`` holds its key (mode 0600); ``public`` is the certificate alone, to be trusted by browsers.
    """

    folder: Path
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def public(self) -> Path:
        return self.folder / "fumehood-development-ca.crt"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as browsers show it."""
        from cryptography.hazmat.primitives.hashes import SHA256

        return self.certificate.fingerprint(SHA256()).hex(":").upper()


def authority_folder() -> Path:
    """Return the folder of the authority: ``fumehood/ca`` in ``XDG_DATA_HOME``, ``~/.local/share`` by default."""
    data = os.environ.get("XDG_DATA_HOME", "")
    base = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return base / "fumehood" / "ca"


def is_local(name: str) -> bool:
    """Tell whether the authority may vouch for a host name or address."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.lower().rpartition(".")[2] in _LOCAL_SUFFIXES
    return any(address in ipaddress.ip_network(network) for network in _LOCAL_NETWORKS)


def open_authority(folder: Path | None = None, *, now: dt.datetime | None = None) -> Authority:
    """Return the development authority; make it when there is none, or when it is about to expire.

    Parameters:
        folder: where it is kept; :func:`authority_folder` by default.
        now: the present, for tests.

    Raises:
        ConfigurationError: when its file cannot be read or written, is damaged, or may be read by others.
    """
    folder = folder or authority_folder()
    now = now or dt.datetime.now(dt.UTC)
    path = folder / "authority.pem"
    held = _read_authority(path)
    if held is None or _expires_soon(held.certificate, now):
        # The first of several that start at once makes it; the others take what it made.
        with locked(private_folder(folder) / "authority.pem.lock"):
            held = _read_authority(path)
            if held is None or _expires_soon(held.certificate, now):
                held = _new_authority(folder, now)
                write_whole(path, _pem(held.key, held.certificate))
    _publish(held)
    return held


def local_certificate(
    folder: Path,
    names: Iterable[str] = LOCAL_NAMES,
    *,
    authority: Authority | None = None,
    now: dt.datetime | None = None,
) -> Path:
    """Return a PEM file with a key and a certificate for local names, for ``ssl.SSLContext.load_cert_chain``.

    The file is used again until it is about to expire, lacks a name or was issued by another authority.

    Parameters:
        folder: where the file is kept, mode 0600.
        names: host names and addresses; each must be local, see :func:`is_local`.
        authority: who signs; :func:`open_authority` by default.
        now: the present, for tests.

    Raises:
        ConfigurationError: for a name that is not local, or when the file cannot be written.
    """
    wanted = tuple(dict.fromkeys(names))
    if foreign := [name for name in wanted if not is_local(name)]:
        raise ConfigurationError(
            f"The development authority does not vouch for {', '.join(foreign)}: only for localhost, *.localhost, *.test "
            "and loopback addresses. Give a certificate of a public authority, or a proxy in front (fumehood deploy)."
        )
    authority = authority or open_authority(now=now)
    now = now or dt.datetime.now(dt.UTC)
    path = folder / "localhost.pem"
    if not _usable(path, wanted, authority, now):
        write_whole(private_folder(folder) / path.name, _new_certificate(authority, wanted, now))
    return path


def _read_authority(path: Path) -> Authority | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(
            f"The development authority {path} cannot be read: {error.strerror}."
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"{path} holds a private key that others on this machine may read (mode {stat.S_IMODE(mode):04o}). "
            f"Delete {path.parent}, stop trusting the old authority and start again: a new one is made."
        )
    try:
        key = load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
        if not isinstance(key, EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
            raise ValueError("the key and the certificate do not belong together")
    except ValueError:
        raise ConfigurationError(
            f"The development authority {path} is damaged. Delete it and start again: a new one is made."
        ) from None
    return Authority(path.parent, certificate, key)


def _expires_soon(certificate: x509.Certificate, now: dt.datetime) -> bool:
    return certificate.not_valid_after_utc - now < dt.timedelta(days=_RENEW_DAYS)


def _usable(path: Path, names: tuple[str, ...], authority: Authority, now: dt.datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        pem = path.read_bytes()
        key = load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
        certificate.verify_directly_issued_by(authority.certificate)
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False  # whatever is wrong with it, a new one mends it
    covered = set(held.get_values_for_type(x509.DNSName))
    covered |= {str(address) for address in held.get_values_for_type(x509.IPAddress)}
    return (
        certificate.public_key() == key.public_key()
        and not _expires_soon(certificate, now)
        and certificate.not_valid_before_utc <= now
        and covered >= set(names)
        and not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    )


def _new_authority(folder: Path, now: dt.datetime) -> Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    key = ec.generate_private_key(ec.SECP256R1())
    # The serial makes two authorities distinguishable in a browser's list.
    name = _name(f"Fumehood development authority {secrets.token_hex(3)}")
    allowed = [x509.DNSName(suffix) for suffix in _LOCAL_SUFFIXES]
    addresses = [x509.IPAddress(ipaddress.ip_network(network)) for network in _LOCAL_NETWORKS]
    certificate = (
        _builder(name, name, key, now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=[*allowed, *addresses], excluded_subtrees=None),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return Authority(folder, certificate, key)


def _new_certificate(authority: Authority, names: tuple[str, ...], now: dt.datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        _builder(_name(names[0]), authority.certificate.subject, key, now, _CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(signer, critical=False)
        .sign(authority.key, SHA256())
    )
    return _pem(key, certificate)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))  # clocks of containers may be a little behind
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _name(common_name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _publish(authority: Authority) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = authority.certificate.public_bytes(Encoding.PEM)
    if not authority.public.is_file() or authority.public.read_bytes() != pem:
        write_whole(authority.public, pem, mode=0o644)
