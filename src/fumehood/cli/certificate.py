"""``fumehood certificate``: the development authority, and how to trust it."""

from __future__ import annotations

import sys

import click

from fumehood.practices.https.devca import Authority, open_authority

_SYSTEMS = {
    "Debian, Ubuntu": "sudo cp {path} /usr/local/share/ca-certificates/ && sudo update-ca-certificates",
    "Fedora": "sudo cp {path} /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust",
    "macOS": "security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {path}",
    "Windows": "certutil -user -addstore Root {path}",
    "Chromium on Linux": "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n fumehood -i {path}",
    "curl": "curl --cacert {path} https://127.0.0.1:8443/",
    "Python": "SSL_CERT_FILE={path} python ...",
    "Node": "NODE_EXTRA_CA_CERTS={path} node ...",
}


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show the development certificate authority and how to trust it.

    It is made at the first run, for you alone, and can vouch only for localhost, *.localhost, *.test and loopback
    addresses. Trusting it changes your browser or system, so that is yours to do: without it a browser warns once.
    """
    if ctx.invoked_subcommand is None:
        _show(open_authority())
        click.echo("\nHow to trust it: fumehood certificate trust")


@command.command()
def trust() -> None:
    """Say how to trust the authority, system by system."""
    authority = open_authority()
    quoted = f"'{authority.public}'" if " " in str(authority.public) else str(authority.public)
    for system, line in _SYSTEMS.items():
        click.echo(f"{system}:\n    {line.format(path=quoted)}")
    click.echo(
        "Firefox:\n    Settings, Privacy & Security, View Certificates, Authorities, Import: choose\n"
        f"    {authority.public} and tick 'identify websites'."
    )
    click.echo(f"\nCompare the SHA-256 fingerprint first:\n    {authority.fingerprint}")
    if sys.platform.startswith("linux"):
        click.echo("\nChromium's certutil is in Debian's package libnss3-tools.")


@command.command()
def show() -> None:
    """Show the authority: file, fingerprint, names, expiry."""
    _show(open_authority())


@command.command()
def path() -> None:
    """Print the path of the authority's certificate, for scripts."""
    click.echo(open_authority().public)


def _show(authority: Authority) -> None:
    expires = authority.certificate.not_valid_after_utc
    click.echo(f"Certificate  {authority.public}")
    click.echo(f"SHA-256      {authority.fingerprint}")
    click.echo("Vouches for  localhost, *.localhost, *.test, 127.0.0.0/8, ::1; nothing else")
    click.echo(f"Valid until  {expires:%Y-%m-%d}")
