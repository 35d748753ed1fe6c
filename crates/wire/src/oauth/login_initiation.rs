//! What an app is told where a sign-in at it begins elsewhere (OpenID Connect Core 1.0 §4).

use form_urlencoded::Serializer;

/// The parameters that go to an app's `initiate_login_uri`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginInitiation<'a> {
    /// Whom the app is to ask who is there.
    pub iss: &'a str,
    /// Who will sign in.
    pub login_hint: Option<&'a str>,
}

impl LoginInitiation<'_> {
    /// The address with the parameters behind those that it has.
    pub fn at(&self, initiate_login_uri: &str) -> String {
        let (address, fragment) = match initiate_login_uri.split_once('#') {
            Some((address, fragment)) => (address, format!("#{fragment}")),
            None => (initiate_login_uri, String::new()),
        };
        let pairs = [("iss", Some(self.iss)), ("login_hint", self.login_hint)];
        let present = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let query = Serializer::new(String::new()).extend_pairs(present).finish();
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}{query}{fragment}")
    }
}

#[cfg(test)]
mod tests {
    use super::LoginInitiation;

    #[test]
    fn the_parameters_stand_behind_those_of_the_address() {
        let bare = LoginInitiation { iss: "https://a.example", login_hint: None };
        let hinted = LoginInitiation { login_hint: Some("ann&b=c@a.example"), ..bare };
        for (address, expected) in [
            ("https://b.example/in", "https://b.example/in?iss=https%3A%2F%2Fa.example"),
            ("https://b.example/in?x=1", "https://b.example/in?x=1&iss=https%3A%2F%2Fa.example"),
            ("https://b.example/in#top", "https://b.example/in?iss=https%3A%2F%2Fa.example#top"),
        ] {
            assert_eq!(bare.at(address), expected);
        }
        let expected =
            "https://b.example/?iss=https%3A%2F%2Fa.example&login_hint=ann%26b%3Dc%40a.example";
        assert_eq!(hinted.at("https://b.example/"), expected);
    }
}
