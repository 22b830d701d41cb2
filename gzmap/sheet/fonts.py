"""Where the sheet's Chinese letters come from: the system's fonts, else a package's."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import typst

from gzmap.errors import ExportError

FAMILIES = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei"),
    *(
        "HarmonyOS Sans SC",
        "Hiragino Sans GB",
        "SimHei",
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
        "Droid Sans Fallback",
    ),
    *("Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "STSong", "FangSong", "KaiTi"),
)
"""Fonts with simplified Chinese that may be at hand, the best for a map first."""

PACKAGE = "pylopdf_fonts_zh_cn"
"""Python package that carries Noto Sans SC, for a computer without Chinese fonts; looked for, not required."""


@lru_cache(maxsize=4)
def find_fonts(folder: Path | None = None, *, system: bool = True) -> tuple[typst.Fonts, str]:
    """Find the fonts to print with, and the name of the Chinese one.

    Parameters
    ----------
    folder
        Folder with font files to look in as well; None for none.
    system
        Whether the system's fonts count.

    Raises
    ------
    ExportError
        If none has Chinese letters.
    """
    folders = [str(path) for path in (folder, _find_package()) if path is not None]
    fonts = typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=folders)
    return fonts, require_family(fonts.families())


def _find_package() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def require_family(families: Sequence[str]) -> str:
    """Give the first of `FAMILIES` that there is.

    Raises
    ------
    ExportError
        If there is none; the message says what to install.
    """
    # Names of families are compared without case, as the typesetter does.
    known = {name.casefold(): name for name in families}
    found = next((known[name.casefold()] for name in FAMILIES if name.casefold() in known), None)
    if found is None:
        raise ExportError(
            "No font with Chinese letters is installed: install one (Debian, Ubuntu: apt-get install fonts-noto-cjk; "
            f"anywhere: pip install {PACKAGE.replace('_', '-')}), or name a folder that holds one.",
            zh=f"服务器上没有装中文字体，不能制图。请管理员安装一种（Debian、Ubuntu：apt-get install fonts-noto-cjk；"
            f"其他系统：pip install {PACKAGE.replace('_', '-')}）。",
        )
    return found
