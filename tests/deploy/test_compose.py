"""docker-compose.yml and the Dockerfile, as far as they can be tried without an engine."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import SHARED, load_site
from rules.files import load_rules
from tests.deploy.shipped import COMPOSE, DEPLOY, ROOT, SECRETS, SERVICES, made_secrets, read_by_settings

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = ("serve", "watch", "backup")


def of_operators(path: str) -> bool:
    """What an operator makes before the first start."""
    return path.startswith(("./deploy/secrets/", "./deploy/site", "${", "./backups"))


def test_every_path_that_is_mounted_is_there() -> None:
    """A file that is not there would be mounted as an empty folder, without a word."""
    for name, service in SERVICES.items():
        for volume in service.get("volumes", ()):
            source = volume.rpartition(":/")[0] if not volume.endswith(":ro") else volume[:-3].rpartition(":/")[0]
            if source.startswith("."):
                assert of_operators(source) or (ROOT / source).exists(), f"{name}: {source}"
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], f"{name}: {source}"


def test_make_secrets_makes_each_secret_and_prints_none(tmp_path: Path) -> None:
    """Each that a service asks for is declared, and each that is declared is made, for root's eyes only."""
    if shutil.which("mosquitto_passwd") is None:
        pytest.skip("needs mosquitto_passwd")
    folder = made_secrets(tmp_path)
    declared = {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    assert {path.name for path in folder.iterdir()} == declared
    assert folder.stat().st_mode & 0o777 == 0o700
    asked = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert asked == set(COMPOSE["secrets"])
    contents = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    assert len(set(contents)) == len(contents)
    assert (folder / "mosquitto_passwords").read_text(encoding="utf-8").startswith("longcheng:$7$")


def test_every_variable_is_read_by_the_settings() -> None:
    """A name that nobody reads would be a setting that is not made. Each secret is a file that the service has."""
    for name in OURS:
        service = SERVICES[name]
        for variable, value in service["environment"].items():
            assert variable.removesuffix("_FILE") in read_by_settings(), variable
            if variable.endswith("_FILE"):
                assert value.removeprefix(SECRETS) in service["secrets"], variable
    for variable in re.findall(r"(LONGCHENG_[A-Z_]+)=", DOCKERFILE):
        assert variable in read_by_settings(), variable


def test_no_secret_stands_in_the_file() -> None:
    """Passwords and tokens come from files."""
    for name, service in SERVICES.items():
        for variable, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|TOKEN|SECRET", variable):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert str(value).startswith(SECRETS), f"{name}: {variable}"


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_bounded_and_has_few_rights(name: str) -> None:
    """Not root, nothing gained, no capability, a root that cannot be written, bounds for memory and logs."""
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]
    assert service["restart"] == ("no" if name == "backup" else "unless-stopped")
    assert service.get("healthcheck"), "say how it is told that it is well, or that it is not"
    assert not service["image"].endswith(":latest")
    assert ":" in service["image"]


def test_ports_are_open_on_this_machine_alone() -> None:
    """Whoever is outside comes through the proxy."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_site_of_the_containers_is_right(tmp_path: Path) -> None:
    """The starter site, the environment and secrets of `serve`, rules by the image's link: all of it is read."""
    if shutil.which("mosquitto_passwd") is None:
        pytest.skip("needs mosquitto_passwd")
    secrets = made_secrets(tmp_path)
    site = tmp_path / "etc" / "site"
    shutil.copytree(SHARED / "sites" / "starter", site)
    environment = {
        name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", str(value)).replace(SECRETS, f"{secrets}/")
        for name, value in SERVICES["serve"]["environment"].items()
    }
    found = load_site(str(site), environment | {"LONGCHENG_RULES": str(SHARED / "rules")})
    assert load_rules(found.rule_files, found)
    settings = found.settings
    assert settings.cases.url.endswith("@postgres:5432/longcheng")
    assert settings.mqtt.password == (secrets / "mqtt_password").read_text(encoding="utf-8")
    assert settings.series.influx_token
    assert settings.console.host == "0.0.0.0"
    assert settings.console.proxy.trusts("172.29.7.1")
    assert not settings.console.is_local


def test_commands_are_ours() -> None:
    """What the services and the image run is a command of the product."""
    known = {command.name or "" for command in cli.registered_commands} | {
        group.name for group in cli.registered_groups
    }
    known |= {command.callback.__name__ for command in cli.registered_commands if command.callback}
    for name in ("serve", "watch"):
        assert SERVICES[name]["command"][0] in known
        assert SERVICES[name]["healthcheck"].get("test"), f"{name} runs on, and nobody is told whether it is well"
    check = SERVICES["watch"]["healthcheck"]["test"]
    assert (check[:2], CliRunner().invoke(cli, [*check[2:], "--help"]).exit_code) == (["CMD", "longcheng"], 0)
    assert "longcheng backup --to" in SERVICES["backup"]["entrypoint"][2]
    assert "backup" in known
    assert 'ENTRYPOINT ["longcheng"]' in DOCKERFILE
    assert 'CMD ["serve"]' in DOCKERFILE


def test_the_image_is_built_of_what_is_there() -> None:
    """Each folder that is copied exists, is let through by .dockerignore, and all packages are among them."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in names:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in let_through, name
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages <= set(names)
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, flags=re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in last
    assert "pip install" not in last
    assert not re.search(r"build-essential|gcc|git\b", last)


def test_nothing_of_deploy_is_forgotten() -> None:
    """Each file there is named by the page that says how to use it."""
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for path in DEPLOY.iterdir():
        if path.name not in {"secrets", "site", ".gitignore"}:
            assert f"deploy/{path.name}" in page, path.name
