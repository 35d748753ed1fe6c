//! `demo`: the main job from start to finish, against the real server on a throw-away database.
//!
//! One process plays everybody: the admin, the user's browser, the app and the API. They meet only
//! over HTTP, at the server that `dev` and `serve` start.

mod acts;
mod browser;
mod exchange;
mod narrator;
mod page;
mod shortened;
mod stage;
mod story;

use std::io::IsTerminal as _;

use anyhow::Context as _;

use super::Call;
use crate::log;
use narrator::Narrator;
use stage::Stage;
use story::Story;

/// Does what was asked.
pub(super) async fn run(call: &Call) -> anyhow::Result<()> {
    let settings = call.settings(Vec::new())?;
    log::start(&settings.log, "error", settings.color);
    let narrator = Narrator::new(settings.color && std::io::stdout().is_terminal());
    let stage = Stage::build(settings).await?;
    let mut story = Story::new(&stage, narrator)?;
    tokio::select! {
        told = story::tell(&mut story) => told.with_context(|| story.narrator.broken_off()),
        stopped = stage.serve() => {
            stopped?;
            anyhow::bail!("the server stopped before the end of the story")
        }
    }
}
