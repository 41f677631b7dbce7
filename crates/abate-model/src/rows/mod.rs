//! The tables' rows. Readers hand out borrowed rows; [`Row::into_owned`] makes one that lives on.
//!
//! Names follow OCSF where OCSF has one. Text that came from a log is hostile: escape it when it is shown.

mod aws;
mod derived;
mod host;
pub mod record;

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;

pub use aws::{
    ApiActivity, DetectionFinding, Direction, DnsActivity, FlowAction, FlowStatus, IngressRule, InventoryInfo, InventoryKind,
    NetworkActivity,
};
pub use derived::{FlowMinute, Matched};
pub use host::{
    AccountChange, AuthOutcome, Authentication, EmailActivity, EventLogActivity, FileActivity, HttpActivity, ProcessActivity,
    ProcessChange, ScheduledJobActivity, TimedText,
};
use record::{Cells, Columns, Field, Record};

use crate::{Locator, Scope, SourceNo, Table, ZoneCertainty};

type Str<'a> = Cow<'a, str>;
type OptStr<'a> = Option<Cow<'a, str>>;

/// One record of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// when it happened (flow records: when the aggregation began), UTC
    pub at: Option<Timestamp>,
    /// how sure the zone is
    pub zone: ZoneCertainty,
    /// which source; readers leave it 0, the lake fills it in
    pub source: SourceNo,
    /// where in the source
    pub locator: Locator,
    /// the record itself
    pub body: Body<'a>,
}

impl Row<'_> {
    /// Which table the row belongs to.
    #[must_use]
    pub fn table(&self) -> Table {
        self.body.table()
    }

    /// The same row, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Row<'static> {
        Row { at: self.at, zone: self.zone, source: self.source, locator: self.locator, body: self.body.into_owned() }
    }
}

/// The tables: for each, the variant of [`Body`], its record and whether that is boxed.
macro_rules! bodies {
    ($($(#[doc = $doc:literal])+ $variant:ident($($wrap:ident)? : $record:ident) => $table:ident;)+) => {
        /// The record, by table.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Body<'a> {
            $($(#[doc = $doc])+ $variant(bodies!(@type $($wrap)? $record)),)+
        }

        impl<'a> Body<'a> {
            /// Which table the record belongs to.
            #[must_use]
            pub const fn table(&self) -> Table {
                match self {
                    $(Self::$variant(_) => Table::$table,)+
                }
            }

            /// The same body, owning its text.
            #[must_use]
            pub fn into_owned(self) -> Body<'static> {
                match self {
                    $(Self::$variant(record) => Body::$variant(bodies!(@own $($wrap)? record)),)+
                }
            }

            /// Hands out every value of the record.
            pub fn put<C: Columns>(&self, columns: &mut C) {
                match self {
                    $(Self::$variant(record) => record.put(columns),)+
                }
            }

            /// Takes a record of a table.
            pub fn take<C: Cells<'a>>(table: Table, cells: &mut C) -> Self {
                match table {
                    $(Table::$table => Self::$variant(bodies!(@wrap $($wrap)? $record::take(cells))),)+
                }
            }

            /// The fields of a table's records, in order.
            #[must_use]
            pub const fn fields(table: Table) -> &'static [Field] {
                match table {
                    $(Table::$table => $record::FIELDS,)+
                }
            }
        }
    };
    (@type Box $record:ident) => { Box<$record<'a>> };
    (@type $record:ident) => { $record<'a> };
    (@own Box $value:ident) => { Box::new((*$value).own()) };
    (@own $value:ident) => { $value.own() };
    (@wrap Box $value:expr) => { Box::new($value) };
    (@wrap $value:expr) => { $value };
}

bodies! {
    /// `api_activity`
    Api(Box: ApiActivity) => ApiActivity;
    /// `network_activity`
    Net(: NetworkActivity) => NetworkActivity;
    /// `dns_activity`
    Dns(Box: DnsActivity) => DnsActivity;
    /// `http_activity`
    Http(Box: HttpActivity) => HttpActivity;
    /// `authentication`
    Auth(Box: Authentication) => Authentication;
    /// `account_change`
    Account(Box: AccountChange) => AccountChange;
    /// `process_activity`
    Process(Box: ProcessActivity) => ProcessActivity;
    /// `scheduled_job_activity`
    Job(Box: ScheduledJobActivity) => ScheduledJobActivity;
    /// `email_activity`
    Email(Box: EmailActivity) => EmailActivity;
    /// `file_activity`
    File(Box: FileActivity) => FileActivity;
    /// `event_log_activity`
    Event(Box: EventLogActivity) => EventLogActivity;
    /// `detection_finding`
    Detection(Box: DetectionFinding) => DetectionFinding;
    /// `inventory_info`
    Inventory(Box: InventoryInfo) => InventoryInfo;
    /// `timed_text`
    Text(: TimedText) => TimedText;
}

impl Body<'_> {
    /// Whether the record names an address on either side.
    #[must_use]
    pub fn names(&self, address: IpAddr) -> bool {
        let wanted = Some(address);
        match self {
            Self::Api(api) => api.source_addr() == wanted,
            Self::Net(net) => [net.src, net.dst, net.pkt_src, net.pkt_dst].contains(&wanted),
            Self::Dns(dns) => dns.source == wanted || dns.answers.iter().any(|a| a.parse().ok() == wanted),
            Self::Http(http) => http.client_addr() == wanted || http.backend == wanted,
            Self::Auth(auth) => auth.source == wanted,
            Self::Email(mail) => [mail.client, mail.relay_address].contains(&wanted),
            Self::Detection(finding) => [finding.remote, finding.local].contains(&wanted),
            Self::Inventory(item) => item.public_addrs.contains(&address) || item.private_addrs.contains(&address),
            Self::Account(_) | Self::Process(_) | Self::Job(_) | Self::File(_) | Self::Event(_) | Self::Text(_) => false,
        }
    }

    /// Where the record was written: account, Region, host.
    #[must_use]
    pub fn place(&self) -> [Option<&str>; 3] {
        let cloud = |account, region| [OptStr::as_deref(account), OptStr::as_deref(region), None];
        let at = |[account, region, _]: [_; 3], host| [account, region, host];
        let on = |host| at([None; 3], OptStr::as_deref(host));
        match self {
            Self::Api(api) => cloud(&api.account, &api.region),
            Self::Net(net) => at(cloud(&net.account, &net.region), net.interface_id.as_deref()),
            Self::Dns(dns) => cloud(&dns.account, &dns.region),
            Self::Http(http) => at(cloud(&http.account, &http.region), http.host.as_deref().or(http.server.as_deref())),
            Self::Auth(auth) => at(cloud(&auth.account, &auth.region), auth.host.as_deref()),
            Self::Email(mail) => at(cloud(&mail.account, &mail.region), mail.host.as_deref()),
            Self::Detection(f) => cloud(&f.account, &f.region),
            Self::Inventory(i) => cloud(&i.account, &i.region),
            Self::Account(a) => on(&a.host),
            Self::Process(p) => on(&p.host),
            Self::Job(j) => on(&j.host),
            Self::File(f) => on(&f.host),
            Self::Event(e) => on(&e.host),
            Self::Text(t) => on(&t.host),
        }
    }

    /// The same, as what coverage is about.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(self.place())
    }
}

#[cfg(test)]
mod tests;
