"""Words that look like place names by how they end, and that the list does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from gzmap.document import find_longest
from gzmap.ledger.accounts import Account
from gzmap.ledger.occurrences import Occurrence

SUFFIXES = (
    *("湿地", "水道", "航道", "片区", "廊道", "碧道", "碧带", "古驿道", "流域", "海湾", "湾区", "半岛", "岛", "涌"),
    *("新区", "都市圈", "经济区", "经济带", "开发区", "示范区", "集聚区", "引领区", "合作区", "试验区", "保护区"),
    *("产业园", "植物园", "公园", "水库", "口岸", "自贸区"),
)
"""How a place name of this kind of text may end."""

# What stands before a name and is not part of it.
VERBS = (
    "建设|推进|推动|推广|加强|强化|加快|打造|构建|开展|实施|保护|保育|修复|维育|恢复|提升|完善|深化|统筹|依托|支持|"
    "探索|搭建|促进|实现|培育|激活|建立|整合|营造|发展|规划|共筑|共建|联合|积极|持续|充分|挖掘|鼓励|引导|协同|落实|"
    "贯通|助推|利用|争当|防控|治理|整治|处置|扩建|领跑|管控"
)
PARTICLES = "的和与及以对等在为向将由或并把各到涉"
BREAK = re.compile(f".*(?:{VERBS}|[{PARTICLES}])")

# What a kind of place may be called; a name that says nothing else is no name.
KIND = re.compile(
    "美丽|重点|重要|生态|自然|区域|社区|城市|城乡|城镇|森林|沼泽|湖泊|河流|滨海|滨水|沿线|沿海|海洋|小微|绿色|水源地|"
    "水源|饮用水|专类|无废|高端|资源|要素|产业|化工|交界|大型|一流|国际|国家级|国家|世界级|省级|多层次|多功能|"
    "功能复合|主干水系|中心城区|组团|生物多样性|[九六五三两]大|[一二三]级|[一二两三四五六七八九十数多]条|旅游|典型|现代化|高质量|高水平|高标准|先行"
)
# One character is a kind only where it is all that is left: 海岛, 河涌, but 海珠湿地.
SHORT_KINDS = frozenset("江河湖海溪孤群")
JOINTS = "—·-"

HEAD = re.compile(rf"[\u4e00-\u9fff{JOINTS}]{{0,16}}\Z")
# 产业园区 and 岛屿 are other words.
TAIL = re.compile("|".join(f"{s}(?![区屿])" for s in sorted(SUFFIXES, key=len, reverse=True)))


def find_candidates(passages: Mapping[str, str], occurrences: Iterable[Occurrence | Account]) -> tuple[Occurrence, ...]:
    """Find words that end as place names do and whose ending lies in no listed occurrence.

    A rule of thumb, made to be quiet: it drops verbs and particles before the words, and words that name only a kind
    of place (滨海湿地, 生态廊道).

    Parameters
    ----------
    passages
        Text by passage id.
    occurrences
        What is listed already, or marked by a mention.

    Returns
    -------
    tuple
        In the order of ``passages``, then of place; their ``toponym`` is what the text has. They do not overlap.
    """
    listed: dict[str, list[tuple[int, int]]] = {}
    for o in occurrences:
        listed.setdefault(o.passage_id, []).append((o.start, o.end))
    return tuple(
        Occurrence(passage_id, start, end, text[start:end], text[start:end])
        for passage_id, text in passages.items()
        for start, end in find_longest(_find_named(text, listed.get(passage_id, ())))
    )


def _find_named(text: str, listed: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for tail in TAIL.finditer(text):
        if any(a <= tail.start() and tail.end() <= b for a, b in listed):
            continue
        head = BREAK.sub("", HEAD.search(text[: tail.start()])[0])
        name = _drop_kinds(head)
        if name:
            yield tail.start() - len(name), tail.end()


def _drop_kinds(head: str) -> str:
    """Drop words for kinds of places from the front; empty when nothing else is left."""
    head = head.strip(JOINTS)
    while match := KIND.match(head):
        head = head[match.end() :].lstrip(JOINTS)
    return "" if head in SHORT_KINDS else head
