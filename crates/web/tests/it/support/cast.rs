//! The cast of the stories: accounts, people, apps and APIs.

use domain::{AccessTokenFormat, ClientKind, GrantType, Risk, Role, Secret, SigningAlgorithm};
use protocol::Context;
use protocol::apply::{
    self, AccountDeclaration, ApiTokenDeclaration, ClientDeclaration, Declaration, Mode,
    ResourceDeclaration, ScopeDeclaration, UserDeclaration,
};

/// The home account.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";

/// A second account on the same machine.
pub(crate) const OTHER_ORIGIN: &str = "http://127.0.0.2:8080";

/// Every password, secret and token of the cast; none may ever stand in the database.
pub(crate) const SECRETS: [&str; 6] = [
    "alice in wonderland",
    "correct horse battery",
    "bob the builder",
    "photo-album-secret-000000",
    "api-server-secret-0000000",
    "admin-api-token-000000",
];

/// The API token of the admin.
pub(crate) const ADMIN_API_TOKEN: &str = "admin-api-token-000000";

/// The password of a person, by name.
pub(crate) fn password(name: &str) -> &'static str {
    match name {
        "alice" => "alice in wonderland",
        "admin" => "correct horse battery",
        "bob" => "bob the builder",
        _ => panic!("{name} is not in the cast"),
    }
}

/// The secret of a client, if it has one to send.
pub(crate) fn secret(identifier: &str) -> Option<&'static str> {
    match identifier {
        "photo-album" | "daily-report" | "legacy-sync" | "zdg-parcel-desk" | "zdg-aerial" => {
            Some("photo-album-secret-000000")
        }
        "api-server" => Some("api-server-secret-0000000"),
        _ => None,
    }
}

/// Puts the cast into an empty database.
pub(crate) async fn assemble(ctx: &Context) {
    let declaration = Declaration {
        accounts: vec![account("demo", ORIGIN, &["read"]), account("other", OTHER_ORIGIN, &[])],
        users: vec![
            user("demo", "admin", Role::Admin),
            user("demo", "alice", Role::EndUser),
            user("demo", "bob", Role::Agent),
            user("other", "admin", Role::Admin),
        ],
        scopes: vec![ScopeDeclaration {
            account: "demo".to_owned(),
            name: "calendar:read".to_owned(),
            title: Some("See your calendar".to_owned()),
            description: Some("Read the events in your calendar.".to_owned()),
            risk: Some(Risk::Low),
            optional: Some(true),
        }],
        resources: vec![
            resource("https://api.example.com/", AccessTokenFormat::Opaque),
            resource("https://jwt.example.com/", AccessTokenFormat::Jwt),
        ],
        clients: clients(),
        api_tokens: vec![ApiTokenDeclaration {
            account: "demo".to_owned(),
            user: "admin@example.com".to_owned(),
            label: "scripts".to_owned(),
            token: Some(Secret::new(ADMIN_API_TOKEN)),
        }],
    };
    apply::apply(ctx, &declaration, Mode::Apply).await.expect("the cast is valid");
}

fn account(slug: &str, origin: &str, default_scopes: &[&str]) -> AccountDeclaration {
    AccountDeclaration {
        slug: slug.to_owned(),
        name: Some(format!("{slug} Ltd")),
        base_urls: Some(vec![origin.to_owned()]),
        default_scopes: Some(texts(default_scopes)),
        ..AccountDeclaration::default()
    }
}

fn user(account: &str, name: &str, role: Role) -> UserDeclaration {
    UserDeclaration {
        account: account.to_owned(),
        email: format!("{name}@example.com"),
        password: Some(Secret::new(password(name))),
        name: Some(name.to_owned()),
        role: Some(role),
        ..UserDeclaration::default()
    }
}

fn resource(identifier: &str, format: AccessTokenFormat) -> ResourceDeclaration {
    ResourceDeclaration {
        account: "demo".to_owned(),
        identifier: identifier.to_owned(),
        name: Some(identifier.to_owned()),
        access_token_format: Some(format),
        signing_algorithm: Some(SigningAlgorithm::EdDsa),
        introspection_clients: Some(texts(&["api-server"])),
        ..ResourceDeclaration::default()
    }
}

fn clients() -> Vec<ClientDeclaration> {
    let app = "https://app.example.com/callback";
    vec![
        // A web application; its ceiling leaves out `users:write` and more.
        ClientDeclaration {
            scopes: Some(texts(&["openid", "offline_access", "read", "write", "calendar:read"])),
            ..client(
                "photo-album",
                ClientKind::Confidential,
                &[app, "https://app.example.com/b?x=1"],
            )
        },
        // A second one, to take what is not its own.
        client("daily-report", ClientKind::Confidential, &["https://report.example.com/cb"]),
        // An API that introspects.
        client("api-server", ClientKind::Confidential, &[]),
        // A single-page app: public, with an https redirect.
        client("web-player", ClientKind::Public, &["https://player.example.com/cb"]),
        // A command-line tool: public, on loopback and a private scheme.
        client(
            "cli-tool",
            ClientKind::Public,
            &["http://127.0.0.1/cb", "http://localhost:9000/cb", "com.example.tool:/cb"],
        ),
        // Of unknown kind, as clients made without one are.
        ClientDeclaration {
            kind: None,
            ..client("legacy-sync", ClientKind::Unknown, &["https://legacy.example.com/cb"])
        },
        // Without the refresh token grant.
        ClientDeclaration {
            grant_types: Some(vec![GrantType::AuthorizationCode]),
            ..client("one-shot", ClientKind::Public, &["https://shot.example.com/cb"])
        },
        // Of another account.
        ClientDeclaration {
            account: "other".to_owned(),
            ..client("elsewhere", ClientKind::Confidential, &["https://elsewhere.example.com/cb"])
        },
    ]
}

fn client(identifier: &str, kind: ClientKind, redirect_uris: &[&str]) -> ClientDeclaration {
    ClientDeclaration {
        account: "demo".to_owned(),
        identifier: identifier.to_owned(),
        name: Some(format!("The {identifier}")),
        company: Some("Example Ltd".to_owned()),
        owner: Some("admin@example.com".to_owned()),
        kind: Some(kind),
        secret: secret(identifier).map(Secret::new),
        redirect_uris: Some(texts(redirect_uris)),
        ..ClientDeclaration::default()
    }
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}
