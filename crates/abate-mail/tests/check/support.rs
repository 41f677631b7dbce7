//! Keys, mails and a DNS server for the tests.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use abate_mail::{Checker, Dns};
use abate_model::{Dkim, Signatures};
use hickory_server::Server;
use hickory_server::proto::rr::rdata::{A, MX, SOA, TXT};
use hickory_server::proto::rr::{LowerName, Name, RData, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use jiff::{Timestamp, ToSpan};
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::generate::DkimKeyPair;
use mail_auth::dkim::{DkimSigner, Done};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};

static RSA: LazyLock<DkimKeyPair> = LazyLock::new(|| DkimKeyPair::generate_rsa(2048).expect("an RSA key"));
static ED: LazyLock<DkimKeyPair> = LazyLock::new(|| DkimKeyPair::generate_ed25519().expect("an Ed25519 key"));
static OTHER: LazyLock<DkimKeyPair> = LazyLock::new(|| DkimKeyPair::generate_ed25519().expect("an Ed25519 key"));

/// The headers that the test signers sign.
pub const SIGNED: [&str; 5] = ["From", "To", "Subject", "Date", "Content-Type"];

/// The RSA key, to sign with.
pub fn rsa() -> RsaKey<Sha256> {
    let der = PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(RSA.private_key().to_vec()));
    RsaKey::from_key_der(der).expect("the key made above")
}

/// The Ed25519 key, to sign with.
pub fn ed() -> Ed25519Key {
    Ed25519Key::from_pkcs8_der(ED.private_key()).expect("the key made above")
}

/// The key records.
pub fn rsa_record() -> String {
    format!("v=DKIM1; k=rsa; p={}", RSA.encoded_public_key())
}

/// The key record of the Ed25519 key.
pub fn ed_record() -> String {
    format!("v=DKIM1; k=ed25519; p={}", ED.encoded_public_key())
}

/// The record of another key, which signs nothing.
pub fn other_record() -> String {
    format!("v=DKIM1; k=ed25519; p={}", OTHER.encoded_public_key())
}

/// A signer with the Ed25519 key.
pub fn ed_signer(domain: &str, selector: &str) -> DkimSigner<Ed25519Key, Done> {
    DkimSigner::from_key(ed()).domain(domain).selector(selector).headers(SIGNED)
}

/// A mail as AWS might send it, from `from`, dated `date`.
pub fn mail(from: &str, date: Timestamp) -> String {
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&date).expect("a date");
    format!(
        "From: \"Trust & Safety\" <{from}>\r\nTo: admin@example.com\r\nSubject: Your AWS Abuse Report [11112222333-1]\r\n\
         Date: {date}\r\nMessage-ID: <1@example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Hello,\r\n\r\nWe have received a report that your instance i-0123456789abcdef0  has been\r\nimplicated in activity.\r\n"
    )
}

/// The mail with a signature on top.
pub fn signed(signer: &DkimSigner<Ed25519Key, Done>, mail: &str) -> String {
    format!("{}{mail}", signer.sign(mail.as_bytes()).expect("a signature").to_header())
}

/// The same with the RSA key.
pub fn signed_rsa(domain: &str, selector: &str, mail: &str) -> String {
    let signer = DkimSigner::from_key(rsa()).domain(domain).selector(selector).headers(SIGNED);
    format!("{}{mail}", signer.sign(mail.as_bytes()).expect("a signature").to_header())
}

/// A DNS server that answers from these records, over UDP and TCP, until the process ends.
pub struct DnsServer {
    /// where it listens
    pub address: SocketAddr,
}

/// A record to serve.
#[derive(Clone, Debug)]
pub enum Served {
    /// text
    Txt(String),
    /// an IPv4 address
    A(&'static str),
    /// a mail server
    Mx(&'static str),
}

/// Text to serve.
pub fn txt(text: impl Into<String>) -> Served {
    Served::Txt(text.into())
}

impl DnsServer {
    /// Starts it.
    pub fn serve(records: &[(&str, Served)]) -> Self {
        let records = records.iter().map(|(name, data)| record(name, data)).collect();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(records, &tell));
        });
        Self { address: told.recv_timeout(Duration::from_secs(10)).expect("the server starts") }
    }

    /// Checks a mail against it.
    pub fn check(&self, raw: &str, now: Timestamp) -> Signatures {
        Checker::new(&Dns::Server(self.address)).expect("a checker").check(raw.as_bytes(), now)
    }
}

fn record(name: &str, data: &Served) -> Record {
    let data = match data {
        Served::Txt(text) => {
            let parts = text.as_bytes().chunks(255).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
            RData::TXT(TXT::new(parts))
        }
        Served::A(ip) => RData::A(A(ip.parse().expect("an address"))),
        Served::Mx(host) => RData::MX(MX::new(10, Name::from_ascii(host).expect("a name"))),
    };
    Record::from_rdata(Name::from_ascii(format!("{name}.")).expect("a name"), 60, data)
}

async fn run(records: Vec<Record>, tell: &std::sync::mpsc::Sender<SocketAddr>) {
    let mut zone: InMemoryZoneHandler = InMemoryZoneHandler::empty(Name::root(), ZoneType::Primary, AxfrPolicy::Deny);
    let soa = SOA::new(Name::root(), Name::root(), 1, 60, 60, 60, 60);
    zone.upsert_mut(Record::from_rdata(Name::root(), 60, RData::SOA(soa)), 1);
    for record in records {
        zone.upsert_mut(record, 1);
    }
    let mut catalog = Catalog::new();
    catalog.upsert(LowerName::from(Name::root()), vec![Arc::new(zone)]);
    let mut server = Server::new(catalog);
    let (udp, tcp) = sockets().await;
    let address = udp.local_addr().expect("an address");
    server.register_socket(udp);
    server.register_listener(tcp, Duration::from_secs(5), 4096);
    tell.send(address).expect("the test waits");
    server.block_until_done().await.expect("the server runs");
}

/// UDP and TCP on the same free port.
async fn sockets() -> (tokio::net::UdpSocket, tokio::net::TcpListener) {
    for _ in 0..50 {
        let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        if let Ok(tcp) = tokio::net::TcpListener::bind(udp.local_addr().expect("an address")).await {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both UDP and TCP");
}

/// The only signature.
pub fn only(result: &Signatures) -> &Dkim {
    assert_eq!(result.dkim.len(), 1, "{result:#?}");
    &result.dkim[0]
}

/// Now, and a day later.
pub fn times() -> (Timestamp, Timestamp) {
    let now = Timestamp::now();
    (now, now + 24.hours())
}
