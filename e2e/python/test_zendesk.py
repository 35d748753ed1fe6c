"""python-zendesk runs every method it has for OAuth clients, tokens and global clients (zendesk-wire §1.9).

It sends no body when it creates or updates, so what it lists and shows is made by plain requests.
"""

import itertools
import os
import unittest

from zendesk import errors

import world
from world import pages, post

_numbers = itertools.count(1)


def make_client(**values):
    name = f"python-{os.getpid()}-{next(_numbers)}"
    return post("/oauth/clients", {"client": {"name": name, "identifier": name, "kind": "confidential", **values}})["client"]


def make_token(client, **values):
    return post("/oauth/tokens", {"token": {"client_id": client["id"], "scopes": ["read"], **values}})["token"]


def tearDownModule():
    left_out = world.never_called()
    assert not left_out, f"no test called {left_out}"


class ZendeskMethods:
    """The tests, for both forms of each method."""

    suffix = ""

    def setUp(self):
        self.sdk = world.Sdk(suffix=self.suffix)

    def refused(self, status, call, **given):
        with self.assertRaises(errors.APIError) as refusal:
            call(**given)
        self.assertEqual(refusal.exception.status_code, status)
        return refusal.exception

    def test_it_knows_who_calls(self):
        self.assertEqual(self.sdk.users.show_current_user().user.email, world.ADMIN[0])

    def test_more_than_a_hundred_clients_are_listed_each_once(self):
        made = {make_client()["id"] for _ in range(105)}
        listed = [client.id for page in pages(self.sdk.o_auth_clients.list_o_auth_clients()) for client in page.clients]
        self.assertEqual(len(set(listed)), len(listed))
        self.assertLessEqual(made, set(listed))

    def test_a_client_is_shown_given_a_new_secret_and_deleted(self):
        clients, made = self.sdk.o_auth_clients, make_client(redirect_uri=["https://app.e2e.example/cb"])
        shown = clients.show_client(oauth_client_id=made["id"]).client
        self.assertEqual(shown.secret, made["secret"][:9])
        self.assertEqual(shown.redirect_uri, made["redirect_uri"])
        self.assertEqual(shown.user_id, made["user_id"])
        renewed = clients.client_generate_secret(oauth_client_id=made["id"]).client
        self.assertGreaterEqual(len(renewed.secret), 49)
        self.assertNotEqual(renewed.secret, made["secret"])
        clients.delete_client(oauth_client_id=made["id"])
        gone = self.refused(404, clients.show_client, oauth_client_id=made["id"])
        self.assertIn('"RecordNotFound"', gone.body)

    def test_a_client_without_a_body_lacks_its_name_and_identifier(self):
        fault = self.refused(422, self.sdk.o_auth_clients.create_o_auth_client)
        self.assertEqual(fault.body.count('"BlankValue"'), 2)

    def test_an_update_without_a_body_changes_nothing(self):
        made = make_client()
        updated = self.sdk.o_auth_clients.update_client(oauth_client_id=made["id"]).client
        self.assertEqual((updated.name, updated.identifier), (made["name"], made["identifier"]))

    def test_more_than_a_hundred_tokens_are_listed_each_once(self):
        client = make_client()
        made = {make_token(client)["id"] for _ in range(105)}
        listing = self.sdk.o_auth_tokens.list_o_auth_tokens(client_id=client["id"], all=True)
        listed = [token.id for page in pages(listing) for token in page.tokens]
        self.assertEqual(len(listed), 105)
        self.assertEqual(set(listed), made)

    def test_a_token_is_shown_and_revoked(self):
        tokens, made = self.sdk.o_auth_tokens, make_token(make_client())
        shown = tokens.show_token(oauth_token_id=made["id"]).token
        self.assertEqual(shown.token, made["full_token"][:10])
        self.assertEqual(shown.scopes, ["read"])
        tokens.revoke_o_auth_token(oauth_token_id=made["id"])
        self.refused(404, tokens.show_token, oauth_token_id=made["id"])

    def test_a_token_without_a_body_lacks_its_client_and_scopes(self):
        fault = self.refused(422, self.sdk.o_auth_tokens.create_o_auth_token)
        self.assertEqual(fault.body.count('"BlankValue"'), 2)

    def test_a_grant_without_a_body_is_no_request(self):
        fault = self.refused(415, self.sdk.grant_type_tokens.create_token_for_grant_type)
        self.assertIn('"invalid_request"', fault.body)

    def test_the_global_client_that_alice_allowed_is_listed(self):
        world.allow_global_client()
        listing = self.sdk.global_clients.list_global_o_auth_clients()
        listed = [client.identifier for page in pages(listing) for client in page.global_clients]
        self.assertEqual(listed, ["zdg-e2e"])

    def test_wrong_credentials_and_roles_are_refused(self):
        stranger = world.Sdk((world.ADMIN[0], "not-a-token-of-the-tests"), suffix=self.suffix)
        fault = self.refused(401, stranger.o_auth_clients.list_o_auth_clients)
        self.assertEqual(fault.body, """{"error":"Couldn't authenticate you"}""")
        agent = world.Sdk(world.AGENT, suffix=self.suffix)
        self.assertIn('"Forbidden"', self.refused(403, agent.o_auth_clients.list_o_auth_clients).body)

    def test_at_the_rate_limit_it_is_told_when_to_come_back(self):
        hurried = world.Sdk(origin=world.LIMITED_ORIGIN, suffix=self.suffix)
        with self.assertRaises(errors.APIError) as refusal:
            for _ in range(1000):
                hurried.users.show_current_user()
        self.assertEqual(refusal.exception.status_code, 429)
        self.assertGreater(int(refusal.exception.headers["retry-after"]), 0)


class BlockingMethodsTest(ZendeskMethods, unittest.TestCase):
    pass


class AsynchronousMethodsTest(ZendeskMethods, unittest.TestCase):
    suffix = "_async"
