import os
import secrets
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8080")
PORT = int(os.environ.get("PORT", "9801"))
APP = f"http://127.0.0.1:{PORT}"
CLIENT_ID = "demo-web"


class Callback(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.came_back_to = f"{APP}{self.path}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Back to the terminal.\n")

    def log_message(self, *_):
        pass


app = OAuth2Session(
    CLIENT_ID,
    "demo-web-secret-of-32-characters",
    scope="openid profile email offline_access",
    redirect_uri=f"{APP}/callback",
    code_challenge_method="S256",
)
server = app.get(f"{ISSUER}/.well-known/openid-configuration", withhold_token=True).json()

# What is remembered of a sign-in until the browser comes back: in a web application, in its session.
verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
url, state = app.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
with HTTPServer(("127.0.0.1", PORT), Callback) as listener:
    print(f"Open {url}", flush=True)
    listener.handle_request()

tokens = app.fetch_token(
    server["token_endpoint"],
    authorization_response=listener.came_back_to,
    state=state,
    code_verifier=verifier,
)
# OpenID Connect Core §3.1.3.7: signature and algorithm, issuer, audience, times, nonce.
keys = KeySet.import_key_set(app.get(server["jwks_uri"], withhold_token=True).json())
claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": server["issuer"]},
    aud={"essential": True, "value": CLIENT_ID},
    exp={"essential": True},
    nonce={"essential": True, "value": nonce},
    sub={"essential": True},
).validate(claims)

person = app.get(server["userinfo_endpoint"]).json()
assert person["sub"] == claims["sub"]
print(f"Signed in: {person['email']} is {claims['sub']}")

fresh = app.refresh_token(server["token_endpoint"])
print(f"Refreshed: the new access token ends in {fresh['expires_in']} seconds")

end = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": f"{APP}/loggedout"}
print(f"Sign out at {server['end_session_endpoint']}?{urlencode(end)}")
