"""Who calls, from where, and about what: schemathesis asks this at every call of `scripts/fuzz.sh`.

People are signed up through the API itself, because one person may do only so much in a while (`rate_limit.rs`): what is done goes
around among them. Questions go to somebody of the demo world, who sees the most of it. Each call comes from an address of its
own, which the server believes because `scripts/fuzz.sh` stands in the place of its proxy.

The document says of each call that any other refusal is possible (`default`), which is for programs that call. Nothing is left of that
here: a status has to be among those that a call names.
"""

import itertools
import os
import random
import time
import uuid

import requests
import schemathesis
from hypothesis import strategies as st

URL = os.environ["MOIM_FUZZ_URL"]
MEMBERS = os.environ["MOIM_FUZZ_AS"] == "members"
# Enough that nobody does more than they may: a run of `make fuzz` is bounded by its time, not by this.
NEW_PEOPLE = 12
PASSWORD = "password123!"
NEW_PASSWORD = "nine herons over a lake"

addresses = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in itertools.count(1))


def headers():
    return {"Accept": "application/json", "Origin": URL, "X-Forwarded-For": next(addresses)}


def call(session, name, **fields):
    """Calls a function with a form, and says what it answers."""
    answer = session.post(f"{URL}/api/{name}", data=fields, headers=headers(), timeout=30)
    answer.raise_for_status()
    return answer.json()


def ask(session, name, **question):
    """Asks a function that only reads."""
    answer = session.get(f"{URL}/api/{name}", params=question, headers=headers(), timeout=30)
    answer.raise_for_status()
    return answer.json()


def signed_in(email):
    session = requests.Session()
    call(session, "sign_in", **{"form[email]": email, "form[password]": PASSWORD})
    return session


def signed_up(number):
    session = requests.Session()
    form = {
        "email": f"fuzz{number}@moim.test",
        "nickname": f"fuzz {number}",
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
        "birth_date": "2000-02-29",
        "gender": "unsaid",
        "region": "11440124",
        "terms": "true",
        "privacy": "true",
    }
    call(session, "sign_up", **{f"form[{name}]": value for name, value in form.items()})
    call(session, "prove_address", token=mailed_token(session, form["email"]))
    return session


def mailed_token(session, address):
    """The end of the link in the mail to an address. Without a mail server it is kept, as soon as a job has come to it."""
    for _ in range(300):
        for mail in ask(session, "kept_mails")["mails"]:
            if mail["recipient"] == address:
                return mail["path"].rsplit("/", 1)[-1]
        time.sleep(0.1)
    raise RuntimeError(f"no mail to {address}")


def ids(said):
    """Every id in an answer."""
    if isinstance(said, dict):
        for value in said.values():
            yield from ids(value)
    elif isinstance(said, list):
        for value in said:
            yield from ids(value)
    elif isinstance(said, str) and len(said) == 36 and said.count("-") == 4:
        yield said


hosts = [signed_in("test@test.com"), signed_in("test1@test.com")]
people = hosts + ([signed_up(number) for number in range(NEW_PEOPLE)] if MEMBERS else [])
turns = itertools.cycle(people)
# The same each time.
chance = random.Random(1)
if MEMBERS:
    # There are more people than ways in which the model answers: all of these are tried, and stand in what people read afterwards.
    for person in people:
        call(person, "ask_menus", **{"form[key]": str(uuid.uuid4()), "form[text]": "뭐 먹지?"})


def known_ids():
    """Ids of parties, rooms, people, comments and notices that somebody of the demo world sees."""
    found = {}
    for host in hosts:
        said = [ask(host, "meals"), ask(host, "my_meals"), ask(host, "chat_rooms"), ask(host, "notices"), ask(host, "me")]
        parties = list(ids(said[0]["page"]["rows"]))[:10] + list(ids(said[1]["page"]["rows"]))[:10]
        for party in dict.fromkeys(parties):
            for name, field in (("meal", "id"), ("comments", "party")):
                answer = host.get(f"{URL}/api/{name}", params={field: party}, headers=headers(), timeout=30)
                if answer.ok:
                    said.append(answer.json())
        found.update(dict.fromkeys(ids(said)))
    return list(found)


REGIONS = [found["code"] for found in ask(hosts[0], "search_regions", query="동")]
# So often what only random text would be is what it should be, or hardly a call would come to what is behind it.
OFTEN = 0.7

# Most ids of a random kind lead nowhere; those that are known lead to what a call is about.
schemathesis.openapi.format("uuid", st.sampled_from(known_ids()) | st.uuids().map(str))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for methods in raw_schema["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("default", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers.update(headers())
    if isinstance(case.body, dict):
        # A form has the truth values of JSON, not those of Python.
        case.body = {name: str(value).lower() if isinstance(value, bool) else value for name, value in case.body.items()}
        # The name of something new: a UUID of the caller's.
        if "form[key]" in case.body and chance.random() < OFTEN:
            case.body["form[key]"] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    if case.path == "/api/weather" and chance.random() < OFTEN:
        case.query = {"region": chance.choice(REGIONS)}
    if MEMBERS:
        person = chance.choice(hosts) if case.method.upper() == "GET" else next(turns)
        case.headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.cookies)
