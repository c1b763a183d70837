"""The Airtable stand-in, asked by the real pyairtable over real sockets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import requests
from pyairtable import Api
from pyairtable.formulas import match

from sandbox.airtable import Airtable
from sandbox.airtable_base import Base, choices, column
from sandbox.clock import Clock
from sandbox.server import Server

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BASE = "appTestBase000001"
OTHER = "appOtherBase00001"


def make_base() -> Base:
    base = Base(BASE, "Test")
    houses = base.add_table("Houses", column("House", "singleLineText"))
    deals = base.add_table(
        "Deals",
        column("Deal", "singleLineText"),
        column("Stage", "singleSelect", **choices("Open", "Won", "Lost")),
        column("Amount EUR", "currency", precision=2, symbol="€"),
        column("Chance", "percent", precision=0),
        column("Closed", "date", dateFormat={"name": "iso", "format": "YYYY-MM-DD"}),
        column("Seen", "dateTime", timeZone="Europe/Berlin", dateFormat={"name": "iso", "format": "YYYY-MM-DD"},
               timeFormat={"name": "24hour", "format": "HH:mm"}),
        column("Pilot", "checkbox", icon="check", color="greenBright"),
        column("Tags", "multipleSelects", **choices("a", "b")),
        column("House", "multipleRecordLinks", linkedTableId=houses.id, isReversed=False, prefersSingleRecordLink=True),
        column("Number", "autoNumber"),
        column("Worth", "formula", formula="{Amount EUR} * Chance"),
    )  # fmt: skip
    house = houses.add(NOW - timedelta(days=90), {"House": "Klinikum “Nord”, Graz"})
    long_ago = NOW - timedelta(days=60)
    won = deals.add(
        long_ago,
        {"Deal": "Ann's deal", "Stage": "Open", "Amount EUR": Decimal("1200.50"), "Chance": Decimal("0.5"),
         "House": (house.id,), "Tags": ("a", "b"), "Pilot": True, "Seen": datetime(2026, 10, 1, 22, 30, tzinfo=UTC)},
    )  # fmt: skip
    deals.change(won, NOW - timedelta(days=5), {"Stage": "Won", "Closed": date(2026, 11, 15), "Chance": 1})
    deals.add(long_ago, {"Deal": "Zero", "Stage": "Lost", "Amount EUR": 0, "Closed": date(2026, 10, 31)})
    deals.add(long_ago, {"Deal": "Empty"})
    deals.add(NOW + timedelta(days=3), {"Deal": "Next week", "Stage": "Open", "Amount EUR": 7})
    deals.add_view("Money first", '{Stage} != ""', (("Amount EUR", True),))
    many = base.add_table("Many", column("Name", "singleLineText"), column("N", "number", precision=0))
    for number in range(250):
        many.add(long_ago, {"Name": f"n{number:03}", "N": number % 7})
    return base


@pytest.fixture
def world() -> Iterator[SimpleNamespace]:
    clock, timer = Clock(NOW), Clock(NOW)
    base = make_base()
    tokens = {"good": None, "elsewhere": [OTHER]}
    service = Airtable([base, Base(OTHER, "Other")], tokens, clock=clock, timer=timer.seconds, limited=True)
    service.quotas, limits = [], service.quotas
    with Server(service):
        api = Api("good", endpoint_url=service.url, retry_strategy=None, timeout=(2, 5))
        yield SimpleNamespace(
            clock=clock, timer=timer, base=base, service=service, api=api, limits=limits,
            deals=api.table(BASE, "Deals"), many=api.table(BASE, "Many"),
        )  # fmt: skip
        api.session.close()
    assert service.failures == []


def names(records: list[dict]) -> list[str]:
    return [each["fields"].get("Deal") for each in records]


def refused(call) -> tuple[int, object]:
    with pytest.raises(requests.HTTPError) as caught:
        call()
    return caught.value.response.status_code, caught.value.response.json()


# What a record looks like


def test_a_record_has_its_cells_by_type_and_no_empty_ones(world):
    first, zero, empty = world.deals.all()
    house = first["fields"].pop("House")
    assert first["createdTime"] == "2026-09-21T09:00:00.000Z"
    assert first["fields"] == {
        "Deal": "Ann's deal", "Stage": "Won", "Amount EUR": 1200.5, "Chance": 1, "Closed": "2026-11-15",
        "Seen": "2026-10-01T22:30:00.000Z", "Pilot": True, "Tags": ["a", "b"], "Number": 1, "Worth": 1200.5,
    }  # fmt: skip
    assert house == list(world.base.tables["Houses"].records)
    assert zero["fields"] == {"Deal": "Zero", "Stage": "Lost", "Amount EUR": 0, "Closed": "2026-10-31", "Number": 2,
                              "Worth": 0}  # fmt: skip
    assert empty["fields"] == {"Deal": "Empty", "Number": 3, "Worth": 0}


def test_the_clock_says_what_has_happened(world):
    world.clock.set(NOW - timedelta(days=10))
    assert world.deals.all()[0]["fields"]["Stage"] == "Open"
    assert "Closed" not in world.deals.all()[0]["fields"]
    world.clock.set(NOW + timedelta(days=4))
    assert names(world.deals.all()) == ["Ann's deal", "Zero", "Empty", "Next week"]
    world.clock.set(NOW - timedelta(days=70))
    assert world.deals.all() == []


def test_cells_as_a_person_sees_them(world):
    seen = world.deals.all(cell_format="string", time_zone="Europe/Berlin", user_locale="en-gb")[0]["fields"]
    assert seen["Amount EUR"] == "€1,200.50"
    assert seen["Chance"] == "100%"
    assert seen["Seen"] == "2026-10-02 00:30"
    assert seen["Pilot"] == "checked"
    assert seen["House"] == "Klinikum “Nord”, Graz"
    status, body = refused(lambda: world.deals.all(cell_format="string"))
    assert (status, body["error"]["type"]) == (422, "INVALID_REQUEST_UNKNOWN")


def test_fields_by_name_by_id_and_after_a_rename(world):
    table = world.base.tables["Deals"]
    amount = table.field("Amount EUR")
    assert world.deals.first(fields=["Amount EUR"])["fields"] == {"Amount EUR": 1200.5}
    assert world.deals.first(fields=["Amount EUR"], use_field_ids=True)["fields"] == {amount.id: 1200.5}
    table.rename_field("Amount EUR", "Value EUR")
    assert world.deals.first(fields=[amount.id])["fields"] == {"Value EUR": 1200.5}
    status, body = refused(lambda: world.deals.all(fields=["Amount EUR"]))
    assert (status, body) == (
        422,
        {"error": {"type": "UNKNOWN_FIELD_NAME", "message": 'Unknown field name: "Amount EUR"'}},
    )


def test_one_record(world):
    id_ = world.deals.all()[1]["id"]
    assert world.deals.get(id_)["fields"]["Deal"] == "Zero"
    assert refused(lambda: world.deals.get("recNothing0000000")) == (404, {"error": "NOT_FOUND"})


# Which records


def test_pages_of_a_hundred(world):
    pages = [len(page) for page in world.many.iterate()]
    assert pages == [100, 100, 50]
    assert len({each["id"] for each in world.many.all()}) == 250
    assert [len(page) for page in world.many.iterate(page_size=90, max_records=200)] == [90, 90, 20]


def test_too_large_a_page_is_refused(world):
    assert refused(lambda: world.many.all(page_size=101))[0] == 422
    assert refused(lambda: world.many.all(page_size=0))[0] == 422


def test_views_and_sorts(world):
    assert names(world.deals.all(view="Money first")) == ["Ann's deal", "Zero"]
    assert names(world.deals.all(sort=["-Deal"])) == ["Zero", "Empty", "Ann's deal"]
    assert names(world.deals.all(sort=["Stage", "Deal"])) == ["Empty", "Zero", "Ann's deal"]
    status, body = refused(lambda: world.deals.all(view="Nope"))
    assert (status, body["error"]["type"]) == (422, "VIEW_NAME_NOT_FOUND")


def test_an_offset_belongs_to_its_query_and_expires(world):
    url, headers = f"{world.service.url}/v0/{BASE}/Many", {"Authorization": "Bearer good"}

    def ask(**params) -> requests.Response:
        return requests.get(url, params=params, headers=headers, timeout=5)

    gone = {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}
    offset = ask(filterByFormula="N>=0").json()["offset"]
    assert offset.startswith("itr")
    assert ask(filterByFormula="N>=0", offset=offset, pageSize=10).json()["records"][0]["fields"]["Name"] == "n100"
    assert (ask(offset=offset).status_code, ask(offset=offset).json()) == (422, gone)
    world.timer.advance(timedelta(minutes=6))
    assert ask(filterByFormula="N>=0", offset=offset).json() == gone
    fresh = ask().json()["offset"]
    assert ask(offset=fresh).status_code == 200
    world.service.expire_offsets()
    assert ask(offset=fresh).json() == gone
    assert ask(offset="10").json()["error"]["type"] == "INVALID_OFFSET_VALUE"


def test_a_record_deleted_while_paging_is_not_shown(world):
    table = world.base.tables["Many"]
    last = list(table.records.values())[-1]
    world.service.after("/Many", lambda: table.delete(last, NOW))
    assert len(world.many.all()) == 249


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("{Stage}='Won'", ["Ann's deal"]),
        ('Stage = "Won"', ["Ann's deal"]),
        ("NOT({Stage}='Won')", ["Zero", "Empty"]),
        ("{Amount EUR}", ["Ann's deal"]),
        ("{Amount EUR}=0", ["Zero", "Empty"]),  # blank is 0
        ("{Amount EUR}&''='0'", ["Zero"]),
        ("{Amount EUR}=''", ["Zero", "Empty"]),  # and so 0 is ''; {…}&'' tells them apart
        ("{Amount EUR}&''=''", ["Empty"]),
        ("{Stage}=BLANK()", ["Empty"]),
        ("{Amount EUR}<1", ["Zero", "Empty"]),
        ("{Amount EUR}*2=2401", ["Ann's deal"]),
        ("1+2*3=7", ["Ann's deal", "Zero", "Empty"]),
        ("-{Amount EUR}<-10", ["Ann's deal"]),
        ("{Pilot}", ["Ann's deal"]),
        ("{Pilot}=TRUE()", ["Ann's deal"]),
        ("{Pilot}=1", ["Ann's deal"]),
        ("NOT({Pilot})", ["Zero", "Empty"]),
        ("IS_AFTER({Closed},'2026-10-31')", ["Ann's deal"]),
        ("IS_BEFORE({Closed},'2026-11-01')", ["Zero"]),
        ("{Closed}>=DATETIME_PARSE('2026-10-31')", ["Ann's deal", "Zero"]),
        ("{Closed}>='2026-10-31'", []),  # a date against a text is an error
        ("IS_SAME({Closed},DATETIME_PARSE('15/11/2026','DD/MM/YYYY'),'day')", ["Ann's deal"]),
        ("IS_SAME({Closed},TODAY(),'month')", ["Ann's deal"]),
        ("{Closed}>DATEADD(TODAY(),-7,'days')", ["Ann's deal"]),
        ("DATETIME_DIFF(NOW(),{Closed},'days')=5", ["Ann's deal"]),
        ("DATETIME_FORMAT({Seen},'YYYY-MM-DD')='2026-10-01'", ["Ann's deal"]),
        ("DATETIME_FORMAT(SET_TIMEZONE({Seen},'Europe/Berlin'),'D MMM HH:mm')='2 Oct 00:30'", ["Ann's deal"]),
        ("YEAR({Closed})*100+MONTH({Closed})=202610", ["Zero"]),
        ("FIND('Won',{Stage}&'')", ["Ann's deal"]),
        ("FIND('Nord',{House}&'')", ["Ann's deal"]),
        ("SEARCH('ero',{Deal})", ["Zero"]),
        ("LOWER(LEFT({Deal},3))='ann'", ["Ann's deal"]),
        ("LEN({Deal})>4", ["Ann's deal", "Empty"]),
        ("IF({Stage}='Won',{Amount EUR}>1000,FALSE())", ["Ann's deal"]),
        ("SWITCH({Stage},'Won',1,'Lost',2)=2", ["Zero"]),
        ("{Tags}='a, b'", ["Ann's deal"]),
        ("VALUE('12')=12", ["Ann's deal", "Zero", "Empty"]),
        ("1/{Amount EUR}>0", ["Ann's deal"]),  # division by zero leaves the record out
        ("IF(ISERROR(1/{Amount EUR}),1)", ["Zero", "Empty"]),
        ("ROUND({Amount EUR}/1000,1)=1.2", ["Ann's deal"]),
        ("RECORD_ID()=''", []),
        ("{Worth}>1000", ["Ann's deal"]),
        (r"{Deal}='Ann\'s deal'", ["Ann's deal"]),
        ('{Deal}="Ann\'s deal"', ["Ann's deal"]),
    ],
)
def test_formulas(world, formula, expected):
    assert names(world.deals.all(formula=formula)) == expected


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("{Nope}=1", "Unknown field names: nope"),
        ("{Worth ID}=Stage2", "Unknown field names: stage2, worth id"),
        ("FROB(1)", "Unknown function names: FROB"),
        ("{Stage}=", "Invalid formula. Please check your formula text."),
        ("AND({Stage}='Won'", "Invalid formula. Please check your formula text."),
        ("{Stage}='Won", "Invalid formula. Please check your formula text."),
        ("'a' 'b'", "Invalid formula. Please check your formula text."),
    ],
)
def test_formulas_that_airtable_refuses(world, formula, said):
    status, body = refused(lambda: world.deals.all(formula=formula))
    assert status == 422
    assert body["error"] == {
        "type": "INVALID_FILTER_BY_FORMULA",
        "message": f"The formula for filtering records is invalid: {said}",
    }


def test_match_keeps_quotes_and_injections_as_values(world):
    assert names(world.deals.all(formula=match({"Deal": "Ann's deal"}))) == ["Ann's deal"]
    assert names(world.deals.all(formula=match({"Deal": "' , 1=1) & ('"}))) == []
    assert names(world.deals.all(formula=match({"Amount EUR": (">=", 3)}))) == ["Ann's deal"]
    assert names(world.deals.all(formula=match({"Closed": (">=", date(2026, 11, 1))}))) == ["Ann's deal"]


def test_a_long_query_goes_in_a_body(world):
    long = "OR(" + ",".join(f"{{Name}}='n{number:03}'" for number in range(1000)) + ")"
    found = world.many.all(formula=long, fields=["N"], sort=["-N"])
    assert len(found) == 250
    assert set(found[0]["fields"]) == {"N"}
    posted = [each for each in world.service.requests if each.method == "POST"]
    assert [each.path for each in posted] == [f"/v0/{BASE}/Many/listRecords"] * 3


def test_a_parameter_that_airtable_does_not_know(world):
    url, headers = f"{world.service.url}/v0/{BASE}/Many", {"Authorization": "Bearer good"}
    assert requests.get(url, params={"filter": "x"}, headers=headers, timeout=5).status_code == 422


# Who may, and how often


def test_who_may_see_what(world):
    def ask(token: str, base: str = BASE, table: str = "Deals") -> tuple[int, object]:
        return refused(lambda: Api(token, endpoint_url=world.service.url, retry_strategy=None).table(base, table).all())

    wrong = (401, {"error": {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}})
    assert ask("bad") == wrong
    for hidden in (ask("elsewhere"), ask("good", "appNotThere000001"), ask("good", BASE, "Nope")):
        assert hidden[0] == 403
        assert hidden[1]["error"]["type"] == "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"
    assert ask("good", "nonsense") == (404, {"error": "NOT_FOUND"})


def test_six_calls_in_a_second_close_the_base_for_thirty(world):
    world.service.quotas = world.limits
    for _ in range(5):
        world.deals.all()
    status, body = refused(world.deals.all)
    assert (status, body["errors"][0]["error"]) == (429, "RATE_LIMIT_REACHED")
    world.timer.advance(timedelta(seconds=29))
    assert refused(world.deals.all)[0] == 429
    assert world.api.table(OTHER, "x").api.whoami()["id"].startswith("usr")  # not counted against a base
    world.timer.advance(timedelta(seconds=1.5))
    assert len(world.deals.all()) == 3


def test_fifty_calls_in_a_second_close_every_base_for_a_person(world):
    world.service.quotas = world.limits
    whoami = world.api.whoami
    for _ in range(50):
        whoami()
    assert refused(whoami)[0] == 429
    world.timer.advance(timedelta(seconds=30.5))
    assert whoami()["id"].startswith("usr")


def test_an_address_beyond_16_000_characters_is_refused_and_the_client_sends_a_body_instead(world):
    long = "OR(" + ", ".join(f'Name="n{number:03}"' for number in range(900)) + ")"
    url = f"{world.service.url}/v0/{BASE}/Many"
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer good"
        answer = session.get(url, params={"filterByFormula": long}, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "text/html")
    assert len(world.many.all(formula=long)) == 250
    assert {each.path.rpartition("/")[2] for each in world.service.requests if each.status == 200} == {"listRecords"}


# The meta API, and writing


def test_the_schema(world):
    assert [base.id for base in world.api.bases()] == [BASE, OTHER]
    schema = world.api.base(BASE).schema()
    deals = schema.table("Deals")
    assert [field.name for field in deals.fields][:3] == ["Deal", "Stage", "Amount EUR"]
    assert deals.field("Amount EUR").options.symbol == "€"
    assert [each.name for each in deals.field("Stage").options.choices] == ["Open", "Won", "Lost"]
    assert deals.field("Worth").type == "formula"
    assert [view.name for view in deals.views] == ["Grid view", "Money first"]
    assert len(world.api.table(BASE, deals.id).all()) == 3


def test_writing(world):
    made = world.deals.create({"Deal": "New", "Amount EUR": 5.25, "Closed": "2026-11-19", "Stage": "Open"})
    assert world.deals.get(made["id"])["fields"]["Amount EUR"] == 5.25
    world.deals.update(made["id"], {"Amount EUR": None, "Stage": "Won"})
    assert world.deals.get(made["id"])["fields"] == {"Deal": "New", "Closed": "2026-11-19", "Stage": "Won", "Number": 5,
                                                     "Worth": 0}  # fmt: skip
    bare = {"Deal": "New", "Stage": "Won", "Number": 5, "Worth": 0}
    world.deals.update(made["id"], {"Pilot": True, "Closed": None, "Tags": ["a"], "Amount EUR": 0})
    assert world.deals.get(made["id"])["fields"] == {**bare, "Pilot": True, "Tags": ["a"], "Amount EUR": 0}
    world.deals.update(made["id"], {"Pilot": False, "Tags": [], "Amount EUR": None})
    assert world.deals.get(made["id"])["fields"] == bare
    world.deals.update(made["id"], {"Deal": "Only this"}, replace=True)
    assert world.deals.get(made["id"])["fields"] == {"Deal": "Only this", "Number": 5, "Worth": 0}
    empty = world.deals.create({"Deal": "", "Pilot": False, "Tags": []})
    assert set(empty["fields"]) == {"Number", "Worth"}
    world.deals.delete(empty["id"])
    both = world.deals.batch_create([{"Deal": "a"}, {"Deal": "b"}])
    world.deals.batch_delete([each["id"] for each in both])
    world.deals.delete(made["id"])
    assert len(world.deals.all()) == 3


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"Nope": 1}, "UNKNOWN_FIELD_NAME"),
        ({"Amount EUR": "12"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Stage": "Maybe"}, "INVALID_MULTIPLE_CHOICE_OPTIONS"),
        ({"Worth": 1}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Closed": "soon"}, "INVALID_VALUE_FOR_COLUMN"),
    ],
)
def test_what_a_field_cannot_accept(world, cells, kind):
    status, body = refused(lambda: world.deals.batch_create([{"Deal": "fine"}, cells]))
    assert (status, body["error"]["type"]) == (422, kind)
    assert len(world.deals.all()) == 3  # nothing of the batch was written


def test_upserts_update_what_one_record_matches_and_create_the_rest(world):
    answer = world.deals.batch_upsert(
        [{"fields": {"Deal": "Zero", "Amount EUR": 9}}, {"fields": {"Deal": "Brand new", "Stage": "Open"}}],
        key_fields=["Deal"],
    )
    zero, new = answer["records"]
    assert (answer["updatedRecords"], answer["createdRecords"]) == ([zero["id"]], [new["id"]])
    assert zero["fields"] == {"Deal": "Zero", "Stage": "Lost", "Amount EUR": 9, "Closed": "2026-10-31", "Number": 2,
                              "Worth": 0}  # fmt: skip
    by_id = [{"id": new["id"], "fields": {"Deal": "Renamed"}}]
    assert world.deals.batch_upsert(by_id, key_fields=["Deal"])["updatedRecords"] == [new["id"]]
    replaced = world.deals.batch_upsert([{"fields": {"Deal": "Zero"}}], key_fields=["Deal"], replace=True)
    assert replaced["records"][0]["fields"] == {"Deal": "Zero", "Number": 2, "Worth": 0}
    amount = world.base.tables["Deals"].field("Amount EUR").id
    shown = world.deals.batch_upsert([{"fields": {"Deal": "Zero", amount: 3}}], ["Deal"], use_field_ids=True)
    assert shown["records"][0]["fields"][amount] == 3


@pytest.mark.parametrize(
    ("keys", "cells"),
    [
        (["Deal"], {"Deal": "Twice"}),  # two records match
        (["Deal", "Stage"], {"Deal": "x"}),  # a key without a value
        (["Nope"], {"Deal": "x"}),
        (["Worth"], {"Deal": "x"}),
        ([], {"Deal": "x"}),
        (["Deal", "Stage", "Closed", "Pilot"], {"Deal": "x"}),
    ],
)
def test_an_upsert_that_cannot_be_meant_writes_nothing(world, keys, cells):
    world.deals.batch_create([{"Deal": "Twice"}, {"Deal": "Twice"}])
    body = {"performUpsert": {"fieldsToMergeOn": keys}, "records": [{"fields": {"Deal": "Never"}}, {"fields": cells}]}
    body["records"][0]["fields"] |= {"Stage": "Open", "Closed": "2026-11-01", "Pilot": True}
    url, headers = f"{world.service.url}/v0/{BASE}/Deals", {"Authorization": "Bearer good"}
    assert requests.patch(url, json=body, headers=headers, timeout=5).status_code == 422
    assert "Never" not in names(world.deals.all())


def test_ten_records_at_most(world):
    url, headers = f"{world.service.url}/v0/{BASE}/Deals", {"Authorization": "Bearer good"}
    eleven = [{"fields": {"Deal": str(number)}} for number in range(11)]
    assert requests.post(url, json={"records": eleven}, headers=headers, timeout=5).status_code == 422
    assert requests.delete(url, params={"records[]": ["rec"] * 11}, headers=headers, timeout=5).status_code == 422
    assert requests.delete(url, headers=headers, timeout=5).status_code == 422


def test_texts_are_written_for_the_persons_country_and_zone(world):
    table = world.base.tables["Deals"]
    table.field("Seen").options |= {"dateFormat": {"name": "local", "format": "l"}}

    def seen(locale, zone="Europe/Berlin"):
        return world.deals.first(cell_format="string", time_zone=zone, user_locale=locale)["fields"]["Seen"]

    assert [seen(each) for each in ("en-us", "en-gb", "de")] == [
        "10/2/2026 00:30",
        "2/10/2026 00:30",
        "2.10.2026 00:30",
    ]
    assert seen("en-us", "America/New_York") == "10/1/2026 18:30"
    assert refused(lambda: seen("en-us", "Mars/Olympus"))[0] == 422


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_comments_are_refused_loudly(world, method):
    record = world.deals.first()["id"]
    url, headers = f"{world.service.url}/v0/{BASE}/Deals/{record}/comments", {"Authorization": "Bearer good"}
    answer = requests.request(method, url, json={"text": "x"}, headers=headers, timeout=5)
    assert (answer.status_code, "does not serve" in answer.json()["sandbox"]) == (501, True)


def test_what_is_not_served_is_loud(world):
    url, headers = f"{world.service.url}/v0/{BASE}/Deals/recX/comments", {"Authorization": "Bearer good"}
    assert requests.get(url, headers=headers, timeout=5).status_code == 501
