"""An OAuth library that knows nothing of Consentry lets somebody sign in, and refreshes (RFC 6749 §4.1, RFC 7636)."""

import os
import unittest

import requests
from requests_oauthlib import OAuth2Session

import world

# oauthlib wants https for all but tests.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


class AuthorizationCodeTest(unittest.TestCase):
    def setUp(self):
        metadata = f"{world.ORIGIN}/.well-known/oauth-authorization-server"
        self.server = requests.get(metadata, timeout=30).json()

    def test_a_confidential_app_signs_alice_in_and_refreshes(self):
        self.signs_in(
            {"client_id": "e2e-web", "redirect_uri": "https://app.e2e.example/callback"},
            {"client_secret": "the-secret-of-the-web-application"},
        )

    def test_a_public_global_app_does_too(self):
        self.signs_in({"client_id": "zdg-e2e", "redirect_uri": "https://global.e2e.example/callback"}, {})

    def signs_in(self, client, secret):
        app = OAuth2Session(scope=["read", "write"], pkce="S256", **client)
        url, _ = app.authorization_url(self.server["authorization_endpoint"])
        endpoint = self.server["token_endpoint"]
        known = {"include_client_id": True, **secret}
        first = app.fetch_token(endpoint, authorization_response=world.allow(url), **known)
        self.assertEqual(first["expires_in"], 1800)
        self.assertEqual(self.who(app), world.ALICE["username"])
        second = app.refresh_token(endpoint, client_id=client["client_id"], **secret)
        self.assertNotEqual(second["access_token"], first["access_token"])
        self.assertEqual(second["scope"], first["scope"])
        self.assertEqual(self.who(app), world.ALICE["username"])

    def who(self, app):
        return app.get(f"{world.ORIGIN}/api/v2/users/me").json()["user"]["email"]
