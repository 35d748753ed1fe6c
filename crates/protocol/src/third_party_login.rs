//! A sign-in at an app that begins here (OpenID Connect Core 1.0 §4): where the browser goes, and what the
//! app is told. It then sends an authorization request like any other.

use domain::{Account, ClientState, User};
use store::grants::AuthorizedClient;
use wire::LoginInitiation;

/// Where a sign-in at an app begins that the user has allowed something; none: the app never said.
///
/// The app learns who is coming (`login_hint`) only where it may know the address anyway. Which of its
/// pages is wanted (`target_link_uri`) nobody here knows.
pub fn url(account: &Account, user: &User, client: &AuthorizedClient) -> Option<String> {
    let address = client.metadata.initiate_login_uri.as_deref()?;
    // It was judged when it was registered; a link of ours is looked at once more.
    if client.state != ClientState::Active || !address.starts_with("https://") {
        return None;
    }
    let knows_address = client.grant.scopes.names("email");
    let initiation = LoginInitiation {
        iss: account.issuer().as_str(),
        login_hint: knows_address.then(|| user.email.as_str()),
    };
    Some(initiation.at(address))
}
