//! What is said: the RFC and Zendesk message shapes of Consentry.
