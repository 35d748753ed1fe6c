"""Apache with mod_auth_openidc, a certified client that knows nothing of Consentry, over https: it signs people in, refreshes,
asks about tokens, signs out, and is told when somebody signs out elsewhere (OpenID Connect Core 1.0, RFC 7662)."""

import json
import os
import time
import unittest
from urllib.parse import parse_qs, quote, urlsplit

import requests

from browser import Browser

ORIGIN = os.environ["E2E_SECURE_ORIGIN"]
APACHE = os.environ["E2E_APACHE_ORIGIN"]
CA = os.path.join(os.environ["E2E_TLS"], "ca.pem")
APP = f"{APACHE}/app/"
API = f"{APACHE}/api/"
REDIRECT = f"{APACHE}/app/redirect"
LOGGED_OUT = f"{APACHE}/loggedout.html"
ALICE = {"username": "alice@e2e.example", "password": "a person of the tests"}
CLIENT = ("e2e-apache", "the-secret-of-the-apache-client")

# What a busy machine may take for what a quick one does at once.
PATIENCE = 30


def eventually(is_so):
    """Looks until it is so, and says whether it came to be."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class ApacheTest(unittest.TestCase):
    def setUp(self):
        self.browser = Browser(ORIGIN, APACHE, verify=CA)
        self.app = self.browser.sign_in(APP, ALICE)
        self.assertEqual(self.app.url, APP)

    def is_signed_in(self):
        return self.browser.get(APP).status_code == 200

    def asks_for_password(self):
        return 'id="login-submit"' in self.browser.open(APP).text

    def api(self, token):
        return requests.get(API, headers={"Authorization": f"Bearer {token}"}, verify=CA, timeout=30)

    def test_it_signs_alice_in(self):
        asked = next(url for url in self.browser.visited if url.startswith(f"{ORIGIN}/oauth/authorizations/new"))
        asked = parse_qs(urlsplit(asked).query)
        self.assertEqual((asked["response_type"], asked["code_challenge_method"]), (["code"], ["S256"]))
        claims = json.loads(self.app.headers["X-Id-Token"])
        self.assertEqual((claims["iss"], claims["aud"]), (ORIGIN, "e2e-apache"))
        self.assertEqual(claims["nonce"], asked["nonce"][0])
        self.assertLessEqual({"sub", "exp", "iat", "auth_time", "sid", "at_hash"}, set(claims))

    def test_it_reads_who_she_is(self):
        person = json.loads(self.app.headers["X-Userinfo"])
        self.assertEqual(person["sub"], json.loads(self.app.headers["X-Id-Token"])["sub"])
        self.assertEqual((person["email"], person["name"]), ("alice@e2e.example", "Alice Liddell"))
        self.assertEqual((person["given_name"], person["family_name"]), ("Alice", "Liddell"))

    def test_it_refreshes(self):
        token, refresh_token = (self.app.headers[name] for name in ["X-Access-Token", "X-Refresh-Token"])
        page = self.browser.open(f"{REDIRECT}?refresh={quote(APP)}&access_token={quote(token)}")
        self.assertEqual(page.url, APP)
        self.assertNotEqual(page.headers["X-Access-Token"], token)
        self.assertNotEqual(page.headers["X-Refresh-Token"], refresh_token)
        self.assertEqual(self.api(page.headers["X-Access-Token"]).status_code, 200)

    def test_its_api_takes_good_tokens_only(self):
        token = self.app.headers["X-Access-Token"]
        taken = self.api(token)
        self.assertEqual(taken.status_code, 200, taken.text)
        self.assertEqual((taken.headers["X-Username"], taken.headers["X-Client-Id"]), (ALICE["username"], "e2e-apache"))
        self.assertEqual(self.api("made-up").status_code, 401)
        revoked = requests.post(f"{ORIGIN}/oauth/tokens/revoke", {"token": token}, auth=CLIENT, verify=CA, timeout=30)
        self.assertEqual(revoked.status_code, 200)
        self.assertEqual(self.api(token).status_code, 401)

    def test_signing_out_there_signs_out_everywhere(self):
        page = self.browser.open(f"{REDIRECT}?logout={quote(LOGGED_OUT)}")
        asked = next(url for url in self.browser.visited if url.startswith(f"{ORIGIN}/logout"))
        self.assertIn("id_token_hint", parse_qs(urlsplit(asked).query))
        self.assertEqual(page.url.split("?")[0], LOGGED_OUT)
        self.assertTrue(self.asks_for_password())

    def test_it_is_told_when_she_signs_out_elsewhere(self):
        other = Browser(ORIGIN, APACHE, verify=CA)
        self.assertEqual(other.sign_in(APP, ALICE).url, APP)
        page = self.browser.submit(self.browser.open(f"{ORIGIN}/logout"), "logout-confirm")
        self.assertTrue(eventually(lambda: not self.is_signed_in()), "Apache never heard of it")
        self.assertIn("Pages behind Apache", page.text)
        self.assertEqual(other.get(APP).status_code, 200, "her other session goes on")


if __name__ == "__main__":
    unittest.main()
