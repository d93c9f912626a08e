"""`ccw provider set-key`: a provider's key into the keyring of the system."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ccw.cli.app import App, note, project_option, say
from ccw.cli.completion import complete_provider
from ccw.cli.fields import user_option

LONGEST = 64 * 1024  # characters
pass_app = click.make_pass_decorator(App, ensure=True)


@click.command("set-key")
@click.argument("provider_id", metavar="ID", shell_complete=complete_provider)
@click.option("--service", metavar="NAME", help="Keyring service (default: made of the folder).")
@click.option("--account", metavar="NAME", help="User in the keyring (default: the provider's id).")
@click.option("--key-id", metavar="ID", help="Of which key in apiKeys; a new one is added.")
@click.option("--label", metavar="TEXT", help="Name of that key, to show.")
@user_option
@project_option
@pass_app
def set_key(
    app: App,
    /,
    *,
    project: Path,
    provider_id: str,
    service: str | None,
    account: str | None,
    key_id: str | None,
    label: str | None,
    user: bool,
) -> None:
    """Put a provider's key into the system's keyring, and a reference to it into the config.

    The key comes from a hidden prompt or from stdin. It is kept under a service of this folder,
    ccw:NAME-HASH, and leaves the keyring with the provider.
    """
    from ccw.config.key_storing import place_of_key, store_key
    from ccw.config.keyrings import secure_keyring

    place = place_of_key(
        project,
        provider_id,
        app.environ,
        service=service,
        account=account,
        key_id=key_id,
        label=label,
        user=user,
    )
    keyring = secure_keyring(f"the key of provider {provider_id} goes to the keyring")
    store_key(place, _asked(), keyring, app.environ, warn=note)
    say(f"stored the key of {provider_id}: {place.entry.reference}")


def _asked() -> str:
    """Return the key from a hidden prompt, or from a pipe."""
    if sys.stdin.isatty():
        return str(click.prompt("API key", hide_input=True, err=True))
    return sys.stdin.read(LONGEST)
