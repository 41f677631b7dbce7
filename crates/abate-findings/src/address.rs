//! Whose address when: from CloudTrail's own record of getting and giving back addresses.
//!
//! "Not ours" is only said with the event that proves it, and only when the trail reaches back over the whole window:
//! wrongly telling AWS "it wasn't us" is the worst failure of all.

use std::net::IpAddr;

use abate_model::rows::ApiActivity;
use abate_model::{Body, Cite, Filter, Table, TimeWindow};
use jiff::Timestamp;

use crate::Context;

/// What the evidence says of an address over a window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ownership {
    /// it was ours: the latest event before the window that shows it
    Ours { since: Timestamp, cite: Cite },
    /// it became ours after the window
    NotYetOurs { acquired: Timestamp, first: Cite, rest: Vec<Cite> },
    /// it was given back before the window
    NoLongerOurs { released: Timestamp, first: Cite, rest: Vec<Cite> },
    /// the evidence does not tell
    Unknown,
}

/// A change of who holds an address.
struct Change {
    at: Timestamp,
    cite: Cite,
    gained: bool,
    /// whether the event itself proves that it was not ours immediately before (allocation, automatic assignment)
    fresh: bool,
}

/// Who held an address over a window.
pub(crate) fn holder(context: &Context<'_>, address: IpAddr, window: TimeWindow) -> Ownership {
    let changes = changes(context, address);
    let before = changes.iter().rfind(|c| c.at <= window.from);
    if let Some(last) = before {
        let again = changes.iter().any(|c| c.gained && c.at > last.at && c.at <= window.to);
        return match (last.gained, again) {
            (true, _) if !changes.iter().any(|c| !c.gained && c.at > last.at && c.at < window.to) => {
                Ownership::Ours { since: last.at, cite: last.cite.clone() }
            }
            // From the release to the window's end the trail must be there, else it could have come back unseen.
            (false, false) if trail_spans(context, TimeWindow::new(last.at, window.to)) && !flows_name(context, address, window) => {
                Ownership::NoLongerOurs { released: last.at, first: last.cite.clone(), rest: Vec::new() }
            }
            _ => Ownership::Unknown,
        };
    }
    let Some(first) = changes.first() else { return Ownership::Unknown };
    let reaches_back = trail_spans(context, TimeWindow::new(window.from, first.at));
    if first.gained && first.fresh && first.at > window.to && reaches_back && !flows_name(context, address, window) {
        let rest = changes.iter().skip(1).map(|c| c.cite.clone()).take(5).collect();
        return Ownership::NotYetOurs { acquired: first.at, first: first.cite.clone(), rest };
    }
    Ownership::Unknown
}

/// Whether one account's trail of one Region spans a window without a lost record.
fn trail_spans(context: &Context<'_>, window: TimeWindow) -> bool {
    let named = context.notice.account_id.as_deref();
    let regions = &context.notice.regions;
    let spans = |c: &abate_model::Coverage| c.from.is_some_and(|from| from <= window.from) && c.to.is_some_and(|to| window.to <= to);
    let ours = |c: &abate_model::Coverage| {
        c.scope.account.as_deref().is_none_or(|a| named.is_none_or(|n| n == a || abate_model::is_masked(n)))
            && c.scope.region.as_ref().is_none_or(|r| regions.is_empty() || regions.contains(r))
    };
    context.evidence.coverage().iter().any(|c| c.table == Table::ApiActivity && c.lost == 0 && spans(c) && ours(c))
}

/// Whether our own flow records name the address as a side of ours in the window.
fn flows_name(context: &Context<'_>, address: IpAddr, window: TimeWindow) -> bool {
    let mut named = false;
    context.evidence.rows(&Filter::table(Table::NetworkActivity).within(window).naming(address), &mut |row| {
        if let Body::Net(net) = &row.body {
            named |= net.sides().is_some_and(|(local, ..)| local == address);
        }
        if named { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    });
    named
}

fn changes(context: &Context<'_>, address: IpAddr) -> Vec<Change> {
    let text = address.to_string();
    let mut allocation: Option<String> = None;
    let mut changes = Vec::new();
    context.evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        let (Body::Api(api), Some(at)) = (&row.body, row.at) else { return };
        if api.error_code.is_some() {
            return;
        }
        let Some((gained, fresh)) = change(api, &text, &mut allocation) else { return };
        changes.push(Change { at, cite: context.evidence.cite(row), gained, fresh });
    });
    changes
}

/// (whether it was gained, whether that proves that it was not ours before)
fn change(api: &ApiActivity<'_>, address: &str, allocation: &mut Option<String>) -> Option<(bool, bool)> {
    let names = |json: &Option<std::borrow::Cow<'_, str>>, what: &str| json.as_deref().is_some_and(|j| j.contains(&format!("\"{what}\"")));
    let by_address = names(&api.request, address) || names(&api.response, address);
    let by_allocation = allocation.as_deref().is_some_and(|id| names(&api.request, id));
    match &*api.event_name {
        "AllocateAddress" if by_address => {
            *allocation = api
                .response
                .as_deref()
                .and_then(|r| serde_json::from_str::<serde_json::Value>(r).ok())
                .and_then(|v| v["allocationId"].as_str().map(str::to_owned));
            // An address asked for by name may have been ours before: EC2 lets a customer recover a released one.
            Some((true, !names(&api.request, address)))
        }
        "RunInstances" if by_address => Some((true, true)),
        "StartInstances" if by_address => Some((true, false)),
        "AssociateAddress" if by_address || by_allocation => Some((true, false)),
        "ReleaseAddress" if by_address || by_allocation => Some((false, false)),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use abate_model::memory::Memory;
    use abate_model::{AccountProfile, Locator, Row, ZoneCertainty};

    use super::*;
    use crate::testkit::{at, notice};

    pub(crate) fn api(second: i64, name: &'static str, request: &'static str, response: &'static str) -> Row<'static> {
        let body = ApiActivity {
            event_name: name.into(),
            event_source: "ec2.amazonaws.com".into(),
            request: Some(request.into()),
            response: Some(response.into()),
            ..ApiActivity::default()
        };
        Row {
            at: Some(at(second)),
            zone: ZoneCertainty::Stated,
            source: 0,
            locator: Locator::Bytes { offset: second.unsigned_abs(), length: 1 },
            body: Body::Api(Box::new(body)),
        }
    }

    fn held(rows: Vec<Row<'static>>, from: i64, to: i64) -> Ownership {
        let (evidence, notice, profile) = (Memory::of_rows(rows), notice(), AccountProfile::default());
        let context = Context { notice: &notice, evidence: &evidence, profile: &profile };
        holder(&context, "203.0.113.10".parse().unwrap(), TimeWindow::new(at(from), at(to)))
    }

    const ALLOCATED: &str = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#;

    #[test]
    fn an_allocation_after_the_window_proves_that_it_was_not_ours() {
        let rows = || vec![api(0, "DescribeInstances", "{}", "{}"), api(5000, "AllocateAddress", "{}", ALLOCATED)];
        assert!(matches!(held(rows(), 100, 200), Ownership::NotYetOurs { .. }));
        assert_eq!(held(rows(), 100, 6000), Ownership::Unknown, "the window reaches over the allocation");
        assert_eq!(
            held(vec![api(5000, "AllocateAddress", "{}", ALLOCATED)], 100, 200),
            Ownership::Unknown,
            "the trail does not reach back"
        );
    }

    #[test]
    fn a_release_before_the_window_proves_it_too_unless_it_came_back() {
        let released =
            || vec![api(0, "AllocateAddress", "{}", ALLOCATED), api(50, "ReleaseAddress", r#"{"allocationId":"eipalloc-1"}"#, "{}")];
        let rows = || released().into_iter().chain([api(900, "DescribeInstances", "{}", "{}")]).collect::<Vec<_>>();
        assert_eq!(held(released(), 100, 200), Ownership::Unknown, "the trail ends before the window does");
        assert!(matches!(held(rows(), 100, 200), Ownership::NoLongerOurs { .. }));
        let mut again = rows();
        again.push(api(150, "AllocateAddress", "{}", ALLOCATED));
        assert_eq!(held(again, 100, 200), Ownership::Unknown);
        assert!(matches!(held(vec![api(0, "AllocateAddress", "{}", ALLOCATED)], 100, 200), Ownership::Ours { .. }));
    }
}
