//! The actions, one file each; [`all`] is the list, in the order in which to do them within a phase.

mod close_service;
mod deactivate_access_key;
mod disable_password_login;
mod enable_detection;
mod isolate_instance;
mod keep_proof;
mod keys_to_roles;
mod patch_application;
mod pause_ses;
mod preserve;
mod rebuild_from_clean;
mod remove_intruder_identities;
mod remove_intruder_resources;
mod require_imdsv2;
mod restore_logging;
mod revoke_sessions;
mod rotate_credentials;
mod security_contact;
mod take_down_content;

use abate_model::{Phase, Text};

use crate::facts::{Facts, Target};

/// Something that can be done. In the texts `{t}` stands for the target.
pub(crate) struct Action {
    /// stable id
    pub(crate) id: &'static str,
    /// phase of the plan
    pub(crate) phase: Phase,
    /// the targets for which it is proposed; none when it is not
    pub(crate) when: fn(&Facts<'_>) -> Vec<Target>,
    /// what to do
    pub(crate) title: Text,
    /// what a letter may say once it was done
    pub(crate) done_text: Text,
    /// why
    pub(crate) why: Text,
    /// what can go wrong
    pub(crate) risk: Text,
    /// how to take it back
    pub(crate) undo: Text,
    /// commands or console path
    pub(crate) how: &'static str,
}

/// Every action.
pub(crate) fn all() -> Vec<&'static Action> {
    vec![
        &preserve::ACTION,
        &isolate_instance::ACTION,
        &deactivate_access_key::ACTION,
        &revoke_sessions::ACTION,
        &pause_ses::ACTION,
        &take_down_content::ACTION,
        &close_service::ACTION,
        &remove_intruder_identities::ACTION,
        &remove_intruder_resources::ACTION,
        &rebuild_from_clean::ACTION,
        &rotate_credentials::ACTION,
        &disable_password_login::ACTION,
        &patch_application::ACTION,
        &keys_to_roles::ACTION,
        &require_imdsv2::ACTION,
        &restore_logging::ACTION,
        &enable_detection::ACTION,
        &security_contact::ACTION,
        &keep_proof::ACTION,
    ]
}
