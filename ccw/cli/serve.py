"""`ccw serve`: the HTTP API and the pages, for this machine unless told otherwise."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from ccw.cli.app import App, note, project_option
from ccw.errors import UsageError

TOKEN_VARIABLE = "CCW_TOKEN"
MADE = ""  # --token without a value
SHORT = 16  # characters of a token that could be guessed


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True)
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen."
)
@click.option(
    "--token",
    metavar="[TEXT]",
    is_flag=False,
    flag_value=MADE,
    help=f"Ask every request for a token; without TEXT one is made. Better: {TOKEN_VARIABLE}.",
)
@click.option(
    "--open/--no-open", "open_page", default=None, help="Open the page (default: on a desktop)."
)
@project_option
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    *,
    port: int,
    host: str,
    token: str | None,
    open_page: bool | None,
    project: Path,
) -> None:
    """Serve the HTTP API and the pages until Ctrl-C, which is how it ends well (exit 0).

    Other addresses than this machine's own need a token.
    """
    app: App = ctx.ensure_object(App)
    secret = _secret(app.environ, token)
    _check_secret(secret)
    _check_host(host, secret)

    from ccw.web.serving import listen, serve_at, url_for_others, url_of

    gc.enable()  # a short command does without
    listener = listen(host, port)
    bound, sign_in = listener.getsockname()[1], _sign_in(secret, token)
    url, others = url_of(host, bound), url_for_others(host, bound)
    note(f"ccw serves {project} at {url}{sign_in} (Ctrl-C ends it)")
    if others:
        note(f"from other machines: {others}{sign_in}")
    if open_page if open_page is not None else _has_desktop(app.environ):
        click.launch(url)
    serve_at(listener, project=project, environ=_passed_on(app.environ), host=host, token=secret)


def _secret(environ: Mapping[str, str], token: str | None) -> str | None:
    if token is None:
        kept = environ.get(TOKEN_VARIABLE)
        return _sendable(kept, TOKEN_VARIABLE) if kept else None
    if token == MADE:
        from secrets import token_urlsafe

        return token_urlsafe(32)
    note(f"other users of this machine can see --token; better: export {TOKEN_VARIABLE}=…")
    return _sendable(token, "--token")


def _sendable(token: str, source: str) -> str:
    """Refuse a token that a header cannot carry."""
    if token.isascii() and token.isprintable() and token.strip() == token:
        return token
    raise UsageError(f"{source} takes printable ASCII without spaces around it")


def _check_host(host: str, secret: str | None) -> None:
    """Let others in only with a token, and tell what even that leaves open."""
    from ccw.web.checks import is_loopback

    if is_loopback(host):
        return
    if secret is None:
        raise UsageError(
            f"--host {host} can be reached by others; add --token, or export {TOKEN_VARIABLE}=…"
        )
    note(
        "token, prompts and answers cross the network unencrypted; where others may listen, serve "
        "this machine alone and reach it by: ssh -L PORT:127.0.0.1:PORT HOST"
    )


def _check_secret(secret: str | None) -> None:
    """A token lets other users of this machine in, so it has to be hard to guess here as well."""
    if secret is not None and len(secret) < SHORT:
        raise UsageError(
            f"the token is short enough to be guessed; use {SHORT} characters or more, or let one "
            "be made: --token without a value"
        )


def _sign_in(secret: str | None, token: str | None) -> str:
    """Return the fragment to open the page with; only a token that was made here is shown."""
    if secret is None:
        return ""
    return f"/#token={secret}" if token == MADE else "/#token=YOUR_TOKEN"


def _has_desktop(environ: Mapping[str, str]) -> bool:
    display = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return sys.stderr.isatty() and bool(display or sys.platform == "darwin")


def _passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of calls: no reference in a config file may name the token."""
    return {name: value for name, value in environ.items() if name != TOKEN_VARIABLE}
