//! What a client asks for when it registers or changes its registration (RFC 7591 §2, RFC 7592 §2.2),
//! and what it may not ask for although others may.

use crate::{
    ClientAuthenticationMethod, ClientDraft, ClientFault, ClientField, ClientKind, GrantType,
    MetadataDraft, Secret,
};

/// The methods that a client may ask for; `any` is the account's to give.
const METHODS: [ClientAuthenticationMethod; 4] = [
    ClientAuthenticationMethod::ClientSecretBasic,
    ClientAuthenticationMethod::ClientSecretPost,
    ClientAuthenticationMethod::PrivateKeyJwt,
    ClientAuthenticationMethod::None,
];

/// The grant types that a client may ask for. Client credentials would act as whoever owns the client, and
/// nobody of the account chose it.
const GRANT_TYPES: [GrantType; 2] = [GrantType::AuthorizationCode, GrantType::RefreshToken];

/// The metadata that a client sends, unchecked. What is not there is a default.
#[derive(Clone, Debug, Default)]
pub struct RegistrationRequest {
    /// The identifier, when a registration is changed.
    pub client_id: Option<String>,
    /// The secret, when a registration is changed; it must be the present one.
    pub client_secret: Option<Secret>,
    /// What people call it.
    pub client_name: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The names of its response types.
    pub response_types: Option<Vec<String>>,
    /// The names of its grant types.
    pub grant_types: Option<Vec<String>>,
    /// The scopes it wants to ask for, separated by spaces.
    pub scope: Option<String>,
    /// The name of its authentication method.
    pub authentication_method: Option<String>,
    /// Where a signed-out browser may be sent.
    pub post_logout_redirect_uris: Vec<String>,
    /// Everything else that is known.
    pub metadata: MetadataDraft,
    /// A statement of somebody else about the software.
    pub software_statement: Option<String>,
    /// The members that ask for encryption, which is not built.
    pub encryption: Vec<&'static str>,
    /// The members that were sent as something that cannot be read.
    pub unreadable: Vec<&'static str>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationFault {
    /// The member.
    pub member: &'static str,
    /// What; reads on from the member's name: "must not be blank".
    pub text: String,
}

impl RegistrationFault {
    /// A fault of this member.
    pub fn new(member: &'static str, text: &str) -> Self {
        Self { member, text: text.to_owned() }
    }

    /// Whether the redirect URIs are wrong (RFC 7591 §3.2.2).
    pub fn is_of_redirect_uris(&self) -> bool {
        self.member == REDIRECT_URIS
    }
}

/// The member that has an error of its own.
const REDIRECT_URIS: &str = "redirect_uris";

impl From<&ClientFault> for RegistrationFault {
    fn from(fault: &ClientFault) -> Self {
        let member = match fault.field {
            ClientField::RedirectUris => REDIRECT_URIS,
            ClientField::Name => "client_name",
            ClientField::Identifier => "client_id",
            ClientField::Scopes => "scope",
            other => other.as_str(),
        };
        let (_, text) = fault.message.split_once(": ").unwrap_or(("", &fault.message));
        Self::new(member, text)
    }
}

impl RegistrationRequest {
    /// The authentication method that is asked for; none: there is no such method, or it is not for whoever
    /// registers by himself.
    pub fn method(&self) -> Option<ClientAuthenticationMethod> {
        let Some(name) = &self.authentication_method else {
            return Some(ClientAuthenticationMethod::ClientSecretBasic);
        };
        METHODS.into_iter().find(|method| method.as_str() == name)
    }

    /// The kind of client that it asks to be.
    pub fn kind(&self) -> ClientKind {
        match self.method() {
            Some(ClientAuthenticationMethod::None) => ClientKind::Public,
            _ => ClientKind::Confidential,
        }
    }

    /// What is wrong with it beside what would be wrong with any client.
    pub fn faults(&self) -> Vec<RegistrationFault> {
        let unreadable = self.unreadable.iter();
        let unreadable =
            unreadable.map(|member| RegistrationFault::new(member, "is not of the right type"));
        let encryption = self.encryption.iter();
        let encryption = encryption
            .map(|member| RegistrationFault::new(member, "is not supported: nothing is encrypted"));
        let own = [
            self.redirect_uris_fault(),
            self.response_types_fault(),
            self.grant_types_fault(),
            self.method_fault(),
        ];
        let mut faults: Vec<_> = unreadable.chain(encryption).collect();
        let is_readable = |fault: &RegistrationFault| !self.unreadable.contains(&fault.member);
        faults.extend(own.into_iter().flatten().filter(is_readable));
        faults
    }

    fn redirect_uris_fault(&self) -> Option<RegistrationFault> {
        let text = "must name at least one address";
        self.redirect_uris.is_empty().then(|| RegistrationFault::new(REDIRECT_URIS, text))
    }

    fn response_types_fault(&self) -> Option<RegistrationFault> {
        let is_code = |types: &Vec<String>| types.len() == 1 && types[0] == "code";
        let text = "must be code and nothing else";
        let is_good = self.response_types.as_ref().is_none_or(is_code);
        (!is_good).then(|| RegistrationFault::new("response_types", text))
    }

    /// RFC 7591 §2.1: the response type code needs the grant type `authorization_code`.
    fn grant_types_fault(&self) -> Option<RegistrationFault> {
        let types = self.grant_types.as_ref()?;
        let is_known = |name: &String| GRANT_TYPES.iter().any(|known| known.as_str() == name);
        let has_code = types.iter().any(|it| it == GrantType::AuthorizationCode.as_str());
        let text = "must be authorization_code, and may be refresh_token beside it";
        let is_good = types.iter().all(is_known) && has_code;
        (!is_good).then(|| RegistrationFault::new("grant_types", text))
    }

    fn method_fault(&self) -> Option<RegistrationFault> {
        let text = "must be client_secret_basic, client_secret_post, private_key_jwt or none";
        let is_known = self.method().is_some();
        (!is_known).then(|| RegistrationFault::new("token_endpoint_auth_method", text))
    }

    /// Puts what is asked for into the draft of a client. What the account decides stays: identifier, kind,
    /// scopes, and whether it introspects.
    pub fn put_into(&self, draft: &mut ClientDraft) {
        let method = self.method().unwrap_or(ClientAuthenticationMethod::ClientSecretBasic);
        let code = || vec![GrantType::AuthorizationCode.as_str().to_owned()];
        let grant_types = self.grant_types.clone().filter(|_| self.grant_types_fault().is_none());
        draft.name = self.client_name.clone().unwrap_or_else(|| draft.identifier.clone());
        draft.redirect_uris.clone_from(&self.redirect_uris);
        draft.post_logout_redirect_uris.clone_from(&self.post_logout_redirect_uris);
        draft.grant_types = Some(grant_types.unwrap_or_else(code));
        draft.authentication_method = match method {
            ClientAuthenticationMethod::None => None,
            method => Some(method.as_str().to_owned()),
        };
        draft.metadata = self.metadata.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> RegistrationRequest {
        let redirect_uris = vec!["https://app.example/cb".to_owned()];
        RegistrationRequest { redirect_uris, ..RegistrationRequest::default() }
    }

    fn names(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn members(request: &RegistrationRequest) -> Vec<&'static str> {
        request.faults().iter().map(|fault| fault.member).collect()
    }

    // DC-01
    #[test]
    fn only_codes_are_asked_for() {
        assert_eq!(members(&request()), Vec::<&str>::new());
        for wrong in [&["token"][..], &["code", "id_token"], &["code id_token"], &[]] {
            let asked = RegistrationRequest { response_types: Some(names(wrong)), ..request() };
            assert_eq!(members(&asked), ["response_types"], "{wrong:?}");
        }
        for wrong in [
            &["password", "authorization_code"][..],
            &["implicit"],
            &["client_credentials", "authorization_code"],
            &["refresh_token"],
            &[],
        ] {
            let asked = RegistrationRequest { grant_types: Some(names(wrong)), ..request() };
            assert_eq!(members(&asked), ["grant_types"], "{wrong:?}");
        }
    }

    // DC-01
    #[test]
    fn a_client_without_method_is_confidential_and_one_with_none_public() {
        assert_eq!(request().kind(), ClientKind::Confidential);
        for (method, kind) in [
            ("none", ClientKind::Public),
            ("client_secret_post", ClientKind::Confidential),
            ("private_key_jwt", ClientKind::Confidential),
        ] {
            let authentication_method = Some(method.to_owned());
            let asked = RegistrationRequest { authentication_method, ..request() };
            assert_eq!((asked.kind(), members(&asked)), (kind, Vec::new()), "{method}");
        }
        for wrong in ["any", "client_secret_jwt", "tls_client_auth", ""] {
            let authentication_method = Some(wrong.to_owned());
            let asked = RegistrationRequest { authentication_method, ..request() };
            assert_eq!(members(&asked), ["token_endpoint_auth_method"], "{wrong}");
        }
    }

    #[test]
    fn every_fault_is_told_together_and_once() {
        let asked = RegistrationRequest {
            redirect_uris: Vec::new(),
            grant_types: Some(names(&["password"])),
            encryption: vec!["id_token_encrypted_response_alg"],
            unreadable: vec!["redirect_uris", "contacts"],
            ..RegistrationRequest::default()
        };
        let expected =
            ["redirect_uris", "contacts", "id_token_encrypted_response_alg", "grant_types"];
        assert_eq!(members(&asked), expected);
        assert!(asked.faults()[0].is_of_redirect_uris());
    }

    #[test]
    fn what_the_account_decides_is_not_asked_for() {
        let scopes = Some(vec!["openid".to_owned()]);
        let identifier = "app-1".to_owned();
        let mut draft = ClientDraft { identifier, scopes, ..ClientDraft::default() };
        let asked = RegistrationRequest { scope: Some("write".to_owned()), ..request() };
        asked.put_into(&mut draft);
        assert_eq!(draft.scopes, Some(names(&["openid"])));
        assert_eq!((draft.name.as_str(), draft.kind), ("app-1", None));
        assert_eq!(draft.grant_types, Some(names(&["authorization_code"])));
    }
}
