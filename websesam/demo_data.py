"""The demo's data, as data: who gives care, where, who pays, who works there and whom they care for. `load_demo` makes rows of it.

All of it is invented except the names and codes of the region and its municipalities, VGR's organisation number, and the patients' numbers,
which are test numbers that Skatteverket publishes (a copy of some, so that the demo needs nothing from the tests) or examples published with
the formats of the reserve numbers. Telephone numbers are from the series that PTS keeps for fiction (031-390 06 00 to 99, 070-174 06 05 to 99,
08-465 004 00 to 99), mail addresses end in example.se.
"""

from dataclasses import dataclass

from core.numbers import luhn_digit
from patients.identifiers import Identifier, IdentityType


@dataclass(frozen=True)
class Provider:
    """`kind` is REGION, MUNICIPALITY or PRIVATE; only a municipality has a code."""

    hsa_id: str
    name: str
    kind: str
    municipality_code: str = ""


@dataclass(frozen=True)
class Unit:
    hsa_id: str
    provider_hsa_id: str
    name: str
    phone: str
    street: str
    postal_code: str
    city: str
    is_hospital: bool = False


@dataclass(frozen=True)
class Customer:
    """A kundnummer of a unit. Each unit has one that is its standard."""

    number: str
    unit_hsa_id: str
    name: str
    payer_number: str
    payer_name: str
    is_standard: bool = True


@dataclass(frozen=True)
class DeliveryPoint:
    number: str
    provider_hsa_id: str
    name: str
    street: str
    postal_code: str
    city: str
    door_code: str = ""


@dataclass(frozen=True)
class Persona:
    """Somebody to log in as; `assignments` are (HSA-id of the unit, role)."""

    hsa_id: str
    name: str
    title: str
    phone: str
    email: str
    assignments: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DemoPatient:
    """`door_code` empty: there is none. `opened_by`: HSA-ids of the units that have confirmed a care relation.

    A protected person (`protection` MARKED) has no address, telephone or contact here, as in the register.
    """

    identifier: Identifier
    given_name: str
    family_name: str
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    care_of: str = ""
    door_code: str = ""
    contact_name: str = ""
    contact_relation: str = ""
    contact_phone: str = ""
    protection: str = "NONE"
    opened_by: tuple[str, ...] = ()


class NotLoadable(Exception):
    """The identity must not be loaded: it is no known test number, or the environment is production. The text never repeats the number."""


# Skatteverket's test numbers that the demo uses; tests/websesam/test_demo_data.py holds them against the published lists.
_TEST_PERSONNUMMER = """
192004269235 192109279204 192303289256 192404019248 192509049249 192605218110 192805028939 192902079264 193005057058 193103249078
193108099163 193208097448 193304099173 193404129094 193503189049 193505098743 193610277448 193708019231 193805179177 193812217044
193906179183 194008259287 194101106393 194106177753 194208106593 194306113475 194401012390 194504302383 194512267743 194609144706
194707272649 194801141864 194807292547 194910132507 195005202360 195202131578 195310022107 195502272684 195608082656 195712302842
195907029911 196101242797 196310262628 196604072659 196809139295 197105319284 197503309176 197805292385 198205122396 198706252387
199208022393 199706122380 200209302397 200708202395 201209082393 201704062395 202201072390
"""
TEST_NUMBERS = {
    IdentityType.PERSONNUMMER: frozenset(_TEST_PERSONNUMMER.split()),
    IdentityType.SAMORDNINGSNUMMER: frozenset({"199511872385"}),
    IdentityType.VGR_RESERV: frozenset({"19810829M071"}),
    IdentityType.NRID: frozenset({"22950606FH20"}),
}


def require_loadable(identifier: Identifier, *, environment: str) -> None:
    """Raise NotLoadable unless `identifier` is one of the known test numbers and `environment` is not production.

    A correct check digit is not enough: such a number may belong to somebody.
    """
    if environment == "production":
        raise NotLoadable("Test persons are never loaded in production")
    if identifier.value not in TEST_NUMBERS.get(identifier.type, frozenset()):
        raise NotLoadable("Only published test numbers may be loaded as test persons")


def _invented_owner(digits: str) -> str:
    """An HSA prefix of an organisation number that we made up (9999…), with a correct check digit: not taken from any register."""
    return f"SE9999{digits}{luhn_digit(f'9999{digits}')}"


# --- Care providers: the region, its 49 municipalities, three invented companies -------------------

VGR = "SE2321000131"

# Code, name, and the town of its home care unit.
_MUNICIPALITIES = """
1401;Härryda kommun;43530;Mölnlycke | 1402;Partille kommun;43330;Partille | 1407;Öckerö kommun;47540;Öckerö
1415;Stenungsunds kommun;44431;Stenungsund | 1419;Tjörns kommun;47131;Skärhamn | 1421;Orust kommun;47330;Henån
1427;Sotenäs kommun;45631;Kungshamn | 1430;Munkedals kommun;45530;Munkedal | 1435;Tanums kommun;45730;Tanumshede
1438;Dals-Eds kommun;66830;Ed | 1439;Färgelanda kommun;45830;Färgelanda | 1440;Ale kommun;44930;Nödinge
1441;Lerums kommun;44330;Lerum | 1442;Vårgårda kommun;44730;Vårgårda | 1443;Bollebygds kommun;51730;Bollebygd
1444;Grästorps kommun;46730;Grästorp | 1445;Essunga kommun;46530;Nossebro | 1446;Karlsborgs kommun;54630;Karlsborg
1447;Gullspångs kommun;54830;Hova | 1452;Tranemo kommun;51430;Tranemo | 1460;Bengtsfors kommun;66630;Bengtsfors
1461;Melleruds kommun;46430;Mellerud | 1462;Lilla Edets kommun;46330;Lilla Edet | 1463;Marks kommun;51130;Kinna
1465;Svenljunga kommun;51230;Svenljunga | 1466;Herrljunga kommun;52430;Herrljunga | 1470;Vara kommun;53430;Vara
1471;Götene kommun;53330;Götene | 1472;Tibro kommun;54330;Tibro | 1473;Töreboda kommun;54530;Töreboda
1480;Göteborgs Stad;41118;Göteborg | 1481;Mölndals stad;43130;Mölndal | 1482;Kungälvs kommun;44230;Kungälv
1484;Lysekils kommun;45330;Lysekil | 1485;Uddevalla kommun;45130;Uddevalla | 1486;Strömstads kommun;45230;Strömstad
1487;Vänersborgs kommun;46230;Vänersborg | 1488;Trollhättans stad;46130;Trollhättan | 1489;Alingsås kommun;44130;Alingsås
1490;Borås Stad;50330;Borås | 1491;Ulricehamns kommun;52330;Ulricehamn | 1492;Åmåls kommun;66230;Åmål
1493;Mariestads kommun;54230;Mariestad | 1494;Lidköpings kommun;53130;Lidköping | 1495;Skara kommun;53230;Skara
1496;Skövde kommun;54130;Skövde | 1497;Hjo kommun;54430;Hjo | 1498;Tidaholms kommun;52230;Tidaholm
1499;Falköpings kommun;52130;Falköping
"""


def _rows(table: str) -> list[list[str]]:
    return [row.strip().split(";") for row in table.replace("|", "\n").strip().splitlines()]


def municipality_hsa_id(code: str) -> str:
    """The invented HSA-id of a municipality, from its four-digit code."""
    return f"{_invented_owner(f'0{code}')}-{code}"


def _municipal_unit(code: str, running: int) -> str:
    return f"{_invented_owner(f'0{code}')}-E{running:04d}"


VGR_PROVIDER = f"{VGR}-E999000000001"
_COMPANIES = [_invented_owner(f"1000{running}") for running in (1, 2, 3)]
PRIVATE_PROVIDERS = [f"{owner}-PROVIDER" for owner in _COMPANIES]

PROVIDERS = [
    Provider(VGR_PROVIDER, "Västra Götalandsregionen", "REGION"),
    *(Provider(municipality_hsa_id(code), name, "MUNICIPALITY", code) for code, name, *_ in _rows(_MUNICIPALITIES)),
    Provider(PRIVATE_PROVIDERS[0], "Påhittade Rehabgruppen AB", "PRIVATE"),
    Provider(PRIVATE_PROVIDERS[1], "Exempelvården i Väst AB", "PRIVATE"),
    Provider(PRIVATE_PROVIDERS[2], "Fiktiva Hemsjukvården AB", "PRIVATE"),
]

# --- Care units, each with its kundnummer and betalare ----------------------------------------------

SORHAGA, ANGERED, SKENE, SAS_REHAB, SAS_MEDICINE, SKOVDE_CHILDREN, IT_SUPPORT = (f"{VGR}-E99900000{running}" for running in range(1001, 1008))
ALINGSAS_HOME_CARE, ALINGSAS_REHAB, ANGABO, ALINGSAS_OFFICE = (_municipal_unit("1489", running) for running in (1, 2, 3, 4))
GOTEBORG_HOME_CARE, HISINGEN, CENTRUM = (_municipal_unit("1480", running) for running in (1, 2, 3))
BORAS_HOME_CARE, BORAS_REHAB = (_municipal_unit("1490", running) for running in (1, 2))
REHAB_GROUP, EXAMPLE_CARE, FICTIVE_HOME_CARE = (f"{owner}-E0001" for owner in _COMPANIES)

# Unit, provider, name, street, postal code, city, kundnummer, betalare; a hospital is marked.
_OWN_UNITS = [
    (SORHAGA, VGR_PROVIDER, "Vårdcentralen Sörhaga", "Södra Ringgatan 30", "44133", "Alingsås", "600101", "700010"),
    (ANGERED, VGR_PROVIDER, "Vårdcentralen Angered", "Titteridammsgatan 5", "42430", "Angered", "600102", "700010"),
    (SKENE, VGR_PROVIDER, "Rehabmottagningen Skene", "Varbergsvägen 50", "51162", "Skene", "600103", "700010"),
    (SAS_REHAB, VGR_PROVIDER, "Arbetsterapi SÄS Borås", "Brämhultsvägen 53", "50182", "Borås", "600104", "700020"),
    (SAS_MEDICINE, VGR_PROVIDER, "Medicinmottagningen SÄS Borås", "Brämhultsvägen 53", "50182", "Borås", "600105", "700020"),
    (SKOVDE_CHILDREN, VGR_PROVIDER, "Habiliteringen för barn och ungdom Skövde", "Lövängsvägen 1", "54142", "Skövde", "600106", "700030"),
    (IT_SUPPORT, VGR_PROVIDER, "Koncernstab hälso- och sjukvård, IT-stöd hjälpmedel", "Regionens Hus 1", "46280", "Vänersborg", "600107", "700040"),
    (ALINGSAS_REHAB, municipality_hsa_id("1489"), "Rehab Alingsås torg", "Kungsgatan 9", "44130", "Alingsås", "600201", "701489"),
    (ANGABO, municipality_hsa_id("1489"), "Särskilt boende Ängabo", "Ängabogatan 15", "44143", "Alingsås", "600202", "701489"),
    (ALINGSAS_OFFICE, municipality_hsa_id("1489"), "Vård- och äldreomsorgsförvaltningen Alingsås", "Sveagatan 12", "44130", "Alingsås", "600203", "701489"),
    (HISINGEN, municipality_hsa_id("1480"), "Rehab Hisingen", "Wieselgrensplatsen 14", "41717", "Göteborg", "600204", "701480"),
    (CENTRUM, municipality_hsa_id("1480"), "Hemsjukvård Centrum", "Första Långgatan 28", "41327", "Göteborg", "600205", "701480"),
    (BORAS_REHAB, municipality_hsa_id("1490"), "Rehab Borås norra", "Sturegatan 36", "50342", "Borås", "600206", "701490"),
    (REHAB_GROUP, PRIVATE_PROVIDERS[0], "Påhittade Rehab Majorna", "Karl Johansgatan 70", "41455", "Göteborg", "600301", "700010"),
    (EXAMPLE_CARE, PRIVATE_PROVIDERS[1], "Exempelvårdens vårdcentral Hönö", "Hönö Kyrkväg 12", "47542", "Hönö", "600302", "700010"),
    (FICTIVE_HOME_CARE, PRIVATE_PROVIDERS[2], "Fiktiva Hemsjukvården Partille", "Kyrktorget 20", "43331", "Partille", "600303", "701402"),
]
_HOSPITALS = {SAS_REHAB, SAS_MEDICINE}

_PAYERS = {
    "700010": "Västra Götalandsregionen, primärvård",
    "700020": "Västra Götalandsregionen, Södra Älvsborgs Sjukhus",
    "700030": "Västra Götalandsregionen, Habilitering & Hälsa",
    "700040": "Västra Götalandsregionen, Koncernkontoret",
    **{f"70{code}": name for code, name, *_ in _rows(_MUNICIPALITIES)},
}

UNITS = [
    *(
        Unit(hsa_id, provider, name, f"031-390 06 {place:02d}", street, postal_code, city, hsa_id in _HOSPITALS)
        for place, (hsa_id, provider, name, street, postal_code, city, _, _) in enumerate(_OWN_UNITS)
    ),
    *(
        Unit(
            _municipal_unit(code, 1),
            municipality_hsa_id(code),
            f"Hemsjukvård {city}",
            f"031-390 06 {20 + place}",
            f"Rådhusgatan {place + 1}",
            postal_code,
            city,
        )
        for place, (code, _, postal_code, city) in enumerate(_rows(_MUNICIPALITIES))
    ),
]

CUSTOMERS = [
    *(Customer(number, hsa_id, name, payer, _PAYERS[payer]) for hsa_id, _, name, _, _, _, number, payer in _OWN_UNITS),
    *(Customer(f"60{code}", _municipal_unit(code, 1), f"Hemsjukvård {city}", f"70{code}", _PAYERS[f"70{code}"]) for code, _, _, city in _rows(_MUNICIPALITIES)),
    Customer("600401", SORHAGA, "Vårdcentralen Sörhaga, andningshjälpmedel", "700010", _PAYERS["700010"], is_standard=False),
    Customer("600402", ALINGSAS_REHAB, "Rehab Alingsås torg, korttidsboende", "701489", _PAYERS["701489"], is_standard=False),
    Customer("600403", SAS_REHAB, "Arbetsterapi SÄS Borås, hemgångsteam", "700020", _PAYERS["700020"], is_standard=False),
]

DELIVERY_POINTS = [
    DeliveryPoint("80101", VGR_PROVIDER, "Vårdcentralen Sörhaga, godsintag", "Södra Ringgatan 30", "44133", "Alingsås"),
    DeliveryPoint("80102", VGR_PROVIDER, "SÄS Borås, godsmottagning", "Brämhultsvägen 53", "50182", "Borås"),
    DeliveryPoint("80201", municipality_hsa_id("1489"), "Särskilt boende Ängabo", "Ängabogatan 15", "44143", "Alingsås", "1489"),
    DeliveryPoint("80202", municipality_hsa_id("1489"), "Rehab Alingsås torg, förrådet", "Kungsgatan 9", "44130", "Alingsås"),
    DeliveryPoint("80203", municipality_hsa_id("1489"), "Korttidsboende Brunnsgården", "Plantaregatan 22", "44131", "Alingsås", "4712"),
    DeliveryPoint("80204", municipality_hsa_id("1480"), "Rehab Hisingen, lastkaj", "Wieselgrensplatsen 14", "41717", "Göteborg"),
    DeliveryPoint("80205", municipality_hsa_id("1480"), "Äldreboende Örgryte trädgård", "Danska vägen 66", "41659", "Göteborg", "C3005"),
    DeliveryPoint("80206", municipality_hsa_id("1490"), "Vårdboende Sjöbo ängar", "Barnhemsgatan 18", "50435", "Borås"),
    DeliveryPoint("80301", PRIVATE_PROVIDERS[2], "Fiktiva Hemsjukvården Partille, kontoret", "Kyrktorget 20", "43331", "Partille"),
]

# --- Personas: every role, both kinds of prescriber, one person with two assignments ----------------


def _persona(place: int, name: str, title: str, mail: str, *assignments: tuple[str, str]) -> Persona:
    owner = assignments[0][0].partition("-")[0]
    return Persona(f"{owner}-P9990{place:04d}", name, title, f"031-390 06 {75 + place}", f"{mail}@example.se", assignments)


PERSONAS = [
    _persona(1, "Karin Sjögren", "arbetsterapeut", "karin.sjogren", (SORHAGA, "PRESCRIBER")),
    _persona(2, "Johan Ekelöf", "fysioterapeut", "johan.ekelof", (ALINGSAS_REHAB, "PRESCRIBER")),
    _persona(3, "Samira Haddad", "sjuksköterska", "samira.haddad", (ALINGSAS_HOME_CARE, "ORDERER")),
    _persona(4, "Per-Olof Wikström", "läkare", "per-olof.wikstrom", (SAS_MEDICINE, "PRESCRIBER")),
    _persona(5, "Maria Öberg", "undersköterska", "maria.oberg", (ALINGSAS_REHAB, "STORE_MANAGER")),
    _persona(6, "Lennart Åkesson", "ekonom", "lennart.akesson", (ALINGSAS_OFFICE, "INVOICE_READER")),
    _persona(7, "Fatima Rahimi", "medicinskt ansvarig för rehabilitering", "fatima.rahimi", (ALINGSAS_REHAB, "DEVIATION_HANDLER")),
    _persona(8, "Birgitta Norén", "enhetschef", "birgitta.noren", (SORHAGA, "UNIT_ADMIN")),
    _persona(9, "Henrik Dahlberg", "verksamhetsutvecklare", "henrik.dahlberg", (SORHAGA, "LOG_REVIEWER")),
    _persona(10, "Eva-Lena Forsberg", "verksamhetschef", "eva-lena.forsberg", (ALINGSAS_REHAB, "APPROVER")),
    _persona(11, "Daniel Kovač", "systemförvaltare", "daniel.kovac", (IT_SUPPORT, "SUPPORT")),
    _persona(12, "Linnéa Bergqvist-Andersson", "arbetsterapeut", "linnea.bergqvist-andersson", (SAS_REHAB, "PRESCRIBER"), (SORHAGA, "ORDERER")),
    _persona(13, "Oskar Strömblad", "fysioterapeut", "oskar.stromblad", (REHAB_GROUP, "PRESCRIBER")),
    _persona(14, "Nguyen Thi Lan", "distriktssköterska", "nguyen.thi.lan", (CENTRUM, "PRESCRIBER")),
    _persona(15, "Ulrika Holmgren", "controller", "ulrika.holmgren", (ALINGSAS_OFFICE, "INVOICE_READER")),
]

# --- Patients ---------------------------------------------------------------------------------------

# Number, given name, family name, street, postal code, city, c/o, door code (empty: there is none), contact person, relation.
_PATIENTS = """
192004269235;Axel Gunnar;Sandström;Skolgatan 4 A;44130;Alingsås;;1842;Birgit Sandström;hustru
192109279204;Märta;Åkerblom;Ängabogatan 15, avd. 2;44143;Alingsås;;1489;Kerstin Åkerblom;dotter
192303289256;Sven-Erik;Öhman;Bryngelsgatan 7;44131;Alingsås;;;Rolf Öhman;son
192404019248;Ingrid;Svärd;Götgatan 21;44130;Alingsås;;7731;Anita Svärd Holm;dotter
192509049249;Elsa;Lundgren;Plantaregatan 22;44131;Alingsås;;4712;Gunilla Lundgren;dotter
192605218110;Karl-Gustaf;af Ekenstam;Drottninggatan 3;44131;Alingsås;;;Margareta af Ekenstam;hustru
192805028939;Ragnar;Hjälmeskog;Stora Torget 1;44130;Alingsås;;0912#;Mats Hjälmeskog;son
192902079264;Astrid;Nyqvist;Vänersborgsvägen 40;44137;Alingsås;;;Lisbeth Nyqvist;dotter
193005057058;Toivo;Hämäläinen;Kapellvägen 12;44138;Alingsås;;;Aino Hämäläinen;hustru
193103249078;Hans;Bergendahl;Sidenvägen 9;44143;Alingsås;;3316;Ulla Bergendahl;hustru
193108099163;Maj-Britt;Ödman;Hagagatan 11;44130;Alingsås;;;Lars Ödman;son
193208097448;Greta;Ståhl;Västra Ringgatan 18;44131;Alingsås;;2204;Monica Ståhl;dotter
193304099173;Bertil;Ljungkvist;Noltorpsgatan 33;44140;Alingsås;;;Inger Ljungkvist;hustru
193404129094;Nils;Rosenlöf;Lövekullegränd 5;44144;Alingsås;;;Peter Rosenlöf;son
193503189049;Zofia;Wojciechowska;Sveagatan 27;44132;Alingsås;;A1590;Tomasz Wojciechowski;son
193505098743;Anna-Greta;Fröjd;Mörlandavägen 6;44195;Alingsås;;;Bo Fröjd;make
193610277448;Siv;Hörnqvist;Nygatan 14;44131;Alingsås;;6620;Lena Hörnqvist;dotter
193708019231;Veikko;Mäkelä;Kaserngatan 2;50333;Borås;;1177;Ritva Mäkelä;hustru
193805179177;Arne;Torstensson;Lidaholmsgatan 16;50336;Borås;;;Eva Torstensson;dotter
193812217044;Barbro;Ågren;Bodavägen 8;50738;Brämhult;;;Thomas Ågren;son
193906179183;Dragica;Petrović-Jovanović;Hulta torg 3;50752;Borås;;B2460;Zoran Petrović;son
194008259287;Gun;Erlandsson;Sturegatan 19;50342;Borås;;5501;Jan Erlandsson;make
194101106393;Leif;Gärdestad;Fristadsvägen 61;51330;Fristad;;;Yvonne Gärdestad;hustru
194106177753;Mohammad Reza;Hosseini;Norrby Långgata 24;50435;Borås;;9034;Shirin Hosseini;dotter
194208106593;Tore;Brännström;Kråkekärrsgatan 10;50460;Borås;;;Kjell Brännström;bror
194306113475;Göran;Lilliehöök;Skaraborgsvägen 35;50630;Borås;;2871;Agneta Lilliehöök;hustru
194401012390;Abdirahman;Warsame;Angereds torg 13;42465;Angered;;C4417;Hodan Warsame;dotter
194504302383;Solveig;Ängqvist;Fjällgatan 45;41317;Göteborg;;8105;Maria Ängqvist;dotter
194512267743;Hildegard;Kaltenbrunner-Söderström;Linnégatan 52;41308;Göteborg;;1945;Klaus Kaltenbrunner;bror
194609144706;Marianne;Qvarnström;Karl Johansgatan 88;41451;Göteborg;;;Anders Qvarnström;make
194707272649;Rut;Yngvesson;Wieselgrensgatan 6;41717;Göteborg;;3370;Sara Yngvesson;dotter
194801141864;Esperanza;Fuentes Villanueva;Hjällbo Lillgata 4;42433;Angered;Rojas Fuentes;D7012;Pablo Rojas;son
194807292547;Christina;Malmsjö;Danska vägen 66;41659;Göteborg;;C3005;Johan Malmsjö;son
194910132507;Kerstin;Zetterlund;Doktor Fries torg 7;41323;Göteborg;;4419;Ulf Zetterlund;make
195005202360;Ewa;Näsström;Kvilletorget 12;41704;Göteborg;;;Malin Näsström;dotter
195202131578;Lars-Göran;Pålsson;Hönö Kyrkväg 31;47542;Hönö;;;Ann-Mari Pålsson;hustru
195310022107;Britt-Inger;Sjödahl;Björlandavägen 100;41729;Göteborg;;2266;Camilla Sjödahl;dotter
195502272684;Nasrin;Khalili;Kyrktorget 8;43331;Partille;;6158;Arash Khalili;son
195608082656;Kent;Hallgrensson;Gamla Kronvägen 140;43333;Partille;;;Carina Hallgrensson;sambo
195712302842;Gudrun;Þorsteinsdóttir;Mölndalsvägen 29;41263;Göteborg;;7740;Sigrún Jónsdóttir;syster
195907029911;Dan;Öst;Torggatan 2;53430;Vara;;;Lotta Öst;hustru
196101242797;Bekim;Krasniqi;Vallgatan 17;54131;Skövde;;1330;Arta Krasniqi;hustru
196310262628;Annika;Strandh;Badhusgatan 9;54130;Skövde;;;Mikael Strandh;make
196604072659;Jean-Baptiste;Mukendi Tshibangu;Torggatan 14;53131;Lidköping;;E2091;Grâce Mukendi;hustru
196809139295;Stefan;Häggqvist;Storgatan 44;46131;Trollhättan;;;Eva Häggqvist;syster
197105319284;Pia;Wedin;Kungsgatan 31;45131;Uddevalla;;5582;Robert Wedin;make
197503309176;Jesper;Lööf;Strandvägen 3;44431;Stenungsund;;;Sofia Lööf;sambo
197805292385;Parisa;Ahmadi;;;Alingsås;;;;
198205122396;Maximilian Alexander;von Hohenfels-Björkegren af Ångströmsnäs;Gamla Vänersborgsvägen 112 B, lägenhet 1204;44130;Alingsås;;;Ebba Björkegren;syster
198706252387;Elin;Bäck;Boråsvägen 71;51132;Kinna;;;Tobias Bäck;make
199208022393;Ali;Yılmaz;Hjalmar Brantingsgatan 41;41704;Göteborg;Demir;F6613;Ayşe Demir;moster
199706122380;Moa;Ek;Studentvägen 2;50332;Borås;;4004;Helena Ek;mamma
200209302397;Viktor;Idéhn;Torggatan 5;54430;Hjo;;;Katarina Idéhn;mamma
200708202395;Yusuf;Abdi Nur;Skogsrundan 8;44144;Alingsås;;;Fadumo Nur;mamma
201209082393;Melker;Sjöö;Lövängsgatan 26;54142;Skövde;;;Jenny Sjöö;mamma
201704062395;Noel;Grönvall;Fabriksgatan 11;44130;Alingsås;Grönvall Dahl;1717;Emma Grönvall Dahl;mamma
202201072390;Love;Östensson Ibrahim;Smedjegatan 3;50331;Borås;;;Nour Ibrahim;pappa
199511872385;Oksana;Kovalenko;Kungälvsvägen 15;44130;Alingsås;Lindh;3108;Andrij Kovalenko;make
19810829M071;Okänd;Testsson;Södra Strandgatan 6;44131;Alingsås;;;Boendejouren;boende
22950606FH20;Amina;Exempel;Trandaredsgatan 50;50752;Borås;;2950;Karim Exempel;make
"""
_PROTECTED = frozenset({"197805292385"})
# The units that know a patient, by where the patient lives. Elsewhere nobody has opened the patient yet: to be found by the whole number.
_OPENED_IN = {"Alingsås": (SORHAGA, ALINGSAS_REHAB, ALINGSAS_HOME_CARE), "Borås": (SAS_REHAB, SAS_MEDICINE), "Göteborg": (REHAB_GROUP, CENTRUM)}
_NOT_OPENED = frozenset({"192004269235", "198205122396"})


def _type_of(number: str) -> IdentityType:
    return next(kind for kind, numbers in TEST_NUMBERS.items() if number in numbers)


def _patient(place: int, row: list[str]) -> DemoPatient:
    number, given_name, family_name, street, postal_code, city, care_of, door_code, contact, relation = row
    identifier = Identifier(_type_of(number), number)
    opened_by = () if number in _NOT_OPENED else _OPENED_IN.get(city, ())
    if number in _PROTECTED:
        return DemoPatient(identifier, given_name, family_name, protection="MARKED", opened_by=opened_by)
    return DemoPatient(
        identifier,
        given_name,
        family_name,
        f"070-174 06 {5 + place:02d}",
        street,
        postal_code,
        city,
        care_of,
        door_code,
        contact,
        relation,
        f"08-465 004 {place:02d}",
        opened_by=opened_by,
    )


PATIENTS = [_patient(place, row) for place, row in enumerate(_rows(_PATIENTS))]

# --- News on the start page: title and text ---------------------------------------------------------

NEWS = [
    (
        "Leveranser kring jul och nyår",
        "Beställningar som ska levereras före jul behöver vara skickade senast den 11 december. Jourservice för andningshjälpmedel gäller alla dagar.",
    ),
    (
        "Nytt i sortimentet: rollatorer",
        "Tre rollatorer har fått efterföljare. När du beställer en utgången modell föreslås den nya. Tillbehören passar båda.",
    ),
    (
        "Så söker du en patient",
        "Skriv hela personnumret med sekel, tolv siffror. Bekräfta vårdrelationen första gången enheten öppnar patienten. Varje öppning loggas.",
    ),
]
