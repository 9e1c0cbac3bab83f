"""``kling-post serve``: any backend behind the Runware protocol."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kling_post.cli.engines import GenerateAtOption, ModelFolderOption, StepsOption, StrictOption, open_engine, rehearsal, show_terms_once

if TYPE_CHECKING:
    from socket import socket


def command(
    *,
    backend: Annotated[str, typer.Option(help="previz, diffusers, or runware to pass orders on through the ledger.")] = "previz",
    host: Annotated[str, typer.Option(help="Address to answer on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8787,
    token: Annotated[str | None, typer.Option(envvar="KLING_POST_TOKEN", help="Key that clients must show.")] = None,
    alias: Annotated[
        list[str] | None, typer.Option(help="Let the backend stand in for a model: klingai:kling-video@3-4k=previz. May be given again.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where jobs, takes and uploads live.")] = Path("out/serve"),
    bill: Annotated[str, typer.Option(help="Cost in results: engine (what it cost) or table (what the provider would ask).")] = "engine",
    queue_limit: Annotated[int, typer.Option(min=1, help="Jobs that may wait.")] = 100,
    rehearse: Annotated[
        str | None, typer.Option(metavar="WxH", help="Answer at this size instead of the ordered one; engines of this machine only.")
    ] = None,
    model_dir: ModelFolderOption = None,
    steps: StepsOption = None,
    generate_at: GenerateAtOption = None,
    strict: StrictOption = False,
) -> None:
    """Answer Runware's REST and WebSocket protocol under /v1, so that any Runware client can work against a local engine."""
    from kling_post.errors import MissingToolError, UsageError

    try:
        import uvicorn

        from kling_post.generation.server import MOST_BODY_BYTES, check_alias, check_exposure, make_app
    except ImportError as error:
        raise MissingToolError(
            f"serving needs {error.name}, which is not installed.", remedy="pip install starlette uvicorn websockets"
        ) from error
    if bill not in {"engine", "table"}:
        raise UsageError(f"--bill is {bill!r}, allowed are engine and table.")
    check_exposure(host, token)
    aliases = [check_alias(text, backend) for text in alias or ()]
    size = rehearsal(rehearse, backend)
    engine = open_engine(backend, rehearsal_size=size, model_folder=model_dir, steps=steps, generate_at=generate_at, strict=strict)
    show_terms_once(engine, folder)
    app = make_app(engine, folder=folder.resolve(), token=token, aliases=aliases, bill_by_table=bill == "table", queue_limit=queue_limit)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", ws="websockets-sansio", ws_max_size=MOST_BODY_BYTES, lifespan="on"
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: "list[socket] | None" = None) -> None:
            await super().startup(sockets)
            for listening in (one for server in self.servers for one in server.sockets):
                address = f"{host}:{listening.getsockname()[1]}"
                typer.echo(f"{backend} answers on http://{address}/v1 and ws://{address}/v1")

    Server(config).run()
