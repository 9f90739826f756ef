from pathlib import Path

import requests
from peer import PIN_ID
from repeat import WARM_UP, in_folder, in_threads

KEYS = {"pinning_api_key": "key", "pinning_secret_key": "secret"}


def session():
    session = requests.Session()
    session.trust_env = False
    return session


def send(session, url, path):
    with Path(path).open("rb") as file:
        answer = session.post(f"{url}/", headers=KEYS, files={"file": (Path(path).name, file)})
    answer.raise_for_status()
    return answer.json()


def upload(url, path):
    send(session(), url, path)


def get(session, url):
    answer = session.get(url, headers=KEYS)
    answer.raise_for_status()
    return answer.json()


def calls(url, count, concurrency):
    shared = session()
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=concurrency)
    shared.mount("http://", adapter)
    call = lambda _: get(shared, f"{url}/{PIN_ID}")
    in_threads(call, range(WARM_UP), concurrency)
    return in_threads(call, range(count), concurrency)


def list_pins(url, count):
    shared = session()
    return in_threads(lambda _: get(shared, f"{url}/pins/?limit=1000"), range(count), 1)


def files(url, folder, concurrency):
    shared = session()
    shared.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=concurrency))
    return in_threads(lambda path: send(shared, url, path), in_folder(folder), concurrency)
