"""What the static edition says that the app does not."""

from __future__ import annotations

from gzmap.ui.words import LANGS, Lang

WORDS: dict[str, tuple[str, str]] = {
    "intro": (
        "点击地图上的图形，看纲要中哪句话让它出现在这里；在“原文”中点击地名，看它在哪里；用图上的工具列出视野内的地点、量测、分享。",
        "Click a shape to see which sentence of the plan put it there; click a name in “Text” to see where it is; the "
        "tools on the map list what is in view, measure and share.",
    ),
    "by_district": (
        "静态版按区回答：“{what}”在{all}，下面是{district}。",
        "The static edition answers by district: “{what}” is in {all}; this is what is said of {district}.",
    ),
    "locate_fine": (
        "浏览器会先征求您的同意。位置只在这个浏览器中使用，不发给任何服务器，不写进网址，也不保存。"
        "需要 HTTPS 网址，或者在本机（localhost）打开。",
        "Your browser asks you first. The position is used in this browser only: it is sent to no server, not put into "
        "the address and not kept. It takes HTTPS, or this same machine (localhost).",
    ),
    "old_browser": (
        "浏览器过旧，打不开地图：请使用 Chrome 或 Edge 108、Firefox 121、Safari 16.4 以上的版本。",
        "This browser is too old for the map: use Chrome or Edge 108, Firefox 121, Safari 16.4 or newer.",
    ),
    "no_script": (
        "本页需要 JavaScript：地图、原文与检索都在浏览器中完成。",
        "This page needs JavaScript: map, text and search all work in the browser.",
    ),
    "book_failed": (
        "这部分内容没有取到，请检查网络后再试。",
        "This part did not arrive; check the network and try again.",
    ),
}
"""Chinese and English by key; braces are filled in by the browser."""


def say_static(key: str, lang: Lang) -> str:
    """Give a phrase of the static edition."""
    return WORDS[key][LANGS.index(lang)]
