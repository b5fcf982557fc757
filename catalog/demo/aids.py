"""What is sold in each class: names, sizes, prices, what belongs to it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Kind:
    """`sizes`: the label and its values (a size that is not a number stands alone). `price`: lowest and highest, kr."""

    code: str
    area: str
    nouns: tuple[str, ...]
    size: tuple[str, tuple[str, ...], str]
    price: tuple[int, int]
    accessories: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    facts: tuple[tuple[str, int, int, str], ...] = ()
    weight: int = 2
    pack: int = 1


_NONE = ("", ("",), "")
_SML = ("", ("Small", "Medium", "Large", "X-Large"), "")
_SEAT = ("sittbredd", ("35", "38", "40", "43", "45", "48", "50", "55"), "cm")
_SIDE = ("", ("höger", "vänster"), "")
_USER = ("Högsta brukarvikt", 100, 200, "kg")
_WEIGHT = ("Vikt", 2, 30, "kg")
_CHAIR_ACCESSORIES = (
    "Rullstolsbord", "Höftbälte", "Bålstöd", "Huvudstöd", "Käpphållare", "Korg", "Benstöd",
    "Tippskydd", "Ryggdyna", "Sidostöd", "Amputationsstöd", "Syrgashållare",
)  # fmt: skip
_CHAIR_PARTS = ("Länkhjul", "Drivhjul 24 tum", "Broms", "Armstödsplatta", "Fotplatta", "Däck massivt", "Drivring", "Lagersats", "Ryggklädsel")
_POWER_PARTS = ("Batteri 12 V", "Joystick", "Laddare", "Motor", "Styrelektronik", "Framhjul", "Kåpa", "Säkring")
_BED_PARTS = ("Handkontroll", "Ställmotor", "Hjul med broms", "Laddkabel", "Gavel", "Styrbox")

# fmt: off
KINDS: tuple[Kind, ...] = (
    Kind("040306", "vård", ("Inhalator", "Nebulisator", "PEP-mask"), _NONE, (390, 3900), ("Munstycke", "Ansiktsmask", "Väska"), ("Filter", "Slang",
         "Kompressor")),
    Kind("040321", "vård", ("Sugapparat bärbar",), _NONE, (4900, 9800), ("Väska", "Bilkabel"), ("Batteri", "Uppsamlingskärl", "Slangset")),
    Kind("040606", "vård", ("Kompressionsstrumpa", "Kompressionsärm"), _SML, (240, 1200), ("Strumppådragare",), pack=2),
    Kind("041904", "vård", ("Dosett", "Tablettdelare", "Ögondroppshållare"), _NONE, (45, 380), ("Etui",), pack=5),
    Kind("042706", "vård", ("TENS-apparat",), ("", ("2 kanaler", "4 kanaler"), ""), (890, 2400), ("Elektroder", "Väska"), ("Kabelset",
         "Batterilucka")),
    Kind("043303", "sitta", ("Sittdyna", "Tryckavlastande sittdyna", "Luftdyna"), ("", ("38 x 40 cm", "40 x 40 cm", "43 x 43 cm", "45 x 45 cm",
         "50 x 45 cm"), ""), (480, 6200), ("Inkontinensöverdrag", "Överdrag", "Handpump"), ("Ventil", "Skumkärna"), (_USER, ("Höjd", 5, 12, "cm")),
         5),
    Kind("043306", "säng", ("Madrass", "Tryckavlastande madrass", "Växeltrycksmadrass"), ("", ("80 x 200 cm", "85 x 200 cm", "90 x 200 cm",
         "105 x 200 cm"), ""), (1900, 24000), ("Madrassöverdrag", "Hygienöverdrag", "Pumphållare"), ("Luftcell", "Pump", "Dragkedja"), (_USER,
         ("Höjd", 12, 20, "cm")), 5),
    Kind("044808", "barn", ("Ståstöd", "Ståskal"), ("storlek", ("1", "2", "3"), ""), (9800, 38000), ("Bord", "Knästöd", "Huvudstöd", "Bröststöd"),
         ("Hjul", "Gaspelare"), (_USER,)),
    Kind("044821", "barn", ("Tippbräda", "Balansplatta"), _NONE, (900, 16000), ("Rem",), ("Hjul",)),
    Kind("060612", "ortos", ("Handledsortos", "Tumortos", "Viloskena"), ("", ("Small höger", "Small vänster", "Medium höger", "Medium vänster",
         "Large höger", "Large vänster"), ""), (180, 1600), ("Spännband",), weight=4),
    Kind("061206", "ortos", ("Fotledsortos", "Peroneusskena", "Dropfotsortos"), _SIDE, (240, 3400), ("Mjukdel",), weight=3),
    Kind("061209", "ortos", ("Knäortos", "Patellaortos"), _SML, (320, 4100), ("Ledskena",), ("Kardborrband",), weight=3),
    Kind("090903", "hygien", ("Strumppådragare", "Byxpådragare", "Skohorn långt"), _NONE, (55, 420), pack=1),
    Kind("091203", "hygien", ("Toalettstol flyttbar", "Mobil toalettstol"), ("sittbredd", ("43", "48", "53", "60"), "cm"), (1200, 5200),
         ("Hink med lock", "Mjuksits", "Benstöd", "Armstöd"), ("Hjul med broms", "Sits", "Fotplatta"), (_USER, _WEIGHT), 3),
    Kind("091209", "hygien", ("Toalettsits", "Mjuk toalettsits"), _NONE, (180, 900), ("Stänkskydd",), ("Fäste",)),
    Kind("091212", "hygien", ("Toalettstolsförhöjning på ram",), ("", ("fast höjd", "ställbar höjd"), ""), (780, 2300), ("Stänkskydd",), ("Doppsko",),
         (_USER,)),
    Kind("091218", "hygien", ("Toalettstolsförhöjning",), ("höjd", ("6", "10", "14"), "cm"), (320, 1300), ("Armstöd", "Mjuk dyna"), ("Fästbeslag",),
         (_USER,), 3),
    Kind("091224", "hygien", ("Toalettarmstöd", "Toalettryggstöd"), ("", ("väggmonterat", "golvstående"), ""), (690, 2600), ("Pappershållare",),
         ("Armstödsplatta",)),
    Kind("093304", "hygien", ("Badbräda",), ("längd", ("69", "73", "78"), "cm"), (280, 890), ("Handtag",), ("Gummifot",), (_USER,), 2),
    Kind("093305", "hygien", ("Badsits", "Badkarssits vridbar"), _NONE, (520, 2900), ("Ryggdyna",), ("Sugpropp",), (_USER,)),
    Kind("093307", "hygien", ("Duschstol", "Duschpall", "Duschstol med hjul", "Dusch- och toalettstol"), ("sitthöjd", ("42", "45", "48", "50"), "cm"),
         (390, 14500), ("Mjuksits", "Ryggstöd", "Armstöd", "Hygienöppning med hink", "Fotstöd", "Höftbälte", "Huvudstöd"), ("Doppsko",
         "Hjul med broms", "Sits", "Ryggklädsel"), (_USER, _WEIGHT), 6),
    Kind("093312", "hygien", ("Duschbrits", "Skötbord höj- och sänkbart"), ("längd", ("120", "150", "180"), "cm"), (12000, 46000), ("Madrass",
         "Sidogrind"), ("Slang", "Ställmotor"), (_USER,)),
    Kind("120303", "gång", ("Käpp", "Käpp hopfällbar", "Käpp ställbar"), ("", ("69–92 cm", "76–99 cm", "84–107 cm"), ""), (90, 420), ("Isdubb",
         "Handrem", "Käpphållare"), ("Doppsko", "Handtag"), (_USER,), 3),
    Kind("120306", "gång", ("Armbågskrycka", "Armbågskrycka mjukt handtag"), ("", ("barn", "vuxen", "lång"), ""), (110, 560), ("Isdubb",
         "Handtagsskydd", "Reflexsats"), ("Doppsko", "Manschett"), (_USER,), 3, 2),
    Kind("120316", "gång", ("Fyrfotskäpp", "Trefotskäpp"), _SIDE, (260, 780), ("Handrem",), ("Doppsko",), (_USER,)),
    Kind("120603", "gång", ("Gåstativ", "Gåstativ med hjul"), _SML, (420, 1800), ("Korg",), ("Doppsko", "Hjul"), (_USER,)),
    Kind("120606", "gång", ("Rollator", "Rollator inomhus", "Rollator utomhus", "Rollator lättvikt"), _SML, (690, 3600), ("Korg", "Bricka",
         "Käpphållare", "Ryggband", "Slirbroms", "Underarmsstöd", "Syrgashållare", "Belysning", "Enhandsbroms"), ("Hjul", "Bromsvajer", "Handtag",
         "Bromsbackar", "Sits"), (_USER, ("Vikt", 5, 10, "kg"), ("Sitthöjd", 48, 62, "cm")), 8),
    Kind("120609", "gång", ("Gåstol", "Gåhjälpmedel för barn"), ("storlek", ("0", "1", "2", "3"), ""), (4200, 21000), ("Bålstöd", "Underarmsstöd",
         "Sadel"), ("Hjul", "Spärr"), (_USER,)),
    Kind("120612", "gång", ("Gåbord", "Gåbord med gasfjäder", "Gåbord eldrivet"), ("", ("smal", "standard", "bred"), ""), (2900, 14900), ("Handtag",
         "Droppställning", "Korg", "Sits"), ("Gasfjäder", "Hjul med broms", "Armstödsdyna"), (_USER,), 3),
    Kind("121806", "barn", ("Trehjulig cykel", "Elcykel trehjulig"), ("hjul", ("16", "20", "24", "26"), "tum"), (9800, 42000), ("Fotplatta med band",
         "Ryggstöd", "Korg"), ("Kedja", "Pedal", "Däck"), (_USER,)),
    Kind("122203", "rullstol", ("Rullstol manuell", "Rullstol aktiv", "Komfortrullstol", "Rullstol lättvikt", "Barnrullstol"), _SEAT, (3900, 32000),
         _CHAIR_ACCESSORIES, _CHAIR_PARTS, (_USER, ("Vikt", 9, 36, "kg"), ("Sittdjup", 38, 54, "cm")), 12),
    Kind("122209", "rullstol", ("Rullstol enhandsdriven",), _SEAT, (8200, 26000), _CHAIR_ACCESSORIES[:5], _CHAIR_PARTS[:5], (_USER,)),
    Kind("122218", "rullstol", ("Transportrullstol", "Vårdarrullstol"), _SEAT, (2900, 16000), _CHAIR_ACCESSORIES[:8], _CHAIR_PARTS, (_USER, ("Vikt",
         8, 28, "kg")), 4),
    Kind("122303", "rullstol", ("Elrullstol utomhus", "Elmoped"), ("", ("8 km/h", "15 km/h"), ""), (28000, 78000), ("Korg", "Regnkapell",
         "Belysningssats", "Kryckhållare", "Backspegel"), _POWER_PARTS, (_USER, ("Räckvidd", 20, 60, "km")), 3),
    Kind("122306", "rullstol", ("Elrullstol inomhus", "Elrullstol kombi", "Elrullstol barn"), _SEAT, (36000, 145000), ("Huvudstöd", "Bord",
         "Höftbälte", "Hakstyrning", "Vårdarstyrning", "Bälte fyrpunkts", "Belysningssats", "Bensadel"), _POWER_PARTS, (_USER, ("Räckvidd", 20, 45,
         "km")), 5),
    Kind("122409", "rullstol", ("Drivaggregat till rullstol", "Elmotor påhängs"), _NONE, (12000, 49000), ("Fäste", "Reservbatteri"), _POWER_PARTS[:5],
         (("Räckvidd", 10, 30, "km"),)),
    Kind("123103", "lyft", ("Glidlakan", "Vändlakan", "Överflyttningsbräda", "Glidmatta"), ("", ("70 x 100 cm", "100 x 120 cm", "140 x 200 cm"), ""),
         (160, 3200), ("Tvättpåse",), weight=3),
    Kind("123106", "lyft", ("Vridplatta", "Vriddyna"), _NONE, (290, 2800), ("Stödhandtag",), ("Halkskydd",), (_USER,)),
    Kind("123109", "säng", ("Lyftbåge fristående",), _NONE, (890, 2900), ("Handtag ställbart",), ("Handtag", "Rem"), (_USER,)),
    Kind("123603", "lyft", ("Mobil personlyft", "Personlyft hopfällbar", "Uppresningslyft"), ("", ("160 kg", "205 kg", "260 kg"), ""), (9800, 38000),
         ("Lyftbygel", "Våg", "Transportväska", "Vadstöd", "Extrabatteri"), ("Batteri", "Handkontroll", "Laddare", "Hjul", "Ställmotor"), (_USER,),
         5),
    Kind("123612", "lyft", ("Taklyft", "Väggmonterad lyft"), ("", ("200 kg", "270 kg"), ""), (14000, 42000), ("Lyftbygel", "Taktravers", "Kurvskena",
         "Skarv"), ("Lyftband", "Batteri", "Handkontroll"), (_USER,), 3),
    Kind("123621", "lyft", ("Lyftsele", "Lyftsele hygien", "Lyftsele med huvudstöd", "Uppresningssele"), _SML, (890, 4200), ("Bendelsskydd",
         "Förlängningsband"), (), (_USER,), 5),
    Kind("150306", "kök", ("Skärbräda med spikar", "Vinklad kniv", "Fixeringsbräda"), _NONE, (75, 690), pack=1),
    Kind("150913", "kök", ("Bestickset", "Vinklad sked", "Gaffel med grovt skaft", "Ätrobot"), _SIDE, (65, 480), ("Bestickrem",), weight=2),
    Kind("150916", "kök", ("Pipmugg", "Mugg med två handtag", "Bägare med urtag"), ("", ("2 dl", "2,5 dl", "3 dl"), ""), (35, 240), ("Lock",),
         pack=6),
    Kind("180315", "säng", ("Sängbord", "Sängbord höj- och sänkbart"), _NONE, (780, 3600), ("Kantlist",), ("Hjul", "Gasfjäder")),
    Kind("180903", "sitta", ("Arbetsstol", "Arbetsstol med broms", "Arbetsstol eldriven"), ("", ("låg", "mellan", "hög"), ""), (3900, 19800),
         ("Armstöd", "Fotstöd", "Nackstöd", "Lårstöd"), ("Gaspelare", "Broms", "Hjul", "Sitsklädsel"), (_USER, ("Sitthöjd", 42, 68, "cm")), 4),
    Kind("180921", "sitta", ("Vilstol", "Uppresningsfåtölj", "Barnstol anpassad", "Sitskal"), _SML, (6900, 36000), ("Bord", "Nackkudde", "Bålstöd",
         "Fotstöd"), ("Handkontroll", "Hjul"), (_USER,), 3),
    Kind("181210", "säng", ("Säng ställbar", "Vårdsäng", "Barnsäng ställbar", "Sängryggstöd"), ("bredd", ("80", "90", "105", "120"), "cm"), (7800,
         39000), ("Sänggrind", "Lyftbåge", "Sängbord", "Droppställning", "Förlängning", "Grindskydd", "Stödhandtag"), _BED_PARTS, (_USER,
         ("Lägsta höjd", 22, 40, "cm")), 5),
    Kind("181212", "säng", ("Sänglyft", "Sänglyftare"), _NONE, (4800, 14000), ("Ribbotten",), ("Ställmotor", "Handkontroll"), (_USER,)),
    Kind("181227", "säng", ("Sänggrind", "Stödgrind"), ("längd", ("60", "90", "140"), "cm"), (690, 2900), ("Grindskydd",), ("Spärr", "Fästbeslag")),
    Kind("181806", "bostad", ("Stödhandtag", "Stödräcke", "Sugproppshandtag", "Golv-takstång"), ("längd", ("30", "45", "60", "90"), "cm"), (120,
         2400), ("Väggfäste",), ("Täcklock",), (_USER,), 3),
    Kind("183015", "bostad", ("Ramp", "Tröskelramp", "Teleskopramp"), ("längd", ("60", "100", "150", "200"), "cm"), (690, 8900), ("Halkskydd",
         "Bärväska"), ("Kantlist",), (("Högsta belastning", 200, 350, "kg"),), 3),
    Kind("220309", "syn", ("Förstoringsglas", "Förstoringslampa", "Luppglas", "Stativlupp"), ("", ("2,5x", "4x", "7x", "10x"), ""), (140, 2400),
         ("Fodral", "Bordsfäste"), ("Lampa", "Batterilucka"), weight=4),
    Kind("220318", "syn", ("Läs-tv", "Förstorande videosystem", "Handhållen läskamera"), ("skärm", ("5", "7", "24"), "tum"), (6900, 42000),
         ("Läsbord", "Väska"), ("Skärm", "Nätadapter"), (("Förstoring", 20, 75, "gånger"),), 3),
    Kind("220615", "hörsel", ("Hörapparat bakom örat", "Hörapparat laddbar"), ("", ("lätt nedsättning", "medelsvår nedsättning", "svår nedsättning"),
         ""), (1900, 8800), ("Laddstation", "Streamer", "Fjärrkontroll", "Torkburk"), ("Hörslang", "Krok", "Mikrofonskydd"), (("Batteritid", 18, 30,
         "timmar"),), 5),
    Kind("220627", "hörsel", ("Samtalsförstärkare", "Hörslinga", "Ringklocka med blixt", "Väckarklocka vibrerande", "Mikrofon trådlös"), _NONE, (480,
         6900), ("Kudde-vibrator", "Halsslinga", "Väggfäste"), ("Nätadapter", "Batteri"), weight=4),
    Kind("220906", "tal", ("Röstförstärkare",), _NONE, (1900, 5400), ("Headset", "Midjeväska"), ("Batteri", "Mikrofonkudde")),
    Kind("221803", "syn", ("Daisyspelare", "Talboksspelare", "Diktafon"), _NONE, (980, 5200), ("Hörlurar", "Väska"), ("Nätadapter",)),
    Kind("222103", "tal", ("Symboltavla", "Bokstavstavla", "Pekprata-karta"), ("", ("A4", "A3"), ""), (90, 980), ("Bordsställ",)),
    Kind("222109", "tal", ("Samtalsapparat", "Talande knapp", "Ögonstyrd dator"), _NONE, (1400, 98000), ("Rullstolsfäste", "Bordsfäste", "Bärrem",
         "Ramverk för tangenter"), ("Batteri", "Laddare"), weight=3),
    Kind("222715", "kognition", ("Handdator för planering", "Veckotavla", "Kvartur", "Dagkalender digital"), _NONE, (390, 9800), ("Skal", "Väggfäste",
         "Magneter"), ("Nätadapter",), weight=3),
    Kind("222718", "kognition", ("Trygghetslarm", "Rörelselarm", "Epilepsilarm", "Dörrlarm"), _NONE, (1200, 14000), ("Klämma", "Mottagare",
         "Armband"), ("Batteri", "Sändare"), weight=3),
    Kind("240603", "kök", ("Burköppnare", "Flasköppnare", "Locköppnare"), _NONE, (45, 560), pack=1),
    Kind("241303", "kognition", ("Omgivningskontroll", "Fjärrkontroll enkel", "Dörröppnare fjärrstyrd"), _NONE, (590, 16000), ("Fäste", "Mottagare"),
         ("Batterilucka",)),
    Kind("242103", "gång", ("Griptång", "Griptång hopfällbar", "Plocktång med magnet"), ("längd", ("50", "60", "70", "80"), "cm"), (85, 460),
         ("Underarmsstöd",), ("Gripklo", "Vajer"), weight=3),
    Kind("270306", "syn", ("Läslampa", "Golvlampa för synsvaga"), _NONE, (690, 4200), ("Bordsklämma",), ("Lysrör", "Transformator")),
    Kind("280303", "bostad", ("Arbetsbord höj- och sänkbart",), ("bredd", ("80", "120", "160"), "cm"), (3900, 16000), ("Kantlist", "Hurts"),
         ("Handkontroll", "Ställmotor")),
    Kind("300303", "barn", ("Leksak kontaktstyrd", "Sinnesboll", "Gungdjur med stöd"), _NONE, (190, 4600), ("Kontakt", "Bälte"), ("Batterilucka",)),
    Kind("300909", "barn", ("Bocciaränna", "Bollhållare"), _NONE, (390, 5900), ("Väska",)),
)
# fmt: on

MODELS = (
    "Allround", "Alva", "Ambra", "Aspen", "Atlas", "Aura", "Birka", "Bris", "Cirrus", "Comet", "Delta", "Duett", "Ekla", "Elipse", "Embla", "Fenix",
    "Fjäder", "Flexa", "Freja", "Fröja", "Glimma", "Granit", "Gunga", "Hamra", "Havsvik", "Idun", "Jolle", "Juni", "Kajsa", "Kelva", "Klara", "Lagun",
    "Lätta", "Lind", "Luna", "Lyra", "Maja", "Mistral", "Mjuka", "Nimbus", "Nova", "Näva", "Orion", "Orust", "Panda", "Pax", "Pilot", "Prima", "Puls",
    "Ronja", "Rörö", "Saga", "Sela", "Siljan", "Sirius", "Skagen", "Solo", "Sprint", "Stadig", "Stella", "Svea", "Tindra", "Tjörn", "Trygga", "Tuva",
    "Ulva", "Vega", "Vide", "Vila", "Vinga", "Viola", "Vista", "Vänern", "Zenit", "Åre", "Älva", "Ömsa", "Östra",
)  # fmt: skip
SUPPLIER_FIRST = (
    "Norrby", "Västervik", "Älvsbo", "Högås", "Tallmo", "Björkdal", "Fjällnäs", "Skärlunda", "Ekeby", "Lindvalla", "Mossbo", "Solhaga", "Åkerby",
    "Öjersta", "Granlid", "Hallby", "Kvarnholm", "Strandvik", "Ängslund", "Rönnby", "Sjövalla", "Bergåsa", "Almnäs", "Furulund", "Hedby", "Klintby",
    "Ljungsta", "Nyvalla", "Storåsa", "Vikby",
)  # fmt: skip
SUPPLIER_LAST = (
    "Hjälpmedel AB", "Rehab AB", "Medicinteknik AB", "Mobilitet AB", "Omsorgsprodukter AB", "Ergonomi AB",
    "Vårdteknik AB", "Produkter i Väst AB", "Nordic AB", "Care & Komfort AB",
)  # fmt: skip
COLOURS = ("svart", "grå", "blå", "röd", "silver", "grön")
