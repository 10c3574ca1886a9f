#!/usr/bin/env bash
# Packages: PyPI fastapi 0.115.6, starlette 0.41.3, pydantic 2.10.3, httpx 0.28.1.
#
# One would guess: a field that does not fit its type is answered with 422 and its place, whatever the value was.
#
# Seen: a number beyond the range of a double, which is valid JSON, is answered with 500 and no body of JSON. Python reads
# it as infinity, validation refuses infinity for an integer, and the 422 cannot be written, since it repeats the input
# and Starlette's JSONResponse refuses infinity. A float field takes it, and the answer that repeats it fails alike.
#   integer field, "many" -> 422 int_parsing
#   integer field, 1e308 -> 422 int_parsing_size
#   integer field, 1e400 -> 500 text/plain
#   float field, 1e400 -> 500 text/plain
#   float field, "inf" -> 500 text/plain
#
# Why it matters: the conventions for HTTP make a server's span an error from 500 on, and not below. A client's typing
# mistake raises the error rate of the service and its alerts, and the trace shows an exception in the framework's renderer.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fastapi==0.115.6 starlette==0.41.3 pydantic==2.10.3 httpx==0.28.1
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import fastapi
import fastapi.testclient
import pydantic


class Ship(pydantic.BaseModel):
    passengers: int = 0
    distance: float = 0


app = fastapi.FastAPI()


@app.post("/dock")
def dock(ship: Ship):
    return {"distance": ship.distance}


client = fastapi.testclient.TestClient(app, raise_server_exceptions=False)


def answer(body):
    response = client.post("/dock", content=body, headers={"content-type": "application/json"})
    kind = response.headers["content-type"].split(";")[0]
    return f"{response.status_code} {response.json()['detail'][0]['type'] if kind == 'application/json' else kind}"


seen = {
    'integer field, "many"': answer('{"passengers": "many"}'),
    "integer field, 1e308": answer('{"passengers": 1e308}'),
    "integer field, 1e400": answer('{"passengers": 1e400}'),
    "float field, 1e400": answer('{"distance": 1e400}'),
    'float field, "inf"': answer('{"distance": "inf"}'),
}
for name, result in seen.items():
    print(f"{name} -> {result}")
assert list(seen.values())[2:] == ["500 text/plain"] * 3, seen
assert list(seen.values())[:2] == ["422 int_parsing", "422 int_parsing_size"], seen
PYTHON
