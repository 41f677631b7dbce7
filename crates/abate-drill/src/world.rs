//! The made-up company: its account, Region, hosts, people and addresses, all drawn from the seed. It holds no logs.

use std::net::Ipv4Addr;

use crate::clock::{DAY, HOUR, Second};
use crate::rng::Rng;

const ACCOUNTS: &[&str] = &["111122223333", "444455556666", "123456789012", "555555555555", "999999999999"];
const REGIONS: &[&str] = &["ap-northeast-1", "ap-northeast-3", "us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"];
const COMPANIES: &[&str] = &["hanamaru", "kitaguni", "midori-foods", "aozora-net", "tsubame", "komorebi", "minato-trade", "shirakaba"];
const DOMAINS: &[&str] = &["example.jp", "example.com", "example.net", "example.org"];
const PEOPLE: &[&str] = &["sato", "suzuki", "tanaka", "watanabe", "ito", "yamamoto", "nakamura", "kobayashi", "kato", "yoshida"];
const DEPLOYERS: &[&str] = &["ci-deploy", "deploy-bot", "release-ci", "github-deploy", "jenkins-deploy"];
/// 2026-09-06T00:00:00Z; incidents happen from here on, for 75 days (to 2026-11-19), so that their logs stay within
/// September to November.
const FIRST_DAY: Second = 1_788_652_800;

/// A server in the company's VPC.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    /// its `Name` tag
    pub(crate) name: &'static str,
    /// `i-…`
    pub(crate) instance: String,
    /// `eni-…`
    pub(crate) interface: String,
    /// 10.x address
    pub(crate) private: String,
    /// address on the Internet
    pub(crate) public: String,
    /// `eipalloc-…`
    pub(crate) allocation: String,
    /// `eipassoc-…`
    pub(crate) association: String,
    /// `sg-…`
    pub(crate) group: String,
    /// name and `AROA…` of its role, if it has one that is not the batch server's
    pub(crate) role: Option<(String, String)>,
    /// answers requests to its metadata without a session token (version 1)
    pub(crate) old_metadata: bool,
}

impl Host {
    fn new(name: &'static str, rng: &mut Rng, private: String, public: String) -> Self {
        Self {
            name,
            instance: format!("i-0{}", rng.hex(16)),
            interface: format!("eni-0{}", rng.hex(16)),
            private,
            public,
            allocation: format!("eipalloc-0{}", rng.hex(16)),
            association: format!("eipassoc-0{}", rng.hex(16)),
            group: format!("sg-0{}", rng.hex(16)),
            role: None,
            old_metadata: false,
        }
    }

    /// The host name that its logs carry, as EC2 gives it: `ip-10-1-2-3`.
    pub(crate) fn hostname(&self) -> String {
        format!("ip-{}", self.private.replace('.', "-"))
    }
}

/// An IAM user and an access key of it.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// user name
    pub(crate) name: String,
    /// `AIDA…`
    pub(crate) principal: String,
    /// `AKIA…EXAMPLE`
    pub(crate) key: String,
}

impl User {
    /// A user with a key that nobody can mistake for a real one.
    pub(crate) fn new(name: String, rng: &mut Rng) -> Self {
        Self { name, principal: format!("AIDA{}EXAMPLE", rng.upper(10)), key: format!("AKIA{}EXAMPLE", rng.upper(9)) }
    }
}

/// Everything that stays the same throughout a drill.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// twelve digits
    pub(crate) account: &'static str,
    /// Region of the hosts
    pub(crate) region: &'static str,
    /// short name of the company
    pub(crate) company: &'static str,
    /// the company's domain
    pub(crate) domain: &'static str,
    /// when the intruder (or the reported activity) begins
    pub(crate) incident: Second,
    /// web server, with an address on the Internet
    pub(crate) web: Host,
    /// batch server; calls AWS with its role
    pub(crate) batch: Host,
    /// application server behind the web server, without an address on the Internet
    pub(crate) app: Host,
    /// uses the console
    pub(crate) admin: User,
    /// uses the command line
    pub(crate) operator: User,
    /// used by the build server
    pub(crate) deployer: User,
    /// the office's address
    pub(crate) office: String,
    /// the build server's address
    pub(crate) ci: String,
    /// role of the batch server
    pub(crate) batch_role: String,
    /// `AROA…` of that role
    pub(crate) batch_principal: String,
    /// bucket of trail and flow logs
    pub(crate) log_bucket: String,
    /// bucket of the batch server's data
    pub(crate) data_bucket: String,
    /// id of the key that encrypts both
    pub(crate) kms_key: String,
    /// `fl-…`
    pub(crate) flow_log: String,
    /// `vpc-…`
    pub(crate) vpc: String,
    /// `subnet-…`
    pub(crate) subnet: String,
    /// intruders' addresses, most used first; nobody else uses them
    pub(crate) intruders: Vec<String>,
    /// addresses that play a part; [`World::bystander`] never gives them
    taken: Vec<Ipv4Addr>,
}

impl World {
    /// Draws the company.
    pub(crate) fn new(seed: u64, scenario: &str) -> Self {
        let mut rng = Rng::stream(seed, &format!("world/{scenario}"));
        let mut taken = Vec::new();
        let net = format!("10.{}.{}", rng.range(0, 200), rng.range(0, 250));
        let first = rng.range(10, 80);
        let mut own = |rng: &mut Rng| address(rng, &mut taken).to_string();
        let (public_web, public_batch) = (own(&mut rng), own(&mut rng));
        let web = Host::new("web1", &mut rng, format!("{net}.{first}"), public_web);
        let batch = Host::new("batch1", &mut rng, format!("{net}.{}", first + 23), public_batch);
        let app = Host::new("app1", &mut rng, format!("{net}.{}", first + 57), String::new());
        let people = (rng.pick(PEOPLE), rng.pick(PEOPLE));
        let company = rng.pick(COMPANIES);
        Self {
            account: rng.pick(ACCOUNTS),
            region: rng.pick(REGIONS),
            company,
            domain: rng.pick(DOMAINS),
            incident: FIRST_DAY + DAY * rng.range(0, 74) + HOUR * rng.range(0, 23) + rng.range(0, 3599),
            admin: User::new(format!("{}-admin", people.0), &mut rng),
            operator: User::new(format!("{}-ops", people.1), &mut rng),
            deployer: User::new(rng.pick(DEPLOYERS).to_owned(), &mut rng),
            office: own(&mut rng),
            ci: own(&mut rng),
            batch_role: format!("{company}-batch-role"),
            batch_principal: format!("AROA{}EXAMPLE", rng.upper(10)),
            log_bucket: format!("{company}-logs"),
            data_bucket: format!("{company}-data"),
            kms_key: rng.uuid(),
            flow_log: format!("fl-0{}", rng.hex(16)),
            vpc: format!("vpc-0{}", rng.hex(16)),
            subnet: format!("subnet-0{}", rng.hex(16)),
            intruders: (0..3).map(|_| own(&mut rng)).collect(),
            web,
            batch,
            app,
            taken,
        }
    }

    /// The intruder's n-th address, counted from 0.
    pub(crate) fn intruder(&self, n: usize) -> &str {
        self.intruders.get(n).or(self.intruders.first()).map_or("203.0.113.1", String::as_str)
    }

    /// An address of somebody else in the documentation ranges, never one that plays a part.
    pub(crate) fn bystander(&self, rng: &mut Rng) -> Ipv4Addr {
        free_address(rng, &self.taken)
    }

    /// A new address that plays a part from now on.
    pub(crate) fn take_address(&mut self, rng: &mut Rng) -> String {
        address(rng, &mut self.taken).to_string()
    }

    /// `arn:aws:iam::…:user/…`
    pub(crate) fn user_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:user/{name}", self.account)
    }
}

/// An address of the three documentation ranges that is not taken yet; marks it as taken.
fn address(rng: &mut Rng, taken: &mut Vec<Ipv4Addr>) -> Ipv4Addr {
    let address = free_address(rng, taken);
    taken.push(address);
    address
}

/// An address of the three documentation ranges that is not taken.
fn free_address(rng: &mut Rng, taken: &[Ipv4Addr]) -> Ipv4Addr {
    loop {
        let (a, b, c) = rng.pick(&[(192, 0, 2), (198, 51, 100), (203, 0, 113)]);
        let address = Ipv4Addr::new(a, b, c, rng.byte(1, 254));
        if !taken.contains(&address) {
            return address;
        }
    }
}
