//! The actions, one file each; [`all`] is the list, in the order in which to do them within a phase.
//!
//! An action says when it is proposed and what it is; it carries out nothing.

mod answer_aws;
mod attach_deny_all;
mod block_egress_port;
mod block_public_storage;
mod budget_alarm;
mod close_login_ports;
mod close_open_proxy;
mod close_open_resolver;
mod close_security_group;
mod collect_evidence;
mod confirm_legitimate_use;
mod crawler_manners;
mod deactivate_access_key;
mod delete_access_key;
mod disable_console_login;
mod disable_ssh_passwords;
mod enable_cloudtrail;
mod enable_flow_logs;
mod enable_guardduty;
mod isolate_instance;
mod keep_proof;
mod keys_to_roles;
mod patch_application;
mod pause_ses_sending;
mod preserve_first;
mod preserve_logs;
mod protect_form;
mod rebuild_from_clean;
mod remove_intruder_iam;
mod remove_intruder_instances;
mod require_imdsv2;
mod require_mfa;
mod restore_function;
mod restore_logging;
mod restrict_egress;
mod review_exposure;
mod revoke_role_sessions;
mod rotate_credentials;
mod secure_service;
mod security_contact;
mod stop_not_terminate;
mod take_down_content;
mod unshare_data;
mod verify_sender;

use abate_model::{Phase, Text};

use crate::facts::{Facts, Target};

/// Something that can be done. In the texts `{t}` stands for the target, `{it}` for the target with what it is,
/// `{region}`, `{user}` and `{port}` for what is known of it.
pub(crate) struct Action {
    /// stable id
    pub(crate) id: &'static str,
    /// phase of the plan
    pub(crate) phase: Phase,
    /// the targets for which it is proposed; none when it is not
    pub(crate) when: fn(&Facts<'_>) -> Vec<Target>,
    /// what stands for `{it}` where there is no target
    pub(crate) whole: Text,
    /// what to do, as an imperative
    pub(crate) title: Text,
    /// what a letter may say once it was done
    pub(crate) done_text: Text,
    /// why
    pub(crate) why: Text,
    /// what can go wrong
    pub(crate) risk: Text,
    /// how to take it back
    pub(crate) undo: Text,
    /// commands or console path, for a person
    pub(crate) how: Text,
}

/// Every action.
pub(crate) fn all() -> Vec<&'static Action> {
    vec![
        &verify_sender::ACTION,
        &preserve_first::ACTION,
        &preserve_logs::ACTION,
        &isolate_instance::ACTION,
        &block_egress_port::ACTION,
        &stop_not_terminate::ACTION,
        &deactivate_access_key::ACTION,
        &attach_deny_all::ACTION,
        &revoke_role_sessions::ACTION,
        &disable_console_login::ACTION,
        &pause_ses_sending::ACTION,
        &take_down_content::ACTION,
        &close_security_group::ACTION,
        &close_open_proxy::ACTION,
        &close_open_resolver::ACTION,
        &unshare_data::ACTION,
        &protect_form::ACTION,
        &keep_proof::ACTION,
        &confirm_legitimate_use::ACTION,
        &crawler_manners::ACTION,
        &collect_evidence::ACTION,
        &answer_aws::ACTION,
        &remove_intruder_iam::ACTION,
        &remove_intruder_instances::ACTION,
        &restore_function::ACTION,
        &rebuild_from_clean::ACTION,
        &rotate_credentials::ACTION,
        &delete_access_key::ACTION,
        &restore_logging::ACTION,
        &disable_ssh_passwords::ACTION,
        &close_login_ports::ACTION,
        &patch_application::ACTION,
        &secure_service::ACTION,
        &keys_to_roles::ACTION,
        &require_imdsv2::ACTION,
        &restrict_egress::ACTION,
        &block_public_storage::ACTION,
        &require_mfa::ACTION,
        &enable_guardduty::ACTION,
        &enable_cloudtrail::ACTION,
        &enable_flow_logs::ACTION,
        &review_exposure::ACTION,
        &budget_alarm::ACTION,
        &security_contact::ACTION,
    ]
}
