//! The scopes of a declaration, and which of an account's scopes are asked for by default.

use std::collections::BTreeMap;

use domain::{Actor, Risk, Scope, ScopeCatalogue, ScopeName};
use store::Fault;

use super::scene::{Differences, Scene};
use super::{AccountDeclaration, ScopeDeclaration, noted};
use crate::scopes;

/// Goes through the scopes of each account that is named.
pub(super) async fn apply(scene: &mut Scene<'_>) -> Result<(), Fault> {
    for (index, declared) in scene.declaration.scopes.iter().enumerate() {
        scene.knows_account(&format!("scopes[{index}]"), &declared.account);
    }
    for slug in scene.slugs() {
        let own = match scene.account_id(&slug) {
            Some(id) => store::scopes::list(&scene.ctx.store, id).await?,
            None => Vec::new(),
        };
        let mut rows =
            Rows { catalogue: ScopeCatalogue::new(own.clone()), wanted: BTreeMap::new() };
        declare(scene, &slug, &mut rows);
        mark_defaults(scene, &slug, &mut rows);
        write(scene, &slug, own, rows).await?;
    }
    Ok(())
}

/// The catalogue as it is, and the rows that are wanted in it.
struct Rows {
    catalogue: ScopeCatalogue,
    wanted: BTreeMap<ScopeName, Wanted>,
}

struct Wanted {
    scope: Scope,
    path: String,
    differences: Differences,
    is_declared: bool,
}

impl Rows {
    /// The wanted row of this name, begun with what the catalogue has.
    fn wanted(&mut self, name: &ScopeName, path: &str) -> Option<&mut Wanted> {
        if !self.wanted.contains_key(name) {
            let scope = self.catalogue.find(name)?.clone();
            self.want(scope, path, false);
        }
        self.wanted.get_mut(name)
    }

    fn want(&mut self, scope: Scope, path: &str, is_declared: bool) {
        let path = path.to_owned();
        let name = scope.name.clone();
        let differences = Differences::default();
        self.wanted.insert(name, Wanted { scope, path, differences, is_declared });
    }
}

fn declare(scene: &mut Scene<'_>, slug: &str, rows: &mut Rows) {
    let now = scene.now();
    let declared = scene.declaration.scopes.iter().enumerate();
    for (index, declared) in declared.filter(|(_, scope)| scope.account == slug) {
        let path = format!("scopes[{index}]");
        let Ok(name) = ScopeName::parse(&declared.name) else { continue };
        if rows.catalogue.find(&name).is_none() {
            let Some(scope) = new_scope(scene, &path, name.clone(), declared) else { continue };
            rows.want(scope, &path, true);
        }
        let Some(wanted) = rows.wanted(&name, &path) else { continue };
        let Wanted { scope, differences, is_declared, .. } = wanted;
        *is_declared = true;
        differences.set("title", &mut scope.title, declared.title.clone());
        differences.set("description", &mut scope.description, declared.description.clone());
        differences.set("risk", &mut scope.risk, declared.risk);
        if declared.optional.is_some_and(|optional| optional != scope.optional_at.is_some()) {
            scope.optional_at = declared.optional.filter(|optional| *optional).map(|_| now);
            differences.note("optional");
        }
    }
}

fn new_scope(
    scene: &mut Scene<'_>,
    path: &str,
    name: ScopeName,
    declared: &ScopeDeclaration,
) -> Option<Scope> {
    let Some(title) = declared.title.clone() else {
        let message = "is missing; say what the scope allows, like \"See your calendar\"";
        scene.fault(format!("{path}.title"), message);
        return None;
    };
    Some(Scope {
        name,
        description: declared.description.clone().unwrap_or_else(|| title.clone()),
        title,
        risk: declared.risk.unwrap_or(Risk::Medium),
        optional_at: declared.optional.filter(|optional| *optional).map(|_| scene.now()),
        default_at: None,
    })
}

/// The marks become exactly the declared ones.
fn mark_defaults(scene: &mut Scene<'_>, slug: &str, rows: &mut Rows) {
    let accounts = scene.declaration.accounts.iter().enumerate();
    let Some((index, account)) = accounts.into_iter().find(|(_, account)| account.slug == slug)
    else {
        return;
    };
    let Some(names) = default_scopes(account) else { return };
    let path = format!("accounts[{index}].default_scopes");
    let marked: Vec<ScopeName> = rows.catalogue.defaults().iter().cloned().collect();
    for name in marked.iter().filter(|name| !names.contains(name)) {
        if let Some(wanted) = rows.wanted(name, &path) {
            wanted.scope.default_at = None;
            wanted.differences.note("default");
        }
    }
    for (place, name) in names.iter().enumerate() {
        let now = scene.now();
        match rows.wanted(name, &path) {
            Some(wanted) if wanted.scope.default_at.is_none() => {
                wanted.scope.default_at = Some(now);
                wanted.differences.note("default");
            }
            Some(_) => {}
            None => scene.fault(format!("{path}[{place}]"), unknown(name.as_str())),
        }
    }
}

fn default_scopes(account: &AccountDeclaration) -> Option<Vec<ScopeName>> {
    let names = account.default_scopes.as_ref()?;
    Some(names.iter().filter_map(|name| ScopeName::parse(name).ok()).collect())
}

/// What to say about a name that is in no catalogue.
pub(super) fn unknown(name: &str) -> String {
    format!("\"{name}\" is not in the scope catalogue; declare it under [[scopes]]")
}

async fn write(
    scene: &mut Scene<'_>,
    slug: &str,
    mut own: Vec<Scope>,
    rows: Rows,
) -> Result<(), Fault> {
    for (name, wanted) in rows.wanted {
        let is_new = rows.catalogue.find(&name).is_none();
        let changes = is_new || !wanted.differences.is_empty();
        if let Some(account_id) = scene.account_id(slug).filter(|_| changes && scene.is_applied()) {
            let done = scopes::set(scene.ctx, Actor::Operator, account_id, &wanted.scope).await;
            noted(scene, &wanted.path, done)?;
        }
        if is_new {
            scene.created("scope", slug, name.as_str(), None);
        } else if changes || wanted.is_declared {
            scene.updated("scope", slug, name.as_str(), wanted.differences);
        }
        own.retain(|scope| scope.name != name);
        own.push(wanted.scope);
    }
    scene.put_catalogue(slug, own);
    Ok(())
}
