"""Hours of duty in a site's files."""

import shutil
from pathlib import Path

import pytest

from config.load import SHARED, Site, load_site
from domain.errors import ConfigError

HEADER = "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s"


def site(folder: Path, *, settings: str = "", duty: bool = True, own: tuple[str, ...] = ("", "")) -> Site:
    """The starter site with two cameras, on 延陵西路 and 青果巷, their own hours, and these lines under `vision`."""
    shutil.copytree(SHARED / "sites" / "starter", folder)
    (folder / "zones.csv").unlink()
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(text.replace("\nvision:\n", f"\nvision:\n{settings}"), encoding="utf-8")
    lines = [HEADER + (",duty" if duty else "")]
    for name, road, hours in zip("ab", ("延陵西路", "青果巷"), own, strict=True):
        cells = f"{name},名字,http://192.0.2.1/,天宁区,茶山街道,{road},119.97,31.78,"
        lines.append(cells + (f",{hours}" if duty else ""))
    (folder / "cameras.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_site(str(folder), {})


def duties(found: Site) -> list[str | None]:
    """Of both cameras."""
    return [camera.duty for camera in found.cameras.values()]


def test_without_a_word_every_camera_is_always_on_duty(tmp_path: Path) -> None:
    """The column may be missing."""
    assert duties(site(tmp_path / "site", duty=False)) == [None, None]


def test_the_camera_goes_before_its_road_and_the_road_before_the_site(tmp_path: Path) -> None:
    """`always` ends every duty hour that would hold otherwise."""
    settings = "  duty: 06:00-23:00\n  road_duty: {青果巷: 09:00-22:00}\n"
    assert duties(site(tmp_path / "1", settings=settings)) == ["06:00-23:00", "09:00-22:00"]
    assert duties(site(tmp_path / "2", settings=settings, own=("", "always"))) == ["06:00-23:00", None]
    assert duties(site(tmp_path / "3", settings=settings, own=("22:00-04:00", ""))) == ["22:00-04:00", "09:00-22:00"]
    always = "  duty: 06:00-23:00\n  road_duty: {青果巷: always}\n"
    assert duties(site(tmp_path / "4", settings=always)) == ["06:00-23:00", None]


def test_a_road_without_a_camera_is_named_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    """Its cameras would be visited all night, and nobody would know why."""
    with pytest.raises(ConfigError, match=r"site\.yaml line \d+: .*'延陵路', on which .* there is '延陵西路'") as wrong:
        site(tmp_path / "site", settings="  road_duty:\n    青果巷: 09:00-22:00\n    延陵路: 06:00-23:00\n")
    lines = (tmp_path / "site" / "site.yaml").read_text(encoding="utf-8").splitlines()
    assert wrong.value.line is not None
    assert "延陵路" in lines[wrong.value.line - 1]


@pytest.mark.parametrize("hours", ["6-23", "06:00", "25:00-26:00", "night"])
def test_hours_that_are_none_are_refused(tmp_path: Path, hours: str) -> None:
    """In the register, and in the settings."""
    with pytest.raises(ConfigError, match=r"cameras\.csv line 2: duty is .*; write hours as"):
        site(tmp_path / "1", own=(hours, ""))
    with pytest.raises(ConfigError, match=r"site\.yaml line \d+: vision\.duty is .*write hours as"):
        site(tmp_path / "2", settings=f'  duty: "{hours}"\n')
