"""``kling-post review``: the local page where takes and seams are looked at and decided on."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.review.room import ReviewRoom


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml, or a bare request, that was run before.", show_default=False)],
    *,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.  [default: out/<project>]")] = None,
    rehearse: Annotated[
        str | None, typer.Option(metavar="WxH", envvar="KLING_POST_PREVIZ_SIZE", help="Review the rehearsal of that size.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.")] = 0,
    reviewer: Annotated[str | None, typer.Option(help="Stands beside every verdict.  [default: your login name]")] = None,
    static: Annotated[Path | None, typer.Option(help="Write a folder that works without a server instead, to send to somebody.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Open the review page of a run: play, step, compare, judge, note, waive, choose. Every verdict is on the disk at once.

    Verdicts change nothing in the edit by themselves: kling-post apply-verdicts does. The page answers on this machine only, to whoever
    has its link.
    """
    from kling_post.cli.run_folder import run_folder
    from kling_post.cli.terminal import bars
    from kling_post.review.session import load_session

    session = load_session(run_folder(project, out=out, rehearse=rehearse))
    if static is not None:
        from kling_post.review.static_folder import write_static

        with bars(quiet=quiet) as progress:
            page = write_static(session, static.resolve(), progress=progress)
        typer.echo(page)
        return
    from kling_post.pipeline.seam_fits import kept_fits
    from kling_post.review.room import ReviewRoom, log_path, proxy_shelf
    from kling_post.review.verdicts import VerdictLog

    room = ReviewRoom(
        session=session,
        log=VerdictLog(log_path(session.folder)),
        proxies=proxy_shelf(session),
        reviewer=reviewer or _login(),
        seam_fits=kept_fits(session),
    )
    room.log.read()
    _serve(room, port, open_browser=browser)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _serve(room: "ReviewRoom", port: int, *, open_browser: bool) -> None:
    """Answer until interrupted; the link is printed when the port is known."""
    import socket
    import webbrowser

    import uvicorn

    from kling_post.errors import UsageError
    from kling_post.review.guard import new_token
    from kling_post.review.server import make_app

    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used: {error.strerror}.", remedy="Name another with --port, or 0 for a free one."
        ) from error
    port, token = listening.getsockname()[1], new_token()
    link = f"http://127.0.0.1:{port}/?token={token}"
    config = uvicorn.Config(make_app(room, token=token, port=port), log_level="warning", lifespan="off", server_header=False)

    class Server(uvicorn.Server):
        async def startup(self, sockets: "list[socket.socket] | None" = None) -> None:
            await super().startup(sockets)
            typer.echo(f"review of {room.session.project}: {link}")
            typer.echo(f"verdicts go to {room.log.path}; stop with Ctrl-C, nothing is lost")
            if open_browser:
                webbrowser.open(link)

    room.proxies.start()
    room.proxies.want_all()
    try:
        Server(config).run(sockets=[listening])
    finally:
        room.proxies.stop()
        listening.close()
