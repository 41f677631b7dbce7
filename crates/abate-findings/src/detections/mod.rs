//! The list of detections.

// --- traffic of our hosts, remote login, web (host side) ---
mod address_ownership;
mod database_logins;
mod exposure;
mod floods;
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
    ]
}

#[cfg(test)]
mod tests;
