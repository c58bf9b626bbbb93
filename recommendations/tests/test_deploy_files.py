"""The files for Kubernetes, systemd and platforms that read a Procfile."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
KUBERNETES = ROOT / "deploy" / "kubernetes"
SYSTEMD = ROOT / "deploy" / "systemd"
RELEASES = ("1.29", "1.33", "1.37")
PARTS = ("web", "worker", "beat")


def read_resources() -> list[dict[str, Any]]:
    files = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
    return [
        resource
        for name in files
        for resource in yaml.safe_load_all((KUBERNETES / name).read_text())
    ]


def read_procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def find_pod(component: str) -> dict[str, Any]:
    (pod,) = [
        resource["spec"]["template"]["spec"]
        for resource in read_resources()
        if resource["kind"] in {"Deployment", "Job"} and resource["metadata"]["name"] == component
    ]
    return dict(pod)


@pytest.mark.parametrize("release", RELEASES)
def test_kubernetes_knows_every_field_of_every_resource(release: str) -> None:
    resources = read_resources()

    for resource in resources:
        kubernetes_validate.validate(resource, release, strict=True)

    assert len(resources) > 10


def test_kustomize_applies_every_file() -> None:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]

    assert sorted(listed) == sorted(
        path.name for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml"
    )


@pytest.mark.parametrize("component", ["migrate", *PARTS])
def test_no_pod_has_more_rights_than_it_needs(component: str) -> None:
    pod = find_pod(component)
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]


def test_the_settings_of_the_cluster_are_settings_of_the_shop_and_no_secrets() -> None:
    (plain,) = [one["data"] for one in read_resources() if one["kind"] == "ConfigMap"]
    known = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert plain.keys() <= known
    assert not [name for name in plain if re.search("SECRET|PASSWORD|_URL", name)]


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_started_alike_everywhere(part: str) -> None:
    (unit,) = [path.read_text() for path in SYSTEMD.glob(f"shop-{part}*.service")]
    (started,) = re.findall(r"^ExecStart=/srv/shop/\.venv/bin/(.*)$", unit, re.MULTILINE)
    (container,) = find_pod(part)["containers"]
    image = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    in_the_cluster = container.get("command") or yaml.safe_load(image[-1])

    same = [" ".join(in_the_cluster), started, read_procfile()[part]]

    without_addresses = {re.sub(r" --(host|port) \S+", "", command) for command in same}
    assert len(without_addresses) == 1


def test_a_worker_is_asked_for_its_health_alike_in_every_container() -> None:
    (pod,) = find_pod("worker")["containers"]
    shell, option, command = pod["livenessProbe"]["exec"]["command"]

    composed = [
        yaml.safe_load((ROOT / file).read_text())["services"]["worker"]["healthcheck"]["test"]
        for file in ("docker-compose.yml", "docker-compose.prod.yml")
    ]

    assert (shell, option) == ("sh", "-c")
    # Not every engine gives checks the variable HOSTNAME. Compose writes `$` as `$$`.
    assert "--destination celery@$(hostname) " in command
    assert composed == 2 * [["CMD-SHELL", command.replace("$", "$$")]]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed here.")
    # It wants the programs to be there, and the shop is not installed in /srv here.
    programs = tmp_path / "srv"
    (programs / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "celery"):
        (programs / ".venv" / "bin" / name).symlink_to(sys.executable)
    for unit in SYSTEMD.iterdir():
        text = unit.read_text().replace("/srv/shop", str(programs))
        (tmp_path / unit.name).write_text(text)

    # A template is verified as one of its instances.
    units = sorted(str(path).replace("@.", "@8000.") for path in tmp_path.glob("shop*.*"))
    verified = subprocess.run(
        [analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )

    assert (verified.returncode, verified.stderr) == (0, "")
