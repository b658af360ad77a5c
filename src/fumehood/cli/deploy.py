"""``fumehood deploy``: configurations of the web server in front."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fumehood.private_files import write_whole
from fumehood.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from flask import Flask

    from fumehood.practices.https.deploy import Site


@click.command()
@click.argument("server", type=click.Choice(["nginx", "apache", "systemd"]))
@click.option("--domain", required=True, metavar="NAME", help="The host name of the site.")
@click.option(
    "--upstream", default="127.0.0.1:8000", show_default=True, help="Where the application listens."
)
@click.option("--certificate", default="", help="The PEM chain; by default where Certbot puts it.")
@click.option("--key", default="", help="Its private key; by default where Certbot puts it.")
@click.option("--static", default="", metavar="FOLDER", help="A folder that the server gives out by itself.")
@click.option("--app", metavar="MODULE:ATTR", help="Take the limits from this application's settings.")
@click.option("--folder", default="/srv/app", show_default=True, help="systemd: where the application lives.")
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 256), help="systemd: workers."
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to the terminal."
)
@click.option("--force", is_flag=True, help="Replace the output file if it is there.")
def command(
    server: str,
    domain: str,
    upstream: str,
    certificate: str,
    key: str,
    static: str,
    app: str | None,
    folder: str,
    workers: int,
    output: Path | None,
    force: bool,
) -> None:
    """Write a complete configuration for nginx or Apache, or a systemd unit behind them.

    \b
    TLS is Mozilla's intermediate profile; plain HTTP is redirected; HSTS is said once; request limits are the
    application's own when --app is given, else the hood's defaults.
    """
    from fumehood.practices.https.deploy import Service, Site, configuration, unit

    site = Site(
        domain=domain,
        upstream=upstream,
        certificate=certificate,
        key=key,
        static_folder=static,
        **_limits(app, domain),
    )
    if server == "systemd":
        service = Service(folder=folder, workers=workers, **({"app": app} if app else {}))
        _give(unit(site, service), output, force, site)
    else:
        _give(configuration(server, site), output, force, site)


def _limits(target: str | None, domain: str) -> dict[str, Any]:
    """The limits of an application, or those that the hood has by default."""
    if target is None:
        return _from_settings(Settings())
    from fumehood.cli._application import load
    from fumehood.practices.interface import installed

    app: Flask = load(target)
    try:
        settings = installed(app).settings
    except RuntimeError as error:
        raise ConfigurationError(f"The limits of {target} cannot be read: {error}.") from None
    _advise(app, target, domain, settings)
    limits = _from_settings(settings)
    limits["body_bytes"] = app.config["MAX_CONTENT_LENGTH"] or settings.max_body_bytes
    return limits


def _advise(app: Flask, target: str, domain: str, settings: Settings) -> None:
    """Say what the application needs to know besides."""
    from werkzeug.sansio.utils import host_is_trusted

    if settings.proxies != 1:
        click.echo(
            f"{target} needs FUMEHOOD_PROXIES=1 behind this server; now it is {settings.proxies}.", err=True
        )
    if not host_is_trusted(domain, app.config["TRUSTED_HOSTS"] or ()):
        click.echo(
            f"{target} does not answer by the name {domain}: set FUMEHOOD_SITE_URL=https://{domain}.",
            err=True,
        )


def _from_settings(settings: Settings) -> dict[str, Any]:
    subdomains = "; includeSubDomains" if settings.hsts_subdomains else ""
    preload = "; preload" if settings.hsts_preload else ""
    return {
        "hsts": f"max-age={settings.hsts_seconds}{subdomains}{preload}",
        "body_bytes": settings.max_body_bytes,
        # The server part of fumehood run takes no more than 8,190 characters either.
        "header_bytes": min(max(settings.max_url_length, settings.max_header_length), 8190),
    }


def _give(text: str, output: Path | None, force: bool, site: Site) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already; say --force to replace it.")
    write_whole(output, text.encode("ascii"), mode=0o644)
    click.echo(f"Wrote {output} for {site.domain}. Its first lines say what to do with it.", err=True)
