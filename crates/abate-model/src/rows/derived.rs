//! What the lake derives from the rows: which rules matched, and flows counted per minute.

use std::net::IpAddr;

use super::record::{Cells, Columns, Field, Record, Value, record};
use super::{Direction, OptStr, Str};

record! {
    /// A rule matched a row.
    Matched {
        /// the rule's id
        rule_id: Str<'a> = "finding_info.analytic.uid",
        /// its title
        rule_title: Str<'a> = "finding_info.analytic.name",
        /// `informational`, `low`, `medium`, `high` or `critical`
        level: Str<'a> = "severity",
        /// who wrote the rule
        author: OptStr<'a> = "",
        /// its tags, e.g. `attack.t1110`
        tags: Vec<Str<'a>> = "finding_info.attacks",
        /// who or what the row names, as `kind=value`
        entities: Vec<Str<'a>> = "observables",
        /// fields by which correlation rules put matches together, as `field=value`
        values: Vec<Str<'a>> = "",
        /// the table that the row is in
        of_table: Str<'a> = "",
        /// its number in the file of that table that has the same name as this one
        of_row: u64 = "",
    }
}

record! {
    /// Flow records counted per minute: a [`FlowKey`](crate::port::FlowKey) with its [`FlowCell`](crate::port::FlowCell).
    FlowMinute {
        /// our side
        local: Option<IpAddr> = "",
        /// which way the packets went
        direction: Option<Direction> = "connection_info.direction",
        /// IANA number
        protocol: Option<u8> = "connection_info.protocol_num",
        /// service port
        port: Option<u16> = "",
        /// whether the packets answer a connection begun by the other side
        reply: bool = "",
        /// records
        flows: u64 = "count",
        /// records that were rejected
        rejected: u64 = "",
        /// packets
        packets: u64 = "traffic.packets",
        /// bytes
        bytes: u64 = "traffic.bytes",
        /// remote addresses
        remotes: Vec<Str<'a>> = "",
        /// whether there were more
        saturated: bool = "",
    }
}
