//! The clients of a declaration.

use domain::{
    Actor, Client, ClientDraft, ClientFault, ClientField, ClientIdentifier, ClientKind,
    ClientRegistration, GrantType, ScopeCatalogue, Timestamp, UserId,
};
use store::{Decision, Failure, Fault};

use super::api_tokens::{is_declared_user, stored_user};
use super::scene::{Differences, Scene};
use super::{ClientDeclaration, scopes};
use crate::clients::{self, ClientRefused, Maker, OperatorDraft};

/// Goes through the clients; the users who own them are there by now.
pub(super) async fn apply(scene: &mut Scene<'_>) -> Result<(), Fault> {
    for (index, declared) in scene.declaration.clients.iter().enumerate() {
        let path = format!("clients[{index}]");
        if !scene.knows_account(&path, &declared.account) {
            continue;
        }
        check_scopes(scene, &path, declared);
        let owner = owner(scene, &path, declared).await?;
        match stored(scene, &path, declared).await? {
            Stored::Own(client) => update(scene, &path, declared, (*client, owner)).await?,
            Stored::None => create(scene, &path, declared, owner).await?,
            Stored::Elsewhere => {}
        }
    }
    Ok(())
}

enum Stored {
    Own(Box<Client>),
    Elsewhere,
    None,
}

async fn stored(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ClientDeclaration,
) -> Result<Stored, Fault> {
    let Some(id) = scene.account_id(&declared.account) else { return Ok(Stored::None) };
    let folded = declared.identifier.to_ascii_lowercase();
    let client = store::clients::by_identifier(&scene.ctx.store, id, &folded).await?;
    Ok(match client {
        Some(client) if client.account_id == id => Stored::Own(Box::new(client)),
        Some(_) => {
            let message = "is the identifier of another account's global client";
            scene.fault(format!("{path}.identifier"), message);
            Stored::Elsewhere
        }
        None => Stored::None,
    })
}

fn check_scopes(scene: &mut Scene<'_>, path: &str, declared: &ClientDeclaration) {
    for (index, name) in declared.scopes.iter().flatten().enumerate() {
        let Ok(parsed) = domain::ScopeName::parse(name) else { continue };
        let catalogue = scene.catalogue(&declared.account);
        if catalogue.is_some_and(|catalogue| catalogue.find(&parsed).is_none()) {
            scene.fault(format!("{path}.scopes[{index}]"), scopes::unknown(name));
        }
    }
}

/// The declared owner, if he is there already.
async fn owner(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ClientDeclaration,
) -> Result<Option<UserId>, Fault> {
    let Some(email) = &declared.owner else { return Ok(None) };
    let user = stored_user(scene, &declared.account, email).await?;
    if user.is_none() && !is_declared_user(scene, &declared.account, email) {
        let message =
            format!("there is no user \"{email}\" in this account; declare it under [[users]]");
        scene.fault(format!("{path}.owner"), message);
    }
    Ok(user.map(|user| user.id))
}

async fn create(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ClientDeclaration,
    owner: Option<UserId>,
) -> Result<(), Fault> {
    if declared.owner.is_none() {
        let message = "is missing; name the e-mail address of the user that the client belongs to";
        scene.fault(format!("{path}.owner"), message);
    }
    let mut draft = ClientDraft::default();
    edit(&mut draft, declared, scene.now());
    let is_judged = judge(scene, path, declared, &draft).is_some();
    if !(is_judged && may_be_global(scene, path, declared, None)) {
        return Ok(());
    }
    let mut made_secret = None;
    let account = scene.stored(&declared.account).cloned().filter(|_| scene.is_applied());
    if let (Some(account), Some(owner)) = (account, owner) {
        let maker = Maker { actor: Actor::Operator, owner };
        let secret = declared.secret.clone();
        let made = clients::create(scene.ctx, &account, maker, &draft, secret).await;
        let Some(made) = noted(scene, path, made)? else { return Ok(()) };
        if declared.global == Some(true) {
            let global_at = Some(scene.now());
            let promote = |wanted: &mut OperatorDraft| wanted.global_at = global_at;
            let id = made.client.id;
            let done = clients::update_as_operator(scene.ctx, &account, id, promote).await;
            noted(scene, path, done)?;
        }
        let is_of_use = declared.secret.is_none() && made.client.kind != ClientKind::Public;
        made_secret = is_of_use.then_some(made.secret);
    }
    scene.created("client", &declared.account, &declared.identifier, made_secret);
    Ok(())
}

async fn update(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ClientDeclaration,
    (before, owner): (Client, Option<UserId>),
) -> Result<(), Fault> {
    let mut draft = ClientDraft::of(&before);
    edit(&mut draft, declared, scene.now());
    let Some(registration) = judge(scene, path, declared, &draft) else { return Ok(()) };
    if !may_be_global(scene, path, declared, before.global_at) {
        return Ok(());
    }
    let mut after = before.clone();
    registration.apply_to(&mut after);
    let now = scene.now();
    let place = |wanted: &mut OperatorDraft| {
        wanted.owner = owner.unwrap_or(wanted.owner);
        if declared.global.is_some_and(|global| global != wanted.global_at.is_some()) {
            wanted.global_at = declared.global.filter(|global| *global).map(|_| now);
        }
    };
    let mut wanted = OperatorDraft::of(&before);
    place(&mut wanted);
    after.user_id = wanted.owner;
    after.global_at = wanted.global_at;
    let differences = differences(&before, &after);
    let account = scene.stored(&declared.account).cloned().filter(|_| scene.is_applied());
    if let Some(account) = account.filter(|_| !differences.is_empty()) {
        let rewrite = |wanted: &mut OperatorDraft| {
            edit(&mut wanted.draft, declared, now);
            place(wanted);
        };
        let done = clients::update_as_operator(scene.ctx, &account, before.id, rewrite).await;
        noted(scene, path, done)?;
    }
    scene.updated("client", &declared.account, &declared.identifier, differences);
    Ok(())
}

/// Puts what is declared into the draft.
fn edit(draft: &mut ClientDraft, declared: &ClientDeclaration, now: Timestamp) {
    let put = |into: &mut Option<String>, value: &Option<String>| {
        if value.is_some() {
            into.clone_from(value);
        }
    };
    draft.identifier.clone_from(&declared.identifier);
    if let Some(name) = &declared.name {
        draft.name.clone_from(name);
    }
    put(&mut draft.company, &declared.company);
    put(&mut draft.description, &declared.description);
    // A new client is unknown if nothing is said; nobody becomes it.
    let is_new_unknown = draft.stored_kind.is_none() && declared.kind == Some(ClientKind::Unknown);
    if let Some(kind) = declared.kind.filter(|_| !is_new_unknown) {
        draft.kind = Some(kind.as_str().to_owned());
    }
    if let Some(uris) = &declared.redirect_uris {
        draft.redirect_uris.clone_from(uris);
    }
    if let Some(uris) = &declared.post_logout_redirect_uris {
        draft.post_logout_redirect_uris.clone_from(uris);
    }
    if let Some(scopes) = &declared.scopes {
        draft.scopes = Some(scopes.clone());
    }
    if let Some(types) = &declared.grant_types {
        draft.grant_types =
            Some(types.iter().map(|it| GrantType::as_str(*it).to_owned()).collect());
    }
    if let Some(method) = declared.authentication_method {
        draft.authentication_method = Some(method.as_str().to_owned());
    }
    if let Some(flag) = declared.resource_server {
        draft.resource_server_at = flag.then(|| draft.resource_server_at.unwrap_or(now));
    }
    for (member, value) in &declared.metadata {
        draft.metadata.set(*member, Some(value.clone()));
    }
}

/// Whether the identifier lets the client work in every account, if it is to and does not yet. What only
/// the database can tell is told when it is done.
fn may_be_global(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ClientDeclaration,
    global_at: Option<Timestamp>,
) -> bool {
    let prefix = &scene.ctx.policy.global_client_prefix;
    let is_promoted = declared.global == Some(true) && global_at.is_none();
    let fault = ClientIdentifier::parse(&declared.identifier)
        .ok()
        .filter(|_| is_promoted)
        .and_then(|identifier| prefix.require(&identifier).err());
    if let Some(fault) = &fault {
        note(scene, path, fault);
    }
    fault.is_none()
}

/// Judges the draft by the catalogue as it will be, and notes what is wrong. Scopes were judged
/// one by one before.
fn judge(
    scene: &mut Scene<'_>,
    path: &str,
    declared: &ClientDeclaration,
    draft: &ClientDraft,
) -> Option<ClientRegistration> {
    let built_in = ScopeCatalogue::new(Vec::new());
    let catalogue = scene.catalogue(&declared.account).unwrap_or(&built_in);
    match draft.validate(catalogue, &scene.ctx.policy.private_schemes) {
        Ok(registration) => Some(registration),
        Err(faults) => {
            for fault in faults.iter().filter(|fault| fault.field != ClientField::Scopes) {
                note(scene, path, fault);
            }
            None
        }
    }
}

fn note(scene: &mut Scene<'_>, path: &str, fault: &ClientFault) {
    let key = match fault.field {
        ClientField::RedirectUris => "redirect_uris",
        other => other.as_str(),
    };
    let (_, text) = fault.message.split_once(": ").unwrap_or(("", &fault.message));
    scene.fault(format!("{path}.{key}"), text);
}

/// Takes what was done, or notes why it was refused.
fn noted<T>(
    scene: &mut Scene<'_>,
    path: &str,
    decision: Decision<T, ClientRefused>,
) -> Result<Option<T>, Fault> {
    match decision {
        Ok(done) => return Ok(Some(done)),
        Err(Failure::Fault(fault)) => return Err(fault),
        Err(Failure::Refused(ClientRefused::Invalid(faults))) => {
            for fault in &faults {
                note(scene, path, fault);
            }
        }
        Err(Failure::Refused(
            ClientRefused::Unknown | ClientRefused::Global | ClientRefused::OwnerUnknown,
        )) => {
            scene.fault(path, "was deleted or promoted by somebody else meanwhile; apply again");
        }
    }
    Ok(None)
}

fn differences(before: &Client, after: &Client) -> Differences {
    let mut differences = Differences::default();
    let compared = [
        ("identifier", before.identifier == after.identifier),
        ("name", before.name == after.name),
        ("company", before.company == after.company),
        ("description", before.description == after.description),
        ("owner", before.user_id == after.user_id),
        ("kind", before.kind == after.kind),
        ("global", before.global_at == after.global_at),
        ("redirect_uris", before.redirect_uris == after.redirect_uris),
        (
            "post_logout_redirect_uris",
            before.post_logout_redirect_uris == after.post_logout_redirect_uris,
        ),
        ("grant_types", before.grant_types == after.grant_types),
        ("scopes", before.scopes == after.scopes),
        ("resource_server", before.resource_server_at == after.resource_server_at),
        ("token_endpoint_auth_method", before.authentication_method == after.authentication_method),
        ("metadata", before.metadata == after.metadata),
    ];
    for (key, _) in compared.into_iter().filter(|(_, is_same)| !is_same) {
        differences.note(key);
    }
    differences
}
