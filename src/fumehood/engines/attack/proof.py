"""What a reader needs to see a flaw with their own eyes: the request as ``curl`` and as a test, and what it showed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pprint import pformat

from fumehood.engines.attack.curl import curl
from fumehood.engines.attack.exchange import PAGE_TOKEN, Exchange, Wanted
from fumehood.findings import Evidence

__all__ = ["REFUSED", "prove", "pytest_of"]

REFUSED = "assert response.status_code in {302, 303, 400, 401, 403, 404, 405, 422}  # it is refused"


def prove(
    answer: Exchange,
    shown: str,
    assertion: str = REFUSED,
    *,
    base: str = "https://localhost",
    before: Sequence[Exchange] = (),
    sink: str = "",
) -> tuple[Evidence, ...]:
    """Return the evidence of one exchange.

    Parameters:
        answer: the exchange that proves the flaw.
        shown: the part of the answer, or the argument of the call, that shows it.
        assertion: a line of Python that holds once the flaw is mended, for the test; about ``response``. "" when no single answer
            can tell: then there is no test.
        base: the site that was asked.
        before: exchanges that have to come first.
        sink: the dangerous call that the request must not reach; the test asks for that instead of the assertion.
    """
    wanted = answer.wanted
    how = f"answered {answer.status}" if answer.status else (answer.raised or "did not answer")
    evidence = [
        *(Evidence("request", f"{curl(item, base)}  # first") for item in before),
        Evidence(
            "request",
            curl(answer, base),
            {"method": wanted.method, "path": wanted.target, "person": wanted.person},
        ),
        Evidence("response", shown, {"status": answer.status, "how": how}),
    ]
    if assertion:
        evidence.append(Evidence("test", pytest_of([*before, answer], assertion, sink)))
    return tuple(evidence)


def pytest_of(exchanges: Sequence[Exchange], assertion: str = REFUSED, sink: str = "") -> str:
    """Return a pytest test that fails until the flaw is mended. It takes the usual ``client`` fixture of a Flask project."""
    last = exchanges[-1].wanted
    name = "".join(char if char.isalnum() else "_" for char in f"{last.method}_{last.path}".lower()).strip(
        "_"
    )[:60]
    body = list(_body(exchanges, assertion, sink))
    text = "\n".join(body)
    helpers = [
        helper for helper in ("dangers", "hidden_fields", "marked_up", "token_of") if f"{helper}(" in text
    ]
    lines = [f"def test_{name}(client):"]
    if "BytesIO" in text:
        lines += ["    from io import BytesIO", ""]
    if helpers:
        lines += [f"    from fumehood.testing import {', '.join(helpers)}", ""]
    return "\n".join([*lines, *body]) + "\n"


def _body(exchanges: Sequence[Exchange], assertion: str, sink: str) -> Iterator[str]:
    people = list(dict.fromkeys(item.wanted.person for item in exchanges))
    clients = {
        person: "client" if index == 0 else f"client_{index + 1}" for index, person in enumerate(people)
    }
    for person, variable in clients.items():
        if variable != "client":
            yield f"    {variable} = client.application.test_client()"
        signed = next(item.signed for item in exchanges if item.wanted.person == person)
        if person and not signed.steps:
            yield f"    # {person}: sign in here as an ordinary person of the application"
        for step in signed.steps:
            yield f"    signed = {_call(variable, step, {})}"
        if signed.headers:
            yield f"    token = token_of(signed)  # {person}'s"
            yield f"    {variable}_headers = {_headers(signed.headers)}"
    last = exchanges[-1]
    times = _times(last.wanted)
    for item in exchanges[:-1]:
        call = _call(clients[item.wanted.person], item.wanted, item.signed.headers)
        if times > 1:
            yield f"    for _ in range({times}):  # so that number {times} is there in an empty database"
        yield f"    {'    ' if times > 1 else ''}{call}"
    call = f"response = {_call(clients[last.wanted.person], last.wanted, last.signed.headers)}"
    if sink:
        yield "    with dangers(client.application) as seen:"
        yield f"        {call.removeprefix('response = ')}"
        yield f"    assert not seen  # {sink}, when it was attacked"
    else:
        yield f"    {call}"
        yield f"    {assertion}"


def _times(wanted: Wanted) -> int:
    """How often something has to be made for a request that names it by a number: a test's database begins with the first."""
    numbers = [int(number) for number in re.findall(r"(?<=[/=])\d{1,3}(?=/|$|&)", wanted.target)]
    return min(max(numbers, default=1), 20)


def _headers(headers: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: f{value!r}" for name, value in headers.items()) + "}"


def _call(client: str, wanted: Wanted, carried: dict[str, str]) -> str:
    arguments = [repr(wanted.target), f"method={wanted.method!r}", 'base_url="https://localhost"']
    if wanted.document is not None:
        arguments.append(f"json={pformat(wanted.document, width=1000)}")
    elif wanted.raw is not None:
        arguments.append(f"data={wanted.raw!r}")
    elif wanted.files:
        files = {
            name: f"(BytesIO({item.content!r}), {item.filename!r}, {item.content_type!r})"
            for name, item in wanted.files.items()
        }
        pairs = [f"{name!r}: {value!r}" for name, value in wanted.form.items()]
        pairs += [f"{name!r}: {value}" for name, value in files.items()]
        arguments.append("data={" + ", ".join(pairs) + "}")
    elif wanted.form:
        form = {name: value for name, value in wanted.form.items() if value != PAGE_TOKEN}
        hidden = (
            f", **hidden_fields({client}, {wanted.page!r})"
            if len(form) < len(wanted.form) and wanted.page
            else ""
        )
        arguments.append(
            "data={" + ", ".join(f"{name!r}: {value!r}" for name, value in form.items()) + hidden + "}"
        )
    own = dict(wanted.headers)
    if wanted.cookies:
        own["Cookie"] = "; ".join(f"{name}={value}" for name, value in wanted.cookies.items())
    if own and carried:
        arguments.append(f"headers={{**{client}_headers, {pformat(own, width=1000)[1:-1]}}}")
    elif own or carried:
        arguments.append(f"headers={pformat(own, width=1000) if own else f'{client}_headers'}")
    return f"{client}.open({', '.join(arguments)})"
