"""What the page of the map may load from elsewhere: pictures of the site's own provider of tiles, and nothing more."""

from typing import Final

from config.load import Site

_PAGE: Final = "/map"
_OWN: Final = "img-src 'self'"


def policy_of(path: str, policy: str, site: Site) -> str:
    """The Content-Security-Policy of a page: `policy`, and on the map with tiles their hosts beside our own."""
    tiles = site.settings.map.tiles
    if path != _PAGE or tiles is None:
        return policy
    return policy.replace(_OWN, " ".join((_OWN, *tiles.hosts)))
