//! What is remembered: one SQL text on SQLite and PostgreSQL.
