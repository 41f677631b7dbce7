//! The list of detections.

// --- traffic of our hosts, remote login, web (host side) ---
mod address_ownership;
mod database_logins;
mod exposure;
mod floods;
mod forwarded_request;
mod ftp_logins;
mod logins;
mod mail_logins;
mod outbound_fan_out;
mod outbound_smtp;
mod outbound_vertical;
mod reported_remote;
mod rhythm;
mod ssh;
mod traffic;
mod web;
mod web_patterns;
mod windows_logins;

// --- inside hosts ---
mod acts;
mod commands;
mod download_and_run;
mod host_account;
mod host_credentials;
mod host_defences;
mod host_discovery;
mod host_rights;
mod mining_software;
mod powershell_script;
mod remote_execution;
mod reverse_shell;
mod scheduled_persistence;
mod service_shell;
mod ssh_keys_changed;
mod tunnel_tools;

// --- names, mail, web, and what several logs say together ---
mod dns_blocked;
mod dns_made_up;
mod dns_tunnel;
mod large_egress;
mod mail_bulk;
mod mail_refused;
mod names;
mod open_resolver_log;
mod phishing_kit;
mod sign_in_then_program;
mod web_file_written;
mod web_logins;

// --- what all of them know ---
pub(crate) mod known;

// --- the account (CloudTrail, GuardDuty, inventory), Sigma ---
mod account;
mod anonymous_storage;
mod checks;
mod console_login;
mod data_shared;
mod federation_token;
mod function_tampered;
mod guardduty;
mod instance_credentials_outside;
mod instance_launch;
mod key_new_place;
mod logging_off;
mod model_abuse;
mod new_access_key;
mod new_iam_user;
mod policy_widened;
mod prowler;
mod quarantine;
mod reconnaissance;
mod remote_command;
mod role_backdoored;
mod root_used;
mod secrets_read;
mod security_group_opened;
mod security_hub;
mod service_open;
mod ses_abuse;
mod sigma;
mod storage_access;
mod trusted_advisor;

// --- the account: what it is used for, and what is changed in it ---
mod access_opened;
mod account_settings;
mod capacity_raised;
mod cloud_persistence;
mod compute_abuse;
mod console_by_token;
mod credentials_weakened;
mod data_destroyed;
mod domain_tampered;
mod message_abuse;
mod metadata_unprotected;
mod new_credentials_used;
mod outsider_role;
mod takeover_sequence;

use crate::Detection;

/// Every detection. To add one, write its file and add its line here.
#[must_use]
pub fn all() -> Vec<&'static Detection> {
    vec![
        // --- traffic of our hosts, remote login, web (host side) ---
        &outbound_fan_out::DETECTION,
        &outbound_vertical::DETECTION,
        &outbound_smtp::DETECTION,
        &floods::DETECTION,
        &rhythm::DETECTION,
        &exposure::DETECTION,
        &reported_remote::DETECTION,
        &ssh::DETECTION,
        &windows_logins::DETECTION,
        &mail_logins::DETECTION,
        &database_logins::DETECTION,
        &ftp_logins::DETECTION,
        &web::DETECTION,
        &forwarded_request::DETECTION,
        &address_ownership::DETECTION,
        // --- the account (CloudTrail, GuardDuty, inventory), Sigma ---
        &key_new_place::DETECTION,
        &instance_credentials_outside::DETECTION,
        &console_login::DETECTION,
        &root_used::DETECTION,
        &new_iam_user::DETECTION,
        &new_access_key::DETECTION,
        &policy_widened::DETECTION,
        &role_backdoored::DETECTION,
        &federation_token::DETECTION,
        &instance_launch::DETECTION,
        &logging_off::DETECTION,
        &security_group_opened::DETECTION,
        &service_open::DETECTION,
        &ses_abuse::DETECTION,
        &model_abuse::DETECTION,
        &quarantine::DETECTION,
        &data_shared::DETECTION,
        &secrets_read::DETECTION,
        &storage_access::DETECTION,
        &anonymous_storage::DETECTION,
        &function_tampered::DETECTION,
        &remote_command::DETECTION,
        &reconnaissance::DETECTION,
        &guardduty::DETECTION,
        &security_hub::DETECTION,
        &prowler::DETECTION,
        &trusted_advisor::DETECTION,
        &sigma::DETECTION,
        // --- inside hosts ---
        &download_and_run::DETECTION,
        &host_account::DETECTION,
        &host_credentials::DETECTION,
        &host_defences::DETECTION,
        &host_discovery::DETECTION,
        &host_rights::DETECTION,
        &mining_software::DETECTION,
        &powershell_script::DETECTION,
        &remote_execution::DETECTION,
        &reverse_shell::DETECTION,
        &scheduled_persistence::DETECTION,
        &service_shell::DETECTION,
        &ssh_keys_changed::DETECTION,
        &tunnel_tools::DETECTION,
        // --- names, mail, web, and what several logs say together ---
        &dns_blocked::DETECTION,
        &dns_made_up::DETECTION,
        &dns_tunnel::DETECTION,
        &large_egress::DETECTION,
        &mail_bulk::DETECTION,
        &mail_refused::DETECTION,
        &open_resolver_log::DETECTION,
        &phishing_kit::DETECTION,
        &sign_in_then_program::DETECTION,
        &web_file_written::DETECTION,
        &web_logins::DETECTION,
        // --- the account: what it is used for, and what is changed in it ---
        &access_opened::DETECTION,
        &account_settings::DETECTION,
        &capacity_raised::DETECTION,
        &cloud_persistence::DETECTION,
        &compute_abuse::DETECTION,
        &console_by_token::DETECTION,
        &credentials_weakened::DETECTION,
        &data_destroyed::DETECTION,
        &domain_tampered::DETECTION,
        &message_abuse::DETECTION,
        &metadata_unprotected::DETECTION,
        &new_credentials_used::DETECTION,
        &outsider_role::DETECTION,
        &takeover_sequence::DETECTION,
    ]
}

#[cfg(test)]
mod tests;
