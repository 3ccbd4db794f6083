"""Where cases are kept: read, and refused without telling the password."""

from pathlib import Path

import pytest

from config.load import load_site
from domain.errors import ConfigError
from tests.cases.city import make_site


def site_with(folder: Path, url: str) -> str:
    """The url that a site's settings have; `url` stands in its file."""
    make_site(folder)
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(f"cases:\n  url: {url}\n")
    return load_site(str(folder), {"CASES_PASSWORD": "s3cret"}).settings.cases.url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://longcheng:pw@db.city.cn:5433/longcheng",
        "postgresql://longcheng@[::1]/longcheng",
        "postgresql+psycopg://longcheng@/cases?host=/run/postgresql",
        "postgresql+psycopg://u:p%40%2F@/cases?host=a:5432&host=b:5432&target_session_attrs=read-write",
    ],
)
def test_a_url_of_postgresql(tmp_path: Path, url: str) -> None:
    """With a server, a socket, or several servers."""
    assert site_with(tmp_path, url) == url


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    """It never has to stand in a file; without any url there is the file in the data folder."""
    with_password = "postgresql+psycopg://longcheng:${CASES_PASSWORD}@db/longcheng"

    assert site_with(tmp_path, with_password) == "postgresql+psycopg://longcheng:s3cret@db/longcheng"
    assert site_with(tmp_path, "${CASES_URL:-}") == ""


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql+psycopg://u:s3cret@db", "it names no database"),
        ("postgresql+psycopg://u:s3cret@db/", "it names no database"),
        ("postgresql+psycopg://u:s3/cret@db/name", "write"),
        ("postgresql+psycopg://u:s3cret@db:port/name", "write postgresql"),
        ("mysql://u:s3cret@db/name", "write postgresql"),
        ("sqlite:////var/lib/cases.db", "write postgresql"),
        ("db.city.cn", "write postgresql"),
    ],
)
def test_what_it_cannot_be(tmp_path: Path, url: str, problem: str) -> None:
    """With file and line, what is right, and never the password."""
    with pytest.raises(ConfigError) as told:
        site_with(tmp_path, url)

    assert "site.yaml line" in str(told.value)
    assert "cases.url" in str(told.value)
    assert problem in str(told.value)
    assert "s3cret" not in str(told.value)
    assert "cret@" not in str(told.value)
