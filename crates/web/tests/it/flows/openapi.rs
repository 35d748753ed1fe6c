//! The OpenAPI document: every JSON endpoint is in it, and it is what is served.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::stories;

/// The JSON endpoints beside the administration APIs.
const OTHERS: [(&str, &str); 13] = [
    ("post", "/oauth/tokens"),
    ("post", "/oauth/tokens/introspect"),
    ("post", "/oauth/tokens/revoke"),
    ("post", "/oauth/register"),
    ("get", "/oauth/register/{client_id}"),
    ("put", "/oauth/register/{client_id}"),
    ("delete", "/oauth/register/{client_id}"),
    ("get", "/oauth/userinfo"),
    ("post", "/oauth/userinfo"),
    ("get", "/.well-known/openid-configuration"),
    ("get", "/.well-known/oauth-authorization-server"),
    ("get", "/.well-known/jwks.json"),
    ("get", "/openapi.json"),
];

/// Method and path of each operation.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("methods").keys();
        item.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(methods).collect()
}

stories! {
    /// No route is left out, and nothing is in it that is no route.
    async fn the_document_has_every_json_endpoint(app) {
        let document = app.get("/openapi.json").await.expect(200).json();
        assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
        let routes = web::api_routes().into_iter();
        let mut expected: BTreeSet<_> =
            routes.map(|route| (route.method.as_str().to_lowercase(), route.path)).collect();
        expected.extend(OTHERS.map(|(method, path)| (method.to_owned(), path.to_owned())));
        let documented = operations(&document);
        let missing: Vec<_> = expected.difference(&documented).collect();
        let unknown: Vec<_> = documented.difference(&expected).collect();
        assert!(missing.is_empty(), "without #[utoipa::path], or not in its API's Document: {missing:?}");
        assert!(unknown.is_empty(), "documented and not routed: {unknown:?}");
    }

    /// What a guard demands, a reader of the document is told; references lead somewhere.
    async fn the_document_tells_credentials_and_refusals(app) {
        let document = app.get("/openapi.json").await.expect(200).json();
        let create = &document["paths"]["/api/v2/oauth/clients"]["post"];
        let scopes: Vec<_> = create["security"].as_array().expect("security").iter().collect();
        assert_eq!(scopes[0]["bearer"], serde_json::json!(["oauth:write"]));
        for status in ["201", "400", "401", "403", "413", "415", "422", "429", "503"] {
            assert!(create["responses"][status].is_object(), "{status}");
        }
        let update = &document["paths"]["/api/v2/oauth/clients/{id}"]["put"];
        assert_eq!(update["requestBody"]["required"], false, "without a body nothing changes");
        let anonymous = &document["components"]["schemas"]["AnonymousUser"];
        assert_eq!(anonymous["properties"]["id"]["type"], "null", "nobody else has no id");
        let mut references = Vec::new();
        collect_references(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.strip_prefix('#').expect("within the document");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        _ => {}
    }
}
