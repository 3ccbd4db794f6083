"""Who asks for a shop's page: from which address, and whether a form was sent from the page itself."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from config.shop_page import ShopPage
from console.shop.limits import network

_OWN_SITE: Final = frozenset({"same-origin", "none"})


def address_of(request: web.Request, terms: ShopPage) -> str:
    """Of whom the proxy says that it asks, if one may say so; else of who connects.

    Of several in the header the last, which the proxy itself has added: what stands before it anybody may have written.
    """
    if terms.client_header:
        lines = request.headers.getall(terms.client_header, [])
        said = lines[-1].rpartition(",")[2].strip() if lines else ""
        if said:
            return network(said)
    return network(request.remote or "")


def is_from_elsewhere(request: web.Request, terms: ShopPage) -> bool:
    """Whether another site made the browser send this form.

    The page sends no referrer, so its own forms come with `Origin: null`; what browsers say of the site decides then.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITE:
        return True
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return False
    return urlsplit(origin).netloc not in {request.host, urlsplit(terms.url).netloc}
