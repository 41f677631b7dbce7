//! The checker against real signatures and a real DNS server: mails signed by `mail-auth`, records served over the loopback.
//!
//! Keys are made for each run. Nothing outside 127.0.0.1 is ever asked.

mod dkim;
mod offline;
mod origin;
mod robust;
mod support;
