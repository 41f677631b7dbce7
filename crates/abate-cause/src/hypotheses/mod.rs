//! The hypotheses, one file each, as data; [`all`] is the list, `score` the arithmetic.

mod authorised_test;
mod console_password_stolen;
mod form_driven_by_bots;
mod former_or_present_staff;
mod forwarding_proxy;
mod instance_credentials_unknown_way;
mod key_in_public_repository;
mod key_leak_unknown_place;
mod open_mail_relay;
mod open_proxy;
mod open_resolver_or_amplifier;
mod own_crawler;
mod public_bucket;
mod recycled_address;
mod remote_code_execution;
mod remote_login_guessed;
mod security_group_open_to_world;
mod spoofed_source;
mod ssh_password_guessed;
mod ssrf_to_metadata;
mod tampered_image_or_dependency;
mod unauthenticated_service;
mod webshell_upload;

use abate_model::{Category, CauseKind, Claim, Factor, Text};

use crate::wishes::Wish;

/// What a hypothesis says of one kind of finding.
pub(crate) struct Rule {
    /// claims that it counts
    pub(crate) claims: &'static [Claim],
    /// parts of GuardDuty finding types that it counts
    pub(crate) guardduty: &'static [&'static str],
    /// log-odds
    pub(crate) weight: f64,
    /// in words
    pub(crate) text: Text,
}

/// A hypothesis.
pub(crate) struct Kind {
    /// which
    pub(crate) kind: CauseKind,
    /// log-odds before looking; from the counts of published incidents, lowered for kinds that rarely cause a notice
    pub(crate) prior: f64,
    /// why it was possible
    pub(crate) factor: Factor,
    /// why that factor
    pub(crate) factor_reason: Text,
    /// without one of these claims it never outranks `undetermined`
    pub(crate) decisive: &'static [Claim],
    /// or one of these GuardDuty types
    pub(crate) decisive_guardduty: &'static [&'static str],
    /// or a standing use of one of these categories in the account's profile
    pub(crate) decisive_profile: &'static [Category],
    /// what speaks for it
    pub(crate) supports: &'static [Rule],
    /// what speaks against it
    pub(crate) against: &'static [Rule],
    /// what would decide
    pub(crate) missing: &'static [Wish],
    /// what happened if it is true
    pub(crate) story: Text,
}

/// Every hypothesis but `undetermined`, which is the bar that the others must pass.
pub(crate) fn all() -> Vec<&'static Kind> {
    vec![
        &key_leak_unknown_place::KIND,
        &key_in_public_repository::KIND,
        &ssrf_to_metadata::KIND,
        &instance_credentials_unknown_way::KIND,
        &console_password_stolen::KIND,
        &ssh_password_guessed::KIND,
        &remote_login_guessed::KIND,
        &unauthenticated_service::KIND,
        &security_group_open_to_world::KIND,
        &remote_code_execution::KIND,
        &webshell_upload::KIND,
        &open_proxy::KIND,
        &open_resolver_or_amplifier::KIND,
        &open_mail_relay::KIND,
        &public_bucket::KIND,
        &tampered_image_or_dependency::KIND,
        &former_or_present_staff::KIND,
        &form_driven_by_bots::KIND,
        &own_crawler::KIND,
        &authorised_test::KIND,
        &recycled_address::KIND,
        &forwarding_proxy::KIND,
        &spoofed_source::KIND,
    ]
}
