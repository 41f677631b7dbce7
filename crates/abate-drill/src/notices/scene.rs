//! Whom a notice is about: account, Regions, resources, addresses and times. All made up, all out of ranges for examples.

use super::plan::{Format, Plan};
use super::truth::Resource;
use crate::clock::{DAY, HOUR, Second};
use crate::rng::Rng;

const ACCOUNTS: &[&str] = &["111122223333", "444455556666", "123456789012", "210987654321"];
/// Code and display name.
const REGIONS: &[(&str, &str)] = &[
    ("us-east-1", "US East (N. Virginia)"),
    ("us-west-2", "US West (Oregon)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("sa-east-1", "South America (Sao Paulo)"),
];
const KEYS: &[&str] = &["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "ASIAIOSFODNN7EXAMPLE"];
/// 2025-03-20T00:00:00Z; notices are sent before 2026-03-04, so that a date without year means the same for everybody.
const FIRST_DAY: Second = 1_742_428_800;
/// 2012-04-01T00:00:00Z, for the old families.
const FIRST_OLD_DAY: Second = 1_333_238_400;

/// A resource of the account.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    /// kind in the truth
    pub(crate) kind: &'static str,
    /// what stands before the id in AWS's lines
    pub(crate) label: &'static str,
    /// the id
    pub(crate) id: String,
    /// what is written for the id: itself or an ARN
    pub(crate) written: String,
    /// address, if one is written beside it
    pub(crate) address: Option<String>,
    /// Region: code and display name; a CloudFront distribution has none
    pub(crate) region: Option<(&'static str, &'static str)>,
    /// a part is hidden
    pub(crate) masked: bool,
    /// user beside an access key
    pub(crate) user: Option<&'static str>,
}

/// Everything a notice is about.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// as written
    pub(crate) account: String,
    /// what is named; empty if the whole account is meant
    pub(crate) things: Vec<Thing>,
    /// Region of the account
    pub(crate) region: (&'static str, &'static str),
    /// source address of lines if the notice itself names none
    pub(crate) hidden: String,
    /// far ends
    pub(crate) strangers: Vec<String>,
    /// when it began
    pub(crate) start: Second,
    /// when AWS wrote
    pub(crate) sent: Second,
}

impl Scene {
    /// Draws a scene for a plan.
    pub(crate) fn new(plan: &Plan, rng: &mut Rng) -> Self {
        let yearless = matches!(plan.format, Format::Sshd | Format::Iptables | Format::Fail2ban);
        let old = matches!(plan.family, "instance-list" | "malware-details") && !yearless && rng.chance(50);
        let first = if old { FIRST_OLD_DAY } else { FIRST_DAY };
        let start = first + DAY * rng.range(0, if old { 1300 } else { 345 }) + HOUR * rng.range(0, 23) + rng.range(0, 3599);
        let region = rng.pick(REGIONS);
        let masked = plan.channel.is_pasted() && plan.format == Format::Nothing && plan.resource == "instance" && rng.chance(35);
        let mut taken = Vec::new();
        let mut things = Vec::new();
        for n in 0..if plan.resource == "account" { 0 } else { plan.count } {
            let region = if n > 0 && rng.chance(30) { rng.pick(REGIONS) } else { region };
            things.push(thing(plan, rng, region, n, &mut taken));
        }
        // Entities of AWS Health often stand without addresses; the `[ip]` of a resource line may be absent.
        let bare = if plan.family == "health-event" && plan.format == Format::Nothing { 60 } else { 20 };
        if plan.family != "instance-list" && rng.chance(bare) {
            things.iter_mut().for_each(|thing| thing.address = None);
        }
        let mut account = rng.pick(ACCOUNTS).to_owned();
        things.iter_mut().for_each(|thing| thing.written = thing.written.replace(ARN_ACCOUNT, &account));
        if masked {
            if rng.chance(50) {
                account = format!("xxxx{}", account.get(9..).unwrap_or("370"));
            }
            things.iter_mut().for_each(|thing| mask(thing, rng));
        }
        Self {
            account,
            things,
            region,
            hidden: own_address(rng, &mut taken),
            strangers: strangers(rng),
            start,
            sent: start + rng.range(2 * HOUR, 26 * HOUR),
        }
    }

    /// Whether every resource stands with an address, so that lines can be told apart by it.
    pub(crate) fn named(&self) -> bool {
        !self.things.is_empty() && self.things.iter().all(|thing| thing.address.is_some())
    }

    /// A far end.
    pub(crate) fn stranger(&self, n: usize) -> &str {
        let at = n.checked_rem(self.strangers.len()).unwrap_or(0);
        self.strangers.get(at).map_or("198.51.100.1", String::as_str)
    }

    /// Regions in the order of the resources.
    pub(crate) fn regions(&self) -> Vec<&'static str> {
        let mut list = Vec::new();
        for (code, _) in self.things.iter().filter_map(|thing| thing.region) {
            if !list.contains(&code) {
                list.push(code);
            }
        }
        list
    }

    /// The resources as the truth writes them. A user beside a key is a resource without an entry of its own.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        let mut list = Vec::new();
        for thing in &self.things {
            list.push(Resource {
                kind: thing.kind,
                id: thing.id.clone(),
                addresses: thing.address.iter().cloned().collect(),
                masked: thing.masked,
                reported: true,
            });
            list.extend(thing.user.map(|user| Resource { reported: false, ..whole("iam-user", user) }));
        }
        list
    }

    /// The account and a Region of it, for notices that name nothing else.
    pub(crate) fn whole_account(&self, region: bool) -> Vec<Resource> {
        let account = Resource { masked: self.account.contains('x'), ..whole("account", &self.account) };
        std::iter::once(account).chain(region.then(|| whole("region", self.region.0))).collect()
    }
}

fn whole(kind: &'static str, id: &str) -> Resource {
    Resource { kind, id: id.to_owned(), addresses: Vec::new(), masked: false, reported: true }
}

fn thing(plan: &Plan, rng: &mut Rng, region: (&'static str, &'static str), n: usize, taken: &mut Vec<String>) -> Thing {
    let v6 = matches!(plan.format, Format::Nothing | Format::Sshd | Format::Apache) && plan.family != "instance-list" && rng.chance(8);
    let address = if v6 { format!("2001:db8::{}", 1000 + rng.range(0, 999)) } else { own_address(rng, taken) };
    let mut thing = Thing {
        kind: "ec2-instance",
        label: "EC2 Instance Id",
        id: format!("i-0{}", rng.hex(16)),
        written: String::new(),
        address: Some(address),
        region: Some(region),
        masked: false,
        user: None,
    };
    match plan.resource {
        "instance-old" => thing.id = format!("i-{}", rng.hex(8)),
        "interface" => (thing.kind, thing.label, thing.id) = ("network-interface", "Network Interface Id", format!("eni-0{}", rng.hex(16))),
        "nat" => (thing.kind, thing.label, thing.id) = ("nat-gateway", "NAT Gateway Id", format!("nat-0{}", rng.hex(16))),
        "lightsail" => {
            let name = rng.pick(&["WordPress", "LAMP_PHP_8", "Node-js", "Ubuntu", "corp-site"]);
            (thing.kind, thing.label, thing.id) =
                ("lightsail", "Lightsail Instance Name", format!("{name}-{}", i64::try_from(n).unwrap_or(0) * 10 + rng.range(1, 9)));
        }
        "balancer" => {
            let name = rng.pick(&["web-alb", "public-lb", "k8s-ingress", "shop-elb"]);
            let id = format!("{name}-{}.{}.elb.amazonaws.com", rng.chars(10, b"123456789"), region.0);
            (thing.kind, thing.label, thing.id, thing.address) = ("load-balancer", "ELB DNS Name", id, None);
        }
        "bucket" => {
            let id = format!("{}-{}", rng.pick(&["example-assets", "example-uploads", "example-public", "example-site"]), rng.hex(5));
            thing.written = format!("arn:aws:s3:::{id}");
            (thing.kind, thing.label, thing.id, thing.address) = ("s3-bucket", "S3 Bucket", id, None);
        }
        "cloudfront" => {
            let id = format!("E{}EXAMPLE", rng.upper(6));
            thing.written = format!("arn:aws:cloudfront::{ARN_ACCOUNT}:distribution/{id}");
            thing.region = (plan.family == "health-event").then_some(("us-east-1", "US East (N. Virginia)"));
            (thing.kind, thing.label, thing.id, thing.address) = ("cloud-front", "CloudFront Distribution", id, None);
        }
        "key" => {
            let id = KEYS.get(n).copied().unwrap_or("AKIAIOSFODNN7EXAMPLE").to_owned();
            (thing.kind, thing.label, thing.id, thing.address) = ("access-key", "Access Key", id, None);
            thing.user = rng.chance(60).then(|| USERS.get(n).copied().unwrap_or("build-agent"));
        }
        _ => {}
    }
    if thing.written.is_empty() {
        thing.written = thing.id.clone();
    }
    thing
}

/// Stands for the account until it is drawn.
const ARN_ACCOUNT: &str = "ACCOUNT";
const USERS: &[&str] = &["deploy-bot", "backup-user", "ci-release"];

fn mask(thing: &mut Thing, rng: &mut Rng) {
    let head = thing.id.get(..6).unwrap_or("i-0");
    let tail = thing.id.get(thing.id.len().saturating_sub(1)..).unwrap_or("7");
    thing.id = format!("{head}{}{tail}", rng.pick(&["xxxxxxxx", "**********", "XXXXXXXXXXXX"]));
    thing.written = thing.id.clone();
    thing.address = thing.address.as_ref().map(|_| rng.pick(&["203.0.xx.xx", "203.0.113.xxx"]).to_owned());
    thing.masked = true;
}

/// An address of ours; strangers never lie in this range.
fn own_address(rng: &mut Rng, taken: &mut Vec<String>) -> String {
    loop {
        let address = format!("203.0.113.{}", rng.range(1, 254));
        if !taken.contains(&address) {
            taken.push(address.clone());
            return address;
        }
    }
}

fn strangers(rng: &mut Rng) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    while list.len() < 4 {
        let address = format!("{}.{}", rng.pick(&["198.51.100", "192.0.2"]), rng.range(1, 254));
        if !list.contains(&address) {
            list.push(address);
        }
    }
    list
}
