//! CloudTrail records and the tree of files in which S3 holds them. What is called when is decided elsewhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::background::Calls;
use crate::clock::{self, HOUR, Second};
use crate::folder::{Folder, Frame, Hours, Record};
use crate::rng::Rng;
use crate::world::{User, World};
use crate::{DrillError, replay};

/// A record and the Region whose log it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// the record
    pub(crate) record: Record,
    /// its `awsRegion`
    pub(crate) region: String,
}

impl Event {
    /// Marks the record as one that matters.
    pub(crate) fn because(mut self, why: &'static str) -> Self {
        self.record = self.record.because(why);
        self
    }

    /// Marks the record as one that may mislead, and says why it is innocent.
    pub(crate) fn decoy(mut self, why: &'static str) -> Self {
        self.record = self.record.decoy(why);
        self
    }
}

/// A call, before it becomes a record. Start from [`Call::new`] and change what differs.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// when
    pub(crate) at: Second,
    /// first label of `eventSource`, such as `ec2`
    pub(crate) service: &'static str,
    /// `eventName`
    pub(crate) name: &'static str,
    /// `awsRegion`
    pub(crate) region: String,
    /// `userIdentity`
    pub(crate) identity: Value,
    /// `sourceIPAddress`
    pub(crate) from: String,
    /// `userAgent`
    pub(crate) agent: String,
    /// `requestParameters`
    pub(crate) request: Value,
    /// `responseElements`
    pub(crate) response: Value,
    /// `additionalEventData`, if any
    pub(crate) additional: Value,
    /// `resources`, if any
    pub(crate) resources: Value,
    /// `errorCode` and `errorMessage`, if it failed
    pub(crate) error: Option<(&'static str, String)>,
    /// `eventCategory` is `Data`
    pub(crate) data: bool,
}

impl Call {
    /// A management call without parameters in the company's Region.
    pub(crate) fn new(world: &World, at: Second, service: &'static str, name: &'static str) -> Self {
        Self {
            at,
            service,
            name,
            region: world.region.to_owned(),
            identity: Value::Null,
            from: String::new(),
            agent: String::new(),
            request: Value::Null,
            response: Value::Null,
            additional: Value::Null,
            resources: Value::Null,
            error: None,
            data: false,
        }
    }

    /// Who calls, from where, with what.
    pub(crate) fn by(mut self, identity: Value, from: &str, agent: &str) -> Self {
        self.identity = identity;
        from.clone_into(&mut self.from);
        agent.clone_into(&mut self.agent);
        self
    }

    /// Parameters and response.
    pub(crate) fn with(mut self, request: Value, response: Value) -> Self {
        self.request = request;
        self.response = response;
        self
    }

    /// In another Region (IAM and other global services log in us-east-1).
    pub(crate) fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// The record. `rng` gives the ids.
    pub(crate) fn event(self, world: &World, rng: &mut Rng) -> Event {
        let read_only = is_read_only(self.name);
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| map.insert(name.to_owned(), value);
        put("eventVersion", json!("1.11"));
        put("userIdentity", self.identity);
        put("eventTime", json!(clock::iso(self.at)));
        put("eventSource", json!(format!("{}.amazonaws.com", self.service)));
        put("eventName", json!(self.name));
        put("awsRegion", json!(self.region));
        put("sourceIPAddress", json!(self.from));
        put("userAgent", json!(self.agent));
        if let Some((code, message)) = self.error {
            put("errorCode", json!(code));
            put("errorMessage", json!(message));
        }
        put("requestParameters", self.request);
        put("responseElements", self.response);
        if !self.additional.is_null() {
            put("additionalEventData", self.additional);
        }
        put("requestID", json!(if self.service == "s3" { rng.upper(16) } else { rng.uuid() }));
        put("eventID", json!(rng.uuid()));
        put("readOnly", json!(read_only));
        if !self.resources.is_null() {
            put("resources", self.resources);
        }
        let console = self.service == "signin";
        put("eventType", json!(if console { "AwsConsoleSignIn" } else { "AwsApiCall" }));
        put("managementEvent", json!(!self.data));
        put("recipientAccountId", json!(world.account));
        // Calls by an AWS service carry an id shared with the service's own record; those from outside carry the TLS facts.
        if self.from.ends_with(".amazonaws.com") {
            put("sharedEventID", json!(rng.uuid()));
        }
        put("eventCategory", json!(if self.data { "Data" } else { "Management" }));
        if self.from.starts_with(|c: char| c.is_ascii_digit()) {
            let host = format!("{}.{}.amazonaws.com", self.service, self.region);
            let tls = json!({"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": host});
            put("tlsDetails", tls);
        }
        Event { record: Record::plain(self.at, Value::Object(map).to_string()), region: self.region }
    }
}

fn is_read_only(name: &str) -> bool {
    ["Get", "List", "Describe", "Head", "Lookup", "Decrypt", "GenerateDataKey", "AssumeRole", "BatchGet"]
        .iter()
        .any(|p| name.starts_with(p))
}

/// `userIdentity` of an AWS service that acts on the customer's behalf.
pub(crate) fn aws_service(host: &str) -> Value {
    json!({"type": "AWSService", "invokedBy": host})
}

/// `userIdentity` of a user with a long-term key.
pub(crate) fn user(world: &World, user: &User) -> Value {
    json!({
        "type": "IAMUser", "principalId": user.principal, "arn": world.user_arn(&user.name), "accountId": world.account,
        "accessKeyId": user.key, "userName": user.name
    })
}

/// `userIdentity` of a user who signed in to the console some time before `at`; a session lasts up to eight hours.
pub(crate) fn console_user(world: &World, user: &User, at: Second) -> Value {
    let since = at - at.rem_euclid(8 * HOUR) - 251;
    json!({
        "type": "IAMUser", "principalId": user.principal, "arn": world.user_arn(&user.name), "accountId": world.account,
        "accessKeyId": user.key.replacen("AKIA", "ASIA", 1), "userName": user.name,
        "sessionContext": {"attributes": {"creationDate": clock::iso(since), "mfaAuthenticated": "true"}}
    })
}

/// `userIdentity` of the batch server's role; its credentials change every six hours.
pub(crate) fn batch_role(world: &World, at: Second) -> Value {
    let since = at - at.rem_euclid(6 * HOUR) - 137;
    let (account, role, principal) = (world.account, &world.batch_role, &world.batch_principal);
    // The key id must change with the session and must not disturb the other draws.
    let key = format!("ASIA{}EXAMPLE", Rng::stream(since.unsigned_abs(), principal).upper(9));
    json!({
        "type": "AssumedRole", "principalId": format!("{principal}:{}", world.batch.instance),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{}", world.batch.instance), "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": principal, "arn": format!("arn:aws:iam::{account}:role/{role}"),
                "accountId": account, "userName": role
            },
            "attributes": {"creationDate": clock::iso(since), "mfaAuthenticated": "false"},
            "ec2RoleDelivery": "2.0"
        }
    })
}

/// Hands out the ordinary calls and the other events as S3 holds them: one compressed file for each Region and hour, below
/// `evidence/AWSLogs/<account>/CloudTrail/<Region>/YYYY/MM/DD/`.
pub(crate) fn write(world: &World, daily: &mut Rng, folder: &mut Folder<'_>, calls: &Calls, attack: Vec<Event>) -> Result<(), DrillError> {
    let mut regions: BTreeMap<String, Vec<Record>> = BTreeMap::from([(world.region.to_owned(), Vec::new())]);
    for event in attack {
        regions.entry(event.region).or_default().push(event.record);
    }
    for (region, records) in regions {
        let path = |hour, number| path(world, &region, hour, number);
        let (mut hours, mut others) = (Hours::new(Frame::RECORDS, &path), replay::others(records));
        if region == world.region {
            replay::merge(calls, (world, &mut *daily), &mut others, folder, &mut |folder, record| hours.record(folder, record))?;
        }
        others.try_for_each(|record| hours.record(folder, &record))?;
        folder.end()?;
    }
    Ok(())
}

/// Where the n-th file of an hour lies.
fn path(world: &World, region: &str, hour: Second, number: u32) -> String {
    let account = world.account;
    // Names must not depend on how much is in the files, so they have a stream of their own.
    let mut rng = Rng::stream(hour.unsigned_abs(), &format!("trail/{region}/{}", world.kms_key));
    let id = (0..=number).map(|_| rng.alnum(16)).last().unwrap_or_default();
    let name = format!("{account}_CloudTrail_{region}_{}_{id}.json.gz", clock::file_stamp(hour + HOUR));
    format!("evidence/AWSLogs/{account}/CloudTrail/{region}/{}/{name}", clock::day_path(hour))
}
