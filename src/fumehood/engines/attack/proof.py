"""What a reader needs to see a flaw with their own eyes: the request as ``curl`` and as a test, and what it showed."""

from __future__ import annotations

from pprint import pformat

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.findings import Evidence

__all__ = ["prove", "pytest_of"]


def prove(
    answer: Exchange, shown: str, assertion: str = "", *, base: str = "https://localhost"
) -> tuple[Evidence, ...]:
    """Return the evidence of one exchange.

    Parameters:
        answer: the exchange that proves the flaw.
        shown: the part of the answer, or the argument of the call, that shows it.
        assertion: a line of Python that holds once the flaw is mended, for the test; about ``response``.
        base: the site that was asked.
    """
    wanted = answer.wanted
    how = f"answered {answer.status}" if answer.status else (answer.raised or "did not answer")
    return (
        Evidence(
            "request",
            wanted.curl(base),
            {"method": wanted.method, "path": wanted.target, "person": wanted.person},
        ),
        Evidence("response", shown, {"status": answer.status, "how": how}),
        Evidence("test", pytest_of(wanted, assertion)),
    )


def pytest_of(wanted: Wanted, assertion: str = "") -> str:
    """Return a pytest test that fails until the flaw is mended. It takes the usual ``client`` fixture of a Flask project."""
    arguments = [repr(wanted.target), f"method={wanted.method!r}"]
    if wanted.document is not None:
        arguments.append(f"json={pformat(wanted.document, width=100)}")
    elif wanted.form:
        arguments.append(f"data={pformat(wanted.form, width=100)}")
    if wanted.headers:
        arguments.append(f"headers={wanted.headers!r}")
    name = "".join(
        char if char.isalnum() else "_" for char in f"{wanted.method}_{wanted.path}".lower()
    ).strip("_")[:60]
    lines = [f"def test_{name}(client):"]
    if wanted.person:
        lines.append(f"    # signed in as an ordinary person ({wanted.person} of the audit)")
    lines += [f"    client.set_cookie({key!r}, {value!r})" for key, value in wanted.cookies.items()]
    lines.append(f"    response = client.open({', '.join(arguments)})")
    lines.append(
        f"    {assertion or 'assert response.status_code in {400, 403, 404, 422}  # refused before it reaches the call'}"
    )
    return "\n".join(lines) + "\n"
