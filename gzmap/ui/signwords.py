"""The words of signing in and of what only editors do, in Chinese and English; `gzmap.ui.words` adds them."""

from __future__ import annotations

SIGN_WORDS: dict[str, tuple[str, str]] = {
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出", "Sign out"),
    "signed_in_as": ("已登录：{name}", "Signed in: {name}"),
    "role_0": ("访客：只看公开的规划内容", "Visitor: sees what is public"),
    "role_1": ("读者", "Reader"),
    "role_2": ("编辑", "Editor"),
    "sign_late": ("登录已过期，请重新登录", "The sign-in has expired; sign in again"),
    "closed_title": ("本图仅供登录用户查看", "This map is for those who are signed in"),
    "closed_late": ("登录已过期，请重新登录。", "Your sign-in has expired; sign in again."),
    "closed_ask": ("请用本单位账号登录。", "Sign in with your account of the bureau."),
    "closed_other": (
        "您已登录为 {name}，但这个账号没有查看权限。请联系管理员，或换一个账号登录。",
        "You are signed in as {name}, but this account may not see the map. Ask the administrator, or sign in with "
        "another account.",
    ),
    # layers for the shared database
    "store_title": ("存入共享数据库", "Put a layer into the shared database"),
    "store_intro": (
        "把本单位图层存入共享数据库，有权限的同事都能看到。只有编辑能存入；同编号的图层，勾选后才会被替换。",
        "Puts a layer of the bureau into the shared database, where colleagues with the right to it see it. Only "
        "editors can do so; a layer of the same id is replaced only if you say so.",
    ),
    "store_file": (
        "GeoPackage、GeoJSON，或同一 Shapefile 的全部文件（最多 {mb} MB）",
        "GeoPackage, GeoJSON, or all files of one Shapefile ({mb} MB at most)",
    ),
    "store_layer": ("文件中的图层", "Layer of the file"),
    "store_id": ("编号（{hint}）", "Id ({hint})"),
    "store_id_hint": (
        "以 own. 开头，后接至多 40 个小写字母、数字或下划线",
        "own. and at most 40 small letters, figures or underscores",
    ),
    "store_name": ("名称", "Title"),
    "store_replace": ("替换已有的同编号图层", "Replace the layer that has this id"),
    "store_button": ("存入数据库", "Put it in"),
    "store_done": (
        "已存入“{title}”（{id}）：{n} 个要素。各服务器一秒内可见。",
        "“{title}” ({id}) is in the database: {n} features. All servers show it within a second.",
    ),
    "store_none": ("请先选择文件。", "Choose a file first."),
    "store_mixed": (
        "请只选一个 GeoPackage 或 GeoJSON，或同一个 Shapefile 的各文件（.shp、.shx、.dbf、.prj、.cpg）。",
        "Choose one GeoPackage or GeoJSON, or the files of one Shapefile (.shp, .shx, .dbf, .prj, .cpg).",
    ),
    "store_bad_id": ("编号“{id}”不符合要求：{hint}。", "“{id}” is no id: write {hint}."),
    "store_exists": (
        "编号“{id}”已有图层“{title}”。要替换请勾选，否则换一个编号。",
        "The id “{id}” belongs to “{title}”. Tick the box to replace it, or choose another id.",
    ),
    "store_refused": ("只有编辑能存入图层；请重新登录。", "Only editors can do this; sign in again."),
}
