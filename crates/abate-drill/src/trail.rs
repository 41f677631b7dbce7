//! CloudTrail records and the tree of files in which S3 holds them. What is called when is decided elsewhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::background::Calls;
use crate::clock::{self, HOUR, Second};
use crate::folder::{Folder, Frame, Hours, Record};
use crate::replay::{Mark, Ordinary};
use crate::rng::Rng;
use crate::world::{Host, User, World};
use crate::{DrillError, replay};

/// A record and the Region whose log it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// the record
    pub(crate) record: Record,
    /// its `awsRegion`
    pub(crate) region: String,
    /// a data event, which the event history of the account does not hold
    pub(crate) data: bool,
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

    /// Marks the record as one that has nothing to do with the incident and misleads nobody.
    pub(crate) fn aside(mut self) -> Self {
        self.record = self.record.aside();
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

    /// The call was refused.
    pub(crate) fn refused(mut self, code: &'static str, message: String) -> Self {
        (self.error, self.response) = (Some((code, message)), Value::Null);
        self
    }

    /// A data event on one resource: its type and ARN.
    pub(crate) fn on(mut self, account: &str, kind: &str, arn: &str) -> Self {
        self.resources = json!([{"accountId": account, "type": kind, "ARN": arn}]);
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
            // A failed sign-in has a message only.
            if !code.is_empty() {
                put("errorCode", json!(code));
            }
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
        Event { record: Record::plain(self.at, Value::Object(map).to_string()), region: self.region, data: self.data }
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
    instance_role(world, &world.batch, (&world.batch_role, &world.batch_principal), at)
}

/// Access key of an instance role's credentials, which change every six hours.
pub(crate) fn instance_key(principal: &str, at: Second) -> String {
    let since = at - at.rem_euclid(6 * HOUR) - 137;
    // The key id must change with the session and must not disturb the other draws.
    format!("ASIA{}EXAMPLE", Rng::stream(since.unsigned_abs(), principal).upper(9))
}

/// `userIdentity` of a host's role, whose name and `AROA…` are given.
pub(crate) fn instance_role(world: &World, host: &Host, (role, principal): (&str, &str), at: Second) -> Value {
    let (since, account) = (at - at.rem_euclid(6 * HOUR) - 137, world.account);
    json!({
        "type": "AssumedRole", "principalId": format!("{principal}:{}", host.instance),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{}", host.instance), "accountId": account,
        "accessKeyId": instance_key(principal, at),
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

/// Somebody who calls AWS again and again from the same place with the same tool.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// `userIdentity`
    identity: Value,
    from: String,
    agent: String,
}

impl Caller {
    /// Who, from which address, with what.
    pub(crate) fn new(identity: Value, from: &str, agent: &str) -> Self {
        Self { identity, from: from.to_owned(), agent: agent.to_owned() }
    }

    /// A call in the company's Region, or where the service logs if it is a global one.
    pub(crate) fn call(&self, world: &World, at: Second, service: &'static str, name: &'static str) -> Call {
        let call = Call::new(world, at, service, name).by(self.identity.clone(), &self.from, &self.agent);
        if matches!(service, "iam" | "organizations") { call.in_region("us-east-1") } else { call }
    }

    /// A call that is refused for want of permission.
    pub(crate) fn denied(&self, world: &World, at: Second, service: &'static str, name: &'static str) -> Call {
        let arn = self.identity.get("arn").and_then(Value::as_str).unwrap_or_default().to_owned();
        crate::confounders::denied(self.call(world, at, service, name), &arn)
    }
}

/// A session of a role that somebody assumed.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// name of the role
    pub(crate) role: String,
    /// `AROA…` of the role
    pub(crate) principal: String,
    /// name of the session
    pub(crate) name: String,
    /// `ASIA…EXAMPLE`
    pub(crate) key: String,
    /// since when
    pub(crate) since: Second,
}

impl Session {
    /// A session of a role.
    pub(crate) fn new(role: &str, name: &str, since: Second, rng: &mut Rng) -> Self {
        let (principal, key) = (format!("AROA{}EXAMPLE", rng.upper(10)), format!("ASIA{}EXAMPLE", rng.upper(9)));
        Self { role: role.to_owned(), principal, name: name.to_owned(), key, since }
    }

    /// Its ARN.
    pub(crate) fn arn(&self, world: &World) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", world.account, self.role, self.name)
    }

    /// ARN of its role.
    pub(crate) fn role_arn(&self, world: &World) -> String {
        format!("arn:aws:iam::{}:role/{}", world.account, self.role)
    }

    /// Its `userIdentity`.
    pub(crate) fn identity(&self, world: &World) -> Value {
        json!({
            "type": "AssumedRole", "principalId": format!("{}:{}", self.principal, self.name), "arn": self.arn(world),
            "accountId": world.account, "accessKeyId": self.key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": self.principal, "arn": self.role_arn(world), "accountId": world.account,
                    "userName": self.role
                },
                "attributes": {"creationDate": clock::iso(self.since), "mfaAuthenticated": "false"}
            }
        })
    }

    /// Parameters and response of the `AssumeRole` that begins it.
    pub(crate) fn assumed(&self, world: &World, rng: &mut Rng) -> (Value, Value) {
        let request = json!({"roleArn": self.role_arn(world), "roleSessionName": self.name, "durationSeconds": 3600});
        let response = json!({
            "credentials": {"accessKeyId": self.key, "sessionToken": rng.alnum(96), "expiration": clock::iso(self.since + HOUR)},
            "assumedRoleUser": {"assumedRoleId": format!("{}:{}", self.principal, self.name), "arn": self.arn(world)}
        });
        (request, response)
    }
}

/// `userIdentity` of somebody without credentials, in S3.
pub(crate) fn anonymous() -> Value {
    json!({"type": "AWSAccount", "principalId": "", "accountId": "anonymous"})
}

/// An event as `aws cloudtrail lookup-events` shows it: the record is a text within it.
pub(crate) fn looked_up(record: Record) -> Record {
    let event: Value = serde_json::from_str(&record.text).unwrap_or_default();
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let session = text("/userIdentity/arn").rsplit_once('/').map(|(_, name)| name.to_owned());
    let name = event.pointer("/userIdentity/userName").map(|_| text("/userIdentity/userName")).or(session);
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("EventId", json!(text("/eventID")));
    put("EventName", json!(text("/eventName")));
    put("ReadOnly", json!(event.get("readOnly").map(Value::to_string)));
    if event.pointer("/userIdentity/accessKeyId").is_some() {
        put("AccessKeyId", json!(text("/userIdentity/accessKeyId")));
    }
    put("EventTime", json!(text("/eventTime").replace('Z', "+00:00")));
    put("EventSource", json!(text("/eventSource")));
    if let Some(name) = name {
        put("Username", json!(name));
    }
    put("Resources", json!([]));
    put("CloudTrailEvent", json!(record.text));
    Record { text: Value::Object(shown).to_string(), ..record }
}

/// Ordinary calls as `aws cloudtrail lookup-events` shows them.
pub(crate) struct LookedUp(pub(crate) Calls);

impl Ordinary for LookedUp {
    fn span(&self) -> (Second, Second) {
        self.0.span()
    }

    fn marks(&self) -> u64 {
        self.0.marks()
    }

    fn records(&self) -> u64 {
        self.0.records()
    }

    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        self.0.skim(world, rng, mark);
    }

    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>) {
        let from = records.len();
        self.0.make(world, rng, mark, records);
        let made = records.split_off(from);
        records.extend(made.into_iter().map(looked_up));
    }
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
