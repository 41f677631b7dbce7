//! The use cases of Abate and the ports they need.
