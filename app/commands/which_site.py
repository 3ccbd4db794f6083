"""Which site an operator's command is about. There is no default: another site's registers would judge wrongly."""

from dataclasses import replace
from typing import Annotated

import typer

from config.load import Site, load_site
from domain.errors import ConfigError

SiteName = Annotated[
    str,
    typer.Option(
        "--site",
        envvar="LONGCHENG_SITE",
        show_default=False,
        help="A site folder's path, or a shipped site's name. Must be said, here or in the environment.",
    ),
]


def the_site(name: str) -> Site:
    """The site that was named, its data folder as an absolute path. Raises ConfigError, also if none was named."""
    if not name:
        raise ConfigError("say which site: --site config/sites/mine, or set LONGCHENG_SITE")
    found = load_site(name)
    data = found.settings.data_dir.resolve()
    return replace(found, settings=found.settings.model_copy(update={"data_dir": data}))
