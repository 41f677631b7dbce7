//! What was there before: when each principal, service, Region and place was first seen in the evidence.
//!
//! "New" is said only where the evidence reaches back far enough to show the time before; otherwise there is no baseline,
//! and that is said too. What AWS does by itself does not count as history of anybody.

use std::collections::HashMap;

use abate_model::memory::span_of;
use abate_model::rows::ApiActivity;
use abate_model::{Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::group::Group;
use super::{actor, address, each_call, network, service};
use crate::Context;

/// A thing counts as new for this long after it was first seen.
const NEW_FOR: SignedDuration = SignedDuration::from_hours(24);
/// The evidence must begin at least this long before the first sight of a thing for it to be new: about a day, because
/// much of what programs do is done daily.
const BASELINE: SignedDuration = SignedDuration::from_hours(20);
/// What was done on so many days is known, however it began.
const MANY_DAYS: usize = 10;
/// What was done on [`super::group::ROUTINE_DAYS`] days and began so long before the reported time is known, too.
const SETTLED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whether something is new at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Novelty {
    /// not seen before, although the evidence shows the time before
    New,
    /// seen well before
    Known,
    /// the evidence does not reach back far enough to say
    NoBaseline,
}

impl Novelty {
    /// A sentence on it, about a principal.
    pub fn says(self) -> Option<Text> {
        match self {
            Self::New => Some(Text::fixed(
                "The logs show no such activity of this principal before.",
                "このプリンシパルによる同様の操作は、それ以前のログにはありません。",
            )),
            Self::Known => None,
            Self::NoBaseline => Some(Text::fixed(
                "The logs do not reach back far enough to tell whether this is unusual.",
                "これが通常と異なるかを判断できるほど過去のログがありません。",
            )),
        }
    }
}

/// First sights.
pub(in super::super) struct History {
    begin: Option<Timestamp>,
    end: Option<Timestamp>,
    first: HashMap<String, Timestamp>,
}

impl History {
    /// Reads the history of all calls.
    pub fn of(ctx: &Context<'_>) -> Self {
        let span = span_of(ctx.evidence, Table::ApiActivity);
        let mut history = Self { begin: span.map(|s| s.from), end: span.map(|s| s.to), first: HashMap::new() };
        let mut key = String::new();
        each_call(ctx, &mut |row, api| {
            let Some(at) = row.at else { return };
            let who = actor(api);
            history.note(&mut key, &["actor", &who], at);
            history.note(&mut key, &["service", &who, service(api)], at);
            if api.error_code.is_none() {
                history.note(&mut key, &["region", region(api)], at);
                history.note(&mut key, &["actor-region", &who, service(api), region(api)], at);
            }
            if let Some(address) = api.source_ip.as_deref().and_then(address) {
                history.note(&mut key, &["network", &who, &network(address)], at);
            }
        });
        // What came after the reported time is no help in saying what was usual then.
        history.end = ctx.notice.window().map(|window| window.from).or(history.end);
        history
    }

    fn note(&mut self, key: &mut String, parts: &[&str], at: Timestamp) {
        join(key, parts);
        match self.first.get_mut(key.as_str()) {
            Some(first) => *first = (*first).min(at),
            None => {
                self.first.insert(key.clone(), at);
            }
        }
    }

    /// Whether a principal's use of a service is new.
    pub fn service(&self, actor: &str, service: &str, at: Option<Timestamp>) -> Novelty {
        self.ask(&["service", actor, service], at)
    }

    /// Whether anyone's successful work in a Region is new.
    pub fn region(&self, region: &str, at: Option<Timestamp>) -> Novelty {
        self.ask(&["region", region], at)
    }

    /// Whether a principal's use of a service in a Region is new.
    pub fn service_in_region(&self, actor: &str, service: &str, region: &str, at: Option<Timestamp>) -> Novelty {
        self.ask(&["actor-region", actor, service, region], at)
    }

    /// Whether a network is new for a principal that was seen elsewhere well before.
    pub fn network(&self, actor: &str, source: &str, at: Option<Timestamp>) -> Novelty {
        let Some(place) = address(source).map(network) else { return Novelty::Known };
        let (Some(here), Some(anywhere)) = (self.get(&["network", actor, &place]), self.get(&["actor", actor])) else {
            return Novelty::NoBaseline;
        };
        match at {
            Some(at) if at.duration_since(here) > NEW_FOR => Novelty::Known,
            _ if here.duration_since(anywhere) >= BASELINE => Novelty::New,
            _ => Novelty::NoBaseline,
        }
    }

    /// Whether what a group did with a service is new for its principal.
    pub fn group(&self, group: &Group, service: &str) -> Novelty {
        let first = self.get(&["service", &group.actor, service]).or(group.first);
        let (Some(first), Some(begin), Some(end)) = (first, self.begin, self.end) else { return Novelty::NoBaseline };
        let settled = group.is_routine() && end.duration_since(first) > SETTLED;
        let fresh = first.duration_since(begin) >= BASELINE;
        if settled || group.days.len() >= MANY_DAYS || (group.is_routine() && !fresh) {
            Novelty::Known
        } else if fresh {
            Novelty::New
        } else {
            Novelty::NoBaseline
        }
    }

    /// Whether a group acted from a network that is new for its principal.
    pub fn elsewhere(&self, group: &Group) -> bool {
        !group.is_routine() && group.sources.keys().any(|source| self.network(&group.actor, source, None) == Novelty::New)
    }

    fn get(&self, parts: &[&str]) -> Option<Timestamp> {
        let mut key = String::new();
        join(&mut key, parts);
        self.first.get(&key).copied()
    }

    fn ask(&self, parts: &[&str], at: Option<Timestamp>) -> Novelty {
        let (Some(begin), Some(at)) = (self.begin, at) else { return Novelty::NoBaseline };
        let first = self.get(parts).unwrap_or(at).min(at);
        if at.duration_since(first) > NEW_FOR {
            Novelty::Known
        } else if first.duration_since(begin) >= BASELINE {
            Novelty::New
        } else {
            Novelty::NoBaseline
        }
    }
}

fn join(key: &mut String, parts: &[&str]) {
    key.clear();
    for part in parts {
        key.push_str(part);
        key.push('\n');
    }
}

fn region<'a>(api: &'a ApiActivity<'_>) -> &'a str {
    api.region.as_deref().unwrap_or_default()
}
