"""What Fern & Kettle sells: teas, tisanes, teaware and accessories."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on the shelf; prices in minor units, `standard_rated` is the British VAT class."""

    sku: str
    title: str
    vendor: str
    eur: int
    gbp: int
    standard_rated: bool

    def price(self, currency: str, years_ago: int) -> int:
        """What it cost then: prices went up a little every spring."""
        now = self.eur if currency == "EUR" else self.gbp
        return max(90, round(now * 0.97**years_ago / 10) * 10)


# Euro cents for 100 g. The first of each list is what most people come for.
TEAS = {
    "Uji Morning": (
        "SEN:Sencha, first flush:1850 HOJ:Hojicha:1240 GEN:Genmaicha:1180 GYO:Gyokuro, shaded:3900 "
        "KUK:Kukicha, stems:1390 FUK:Fukamushi sencha:1920 KAB:Kabusecha:2450 BAN:Bancha:890 "
        "TAM:Tamaryokucha:1760 IRI:Kamairicha:1890 SHI:Shincha of May:2650 ASA:Asanoka:2100 "
        "KYO:Kyobancha, smoked:1290 SAE:Saemidori:2380 OKU:Okumidori:2290 YAB:Yabukita:1680"
    ),
    "Old Garden Cooperative": (
        "DAR:Darjeeling, first flush:1980 DA2:Darjeeling, second flush:1790 ASS:Assam "
        "Mangalam:1190 "
        "NIL:Nilgiri Frost:1240 SIK:Sikkim Temi:1520 DOO:Dooars:980 CEY:Ceylon Uva:1090 "
        "DIM:Ceylon Dimbula:1060 NUW:Nuwara Eliya:1310 KEN:Kenya Kericho:990 RWA:Rwanda "
        "Rukeri:1120 "
        "MAL:Malawi Satemwa:1340 NEP:Nepal Jun Chiyabari:2080 GEO:Georgian Guria:1270 AZO:São "
        "Miguel:1150"
    ),
    "Wuyi House": (
        "LAP:Lapsang souchong:1420 KEE:Keemun Mao Feng:1680 YUN:Golden Yunnan:1590 TIE:Tie Guan "
        "Yin:2190 "
        "DHP:Da Hong Pao:2980 MIX:Mi Lan Xiang:2760 SHX:Shui Xian:2240 LON:Long Jing:2690 "
        "BLC:Bi Luo Chun:2890 HUA:Huang Shan Mao Feng:2350 GUN:Gunpowder, organic:1090 "
        "CHU:Chun Mee:980 JAS:Jasmine pearls:2480 JAG:Jasmine green:1220 BMD:Bai Mu Dan:1640 "
        "YIN:Yin Zhen silver needle:3850 SHO:Shou Mei:1190 PUE:Pu-erh, cooked, 2015:1880 "
        "PUS:Pu-erh, raw, Bulang:2590 LIU:Liu Bao:1740 ROU:Rou Gui:2870 HJY:Huo Shan yellow:2720"
    ),
    "Alishan Growers": (
        "ALI:Alishan high mountain oolong:2790 DON:Dong Ding:2360 BAO:Bao Zhong:2290 "
        "OBE:Oriental Beauty:3190 RUB:Ruby No. 18:2480 MIL:Milk oolong:1990 GAB:GABA oolong:2380"
    ),
    "Fern & Kettle": (
        "EAR:Earl Grey with cornflower:1150 EBR:English breakfast:980 LAD:Lady Ghent:1240 "
        "CHA:Masala chai:1190 MOR:Mint gunpowder:1080 RUS:Samovar blend:1260 NIG:Night train:1320 "
        "ROS:Rose congou:1380 BER:Bergamot oolong:1590 GIN:Ginger lemon black:1120 "
        "VAN:Vanilla Bourbon black:1290 WIN:Winter market:1340 SPR:Spring canal:1290 "
        "APP:Apple & quince green:1240 CAR:Caramel rooster:1270 OFF:Office brick:940"
    ),
}
TISANES = {
    "Kruidenhof Meetjesland": (
        "VER:Verbena, whole leaf:1290 CAM:Camomile flowers:990 MEN:Peppermint:890 LIN:Linden "
        "blossom:1090 "
        "SAG:Sage & honeybush:1150 ELD:Elderflower:1240 NET:Nettle & oat:920 FEN:Fennel, anise, "
        "caraway:880 "
        "LEM:Lemon thyme:1080 HIB:Hibiscus & rosehip:940 LAV:Lavender evening:1180 GBR:Ginger & "
        "turmeric:1120"
    ),
    "Cederberg Farm": (
        "ROO:Rooibos, plain:940 ROV:Rooibos vanilla:1040 ROC:Rooibos chai:1090 ROG:Green "
        "rooibos:1120 "
        "HON:Honeybush:1070 ROL:Rooibos lemon:1060"
    ),
    "Yerba & Friends": "MAT:Mate, green:1080 "
    "MAR:Mate, roasted:1120 GUA:Guayusa:1340 CAS:Cascara:1280",
}
GLAZES = ("rust", "ink", "moss", "ash", "oat")
TEAWARE = {
    "Atelier Kiln": (
        "KYU:Kyusu teapot:6400 HOU:Hohin, 180 ml:5800 SHB:Shiboridashi:5200 POT:Round teapot, 0.8 "
        "l:4900 "
        "PO2:Round teapot, 1.2 l:5900 GAI:Gaiwan:3400 CUP:Yunomi cup:1900 MUG:Tall mug:2200 "
        "BOW:Matcha bowl:3900 "
        "CAN:Ceramic canister, large:2900 CAS:Ceramic canister, small:2200 TRA:Serving tray:4400 "
        "SAU:Saucer:850"
    ),
}
SINGLES = {
    "Ghent Copper Works": (
        "IRO:Cast-iron kettle, 1.1 l:9800 COP:Copper kettle, 1.5 l:13900 GOO:Gooseneck kettle, "
        "electric:11900 "
        "STO:Stove kettle, enamel:4900 STA:Warming stand, brass:3600 TRI:Trivet, cast iron:1900"
    ),
    "Takayama Bamboo": (
        "WHI:Matcha whisk, 100 prongs:1750 WH8:Matcha whisk, 80 prongs:1490 SCO:Matcha scoop:650 "
        "WST:Whisk stand, porcelain:1290 STR:Bamboo strainer:590 TON:Tea tongs:450 SET:Matcha "
        "starter set:5400"
    ),
    "Glass & Steam": (
        "GLP:Glass teapot, 0.6 l:3200 GL2:Glass teapot, 1.0 l:3900 GCU:Double-walled glass, "
        "pair:2400 "
        "GPI:Cold brew bottle, 0.75 l:2700 GTI:Glass tea timer, three minutes:1250 FAI:Fairness "
        "jug:1650"
    ),
    "Fern & Kettle": (
        "FIL:Paper filters, size 2, 100 pieces:490 FI4:Paper filters, size 4, 100 pieces:590 "
        "INF:Steel infuser basket:1390 BAL:Tea ball, mesh:650 TIN:Tin, plain, 100 g:590 TI2:Tin, "
        "plain, 250 g:790 "
        "SPO:Measuring spoon, walnut:890 SCA:Pocket scale, 0.1 g:2400 THE:Thermometer clip:1490 "
        "COZ:Tea cosy, Flemish wool:3400 TOW:Linen tea towel:1450 CLO:Tea cloth, chabako:1190 "
        "HNY:Linden honey, 250 g:890 KAN:Kandis sugar, brown, 500 g:540 SPE:Speculoos, 200 g:620 "
        "SHB:Shortbread with Earl Grey:740 BOO:Notes on tea, paperback:1800 GIF:Gift box, twelve "
        "teas:3900 "
        "GI6:Gift box, six tisanes:2400 WRA:Furoshiki wrapping cloth:1600 BRU:Teapot brush:690 "
        "DES:Descaler, citric:540"
    ),
}
LONG_TITLE = (
    "The Fern & Kettle Advent Calendar: twenty-four teas and tisanes in hand-folded paper drawers, "
    "with a booklet on water, time and temperature, a measuring spoon of Flemish walnut, and one "
    "small surprise for the patient (large edition, with refills)"
)
MATCHA = (
    "MCH:Matcha, ceremonial, 30 g:2900 MCD:Matcha, daily, 30 g:1800 MCK:Matcha, kitchen, 100 g:1600"
)
SIZES = (("100", "100 g", 1.0), ("250", "250 g", 2.25), ("050", "50 g", 0.55))
FAVOURITES = ("FK-SEN-100", "FK-KYU-RUS", "FK-CAN-RUS", "FK-WHI", "FK-HOJ-100", "FK-GEN-100")


def catalogue(products: int, rng: Random) -> list[Product]:
    """The first `products` of the range, best known first; the six favourites are always there."""
    everything = list(_everything())
    if not len(FAVOURITES) < products <= len(everything):
        raise ValueError(f"the range holds {len(FAVOURITES) + 1} to {len(everything)} products")
    by_sku = {product.sku: product for product in everything}
    first = [by_sku.pop(sku) for sku in FAVOURITES]
    last = by_sku.pop("FK-ADV-24")
    rest = list(by_sku.values())
    rng.shuffle(rest)
    return [*[*first, *rest][: products - 1], last]


def _everything() -> Iterator[Product]:
    for shelf in (TEAS, TISANES):
        for vendor, code, title, cents in _entries(shelf):
            for suffix, label, factor in SIZES:
                yield _product(
                    f"{code}-{suffix}", f"{title}, {label}", vendor, cents * factor, False
                )
    for vendor, code, title, cents in _entries(TEAWARE):
        for glaze in GLAZES:
            yield _product(f"{code}-{glaze[:3].upper()}", f"{title}, {glaze}", vendor, cents, True)
    for vendor, code, title, cents in _entries(SINGLES):
        yield _product(code, title, vendor, cents, True)
    for vendor, code, title, cents in _entries({"Uji Morning": MATCHA}):
        yield _product(code, title, vendor, cents, False)
    yield _product("ADV-24", LONG_TITLE, "Fern & Kettle", 8900, True)


def _entries(shelf: dict[str, str]) -> Iterator[tuple[str, str, str, int]]:
    for vendor, text in shelf.items():
        # An entry starts at a three-character code before a colon and ends with its price.
        entry = ""
        for word in text.split():
            entry = f"{entry} {word}".strip()
            code, *title, cents = entry.split(":")
            if title and cents.isdigit():
                yield vendor, code, ":".join(title), int(cents)
                entry = ""


def _product(code: str, title: str, vendor: str, cents: float, standard_rated: bool) -> Product:
    eur = round(cents / 10) * 10
    return Product(f"FK-{code}", title, vendor, eur, round(eur * 0.87 / 25) * 25, standard_rated)
