"""The words in which residents are told what the plan says, in Chinese and English; read by `gzmap.query.plainly`."""

from __future__ import annotations

from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

SUBJECTS: dict[str, tuple[str, str]] = {
    "nature": ("山林、湿地和公园", "Hills, wetlands and parks"),
    "water": ("河流和海", "Rivers and the sea"),
    "walk": ("散步、骑行和亲水", "Walking, cycling and watersides"),
    "travel": ("出行和运输", "Getting around"),
    "homes": ("社区、乡镇和乡村", "Neighbourhoods, towns and villages"),
    "work": ("产业和能源", "Industry and energy"),
    "learn": ("文化、教育和体验", "Culture and learning"),
    "waste": ("垃圾、污水和回收", "Waste, sewage and recycling"),
    "partners": ("与周边城市合作", "Working with neighbouring cities"),
    "layout": ("全市怎样布局", "How the city is laid out"),
    "guarded": ("要严加看护和管理的地方", "Places to be guarded or controlled"),
    "other": ("其他", "Other"),
}
"""What a resident looks for, in the order in which it is told."""

SUBJECT_OF: dict[str, str] = {
    # by theme of the catalogue
    "rural": "homes",
    "cooperation": "partners",
    "structure": "layout",
    "industry": "work",
    "waterside": "walk",
    "ecology": "nature",
    "frame": "water",
    # by layer, or layer and category, where the theme holds several subjects
    "mountains": "nature",
    "wetlands": "nature",
    "platform_areas/garden": "nature",
    "platforms/culture": "learn",
    "platforms/venue": "learn",
    "unsited/energy": "work",
    "unsited/transport": "travel",
    "unsited/industry": "work",
    "unsited/waste": "waste",
    "unsited/ecology": "nature",
    "unsited/settlement": "homes",
    "unsited/culture": "learn",
    "unsited/sensitive": "guarded",
}

WHAT: dict[str, tuple[str, str]] = {
    "cooperation/new_area": ("重点建设的新区", "a new area being developed"),
    "cooperation/demo": ("与香港、澳门合作的示范区", "an area for working with Hong Kong and Macao"),
    "cooperation/zone": ("集中发展产业的片区", "an area where industry is gathered"),
    "spatial_structure/structure": (
        "山、水、城怎样布局的一种说法",
        "a way to describe how hills, waters and city are laid out",
    ),
    "spatial_structure/image": ("规划为一片地方打造的城市名片", "a name by which an area is to be known"),
    "spatial_structure/reserve": ("自然保护地怎样分布的安排", "how nature reserves are to be spread"),
    "pilot_area": (
        "县城、乡镇和村庄一起发展的先行片区",
        "an area where county towns, townships and villages lead the way",
    ),
    "basins": ("一条河和汇入它的所有小河流过的地方", "the land drained by one river and its side streams"),
    "coast/sea": ("近海的水面", "waters near the coast"),
    "coast/habitat": ("海边的湿地", "wetland by the sea"),
    "coast/shore": ("海边的岸线", "shore of the sea"),
    "eco_patches/forest": ("以保护为主的大片山林", "a large area of hills and forest to be cared for"),
    "eco_patches/farm": ("大片的农田和林地", "a large area of farmland and woods"),
    "eco_patches/coastal": ("海边大片的自然地带", "a large natural area by the sea"),
    "biodiversity_hotspots": (
        "动物和植物种类特别多的山林",
        "hills and forest with especially many kinds of animals and plants",
    ),
    "mountains": ("山", "a hill"),
    "wetlands/wetland": ("湿地", "a wetland"),
    "wetlands/island": ("江中的岛", "an island in the river"),
    "eco_nodes": ("把各片绿地连起来的重要一环", "a link between larger green areas"),
    "platform_areas/bay": ("重点建设的海湾片区", "a bay area being developed"),
    "platform_areas/garden": ("植物园", "a botanical garden"),
    "flyways/flyway": ("候鸟迁徙路上停歇的地方", "where migrating birds rest"),
    "flyways/waterbird": ("水鸟来往和栖息的地方", "where waterbirds live and pass"),
    "border_coop": (
        "与邻市交界的一带，两边一起治理河流和环境",
        "along the city's border, both sides clean up rivers and environment together",
    ),
    "bird_fish": ("让鸟、鱼、虫重新安家的水道", "waters where birds, fish and insects are to live again"),
    "waterfronts": ("人人可以走近的江边", "riverside that everyone can reach"),
    "eco_corridors": ("让动物来往、让绿地相连的通道", "a green passage that joins habitats and lets animals move"),
    "blueways/blueway": ("供人散步、骑行的路，大多沿着水", "a path for walking and cycling, mostly along the water"),
    "blueways/greenbelt": ("沿河可以休闲的绿带", "a green belt along the river"),
    "blueways/network": ("许多条沿水步道连成的网", "many paths along the water that form a network"),
    "waterways/channel": ("河道", "a river channel"),
    "waterways/estuary": ("通向大海的水道", "a channel to the sea"),
    "waterways/river": ("河流", "a river"),
    "waterways/stream": ("小河（河涌）", "a stream"),
    "green_rings/ring": (
        "串起山水田园、可以慢慢走和骑的环路",
        "rings through hills, waters and fields for walking and cycling",
    ),
    "green_rings/chain": ("环绕海湾的绿带", "a green belt around the bay"),
    "coast_sites": ("长在海边泥滩上的树林", "woods that grow on tidal mud"),
    "beautiful_units": ("先行改善环境、带动发展的片区", "an area where a better environment is to bring development"),
    "hot_springs": ("温泉康养的片区", "an area of hot springs and wellness"),
    "green_industry/health": ("做健康产业的园区", "a park for health industry"),
    "green_industry/circular": ("处理和再利用废弃物的园区", "a park where waste is treated and reused"),
    "energy_parks": ("做储能产业的园区", "a park for industry that stores electricity"),
    "platforms/carbon": ("帮助减少碳排放的机构", "an institution that helps to cut carbon emissions"),
    "platforms/culture": ("介绍生态环境的场所", "a place that tells about the environment"),
    "platforms/data": ("利用环境数据的基地", "a base for using environmental data"),
    "platforms/venue": ("体育场馆", "sports venues"),
}
"""What a thing is, by layer and category, or by layer."""

VERBS: dict[str, str] = {
    "spatial_structure": "形成",
    "border_coop": "推进",
    "bird_fish": "修复",
    "coast_sites": "保护",
    "beautiful_units": "培育",
    "hot_springs": "打造",
}
"""What the Chinese text says is done with what is proposed, by layer; `BUILD` where a layer is not named."""

BUILD = "建设"

NAMES: dict[str, tuple[str, str]] = {
    "eco_corridors/vertical": ("“{name}”生态廊道", "the green corridor {name}"),
    "eco_corridors/horizontal": ("“{name}”生态廊道", "the green corridor {name}"),
    "beautiful_units": ("美丽单元“{name}”", "the “beautiful unit” {name}"),
    "border_coop": ("“{name}”的合作", "{name}"),
}
"""How a thing is called whose name alone would be taken for something else, such as 北二环; by layer and category."""

FRAMES: dict[str, tuple[str, str]] = {
    "existing": ("{name}{at}：{what}，现在已有。", "{name}{at}: {what}; it exists today."),
    "building": ("{name}{at}：{what}，已经开始建设。", "{name}{at}: {what}; work on it has begun."),
    "proposed": ("规划提出{within}{verb}{name}：{what}。", "The plan proposes {name}{at}: {what}."),
    # what has always been there
    "natural": ("{name}{at}：{what}。", "{name}{at}: {what}."),
    # what is told by its kind only
    "kind/existing": ("规划里写到{name}。", "The plan speaks of: {name}."),
    "kind/proposed": ("规划里写到要有{name}。", "The plan calls for: {name}."),
    "guarded": ("规划要求管好{name}。", "To be kept under control: {name}."),
}
"""What is said of a thing, by its status or what it is."""

NATURAL = (
    *("waterways", "basins", "coast", "mountains", "wetlands", "flyways"),
    *("eco_patches", "biodiversity_hotspots", "eco_nodes", "spatial_structure"),
)
"""Layers of what nobody builds."""

KINDS = "unsited"
"""The layer of what the plan names by its kind only."""

POSITIONS: dict[str, tuple[str, str]] = {
    "known": ("位置比较可靠，误差约 {d}。", "The position is fairly sure, within about {d}."),
    "rough": ("位置只知道大概，误差可达 {d}。", "The position is known only roughly; it may be off by {d}."),
    "area": (
        "只知道大致在哪一带，误差可达 {d}。",
        "Only the general area is known; the position may be off by {d}.",
    ),
    "district": (
        "只知道在{where}，没有找到公开的具体位置，地图上没有画。",
        "Only the district is known ({where}); no public position was found, so it is not on the map.",
    ),
    "everywhere": ("遍布全市，地图上没有画。", "All over the city; it is not on the map."),
    "unknown": (
        "没有写明具体在哪里，地图上没有画。",
        "Nothing says where exactly; it is not on the map.",
    ),
    "withheld": (
        "规划没有写明在哪里；这类地方，本图一律不标位置。",
        "The plan does not say where; this map never shows places of this kind.",
    ),
}
"""How sure the position is, by `residents.POSITIONS`."""

SKETCH = (
    "图上画的只是示意，不是边界。",
    "What the map draws is a sketch, not a boundary.",
)
ERROR_UNKNOWN = ("误差不详", "an unknown distance")

RELATIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("contains", "certain"): ("您选的位置就在里面。", "The position you chose is inside."),
    ("contains", "possible"): ("您选的位置可能在里面。", "The position you chose may be inside."),
    ("around", "possible"): ("它可能就在您选的位置一带。", "It may be around the position you chose."),
    ("near", "certain"): ("离您选的位置约 {d}。", "About {d} from the position you chose."),
    ("near", "possible"): (
        "可能在您选的位置附近，图上相距约 {d}。",
        "It may be near the position you chose; about {d} away on the map.",
    ),
}
"""How a thing lies to the position, by relation and certainty."""

EXTENTS: dict[str, tuple[str, str]] = {
    "km": ("在{where}的长度约 {n} 公里。", "About {n} km of it lie in {where}."),
    "km2": ("在{where}的面积约 {n} 平方公里。", "About {n} km² of it lie in {where}."),
}
UNWRITTEN = (
    "规划原文写的是“{words}”，没有写出这个名称；名称出自其他公开资料，或是本图归纳的。",
    "The plan's own words are “{words}”. It does not write this name, which comes from other public sources or from "
    "this map.",
)

GLOSSARY: dict[str, tuple[str, str]] = {
    "碳普惠": ("把少开车、节电这类做法记下来并给奖励", "low-carbon habits are recorded and rewarded"),
    "加氢站": ("给氢能汽车加氢气的站", "a filling station for hydrogen vehicles"),
    "制氢加氢": ("在站里制出氢气，再给车加上", "hydrogen is made and filled at one station"),
    "生物质": ("秸秆、树枝一类可以烧来发电的东西", "straw, branches and the like, burnt for electricity"),
    "光伏一体化": ("把太阳能板做进屋顶和墙面", "solar panels are part of roof and walls"),
    "近零能耗": ("几乎不用外来的能源就住得舒适", "comfortable with hardly any energy from outside"),
    "零排放": ("行驶时不排放废气", "without exhaust on the road"),
    "岸电": ("船靠码头时用岸上的电，不烧油", "ships use power from the quay instead of burning oil"),
    "再制造": ("把旧零件修到和新的一样", "old parts are made as good as new"),
    "消纳场": ("堆放和处理渣土的场地", "a site that takes in earth and rubble"),
    "过滤带": ("种在田边水边，拦住污水和泥沙的草木", "plants that hold back dirty water and soil"),
    "隔离带": ("把不同用途的土地隔开的绿带", "a green belt between land of different use"),
    "迁地保护": ("把濒危的动植物移到别处照料", "endangered species are looked after elsewhere"),
    "扩繁": ("人工培育，让数量多起来", "bred and raised to become more"),
    "近自然林": ("照着自然林的样子种的树林", "woods planted to be like natural ones"),
    "立体绿化": ("在墙面、屋顶、天桥上种花种草", "plants on walls, roofs and footbridges"),
    "微生态空间": ("小块的绿地、水池一类地方", "small green spots, ponds and the like"),
    "圩镇": ("乡镇里有集市的老镇区", "a market town"),
    "古驿道": ("古时候送信运货走的路", "old roads of messengers and traders"),
    "非遗": ("非物质文化遗产，如广绣、广彩", "intangible heritage, such as embroidery and porcelain"),
    "碳计量": ("测算排放了多少碳", "measuring how much carbon is emitted"),
    "碳排放权": ("可以排放多少碳的额度", "the right to emit an amount of carbon"),
    "投融资": ("为项目筹钱和投钱", "raising and investing money for projects"),
    "数据要素": ("可以开发利用的数据", "data that can be put to use"),
    "盐沼": ("海边长草的咸水湿地", "grassy wetland in salt water"),
    "滩涂": ("涨潮淹没、退潮露出的泥滩", "mud that the tide covers and bares"),
    "储能": ("把电存起来", "storing electricity"),
}
"""Hard words in names, and what they mean."""

TERM = ("“{term}”：{meaning}。", "{term}: {meaning}.")

SCOPES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "asked": (("您查的地方", "The place you asked for"), ("", "")),
    "near": (
        ("这里和附近", "Here and close by"),
        ("离所选位置 {d}以内，或者可能就在这里。", "Within {d} of the position you chose, or possibly there."),
    ),
    "district": (("{where}", "{where}"), ("只与{where}有关。", "What concerns {where} alone.")),
    "several": (
        ("{where}和其他区", "{where} and other districts"),
        ("经过或涉及几个区，{where}是其中之一。", "What concerns several districts, {where} among them."),
    ),
    "city": (
        ("全市", "The whole city"),
        (
            "关系到全市，或规划没有写明在哪个区。",
            "What concerns the whole city, or where the plan names no district.",
        ),
    ),
}
"""Titles and explanations of the groups, by `residents.SCOPES`."""

ALL_DISTRICTS = ("全市各区", "all districts")
SEVERAL_DISTRICTS = ("{first}等 {n} 个区", "{first} and others, {n} districts in all")

BASIS = (
    "根据{edition_date}的{edition}整理；{formal}地图只作示意，不能作为办事的依据。",
    "Taken from the {edition} of {edition_date}. {formal}The map is a sketch and no basis for official matters.",
)
FORMAL = ("正式文本已于{issued}印发，内容可能不同。", "The formal text of {issued} may differ. ")
