//! A client's metadata in its one column.

use domain::{ApplicationType, Client, ClientMetadata, Lifetime, SigningAlgorithm, SubjectType};
use store::{Fault, clients};

use crate::conformance_samples::{UNICODE, an_account, bare_client, fresh_id, full_client, unit};
use crate::support::on_both_engines;

/// Every member another than its default.
pub(crate) fn full_metadata() -> ClientMetadata {
    let uri = |path: &str| Some(format!("https://app.example.com/{path}?a=b"));
    ClientMetadata {
        application_type: ApplicationType::Native,
        contacts: vec![UNICODE.to_owned(), "help@example.com".to_owned()],
        client_uri: uri("home"),
        logo_uri: uri("logo"),
        policy_uri: uri("policy"),
        tos_uri: uri("tos"),
        jwks: Some("{\"keys\":[]}".to_owned()),
        jwks_uri: uri("jwks"),
        sector_identifier_uri: uri("sector"),
        subject_type: SubjectType::Pairwise,
        id_token_signed_response_alg: SigningAlgorithm::EdDsa,
        userinfo_signed_response_alg: Some(SigningAlgorithm::Rs256),
        request_object_signing_alg: Some(SigningAlgorithm::Es256),
        token_endpoint_auth_signing_alg: Some(SigningAlgorithm::Ps256),
        default_max_age: Some(Lifetime::seconds(0)),
        require_auth_time: true,
        default_acr_values: vec!["1".to_owned(), UNICODE.to_owned()],
        initiate_login_uri: uri("initiate"),
        request_uris: vec!["https://app.example.com/request#1".to_owned()],
        backchannel_logout_uri: uri("back"),
        backchannel_logout_session_required: true,
        frontchannel_logout_uri: uri("front"),
        frontchannel_logout_session_required: true,
        software_id: Some(UNICODE.to_owned()),
        software_version: Some("1.0".to_owned()),
        localized: vec![("client_name#ja".to_owned(), UNICODE.to_owned())],
    }
}

on_both_engines! {
    async fn what_is_a_default_is_not_written(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let client = bare_client(fresh_id::<Client>(&store).await.get(), account.id);
        assert!(unit!(store, |tx| clients::create(tx, &client)));
        database.behind_the_back("DELETE FROM clients WHERE metadata IS NULL").await;
        assert_eq!(clients::show(&store, account.id, client.id).await, Ok(None));
    }

    async fn a_member_that_is_not_there_is_a_default(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let client = full_client(fresh_id::<Client>(&store).await.get(), account.id);
        assert!(unit!(store, |tx| clients::create(tx, &client)));
        let sql = "UPDATE clients SET metadata = '{\"subject_type\":\"pairwise\",\"of_later\":1}'";
        database.behind_the_back(sql).await;
        let shown = clients::show(&store, account.id, client.id).await.expect("reads");
        let expected =
            ClientMetadata { subject_type: SubjectType::Pairwise, ..ClientMetadata::default() };
        assert_eq!(shown.expect("it is there").metadata, expected);
    }

    async fn a_member_that_cannot_be_read_is_a_fault(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let client = full_client(fresh_id::<Client>(&store).await.get(), account.id);
        assert!(unit!(store, |tx| clients::create(tx, &client)));
        for broken in ["[]", "{\"contacts\":1}", "{\"subject_type\":\"other\"}", "{"] {
            let sql = format!("UPDATE clients SET metadata = '{broken}'");
            database.behind_the_back(&sql).await;
            let shown = clients::show(&store, account.id, client.id).await;
            assert!(matches!(shown, Err(Fault::Corrupt(_))), "{broken}: {shown:?}");
        }
    }
}
