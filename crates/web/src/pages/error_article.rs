//! `/docs/errors/{code}`: what each error code means and what to do about it.

use askama::Template;

use super::parts::Layout;

/// The page that explains one error code.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/error_article.html")]
pub struct ErrorArticlePage {
    /// What surrounds the page.
    pub layout: Layout,
    /// What it says.
    pub article: &'static ErrorArticle,
}

impl ErrorArticlePage {
    /// The page of this code, if there is such a code.
    pub fn new(layout: Layout, code: &str) -> Option<Self> {
        ErrorArticle::find(code).map(|article| Self { layout, article })
    }

    fn all(&self) -> impl Iterator<Item = &'static ErrorArticle> {
        let shown = self.article.code;
        ErrorArticle::all().filter(move |article| article.code != shown)
    }
}

/// What an error code means.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorArticle {
    /// The code.
    pub code: &'static str,
    /// The heading of the error page.
    pub title: &'static str,
    /// What has happened.
    pub meaning: &'static str,
    /// What a user can do.
    pub user_step: &'static str,
    /// What the app's developer can do.
    pub developer_step: &'static str,
}

impl ErrorArticle {
    /// The article of this code.
    pub fn find(code: &str) -> Option<&'static Self> {
        Self::all().find(|article| article.code == code)
    }

    /// Every article: first those of the pages, then those of the protocol.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        PAGES.iter().chain(AUTHORIZATION).chain(TOKENS)
    }

    /// The article for a fault of the server, which needs no explanation from the code.
    pub(crate) const fn server_error() -> &'static Self {
        &SERVER_ERROR
    }
}

const ASK_THE_DEVELOPER: &str = "Go back to the app and try again. If it happens again, tell the app's developer the code and the request id.";
const START_AGAIN: &str = "Go back to the app and start again from there.";
const NOT_SHOWN: &str = "Apps get this code from the server; people do not meet it. If an app shows it, tell its developer.";

const SERVER_ERROR: ErrorArticle = ErrorArticle {
    code: "server_error",
    title: "The server failed",
    meaning: "Something went wrong on our side. Nothing was changed.",
    user_step: "Try again in a moment. If it happens again, tell the operator the request id.",
    developer_step: "Retry with a growing delay. The operator finds the cause in the log under the request id.",
};

const PAGES: &[ErrorArticle] = &[
    ErrorArticle {
        code: "unknown_client",
        title: "This app is not known here",
        meaning: "The app that sent you here is not registered with this account.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Compare `client_id` with the identifier of the app, letter by letter, and check that the request goes to the account where the app is registered.",
    },
    ErrorArticle {
        code: "redirect_uri_missing",
        title: "The app did not say where to return",
        meaning: "The request has no `redirect_uri`, so there is no safe place to send you back to.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Send `redirect_uri` with every authorization request, even if only one is registered.",
    },
    ErrorArticle {
        code: "redirect_uri_mismatch",
        title: "This return address is not registered",
        meaning: "The app wants to send you to an address that its developer did not register. Going there could hand your access to somebody else, so it stops here.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Register the redirect URI exactly as it is sent: scheme, host, port, path, query and trailing slash count. Only the port of a loopback address of a public app may differ.",
    },
    ErrorArticle {
        code: "repeated_parameter",
        title: "The request says something twice",
        meaning: "A parameter was sent more than once, so it is not clear which value counts.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Send each parameter once. Only `resource` may be repeated (RFC 6749 §3.1, RFC 8707 §2).",
    },
    ErrorArticle {
        code: "parameter_too_long",
        title: "The request is too long",
        meaning: "A parameter of the request is longer than the server accepts.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Keep `state` below 4,096 bytes: store what you need on your side and send a short key.",
    },
    ErrorArticle {
        code: "logout_client_mismatch",
        title: "Two apps ask to sign you out",
        meaning: "The request to sign out names one app and proves another, so it is not clear who asks. You are signed in as before.",
        user_step: "Sign out here with the button on any page, or go back to the app and try again.",
        developer_step: "Send the `client_id` that the ID token in `id_token_hint` was issued to, or no `client_id` at all.",
    },
    ErrorArticle {
        code: "account_suspended",
        title: "This account is suspended",
        meaning: "Whoever runs this server has suspended the account. Nobody can sign in here, and no app can use it.",
        user_step: "Ask the people who run the account, or this server, when it opens again.",
        developer_step: "Every token and code of the account has ended. When the account is active again, people have to go through the flow again.",
    },
    ErrorArticle {
        code: "client_suspended",
        title: "This app is suspended",
        meaning: "An admin has suspended this app. It can neither get new access nor use what it had.",
        user_step: "Ask an admin of the account why, if you need the app.",
        developer_step: "Ask an admin of the account. When the app is active again, people have to go through the flow again.",
    },
    ErrorArticle {
        code: "client_not_ready",
        title: "This app is not published yet",
        meaning: "The app is still being built or waits for a review. Until then it works for its owner only.",
        user_step: "Try again when the developer has published the app.",
        developer_step: "Sign in as the owner of the app to try it, or publish it.",
    },
    ErrorArticle {
        code: "request_expired",
        title: "This request has expired",
        meaning: "The page was open for too long, or the request was answered already.",
        user_step: START_AGAIN,
        developer_step: "Send people to a new authorization request; one request is good for one answer.",
    },
    ErrorArticle {
        code: "form_expired",
        title: "This form has expired",
        meaning: "The form does not belong to your session any more, or it was sent from another site. Nothing was changed.",
        user_step: "Go back, load the page again and send the form once more.",
        developer_step: "Forms of these pages work only in the browser session that they were shown in. Cookies must be allowed.",
    },
    ErrorArticle {
        code: "set_up_link_used",
        title: "This set-up link does not work any more",
        meaning: "A set-up link makes the first admin. It works once, and only for a while.",
        user_step: "If there is an admin already, sign in. Otherwise start the server again: it prints a new link.",
        developer_step: "`consentry user create` makes an admin without a link.",
    },
    ErrorArticle {
        code: "forbidden",
        title: "You may not do this",
        meaning: "You are signed in, but this is not open to you.",
        user_step: "Sign in as somebody who may, or ask an admin of the account.",
        developer_step: "Check the role of the user and the scopes of the token.",
    },
    ErrorArticle {
        code: "not_found",
        title: "There is nothing here",
        meaning: "The page does not exist, or it was moved.",
        user_step: "Check the address, or go on from the home page.",
        developer_step: "The metadata document lists every endpoint of the account.",
    },
    ErrorArticle {
        code: "method_not_allowed",
        title: "This page cannot be used like that",
        meaning: "The address exists, but not for this kind of request.",
        user_step: "Go on from the home page.",
        developer_step: "See the `Allow` header of the response for the methods that work.",
    },
    ErrorArticle {
        code: "bad_request",
        title: "The request cannot be read",
        meaning: "The request is not complete or not well formed. Nothing was changed.",
        user_step: "Go back, load the page again and try once more.",
        developer_step: "Check the encoding and the `Content-Type` of the request.",
    },
    ErrorArticle {
        code: "request_too_large",
        title: "The request is too large",
        meaning: "The request carries more than the server accepts.",
        user_step: "Go back and send less.",
        developer_step: "Keep requests below the size limits of the configuration reference.",
    },
    ErrorArticle {
        code: "too_many_requests",
        title: "Too many requests",
        meaning: "There were too many requests in a short time.",
        user_step: "Wait for a moment, then try again.",
        developer_step: "Wait for as long as the `Retry-After` header says.",
    },
    SERVER_ERROR,
    ErrorArticle {
        code: "temporarily_unavailable",
        title: "The server is not available right now",
        meaning: "The server has too much to do or is being updated. Nothing was changed.",
        user_step: "Try again in a moment.",
        developer_step: "Retry with a growing delay, and wait for as long as the `Retry-After` header says.",
    },
];

const AUTHORIZATION: &[ErrorArticle] = &[
    ErrorArticle {
        code: "invalid_request",
        title: "The request is not valid",
        meaning: "A parameter is missing, malformed, repeated, or in conflict with another (RFC 6749 §4.1.2.1 and §5.2).",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "`error_description` names the parameter. Public apps must send `code_challenge` and `code_challenge_method=S256`.",
    },
    ErrorArticle {
        code: "access_denied",
        title: "Access was denied",
        meaning: "The user chose Deny, or the account does not allow it (RFC 6749 §4.1.2.1).",
        user_step: "Start again from the app if you have changed your mind.",
        developer_step: "Respect the answer: explain what the access is for, and offer to connect again.",
    },
    ErrorArticle {
        code: "unauthorized_client",
        title: "This app may not do this",
        meaning: "The app is not registered for this grant type or response type (RFC 6749 §4.1.2.1 and §5.2).",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Add the grant type to the app, or use one that it has. Only confidential apps may use `client_credentials`.",
    },
    ErrorArticle {
        code: "unsupported_response_type",
        title: "This response type is not supported",
        meaning: "The app asked for a response type other than `code` (RFC 6749 §4.1.2.1).",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Send `response_type=code` with PKCE. The implicit grant is not offered: it leaks tokens.",
    },
    ErrorArticle {
        code: "invalid_scope",
        title: "These scopes are not possible",
        meaning: "The `scope` is malformed, unknown, or more than the app may ask for (RFC 6749 §4.1.2.1 and §5.2).",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Separate names with spaces, ask only for scopes that the app is registered for, and never for more at refresh than was granted.",
    },
    ErrorArticle {
        code: "invalid_target",
        title: "This resource is not known",
        meaning: "The `resource` is malformed, unknown, or was not part of the grant (RFC 8707 §2).",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Send the identifier of a registered resource. At the token endpoint it may be fewer than were granted, never more.",
    },
    ErrorArticle {
        code: "login_required",
        title: "Sign-in is required",
        meaning: "The app asked for an answer without a page (`prompt=none`), but nobody suitable is signed in.",
        user_step: START_AGAIN,
        developer_step: "Send the request again without `prompt=none`.",
    },
    ErrorArticle {
        code: "consent_required",
        title: "Consent is required",
        meaning: "The app asked for an answer without a page (`prompt=none`), but the user has not allowed this yet.",
        user_step: START_AGAIN,
        developer_step: "Send the request again without `prompt=none`.",
    },
    ErrorArticle {
        code: "interaction_required",
        title: "Your answer is required",
        meaning: "The app asked for an answer without a page (`prompt=none`), but the server has to ask the user something.",
        user_step: START_AGAIN,
        developer_step: "Send the request again without `prompt=none`.",
    },
    ErrorArticle {
        code: "account_selection_required",
        title: "A choice of user is required",
        meaning: "The app asked for an answer without a page (`prompt=none`), but it is not clear for whom.",
        user_step: START_AGAIN,
        developer_step: "Send the request again without `prompt=none`, or with an `id_token_hint`.",
    },
    ErrorArticle {
        code: "unmet_authentication_requirements",
        title: "A stronger sign-in is required",
        meaning: "The app asks for a way to sign in that is not available for this user.",
        user_step: "Ask an admin of the account which ways to sign in you can add.",
        developer_step: "Ask only for `acr` values that the metadata lists.",
    },
    ErrorArticle {
        code: "invalid_request_object",
        title: "The signed request is not valid",
        meaning: "The app signed its request (RFC 9101), but the signature, the time or the content is not right.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Read `error_description`: it says what is wrong with the JWT. Sign it with a registered key.",
    },
    ErrorArticle {
        code: "invalid_request_uri",
        title: "The request cannot be fetched",
        meaning: "The app left its request at an address (`request_uri`) that is not registered or cannot be read.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Register the exact address in `request_uris`, and serve the signed request there over `https`.",
    },
    ErrorArticle {
        code: "registration_not_supported",
        title: "Registration inside a request is not supported",
        meaning: "The request carries a `registration` parameter (OpenID Connect Core §7.2.1), which this server does not read.",
        user_step: ASK_THE_DEVELOPER,
        developer_step: "Register the app before it sends requests.",
    },
];

const TOKENS: &[ErrorArticle] = &[
    ErrorArticle {
        code: "invalid_client",
        title: "The app could not prove who it is",
        meaning: "The client is unknown, or its secret or way of authentication is wrong (RFC 6749 §5.2). Which of these is not said.",
        user_step: NOT_SHOWN,
        developer_step: "Check `client_id` and `client_secret`, that the secret has not expired, and that they are sent in one place only: the `Authorization` header or the body.",
    },
    ErrorArticle {
        code: "invalid_grant",
        title: "The code or refresh token is not good",
        meaning: "It is wrong, expired, revoked, used already, or belongs to another app; or `code_verifier` or `redirect_uri` differ (RFC 6749 §5.2).",
        user_step: NOT_SHOWN,
        developer_step: "A code works once and for a minute. Store the newest refresh token before you use it. If it still fails, send the user through the flow again.",
    },
    ErrorArticle {
        code: "unsupported_grant_type",
        title: "This grant type is not supported",
        meaning: "The token endpoint does not know the `grant_type` (RFC 6749 §5.2).",
        user_step: NOT_SHOWN,
        developer_step: "Use one of `grant_types_supported` in the metadata. The password grant is not offered.",
    },
    ErrorArticle {
        code: "unsupported_token_type",
        title: "This kind of token cannot be revoked",
        meaning: "The revocation endpoint does not revoke tokens of this kind (RFC 7009 §2.2.1).",
        user_step: NOT_SHOWN,
        developer_step: "Send an access token or a refresh token.",
    },
    ErrorArticle {
        code: "invalid_token",
        title: "The access token is not good",
        meaning: "It is wrong, expired, or revoked (RFC 6750 §3.1).",
        user_step: NOT_SHOWN,
        developer_step: "Refresh it once. If that fails with `invalid_grant`, send the user through the flow again.",
    },
    ErrorArticle {
        code: "insufficient_scope",
        title: "The access token does not allow this",
        meaning: "The request needs a scope that the token does not have (RFC 6750 §3.1).",
        user_step: NOT_SHOWN,
        developer_step: "The `WWW-Authenticate` header names the scope. Ask for it in a new authorization request; the user sees it as new.",
    },
    ErrorArticle {
        code: "invalid_redirect_uri",
        title: "This redirect URI cannot be registered",
        meaning: "A redirect URI of the registration is not allowed (RFC 7591 §3.2.2).",
        user_step: NOT_SHOWN,
        developer_step: "Use an absolute https URI without fragment. Native apps may use a loopback IP address, or a private scheme with a dot.",
    },
    ErrorArticle {
        code: "invalid_client_metadata",
        title: "This app cannot be registered so",
        meaning: "A value of the registration is not valid, or in conflict with another (RFC 7591 §3.2.2).",
        user_step: NOT_SHOWN,
        developer_step: "`error_description` names the value.",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ErrorArticle;

    #[test]
    fn each_code_has_one_article() {
        let codes: BTreeSet<_> = ErrorArticle::all().map(|article| article.code).collect();
        assert_eq!(codes.len(), ErrorArticle::all().count());
    }
}
