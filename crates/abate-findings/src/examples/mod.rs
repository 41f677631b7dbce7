//! What the examples of detections are made of: notices and rows, made by hand.
//!
//! Every address and account is one of those set aside for documentation; every time lies in 2026.

mod account;
mod host;

use abate_model::{
    Authenticity, AuthenticityVerdict, Category, Channel, Deadline, DeadlineBasis, Family, Notice, NoticeKind, ReportedActivity, Resource,
    ResourceKind, ZoneCertainty,
};

pub(crate) use account::*;
pub(crate) use host::*;

/// A notice of 20 November that names neither a resource nor a time.
pub(crate) fn notice() -> Notice {
    Notice {
        schema: abate_model::notice::NOTICE_SCHEMA.into(),
        kind: NoticeKind::First,
        category: Category::PortScan,
        account_id: Some(OWN.into()),
        regions: Vec::new(),
        resources: Vec::new(),
        case_number: None,
        reported: Vec::new(),
        required_actions: Vec::new(),
        mitigations: Vec::new(),
        deadline: Deadline { at: time("22T00:00:00"), basis: DeadlineBasis::FromReceipt },
        authenticity: Authenticity { verdict: AuthenticityVerdict::NotChecked, reasons: Vec::new(), signatures: None },
        reporter: None,
        family: Family::Unrecognised,
        channel: Channel::Pasted,
        reports: vec![],
        references: vec![],
        communication_id: None,
        unread: Vec::new(),
        subject: None,
        from: None,
        to: None,
        message_id: Some("m@example.com".into()),
        date: None,
        received_at: time("21T00:00:00"),
        body: String::new(),
        sha256: String::new(),
    }
}

/// A port-scan notice about i-0123456789abcdef0 [203.0.113.10], reported at second 600.
pub(crate) fn port_scan() -> Notice {
    let reported = ReportedActivity {
        id: "r1".into(),
        category: Category::PortScan,
        resource: Some("i-0123456789abcdef0".into()),
        from: Some(at(600)),
        to: Some(at(600)),
        zone: Some("UTC".into()),
        zone_certainty: ZoneCertainty::Stated,
        remote: Vec::new(),
        urls: Vec::new(),
        text: "port scanning".into(),
    };
    Notice {
        regions: vec!["us-east-1".into()],
        resources: vec![Resource {
            kind: ResourceKind::Ec2Instance,
            id: "i-0123456789abcdef0".into(),
            addresses: vec!["203.0.113.10".into()],
            masked: false,
        }],
        reported: vec![reported],
        deadline: Deadline { at: at(86_400), basis: DeadlineBasis::FromDate },
        date: Some(at(3600)),
        received_at: at(3600),
        ..notice()
    }
}
