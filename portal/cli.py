"""The `portal` command: what an owner does with the shop from the command line."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portal.config import Config, WrongSetting, read_config

if TYPE_CHECKING:
    from flask import Flask

# Commands of the domains, loaded when asked for: name, module.
LATER = {
    "import": "portal.imports.command",
    "export": "portal.imports.exports.command",
    "undo-import": "portal.imports.undoing.command",
    "staff": "portal.members.command",
    "sign-in-link": "portal.members.command",
}


class Portal(click.Group):
    """The commands of this file and those of the domains, which find an open database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which they are needed."""
        return [*self.commands, *(name for name in LATER if find_spec(LATER[name]))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by name; a domain's own is imported now."""
        if cmd_name not in LATER or not find_spec(LATER[cmd_name]):
            return super().get_command(ctx, cmd_name)
        found = vars(import_module(LATER[cmd_name])).values()
        return next(c for c in found if isinstance(c, click.Command) and c.name == cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Open the database for a domain's command, and say refusals in one sentence."""
        from peewee import OperationalError

        from portal.lib.db import is_trouble
        from portal.lib.refused import Refused
        from portal.ops.backup import NoBackup
        from portal.ops.migrate import TooNew
        from portal.ops.restore import BadBackup
        from portal.ops.serve import PortTaken
        from portal.ops.served import Served

        try:
            asked = ctx._protected_args[:1]
            if asked and asked[0] in LATER and not {"--help", "-h"} & set(ctx.args):
                _open_shop(ctx)
            return super().invoke(ctx)
        except (WrongSetting, PortTaken, TooNew) as refusal:
            _say_and_leave(str(refusal), 2)
        except OperationalError as error:
            if not is_trouble(error):
                raise
            _say_and_leave(
                f"The database could not be written ({error}). Nothing is half done: "
                "once there is room, or nobody else holds it, give the same command again.",
                1,
            )
        except (Refused, NoBackup, BadBackup, Served) as refusal:
            _say_and_leave(str(refusal), 1)


def _say_and_leave(sentence: str, code: int) -> None:
    click.echo(sentence, err=True)
    sys.exit(code)


@click.group(cls=Portal, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portal", prog_name="Regulars")
def main() -> None:
    """Regulars: the account area of a shop, for its customers and its staff."""
    os.umask(0o077)  # whatever is written holds people's data


def _open_shop(ctx: click.Context, *, newest: bool = True) -> tuple["Flask", Config]:
    """The app on its database, connected until the command ends, brought to the newest schema."""
    from portal import create_app
    from portal.lib.db import db

    config = read_config()
    app = create_app(config)
    ctx.with_resource(app.app_context())
    db.connect(reuse_if_open=True)
    ctx.call_on_close(lambda: None if db.is_closed() else db.close())
    if newest:
        _migrate(config)
    return app, config


def _migrate(config: Config) -> list[str]:
    from portal.ops.backup import automatic_name, back_up
    from portal.ops.migrate import migrate, pending

    def keep_a_copy() -> None:
        target = back_up(config, automatic_name(config, f"before-{pending()[0]}"))
        click.echo(f"The schema is older than this version; a backup is in {target}.", err=True)

    return migrate(before=keep_a_copy)


def _serving_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
        ),
        click.option("--port", default=8000, show_default=True, envvar="PORT", type=int),
        click.option("--processes", type=click.IntRange(1, 64), help="Default: one for each core."),
        click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64)),
    ):
        command = option(command)
    return command


@main.command()
@_serving_options
def serve(host: str, port: int, processes: int | None, threads: int) -> None:
    """Serve the shop: a web process for each core and one worker for mails."""
    _serve(read_config(port=str(port)), host, port, processes, threads)


@main.command()
@_serving_options
def demo(host: str, port: int, processes: int | None, threads: int) -> None:
    """Serve a made-up tea shop with 2,000 members to look at; nothing is mailed."""
    from portal.ops.demo import make_demo_shop

    config = read_config(demo=True, port=str(port), base_url=f"http://localhost:{port}")
    make_demo_shop(config, say=click.echo)
    _serve(config, host, port, processes, threads)


def _serve(config: Config, host: str, port: int, processes: int | None, threads: int) -> None:
    from portal import create_app
    from portal.ops.log import log_to_stderr
    from portal.ops.serve import free_port, let_go_of_database, supervise

    port = free_port(host, port)
    app = create_app(config)
    with app.app_context():
        _migrate(config)
        welcome = _welcome(config, host, port)
        let_go_of_database()
    log_to_stderr()
    cores = processes or len(os.sched_getaffinity(0))
    supervise(app, config, host, port, cores, threads, ready=lambda: click.echo(welcome))
    click.echo("Stopped.")


def _welcome(config: Config, host: str, port: int) -> str:
    from portal.members.staff import make_owner_link

    lines = [f"The shop is open at {config.base_url} (Ctrl-C closes it)."]
    if not config.base_url.endswith(f":{port}"):
        lines.append(f"It listens on {host}, port {port}.")
    if config.demo:
        from portal.ops.demo import who_to_be

        return "\n".join([*lines, "", *who_to_be()])
    if token := make_owner_link():
        lines += [
            "",
            "Nobody owns this shop yet. Become its owner, once, within 24 hours:",
            f"  {config.base_url}/setup/{token}",
        ]
    return "\n".join(lines)


@main.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Bring the database to the newest schema, after a backup."""
    _app, config = _open_shop(ctx, newest=False)
    for name in (applied := _migrate(config)):
        click.echo(f"Applied {name}.")
    if not applied:
        click.echo("The database has the newest schema.")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def backup(ctx: click.Context, file: Path) -> None:
    """Write the whole shop into FILE, also while it is served."""
    from portal.ops.backup import back_up

    _app, config = _open_shop(ctx, newest=False)
    size = back_up(config, file).stat().st_size
    click.echo(f"{file} holds the shop ({size / 1_000_000:.1f} MB).")
    if (config.instance / "secret.key").exists():
        click.echo(
            f"Keep {config.instance / 'secret.key'} with it, in a safe place of its own: "
            "waiting mails and open sign-ins cannot be read without it."
        )


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def restore(ctx: click.Context, file: Path) -> None:
    """Put the backup FILE in the shop's place; the old data is kept beside it."""
    from portal.ops.restore import restore as put_back
    from portal.ops.verify import problems

    _app, config = _open_shop(ctx, newest=False)
    from portal.lib.db import db

    db.close()
    click.echo(f"Restored. What was there before is in {put_back(config, file, problems)}.")


@main.command()
@click.pass_context
def verify(ctx: click.Context) -> None:
    """Check what must always be true of the data; exit code 1 and a list when it is not."""
    from portal.ops.check import stuck
    from portal.ops.verify import problems

    _open_shop(ctx)
    found = [*problems(), *stuck()]
    for problem in found:
        click.echo(problem)
    if found:
        _say_and_leave(f"{len(found)} things are not as they must be.", 1)
    click.echo("All is as it must be.")


@main.command("read-bounce")
@click.pass_context
def read_bounce(ctx: click.Context) -> None:
    """Read a report of a mail server from standard input, as the pipe of a mail server does.

    Exit codes are those of sysexits.h: 0 it was read, 65 it is no report about a mail of this
    shop, 75 try again later, 78 a setting is wrong.
    """
    from peewee import OperationalError

    from portal.ops.pipe import NO_REPORT, Later, message, take

    raw = message(sys.stdin.buffer)
    try:
        _open_shop(ctx, newest=False)
        taken = take(raw)
    except WrongSetting as wrong:
        _say_and_leave(str(wrong), 78)
    except (Later, OperationalError) as later:
        _say_and_leave(f"Not now: {later}", 75)
    if not taken:
        _say_and_leave(NO_REPORT, 65)


if __name__ == "__main__":
    main()
