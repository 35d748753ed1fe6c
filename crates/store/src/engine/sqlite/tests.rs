//! What only the inside of the writer can show.
