"""Whoever a server asks that `scripts/fuzz.sh` calls: a provider of the weather in the shape of Open-Meteo's, and a model in that of OpenAI's.

Both say something odd every other time, and never so often in a row that they would be left alone. The first line of the output is the
port on this machine; `GET /asked` says how often each was asked. Ends with the process.
"""

import itertools
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CURRENT = {
    "time": "2026-05-12T03:00",
    "interval": 900,
    "temperature_2m": 17.4,
    "relative_humidity_2m": 86,
    "precipitation": 0.3,
    "rain": 0.3,
    "showers": 0.0,
    "snowfall": 0.0,
    "weather_code": 61,
    "cloud_cover": 100,
    "wind_speed_10m": 2.31,
}


def weather(**changes):
    return 200, json.dumps({"latitude": 37.55, "longitude": 126.94, "current": CURRENT | changes})


WEATHER = [
    weather(),
    weather(temperature_2m=None),
    weather(temperature_2m=-12.5, rain=0, snowfall=1.2, weather_code=75, cloud_cover=90),
    (500, "{}"),
    weather(temperature_2m=35.1, precipitation=0, rain=0, weather_code=0, cloud_cover=0, wind_speed_10m=14),
    weather(temperature_2m=1e300),
    weather(rain=0.2, snowfall=0.1, weather_code=71),
    (200, '{"current":'),
    weather(precipitation=12, showers=12, rain=0, weather_code=82),
    (429, '{"error":true,"reason":"Too many requests"}'),
]


def event(words, end=None):
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": end}]}) + "\n\n"


FIRST = event("이런 메뉴는 어때요?\n") + event("1. 칼국수 — 국물이 뜨끈해요\n")
DONE = "data: [DONE]\n\n"
# Status, body, and whether the line is cut before its end.
ANSWERS = [
    (200, ": hello\n\n" + FIRST + event("2. 할머니 손두부 — 고소해요\n") + event("", "stop") + DONE, False),
    (200, FIRST + event("끝", "length") + DONE, False),
    (200, event("<b>김치찌개</b> — \u202e\u0000 \"'>\n- 김치찌개 — 뜨끈해요", "stop"), False),
    (200, FIRST, True),
    (200, event("비가 오네요 — 조심하세요\n" * 3, "stop") + DONE, False),
    (200, 'data: {"error":{"message":"no"}}\n\n', False),
    (200, "".join(event(f"- 메뉴 {n} — 이유\n") for n in range(400)) + event("", "stop"), False),
    (503, "", False),
    (200, FIRST + "event: x\r\ndata:{}\r\n\r\n" + event("", "stop"), False),
    (200, "data: \ufffd{\n\n", False),
]

asked = {"weather": 0, "model": 0}
forecasts, answers = itertools.cycle(WEATHER), itertools.cycle(ANSWERS)


class Peer(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/asked":
            self.say(200, "application/json", json.dumps(asked))
        elif self.path.startswith("/v1/forecast?"):
            asked["weather"] += 1
            status, body = next(forecasts)
            self.say(status, "application/json", body)
        else:
            self.say(404, "text/plain", "")

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions" or not question["messages"]:
            self.say(404, "text/plain", "")
            return
        asked["model"] += 1
        status, body, is_cut = next(answers)
        self.say(status, "text/event-stream", body, is_cut)

    def say(self, status, kind, body, is_cut=False):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) + is_cut))
        self.end_headers()
        # In pieces that end in the middle of characters.
        for at in range(0, len(data), 61):
            self.wfile.write(data[at : at + 61])
            self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
print(server.server_port, flush=True)
server.serve_forever()
