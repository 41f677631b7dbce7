//! The credential report of IAM (CSV): who has which key, and when it was last used.

use crate::clock::{self, DAY, Second};
use crate::world::{User, World};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,\
access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// A user of the report.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    /// who
    pub(crate) user: &'a User,
    /// since when there is the user
    pub(crate) made: Second,
    /// when the password was last used, if there is one
    pub(crate) password: Option<Second>,
    /// whether a second factor is set up
    pub(crate) mfa: bool,
    /// whether the key is active, and when, where and for what it was last used, if there is a key
    pub(crate) key: Option<(bool, Second, &'a str, &'a str)>,
}

impl Row<'_> {
    fn line(&self, world: &World) -> String {
        let made = stamp(self.made);
        let password = match self.password {
            Some(used) => format!("true,{},{made},N/A", stamp(used)),
            None => "false,N/A,N/A,N/A".to_owned(),
        };
        let key = match self.key {
            Some((active, used, region, service)) => format!("{active},{},{},{region},{service}", stamp(self.made + 600), stamp(used)),
            None => "false,N/A,N/A,N/A,N/A".to_owned(),
        };
        let name = &self.user.name;
        let none = "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
        format!("{name},{},{made},{password},{},{key},{none}", world.user_arn(name), self.mfa)
    }
}

/// `2026-10-05T04:03:02+00:00`
fn stamp(at: Second) -> String {
    clock::iso(at).replace('Z', "+00:00")
}

/// The report: the root user, the company's usual users, and the rows given.
pub(crate) fn write(world: &World, at: Second, more: &[Row<'_>]) -> String {
    let old = world.incident - 400 * DAY;
    let root = format!(
        "<root_account>,arn:aws:iam::{}:root,{},not_supported,{},not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
        world.account,
        stamp(old - 200 * DAY),
        stamp(world.incident - 120 * DAY)
    );
    let usual = [
        Row { user: &world.admin, made: old, password: Some(at - 7200), mfa: true, key: None },
        Row { user: &world.operator, made: old + DAY, password: None, mfa: true, key: Some((true, at - 5000, world.region, "ec2")) },
        Row { user: &world.deployer, made: old + 9 * DAY, password: None, mfa: false, key: Some((true, at - 3000, world.region, "ecs")) },
    ];
    let named = |row: &&Row<'_>| !more.iter().any(|other| other.user.name == row.user.name);
    let rows = usual.iter().filter(named).chain(more).map(|row| row.line(world));
    let lines: Vec<String> = [HEADER.to_owned(), root].into_iter().chain(rows).collect();
    lines.join("\n") + "\n"
}
