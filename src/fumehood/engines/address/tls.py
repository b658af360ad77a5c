"""Asks sslyze which versions of TLS, cipher suites and certificate a server has. sslyze runs as a program of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fumehood.engines.address.facts import Certificate, Tls

__all__ = ["look", "read"]

_ASKED = ("certinfo", "sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "heartbleed", "robot", "compression", "openssl_ccs", "reneg")  # fmt: skip
_VERSIONS = {
    "ssl_2_0": "SSL 2.0", "ssl_3_0": "SSL 3.0", "tls_1_0": "TLS 1.0", "tls_1_1": "TLS 1.1", "tls_1_2": "TLS 1.2", "tls_1_3": "TLS 1.3",
}  # fmt: skip
_SECONDS = 180.0


def _program() -> str | None:
    """Find sslyze beside this Python or on the path; its own environment is best, since it holds cryptography back."""
    beside = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)))  # noqa: PTH120
    return shutil.which("sslyze", path=beside)


def look(host: str, port: int) -> tuple[Tls | None, str]:
    """Return what sslyze found, or None and the reason."""
    program = _program()
    if program is None:
        return None, "sslyze is not installed: pipx install sslyze"
    with tempfile.TemporaryDirectory(prefix="fumehood-tls-") as folder:
        out = Path(folder, "tls.json")
        command = [program, "--quiet", "--mozilla_config", "disable", f"--json_out={out}"]
        if trusted := os.environ.get("SSL_CERT_FILE"):
            command += ["--certinfo_ca_file", trusted]
        command += [f"--{name}" for name in _ASKED] + [f"{f'[{host}]' if ':' in host else host}:{port}"]
        try:
            done = subprocess.run(  # noqa: S603 - a program that was looked up, and a host that was parsed
                command, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
            document = json.loads(out.read_text("utf-8"))
        except subprocess.TimeoutExpired:
            return None, f"sslyze was not done within {_SECONDS:.0f} s"
        except (OSError, ValueError):
            said = (done.stderr or done.stdout).strip().splitlines()
            return None, f"sslyze failed: {said[-1][:200] if said else done.returncode}"
    return read(document)


def read(document: Mapping[str, Any], now: datetime | None = None) -> tuple[Tls | None, str]:
    """Return the facts in sslyze's JSON, or None and the reason that there are none."""
    scans = document.get("server_scan_results") or []
    if not scans or not scans[0].get("scan_result"):
        trace = scans[0].get("connectivity_error_trace") if scans else None
        last = (
            trace.strip().splitlines()[-1][:200]
            if isinstance(trace, str) and trace.strip()
            else "no connection"
        )
        return None, f"sslyze could not speak to the server: {last}"
    result = scans[0]["scan_result"]
    accepted = {}
    for key, name in _VERSIONS.items():
        suites = _result(result, f"{key}_cipher_suites").get("accepted_cipher_suites") or ()
        if names := tuple(sorted(item["cipher_suite"]["name"] for item in suites)):
            accepted[name] = names
    return Tls(accepted, _certificate(result, now or datetime.now(UTC)), tuple(_problems(result))), ""


def _result(scan: Mapping[str, Any], name: str) -> dict[str, Any]:
    return (scan.get(name) or {}).get("result") or {}


def _problems(scan: Mapping[str, Any]) -> Iterator[str]:
    if _result(scan, "heartbleed").get("is_vulnerable_to_heartbleed"):
        yield "Heartbleed"
    if str(_result(scan, "robot").get("robot_result", "")).startswith("VULNERABLE"):
        yield "ROBOT"
    if _result(scan, "tls_compression").get("supports_compression"):
        yield "compression (CRIME)"
    if _result(scan, "openssl_ccs_injection").get("is_vulnerable_to_ccs_injection"):
        yield "early ChangeCipherSpec"
    renegotiation = _result(scan, "session_renegotiation")
    if renegotiation.get("is_vulnerable_to_client_renegotiation_dos"):
        yield "renegotiation by the client"
    if renegotiation.get("supports_secure_renegotiation") is False:
        yield "insecure renegotiation"


def _certificate(scan: Mapping[str, Any], now: datetime) -> Certificate | None:
    deployments = _result(scan, "certificate_info").get("certificate_deployments") or ()
    if not deployments or not deployments[0].get("received_certificate_chain"):
        return None
    leaf = deployments[0]["received_certificate_chain"][0]
    names = leaf.get("subject_alternative_name") or {}
    first, last = (datetime.fromisoformat(leaf[key]) for key in ("not_valid_before", "not_valid_after"))
    key = leaf.get("public_key") or {}
    kind = (
        "RSA" if "RSA" in str(key.get("algorithm")) else str(key.get("ec_curve_name") or key.get("algorithm"))
    )
    bits = int(key.get("key_size") or 0)
    return Certificate(
        subject=(*names.get("dns_names", ()), *names.get("ip_addresses", ())),
        not_after=last.isoformat(),
        days_left=(last - now).days,
        lifetime=(last - first).days,
        key=f"{kind} {bits}" if kind == "RSA" else kind,
        key_bits=bits,
        signature=str((leaf.get("signature_hash_algorithm") or {}).get("name") or ""),
    )
