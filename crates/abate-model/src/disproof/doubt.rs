//! What is in the way of a proof.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::evidence::Hole;
use crate::time::utc;
use crate::{Cite, Text};

/// Why a report is not disproved, although nothing confirms it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    // --- of the report ---
    /// it names no time
    NoTime,
    /// nothing is known of the zone of its times
    ZoneUnknown,
    /// something in it was hidden, or is not legible
    Illegible,
    /// it names no address of ours
    NoAddress,
    /// it goes by the resource; the address beside it may be that of another time
    ByResource,
    /// it does not say which of the resources it is about
    NoResource,
    /// it does not name, as addresses, all the destinations it speaks of
    NoDestination,
    /// it names a destination that no flow log shows
    Hidden(IpAddr),
    /// it is of a kind that flow logs need not show
    NotInFlows,
    /// the destination is of a family of addresses (IPv4, IPv6) that the resource is not known to have
    Family(IpAddr),
    // --- of what we hold ---
    /// the address is not known to be one of the resource's: it may be mistyped
    Untied(IpAddr),
    /// something shows that the address was ours then
    Held(IpAddr, Cite),
    /// no record shows how the address came to us or went
    NoTurn(IpAddr),
    /// it may have been ours before it came to us
    MayHaveBeenOurs(IpAddr, Cite),
    /// CloudTrail does not reach over the time between
    TrailShort(Option<Timestamp>, Option<Timestamp>),
    /// CloudTrail was silent for long in between
    TrailSilent(Timestamp, Timestamp),
    /// so many records of CloudTrail could not be read
    TrailLost(u64),
    /// logging was switched in between
    TrailSwitched(Cite),
    /// another account of ours could have held it
    OtherAccount(String),
    // --- of the logs that would show it ---
    /// which interfaces the resource has is not known
    NoInterface,
    /// an interface without flow logs could have sent it
    NotCovered(String),
    /// the logs of an interface do not cover the time whole
    Covered(String, Hole),
    /// the flow log holds accepted traffic only, or rejected only
    OneAction(String),
    /// many connections are there from one side only: records seem to be missing
    OneSided(String),
    /// no record shows that the log was alive
    Silent(String),
    /// a file could not be read, and may be the log that would show it
    Unread(String),
    /// the store of the evidence failed
    Trouble(String),
    /// there was contact with what the report names
    Contact(Cite),
    /// a log of a host names what the report names
    Mentioned(Cite),
}

impl Doubt {
    /// In a clause without a full stop.
    #[must_use]
    pub fn says(&self) -> Text {
        self.of_report().or_else(|| self.of_ours()).unwrap_or_else(|| self.of_logs())
    }

    fn of_report(&self) -> Option<Text> {
        Some(match self {
            Self::NoTime => Text::fixed("the report names no time", "報告に時刻の記載がない"),
            Self::ZoneUnknown => Text::fixed("nothing is known of the time zone of the report", "報告のタイムゾーンがまったく分からない"),
            Self::Illegible => Text::fixed("the report hides or misspells what it is about", "報告の対象が伏せ字、または判読できない"),
            Self::NoAddress => Text::fixed("the report names no address of ours", "報告に当方のアドレスの記載がない"),
            Self::ByResource => Text::fixed(
                "the report goes by the resource's id, and the address beside it may be that of another time",
                "報告はリソース ID によるもので、併記されたアドレスは別の時点のものかもしれない",
            ),
            Self::NoResource => Text::fixed(
                "the report does not say which of the resources it is about",
                "報告からは、どのリソースについてのものか特定できない",
            ),
            Self::NoDestination => Text::fixed(
                "the report does not name every destination by its address",
                "報告に、すべての宛先の IP アドレスが記載されているわけではない",
            ),
            Self::Hidden(address) => {
                Text::new(format!("flow logs do not show traffic with {address}"), format!("{address} との通信はフローログに記録されない"))
            }
            Self::NotInFlows => {
                Text::fixed("flow logs need not show activity of this kind", "この種の活動は、フローログに現れるとは限らない")
            }
            Self::Family(address) => Text::new(
                format!("the resource is not known to have an address of the family of {address}"),
                format!("リソースに {address} と同じ種別（IPv4/IPv6）のアドレスがあるか分からない"),
            ),
            _ => return None,
        })
    }

    fn of_ours(&self) -> Option<Text> {
        let time = |at: &Option<Timestamp>| at.map_or_else(|| "?".to_owned(), utc);
        Some(match self {
            Self::Untied(address) => Text::new(
                format!("nothing ties {address} to the reported resource (it may be mistyped, or have changed hands)"),
                format!("{address} と報告されたリソースを結びつける記録がない（誤記、または保有者の変更の可能性がある）"),
            ),
            Self::Held(address, cite) => Text::new(
                format!("a record shows {address} as ours at about that time ({cite})"),
                format!("その頃 {address} が当方のものだったことを示す記録がある（{cite}）"),
            ),
            Self::NoTurn(address) => Text::new(
                format!("no record shows when {address} came to us or went"),
                format!("{address} をいつ取得・返却したかを示す記録がない"),
            ),
            Self::MayHaveBeenOurs(address, _) => Text::new(
                format!("{address} may have been ours before it was allocated (asked for by name, transferred, or of a pool of our own)"),
                format!("{address} は、割り当ての前にも当方のものだった可能性がある（指定による再取得、移管、自社プールなど）"),
            ),
            Self::TrailShort(from, to) => Text::new(
                format!("CloudTrail is there from {} to {} only", time(from), time(to)),
                format!("CloudTrail は {} から {} までしかない", time(from), time(to)),
            ),
            Self::TrailSilent(from, to) => Text::new(
                format!("CloudTrail has no record from {} to {}", utc(*from), utc(*to)),
                format!("CloudTrail に {} から {} までの記録がない", utc(*from), utc(*to)),
            ),
            Self::TrailLost(n) => Text::new(
                format!("{} of CloudTrail could not be read", crate::text::count(*n, "record")),
                format!("CloudTrail に読めない記録が {n} 件ある"),
            ),
            Self::TrailSwitched(cite) => Text::new(
                format!("the logging of CloudTrail was changed in between ({cite})"),
                format!("その間に CloudTrail の記録設定が変更されている（{cite}）"),
            ),
            Self::OtherAccount(account) => Text::new(
                format!("account {account} is ours too, and its CloudTrail does not cover the time"),
                format!("アカウント {account} も当方のものだが、その CloudTrail が該当期間を含まない"),
            ),
            _ => return None,
        })
    }

    fn of_logs(&self) -> Text {
        match self {
            Self::NoInterface => {
                Text::fixed("which network interfaces the resource has is not known", "リソースのネットワークインターフェイスが分からない")
            }
            Self::NotCovered(interface) => {
                Text::new(format!("there are no flow logs of {interface}"), format!("{interface} のフローログがない"))
            }
            Self::Covered(interface, hole) => {
                let hole = hole.says();
                Text::new(format!("the flow logs of {interface} {}", hole.en), format!("{interface} のフローログ{}", hole.ja))
            }
            Self::OneAction(interface) => Text::new(
                format!("the flow logs of {interface} seem to hold only accepted or only rejected traffic"),
                format!("{interface} のフローログには、許可または拒否の一方の通信しか記録されていないと見られる"),
            ),
            Self::OneSided(interface) => Text::new(
                format!("the flow logs of {interface} show many connections from one side only, so records are missing"),
                format!("{interface} のフローログは片方向しかない接続が多く、記録が抜けている"),
            ),
            Self::Silent(interface) => Text::new(
                format!("no record shows that the flow log of {interface} was at work"),
                format!("{interface} のフローログが動作していたことを示す記録がない"),
            ),
            Self::Unread(path) => {
                Text::new(format!("a file of the evidence could not be read ({path})"), format!("読めない証跡ファイルがある（{path}）"))
            }
            Self::Trouble(what) => {
                Text::new(format!("reading the evidence failed ({what})"), format!("証跡の読み取りに失敗した（{what}）"))
            }
            Self::Contact(cite) => Text::new(
                format!("the flow logs show contact with a destination that the report names ({cite})"),
                format!("報告に記載された相手先との通信がフローログにある（{cite}）"),
            ),
            Self::Mentioned(cite) => Text::new(
                format!("a log names a destination that the report names ({cite})"),
                format!("報告に記載された相手先が別のログに現れている（{cite}）"),
            ),
            _ => Text::fixed("the evidence does not decide it", "証跡からは判断できない"),
        }
    }
}
