//! Asks name servers, one question at a time, and turns replies into answers that can be kept.
//!
//! No search domains, no hosts file: a name in a mail is asked as it stands. What to ask, and for how long, is decided elsewhere.

use std::net::SocketAddr;
use std::time::Duration;

use abate_model::{DnsAnswer, DnsKind, DnsReply};
use mail_auth::MessageAuthenticator;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData, RecordType};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::hickory_resolver::{Resolver, TokioResolver};

use crate::{Dns, MailError};

/// How long one try may take; there are two.
const TIME_PER_TRY: Duration = Duration::from_millis(2400);
/// The most records of one answer that are kept.
const MAX_RECORDS: usize = 100;

/// Where answers come from.
pub(crate) enum Source {
    /// from nowhere
    Off,
    /// from an earlier check
    Recorded(Vec<DnsAnswer>),
    /// from name servers
    Live(Box<TokioResolver>),
}

impl Source {
    /// Sets up name servers where they are needed.
    pub(crate) fn new(dns: &Dns) -> Result<Self, MailError> {
        Ok(match dns {
            Dns::Off => Source::Off,
            Dns::Recorded(answers) => Source::Recorded(answers.clone()),
            Dns::Server(address) => Source::Live(Box::new(resolver(pinned(*address))?)),
            Dns::System => {
                let (config, _) = read_system_conf().map_err(|e| MailError::NameServers { reason: e.to_string() })?;
                let (_, _, servers) = config.into_parts();
                Source::Live(Box::new(resolver(ResolverConfig::from_name_servers(servers))?))
            }
        })
    }
}

fn pinned(address: SocketAddr) -> ResolverConfig {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (address.port(), address.port());
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(address.ip(), true, vec![udp, tcp])])
}

fn resolver(config: ResolverConfig) -> Result<TokioResolver, MailError> {
    let mut options = ResolverOpts::default();
    options.timeout = TIME_PER_TRY;
    options.attempts = 1;
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .map_err(|e| MailError::NameServers { reason: e.to_string() })
}

/// A verifier that cannot ask anyone.
pub(crate) fn unconnected() -> Result<MessageAuthenticator, MailError> {
    Ok(MessageAuthenticator(resolver(ResolverConfig::from_name_servers(Vec::new()))?))
}

/// Asks one question. Never longer than the resolver's own tries; the caller sets the limit.
pub(crate) async fn ask(resolver: TokioResolver, name: String, kind: DnsKind) -> DnsReply {
    let Ok(asked) = Name::from_str_relaxed(&name) else {
        return DnsReply::NoName;
    };
    let record = match kind {
        DnsKind::Txt => RecordType::TXT,
        DnsKind::A => RecordType::A,
        DnsKind::Aaaa => RecordType::AAAA,
        DnsKind::Mx => RecordType::MX,
        DnsKind::Ptr => RecordType::PTR,
    };
    match resolver.lookup(asked, record).await {
        Ok(found) => {
            let records: Vec<String> = found.answers().iter().filter_map(|r| text(&r.data, kind)).take(MAX_RECORDS).collect();
            if records.is_empty() { DnsReply::NoRecords } else { DnsReply::Records(records) }
        }
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) if none.response_code == ResponseCode::NXDomain => DnsReply::NoName,
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) if none.response_code == ResponseCode::NoError => DnsReply::NoRecords,
        Err(error) => DnsReply::Failed(error.to_string()),
    }
}

/// A record as text, if it is of the kind that was asked for.
fn text(data: &RData, kind: DnsKind) -> Option<String> {
    match (data, kind) {
        (RData::TXT(txt), DnsKind::Txt) => {
            let bytes: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        (RData::A(a), DnsKind::A) => Some(a.0.to_string()),
        (RData::AAAA(aaaa), DnsKind::Aaaa) => Some(aaaa.0.to_string()),
        (RData::MX(mx), DnsKind::Mx) => Some(format!("{} {}", mx.preference, mx.exchange.to_lowercase().to_ascii())),
        (RData::PTR(ptr), DnsKind::Ptr) => Some(ptr.to_lowercase().to_ascii()),
        _ => None,
    }
}
