//! How applications call Consentry.
