"""The server that e2e/run started, the people in its seed, and python-zendesk with a memory of what was called."""

import asyncio
import inspect
import os

import requests
from requests_oauthlib import OAuth2Session
from zendesk import Zendesk, models

from browser import Browser

ORIGIN = os.environ["E2E_ORIGIN"]
LIMITED_ORIGIN = os.environ["E2E_LIMITED_ORIGIN"]

ADMIN = ("admin@e2e.example", "admin-api-token-of-the-tests")
AGENT = ("agent@e2e.example", "agent-api-token-of-the-tests")
ALICE = {"username": "alice@e2e.example", "password": "a person of the tests"}

RESOURCES = ["o_auth_clients", "o_auth_tokens", "global_clients", "grant_type_tokens"]
_called = set()
_loop = asyncio.new_event_loop()


class Sdk:
    """python-zendesk for one caller; with `suffix` "_async", its asynchronous methods under the same names."""

    def __init__(self, caller=ADMIN, origin=ORIGIN, suffix=""):
        email, token = caller
        security = models.Security(username=f"{email}/token", password=token)
        sdk = Zendesk(server_url=origin, security=security)
        self.users = Methods(sdk.users, suffix)
        for name in RESOURCES:
            setattr(self, name, Methods(getattr(sdk, name), suffix))


class Methods:
    """What one resource can do. A call is remembered, and waited for."""

    def __init__(self, resource, suffix):
        self._resource, self._suffix = resource, suffix

    def __getattr__(self, name):
        method = getattr(self._resource, name + self._suffix)

        def call(**given):
            _called.add(method.__qualname__)
            result = method(**given)
            return _loop.run_until_complete(result) if inspect.isawaitable(result) else result

        return call


def never_called():
    """The methods of the resource classes that no test has called."""
    sdk = Zendesk(server_url=ORIGIN)
    classes = [type(getattr(sdk, name)) for name in RESOURCES]
    methods = {
        method.__qualname__
        for resource in classes
        for name, method in vars(resource).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    return sorted(methods - _called)


def pages(first):
    """Follows a list of python-zendesk to its end."""
    while first is not None:
        yield first.result
        first = first.next()


def post(path, body):
    """What python-zendesk has no body for."""
    email, token = ADMIN
    reply = requests.post(f"{ORIGIN}/api/v2{path}", json=body, auth=(f"{email}/token", token), timeout=30)
    assert reply.status_code == 201, reply.text
    return reply.json()


def allow(url):
    """Alice opens an authorization request, signs in and allows it, unless she did before; where she is sent then."""
    return Browser(ORIGIN).sign_in(url, ALICE)


def allow_global_client():
    """Alice lets the global client of the seed into her account."""
    app = OAuth2Session("zdg-e2e", redirect_uri="https://global.e2e.example/callback", scope=["read"], pkce="S256")
    url, _ = app.authorization_url(f"{ORIGIN}/oauth/authorizations/new")
    allow(url)
