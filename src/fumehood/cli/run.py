"""``fumehood run``: the application on a production server, over TLS from the first run."""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from flask import Flask

    from fumehood.practices.https.serve import Address

STARTER = "fumehood.starter:create_app"


@click.command()
@click.option(
    "--app",
    "target",
    default=STARTER,
    metavar="MODULE:ATTR",
    help="The application or its factory; the starter by default.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="8443 by default; 8000 behind proxies.")
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1, 256),
    help="Processes; each answers eight requests at once.",
)
@click.option(
    "--proxies",
    default=0,
    type=click.IntRange(0, 10),
    metavar="N",
    help="Stand behind N proxies that speak TLS in its place: plain HTTP, on a loopback address.",
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A PEM chain of a public authority instead of the development one.",
)
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Its private key.")
def command(
    target: str,
    host: str,
    port: int | None,
    workers: int,
    proxies: int,
    certificate: Path | None,
    key: Path | None,
) -> None:
    """Run an application on a production server, over TLS from the first run.

    The certificate is made by a development authority of your own (see: fumehood certificate), unless you give one. A second
    run keeps keys, data and certificate. Ctrl-C finishes what is being answered and stops.
    """
    from fumehood.practices.https.serve import listen, serve

    _check(host, proxies, certificate, key)
    port = port or (8000 if proxies else 8443)
    if proxies:
        os.environ["FUMEHOOD_PROXIES"] = str(proxies)
    with listen(host, port) as listener:
        application = _prepare(target)
        address = _address(host, port, proxies, certificate, key, Path(application.instance))
        _compare(application, target, proxies)
        _name_site(application, address, proxies)

        def ready() -> None:
            click.echo(f"{application.name} is at {address.url}")
            click.echo(f"  data         {application.instance}")
            if certificate is None and not proxies:
                click.echo(
                    "  certificate  by your development authority; to trust it: fumehood certificate trust"
                )
            click.echo("  stop         Ctrl-C")
            sys.stdout.flush()

        serve(lambda: _load_again(target), listener, address, workers=workers, ready=ready)


@dataclass(frozen=True, slots=True)
class _Application:
    """What the server must know of the application without keeping it: workers import their own."""

    name: str
    instance: str
    proxies: int | None  # None: it has no hood
    hosts: tuple[str, ...] = ()
    site: str = ""


def _load(target: str) -> Any:
    from fumehood.cli._application import load

    return load(target)


def _load_again(target: str) -> Any:
    """Load the application in a worker. What the hood warns of at the start has been said when it was prepared, and is not said by each."""
    logger = logging.getLogger("fumehood")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return _load(target)
    finally:
        logger.setLevel(level)


def _prepare(target: str) -> _Application:
    """Import the application in a child, let it prepare its data, and learn about it.

    In a child, because threads and connections that an import opens do not survive the fork of the workers. An application
    may have a command ``flask prepare``: called once before the workers start, for migrations and first accounts.

    Raises:
        ConfigurationError: with the application's own words, when it does not start.
    """
    reader, writer = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            with os.fdopen(writer, "w", encoding="utf-8") as answer:
                json.dump(_look(target), answer)
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        told = answer.read()
    try:
        _, status = os.waitpid(child, 0)
    except KeyboardInterrupt:
        os.waitpid(child, 0)
        raise
    if status or not told:
        raise ConfigurationError(f"The application {target} ended while it started; its own words are above.")
    found = json.loads(told)
    if "error" in found:
        raise ConfigurationError(found["error"])
    return _Application(**found)


def _look(target: str) -> dict[str, Any]:
    from fumehood.practices.interface import EXTENSION

    try:
        app = _load(target)
        _prepare_data(app)
        hood = app.extensions.get(EXTENSION)
    except ConfigurationError as error:
        return {"error": str(error)}
    except click.ClickException as error:
        return {"error": error.format_message()}
    except Exception as error:  # noqa: BLE001 -- whatever it is, the person gets one clear message
        words = (str(error).splitlines() or [""])[0]
        # fumehood: ignore[FH1001] -- shown in the terminal of who starts the server, never to a visitor
        return {"error": f"{target} could not prepare its data: {type(error).__name__}: {words}"}
    found = {"name": app.name, "instance": app.instance_path, "proxies": None}
    if hood:
        chosen = hood.settings
        found |= {"proxies": chosen.proxies, "hosts": chosen.hosts, "site": chosen.site_url}
    return found


def _prepare_data(app: Flask) -> None:
    """Run the application's own command ``flask prepare``, if it has one."""
    from flask.cli import ScriptInfo

    if command := app.cli.commands.get("prepare"):
        command.main([], "prepare", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


def _compare(application: _Application, target: str, proxies: int) -> None:
    if application.proxies is None:
        click.echo(
            f"fumehood: {target} has no hood: it is served over TLS and not secured otherwise.", err=True
        )
    elif application.proxies != proxies:
        raise ConfigurationError(
            f"{target} believes {application.proxies} proxies (FUMEHOOD_PROXIES), and --proxies says {proxies}. "
            f"Say --proxies {application.proxies}, or set app.config['FUMEHOOD_PROXIES'] = {proxies}."
        )


def _name_site(application: _Application, address: Address, proxies: int) -> None:
    """Tell the workers the site's address when nobody has: its one name, or this machine's, and the port."""
    if proxies or application.site or len(application.hosts) > 1:
        return
    name = application.hosts[0] if application.hosts else address.host
    if name.startswith(".") or not (application.hosts or _loopback(name)):
        return
    os.environ["FUMEHOOD_SITE_URL"] = replace(address, host=name.lower()).url


def _check(host: str, proxies: int, certificate: Path | None, key: Path | None) -> None:
    """Refuse options that do not go together, before anything is started."""
    from fumehood.practices.https.devca import is_local
    from fumehood.practices.https.serve import server_context

    if os.name != "posix":
        raise ConfigurationError("fumehood run needs Linux, macOS or another POSIX system: its server forks.")
    if proxies and (certificate or key):
        raise click.UsageError("--proxies means plain HTTP: the proxy has the certificate.")
    if proxies and not _loopback(host):
        raise click.UsageError(
            f"--proxies means plain HTTP, and {host} can be reached from outside; use --host 127.0.0.1."
        )
    if key and not certificate:
        raise click.UsageError("--key needs --certificate.")
    if certificate:
        server_context(certificate, key)  # an unusable one stops here, with a message
    elif not proxies and not is_local(host):
        raise click.UsageError(
            f"The development certificate is for this machine only, not for {host}: give --certificate and --key, "
            "or stay on 127.0.0.1 with nginx or Apache in front (fumehood deploy)."
        )


def _address(
    host: str, port: int, proxies: int, certificate: Path | None, key: Path | None, instance: Path
) -> Address:
    from fumehood.practices.https.devca import LOCAL_NAMES, local_certificate
    from fumehood.practices.https.serve import Address

    if not proxies and certificate is None:
        certificate = local_certificate(instance / "tls", (*LOCAL_NAMES, host))
    return Address(host, port, certificate, key)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
