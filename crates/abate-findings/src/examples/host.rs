//! Made-up traffic, sign-ins and requests of hosts.

use abate_model::rows::{AuthOutcome, Authentication, FlowAction, HttpActivity, NetworkActivity};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use jiff::Timestamp;

/// Seconds after a fixed start.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn row_at(second: i64, n: u64, body: Body<'static>) -> Row<'static> {
    Row { at: Some(at(second)), zone: ZoneCertainty::Stated, source: 0, locator: Locator::Bytes { offset: n, length: 1 }, body }
}

/// A flow of one minute.
pub(crate) fn flow(second: i64, src: (&str, u16), dst: (&str, u16), protocol: u8, packets: u64) -> Row<'static> {
    let n = second.unsigned_abs() * 1_000_000 + u64::from(src.1) * 7 + u64::from(dst.1) + dst.0.bytes().map(u64::from).sum::<u64>() * 31;
    row_at(
        second,
        n,
        Body::Net(NetworkActivity {
            interface_id: Some("eni-1".into()),
            src: src.0.parse().ok(),
            dst: dst.0.parse().ok(),
            src_port: Some(src.1),
            dst_port: Some(dst.1),
            protocol: Some(protocol),
            packets,
            bytes: packets * 60,
            end: Some(at(second + 60)),
            action: Some(FlowAction::Accept),
            ..NetworkActivity::default()
        }),
    )
}

/// A line of sshd on web1.
pub(crate) fn ssh(second: i64, user: &'static str, source: &str, method: &'static str, success: bool) -> Row<'static> {
    row_at(
        second,
        second.unsigned_abs(),
        Body::Auth(Box::new(Authentication {
            service: "sshd".into(),
            host: Some("web1".into()),
            user: Some(user.into()),
            source: source.parse().ok(),
            method: Some(method.into()),
            outcome: if success { AuthOutcome::Success } else { AuthOutcome::Failure },
            attempts: 1,
            ..Authentication::default()
        })),
    )
}

/// A sign-in by password to some service, or the failure of one.
pub(crate) fn sign_in(service: &'static str, second: i64, user: &'static str, source: &str, success: bool) -> Row<'static> {
    let mut row = ssh(second, user, source, "password", success);
    if let Body::Auth(auth) = &mut row.body {
        auth.service = service.into();
    }
    row
}

/// A line of an access log.
pub(crate) fn http(second: i64, client: &'static str, method: &'static str, target: &'static str, status: u16) -> Row<'static> {
    let n = second.unsigned_abs() * 1000 + target.len() as u64 + client.bytes().map(u64::from).sum::<u64>();
    row_at(
        second,
        n,
        Body::Http(Box::new(HttpActivity {
            client: client.into(),
            method: method.into(),
            target: target.into(),
            status: Some(status),
            bytes: Some(512 + target.len() as u64),
            user_agent: Some("Mozilla/5.0".into()),
            ..HttpActivity::default()
        })),
    )
}

/// Failed sign-ins to a service, five seconds apart, from 198.51.100.7.
pub(crate) fn guessed(service: &'static str, user: &'static str, times: i64) -> Vec<Row<'static>> {
    (0..times).map(|n| sign_in(service, n * 5, user, "198.51.100.7", false)).collect()
}
