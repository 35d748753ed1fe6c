import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

public final class SignIn {
    private static final ClientID CLIENT_ID = new ClientID("demo-web");
    private static final ClientAuthentication CLIENT =
            new ClientSecretBasic(CLIENT_ID, new Secret("demo-web-secret-of-32-characters"));

    public static void main(String[] arguments) throws Exception {
        var issuer = new Issuer(setting("ISSUER", "http://127.0.0.1:8080"));
        var app = URI.create("http://127.0.0.1:" + setting("PORT", "9801"));
        var provider = OIDCProviderMetadata.resolve(issuer);

        // What is remembered of a sign-in until the browser comes back: in a web application, in its session.
        var verifier = new CodeVerifier();
        var state = new State();
        var nonce = new Nonce();
        var scope = new Scope("openid", "profile", "email", "offline_access");
        var request = new AuthenticationRequest.Builder(ResponseType.CODE, scope, CLIENT_ID, app.resolve("/callback"))
                .endpointURI(provider.getAuthorizationEndpointURI())
                .codeChallenge(verifier, CodeChallengeMethod.S256)
                .state(state)
                .nonce(nonce)
                .build();

        var came = new CompletableFuture<URI>();
        var listener = HttpServer.create(new InetSocketAddress("127.0.0.1", app.getPort()), 0);
        listener.createContext("/", exchange -> {
            var body = "Back to the terminal.\n".getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
            came.complete(app.resolve(exchange.getRequestURI()));
        });
        listener.start();
        System.out.println("Open " + request.toURI());
        var callback = AuthenticationResponseParser.parse(came.get());
        listener.stop(0);
        if (!state.equals(callback.getState()) || !issuer.equals(callback.getIssuer())) {
            throw new SecurityException("this is the answer to another request");
        }
        if (!callback.indicatesSuccess()) {
            throw new IllegalStateException(callback.toErrorResponse().getErrorObject().toString());
        }

        var code = callback.toSuccessResponse().getAuthorizationCode();
        var tokens = tokens(provider, new AuthorizationCodeGrant(code, app.resolve("/callback"), verifier));
        // Signature and algorithm, issuer, audience, times and nonce.
        var keys = provider.getJWKSetURI().toURL();
        var idToken = new IDTokenValidator(issuer, CLIENT_ID, JWSAlgorithm.RS256, keys).validate(tokens.getIDToken(), nonce);

        var asking = new UserInfoRequest(provider.getUserInfoEndpointURI(), tokens.getAccessToken());
        var person = UserInfoResponse.parse(asking.toHTTPRequest().send()).toSuccessResponse().getUserInfo();
        if (!person.getSubject().equals(idToken.getSubject())) {
            throw new SecurityException("userinfo is about somebody else");
        }
        System.out.println("Signed in: " + person.getEmailAddress() + " is " + idToken.getSubject());

        var fresh = tokens(provider, new RefreshTokenGrant(tokens.getRefreshToken()));
        System.out.println("Refreshed: the new access token ends in " + fresh.getAccessToken().getLifetime() + " seconds");

        var end = new LogoutRequest(
                provider.getEndSessionEndpointURI(), tokens.getIDToken(), app.resolve("/loggedout"), null);
        System.out.println("Sign out at " + end.toURI());
    }

    private static OIDCTokens tokens(OIDCProviderMetadata provider, AuthorizationGrant grant) throws Exception {
        var request = new TokenRequest.Builder(provider.getTokenEndpointURI(), CLIENT, grant).build();
        var response = OIDCTokenResponseParser.parse(request.toHTTPRequest().send());
        if (!response.indicatesSuccess()) {
            throw new IllegalStateException(response.toErrorResponse().getErrorObject().toString());
        }
        return (OIDCTokens) response.toSuccessResponse().getTokens();
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
