//! `abate profile …`

use std::io::Write;

use abate_app::ports::Store;
use abate_model::AccountId;
use abate_model::profile::LegitimateUse;
use anyhow::anyhow;

use super::{Ctx, print_json};
use crate::cli::{ProfileCommand, ProfileSet};
use crate::{Exit, Failure, screen};

/// Dispatches.
pub fn profile(ctx: &Ctx, command: ProfileCommand) -> Result<Exit, Failure> {
    let mut store = ctx.store()?;
    match command {
        ProfileCommand::List => {
            let mut out = anstream::stdout();
            for profile in store.profiles().map_err(|e| ctx.store_failure(e))? {
                let name = profile.name.unwrap_or_default();
                writeln!(out, "{}  {}", profile.account_id.unwrap_or_default(), screen::safe(&name))?;
            }
        }
        ProfileCommand::Show { account } => {
            let account = account_id(&account)?;
            let profile = store.profile(account.as_str()).map_err(|e| ctx.store_failure(e))?;
            let profile = profile.ok_or_else(|| {
                Failure::input(
                    anyhow!("there is no profile of account {account}"),
                    Some(format!("'abate profile set {account} --name …' makes one")),
                )
            })?;
            print_json(&profile)?;
        }
        ProfileCommand::Set(fields) => set(ctx, &mut store, *fields)?,
    }
    Ok(Exit::Done)
}

fn account_id(typed: &str) -> Result<AccountId, Failure> {
    AccountId::parse(typed)
        .ok_or_else(|| Failure::input(anyhow!("'{typed}' is no account id"), Some("an account id has 12 digits".to_owned())))
}

fn set(ctx: &Ctx, store: &mut dyn Store, fields: ProfileSet) -> Result<(), Failure> {
    let account = account_id(&fields.account)?;
    if let Some(zone) = &fields.time_zone {
        jiff::tz::TimeZone::get(zone).map_err(|e| {
            Failure::input(anyhow!("'{zone}' is no time zone: {e}"), Some("use an IANA name such as Asia/Tokyo".to_owned()))
        })?;
    }
    let mut profile = store.profile(account.as_str()).map_err(|e| ctx.store_failure(e))?.unwrap_or_default();
    profile.account_id = Some(account.as_str().to_owned());
    for (field, given) in [
        (&mut profile.name, fields.name),
        (&mut profile.signer, fields.signer),
        (&mut profile.owner, fields.owner),
        (&mut profile.approver, fields.approver),
        (&mut profile.security_address, fields.security_address),
        (&mut profile.reseller, fields.reseller),
        (&mut profile.time_zone, fields.time_zone),
    ] {
        if given.is_some() {
            *field = given;
        }
    }
    add(&mut profile.scanners, fields.scanner)?;
    add(&mut profile.offices, fields.office)?;
    for (category, en, ja) in fields.legitimate_use {
        profile.legitimate_uses.push(LegitimateUse { category, en, ja, resources: Vec::new() });
    }
    store.save_profile(&profile).map_err(|e| ctx.store_failure(e))?;
    print_json(&profile)
}

fn add(list: &mut Vec<String>, more: Vec<String>) -> Result<(), Failure> {
    for network in more {
        let valid = network.parse::<std::net::IpAddr>().is_ok() || network.parse::<ipnet::IpNet>().is_ok();
        if !valid {
            return Err(Failure::input(
                anyhow!("'{network}' is neither an address nor a network"),
                Some("write 203.0.113.7 or 203.0.113.0/24".to_owned()),
            ));
        }
        if !list.contains(&network) {
            list.push(network);
        }
    }
    Ok(())
}
