"""The invented city's registers, read as a spreadsheet would."""

import csv
from datetime import date
from pathlib import Path

import yaml
from msgspec import Struct

SHARED = Path(__file__).parents[3] / "config"


class Place(Struct, frozen=True):
    """Where something belongs."""

    matter: str
    shop_id: str
    district: str
    sub_district: str
    road: str

    def key(self, by: str) -> tuple[str, ...] | None:
        """As reports name parts."""
        return {
            "shop": (self.shop_id,) if self.shop_id else None,
            "road": (self.district, self.road),
            "sub_district": (self.district, self.sub_district),
            "district": (self.district,),
            "matter": (self.matter,),
        }[by]


class Registers:
    """Who and what is where, and how long cases may take there."""

    def __init__(self, folder: Path) -> None:
        def table(name: str) -> list[dict[str, str]]:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))

        self.zones, devices = table("zones.csv"), table("devices.csv")
        self.shops = {row["shop_id"]: row for row in table("shops.csv")}
        self.places = {row["camera_id"]: row for row in table("cameras.csv")} | {
            row["device_id"]: row for row in devices
        }
        self.baselines = {
            row["device_id"]: float(row["baseline"].partition("=")[2]) for row in devices if row["baseline"]
        }
        self.shop_at = {f"{row['camera_id']}/{row['zone']}": row["shop_id"] for row in self.zones}
        self.tiers = {(row["sub_district"], row["road"]): row["tier"] for row in table("tiers.csv")}
        self.permits = [
            (row["shop_id"], row["matter"], date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))
            for row in table("permits.csv")
        ]
        self.matters = {
            code: matter
            for path in (SHARED / "matters.yaml", folder / "matters.yaml")
            for code, matter in yaml.safe_load(path.read_text("utf-8"))["matters"].items()
        }

    def place(self, matter: str, subject: str) -> Place:
        """Where a subject is: where its shop is, else its camera or device."""
        shop_id = self.shop_at.get(subject, "")
        row = self.shops[shop_id] if shop_id else self.places[subject.partition("/")[0]]
        return Place(matter, shop_id, row["district"], row["sub_district"], row["road"])

    def allows(self, place: Place, day: date) -> bool:
        """Whether a shop has leave for a matter on a day."""
        whose = place.shop_id, place.matter
        return any((shop, matter) == whose and first <= day <= last for shop, matter, first, last in self.permits)

    def limit(self, place: Place, *, urgent: bool) -> str:
        """How long a case may take there."""
        tier = self.tiers.get((place.sub_district, place.road)) or self.tiers.get((place.sub_district, "")) or "B"
        matter = self.matters[place.matter]
        limits = matter.get("emergency", matter)["handle_within"] if urgent else matter["handle_within"]
        return str(limits[tier]) if isinstance(limits, dict) else str(limits)
