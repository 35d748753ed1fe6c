//! Names become addresses: once for each call, and every answer is checked before one is used.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::addresses::AllowedNetworks;
use super::target::Reach;
use crate::workers::Workers;

/// How many names are resolved at once. The system's resolver blocks a thread, and a slow name server
/// can hold one for longer than the call lasts.
const THREADS: usize = 64;

/// Who resolves names.
#[derive(Clone)]
pub(super) enum Names {
    /// The system.
    System(SystemNames),
    /// A script.
    #[cfg(test)]
    Scripted(Script),
}

#[cfg(test)]
/// What a script answers to a name.
pub(super) type Script = std::sync::Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

/// The threads on which the system resolves names.
#[derive(Clone)]
pub(super) struct SystemNames(Workers);

impl Default for Names {
    fn default() -> Self {
        Self::System(SystemNames(Workers::new(THREADS, THREADS)))
    }
}

impl Names {
    async fn resolve(&self, name: String) -> io::Result<Vec<IpAddr>> {
        match self {
            #[cfg(test)]
            Self::Scripted(script) => Ok(script(&name)),
            Self::System(SystemNames(workers)) => {
                let look_up = move || {
                    let answers = (name.as_str(), 0).to_socket_addrs()?;
                    Ok(answers.map(|answer| answer.ip()).collect())
                };
                workers.run(look_up).await.unwrap_or_else(|_| Err(io::ErrorKind::WouldBlock.into()))
            }
        }
    }
}

/// A name stands for an address that may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name stands for an address that may not be called")]
pub(super) struct AddressRefused;

/// Resolves a name for one connection: what it returns is what is connected to.
pub(super) struct CheckedNames {
    pub(super) names: Names,
    pub(super) allowed: AllowedNetworks,
    pub(super) reach: Reach,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allowed, reach) = (self.names.clone(), self.allowed.clone(), self.reach);
        Box::pin(async move {
            let answers = names.resolve(name.as_str().to_owned()).await?;
            // One bad answer among good ones is an attack, or will be one at the next call.
            if answers.iter().any(|answer| !reach.covers(*answer, &allowed)) {
                return Err(AddressRefused.into());
            }
            let addresses = answers.into_iter().map(|answer| SocketAddr::new(answer, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
