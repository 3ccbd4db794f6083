"""The registers of some sub-districts."""

from collections.abc import Collection
from dataclasses import replace as site_with

from config.load import Site


def scoped_site(site: Site, sub_districts: Collection[str]) -> Site:
    """The site with the devices, cameras and shops of some sub-districts."""
    return site_with(
        site,
        devices={key: one for key, one in site.devices.items() if one.location.sub_district in sub_districts},
        cameras={key: one for key, one in site.cameras.items() if one.location.sub_district in sub_districts},
        shops={key: one for key, one in site.shops.items() if one.location.sub_district in sub_districts},
    )
