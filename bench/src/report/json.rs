//! Everything that was measured, for programs.

use serde_json::json;

use super::{Row, Vitals};
use crate::procfs;

/// One JSON object.
pub(crate) fn json(engine: &str, rows: &[Row], vitals: &Vitals) -> String {
    let report = json!({
        "machine": procfs::machine(),
        "database": engine,
        "vitals": vitals,
        "rows": rows,
    });
    format!("{report:#}\n")
}
