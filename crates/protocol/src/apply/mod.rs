//! Objects as code: creates and updates what a file declares, and never deletes.
//!
//! The whole file is judged before anything is written. Then each object is a small unit of work
//! of its own, made by the same function that a page or the API calls; running it again goes on
//! where it stopped, and on a finished one changes nothing.

mod accounts;
mod api_tokens;
mod clients;
mod declaration;
mod resources;
mod rules;
mod scene;
mod scopes;
mod users;

use domain::Secret;
use store::{Decision, Failure, Fault as StoreFault};

use crate::context::Context;
use scene::Scene;

pub use declaration::{
    AccountDeclaration, ApiTokenDeclaration, ClientDeclaration, Declaration, ResourceDeclaration,
    ScopeDeclaration, UserDeclaration,
};
pub use rules::{check, is_importable};

/// Whether to do it or to say what would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Say what would be done.
    DryRun,
    /// Do it.
    Apply,
}

/// One thing that is wrong with a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a key path: `clients[0].redirect_uris[1]`.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// What was done, or would be, in the order of the declaration's tables.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One line for each declared object.
    pub changes: Vec<Change>,
}

impl Report {
    /// Whether everything was as declared already.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.verb == Verb::Keep)
    }
}

/// What was done with one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// What was done.
    pub verb: Verb,
    /// What kind of object: `client`.
    pub noun: &'static str,
    /// The slug of its account.
    pub account: String,
    /// What it is known by in its account.
    pub name: String,
    /// The keys that differed.
    pub differences: Vec<&'static str>,
    /// A secret that was made because none was given. It is kept nowhere else.
    pub made_secret: Option<Secret>,
}

/// What is done with one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is as declared.
    Keep,
}

impl Verb {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Keep => "keep",
        }
    }
}

/// Why a declaration was not applied: everything that is wrong with it.
pub type Refused = Vec<Fault>;

/// Makes the installation what the declaration says.
pub async fn apply(
    ctx: &Context,
    declaration: &Declaration,
    mode: Mode,
) -> Decision<Report, Refused> {
    let faults = check(declaration);
    if !faults.is_empty() {
        return Err(Failure::Refused(faults));
    }
    let plan = run(ctx, declaration, Mode::DryRun).await?;
    match mode {
        Mode::DryRun => Ok(plan),
        Mode::Apply => run(ctx, declaration, Mode::Apply).await,
    }
}

/// Goes through the tables in the order in which they need one another.
async fn run(ctx: &Context, declaration: &Declaration, mode: Mode) -> Decision<Report, Refused> {
    let mut scene = Scene::load(ctx, declaration, mode).await?;
    accounts::apply(&mut scene).await?;
    scopes::apply(&mut scene).await?;
    users::apply(&mut scene).await?;
    clients::apply(&mut scene).await?;
    resources::apply(&mut scene).await?;
    api_tokens::apply(&mut scene).await?;
    scene.finish()
}

/// A refusal while writing is somebody else's change since the plan: a fault of this object.
fn noted<T, R: std::fmt::Display>(
    scene: &mut Scene<'_>,
    path: &str,
    decision: Decision<T, R>,
) -> Result<Option<T>, StoreFault> {
    match decision {
        Ok(done) => Ok(Some(done)),
        Err(Failure::Refused(refused)) => {
            scene.fault(path, refused.to_string());
            Ok(None)
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}
