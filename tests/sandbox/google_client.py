"""The real gspread, sent to the sandbox's Google."""

import gspread
import requests


def redirected(service):
    """gspread's HTTP client, sent to the loopback."""

    class Loopback(gspread.HTTPClient):
        def request(self, method, endpoint, *args, **options):
            for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(host, service.url)
            return super().request(method, endpoint, *args, **options)

    return Loopback


def ask(service, method, path, body=None, token="fixed", **options):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with requests.Session() as session:
        return session.request(method, service.url + path, json=body, headers=headers, timeout=10, **options)


def message(response):
    return response.json()["error"]["message"]
