"""``kling-post sign``: a finished master with Content Credentials (C2PA), as the last step before it leaves the house."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    project: Annotated[Path, typer.Argument(help="A master, or the folder of a run.", show_default=False)],
    *,
    certificate: Annotated[
        Path | None, typer.Option(help="Your certificate chain, PEM; without one a local test identity signs.", show_default=False)
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key, PEM without a password.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="The signed file.  [default: <name>.signed.mp4 beside the master]")] = None,
) -> None:
    """Sign a master: every take an ingredient, what made it said. Sign last: whatever rewrites the file drops the credentials."""
    from kling_post.edit.signing import sign_master
    from kling_post.edit.timeline_file import SUFFIX, read_timeline
    from kling_post.errors import UsageError
    from kling_post.media.content_credentials import credentials
    from kling_post.media.signing_identity import identity_of, local_identity
    from kling_post.pipeline.exporting import stored_edit

    if (certificate is None) != (key is None):
        raise UsageError("A certificate and its key belong together.", remedy="Give both --certificate and --key, or neither.")
    stored = stored_edit(project)
    master = stored.with_name(stored.name.removesuffix(SUFFIX) + (project.suffix if project.is_file() else ".mp4"))
    identity = (
        identity_of(certificate, key)
        if certificate is not None and key is not None
        else local_identity(Path(typer.get_app_dir("kling-post")) / "identity")
    )
    signed = sign_master(read_timeline(stored), master, identity=identity, output=out.resolve() if out else None)
    found = credentials(signed)
    typer.echo(signed)
    if found is not None:
        typer.echo(f"{found.state}: {', '.join(found.problems) or 'no problems'}", err=True)
    if identity.is_local:
        typer.echo("Signed by the local test identity, which nobody trusts: for delivery give --certificate and --key.", err=True)
